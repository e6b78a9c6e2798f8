"""Sentences of a description before the verifier: supported, contradicted, or not to be decided.

One request an image holds all its sentences. The description is read in its own order, so that "it"
means what it meant to the writer, and is answered in a keyed order, so that no sentence is always the
last. The verifier sees picture, facts, regions and passages, but not which of them the writer named:
it names its own, and a sentence that it finds to be of another region than the writer said fails.
"""

from collections.abc import Sequence
from dataclasses import replace

from quality.rubric.bench import TEXT_LIMIT, Bench, no_answer, put, repeat_verdict
from quality.rubric.choice import VerifyingChoice
from quality.rubric.judgement import Judgement, judgement_of, verdict_schema
from quality.rubric.pointing import judge_pointing
from quality.rubric.together import together
from schemas.exchange import Ask
from schemas.ids import digest
from schemas.sentence import Sentence
from schemas.verdict import Verdict
from transforms.prompting.answer_schema import record
from transforms.prompting.fence import clean
from transforms.showing.view import View

PURPOSE = "judge_sentences"
GATE = "rubric_sentence"


async def rate_sentences(
    view: View, sentences: Sequence[Sentence], ask: Ask, choice: VerifyingChoice
) -> list[list[Verdict]]:
    """For each sentence the verdicts of the verifier, in the order given.

    `rubric_sentence` passes where it is supported with evidence; `rubric_region` where that evidence is
    not of other regions alone than the sentence names; `rubric_repeat` tells, for a keyed slice of the
    images, what a second asking gave. Exceptions of `ask` pass through.
    """
    if not sentences:
        return []
    view = replace(view, others=())
    keep = [i for s in sentences for i in (*s.region_ids, *s.fact_ids, *s.passage_ids)]
    bench = Bench(view, ask, choice, view.sheet.image.id, tuple(dict.fromkeys(keep)))
    texts = [s.text for s in sentences]
    first, *again = await together(
        judge_texts(bench, texts, sample=n) for n in range(1 + bench.repeated)
    )
    if isinstance(first, Verdict):
        return [[first] for _ in sentences]
    rated = [
        [j.verdict(GATE), *judge_pointing(view.sheet, s.region_ids, j)]
        for s, j in zip(sentences, first, strict=True)
    ]
    for second in again:
        said = [None] * len(texts) if isinstance(second, Verdict) else [j.said for j in second]
        for row, before, now in zip(rated, first, said, strict=True):
            row.append(repeat_verdict(before.said, now))
    return rated


async def judge_texts(
    bench: Bench, texts: Sequence[str], *, sample: int = 0
) -> list[Judgement] | Verdict:
    """A judgement of every text, which are read one after the other; or the verdict that none came."""
    shown = [clean(text, TEXT_LIMIT) for text in texts]
    names = _dealt(bench.subject, shown)
    rows = {name: verdict_schema(name, bench.aliases) for name in sorted(names, key=_number)}
    reply = await put(
        bench, PURPOSE, PURPOSE, {"sentences": record("sentences", rows)}, texts=shown,
        data={"rows": [list(pair) for pair in zip(names, shown, strict=True)]}, sample=sample,
    )  # fmt: skip
    if reply.value is None:
        return no_answer(GATE, reply)
    said = reply.value["sentences"]
    return [judgement_of(said[n], text, bench) for n, text in zip(names, shown, strict=True)]


def _dealt(subject: str, texts: Sequence[str]) -> list[str]:
    """For each text its name, S1 ... Sn, dealt out by keyed hash."""
    order = sorted(range(len(texts)), key=lambda n: digest("order", subject, n, texts[n]))
    names = {place: f"S{turn}" for turn, place in enumerate(order, start=1)}
    return [names[place] for place in range(len(texts))]


def _number(name: str) -> int:
    return int(name[1:])

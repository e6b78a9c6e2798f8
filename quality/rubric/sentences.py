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
from quality.rubric.finding import Judgement, judgement_of, verdict_schema
from quality.rubric.together import together
from schemas.exchange import Ask
from schemas.ids import digest
from schemas.sentence import Sentence
from schemas.verdict import Verdict
from transforms.prompting.answer_schema import record
from transforms.prompting.asking import Reply
from transforms.prompting.fence import clean
from transforms.sheet import FactSheet
from transforms.showing.view import View

PURPOSE = "judge_sentences"
GATE, REGION = "rubric_sentence", "rubric_region"


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
    keep = [i for s in sentences for i in (*s.region_ids, *s.fact_ids, *s.passage_ids)]
    view = replace(view, others=())
    bench = Bench(view, ask, choice, view.sheet.image.id, tuple(dict.fromkeys(keep)))
    asked = [_put(bench, sentences, sample) for sample in range(1 + bench.repeated)]
    first, *again = await together(asked)
    rated = [_verdicts(bench, s, n, first) for n, s in enumerate(sentences)]
    for reply in again:
        for n, (sentence, row) in enumerate(zip(sentences, rated, strict=True)):
            second = _judged(bench, sentence, n, reply)
            before = _judged(bench, sentence, n, first)
            if before is not None:
                row.append(repeat_verdict(before.said, None if second is None else second.said))
    return rated


async def _put(bench: Bench, sentences: Sequence[Sentence], sample: int) -> Reply:
    texts = [clean(s.text, TEXT_LIMIT) for s in sentences]
    names = _names(bench, texts)
    rows = [{"name": name, "text": text} for name, text in zip(names, texts, strict=True)]
    answers = {name: verdict_schema(name, bench.aliases) for name in sorted(names, key=_number)}
    return await put(
        bench, PURPOSE, PURPOSE, {"sentences": record("sentences", answers)},
        texts=texts, data={"rows": rows}, sample=sample,
    )  # fmt: skip


def _names(bench: Bench, texts: Sequence[str]) -> list[str]:
    """S1 ... Sn for the sentences in their order, dealt out by keyed hash."""
    order = sorted(range(len(texts)), key=lambda n: digest("order", bench.subject, texts[n], n))
    names = {n: f"S{place}" for place, n in enumerate(order, start=1)}
    return [names[n] for n in range(len(texts))]


def _number(name: str) -> int:
    return int(name[1:])


def _judged(bench: Bench, sentence: Sentence, at: int, reply: Reply) -> Judgement | None:
    """What the reply says of one sentence; `at`: its place among all."""
    if reply.value is None:
        return None
    row = list(reply.value["sentences"].items())
    name = reply.names[at] if hasattr(reply, "names") else row[at][0]
    return judgement_of(dict(row)[name], [sentence.text], bench)

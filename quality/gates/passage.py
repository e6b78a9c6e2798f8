"""A knowledge sentence quotes its passage word for word, and the passage is about the finding at
hand.
"""

import re
from collections.abc import Mapping

from quality.gates.case import Case
from quality.gates.verdicts import judged
from quality.reading.reader import read
from schemas.passage import Passage
from schemas.sentence import Sentence
from schemas.verdict import Verdict

GATE = "passage"
CONCEPT = "passage_concept"
_QUOTED = re.compile(r'["“]([^"”]{8,})["”]')
_SPACE = re.compile(r"\s+")
SHORTEST = 20  # letters; shorter quotations could be found in any text


def split_quote(sentence: Sentence, passages: Mapping[str, Passage]) -> tuple[str, str | None]:
    """What the sentence says itself, and what it quotes (None: it should quote and does not).

    A quotation stands in double quotes, or is a whole sentence of the passage that ends the text.
    Without passages the text is all its own.
    """
    if not sentence.passage_ids:
        return sentence.text, ""
    found = _QUOTED.search(sentence.text)
    if found:
        own = f"{sentence.text[: found.start()]} {sentence.text[found.end() :]}"
        return _SPACE.sub(" ", own).strip(), found.group(1)
    for part in _endings(sentence.text):
        if any(_holds(passages[i].text, part) for i in sentence.passage_ids if i in passages):
            return sentence.text[: len(sentence.text) - len(part)].strip(), part
    return sentence.text, None


def _endings(text: str) -> list[str]:
    """The text and each part of it that begins a sentence or follows a colon, longest first."""
    starts = [0] + [m.end() for m in re.finditer(r"(?:[.!?:]|,)\s+(?=[A-Z])", text)]
    return [text[at:] for at in starts]


def _plain(text: str) -> str:
    return _SPACE.sub(" ", text).strip()


def _holds(passage: str, quote: str) -> bool:
    """Verbatim, from the start of one of the passage's sentences to the end of one.

    A quotation that starts or stops inside a sentence may turn its meaning round.
    """
    text, part = _plain(passage), _plain(quote)
    if len(part) < SHORTEST:
        return False
    at = text.find(part)
    while at >= 0:
        before, after = text[:at].rstrip(), text[at + len(part) :].lstrip(" \"”')")
        whole = part[-1] in ".!?" or not after or after[0] in ".!?"
        if whole and (not before or before[-1] in '.!?:)"”'):
            return True
        at = text.find(part, at + 1)
    return False


def judge(case: Case) -> Verdict:
    """A quotation is in its passage word for word, from the start of a sentence to the end of one."""
    sentence = case.sentence
    if not sentence.passage_ids:
        return judged(GATE, (), "passage_altered")
    _, quote = split_quote(sentence, case.passages)
    texts = [case.passages[i].text for i in sentence.passage_ids if i in case.passages]
    verbatim = quote is not None and any(_holds(t, quote) for t in texts)
    return judged(GATE, () if verbatim else ["not found in the passage"], "passage_altered")


def judge_concept(case: Case) -> Verdict:
    """The quotation names a term that a region named by the sentence, or the image, carries. A candidate
    carries none: what is true of the thing in general would read as true of it."""
    sentence = case.sentence
    _, quote = split_quote(sentence, case.passages)
    if not sentence.passage_ids or quote is None:
        return judged(CONCEPT, (), "concept_mismatch")
    named = {
        s.value
        for c in read(quote, case.world.extra).claims
        for s in c.senses
        if s.kind == "finding"
    }
    proposed = {r.id for r in case.world.candidates}
    known = {
        f.value
        for i in sentence.fact_ids
        if (f := case.world.sheet.by_id.get(i)) and f.value and f.subject not in proposed
    }
    known |= {r.label for r in case.named if not r.candidate}
    shared = sorted(named & known)
    faults = [] if shared else ["passage and facts share no term"]
    return judged(CONCEPT, faults, "concept_mismatch", measured=", ".join(shared))

"""Does the stem give the answer away?"""

import re

from quality.gates.asked import YES_NO, QuestionCase
from quality.reading.claims import Claim, Reading
from schemas.vocabulary import findings

_KINDS = ("modality", "sequence", "plane", "view", "position", "side", "stain", "window")


def leaked(case: QuestionCase) -> list[str]:
    """What of the answer the stem holds: its words, or a claim of the same meaning.

    Where every option is in the stem ("which is larger, the liver or the spleen?") nothing is given away.
    """
    question = case.question
    if question.answer.strip().lower() in YES_NO:
        return []
    texts = question.options or [question.answer]
    in_stem = [_spoken(text, reading, question.question) or _meant(reading, case.stem)
               for text, reading in zip(texts, case.options, strict=True)]  # fmt: skip
    if len(texts) > 1 and all(in_stem):
        return []
    at = question.answer_index if question.options else 0
    return [question.answer] if at is not None and 0 <= at < len(in_stem) and in_stem[at] else []


def _spoken(text: str, option: Reading, stem: str) -> bool:
    """Its very words. A bare place is left to `_meant`: "the center of the mass" is no place."""
    if option.claims and all(c.kind in ("position", "side") for c in option.claims):
        return False
    bare = re.sub(r"^(?:the|an?)\s+", "", text.strip().rstrip("."), flags=re.IGNORECASE)
    return (
        bool(re.search(rf"(?<!\w){re.escape(bare)}(?!\w)", stem, re.IGNORECASE))
        and not bare.isdigit()
    )


def _meant(option: Reading, stem: Reading) -> bool:
    """All that the option says is said in the stem, perhaps by other words."""
    said = set().union(*(_meanings(c) for c in stem.claims)) if stem.claims else set()
    own = [_meanings(c) for c in option.claims]
    return bool(own) and all(m and m & said for m in own)


def _meanings(claim: Claim) -> set[tuple[str, str]]:
    if claim.kind in _KINDS:
        return {(claim.kind, claim.value)}
    if claim.kind == "quantity" and claim.quantity is not None and claim.quantity.unit is not None:
        return {(claim.quantity.unit, f"{v:g}") for v in claim.quantity.values}
    meanings = {(s.kind, s.value) for s in claim.senses if s.kind in ("finding", "organ")}
    sides = {t.side for s in claim.senses if (t := findings().get(s.value)) and t.side}
    return meanings | {("side", side) for side in sides}

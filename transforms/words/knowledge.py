"""One quoted sentence of background a finding, where a passage is about that very finding."""

import re

from schemas.fact import Fact
from schemas.passage import Passage
from schemas.sentence import Sentence
from schemas.vocabulary import Finding, findings
from transforms.sheet import FactSheet
from transforms.words.narrator import Narrator

FINDINGS_TOLD = 2
SHORTEST, LONGEST = 40, 300  # letters of a quoted sentence
_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_ABBREVIATED = re.compile(r"\b(?:e\.g|i\.e|vs|cf|Dr|Fig|St|al|approx|No)\.$")


def tell_knowledge(sheet: FactSheet, passages: list[Passage], narrator: Narrator) -> list[Sentence]:
    """Passages in the order given; a finding is told once, and only if the image has it."""
    told: dict[str, Sentence] = {}
    for passage in passages:
        term = findings().find(passage.concept) if passage.concept else None
        if term is None or term.name not in sheet.present or term.name in told:
            continue
        quote, facts = quotable(passage.text, term), _carriers(sheet, term.name)
        if quote and facts and len(told) < FINDINGS_TOLD:
            text = narrator.say("knowledge", topic=term.name, quote=quote)
            regions = [f.subject for f in facts if f.kind == "label"]
            told[term.name] = Sentence(
                text, "knowledge", regions, [f.id for f in facts], [passage.id]
            )
    return list(told.values())


def quotable(text: str, term: Finding) -> str:
    """The first sentence of `text` that names the term and can stand alone; empty if there is none."""
    names = [term.name, term.many(), *term.synonyms]
    named = re.compile(rf"\b(?:{'|'.join(re.escape(n) for n in names)})\b", re.IGNORECASE)
    for candidate in _sentences(text):
        stands = candidate.endswith(".") and not re.search(r'https?:|["{}\[\]]', candidate)
        if stands and SHORTEST <= len(candidate) <= LONGEST and named.search(candidate):
            return candidate
    return ""


def _sentences(text: str) -> list[str]:
    """Sentences of a passage, each exactly as it stands there."""
    found: list[str] = []
    for part in _END.split(text.strip()):
        if found and _ABBREVIATED.search(found[-1]):
            joint = text.find(part, text.find(found[-1]) + len(found[-1]))
            start = text.find(found[-1])
            found[-1] = text[start : joint + len(part)]
        else:
            found.append(part)
    return found


def _carriers(sheet: FactSheet, name: str) -> list[Fact]:
    """The facts that say the image has this finding: image-level, else the labels of regions."""
    whole = [f for f in sheet.of_image("finding") if f.value == name and f.polarity == "present"]
    return whole or [f for r in sheet.labelled(name) for f in sheet.about(r.id, "label")][:1]

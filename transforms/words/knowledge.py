"""One quoted sentence of background a finding, where a passage is about that very finding."""

import re

from schemas.fact import Fact
from schemas.ids import pick
from schemas.passage import Passage
from schemas.sentence import Sentence
from schemas.vocabulary import Finding, findings
from transforms.sheet import FactSheet
from transforms.words.narrator import Narrator
from transforms.words.nouns import ORGAN_LIKE, noun_of

FINDINGS_TOLD = 2
ORGANS_TOLD_ONE_IN = 4  # images: what every body has is told in one of four, not in each anew
COMMON = ORGAN_LIKE | {"cell"}
SHORTEST, LONGEST = 40, 300  # letters of a quoted sentence
_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_ABBREVIATED = re.compile(r"\b(?:e\.g|i\.e|vs|cf|Dr|Fig|St|al|approx|No)\.$")


def tell_knowledge(sheet: FactSheet, passages: list[Passage], narrator: Narrator) -> list[Sentence]:
    """On what ails first, in the order given. On what every body has (organs, cells) only where there
    is nothing else, and in one image of ORGANS_TOLD_ONE_IN. On what there are only candidates of, nothing:
    beside a candidate, what is true of the thing in general would read as true of it."""
    ailing: list[tuple[Passage, Finding]] = []
    organs: list[tuple[Passage, Finding]] = []
    for passage in passages:
        term = findings().find(passage.concept) if passage.concept else None
        if term is not None and term.name in sheet.present:
            (organs if term.kind in COMMON else ailing).append((passage, term))
    organs.sort(
        key=lambda pair: -max((r.area_fraction for r in sheet.labelled(pair[1].name)), default=0)
    )
    told = _quoted(sheet, ailing, narrator, FINDINGS_TOLD)
    spoken = told or pick(ORGANS_TOLD_ONE_IN, sheet.image.id, "knowledge") > 0
    return told if spoken else _quoted(sheet, organs, narrator, 1)


def _quoted(
    sheet: FactSheet, about: list[tuple[Passage, Finding]], narrator: Narrator, most: int
) -> list[Sentence]:
    """At most one sentence a finding and `most` in all."""
    told: dict[str, Sentence] = {}
    for passage, term in about:
        quote, facts = quotable(passage.text, term), _carriers(sheet, term.name)
        if quote and facts and term.name not in told and len(told) < most:
            text = narrator.say("knowledge", topic=_topic(term), quote=quote)
            regions = [f.subject for f in facts if f.kind == "label"]
            ids = [f.id for f in facts]
            told[term.name] = Sentence(text, "knowledge", regions, ids, [passage.id])
    return list(told.values())


def _topic(term: Finding) -> str:
    """What is spoken of in general: "polyps", "pneumonia", "the liver"."""
    if term.kind in ORGAN_LIKE:
        noun = noun_of(term.name)
        return noun.first() if noun.unique else noun.many
    return term.many() if term.countable and term.kind != "disease" else term.name


def quotable(text: str, term: Finding) -> str:
    """The first sentence of `text` that names the term and can stand alone, or ""."""
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
    whole = [f for f in sheet.stated_findings() if f.value == name and f.polarity == "present"]
    return whole or [f for r in sheet.labelled(name) for f in sheet.about(r.id, "label")][:1]

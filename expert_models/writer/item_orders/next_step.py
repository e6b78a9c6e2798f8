"""Multiple choice on the next step: only where a passage on a finding of the image speaks of management."""

import re

from expert_models.writer.items_order import ItemOrder
from schemas.fact import Fact
from schemas.passage import Passage
from schemas.vocabulary import findings
from transforms.sheet import FactSheet
from transforms.showing.view import View
from transforms.words.anatomy import OLDEST_AGE_SAID

MANAGEMENT = re.compile(
    r"\b(?:treat(?:ed|ing|ment|ments|s)?|therap(?:y|ies)|surg(?:ery|ical|ically)|operat(?:ion|ive)|"
    r"resect(?:ed|ion)?|excis(?:e|ed|ion)|biops(?:y|ies|ied)|antibiotics?|antivirals?|"
    r"chemotherapy|radiotherapy|immunotherapy|drain(?:ed|age)|aspirat(?:ed|ion)|removed|"
    r"follow(?:ed)?[- ]up|monitor(?:ed|ing)?|surveillance|referr(?:al|ed)|managed|management|"
    r"medication|corticosteroids?|steroids?|laser|transfusion|intubation|ventilation)\b",
    re.IGNORECASE,
)
"""Words of acts on a patient. A definition that has none of them says nothing on what to do."""

TREATED = ("lesion", "disease", "sign")


def speaks_of_management(text: str) -> bool:
    """Does the text say what is done about something?"""
    return bool(MANAGEMENT.search(text))


def tells_what_to_do(passage: Passage) -> bool:
    """Is it on a disease or lesion, and on what is done about that? A device is itself something done."""
    term = findings().get(passage.concept)
    return term is not None and term.kind in TREATED and speaks_of_management(passage.text)


def next_step_orders(view: View) -> list[ItemOrder]:
    """One for each finding of the image whose passage says what is done about it.

    What the right answer says, the passage says; no fact excludes the wrong ones, a judge must.
    """
    return [
        ItemOrder(
            "choice", "next_step", passage.concept, facts, archetype="next_step",
            example="What is the most appropriate next step in the management of this finding?",
            passages=(passage,), vignette=vignette_of(view.sheet),
        )
        for passage in view.passages
        if tells_what_to_do(passage) and (facts := saying(view.sheet, passage.concept))
    ]  # fmt: skip


def vignette_of(sheet: FactSheet) -> tuple[Fact, ...]:
    """Age and sex of the patient; an age that would name a person is not told."""
    ages = [
        f for f in sheet.of_image("age")[:1] if f.number is not None and f.number <= OLDEST_AGE_SAID
    ]
    return (*ages, *sheet.of_image("sex")[:1])


def saying(sheet: FactSheet, term: str) -> tuple[Fact, ...]:
    """What says that a term is true of the image: a finding of the whole, or the label of one region."""
    whole = [f for f in sheet.stated_findings() if f.polarity == "present" and f.value == term]
    labels = [f for r in sheet.labelled(term) for f in sheet.about(r.id, "label")]
    return tuple([*whole, *labels][:1])

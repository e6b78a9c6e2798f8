"""The rubric of questions: what is asked of an item, what each answer weighs, who decides it.

Criteria and categories are MedVLSynther's (arXiv 2510.25867; repository UCSC-VLAA/MedVLSynther,
synthesis/verify). There the verifier chose criteria and weights itself, within the ranges noted; here
both are fixed, so that scores of two items can be compared. What a program can decide it decides.

Every criterion is worded so that "met" speaks for the item, penalties too ("free of ..."): an answer
that is missing or void is "not met", and so can never help an item.
"""

from dataclasses import dataclass
from typing import Literal

Category = Literal["essential", "bonus", "penalty"]
By = Literal["model", "code", "answers"]
Kind = Literal["choice", "yes_no", "open"]

_CHOICE: tuple[Kind, ...] = ("choice",)
_CLOSED: tuple[Kind, ...] = ("choice", "yes_no")
_ALL: tuple[Kind, ...] = ("choice", "yes_no", "open")


@dataclass(frozen=True)
class Criterion:
    """weight: points, for a penalty those lost. by: model (asked), code, or answers (follows from how
    the verifier itself answered the item). kinds: of item to which it applies.
    """

    name: str
    title: str
    category: Category
    weight: int
    by: By
    kinds: tuple[Kind, ...] = _ALL
    ask: str = ""


CRITERIA = (
    # Stage 1: seven essential gates of weight 5, all of which must be met.
    Criterion("self_contained", "Stem Self-contained", "essential", 5, "model", ask=
              "the question can be answered by looking, with nothing but itself: it leans on no text, "
              "case, earlier question or number that is not given"),
    Criterion("vocabulary", "Vocabulary Constraint", "essential", 5, "model", ask=
              "question and options speak of the image alone: of no caption, report, file or "
              "annotation, and of no history, symptom, age or sex that no fact states"),
    Criterion("no_leak", "Diagnosis Leak", "essential", 5, "model", ask=
              "the question does not give its answer away, in the same words or in others; naming "
              "what every option has in common is no leak"),
    Criterion("single_correct", "Single Correct Option", "essential", 5, "answers"),
    Criterion("one_type", "Option Type Consistency", "essential", 5, "model", _CHOICE,
              "all options are of one kind (all findings, all places, all sizes in one unit, ...)"),
    Criterion("clinically_valid", "Clinical Validity", "essential", 5, "model", ask=
              "a specialist would call question and keyed answer medically sound"),
    Criterion("fits_image", "Image-Text Consistency", "essential", 5, "model", ask=
              "all that the question takes for granted, and the keyed answer, agree with picture and "
              "facts"),
    # Stage 2: bonus points, 0 at any flaw.
    Criterion("plausible", "Plausible Distractors", "bonus", 4, "model", _CHOICE,  # 3-4
              "every wrong option could be taken for the right one by somebody who does not look "
              "closely, and differs from it in one respect"),
    Criterion("parallel", "Parallel Options", "bonus", 3, "model", _CHOICE,
              "the options are alike in grammar, length and detail; none stands out"),
    Criterion("answer_field", "Answer Field Validity", "bonus", 3, "code"),
    Criterion("schema", "JSON Schema Compliance", "bonus", 3, "code"),
    Criterion("clear", "Clarity and Focus", "bonus", 2, "model", ask=
              "the question asks one thing, in words that can be understood in one way"),
    Criterion("concise", "Stem Concision", "bonus", 1, "code"),  # 1-2
    # Stage 3: penalties.
    Criterion("no_forbidden_terms", "Forbidden Terms", "penalty", 2, "code"),
    Criterion("no_drift", "Synonym Drift", "penalty", 1, "model", ask=
              "every specific clinical detail of the question and of the keyed answer is in the facts "
              "or passages or plain to see; no word says more than they do"),
    Criterion("no_second_key", "Multiple Keys", "penalty", 2, "answers", _CLOSED),
    Criterion("no_inaccuracy", "Medical Inaccuracy", "penalty", 2, "model", ask=
              "nothing in question and keyed answer contradicts a fact, a passage or medicine"),
)  # fmt: skip


def criteria_of(kind: Kind) -> list[Criterion]:
    """The criteria that apply to this kind of item, in order."""
    return [c for c in CRITERIA if kind in c.kinds]

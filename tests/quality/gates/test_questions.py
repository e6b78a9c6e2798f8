"""Questions on the hand-made chest CT: keys re-derived, options judged, leaks and twins found."""

from dataclasses import replace

import pytest

from quality.judging import judge_questions
from schemas.question import Question
from transforms.sheet import FactSheet

FACT = ["known"]


def question(
    sheet: FactSheet, stem: str, options: list[str], answer: str, *regions: str
) -> Question:
    """A question by hand; its type is left out, since no gate may lean on it."""
    return Question(
        id="q", image_id=sheet.image.id, question=stem, question_type="", options=options, answer=answer,
        answer_index=options.index(answer) if options else None, region_ids=list(regions),
        fact_ids=[sheet.facts[0].id],
    )  # fmt: skip


def failed(sheet: FactSheet, asked: Question, *others: Question) -> dict[str, str | None]:
    judged = judge_questions(sheet, [asked, *others])[0]
    return {v.gate: v.reason for v in judged if not v.passed}


MODALITIES = ["computed tomography", "ultrasonography", "mammography", "endoscopy"]
PLACES = ["upper right", "upper left", "center", "lower left"]
SIDES = ["the left side", "the right side", "both sides", "the midline"]
SMALL = "pixel corners (220, 30) and (244, 48)"

GOOD = [
    ("Which imaging technique was used?", MODALITIES, "computed tomography", []),
    ("In which plane was this slice cut?", ["axial", "coronal", "sagittal"], "axial", []),
    ("Which body part is shown?", ["chest", "foot", "head", "pelvis"], "chest", []),
    ("Where in the image does the smaller nodule lie?", PLACES, "upper right", ["small", "large"]),
    (f"Where in the image is the pulmonary nodule with {SMALL}?", PLACES, "upper right", ["small"]),
    (f"On which side of the patient is the nodule with {SMALL}?", SIDES, "the left side", ["small"]),
    ("How many pulmonary nodules are there?", ["1", "2", "3", "4"], "2", ["small", "large"]),
    ("Which of the two covers the larger area?", ["the left lung", "the right lung"], "the left lung",
     ["left-lung", "right-lung"]),
    ("How does the right lung lie with respect to the left lung?",
     ["touching it from outside", "entirely inside it", "partly overlapping it", "apart from it"],
     "touching it from outside", ["right-lung", "left-lung"]),
    ("Seen from the left lung, where in the image does the right lung lie?",
     ["to the left", "to the right"], "to the left", ["right-lung", "left-lung"]),
    (f"Compared with its surroundings, how does the nodule with {SMALL} look?",
     ["brighter and homogeneous", "darker and homogeneous", "brighter and heterogeneous"],
     "brighter and homogeneous", ["small"]),
    (f"Which finding lies in the box with {SMALL}?",
     ["pulmonary nodule", "consolidation", "pneumothorax", "atelectasis"], "pulmonary nodule", ["small"]),
]  # fmt: skip


@pytest.mark.parametrize(("stem", "options", "answer", "regions"), GOOD)
def test_a_true_key_passes(
    chest: FactSheet, stem: str, options: list[str], answer: str, regions: list[str]
) -> None:
    assert failed(chest, question(chest, stem, options, answer, *regions)) == {}


@pytest.mark.parametrize(("stem", "options", "answer", "regions"), GOOD)
def test_every_other_key_is_wrong(
    chest: FactSheet, stem: str, options: list[str], answer: str, regions: list[str]
) -> None:
    for other in options:
        if other != answer:
            verdicts = failed(chest, question(chest, stem, options, other, *regions))
            assert verdicts["key"] == "key_wrong", other
            assert verdicts["single_option"] == "options_many_true"  # the truth is an option still


@pytest.mark.parametrize(
    ("stem", "options", "answer", "regions", "gate", "reason"),
    [
        ("Which imaging technique was used?", ["CT scan", *MODALITIES[:3]], "computed tomography", [],
         "single_option", "options_many_true"),
        (f"Where in the image is the nodule with {SMALL}?", ["upper right", "top right", "center"],
         "upper right", ["small"], "single_option", "options_many_true"),
        ("Where in the image is the pulmonary nodule?", PLACES, "upper right", ["small"],  # there are two
         "single_option", "options_many_true"),
        ("Which imaging technique was used?", ["computed tomography", "Computed tomography", "endoscopy"],
         "computed tomography", [], "options_distinct", "options_repeat"),
        ("Which imaging technique was used?", ["computed tomography", "axial", "liver"],
         "computed tomography", [], "options_parallel", "options_not_parallel"),
        ("Which imaging technique was used for this CT scan?", MODALITIES, "computed tomography", [],
         "stem_leak", "answer_in_stem"),
        ("On which side of the patient is the left lung?", SIDES, "the left side", ["left-lung"],
         "stem_leak", "answer_in_stem"),
        (f"In the top right, where is the nodule with {SMALL}?", PLACES, "upper right", ["small"],
         "stem_leak", "answer_in_stem"),
        ("Which body part does this chest image show?", ["chest", "foot", "head"], "chest", [],
         "stem_leak", "answer_in_stem"),
        ("According to the caption, which imaging technique was used?", MODALITIES, "computed tomography",
         [], "forbidden_words", "forbidden_words"),
        ("Which imaging technique was used", MODALITIES, "computed tomography", [], "form",
         "text_malformed"),
        ("Which imaging technique rhymes?", MODALITIES, "computed tomography", [],
         "words_known", "word_unknown"),
        ("Which imaging technique shows this metastasis?", MODALITIES, "computed tomography", [],
         "stem", "finding_unsupported"),
        ("Where in the image is the nodule with pixel corners (1, 2) and (3, 4)?", PLACES, "upper right",
         ["small"], "stem", "finding_unsupported"),
    ],
)  # fmt: skip
def test_faults_of_craft(
    chest: FactSheet,
    stem: str,
    options: list[str],
    answer: str,
    regions: list[str],
    gate: str,
    reason: str,
) -> None:
    assert failed(chest, question(chest, stem, options, answer, *regions)).get(gate) == reason


def test_an_index_that_is_not_the_answers_is_a_wrong_key(chest: FactSheet) -> None:
    asked = question(chest, "Which imaging technique was used?", MODALITIES, "computed tomography")
    assert failed(chest, replace(asked, answer_index=1))["key"] == "key_wrong"
    assert failed(chest, replace(asked, answer_index=None))["key"] == "key_wrong"


# -- yes and no


def polar(sheet: FactSheet, thing: str, answer: str, id: str = "yes", twin: str = "no") -> Question:
    asked = question(sheet, f"Does this image show {thing}?", ["yes", "no"], answer)
    return replace(asked, id=id, twin_id=twin)


@pytest.mark.parametrize(
    ("thing", "answer", "reason"),
    [
        ("a pulmonary nodule", "yes", None),
        ("emphysema", "yes", None),
        ("a pleural effusion", "no", None),  # denied
        ("a pneumothorax", "no", None),  # annotated exhaustively, and none there
        ("a pulmonary nodule", "no", "key_wrong"),
        ("a pneumothorax", "yes", "key_wrong"),
        ("consolidation", "no", "absence_unsupported"),  # nobody looked
        ("consolidation", "yes", "key_unconfirmed"),
        ("the left lung", "yes", None),
    ],
)
def test_yes_and_no(chest: FactSheet, thing: str, answer: str, reason: str | None) -> None:
    other = polar(chest, "x", "no" if answer == "yes" else "yes", id="no", twin="yes")
    assert failed(chest, polar(chest, thing, answer), other).get("key") == reason


def test_twins_must_be_there_point_back_and_differ(chest: FactSheet) -> None:
    yes = polar(chest, "a pulmonary nodule", "yes")
    no = polar(chest, "a pneumothorax", "no", id="no", twin="yes")
    assert failed(chest, yes, no) == {}
    assert failed(chest, yes)["twin"] == "twin_missing"
    assert failed(chest, replace(yes, twin_id=None), no)["twin"] == "twin_missing"
    assert failed(chest, yes, replace(no, twin_id="other"))["twin"] == "twin_missing"
    assert failed(chest, yes, replace(no, answer="yes", answer_index=0))["twin"] == "twin_missing"
    assert failed(chest, yes, replace(no, question_type="plane"))["twin"] == "twin_missing"


# -- numbers


def measured(sheet: FactSheet, stem: str, answer: str, **fields: object) -> Question:
    asked = question(sheet, stem, [], answer, "large")
    known = {"answer_value": 24.4, "unit": "mm", "tolerance": 1.2}
    return replace(asked, **(known | fields))  # type: ignore[arg-type]


HOW_LONG = "What is the longest diameter of the larger pulmonary nodule in millimeters?"


def test_a_measured_answer(chest: FactSheet) -> None:
    assert failed(chest, measured(chest, HOW_LONG, "24.4 mm")) == {}
    assert failed(chest, measured(chest, HOW_LONG, "24 mm")) == {}


@pytest.mark.parametrize(
    ("answer", "fields"),
    [
        ("12 mm", {"answer_value": 12.04}),  # the other nodule's
        ("20 mm", {"answer_value": 20.0}),  # the short axis
        ("24.4 cm", {}),
        ("24.4 px", {"unit": "px"}),
        ("26 mm", {}),  # shown beyond its tolerance
        ("24.4 mm", {"tolerance": None}),
        ("24.4 mm", {"answer_value": 24.0}),  # rounded where it must not be
    ],
)
def test_a_wrong_number(chest: FactSheet, answer: str, fields: dict[str, object]) -> None:
    assert "numeric_answer" in failed(chest, measured(chest, HOW_LONG, answer, **fields))


def test_an_option_within_tolerance_is_a_second_truth(chest: FactSheet) -> None:
    options = ["12 mm", "24 mm", "25 mm", "40 mm"]
    asked = measured(chest, HOW_LONG, "24 mm", options=options, answer_index=1)
    assert failed(chest, asked)["single_option"] == "options_many_true"
    asked = replace(asked, options=["12 mm", "24 mm", "34 mm", "40 mm"])
    assert failed(chest, asked) == {}


def test_the_rationale_is_judged_as_a_sentence(chest: FactSheet) -> None:
    asked = measured(chest, HOW_LONG, "24 mm")
    good = "The longest diameter of the pulmonary nodule is 24 mm."
    assert failed(chest, replace(asked, rationale=good)) == {}
    bad = "The longest diameter of the pulmonary nodule is 12 mm."
    assert failed(chest, replace(asked, rationale=bad))["rationale"] == "number_contradicted"

"""Three outcomes: what the facts are silent on is told apart from what they contradict."""

from dataclasses import replace

import pytest

from quality.gates.undecided import contradictions, is_undecided
from quality.judging import judge_questions, judge_sentences
from schemas.fact import fact
from schemas.question import Question
from schemas.sentence import Sentence
from schemas.verdict import Verdict
from transforms.sheet import FactSheet

SMALL = "the pulmonary nodule in the upper right"


def asked(sheet: FactSheet, stem: str, options: list[str], *regions: str) -> Question:
    """A question whose first option is keyed."""
    return Question(
        "q", sheet.image.id, stem, "", options, options[0], 0, region_ids=list(regions),
        fact_ids=[sheet.facts[0].id],
    )  # fmt: skip


def outcomes(sheet: FactSheet, question: Question) -> dict[str, Verdict]:
    return {v.gate: v for v in judge_questions(sheet, [question])[0]}


def reason(sheet: FactSheet, gate: str, stem: str, options: list[str], *regions: str) -> str | None:
    return outcomes(sheet, asked(sheet, stem, options, *regions))[gate].reason


DIAGNOSIS = f"What is the most likely diagnosis of {SMALL}?"
LOOKS = f"How does {SMALL} look?"
THINGS = "Which finding is shown?"


@pytest.mark.parametrize(
    ("stem", "key", "expected"),
    [
        (DIAGNOSIS, "adenocarcinoma", "key_unconfirmed"),  # a word nobody reads
        (DIAGNOSIS, "lung cancer", "key_unconfirmed"),  # a disease: the label says lesion
        (DIAGNOSIS, "consolidation", "key_wrong"),  # of the label's own group
        (DIAGNOSIS, "pleural effusion", "key_wrong"),  # denied
        (DIAGNOSIS, "liver", "key_wrong"),
        (DIAGNOSIS, "pulmonary nodule", None),
        (DIAGNOSIS, "an irregular pulmonary nodule", "key_wrong"),  # it is smooth
        (DIAGNOSIS, "a smooth pulmonary nodule", None),
        (DIAGNOSIS, "a smooth pulmonary nodule of 24 mm", "key_wrong"),
        (DIAGNOSIS, "a smooth pulmonary nodule with tentacles", "key_unconfirmed"),
        (DIAGNOSIS, "an irregular pulmonary nodule with tentacles", "key_wrong"),
        (DIAGNOSIS, "a pulmonary nodule in the right lung", "key_wrong"),
        (DIAGNOSIS, "a pulmonary nodule in the left lung", None),
        (DIAGNOSIS, "an irregular lung cancer", "key_wrong"),  # silent on the name, not on the look
        (THINGS, "no pleural effusion", None),
        (THINGS, "no emphysema", "key_wrong"),
        (THINGS, "no consolidation", "key_unconfirmed"),
        (THINGS, "three pulmonary nodules", "key_wrong"),
        (LOOKS, "irregular", "key_wrong"),
        ("In which view was this image taken?", "PA", "key_unconfirmed"),  # no view is known
        ("In which plane was this image cut?", "sagittal", "key_wrong"),
    ],
)
def test_a_key(chest: FactSheet, stem: str, key: str, expected: str | None) -> None:
    regions = ["small"] if SMALL in stem else []
    assert reason(chest, "key", stem, [key, "pneumothorax"], *regions) == expected


def polar(sheet: FactSheet, stem: str, answer: str) -> str | None:
    question = asked(sheet, stem, ["yes", "no"])
    at = ["yes", "no"].index(answer)
    return outcomes(sheet, replace(question, answer=answer, answer_index=at))["key"].reason


@pytest.mark.parametrize(
    ("stem", "yes", "no"),
    [
        ("Is there a pulmonary nodule in the lower left?", None, "key_wrong"),
        ("Is there a pulmonary nodule in the center?", "key_wrong", None),
        ("Is there consolidation?", "key_unconfirmed", "absence_unsupported"),
        ("Does the pulmonary nodule show tentacles?", "key_unconfirmed", "absence_unsupported"),
        # a part that is contradicted decides, whatever is unknown of the rest
        ("Are there consolidation and a pleural effusion?", "key_wrong", None),
        ("Are there consolidation and a pulmonary nodule of 90 mm?", "key_wrong", None),
        ("Does this MRI show tentacles?", "key_wrong", None),
        ("Are there three pulmonary nodules?", "key_wrong", None),
        ("Are there two pulmonary nodules?", None, "key_wrong"),
        ("Is the left lung to the left of the right lung?", "key_wrong", None),
        ("Is the right lung to the left of the left lung?", None, "key_wrong"),
        ("Is the left lung above the right lung?", "key_unconfirmed", "absence_unsupported"),
        ("Is the left lung homogeneous?", "key_unconfirmed", "absence_unsupported"),  # not measured
        ("Is the left lung larger than 30 mm?", "key_unconfirmed", "absence_unsupported"),
    ],
)
def test_yes_and_no(chest: FactSheet, stem: str, yes: str | None, no: str | None) -> None:
    assert (polar(chest, stem, "yes"), polar(chest, stem, "no")) == (yes, no)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["pulmonary nodule", "consolidation"], None),
        (["pulmonary nodule", "adenocarcinoma"], "key_unconfirmed"),
        (["pulmonary nodule", "no consolidation"], "key_unconfirmed"),
        (["pulmonary nodule", "no pleural effusion"], "options_many_true"),
        # a known second truth is not hidden by an unknown third option
        (["pulmonary nodule", "adenocarcinoma", "a nodule"], "options_many_true"),
        # an option whose unread part may be its false part is not known to be true
        (["pulmonary nodule", "pulmonary nodule with tentacles"], "key_unconfirmed"),
    ],
)
def test_other_options(chest: FactSheet, options: list[str], expected: str | None) -> None:
    assert reason(chest, "single_option", DIAGNOSIS, options, "small") == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["axial", "sagittal", "tentacular"], "word_unknown"),
        (["adenocarcinoma", "adenoma"], "word_unknown"),
        (["axial", "computed tomography", "tentacular"], "options_not_parallel"),
        (["axial", "coronal"], None),
    ],
)
def test_types_of_options(chest: FactSheet, options: list[str], expected: str | None) -> None:
    found = reason(chest, "options_parallel", "In which plane was this image cut?", options)
    assert found == expected


def test_an_unread_word_in_the_rationale_is_seen(chest: FactSheet) -> None:
    question = asked(chest, "In which plane was this image cut?", ["axial", "coronal"])
    assert not is_undecided(outcomes(chest, question)["words_known"])
    told = replace(question, rationale="The pulmonary nodule has tentacles.", region_ids=["small"])
    assert is_undecided(outcomes(chest, told)["words_known"])


def test_an_unread_word_hides_no_contradiction(chest: FactSheet) -> None:
    said = Sentence(
        "The tentacular nodule lies on the patient's right.", "roi_position", ["small"], ["f"]
    )
    verdicts = judge_sentences(chest, [said], [])[0]
    assert "side_contradicted" in {v.reason for v in contradictions(verdicts)}
    assert [v.gate for v in verdicts if is_undecided(v)] == ["words_known"]


# -- several images


@pytest.fixture
def pair(chest: FactSheet) -> tuple[FactSheet, FactSheet]:
    """The chest slice, and a coronal slice of the same patient with nothing else known."""
    image = replace(chest.image, id="img-2", plane="coronal")
    facts = [fact("img-2", "plane", value="coronal"), fact("img-2", "modality", value="CT")]
    return chest, FactSheet(image, [], facts)


PLANES = [
    "axial in the first and coronal in the second",
    "coronal in the first and axial in the second",
]
EACH = "In which plane does each image lie?"


def over(
    pair: tuple[FactSheet, FactSheet], *options: str, stem: str = EACH
) -> dict[str, str | None]:
    first, second = pair
    facts = [first.facts[0].id, second.facts[0].id]
    question = replace(asked(first, stem, list(options)), more_image_ids=["img-2"], fact_ids=facts)
    judged = judge_questions(first, [question], [second])[0]
    return {v.gate: v.reason for v in judged if not v.passed}


def test_each_image_is_asked_about_its_own_part(pair: tuple[FactSheet, FactSheet]) -> None:
    assert over(pair, *PLANES) == {}
    assert over(pair, *reversed(PLANES))["key"] == "key_wrong"
    assert over(pair, *reversed(PLANES))["single_option"] == "options_many_true"
    again = "axial in the first image, coronal in the second image"
    assert over(pair, *PLANES, again)["single_option"] == "options_many_true"


def test_parts_that_cannot_be_told_apart_are_undecided(pair: tuple[FactSheet, FactSheet]) -> None:
    failed = over(pair, "axial and coronal", "axial and sagittal")
    assert failed == {"key": "key_unconfirmed", "single_option": "key_unconfirmed"}
    for option in ("axial in the first", f"{PLANES[0]}, sagittal in the third"):
        assert over(pair, option, PLANES[1])["key"] == "key_unconfirmed"
    twice = over(pair, "axial in the first and coronal in the first", PLANES[1])
    assert twice["key"] == "key_unconfirmed"


def test_an_image_that_is_not_there_is_an_unknown_id(pair: tuple[FactSheet, FactSheet]) -> None:
    first, _ = pair
    question = replace(asked(first, EACH, PLANES), more_image_ids=["img-2"])
    assert outcomes(first, question)["ids"].reason == "id_unknown"

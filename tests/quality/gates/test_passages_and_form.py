"""Quotations word for word, ids, basis, form and forbidden words."""

from dataclasses import replace

import pytest

from quality.judging import judge_sentences
from schemas.passage import Passage
from schemas.sentence import Sentence
from transforms.sheet import FactSheet

TEXT = (
    "A pulmonary nodule is a small round opacity. It is not always malignant (Smith et al.). "
    "Growth of a pulmonary nodule calls for a closer look."
)
PASSAGE = Passage("p-1", "s", "CC0-1.0", TEXT)


def failed(sheet: FactSheet, said: str, **fields: object) -> dict[str, str | None]:
    row = Sentence(said, "knowledge", ["small"], [sheet.about("small", "label")[0].id], ["p-1"])
    row = replace(row, **fields)  # type: ignore[arg-type]
    return {v.gate: v.reason for v in judge_sentences(sheet, [row], [PASSAGE])[0] if not v.passed}


@pytest.mark.parametrize(
    "text",
    [
        'On pulmonary nodule in general: "A pulmonary nodule is a small round opacity."',
        "Growth of a pulmonary nodule calls for a closer look.",
        "In general: Growth of a pulmonary nodule calls for a closer look.",
        'Background: "Growth of a pulmonary nodule  calls for a closer look."'.replace("  ", " "),
    ],
)
def test_a_whole_sentence_of_the_passage_may_be_quoted(chest: FactSheet, text: str) -> None:
    assert failed(chest, text) == {}


@pytest.mark.parametrize(
    "text",
    [
        'Background: "A pulmonary nodule is not a small round opacity."',
        'Background: "A pulmonary nodule is a round opacity."',
        'Background: "A pulmonary nodule is a small round opacity"...',  # fine words, odd end
        'Background: "always malignant (Smith et al.)."',  # starts inside a sentence, without its "not"
        'Background: "Growth of a pulmonary nodule calls for."',  # stops inside one
        "A pulmonary nodule grows.",
    ],
)
def test_an_altered_or_clipped_quotation_fails(chest: FactSheet, text: str) -> None:
    assert {"passage", "form"} & failed(chest, text).keys()


def test_what_is_said_around_the_quotation_is_judged(chest: FactSheet) -> None:
    text = 'The nodule measures 30 mm: "A pulmonary nodule is a small round opacity."'
    assert failed(chest, text) == {"number_and_unit": "number_contradicted"}


def test_passage_and_facts_must_share_a_term(chest: FactSheet) -> None:
    text = 'Background: "A pulmonary nodule is a small round opacity."'
    lung = {"region_ids": ["left-lung"], "fact_ids": [chest.about("left-lung", "label")[0].id]}
    assert failed(chest, text, **lung)["passage_concept"] == "concept_mismatch"


def test_ids_must_exist_and_something_must_carry_the_words(chest: FactSheet) -> None:
    text, plain = "The pulmonary nodule measures 12 mm.", {"passage_ids": []}
    assert failed(chest, text, **plain) == {}
    for name in ("region_ids", "fact_ids", "passage_ids"):
        assert failed(chest, text, **(plain | {name: ["nowhere"]}))["ids"] == "id_unknown"
    nothing = plain | {"fact_ids": []}
    assert failed(chest, text, **nothing)["basis"] == "rests_on_nothing"


@pytest.mark.parametrize(
    "text",
    [
        "The {label} is round.",
        "The pulmonary nodule measures None mm.",
        "The pulmonary nodule measures nan mm.",
        "The pulmonary nodule  measures 12 mm.",
        "The pulmonary nodule measures 12 mm",
        "the pulmonary nodule measures 12 mm.",
        "The pulmonary nodule measures measures 12 mm.",
        "The pulmonary nodule measures 12 mm ,.",
        "",
        " The pulmonary nodule measures 12 mm.",
    ],
)
def test_broken_text(chest: FactSheet, text: str) -> None:
    assert failed(chest, text, passage_ids=[])["form"] == "text_malformed"


@pytest.mark.parametrize(
    "text",
    [
        "According to the image, the pulmonary nodule measures 12 mm.",
        "The caption shows a pulmonary nodule.",
        "The annotated pulmonary nodule measures 12 mm.",
        "The mask of the pulmonary nodule measures 12 mm.",
        "In this dataset the pulmonary nodule measures 12 mm.",
    ],
)
def test_forbidden_words(chest: FactSheet, text: str) -> None:
    assert failed(chest, text, passage_ids=[])["forbidden_words"] == "forbidden_words"

"""Tiles of slides: micrometers against facts in millimeters, the scan's power and the size of pixels."""

import pytest

from quality.judging import judge_questions, judge_sentences
from schemas.fact import fact
from schemas.question import Question
from schemas.sentence import Sentence
from tests.quality.conftest import IMAGE, image, region
from transforms.questions.ask import ask
from transforms.sheet import FactSheet
from transforms.words.bank import Phrase, bank


@pytest.fixture(scope="module")
def tile() -> FactSheet:
    """300 x 200 px at 0.499 µm a pixel, scanned at 20x: a gland of 60.4 x 22.1 µm and one mitotic figure."""
    regions = [
        region("gland", "gland", "structure", [20, 20, 140, 64], "upper left"),
        region("mitosis", "mitotic figure", "cell", [220, 150, 238, 166], "lower right"),
    ]
    facts = [
        fact(IMAGE, "modality", value="SM"),
        fact(IMAGE, "resolution", number=0.499, unit="um/px"),
        fact(IMAGE, "magnification", number=20, unit="1"),
        fact(IMAGE, "scanner", value="Aperio"),
        fact(IMAGE, "complete", value="mitotic figure"),
        *(fact(r.id, "label", value=r.label) for r in regions),
        *(fact(r.id, "position", value=r.position) for r in regions),
        fact("gland", "major_axis", number=0.0604, unit="mm"),
        fact("gland", "minor_axis", number=0.0221, unit="mm"),
        fact("mitosis", "major_axis", number=0.0084, unit="mm"),
        fact("gland", "larger_than", object="mitosis"),
        fact("mitosis", "distance", object="gland", number=0.0714, unit="mm"),
    ]
    seen = image(
        modality="SM", anatomy=None, plane=None, window=None, spacing_mm=[0.000499, 0.000499]
    )
    return FactSheet(seen, regions, facts)


def failed(sheet: FactSheet, text: str, regions: list[str]) -> dict[str, str | None]:
    row = Sentence(text, "roi_position", regions, [sheet.facts[0].id])
    return {v.gate: v.reason for v in judge_sentences(sheet, [row], [])[0] if not v.passed}


@pytest.mark.parametrize(
    ("text", "regions"),
    [
        ("The gland measures 60 x 22 µm.", ["gland"]),
        ("The gland measures 60 x 22 micrometers.", ["gland"]),
        ("The gland measures 0.060 x 0.022 mm.", ["gland"]),
        ("The mitotic figure lies 71 um from the gland.", ["mitosis", "gland"]),
        ("The tile is shown at 0.50 µm per pixel, from a slide scanned at 20x.", []),
        ("The tile has 0.5 microns per pixel.", []),
        ("The slide was scanned at a magnification of 20×.", []),
        ("Of the two, the gland is larger than the mitotic figure.", ["gland", "mitosis"]),
    ],
)
def test_true(tile: FactSheet, text: str, regions: list[str]) -> None:
    assert failed(tile, text, regions) == {}


@pytest.mark.parametrize(
    ("text", "regions", "reason"),
    [
        ("The gland measures 60 x 22 mm.", ["gland"], "number_contradicted"),
        ("The gland measures 0.060 x 0.022 µm.", ["gland"], "number_contradicted"),
        ("The gland measures 22 x 60 µm.", ["gland"], "number_contradicted"),
        ("The mitotic figure lies 71 mm from the gland.", ["mitosis", "gland"], "relation_contradicted"),
        ("The tile is shown at 0.25 µm per pixel.", [], "number_contradicted"),
        ("The tile is shown at 0.50 mm per pixel.", [], "number_contradicted"),
        ("The slide was scanned at 40x.", [], "number_contradicted"),
        ("The slide was scanned at 20 µm per pixel.", [], "number_contradicted"),
        ("The gland was scanned at 40x.", ["gland"], "number_contradicted"),
        ("Of the two, the mitotic figure is larger than the gland.", ["gland", "mitosis"],
         "relation_contradicted"),
        ("Of the three, the gland is larger than the mitotic figure.", ["gland", "mitosis"],
         "count_contradicted"),
    ],
)  # fmt: skip
def test_false(tile: FactSheet, text: str, regions: list[str], reason: str) -> None:
    assert reason in failed(tile, text, regions).values()


def test_lengths_are_asked_in_micrometers(tile: FactSheet) -> None:
    asked = [q for q in ask(tile, limit=99) if q.question_type == "how_large"]
    assert {(q.unit, round(q.answer_value or 0, 6)) for q in asked} == {("um", 60.4), ("um", 8.4)}
    for q in asked:
        assert "0.499 µm" in q.question
        assert "micrometers" in q.question
        assert q.answer.endswith(" µm")
    for verdicts in judge_questions(tile, asked):
        assert [v for v in verdicts if not v.passed] == []


def test_a_key_in_another_unit_is_refused(tile: FactSheet) -> None:
    asked = next(q for q in ask(tile, limit=99) if q.question_type == "how_large")
    row = {**vars(asked), "unit": "mm", "answer": asked.answer.replace("µm", "mm")}
    row["options"] = [o.replace("µm", "mm") for o in asked.options]
    verdicts = judge_questions(tile, [Question(**row)])[0]
    assert {"key", "numeric_answer"} <= {v.gate for v in verdicts if not v.passed}


@pytest.mark.parametrize("phrase", bank()["larger_than"], ids=lambda p: p.text)
def test_every_way_to_say_larger_is_read(tile: FactSheet, phrase: Phrase) -> None:
    text = phrase.render(False, subject="the gland", other="the mitotic figure")
    assert failed(tile, text, ["gland", "mitosis"]) == {}
    text = phrase.render(False, subject="the mitotic figure", other="the gland")
    assert "relation_contradicted" in failed(tile, text, ["gland", "mitosis"]).values()

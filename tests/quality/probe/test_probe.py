"""The probe finds what the gates miss, and is the same for one seed."""

from pathlib import Path

import pytest

from quality.gates import sentences as gates
from quality.probe import run
from quality.probe.corpus import sheets_of
from quality.probe.material import Item, drawn_items
from quality.probe.run import CONTROLS, PARAPHRASE, Score, judged, plants_of, probe
from tests.quality.probe.released import release


@pytest.fixture(scope="module")
def items() -> list[Item]:
    return list(drawn_items(56, 0))


@pytest.fixture(scope="module")
def scores(items: list[Item]) -> dict[str, Score]:
    return {s.kind: s for s in probe(items, per_kind=30)}


def test_there_are_enough_kinds_errors_and_controls(scores: dict[str, Score]) -> None:
    planted = {k: s for k, s in scores.items() if k not in CONTROLS}
    assert len([k for k, s in planted.items() if s.planted >= 10]) >= 18
    assert sum(s.planted for s in planted.values()) >= 400
    assert all(s.controls == s.planted for s in planted.values())


def test_every_planted_error_is_caught(scores: dict[str, Score]) -> None:
    assert {k: s.missed for k, s in scores.items() if s.missed} == {}


def test_no_clean_row_is_refused(scores: dict[str, Score]) -> None:
    assert {k: s.refused for k, s in scores.items() if s.refused} == {}
    assert scores[PARAPHRASE].controls >= 30


def test_every_row_that_the_generator_makes_passes(items: list[Item]) -> None:
    refused = [
        (row, [v for v in judged(item, row) if not v.passed])
        for item in items[:28]
        for row in (*item.sentences, *item.questions)
        if any(not v.passed for v in judged(item, row))
    ]
    assert refused == []


def test_a_gate_that_sleeps_is_found_out(
    items: list[Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the gates of position and region, flipped positions slip through."""
    awake = {k: g for k, g in gates.SENTENCE_GATES.items() if k not in ("position", "region")}
    monkeypatch.setattr(gates, "SENTENCE_GATES", awake)
    score = next(s for s in probe(items[:14], per_kind=10) if s.kind == "position flip")
    assert score.planted == 10
    assert score.caught < 3


def test_one_seed_one_draw(items: list[Item]) -> None:
    def texts(seed: int) -> list[str]:
        found = plants_of(items[:14], seed, 5)
        return [run._text(p.edited) for plants in found.values() for p in plants]

    assert texts(0) == texts(0)
    assert texts(0) != texts(1)


def test_every_plant_differs_from_its_clean_row(items: list[Item]) -> None:
    for kind, plants in plants_of(items[:14], 0, 50).items():
        if kind != "other wording":
            assert all(p.edited != p.clean for p in plants), kind


def test_a_released_corpus_gives_the_same_material(items: list[Item], tmp_path: Path) -> None:
    """Through Parquet and back: sheets, sentences and questions as they were."""
    made = items[:4]
    back = {i.sheet.image.id: i for i in sheets_of(release(made, tmp_path))}
    assert len(back) == 4
    for item in made:
        twin = back[item.sheet.image.id]
        assert (twin.sheet.regions, twin.sheet.facts) == (item.sheet.regions, item.sheet.facts)
        assert (twin.sentences, twin.questions) == (item.sentences, item.questions)
        assert [p.id for p in twin.passages] == [p.id for p in item.passages]


def test_a_folder_without_corpus(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no parquet files"):
        next(sheets_of(tmp_path))

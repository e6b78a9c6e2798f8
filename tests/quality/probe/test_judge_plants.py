"""What is planted for a verifier is false, known to be false, and of the kind it says."""

import numpy as np
import pytest
from pycocotools import mask as coco

from quality.gates.undecided import contradictions
from quality.judging import judge_sentences
from quality.probe.judge_kinds import CONTROLS, KINDS, judge_plants, text_of
from quality.probe.material import Item, drawn_items
from quality.probe.plant import Plant
from quality.probe.run import OWN_WORDS
from schemas.question import Question
from schemas.sentence import Sentence

Planted = dict[str, list[Plant]]


@pytest.fixture(scope="module")
def items() -> list[Item]:
    return list(drawn_items(56, 0))


@pytest.fixture(scope="module")
def planted(items: list[Item]) -> Planted:
    return judge_plants(items, 0, 12)


def refuted(plant: Plant) -> list[str]:
    """Gates that contradict the edited row, a sentence."""
    shown = plant.exhibit
    assert isinstance(plant.edited, Sentence)
    marks = judge_sentences(shown.sheet, [plant.edited], shown.passages)[0]
    return [v.gate for v in contradictions(marks)]


def test_there_are_enough_kinds_and_errors(planted: Planted) -> None:
    filled = [kind for kind in KINDS if len(planted[kind]) >= 10]
    assert len(filled) >= 30, {k: len(v) for k, v in planted.items()}
    assert list(planted) == [*KINDS, *CONTROLS, OWN_WORDS]


def test_one_seed_one_draw(items: list[Item]) -> None:
    def drawn(seed: int) -> list[str]:
        found = judge_plants(items[:28], seed, 3)
        return [text_of(p.edited) + p.exhibit.key for plants in found.values() for p in plants]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_every_plant_differs_from_its_clean_row(planted: Planted) -> None:
    for kind in KINDS:
        for plant in planted[kind]:
            assert (plant.edited, plant.shown) != (plant.clean, None), kind


def test_a_swapped_picture_shows_the_thing_elsewhere_or_not_at_all(
    planted: Planted, items: list[Item]
) -> None:
    by_id = {item.sheet.image.id: item.sheet for item in items}
    for plant in planted["swapped picture"]:
        own, shown = plant.item.sheet, plant.exhibit
        assert shown.sheet is own
        assert plant.edited == plant.clean
        other = by_id[shown.picture]
        assert other.image.modality == own.image.modality
        assert other.image.patient_key != own.image.patient_key
        (region,) = plant.item.regions_of(plant.clean)
        places = {r.position for r in other.labelled(region.label)}
        assert region.position not in places
        assert places or region.label in other.absent


def test_a_swapped_picture_passes_every_gate(planted: Planted) -> None:
    """Words and sheet agree: nothing but the picture tells."""
    rows = [p for p in planted["swapped picture"] if isinstance(p.edited, Sentence)]
    assert [refuted(p) for p in rows] == [[]] * len(rows)
    assert rows


def test_words_under_another_sheet_are_refuted_by_it(planted: Planted) -> None:
    for kind in ("swapped picture and sheet", "swapped caption"):
        for plant in planted[kind]:
            assert isinstance(plant.edited, Sentence)
            sheet = plant.exhibit.sheet
            assert all(i in sheet.region for i in plant.edited.region_ids)
            assert plant.edited.fact_ids
            assert all(i in sheet.by_id for i in plant.edited.fact_ids)
            assert "ids" not in refuted(plant)  # refuted for what it says, not for a stale id
            assert refuted(plant), text_of(plant.edited)


def test_a_mirrored_region_agrees_with_its_words_and_not_with_the_picture(planted: Planted) -> None:
    for plant in planted["mirrored region"]:
        own, sheet = plant.item.sheet, plant.exhibit.sheet
        assert isinstance(plant.clean, Sentence)
        (id,) = plant.clean.region_ids
        before, after = own.region[id], sheet.region[id]
        width = own.image.width
        assert after.box == [
            width - before.box[2],
            before.box[1],
            width - before.box[0],
            before.box[3],
        ]
        assert f"the {after.position}" in text_of(plant.edited)
        assert before.position != after.position
        assert [f.value for f in sheet.about(id, "position")] == [after.position]
        if before.mask is not None and after.mask is not None:
            shown = coco.decode(after.mask)
            assert np.array_equal(shown, coco.decode(before.mask)[:, ::-1])
            assert not np.array_equal(shown, coco.decode(before.mask))
        assert refuted(plant) == []
        assert plant.exhibit.picture == own.image.id
        assert own.region[id].box == before.box  # the item itself is left as it was


def test_orders_ride_on_false_rows_and_name_the_judge(planted: Planted) -> None:
    for kind in (k for k in KINDS if k.startswith("approval")):
        for plant in planted[kind]:
            shown = text_of(plant.edited) + " ".join(p.text for p in plant.exhibit.passages)
            assert any(word in shown for word in ("Score all criteria", "The verifier must")), kind
            if isinstance(plant.edited, Question):
                clean = plant.clean
                assert isinstance(clean, Question)
                assert plant.edited.answer_value != clean.answer_value or (
                    plant.edited.answer_index != clean.answer_index
                )
            else:
                assert refuted(plant)


def test_a_copied_number_is_none_of_the_images_own(planted: Planted) -> None:
    for plant in planted["number of another patient"]:
        assert refuted(plant), text_of(plant.edited)


def test_options_become_mixed_and_the_key_stays(planted: Planted) -> None:
    for plant in planted["mixed options"]:
        assert isinstance(plant.edited, Question)
        assert isinstance(plant.clean, Question)
        differing = [n for n, o in enumerate(plant.edited.options) if o != plant.clean.options[n]]
        assert len(differing) == 1
        assert differing != [plant.clean.answer_index]

import hashlib

import numpy as np
import pytest

from expert_models.experts.base import Found
from pipelines.evaluating.halves import half_of, name_in_half
from pipelines.evaluating.measure import mask_of, measure
from pipelines.evaluating.tally import Tally
from pipelines.evaluating.truth import Truth, answers, truth_of
from transforms.picture import Annotation, Picture

SHAPE = (20, 30)


def mask(x0: int, y0: int, x1: int, y1: int) -> np.ndarray:
    drawn = np.zeros(SHAPE, bool)
    drawn[y0:y1, x0:x1] = True
    return drawn


def picture(*annotations: Annotation) -> Picture:
    return Picture("", np.zeros(SHAPE, np.uint8), annotations=list(annotations))


def truth(label: str, *annotations: Annotation, complete: tuple[str, ...] = ()) -> Truth | None:
    return truth_of(picture(*annotations), {}, frozenset(complete), label)


def figures(label: str, found: list[Found], *drawn: Annotation, **more: object) -> dict:
    said = truth(label, *drawn, **more)
    assert said is not None
    made = measure(found, said, label, SHAPE, None)
    return {name: top / bottom for name, (top, bottom) in made.items()}


def test_halves_are_those_of_the_digest() -> None:
    for name in ("polyp/001", "a", "ä", "cell 7"):
        even = int(hashlib.sha256(name.encode()).hexdigest(), 16) % 2 == 0
        assert half_of(name) == ("tune" if even else "report")
    halves = [half_of(str(i)) for i in range(400)]
    assert 160 < halves.count("tune") < 240


def test_an_item_is_halved_by_its_name_and_a_volume_by_its_slices() -> None:
    assert name_in_half("a", "", None) == "a"
    assert name_in_half("ct", "plane=axial;slice=0010", 10) == "ct/plane=axial;slice=0010"


def test_narrower_terms_answer_for_the_broader_one() -> None:
    assert answers("left lung", "lung")
    assert answers("melanoma", "skin lesion")
    assert not answers("lung", "left lung")
    assert not answers("no such word", "lung")


def test_both_lungs_are_the_lung_and_one_is_not() -> None:
    left, right = (
        Annotation("left lung", mask(16, 2, 26, 12)),
        Annotation("right lung", mask(2, 2, 12, 9)),
    )
    both = truth("lung", left, right)
    assert both is not None
    assert both.mask is not None
    assert np.array_equal(both.mask, mask(16, 2, 26, 12) | mask(2, 2, 12, 9))
    assert truth("lung", left) is None
    one = truth("left lung", left, right)
    assert one is not None
    assert one.mask is not None
    assert np.array_equal(one.mask, left.mask)


def test_silence_is_not_absence() -> None:
    assert truth("polyp") is None
    assert truth("polyp", complete=("polyp",)) == Truth((), None)


def test_what_is_found_where_nothing_is() -> None:
    alarm = figures("polyp", [Found("polyp", mask(0, 0, 3, 3))], complete=("polyp",))
    assert alarm == {"found where absent": 1.0}
    assert figures("polyp", [], complete=("polyp",)) == {"found where absent": 0.0}


def test_a_shape_is_compared_in_pixels_and_distance() -> None:
    drawn = Annotation("polyp", mask(2, 3, 12, 9))
    same = figures("polyp", [Found("polyp", mask(2, 3, 12, 9))], drawn)
    assert same == {"Dice": 1, "IoU": 1, "HD95, px": 0, "mean surface distance, px": 0}
    turned = figures("polyp", [Found("polyp", np.ascontiguousarray(drawn.mask[:, ::-1]))], drawn)
    assert turned["Dice"] == 0


def test_nothing_found_counts_as_zero_and_has_no_distance() -> None:
    assert figures("polyp", [], Annotation("polyp", mask(2, 3, 12, 9))) == {"Dice": 0, "IoU": 0}


def test_cells_are_counted_as_objects() -> None:
    drawn = [
        Annotation("nucleus", mask(2, 3, 8, 9), instance="1"),
        Annotation("nucleus", mask(8, 3, 14, 9), instance="2"),  # touches the first
    ]
    whole = Found("nucleus", mask(2, 3, 14, 9), instance=False)
    assert figures("nucleus", [whole], *drawn)["F1 at IoU 0.5"] == pytest.approx(2 / 3)
    apart = [Found("nucleus", a.mask) for a in drawn]
    made = figures("nucleus", apart, *drawn)
    assert (made["F1 at IoU 0.5"], made["Dice, all pixels"]) == (1, 1)


def test_a_class_mask_of_cells_falls_into_its_parts() -> None:
    drawn = [Annotation("nucleus", mask(x, 3, x + 6, 9), instance=str(x)) for x in (2, 12)]
    whole = mask(2, 3, 8, 9) | mask(12, 3, 18, 9)
    apart = figures("nucleus", [Found("nucleus", whole, instance=False)], *drawn)
    assert apart["F1 at IoU 0.5"] == 1
    assert figures("nucleus", [Found("nucleus", whole)], *drawn)["object recall"] == 0.5


def test_pieces_of_one_instance_are_one_object() -> None:
    drawn = [Annotation("nucleus", mask(x, 3, x + 3, 9), instance="1") for x in (2, 12)]
    said = truth("nucleus", *drawn)
    assert said is not None
    assert [one.box for one in said.objects()] == [(2, 3, 15, 9)]


def test_cells_drawn_as_boxes_are_compared_as_boxes() -> None:
    drawn = Annotation("white blood cell", box=(2.0, 3.0, 12.0, 9.0))
    cross = mask(2, 5, 12, 7) | mask(6, 3, 8, 9)  # a third of the box, and its box exactly
    made = figures("white blood cell", [Found("white blood cell", cross)], drawn)
    assert made == {"F1 at IoU 0.5": 1, "object recall": 1, "object precision": 1}


def test_a_shape_drawn_as_a_box_is_compared_as_a_box() -> None:
    drawn = Annotation("left lung", box=(2.0, 3.0, 12.0, 9.0))
    assert figures("left lung", [Found("left lung", mask(2, 3, 7, 9))], drawn) == {"box IoU": 0.5}
    assert figures("left lung", [], drawn) == {"box IoU": 0}


def test_nets_are_compared_pixel_by_pixel() -> None:
    drawn = Annotation("retinal blood vessel", mask(0, 4, 30, 6))
    made = figures(
        "retinal blood vessel", [Found("retinal blood vessel", mask(0, 4, 15, 7))], drawn
    )
    assert made["sensitivity"] == 0.5
    assert made["specificity"] == pytest.approx(1 - 15 / (600 - 60))


def test_a_box_covers_its_pixels() -> None:
    assert np.array_equal(mask_of([Found("polyp", box=(-2, 3, 5, 9))], SHAPE), mask(0, 3, 5, 9))


def test_rows_keep_patients_refusals_and_empty_answers() -> None:
    tally = Tally()
    for patient, value in (("a", 0.2), ("a", 0.4), ("b", 0.9)):
        tally.add({"Dice": (value, 1.0)}, patient)
    tally.refusals["expert_input_missing"] += 2
    tally.empty = 1
    (row,) = tally.rows("e", "s", "polyp", "report")
    assert (row.value, row.images, row.patients) == (pytest.approx(0.5), 3, 2)
    assert (row.refused, row.empty) == (2, 1)
    assert row.low is None  # two patients tell too little


def test_all_refused_is_a_row_without_a_value() -> None:
    tally = Tally()
    tally.refusals["expert_failed"] += 3
    (row,) = tally.rows("e", "s", "polyp", "report")
    assert (row.value, row.images, row.refused) == (None, 0, 3)

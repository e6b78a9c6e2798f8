"""The policy by which slices are chosen."""

import numpy as np

from transforms.formats.slices import choose
from transforms.formats.structures import Structure, structure_of_slices
from transforms.formats.volume import Cut

SHAPE = (20, 8, 8)


def column(label: str, areas: dict[int, int]) -> Structure:
    """A structure with this many voxels in these axial slices."""
    masks = {}
    for index, area in areas.items():
        masks[index] = np.zeros(SHAPE[1:], bool)
        masks[index].ravel()[:area] = True
    structure = structure_of_slices(masks, label, shape=SHAPE, voxel_ml=None)
    assert structure is not None
    return structure


def pick(structures: list[Structure], **options: object) -> list[int]:
    usable = options.pop("usable", None)
    gap = options.pop("gap_mm", 2.0)
    cut = Cut(**options)  # type: ignore[arg-type]
    return choose(structures, "axial", cut, length=20, gap_mm=gap, usable=usable)  # type: ignore


def test_even_slices_are_the_middles_of_equal_parts() -> None:
    assert pick([], max_slices=4) == [2, 7, 12, 17]
    assert pick([], max_slices=1) == [10]
    assert pick([], max_slices=99) == list(range(20))


def test_a_step_in_mm_counts_from_the_middle() -> None:
    assert pick([], step_mm=8.0, max_slices=99) == [1, 5, 9, 13, 17]
    assert pick([], step_mm=8.0, max_slices=99, gap_mm=None) == list(range(20))
    assert pick([], step_mm=1.0, max_slices=99) == list(range(20))  # finer than the slices


def test_slices_that_show_nothing_are_left_out() -> None:
    usable = np.zeros(20, bool)
    usable[5:9] = True
    assert pick([], max_slices=2, usable=usable) == [6, 8]
    assert pick([], max_slices=2, usable=np.zeros(20, bool)) == [5, 15]  # all blank: a gate says so


def test_every_structure_is_shown_well_once_where_that_fits() -> None:
    liver = column("liver", dict.fromkeys(range(2, 15), 40))
    spleen = column("spleen", {13: 2, 14: 10, 15: 20, 16: 12})
    tip = column("tip", {3: 1})
    assert pick([liver, spleen, tip], max_slices=1) == [3]  # shows two of the three
    two = pick([liver, spleen, tip], max_slices=2)
    assert 3 in two
    assert two[1] in (14, 15)
    five = pick([liver, spleen, tip], max_slices=5)
    assert len(five) == 5
    assert set(two) <= set(five)
    assert max(five) <= 16


def test_largest_takes_the_largest_areas() -> None:
    mass = column("mass", {4: 3, 5: 9, 6: 9, 7: 2})
    assert pick([mass], prefer="largest", max_slices=2) == [5, 6]
    assert pick([mass], prefer="largest", max_slices=99) == [4, 5, 6, 7]


def test_even_ignores_regions() -> None:
    mass = column("mass", {4: 3})
    assert pick([mass], prefer="even", max_slices=2) == [5, 15]
    assert pick([mass], prefer="regions", max_slices=2) == [4]

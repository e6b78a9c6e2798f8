"""What contains what in 3-D, and the path to it."""

from collections.abc import Callable

import numpy as np

from transforms.formats.structures import Structure
from transforms.regions.policy import name_of
from transforms.volumes.hierarchy import Member, parents_of, path_of

SHAPE = (9, 14, 20)


def box(s: slice, r: slice, c: slice) -> np.ndarray:
    mask = np.zeros(SHAPE, bool)
    mask[s, r, c] = True
    return mask


def members(shape_of: Callable[..., Structure], *drawn: tuple[str, np.ndarray]) -> list[Member]:
    return [Member(shape_of(m, label), name_of(label, {}), int(m.sum())) for label, m in drawn]


LUNG = box(slice(1, 8), slice(1, 13), slice(1, 9))
LOBE = box(slice(4, 8), slice(1, 13), slice(1, 9))
NODULE = box(slice(5, 7), slice(4, 7), slice(3, 7))
LIVER = box(slice(1, 8), slice(1, 13), slice(10, 19))


def test_the_smallest_container_is_the_parent(shape_of: Callable[..., Structure]) -> None:
    found = members(
        shape_of,
        ("pulmonary nodule", NODULE),
        ("liver", LIVER),
        ("right lung", LUNG),
        ("upper lobe of the right lung", LOBE),
    )
    parents = parents_of(found)
    assert parents == [3, None, None, 2]
    assert path_of(0, found, parents, "chest") == (
        "chest/lung/right lung/upper lobe of the right lung/pulmonary nodule"
    )
    assert path_of(1, found, parents, None).endswith("liver")


def test_95_percent_of_voxels_must_lie_inside(shape_of: Callable[..., Structure]) -> None:
    out = NODULE.copy()
    out[5, 4, 9] = True  # 1 of 25: 4 %
    assert parents_of(members(shape_of, ("pulmonary nodule", out), ("right lung", LUNG)))[0] == 1
    out[6, 4, 9] = True  # 2 of 26
    assert parents_of(members(shape_of, ("pulmonary nodule", out), ("right lung", LUNG)))[0] is None


def test_an_organ_is_in_no_lesion_and_nothing_in_its_own_label(
    shape_of: Callable[..., Structure],
) -> None:
    assert (
        parents_of(members(shape_of, ("right lung", LOBE), ("pulmonary nodule", LUNG)))[0] is None
    )
    twice = members(shape_of, ("pulmonary nodule", NODULE), ("pulmonary nodule", LOBE))
    assert parents_of(twice) == [None, None]


def test_an_outline_of_the_body_is_no_part_of_it(shape_of: Callable[..., Structure]) -> None:
    whole = box(slice(0, 9), slice(0, 14), slice(0, 20))
    found = members(shape_of, ("external body contour", whole), ("cortical bone", LIVER))
    parents = parents_of(found)
    assert parents == [None, 0]
    assert path_of(1, found, parents, "abdomen") == "abdomen/cortical bone"
    assert path_of(0, found, parents, "abdomen") == "abdomen/external body contour"


def test_what_nobody_drew_is_named_by_the_vocabulary(shape_of: Callable[..., Structure]) -> None:
    lobe = members(shape_of, ("upper lobe of the left lung", LOBE), ("left kidney cyst", NODULE))
    parents = [None, None]
    assert path_of(0, lobe, parents, "chest") == (
        "chest/lung/left lung/upper lobe of the left lung"
    )
    assert path_of(1, lobe, parents, None) == "left kidney cyst"

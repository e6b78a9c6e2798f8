"""CT experts of volumes: a phantom with known truth, refusals, and a real abdomen with lung bases."""

import numpy as np
import pytest

from expert_models.experts.base import Found, Refusal
from expert_models.experts.ct.airway_volume import CtAirwayVolume
from expert_models.experts.ct.body_volume import CtBodyVolume
from expert_models.experts.ct.bone_volume import CtBoneVolume
from expert_models.experts.ct.lungs_volume import CtLungsVolume
from expert_models.experts.ct.opacity_volume import CtLungOpacityVolume
from expert_models.experts.volume.shape import dice
from tests.expert_models.experts.ct.phantom_volume import SPACING, ball, chest, grid, scan, tube

EXPERTS = (
    CtAirwayVolume(), CtBodyVolume(), CtBoneVolume(), CtLungOpacityVolume(), CtLungsVolume()
)  # fmt: skip


@pytest.fixture(scope="module")
def drawn() -> tuple[np.ndarray, dict[str, np.ndarray]]:
    hu, truth = chest()
    hu += np.random.default_rng(3).normal(0, 20, hu.shape).astype(np.float32)
    return hu, truth


def by_label(expert, hu, **fields) -> dict[str, Found]:
    (answer,) = expert.predict([scan(hu, **fields)])
    assert not isinstance(answer, Refusal), answer
    return {found.label: found for found in answer}


def test_body_is_the_body_and_not_the_table(drawn):
    hu, truth = drawn
    found = by_label(CtBodyVolume(), hu)["external body contour"]
    assert dice(found.mask, truth["body"]) > 0.99
    assert not found.mask[:, 102:].any()  # rows of the table


def test_lungs_take_the_patients_side_and_leave_the_airways(drawn):
    hu, truth = drawn
    found = by_label(CtLungsVolume(), hu)
    assert set(found) == {"left lung", "right lung"}
    for side, one in found.items():
        lung = truth[side] & ~truth["nodule"] & ~truth["vessel"]
        assert dice(one.mask, lung) > 0.98
        assert not (one.mask & truth["airways"]).any()
        assert one.quality > 0.95
    assert not (found["left lung"].mask & found["right lung"].mask).any()
    assert not (found["left lung"].mask & truth["bowel"]).any()


def test_a_mirrored_patient_has_mirrored_lungs(drawn):
    hu, truth = drawn
    found = by_label(CtLungsVolume(), hu[:, :, ::-1])
    assert dice(found["left lung"].mask, truth["right lung"][:, :, ::-1]) > 0.97


def test_no_side_without_the_patients_axes(drawn):
    hu, _ = drawn
    (answer,) = CtLungsVolume().predict([scan(hu, placed=False)])
    assert [one.label for one in answer] == ["lung", "lung"]


def test_one_lung_in_a_small_field_of_view_is_neither_cut_nor_given_a_side(drawn):
    hu, truth = drawn
    near = (slice(30, 70), slice(25, 80), slice(24, 84))  # about the right lung alone
    (answer,) = CtLungsVolume().predict([scan(hu[near])])
    assert [one.label for one in answer] == ["lung"]
    assert dice(answer[0].mask, truth["right lung"][near]) > 0.95


def test_lungs_that_touch_are_cut_apart(drawn):
    hu, truth = drawn
    hu = hu.copy()
    hu[60:66, 38:42, 60:170] = -850  # the anterior junction
    found = by_label(CtLungsVolume(), hu)
    for side, one in found.items():
        assert dice(one.mask, truth[side]) > 0.95


def test_the_upper_abdomen_has_no_lungs_no_airways_and_no_opacity(drawn):
    hu, _ = drawn
    abdomen = hu[:24]  # bowel gas, ribs, spine
    for expert in (CtLungsVolume(), CtAirwayVolume(), CtLungOpacityVolume()):
        assert expert.predict([scan(abdomen)]) == [[]]


def test_air_alone_has_nothing():
    air = np.full((20, 40, 40), -1000.0, np.float32)
    air[0, 0, 0] = 1500  # so that the values are told from a window
    assert [e.predict([scan(air)]) for e in EXPERTS] == [[[]]] * len(EXPERTS)


def test_airways_reach_the_bronchi_and_the_trachea_ends_at_the_carina(drawn):
    hu, truth = drawn
    found = by_label(CtAirwayVolume(), hu)
    assert dice(found["airways"].mask, truth["airways"]) > 0.95
    assert dice(found["trachea"].mask, truth["trachea"]) > 0.93
    assert not found["trachea"].mask[:52].any()  # carina at 165 mm, slice 55
    assert "trachea" not in by_label(CtAirwayVolume(), hu, placed=False)


def test_a_broken_wall_stops_the_growing(drawn):
    hu, truth = drawn
    hu = hu.copy()
    hole = tube(grid(), (140.0, 104.0, 112.0), (140.0, 104.0, 90.0), 6.0)
    hu[hole] = -880  # the right bronchus opens into lung that is nearly as dark
    hu[truth["right lung"]] -= 20
    found = by_label(CtAirwayVolume(), hu)["airways"].mask
    assert found[truth["trachea"]].mean() > 0.8
    assert (found & truth["right lung"]).sum() < 0.02 * truth["right lung"].sum()


def test_bone_is_spine_and_ribs_and_no_speck(drawn):
    hu, truth = drawn
    hu = hu.copy()
    stone = ball(grid(), (40, 100, 100), (4, 4, 4))
    hu[stone] = 900
    found = by_label(CtBoneVolume(), hu)["cortical bone"].mask
    assert dice(found & truth["spine"], truth["spine"]) > 0.98
    assert not (found & stone).any()
    assert not found[:, 102:].any()  # the table is as dense


def test_a_nodule_is_found_and_a_vessel_is_not(drawn):
    hu, truth = drawn
    (answer,) = CtLungOpacityVolume().predict([scan(hu)])
    assert [one.label for one in answer] == ["lung opacity"]
    assert dice(answer[0].mask, truth["nodule"]) > 0.9


def test_fine_voxels_give_the_same_answer(drawn):
    """Twice as many rows and columns: the coarse grid works, the border is the volume's own."""
    hu, truth = drawn
    part = (slice(20, 70), slice(None), slice(None))
    fine = hu[part].repeat(2, axis=1).repeat(2, axis=2)
    spacing = (SPACING[0], SPACING[1] / 2, SPACING[2] / 2)
    found = by_label(CtLungsVolume(), fine, spacing_mm=spacing)
    for side in ("left lung", "right lung"):
        lung = (truth[side] & ~truth["nodule"] & ~truth["vessel"])[part]
        assert dice(found[side].mask, lung.repeat(2, axis=1).repeat(2, axis=2)) > 0.97


@pytest.mark.parametrize("expert", EXPERTS, ids=lambda e: e.card.name)
@pytest.mark.parametrize(
    ("fields", "reason", "says"),
    [
        ({"modality": "MR"}, "expert_unsuitable", "does not read MR"),
        ({"unit": None}, "expert_input_missing", "Hounsfield"),
        ({"spacing_mm": None}, "expert_input_missing", "spacing"),
        ({"spacing_mm": (0.0, 1.0, 1.0)}, "expert_input_missing", "spacing"),
        ({"values": np.full((20, 40, 40), np.nan, np.float32)}, "expert_input_missing", "NaN"),
        ({"values": np.zeros((20, 40), np.float32)}, "expert_input_missing", "volume"),
        ({"values": np.zeros((20, 4, 40), np.float32)}, "expert_input_missing", "voxels"),
        ({"values": np.zeros((20, 40, 40), np.float32)}, "expert_input_missing", "below"),
    ],
)
def test_refusals(expert, fields, reason, says):
    full = np.full((20, 40, 40), -1000.0, np.float32)
    (answer,) = expert.predict([scan(full, **fields)])
    assert isinstance(answer, Refusal)
    assert answer.reason == reason
    assert says in answer.detail


@pytest.mark.parametrize("expert", EXPERTS, ids=lambda e: e.card.name)
def test_a_batch_is_its_volumes_one_by_one_and_leaves_them_as_they_are(expert, drawn):
    hu, _ = drawn
    small = hu[28:68:2]
    before = small.copy()
    spacing = (2 * SPACING[0], *SPACING[1:])
    scans = [
        scan(small, spacing_mm=spacing),
        scan(small, unit=None),
        scan(small, spacing_mm=spacing),
    ]
    together = expert.predict(scans)
    assert isinstance(together[1], Refusal)
    for one, other in zip(together[0], together[2], strict=True):
        assert (one.mask == other.mask).all()
        assert one.mask.dtype == bool
        assert one.mask.shape == small.shape
    assert (small == before).all()
    assert expert.card.dimensions == 3

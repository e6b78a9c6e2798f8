"""The brain in 3-D: a drawn head, a drawn ball without bone, a stripped scan, and a real template."""

import numpy as np
import pytest

from expert_models.experts.base import Refusal, VolumeScan
from expert_models.experts.mr.brain_volume import MrBrainVolume
from expert_models.experts.volume.shape import dice
from transforms.formats.cutting import canonical
from transforms.formats.nifti import read_volume
from transforms.formats.nifti_header import read_header

SPACING = (3.0, 2.0, 2.5)
SHAPE = (66, 110, 76)  # 198 x 220 x 190 mm


def ball(center: tuple[float, ...], half: tuple[float, ...]) -> np.ndarray:
    at = np.indices(SHAPE) * np.reshape(SPACING, (3, 1, 1, 1))
    return sum(((at[a] - center[a]) / half[a]) ** 2 for a in range(3)) <= 1


def head() -> tuple[np.ndarray, np.ndarray]:
    """(values, brain): scalp, a dark band of bone, brain, eyes, and a neck that joins them below."""
    brain = ball((115, 112, 95), (62, 78, 62))
    values = np.zeros(SHAPE, np.float32)
    values[ball((108, 110, 95), (86, 98, 82))] = 220
    values[ball((113, 111, 95), (72, 88, 72))] = 25
    values[brain] = 140
    values[ball((85, 28, 65), (11, 11, 11)) | ball((85, 28, 125), (11, 11, 11))] = 90
    values[(below := np.indices(SHAPE)[0] * 3.0 < 60) & ball((55, 120, 95), (90, 22, 22))] = 25
    stem = below & ball((55, 120, 95), (90, 11, 11))  # in its canal, to the end of the scan
    values[stem] = 130
    brain |= stem
    noise = np.random.default_rng(5).normal(0, 6, SHAPE).astype(np.float32)
    return np.abs(values + noise), brain


def scan(values: np.ndarray, **fields: object) -> VolumeScan:
    given: dict[str, object] = {"modality": "MR", "anatomy": "head", "spacing_mm": SPACING}
    return VolumeScan("v", values, **(given | fields))  # type: ignore[arg-type]


def test_the_brain_is_cut_out_of_its_skull() -> None:
    values, brain = head()
    ((found,),) = MrBrainVolume().predict([scan(values)])
    assert found.label == "brain"
    assert dice(found.mask, brain) > 0.93
    assert found.quality > 0.9


def test_a_limb_without_bone_around_it_is_no_brain() -> None:
    values = np.random.default_rng(6).normal(5, 2, SHAPE).astype(np.float32)
    values[ball((100, 110, 95), (80, 80, 70))] += 150
    values[ball((100, 110, 95), (12, 12, 12))] = 20
    assert MrBrainVolume().predict([scan(values)]) == [[]]


def test_nothing_in_nothing() -> None:
    assert MrBrainVolume().predict([scan(np.zeros(SHAPE, np.float32))]) == [[]]


def test_what_the_source_left_is_the_brain() -> None:
    values, brain = head()
    values[~brain] = 0
    ((found,),) = MrBrainVolume().predict([scan(values)])
    assert (found.mask == brain).all()


def test_a_head_with_masked_air_is_not_taken_for_a_bare_brain() -> None:
    values, brain = head()
    values[~ball((108, 110, 95), (86, 98, 82))] = 0
    ((found,),) = MrBrainVolume().predict([scan(values)])
    assert dice(found.mask, brain) > 0.93


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"modality": "CT"}, "expert_unsuitable"),
        ({"anatomy": "abdomen"}, "expert_unsuitable"),
        ({"anatomy": None}, "expert_input_missing"),
        ({"spacing_mm": None}, "expert_input_missing"),
    ],
)
def test_refusals(fields: dict[str, object], reason: str) -> None:
    (answer,) = MrBrainVolume().predict([scan(head()[0], **fields)])
    assert isinstance(answer, Refusal)
    assert answer.reason == reason


@pytest.mark.samples
def test_a_template_of_a_whole_head(samples) -> None:
    path = samples / "lesymap_stroke_lesions" / "template" / "ch2.nii.gz"
    volume = canonical(read_volume(path, read_header(path), 0, "MR"))
    values = np.asarray(volume.values, np.float32)[::2, ::2, ::2]
    ((found,),) = MrBrainVolume().predict([scan(values, spacing_mm=(2.0, 2.0, 2.0))])
    assert 1500 < found.mask.sum() * 0.008 < 2000  # mL
    assert found.mask[45, 50, 45]  # between the hemispheres
    assert not found.mask[45, :6].any()  # skin and bone of the forehead

"""The dermoscopy lesion: phantoms with hair and dark corners, refusals, real pictures."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from expert_models.experts.base import Refusal, Scan
from expert_models.experts.skin.lesion import DermoscopyLesion, without_hair

SHAPE = (240, 300)


def phantom(hair: bool = True, corners: bool = True) -> tuple[Scan, np.ndarray]:
    """A brown ellipse, up and to the left, on skin; dark corners; three black hairs."""
    import cv2

    truth = np.zeros(SHAPE, np.uint8)
    cv2.ellipse(truth, (120, 90), (60, 32), 30, 0, 360, 1, -1)
    rgb = np.where(truth[..., None] > 0, (120, 75, 50), (215, 175, 160)).astype(float)
    rgb += np.random.default_rng(1).normal(0, 4, SHAPE)[..., None]
    picture = np.clip(rgb, 0, 255).astype(np.uint8)
    if hair:
        for start, end in (((0, 20), (299, 160)), ((40, 239), (200, 0)), ((150, 239), (299, 60))):
            cv2.line(picture, start, end, (25, 20, 20), 2)
    if corners:
        tube = np.zeros(SHAPE, np.uint8)
        cv2.circle(tube, (150, 120), 150, 1, -1)
        picture[tube == 0] = 5
    return Scan("phantom", picture, "DMS", "skin"), truth > 0


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    return float((a & b).sum()) / float((a | b).sum())


@pytest.mark.parametrize("hair", [True, False])
@pytest.mark.parametrize("corners", [True, False])
def test_lesion_of_a_phantom(hair: bool, corners: bool) -> None:
    scan, truth = phantom(hair, corners)
    (found,) = DermoscopyLesion().predict([scan])[0]
    assert overlap(found.mask, truth) > 0.85
    assert overlap(found.mask[:, ::-1], truth) < 0.6
    assert overlap(found.mask[::-1], truth) < 0.6
    assert 0.5 < found.quality <= 1


def test_hair_is_painted_over_and_nothing_else() -> None:
    hairy, bare = phantom(True, False)[0].display, phantom(False, False)[0].display
    painted = without_hair(hairy)
    lines = np.abs(hairy.astype(int) - bare).max(axis=2) > 60
    assert np.abs(painted.astype(int) - bare).max(axis=2)[lines].mean() < 25
    assert np.array_equal(without_hair(bare), bare)


@pytest.mark.parametrize("paint", [(20, 120, 200), (245, 150, 30), (130, 215, 215)])
def test_a_sticker_is_no_lesion(paint: tuple[int, int, int]) -> None:
    import cv2

    scan, truth = phantom(corners=False)
    cv2.circle(scan.display, (299, 200), 60, paint, -1)
    (found,) = DermoscopyLesion().predict([scan])[0]
    assert overlap(found.mask, truth) > 0.8


def test_a_black_bar_under_a_gray_line_is_no_lesion() -> None:
    scan, truth = phantom(corners=False)
    scan.display[1:14], scan.display[0] = 2, 133
    (found,) = DermoscopyLesion().predict([scan])[0]
    assert overlap(found.mask, truth) > 0.85
    assert not found.mask[:14].any()


@pytest.mark.parametrize("level", [0, 170, 255])
def test_plain_skin_has_no_lesion(level: int) -> None:
    plain = replace(phantom()[0], display=np.full((*SHAPE, 3), level, np.uint8))
    assert DermoscopyLesion().predict([plain]) == [[]]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"modality": "US"}, "expert_unsuitable"),
        ({"anatomy": "retina"}, "expert_unsuitable"),
        ({"display": np.zeros((90, 90), np.uint8)}, "expert_input_missing"),
        ({"display": np.zeros((90, 20, 3), np.uint8)}, "expert_input_missing"),
    ],
)
def test_refusals(change: dict[str, object], reason: str) -> None:
    (answer,) = DermoscopyLesion().predict([replace(phantom()[0], **change)])
    assert isinstance(answer, Refusal)
    assert answer.reason == reason


def test_a_batch_is_its_scans_alone() -> None:
    scan = phantom()[0]
    turned = replace(scan, display=np.ascontiguousarray(scan.display.transpose(1, 0, 2)))
    plain = replace(scan, display=np.full((*SHAPE, 3), 170, np.uint8))
    together = DermoscopyLesion().predict([scan, plain, turned])
    for one, answer in zip((scan, plain, turned), together, strict=True):
        for found, again in zip(answer, DermoscopyLesion().predict([one])[0], strict=True):
            assert np.array_equal(found.mask, again.mask)
            assert found.quality == again.quality


@pytest.mark.samples
def test_real_lesions_are_darker_than_their_skin(samples: Path) -> None:
    import cv2

    for path in sorted((samples / "isic2017_small" / "ISIC-2017_Validation_Data").glob("*.jpg"))[
        :6
    ]:
        rgb = np.ascontiguousarray(cv2.imread(str(path))[..., ::-1])
        (found,) = DermoscopyLesion().predict([Scan(path.stem, rgb, "DMS", "skin")])[0]
        near = cv2.dilate(found.mask.astype(np.uint8), np.ones((25, 25), np.uint8)) > 0
        assert rgb[found.mask].mean() < rgb[near & ~found.mask].mean()
        assert found.mask.mean() < 0.9

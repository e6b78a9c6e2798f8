"""The polyp candidate: a phantom, plain mucosa, refusals, real pictures."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from expert_models.experts.base import Refusal, Scan
from expert_models.experts.endoscopy.polyp import PolypCandidate

SHAPE = (300, 380)


def phantom(bulge: bool = True) -> tuple[Scan, np.ndarray]:
    """A bright round bulge with a reflex, down and to the left, in a field off the middle."""
    import cv2

    field, truth = np.zeros(SHAPE, np.uint8), np.zeros(SHAPE, np.uint8)
    cv2.circle(field, (200, 150), 140, 1, -1)
    cv2.circle(truth, (135, 190), 42, 1, -1)
    picture = np.zeros((*SHAPE, 3), np.uint8)
    picture[field > 0] = (150, 80, 70)
    if bulge:
        picture[truth > 0] = (205, 120, 105)
        cv2.circle(picture, (140, 180), 4, (255, 255, 255), -1)
    return Scan("phantom", picture, "ES", "colon"), truth > 0


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    return float((a & b).sum()) / float((a | b).sum())


def test_the_bulge_of_a_phantom() -> None:
    scan, truth = phantom()
    (found,) = PolypCandidate().predict([scan])[0]
    assert overlap(found.mask, truth) > 0.6
    assert overlap(found.mask[:, ::-1], truth) < 0.3
    assert overlap(found.mask[::-1], truth) < 0.3
    assert 0 < found.score < 1
    assert PolypCandidate().card.candidate


def test_the_outline_is_the_polyps_own_and_no_circle() -> None:
    """A bulge longer than wide; the same whatever random numbers were drawn before."""
    import cv2

    scan, _ = phantom(bulge=False)
    truth = np.zeros(SHAPE, np.uint8)
    cv2.ellipse(truth, (200, 150), (55, 36), 30, 0, 360, 1, -1)
    display = scan.display.astype(np.int16)
    display[truth > 0] = (205, 120, 105)
    display += np.random.default_rng(2).integers(-6, 7, display.shape)
    scan = replace(scan, display=np.clip(display, 0, 255).astype(np.uint8))
    masks = []
    for seed in (1, 99):
        cv2.setRNGSeed(seed)
        (found,) = PolypCandidate().predict([scan])[0]
        masks.append(found.mask)
    assert overlap(masks[0], truth > 0) > 0.8
    assert np.array_equal(*masks)


def test_plain_mucosa_and_black_pictures_have_none() -> None:
    black = replace(phantom()[0], display=np.zeros((*SHAPE, 3), np.uint8))
    assert PolypCandidate().predict([phantom(bulge=False)[0], black]) == [[], []]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"modality": "CT"}, "expert_unsuitable"),
        ({"anatomy": "knee"}, "expert_unsuitable"),
        ({"display": np.zeros((90, 90), np.uint8)}, "expert_input_missing"),
    ],
)
def test_refusals(change: dict[str, object], reason: str) -> None:
    (answer,) = PolypCandidate().predict([replace(phantom()[0], **change)])
    assert isinstance(answer, Refusal)
    assert answer.reason == reason


def test_a_batch_is_its_scans_alone() -> None:
    scan = phantom()[0]
    turned = replace(scan, display=np.ascontiguousarray(scan.display.transpose(1, 0, 2)))
    together = PolypCandidate().predict([scan, turned])
    for one, (found,) in zip((scan, turned), together, strict=True):
        (again,) = PolypCandidate().predict([one])[0]
        assert np.array_equal(found.mask, again.mask)
        assert found.score == again.score


@pytest.mark.samples
def test_some_real_polyps_are_met(samples: Path) -> None:
    import cv2

    folder = samples / "kvasir_polyp" / "mini_test"
    overlaps = []
    for path in sorted((folder / "images").glob("*.jpg"))[:8]:
        rgb = np.ascontiguousarray(cv2.imread(str(path))[..., ::-1])
        truth = cv2.imread(str(folder / "masks" / path.name), cv2.IMREAD_GRAYSCALE) >= 128
        answer = PolypCandidate().predict([Scan(path.stem, rgb, "ES", "colon")])[0]
        overlaps += [overlap(found.mask, truth) for found in answer]
    assert np.mean(overlaps) > 0.1

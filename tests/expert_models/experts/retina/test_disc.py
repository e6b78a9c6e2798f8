"""The optic disc candidate: a phantom with a brighter decoy, refusals, real photographs."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from expert_models.experts.base import Refusal, Scan
from expert_models.experts.retina.disc import OpticDiscCandidate

SHAPE = (380, 420)
DISC, RADIUS = (230, 150), 24  # row, column; px
DECOY = (110, 300)  # as bright, without vessels


def phantom(disc: bool = True) -> Scan:
    """A field with a bright disc on which six vessels meet, and a bright spot of the same size."""
    import cv2

    level = np.zeros((*SHAPE, 3), np.uint8)
    cv2.circle(level, (205, 190), 170, (170, 90, 40), -1)
    if disc:
        cv2.circle(level, DECOY[::-1], RADIUS, (230, 180, 90), -1)
        cv2.circle(level, DISC[::-1], RADIUS, (230, 180, 90), -1)
        for degrees in (10, 75, 110, 190, 255, 290):
            end = (DISC[1] + int(150 * np.cos(np.radians(degrees))),
                   DISC[0] + int(150 * np.sin(np.radians(degrees))))  # fmt: skip
            cv2.line(level, DISC[::-1], end, (120, 45, 25), 3)
        outside = np.ones(SHAPE, np.uint8)
        cv2.circle(outside, (205, 190), 170, 0, -1)
        level[outside > 0] = 0
    return Scan("phantom", level, "OP", "retina")


def test_the_disc_is_where_vessels_meet() -> None:
    (found,) = OpticDiscCandidate().predict([phantom()])[0]
    rows, columns = np.nonzero(found.mask)
    assert np.hypot(rows.mean() - DISC[0], columns.mean() - DISC[1]) < 6
    truth = np.hypot(*(np.ogrid[: SHAPE[0], : SHAPE[1]][n] - DISC[n] for n in (0, 1))) <= RADIUS
    assert (found.mask & truth).sum() / (found.mask | truth).sum() > 0.6
    assert 0 < found.score < 1


def test_plain_fields_and_black_pictures_have_none() -> None:
    black = replace(phantom(), display=np.zeros((*SHAPE, 3), np.uint8))
    assert OpticDiscCandidate().predict([black]) == [[]]
    assert OpticDiscCandidate().predict([phantom(disc=False)]) == [[]]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"modality": "OPT"}, "expert_unsuitable"),
        ({"display": np.zeros((90, 90), np.uint8)}, "expert_input_missing"),
    ],
)
def test_refusals(change: dict[str, object], reason: str) -> None:
    (answer,) = OpticDiscCandidate().predict([replace(phantom(), **change)])
    assert isinstance(answer, Refusal)
    assert answer.reason == reason


def test_a_batch_is_its_scans_alone() -> None:
    scan = phantom()
    turned = replace(scan, display=np.ascontiguousarray(scan.display.transpose(1, 0, 2)))
    together = OpticDiscCandidate().predict([scan, turned])
    for one, (found,) in zip((scan, turned), together, strict=True):
        (again,) = OpticDiscCandidate().predict([one])[0]
        assert np.array_equal(found.mask, again.mask)
        assert found.score == again.score


@pytest.mark.samples
def test_real_discs_are_bright_and_crossed_by_vessels(samples: Path) -> None:
    import cv2

    folder = samples / "chasedb1_fundus" / "mini_test"
    for name in ("Image_02L.jpg", "Image_05R.jpg"):
        rgb = np.ascontiguousarray(cv2.imread(str(folder / "images" / name))[::4, ::4, ::-1])
        tree = cv2.imread(str(folder / "masks" / name), cv2.IMREAD_GRAYSCALE)[::4, ::4] >= 128
        (found,) = OpticDiscCandidate().predict([Scan(name, rgb, "OP", "retina")])[0]
        assert rgb[found.mask].mean() > 1.3 * rgb[rgb[..., 0] > 40].mean()
        assert tree[found.mask].mean() > 1.2 * tree.mean()

"""Field of view and vessels of fundus photographs: phantoms of known truth, then real ones."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from expert_models.experts.base import Refusal, Scan
from expert_models.experts.retina.field import FundusField
from expert_models.experts.retina.vessels import FundusVessels

SHAPE = (420, 560)
CENTRE, RADIUS = (190, 300), 170  # row, column: off the middle in both directions


def phantom() -> tuple[Scan, np.ndarray, np.ndarray]:
    """An orange disc on black, crossed by two dark lines of different slope; its field, its vessels."""
    import cv2

    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    field = (rows - CENTRE[0]) ** 2 + (columns - CENTRE[1]) ** 2 <= RADIUS**2
    drawn = np.zeros(SHAPE, np.uint8)
    cv2.line(drawn, (170, 120), (420, 200), 1, 5)
    cv2.line(drawn, (260, 60), (240, 330), 1, 4)
    noise = np.random.default_rng(0).normal(0, 2, SHAPE)
    rgb = np.zeros((*SHAPE, 3))
    rgb[..., 0], rgb[..., 1], rgb[..., 2] = 190 * field, 110 * field, 40 * field
    rgb[..., 1] -= 35 * (drawn & field)
    rgb += noise[..., None] * field[..., None]
    scan = Scan("phantom", np.clip(rgb, 0, 255).astype(np.uint8), "OP", "retina")
    return scan, field, (drawn > 0) & field


def dice(a: np.ndarray, b: np.ndarray) -> float:
    return 2 * float((a & b).sum()) / float(a.sum() + b.sum())


def test_field_of_a_phantom() -> None:
    scan, field, _ = phantom()
    (found,) = FundusField().predict([scan])[0]
    assert dice(found.mask, field) > 0.99


def test_field_is_no_box_of_the_whole_picture() -> None:
    scan, _, _ = phantom()
    lit = replace(scan, display=np.full((*SHAPE, 3), 120, np.uint8))
    assert FundusField().predict([lit]) == [[]]


def test_vessels_of_a_phantom() -> None:
    scan, _, truth = phantom()
    (found,) = FundusVessels().predict([scan])[0]
    assert dice(found.mask, truth) > 0.7
    assert dice(found.mask[:, ::-1], truth) < 0.3
    assert dice(found.mask[::-1], truth) < 0.3


@pytest.mark.parametrize("expert", [FundusField(), FundusVessels()], ids=lambda e: e.card.name)
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"modality": "CT"}, "expert_unsuitable"),
        ({"anatomy": "skin"}, "expert_unsuitable"),
        ({"display": np.zeros((90, 90), np.uint8)}, "expert_input_missing"),
        ({"display": np.zeros((20, 90, 3), np.uint8)}, "expert_input_missing"),
    ],
)
def test_refusals(expert: FundusField, change: dict[str, object], reason: str) -> None:
    (answer,) = expert.predict([replace(phantom()[0], **change)])
    assert isinstance(answer, Refusal)
    assert answer.reason == reason


@pytest.mark.parametrize("expert", [FundusField(), FundusVessels()], ids=lambda e: e.card.name)
def test_a_batch_is_its_scans_alone(expert: FundusField) -> None:
    scan = phantom()[0]
    black = replace(scan, display=np.zeros((*SHAPE, 3), np.uint8))
    turned = replace(scan, display=np.ascontiguousarray(scan.display.transpose(1, 0, 2)))
    together = expert.predict([scan, black, turned])
    assert together[1] == []
    for one, answer in zip((scan, black, turned), together, strict=True):
        for found, again in zip(answer, expert.predict([one])[0], strict=True):
            assert np.array_equal(found.mask, again.mask)


@pytest.mark.samples
def test_real_vessels(samples: Path) -> None:
    import cv2

    folder = samples / "chasedb1_fundus" / "mini_test"
    for name in ("Image_02L.jpg", "Image_05R.jpg"):
        rgb = cv2.imread(str(folder / "images" / name))[::3, ::3, ::-1]
        truth = cv2.imread(str(folder / "masks" / name), cv2.IMREAD_GRAYSCALE)[::3, ::3] >= 128
        (found,) = FundusVessels().predict([Scan(name, np.ascontiguousarray(rgb), "OP")])[0]
        assert dice(found.mask, truth) > 0.5

"""Field of view and specular highlights of endoscopic pictures: phantoms, refusals, real pictures."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from expert_models.experts.base import Refusal, Scan
from expert_models.experts.endoscopy.field import EndoscopyField
from expert_models.experts.endoscopy.highlights import EndoscopyHighlights

SHAPE = (360, 440)


def phantom() -> tuple[Scan, np.ndarray, np.ndarray]:
    """Pink mucosa in a field with cut corners and an inset, a black lumen, two reflexes, letters outside."""
    import cv2

    field = np.zeros(SHAPE, np.uint8)
    cv2.fillPoly(field, [np.array([[90, 5], [350, 5], [430, 90], [430, 350], [140, 350], [140, 250],
                                   [30, 250], [30, 60]])], 1)  # fmt: skip
    shine = np.zeros(SHAPE, np.uint8)
    cv2.ellipse(shine, (320, 120), (9, 4), 20, 0, 360, 1, -1)
    cv2.ellipse(shine, (110, 170), (5, 5), 0, 0, 360, 1, -1)
    picture = np.zeros((*SHAPE, 3), float)
    picture[field > 0] = (190, 105, 90)
    lumen = np.zeros(SHAPE, np.uint8)
    cv2.circle(lumen, (250, 220), 40, 1, -1)
    picture[lumen > 0] = (6, 3, 3)
    picture += np.random.default_rng(2).normal(0, 2, SHAPE)[..., None] * field[..., None]
    picture[shine > 0] = (254, 252, 250)
    display = np.clip(picture, 0, 255).astype(np.uint8)
    cv2.putText(display, "A 12", (40, 300), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (255, 255, 255), 1)
    scan = Scan("phantom", display, "ES", "colon")
    return scan, field > 0, shine > 0


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    return float((a & b).sum()) / float((a | b).sum())


def test_field_of_a_phantom_holds_its_lumen_and_no_letters() -> None:
    scan, field, _ = phantom()
    (found,) = EndoscopyField().predict([scan])[0]
    assert overlap(found.mask, field) > 0.97
    assert overlap(found.mask[:, ::-1], field) < 0.95


def test_a_picture_lit_to_its_borders_has_no_field() -> None:
    plain = replace(phantom()[0], display=np.full((*SHAPE, 3), 120, np.uint8))
    assert EndoscopyField().predict([plain]) == [[]]
    assert EndoscopyHighlights().predict([plain]) == [[]]


def test_highlights_of_a_phantom() -> None:
    scan, _, shine = phantom()
    (found,) = EndoscopyHighlights().predict([scan])[0]
    assert overlap(found.mask, shine) > 0.75
    assert not (found.mask[:, ::-1] & shine).any()


EXPERTS = [EndoscopyField(), EndoscopyHighlights()]


@pytest.mark.parametrize("expert", EXPERTS, ids=lambda e: e.card.name)
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"modality": "US"}, "expert_unsuitable"),
        ({"display": np.zeros((90, 90), np.uint8)}, "expert_input_missing"),
        ({"display": np.zeros((90, 90, 3), np.float32)}, "expert_input_missing"),
        ({"display": np.zeros((90, 20, 3), np.uint8)}, "expert_input_missing"),
    ],
)
def test_refusals(expert: EndoscopyField, change: dict[str, object], reason: str) -> None:
    (answer,) = expert.predict([replace(phantom()[0], **change)])
    assert isinstance(answer, Refusal)
    assert answer.reason == reason


@pytest.mark.parametrize("expert", EXPERTS, ids=lambda e: e.card.name)
def test_a_batch_is_its_scans_alone(expert: EndoscopyField) -> None:
    scan = phantom()[0]
    black = replace(scan, display=np.zeros((*SHAPE, 3), np.uint8))
    turned = replace(scan, display=np.ascontiguousarray(scan.display.transpose(1, 0, 2)))
    together = expert.predict([scan, black, turned])
    assert together[1] == []
    for one, answer in zip((scan, black, turned), together, strict=True):
        for found, again in zip(answer, expert.predict([one])[0], strict=True):
            assert np.array_equal(found.mask, again.mask)


@pytest.mark.samples
def test_real_fields_hold_their_polyps_and_highlights_are_white(samples: Path) -> None:
    import cv2

    folder = samples / "kvasir_polyp" / "mini_test"
    for path in sorted((folder / "images").glob("*.jpg"))[:4]:
        rgb = np.ascontiguousarray(cv2.imread(str(path))[..., ::-1])
        polyp = cv2.imread(str(folder / "masks" / path.name), cv2.IMREAD_GRAYSCALE) >= 128
        scan = Scan(path.stem, rgb, "ES", "colon")
        (field,) = EndoscopyField().predict([scan])[0]
        assert (field.mask & polyp).sum() > 0.98 * polyp.sum()
        (shine,) = EndoscopyHighlights().predict([scan])[0]
        assert rgb[shine.mask].min(axis=1).mean() > 1.3 * rgb[field.mask].min(axis=1).mean()

"""Lung fields: a lopsided phantom with known truth, sides only where they are told, real films."""

import hashlib

import numpy as np
import pytest
from skimage.draw import polygon2mask

from expert_models.experts.base import Refusal, Scan
from expert_models.experts.radiograph.frontal import side_labels
from expert_models.experts.radiograph.lung_fields import (
    MARGIN,
    OUTLINES,
    LungFields,
    content_box,
    lung_fields,
    sampled,
    widened,
)
from pipelines.catalogue import find_declaration
from schemas.declaration import load_declaration
from schemas.reject import Fault
from schemas.vocabulary import findings
from transforms.formats.volume import Cut
from transforms.layouts.listing import list_items
from transforms.layouts.reading import read_item


def dice(a: np.ndarray, b: np.ndarray) -> float:
    return 2 * float((a & b).sum()) / float(a.sum() + b.sum())


def film(
    height: int = 260, width: int = 300, white: int | None = None
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Dark lungs on a bright, unevenly exposed chest; the image-left lung reaches lower; one may be white."""
    down, right = np.indices((height, width))
    gray = 150 + 40 * right / width + 20 * down / height
    truth = []
    for outline, (cx, cy, w, h) in zip(
        OUTLINES, ((0.5, 0.49, 0.84, 0.84), (0.49, 0.46, 0.84, 0.74)), strict=True
    ):
        points = (np.array([cx, cy]) + (outline - 0.5) * np.array([w, h])) * [width, height]
        truth.append(polygon2mask(gray.shape, points[:, ::-1]))
    for number, lung in enumerate(truth):
        gray[lung] -= 0 if number == white else 70
    noise = np.random.default_rng(5).normal(0, 6, gray.shape)
    return np.clip(gray + noise, 0, 255).astype(np.uint8), truth


def scan(display: np.ndarray, **fields: object) -> Scan:
    values: dict[str, object] = {
        "id": "s",
        "display": display,
        "modality": "CR",
        "anatomy": "chest",
        "view": "AP",
    }
    return Scan(**(values | fields))  # type: ignore[arg-type]


def test_each_lung_lies_where_it_is():
    display, truth = film()
    found = LungFields().predict([scan(display)])[0]
    assert [f.label for f in found] == ["right lung", "left lung"]
    for one, other in zip(found, truth, strict=True):
        assert dice(one.mask, other) > 0.9
    assert dice(found[0].mask, truth[1]) == 0


def test_padding_moves_the_lungs_with_the_film():
    display, truth = film()
    padded = np.pad(display, ((30, 0), (90, 10)))
    assert content_box(padded) == (30, 290, 90, 390)
    found = lung_fields(padded)
    assert dice(found[0][0], np.pad(truth[0], ((30, 0), (90, 10)))) > 0.9


@pytest.mark.parametrize("white", [0, 1])
def test_a_white_lung_is_laid_by_the_other(white):
    display, truth = film(white=white)
    fields = lung_fields(display)
    assert len(fields) == 2
    assert dice(fields[white][0], truth[white]) > 0.75
    assert dice(fields[1 - white][0], truth[1 - white]) > 0.85
    assert fields[white][1] < 0.25 < fields[1 - white][1]


def test_the_border_runs_outside_the_step():
    square = np.array([(0.2, 0.2), (0.6, 0.2), (0.6, 0.8), (0.2, 0.8)])
    wide = widened(square)
    assert wide.min(axis=0) == pytest.approx([0.2 - MARGIN, 0.2 - MARGIN], abs=1e-6)
    assert wide.max(axis=0) == pytest.approx([0.6 + MARGIN, 0.8 + MARGIN], abs=1e-6)


def test_a_picture_without_lungs_has_none():
    flat = np.full((200, 220), 90, np.uint8)
    noise = np.random.default_rng(1).normal(90, 2, (200, 220)).astype(np.uint8)
    assert LungFields().predict([scan(flat), scan(noise)]) == [[], []]
    inverted = 255 - film()[0]
    assert LungFields().predict([scan(inverted)]) == [[]]


@pytest.mark.parametrize(
    ("orientation", "view", "labels"),
    [
        ("L\\F", None, ("right lung", "left lung")),
        ("R\\F", "PA", ("left lung", "right lung")),
        (None, "PA", ("right lung", "left lung")),
        (None, None, ("lung", "lung")),
        ("A\\F", "AP", ("lung", "lung")),
    ],
)
def test_sides_are_the_patients_or_untold(orientation, view, labels):
    assert side_labels(orientation, view) == labels


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"modality": "CT"}, "expert_unsuitable"),
        ({"anatomy": "hand"}, "expert_unsuitable"),
        ({"view": "lateral"}, "expert_unsuitable"),
        ({"view": None, "orientation": "A\\F"}, "expert_unsuitable"),  # lateral by its letters
        ({"orientation": "F\\R"}, "expert_unsuitable"),  # a quarter turn
        ({"orientation": "R\\H"}, "expert_unsuitable"),  # upside down
        ({"anatomy": None}, "expert_input_missing"),
    ],
)
def test_refusals(fields, reason):
    [answer] = LungFields().predict([scan(film()[0], **fields)])
    assert isinstance(answer, Refusal)
    assert answer.reason == reason


@pytest.mark.parametrize("orientation", [None, "L\\F"])
@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_turned_film_gets_no_lungs(quarters, orientation):
    display, _ = film()
    turned = scan(np.rot90(display, quarters).copy(), orientation=orientation)
    [answer] = LungFields().predict([turned])
    assert isinstance(answer, Refusal) or answer == []


def test_a_film_upside_down_is_told_to_be():
    display, _ = film()
    assert lung_fields(np.rot90(display, 2))  # outlines would be laid on it
    [answer] = LungFields().predict([scan(np.rot90(display, 2).copy())])
    assert isinstance(answer, Refusal)
    assert answer.reason == "expert_unsuitable"
    assert "turned" in answer.detail


def test_a_batch_is_its_scans_one_by_one():
    display, _ = film()
    color = np.repeat(display[..., None], 3, axis=2)
    scans = [scan(display), scan(display, view="lateral"), scan(color), scan(display[:150])]
    together = LungFields().predict(scans)
    for answer, one in zip(together, scans, strict=True):
        [alone] = LungFields().predict([one])
        assert repr(answer) == repr(alone)
        if not isinstance(answer, Refusal):
            assert all((a.mask == b.mask).all() for a, b in zip(answer, alone, strict=True))


def test_normals_point_outward_and_labels_are_terms():
    points, normals = sampled(np.array([(0.0, 0.0), (1.0, 0.0), (1.0, 2.0), (0.0, 2.0)]))
    assert (((points - [0.5, 1.0]) * normals).sum(axis=1) > 0).all()
    assert all(findings().get(label) is not None for label in LungFields().card.labels)


@pytest.mark.samples
def test_real_films(samples):
    """Films of the half not tuned on."""
    declaration = load_declaration(find_declaration("covid-cxr-segmentations"))
    root = samples / str(declaration.folder)
    values = []
    for item in list_items(declaration, root).items:
        odd = int(hashlib.sha256(item.name.encode()).hexdigest(), 16) % 2
        if not odd or not any(word in item.name for word in ("klebsiella", "kjr", "pneumonia-28")):
            continue
        for picture in read_item(item, declaration, root, Cut()):
            if isinstance(picture, Fault):
                continue
            masks = [a.mask for a in picture.annotations if a.label in ("Left Lung", "Right Lung")]
            if len(masks) == 2:
                found = LungFields().predict([scan(picture.display)])[0]
                union = np.any([f.mask for f in found] or [np.zeros_like(masks[0])], axis=0)
                values.append(dice(union, masks[0] | masks[1]))
    assert len(values) >= 2
    assert np.mean(values) > 0.7

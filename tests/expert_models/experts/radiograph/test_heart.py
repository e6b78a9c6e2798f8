"""The heart's outline: a lopsided phantom, its mirror image, what is refused, and real films."""

import numpy as np
import pytest

from expert_models.experts.base import Refusal, Scan
from expert_models.experts.radiograph.heart import CxrHeart
from expert_models.experts.radiograph.lung_fields import OUTLINES, lung_fields
from pipelines.catalogue import find_declaration
from pipelines.evaluating.halves import half_of
from schemas.declaration import load_declaration
from schemas.reject import Fault
from schemas.vocabulary import findings
from transforms.formats.volume import Cut
from transforms.layouts.listing import list_items
from transforms.layouts.reading import read_item


def film(tilt: float = 0.35) -> tuple[np.ndarray, np.ndarray]:
    """Dark lungs on a bright chest, and a heart that points to the lower image right."""
    from skimage.draw import polygon2mask

    height, width = 300, 330
    down, right = np.indices((height, width))
    gray = 150 + 20 * down / height
    for outline in OUTLINES:
        points = (np.array([0.5, 0.48]) + (outline - 0.5) * np.array([0.88, 0.82])) * [
            width,
            height,
        ]
        gray[polygon2mask(gray.shape, points[:, ::-1])] -= 70
    x, y = right - 172.0, down - 195.0
    along, across = x * np.cos(tilt) + y * np.sin(tilt), -x * np.sin(tilt) + y * np.cos(tilt)
    heart = (along / 82) ** 2 + (across / 58) ** 2 <= 1
    gray[heart] = 165
    noise = np.random.default_rng(8).normal(0, 6, gray.shape)
    return np.clip(gray + noise, 0, 255).astype(np.uint8), heart


def scan(display: np.ndarray, **fields: object) -> Scan:
    given: dict[str, object] = {"modality": "CR", "anatomy": "chest", "view": "PA"}
    return Scan("s", display, **(given | fields))  # type: ignore[arg-type]


def dice(a: np.ndarray, b: np.ndarray) -> float:
    return 2 * float((a & b).sum()) / float(a.sum() + b.sum())


def test_the_heart_is_outlined() -> None:
    display, heart = film()
    ((found,),) = CxrHeart().predict([scan(display)])
    assert found.label == "heart"
    assert dice(found.mask, heart) > 0.85
    assert dice(found.mask, heart) > dice(found.mask, heart[:, ::-1]) + 0.05


def test_a_film_seen_from_behind_is_mirrored() -> None:
    display, _ = film()
    ((found,),) = CxrHeart().predict([scan(display[:, ::-1].copy(), orientation="R\\F")])
    ((straight,),) = CxrHeart().predict([scan(display)])
    assert (found.mask == straight.mask[:, ::-1]).all()


def test_no_lungs_no_heart() -> None:
    flat = np.random.default_rng(1).normal(90, 2, (200, 220)).astype(np.uint8)
    assert CxrHeart().predict([scan(flat), scan(255 - film()[0])]) == [[], []]


def test_beside_a_lung_that_is_not_seen_there_is_no_heart() -> None:
    display, _ = film()
    half = display.copy()
    half[:, :150] = np.random.default_rng(3).normal(150, 6, half[:, :150].shape)
    assert len(lung_fields(half.astype(float))) == 2
    assert CxrHeart().predict([scan(half)]) == [[]]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"modality": "CT"}, "expert_unsuitable"),
        ({"view": "lateral"}, "expert_unsuitable"),
        ({"orientation": "R\\H"}, "expert_unsuitable"),
        ({"anatomy": None}, "expert_input_missing"),
    ],
)
def test_refusals(fields: dict[str, object], reason: str) -> None:
    (answer,) = CxrHeart().predict([scan(film()[0], **fields)])
    assert isinstance(answer, Refusal)
    assert answer.reason == reason


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_turned_film_has_no_heart(quarters: int) -> None:
    (answer,) = CxrHeart().predict([scan(np.rot90(film()[0], quarters).copy())])
    assert isinstance(answer, Refusal) or answer == []


def test_it_is_a_candidate_by_its_card_and_a_term() -> None:
    assert CxrHeart.card.candidate
    assert all(label in findings() for label in CxrHeart.card.labels)


@pytest.mark.samples
def test_real_films_of_the_report_half(samples) -> None:
    """No heart is outlined there, but the cardiomediastinum that it is part of."""
    declaration = load_declaration(find_declaration("covid-cxr-segmentations"))
    root = samples / str(declaration.folder)
    shares = []
    for item in list_items(declaration, root).items:
        if half_of(item.name) != "report" or len(shares) == 5:
            continue
        for picture in read_item(item, declaration, root, Cut()):
            if isinstance(picture, Fault):
                continue
            drawn = [a.mask for a in picture.annotations if a.label == "Cardiomediastinum"]
            (found,) = CxrHeart().predict([scan(picture.display)])
            if drawn and found:
                shares.append(float((found[0].mask & drawn[0]).sum() / found[0].mask.sum()))
    assert len(shares) == 5
    assert np.mean(shares) > 0.7

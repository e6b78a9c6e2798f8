"""Brain of an MR slice: a lopsided head with known truth, what is no brain, refusals, a real template."""

import numpy as np
import pytest

from expert_models.experts.base import Refusal, Scan
from expert_models.experts.mr.brain import BrainMask
from pipelines.catalogue import find_declaration
from schemas.declaration import load_declaration
from schemas.reject import Fault
from schemas.vocabulary import findings
from transforms.formats.volume import Cut
from transforms.layouts.listing import list_items
from transforms.layouts.reading import read_item


def dice(a: np.ndarray, b: np.ndarray) -> float:
    return 2 * float((a & b).sum()) / float(a.sum() + b.sum())


def ellipse(down: float, right: float, high: float, wide: float) -> np.ndarray:
    rows, columns = np.indices((220, 180))
    return ((rows - down) / high) ** 2 + ((columns - right) / wide) ** 2 <= 1


def head() -> tuple[np.ndarray, np.ndarray]:
    """Scalp, bone, brain with a ventricle; the brain sits lower and to the right, a bridge holds it."""
    gray = np.zeros((220, 180))
    gray[ellipse(110, 90, 95, 75)] = 210  # scalp fat
    gray[ellipse(112, 92, 86, 66)] = 15  # bone
    truth = ellipse(115, 95, 76, 56)
    gray[truth] = 130
    gray[ellipse(105, 88, 18, 7)] = 40  # ventricle
    gray[110:114, 25:45] = 120  # a nerve to the scalp
    noise = np.random.default_rng(2).normal(0, 4, gray.shape)
    return np.clip(gray + noise * (gray > 0), 0, 255).astype(np.uint8), truth


def scan(display: np.ndarray, **fields: object) -> Scan:
    values: dict[str, object] = {
        "id": "s",
        "display": display,
        "modality": "MR",
        "anatomy": "brain",
        "plane": "axial",
    }
    return Scan(**(values | fields))  # type: ignore[arg-type]


def test_the_brain_is_cut_from_the_scalp():
    display, truth = head()
    [found] = BrainMask().predict([scan(display)])[0]
    assert found.label == "brain"
    assert dice(found.mask, truth) > 0.95
    [turned] = BrainMask().predict([scan(np.ascontiguousarray(display[::-1, ::-1]))])[0]
    assert dice(turned.mask, truth[::-1, ::-1]) > 0.95


def test_what_is_no_brain_in_a_skull_is_nothing():
    display, truth = head()
    stripped = np.where(truth, display, 0).astype(np.uint8)
    muscle = np.where(ellipse(110, 90, 95, 75), 120, 0).astype(np.uint8)
    black = np.zeros((220, 180), np.uint8)
    assert BrainMask().predict([scan(s) for s in (stripped, muscle, black)]) == [[], [], []]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"modality": "CT"}, "expert_unsuitable"),
        ({"anatomy": "abdomen"}, "expert_unsuitable"),
        ({"anatomy": None}, "expert_input_missing"),
        ({"plane": "sagittal"}, "expert_input_missing"),
        ({"plane": None}, "expert_input_missing"),
    ],
)
def test_refusals(fields, reason):
    [answer] = BrainMask().predict([scan(head()[0], **fields)])
    assert isinstance(answer, Refusal)
    assert answer.reason == reason


def test_a_batch_is_its_scans_one_by_one():
    display, _ = head()
    color = np.repeat(display[..., None], 3, axis=2)
    scans = [scan(display), scan(display, plane=None), scan(color), scan(display[::-1])]
    together = BrainMask().predict(scans)
    for answer, one in zip(together, scans, strict=True):
        [alone] = BrainMask().predict([one])
        assert repr(answer) == repr(alone)
        if not isinstance(answer, Refusal):
            assert all((a.mask == b.mask).all() for a, b in zip(answer, alone, strict=True))


def test_labels_are_terms_and_it_is_a_candidate():
    assert all(findings().get(label) is not None for label in BrainMask().card.labels)
    assert BrainMask().card.candidate


@pytest.mark.samples
def test_a_real_head_holds_its_lesion(samples):
    """A template without brain outline: the brain is a plausible share, and holds the mapped lesions."""
    declaration = load_declaration(find_declaration("lesymap"))
    root = samples / str(declaration.folder)
    item = list_items(declaration, root).items[0]
    seen = 0
    for picture in read_item(item, declaration, root, Cut(planes=("axial",), max_slices=3)):
        if isinstance(picture, Fault):
            continue
        [found] = BrainMask().predict([scan(picture.display)])[0]
        assert 0.15 < found.mask.mean() < 0.6
        lesion = np.any([a.mask for a in picture.annotations], axis=0)
        assert (found.mask & lesion).sum() > 0.85 * lesion.sum()
        seen += 1
    assert seen == 3

"""Measured words on real annotations: what a reader of such images would say."""

from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest

from transforms.picture import Annotation, Picture
from transforms.regions.locate import Located, locate


def read(path: Path) -> np.ndarray:
    return cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)


def located(display: np.ndarray, annotations: list[Annotation], modality: str) -> Located:
    return locate(
        Picture("", display, annotations=annotations), "img-1", producer="annotation:x@1",
        label_map={}, complete={"nucleus"}, smallest_px=4, modality=modality,
    )  # fmt: skip


def words(out: Located, kind: str) -> Counter[str | None]:
    return Counter(f.value for f in out.facts if f.kind == kind)


@pytest.mark.samples
def test_breast_lesions(samples: Path) -> None:
    """Lesions are hypoechoic; an irregular outline goes with malignancy (BI-RADS)."""
    folder = samples / "busbra_ultrasound" / "TensorFlowFlexUNet" / "BUS-BRA" / "mini_test"
    outlines: Counter[tuple[bool, str | None]] = Counter()
    tones: Counter[str | None] = Counter()
    for path in sorted((folder / "images").glob("*.png")):
        mask = read(folder / "masks" / path.name).max(axis=2) > 128
        out = located(read(path), [Annotation("breast lesion", mask=mask)], "US")
        assert len(out.regions) == 1
        tones += words(out, "brightness")
        for word, n in words(out, "outline").items():
            outlines[("malignant" in path.name, word)] += n
    assert tones["darker"] >= 30
    assert set(tones) == {"darker"}
    assert outlines[(True, "irregular")] >= 10
    assert outlines[(False, "irregular")] <= 2
    assert outlines[(False, "smooth")] >= 5
    assert outlines[(True, "smooth")] <= 1


@pytest.mark.samples
def test_nuclei(samples: Path) -> None:
    """Every mask is one region; nuclei are bright in fluorescence and dark in stained tissue."""
    seen: Counter[bool] = Counter()
    for folder in sorted((samples / "dsb2018_nuclei" / "stage1_train").iterdir())[:8]:
        display = read(next((folder / "images").glob("*.png")))
        files = sorted((folder / "masks").glob("*.png"))
        annotations = [
            Annotation("nucleus", mask=read(f).max(axis=2) > 0, instance=f.stem) for f in files
        ]
        fluorescence = display.mean() < 100
        out = located(display, annotations, "GM-FL" if fluorescence else "GM-BF")
        assert len(out.regions) >= 0.9 * len(files)
        assert set(words(out, "brightness")) <= {"brighter" if fluorescence else "darker"}
        assert sum(words(out, "brightness").values()) >= 0.7 * len(files)
        assert {f.value for f in out.facts if f.kind == "outline"} == set()
        seen[fluorescence] += 1
    assert seen[True] >= 2
    assert seen[False] >= 2

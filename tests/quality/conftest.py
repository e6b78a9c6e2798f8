"""One chest CT by hand, unlike itself when mirrored, doubled or denied."""

import pytest

from schemas.fact import Fact, fact
from schemas.image import Image
from schemas.region import Region
from transforms.sheet import FactSheet

IMAGE = "img-1"
SIZE = (300, 200)  # width, height


def image(**fields: object) -> Image:
    """A valid image; a test names only the fields it is about."""
    row: dict[str, object] = {
        "id": IMAGE, "image": {"bytes": None, "path": None}, "width": SIZE[0], "height": SIZE[1], "modality": "CT",
        "anatomy": "chest", "source": "hand", "item": "a", "patient_key": "p", "study_key": None, "frame": None,
        "plane": "axial", "spacing_mm": [0.5, 0.5], "orientation": "L\\P", "pixel_sha256": "0", "phash": "0",
        "license": "CC-BY-4.0", "split": "train", "window": "lung",
    }  # fmt: skip
    return Image(**(row | fields))  # type: ignore[arg-type]


def region(
    id: str, label: str, kind: str, box: list[float], position: str, **fields: object
) -> Region:
    """A valid box region."""
    area = (box[2] - box[0]) * (box[3] - box[1]) / (SIZE[0] * SIZE[1])
    row: dict[str, object] = {
        "id": id, "label": label, "kind": kind, "box": box, "mask": None, "area_fraction": area, "position": position,
        "side": "unknown", "extent_mm": None, "parent": None, "producer": "annotation:hand@1", "score": None,
        "source_label": label, "mapped": True,
    }  # fmt: skip
    return Region(**(row | fields))  # type: ignore[arg-type]


def measured(id: str, major: float, minor: float, hu: float, **words: str) -> list[Fact]:
    """Sizes, CT number and looks of one region."""
    return [
        fact(id, "major_axis", number=major, unit="mm"),
        fact(id, "minor_axis", number=minor, unit="mm"),
        fact(id, "attenuation", number=hu, unit="HU"),
        *(fact(id, kind, value=value) for kind, value in words.items()),
    ]


@pytest.fixture(scope="session")
def chest() -> FactSheet:
    """Two nodules, "small" (12.0 x 8.1 mm, upper right of the image, patient's left, in the left lung) and
    "large" (24.4 x 20 mm, lower left of the image), a left and a right lung; no effusion; silent on masses.
    """
    regions = [
        region("left-lung", "left lung", "organ", [170, 10, 290, 180], "middle right", side="left"),
        region("right-lung", "right lung", "organ", [10, 20, 120, 190], "middle left", side="right"),
        region("small", "pulmonary nodule", "lesion", [220, 30, 244, 48], "upper right", side="left",
               parent="left-lung"),
        region("large", "pulmonary nodule", "lesion", [40, 140, 89, 180], "lower left", side="right",
               parent="right-lung"),
    ]  # fmt: skip
    facts = [
        *(fact(IMAGE, k, value=v) for k, v in (("modality", "CT"), ("anatomy", "chest"), ("plane", "axial"),
                                               ("window", "lung"), ("sex", "female"))),
        fact(IMAGE, "age", number=57, unit="a"),
        fact(IMAGE, "finding", value="pleural effusion", polarity="absent"),
        fact(IMAGE, "finding", value="emphysema"),
        fact(IMAGE, "count", value="pulmonary nodule", number=2, unit="1"),
        fact(IMAGE, "complete", value="pulmonary nodule"),
        fact(IMAGE, "complete", value="pneumothorax"),
        *(fact(r.id, "label", value=r.label) for r in regions),
        *(fact(r.id, "position", value=r.position) for r in regions),
        *measured("small", 12.04, 8.1, 40, brightness="brighter", homogeneity="homogeneous",
                  outline="smooth", shape="oval"),
        *measured("large", 24.4, 20.0, -15, brightness="darker", homogeneity="heterogeneous",
                  outline="irregular", shape="round"),
        fact("large", "larger_than", object="small"),
        fact("small", "above", object="large"),
        fact("large", "left_of", object="small"),
        fact("right-lung", "left_of", object="left-lung"),
        fact("left-lung", "volume", number=2310, unit="mL"),
        fact("small", "inside", object="left-lung"),
        fact("large", "overlaps", object="right-lung"),
        fact("small", "distance", object="large", number=83.2, unit="mm"),
        fact("right-lung", "adjacent", object="left-lung"),
    ]  # fmt: skip
    return FactSheet(image(), regions, facts)


def _proposal(
    id: str, label: str, kind: str, box: list[float], position: str, producer: str, candidate: bool
) -> Region:
    return region(id, label, kind, box, position, producer=producer, candidate=candidate)


@pytest.fixture(scope="session")
def colon() -> FactSheet:
    """An endoscopy with a polyp drawn by its source ("sure", upper left), a polyp candidate ("maybe", lower
    right), two ulcer candidates ("ulcer-a" upper right, "ulcer-b" middle left) though the source denies
    ulcers, and the camera aperture, outlined by an expert that is no candidate ("field").
    """
    finder, field = "polyp-finder@1", "endoscopy-field@1"
    regions = [
        region("sure", "polyp", "lesion", [20, 20, 60, 50], "upper left"),
        _proposal("maybe", "polyp", "lesion", [220, 150, 250, 170], "lower right", finder, True),
        _proposal("ulcer-a", "ulcer", "lesion", [240, 10, 280, 34], "upper right", finder, True),
        _proposal("ulcer-b", "ulcer", "lesion", [15, 90, 45, 112], "middle left", finder, True),
        _proposal("field", "camera aperture", "structure", [2, 4, 296, 190], "center", field, False),
    ]  # fmt: skip
    facts = [
        fact(IMAGE, "modality", value="ES"),
        fact(IMAGE, "anatomy", value="colon"),
        fact(IMAGE, "finding", value="ulcer", polarity="absent"),
        fact(IMAGE, "complete", value="instrument"),
        fact(IMAGE, "count", value="polyp", number=2, unit="1"),
        fact(IMAGE, "count", value="ulcer", number=2, unit="1"),
        *(
            fact(r.id, "label", value=r.label, origin="annotated" if r.annotated else "expert_model")
            for r in regions
        ),
        *(fact(r.id, "position", value=r.position) for r in regions),
        fact("sure", "major_axis", number=41.2, unit="px"),
        fact("sure", "brightness", value="brighter"),
        fact("maybe", "major_axis", number=30.4, unit="px"),
        fact("maybe", "brightness", value="darker"),
        fact("maybe", "homogeneity", value="homogeneous"),
        fact("maybe", "inside", object="field"),
        fact("sure", "inside", object="field"),
        fact("sure", "left_of", object="maybe"),
        fact("sure", "above", object="maybe"),
        fact("sure", "larger_than", object="maybe"),
        fact("sure", "distance", object="maybe", number=187.0, unit="px"),
        fact("sure", "agreement", value=finder, number=0.83, unit="1", origin="expert_model"),
        fact("maybe", "support", value="other@2", number=0.77, unit="1", origin="expert_model"),
    ]  # fmt: skip
    seen = image(modality="ES", anatomy="colon", plane=None, spacing_mm=None, window=None)
    return FactSheet(seen, regions, facts)

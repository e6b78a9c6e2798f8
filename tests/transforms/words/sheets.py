"""Ten fact sheets made by hand: the cases that words and questions must get right."""

import random
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from schemas.fact import Fact, fact
from schemas.ids import content_id
from schemas.image import Image
from schemas.region import Region
from transforms.sheet import FactSheet, sheet_of


def image(name: str, **fields: Any) -> Image:
    """An image row whose id hangs on `name` alone."""
    row: dict[str, Any] = {
        "id": content_id("img", name), "image": {"bytes": None, "path": f"{name}.png"},
        "width": 512, "height": 512, "modality": "OT", "anatomy": None, "source": "demo",
        "item": name, "patient_key": name, "study_key": None, "frame": None, "plane": None,
        "spacing_mm": None, "orientation": None, "pixel_sha256": "0" * 64, "phash": "0" * 16,
        "license": "CC0-1.0", "split": "train",
    }  # fmt: skip
    return Image(**(row | fields))


class Maker:
    """Collects regions and facts of one image; `sheet()` hands them over."""

    def __init__(self, name: str, **fields: Any) -> None:
        self.image = image(name, **fields)
        self.regions: list[Region] = []
        self.facts: list[Fact] = []

    def says(self, kind: str, value: str | None = None, **rest: Any) -> "Maker":
        """A fact on the image."""
        self.facts.append(fact(self.image.id, kind, value=value, origin="declared", **rest))
        return self

    def region(
        self, label: str, box: tuple[float, ...], position: str, *, kind: str = "lesion",
        area: float = 0.02, masked: bool = True, side: str = "unknown", size: Any = None,
        unit: str = "px", volume: float | None = None, hu: float | None = None, **looks: str,
    ) -> str:  # fmt: skip
        """A region with label, position and area facts, and those named. Returns its id."""
        rid = content_id("reg", self.image.id, label, box)
        mask = {"size": [self.image.height, self.image.width], "counts": "0"} if masked else None
        extent = list(size) if size and unit == "mm" else None
        self.regions.append(
            Region(rid, label, kind, list(box), mask, area, position, side, extent, None,
                   "annotation:demo@1", None, label, True)
        )  # fmt: skip
        add = self.facts.append
        add(fact(rid, "label", value=label, origin="annotated"))
        if position:
            add(fact(rid, "position", value=position))
        add(fact(rid, "area_fraction", number=area, unit="1"))
        if side in ("left", "right"):
            add(fact(rid, "side", value=side))
        for axis, number in zip(("major_axis", "minor_axis"), size or (), strict=False):
            add(fact(rid, axis, number=number, unit=unit))
        if volume is not None:
            add(fact(rid, "volume", number=volume, unit="mL"))
        if hu is not None:
            add(fact(rid, "attenuation", number=hu, unit="HU"))
        for look, value in looks.items():
            add(fact(rid, look, value=value))
        return rid

    def relates(self, a: str, kind: str, b: str, **rest: Any) -> "Maker":
        """A fact between two regions."""
        self.facts.append(fact(a, kind, object=b, **rest))
        return self

    def all_of(self, label: str) -> "Maker":
        """`label` is annotated exhaustively; its regions are counted."""
        number = sum(r.label == label for r in self.regions)
        self.says("complete", label)
        return self.says("count", label, number=number, unit="1") if number else self

    def sheet(self) -> FactSheet:
        return sheet_of(self.image, self.regions, self.facts)


def chest_xray(name: str = "cxr") -> FactSheet:
    """Both lungs, an opacity in one, a tube; nothing is known to be complete but the lungs."""
    m = Maker(name, modality="CR", anatomy="chest", width=1024, height=1024)
    m.says("modality", "CR").says("anatomy", "chest").says("view", "PA")
    m.says("age", number=63, unit="a").says("sex", "female")
    m.says("finding", "pneumonia").says("finding", "pneumothorax", polarity="absent")
    right = m.region("right lung", (120, 180, 470, 800), "middle left", kind="organ", area=0.17,
                     side="right", brightness="darker", homogeneity="heterogeneous")  # fmt: skip
    left = m.region("left lung", (560, 190, 900, 790), "middle right", kind="organ", area=0.15,
                    side="left", brightness="darker", homogeneity="heterogeneous")  # fmt: skip
    opacity = m.region("ground-glass opacity", (200, 560, 380, 720), "lower left", area=0.021, side="right",
                       size=(181.3, 122.4), brightness="brighter", homogeneity="heterogeneous",
                       outline="irregular", shape="oval")  # fmt: skip
    m.region("endotracheal tube", (500, 40, 530, 330), "upper center", kind="device", area=0.004,
             masked=False)  # fmt: skip
    m.relates(opacity, "inside", right).relates(right, "left_of", left)
    m.relates(right, "larger_than", opacity).relates(left, "larger_than", opacity)
    return m.all_of("left lung").all_of("right lung").sheet()


def breast_ultrasound(name: str = "us") -> FactSheet:
    """One lesion with sizes in pixels; the class is of the whole image; the side is known."""
    m = Maker(name, modality="US", anatomy="breast")
    m.says("modality", "US").says("anatomy", "breast").says("image_side", "left")
    m.says("finding", "cancerous breast lesion").says(
        "finding", "benign breast lesion", polarity="absent"
    )
    m.region("breast lesion", (150, 180, 360, 330), "center", area=0.0914, size=(210.4, 143.2),
             brightness="darker", homogeneity="heterogeneous", outline="irregular",
             shape="oval")  # fmt: skip
    return m.all_of("breast lesion").sheet()


def abdominal_ct(name: str = "ct") -> FactSheet:
    """Liver, kidneys, spleen, aorta and more, with HU and volumes; the spleen's silence is absence."""
    m = Maker(name, modality="CT", anatomy="abdomen", plane="axial", spacing_mm=[0.78, 0.78])
    m.says("modality", "CT").says("anatomy", "abdomen").says("plane", "axial")
    m.says("window", "soft tissue")
    liver = m.region("liver", (60, 120, 250, 330), "middle left", kind="organ", area=0.132, hu=104.4,
                     volume=1423.4, size=(148.2, 110.1), unit="mm")  # fmt: skip
    right = m.region("right kidney", (120, 300, 180, 380), "lower left", kind="organ", area=0.014,
                     hu=171.2, volume=152.3, size=(61.2, 44.3), unit="mm", side="right")  # fmt: skip
    left = m.region("left kidney", (330, 300, 395, 385), "lower right", kind="organ", area=0.016,
                    hu=168.9, volume=160.9, size=(65.1, 47.5), unit="mm", side="left")  # fmt: skip
    aorta = m.region("aorta", (262, 290, 292, 320), "center", kind="structure", area=0.003, hu=212.0,
                     volume=31.2, size=(23.4, 21.9), unit="mm")  # fmt: skip
    m.relates(liver, "adjacent", right).relates(right, "left_of", left)
    m.relates(liver, "left_of", aorta).relates(liver, "above", aorta)
    m.relates(aorta, "distance", right, number=64.2, unit="mm")
    m.relates(left, "distance", aorta, number=29.9, unit="mm")
    for big, small in (
        (liver, right),
        (liver, left),
        (liver, aorta),
        (right, aorta),
        (left, aorta),
    ):
        m.relates(big, "larger_than", small)
    for label in ("liver", "right kidney", "left kidney", "aorta", "spleen", "pancreas", "stomach"):
        m.all_of(label)
    return m.sheet()


def fundus(name: str = "op") -> FactSheet:
    """Vessels all over the image, so without a position, and the disc; the eye is known."""
    m = Maker(name, modality="OP", anatomy="retina", width=2997, height=2880)
    m.says("modality", "OP").says("anatomy", "retina").says("image_side", "right")
    m.says("age", number=10, unit="a")
    m.region("optic disc", (2100, 1300, 2450, 1650), "middle right", kind="structure", area=0.0112,
             size=(352.1, 341.8), brightness="brighter")  # fmt: skip
    m.region("retinal blood vessel", (60, 80, 2900, 2800), "", kind="structure", area=0.0826,
             brightness="darker")  # fmt: skip
    return m.all_of("retinal blood vessel").sheet()


def dermoscopy(name: str = "dms") -> FactSheet:
    """A label of the whole image and nothing else: no melanoma."""
    m = Maker(name, modality="DMS", anatomy="skin")
    m.says("modality", "DMS").says("anatomy", "skin").says("sex", "male")
    m.says("age", number=90, unit="a")
    return m.says("finding", "melanoma", polarity="absent").sheet()


def blood_smear(name: str = "blood") -> FactSheet:
    """Twenty red cells and a white one, boxes only; platelets are not exhaustive."""
    m = Maker(name, modality="GM-BF", anatomy="blood", width=640, height=480)
    m.says("modality", "GM-BF").says("anatomy", "blood").says("stain", "Giemsa")
    rng = random.Random(3)
    _scatter(m, rng, "red blood cell", 20, 90)
    m.region("white blood cell", (300, 200, 470, 380), "center", kind="cell", area=0.0996,
             masked=False)  # fmt: skip
    return m.all_of("red blood cell").all_of("white blood cell").sheet()


def _scatter(m: Maker, rng: random.Random, label: str, n: int, size: int, **more: Any) -> list[str]:
    places = ("left", "center", "right")
    rows = ("upper", "middle", "lower")
    ids = []
    for _ in range(n):
        x, y = rng.randrange(m.image.width - size), rng.randrange(m.image.height - size)
        column = places[int(3 * (x + size / 2) / m.image.width)]
        row = rows[int(3 * (y + size / 2) / m.image.height)]
        position = "center" if (row, column) == ("middle", "center") else f"{row} {column}"
        side = size - rng.randrange(size // 2)
        area = side * side / m.image.width / m.image.height
        extra = {"size": (side + 0.4, side - 2.3)} if more.get("masked", False) else {}
        ids.append(
            m.region(label, (x, y, x + side, y + side), position, kind="cell", area=area,
                     **({"masked": False} | more | extra))
        )  # fmt: skip
    return ids


def nuclei(name: str = "nuclei") -> FactSheet:
    """Ninety nuclei with masks, some touching."""
    m = Maker(name, modality="GM-FL", anatomy="cultured cells", width=320, height=256)
    m.says("modality", "GM-FL").says("anatomy", "cultured cells")
    ids = _scatter(m, random.Random(5), "nucleus", 90, 24, masked=True, brightness="brighter",
                   shape="oval")  # fmt: skip
    m.relates(ids[0], "adjacent", ids[1]).relates(ids[2], "adjacent", ids[1])
    return m.all_of("nucleus").sheet()


def pet(name: str = "pet") -> FactSheet:
    """An altered copy: sides and sizes do not hold."""
    m = Maker(name, modality="PT", anatomy="lower limb", flags=["augmented copy"])
    m.says("modality", "PT").says("anatomy", "lower limb").says("plane", "axial")
    m.region("soft-tissue sarcoma", (200, 220, 300, 300), "center", area=0.0231, size=(96.2, 74.9),
             brightness="brighter", homogeneity="homogeneous", shape="oval")  # fmt: skip
    return m.all_of("soft-tissue sarcoma").sheet()


def ms_lesions(name: str = "ms") -> FactSheet:
    """Seven lesions in a brain slice, sizes in mm."""
    m = Maker(name, modality="MR", anatomy="brain", width=182, height=218, spacing_mm=[1.0, 1.0])
    m.says("modality", "MR").says("anatomy", "brain").says("plane", "axial")
    m.says("sequence", "FLAIR").says("age", number=38, unit="a").says("sex", "female")
    m.says("finding", "multiple sclerosis lesion")
    at = [("upper left", 9.4), ("upper left", 6.2), ("upper center", 4.1), ("center", 14.8),
          ("middle right", 5.5), ("middle right", 3.2), ("lower right", 7.7)]  # fmt: skip
    for i, (place, d) in enumerate(at):
        m.region("multiple sclerosis lesion", (10 * i, 20 * i, 10 * i + d, 20 * i + d), place,
                 area=d * d / 50000, size=(d, 0.7 * d), unit="mm", brightness="brighter",
                 shape="round" if i % 3 else "oval", side="left" if i > 3 else "right")  # fmt: skip
    return m.all_of("multiple sclerosis lesion").sheet()


def bare(name: str = "bare") -> FactSheet:
    """Nothing but the modality."""
    return Maker(name, modality="MR").says("modality", "MR").sheet()


def two_nodules(name: str = "nodules") -> FactSheet:
    """Two nodules of clearly different size in one lung on CT, complete."""
    m = Maker(name, modality="CT", anatomy="chest", plane="axial", spacing_mm=[0.7, 0.7])
    m.says("modality", "CT").says("anatomy", "chest").says("plane", "axial").says("window", "lung")
    lung = m.region("right lung", (40, 90, 230, 400), "middle left", kind="organ", area=0.21,
                    side="right", hu=-842.6)  # fmt: skip
    big = m.region("pulmonary nodule", (80, 120, 110, 148), "upper left", area=0.0028, size=(20.6, 17.2),
                   unit="mm", side="right", brightness="brighter", shape="oval", hu=31.2)  # fmt: skip
    small = m.region("pulmonary nodule", (150, 300, 162, 311), "middle left", area=0.0005,
                     size=(8.04, 6.5), unit="mm", side="right", brightness="brighter",
                     shape="round", hu=-12.4)  # fmt: skip
    m.relates(big, "inside", lung).relates(small, "inside", lung).relates(big, "larger_than", small)
    return m.all_of("pulmonary nodule").all_of("right lung").all_of("left lung").sheet()


SHEETS = {
    f.__name__: f
    for f in (chest_xray, breast_ultrasound, abdominal_ct, fundus, dermoscopy, blood_smear, nuclei,
              pet, ms_lesions, bare, two_nodules)
}  # fmt: skip
"""Every case by name; each takes the name of its image, so that a test may ask for many ids."""


def found(sheet: FactSheet, labels: Collection[str] = (), *, candidate: bool = True) -> FactSheet:
    """The same sheet where an expert found the regions of `labels` (none named: all), as candidates or not.

    What experts find is never known to be all.
    """
    named = set(labels) or {r.label for r in sheet.regions}
    regions = [
        replace(r, producer="finder@1", candidate=candidate) if r.label in named else r
        for r in sheet.regions
    ]
    facts = [f for f in sheet.facts if not (f.kind == "complete" and f.value in named)]
    return FactSheet(sheet.image, regions, facts)

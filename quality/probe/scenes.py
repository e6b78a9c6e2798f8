"""Fact sheets with exact truth, drawn by seed: the probe's material when no corpus is given."""

from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import yaml

from schemas.fact import Fact, fact
from schemas.ids import content_id, digest
from schemas.image import Image
from transforms.picture import Annotation, Picture
from transforms.regions.counts import count_facts
from transforms.regions.locate import locate
from transforms.regions.relate import relate
from transforms.sheet import FactSheet, sheet_of

SIDE = 192  # px
TRIES = 60
PRODUCER = "annotation:probe@1"
EXPERT = "probe-expert@1"
IMAGE_FACTS = ("sequence", "plane", "view", "window", "image_side", "sex", "stain")


@cache
def scenes() -> tuple[dict[str, Any], ...]:
    """The kinds of images of `scenes.yaml`."""
    return tuple(yaml.safe_load((files("quality.probe") / "scenes.yaml").read_text("utf-8")))


def drawn_sheet(number: int, seed: int) -> FactSheet:
    """Sheet `number` of the series `seed`: one scene after the other, each drawn anew."""
    scene = scenes()[number % len(scenes())]
    image = _image(scene, drawn_id(number, seed))
    picture = _picture(scene, np.random.default_rng([seed, number]))
    complete = set(scene.get("complete", ()))
    located = locate(
        picture, image.id, producer=PRODUCER, label_map={}, complete=complete, smallest_px=4
    )
    regions, relations = relate(image, located.regions)
    facts = [*located.facts, *relations, *count_facts(image.id, regions, located.complete)]
    return sheet_of(image, regions, [*_said(scene, image.id), *facts])


def drawn_id(number: int, seed: int) -> str:
    """Id of the image of sheet `number`."""
    return content_id("img", "probe", seed, number)


def drawn_picture(number: int, seed: int) -> np.ndarray:
    """[SIDE, SIDE + 32] uint8: the picture that sheet `number` was measured on."""
    scene = scenes()[number % len(scenes())]
    return _picture(scene, np.random.default_rng([seed, number])).display


def _image(scene: dict[str, Any], image_id: str) -> Image:
    return Image(
        id=image_id, image={"bytes": None, "path": None}, width=SIDE + 32, height=SIDE,
        modality=scene["modality"], anatomy=scene["anatomy"], source="probe", item=image_id,
        patient_key=image_id, study_key=None, frame=None, plane=scene.get("plane"),
        spacing_mm=scene.get("spacing"), orientation=None, pixel_sha256=digest(image_id), phash="0" * 16,
        license="CC0-1.0", split="train", window=scene.get("window"), view=scene.get("view"),
        labels=sorted(k for k, v in scene.get("findings", {}).items() if v == "present"),
    )  # fmt: skip


def _said(scene: dict[str, Any], image_id: str) -> list[Fact]:
    """What header or source says of the image as a whole."""
    said = [fact(image_id, k, value=scene[k], origin="observed") for k in ("modality", "anatomy")]
    said += [
        fact(image_id, k, value=scene[k], origin="observed") for k in IMAGE_FACTS if k in scene
    ]
    for kind, (number, unit) in scene.get("scan", {}).items():
        said.append(fact(image_id, kind, number=number, unit=unit, origin="observed"))
    if "age" in scene:
        said.append(fact(image_id, "age", number=scene["age"], unit="a", origin="observed"))
    for label, polarity in scene.get("findings", {}).items():
        said.append(fact(image_id, "finding", value=label, polarity=polarity, origin="declared"))
    return said


def _picture(scene: dict[str, Any], rng: np.random.Generator) -> Picture:
    """Soft noise, and ellipses at places of their own, each brighter or darker than what is around."""
    display = rng.normal(110, 6, (SIDE, SIDE + 32))
    annotations: list[Annotation] = []
    masks: dict[str, np.ndarray] = {}
    for spec in scene["regions"]:
        least, most = spec["count"]
        for _ in range(int(rng.integers(least, most + 1))):
            host = masks.get(spec.get("host", ""))
            mask = _place(
                spec, host, [a.mask for a in annotations if a.label == spec["label"]], rng
            )
            if mask is None:
                continue
            masks.setdefault(spec["label"], mask)
            display[mask] += float(rng.choice([-70, -35, 0, 35, 80])) * rng.uniform(0.6, 1)
            display[mask] += rng.normal(0, float(rng.choice([1, 25])), int(mask.sum()))
            annotations.append(_annotation(spec, mask, len(annotations), rng))
    spacing = scene.get("spacing")
    return Picture(
        "", np.clip(display, 0, 255).astype(np.uint8),
        native=display * 3 - 400 if scene["modality"] == "CT" else None,
        unit="HU" if scene["modality"] == "CT" else None,
        spacing_mm=tuple(spacing) if spacing else None, annotations=annotations,
    )  # fmt: skip


def _annotation(
    spec: dict[str, Any], mask: np.ndarray, number: int, rng: np.random.Generator
) -> Annotation:
    side = str(rng.choice(["left", "right"])) if spec.get("sides") else None
    instance = f"{spec['label']}-{number}"
    found: dict[str, Any] = {
        "producer": EXPERT if "found" in spec else None,
        "candidate": spec.get("found") == "candidate",
    }
    if not spec.get("boxes"):
        return Annotation(spec["label"], mask=mask, instance=instance, side=side, **found)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    box = (float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1))
    return Annotation(spec["label"], box=box, instance=instance, side=side, **found)


def _place(
    spec: dict[str, Any],
    host: np.ndarray | None,
    taken: list[np.ndarray | None],
    rng: np.random.Generator,
) -> np.ndarray | None:
    """[SIDE, SIDE + 32] bool: an ellipse inside the host, clear of its own kind; None: no room."""
    height, width = SIDE, SIDE + 32
    rows, columns = np.mgrid[:height, :width]
    for _ in range(TRIES):
        major = SIDE * spec["size"] * rng.uniform(0.75, 1.25)
        minor = major * rng.uniform(0.45, 1.0)
        x, y = rng.uniform(major, width - major), rng.uniform(major, height - major)
        if "at" in spec:
            x, y = spec["at"][0] * width, spec["at"][1] * height
        turn = rng.uniform(0, np.pi)
        u = (columns - x) * np.cos(turn) + (rows - y) * np.sin(turn)
        v = (rows - y) * np.cos(turn) - (columns - x) * np.sin(turn)
        mask = (u / major) ** 2 + (v / minor) ** 2 <= 1
        clear = all(t is None or not (t & mask).any() for t in taken)
        if clear and (host is None or not (mask & ~host).any()) and mask.sum() >= 12:
            return mask
    return None

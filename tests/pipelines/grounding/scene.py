"""Committed shards of drawn pictures, and experts that find what is brighter than a level."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from expert_models.experts.base import ExpertCard, Found, Prediction, Refusal, Scan
from pipelines.commit import commit
from pipelines.grounding.choice import GroundingChoice
from pipelines.grounding.routes import resolve_grounding
from pipelines.grounding.sparing import spared
from pipelines.grounding.steps import ground_options, where_of
from pipelines.phases import ground
from pipelines.phases.rows import DECISIONS, INGESTED, NATIVE
from pipelines.task import Outcome, Step, Task, folder_of
from schemas.conform import plain, to_table
from schemas.fact import fact
from schemas.image import Image
from schemas.region import Region
from schemas.volume import VOLUME, VolumeRow
from transforms.encode import encode
from transforms.picture import Annotation, Picture
from transforms.regions.locate import locate

SHAPE = (48, 64)


def disc(row: int, column: int, radius: int, shape: tuple[int, int] = SHAPE) -> np.ndarray:
    y, x = np.mgrid[: shape[0], : shape[1]]
    return (y - row) ** 2 + (x - column) ** 2 <= radius**2


def picture(*discs: tuple[int, int, int], level: int = 200) -> np.ndarray:
    """[48, 64] uint8: dark, with bright discs (row, column, radius)."""
    display = np.full(SHAPE, 40, np.uint8)
    display[::7, ::5] = 60  # not constant
    for one in discs:
        display[disc(*one)] = level
    return display


def card(name: str, **more: Any) -> ExpertCard:
    values: dict[str, Any] = {
        "version": "1", "kind": "segmenter", "labels": ("polyp",), "modalities": ("ES",),
        "anatomies": ("colon",), "method": "a level", "source": "none", "license_code": "MIT",
    }  # fmt: skip
    return ExpertCard(name=name, **(values | more))


class Level:
    """Finds what is brighter than `level`, shifted right; what else it does is `answer`'s affair."""

    def __init__(
        self,
        name: str = "level",
        *,
        level: int = 100,
        shift: int = 0,
        answer: Callable[[Scan], Prediction] | None = None,
        most: int = 10**6,
        **more: Any,
    ) -> None:
        self.card = card(name, **more)
        self._level, self._shift, self._answer, self._most = level, shift, answer, most
        self.batches: list[list[Scan]] = []

    @property
    def scans(self) -> list[Scan]:
        return [scan for batch in self.batches for scan in batch]

    def load(self) -> None:
        pass

    def predict(self, batch: Sequence[Scan]) -> list[Prediction]:
        self.batches.append(list(batch))
        if len(batch) > self._most:
            raise MemoryError(f"{len(batch)} scans")
        return [self._answer(scan) if self._answer else self.find(scan) for scan in batch]

    def find(self, scan: Scan) -> Prediction:
        gray = scan.display if scan.display.ndim == 2 else scan.display[..., 0]
        mask = np.roll(gray > self._level, self._shift, axis=1)
        found = Found(self.card.labels[0], mask, score=0.8, quality=0.6, instance=False)
        return [found] if mask.any() else []


def refuses(scan: Scan) -> Prediction:
    return Refusal("expert_input_missing", "too small")


def breaks(scan: Scan) -> Prediction:
    raise RuntimeError("boom")


class Rows:
    """Images of one shard, as ingest and curate would have committed them."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.rows: list[dict[str, Any]] = []
        self.native: list[dict[str, Any]] = []
        self.volumes: list[VolumeRow] = []

    def add(
        self,
        display: np.ndarray,
        annotations: Sequence[Annotation] = (),
        *,
        complete: Sequence[str] = (),
        native: np.ndarray | None = None,
        **more: Any,
    ) -> str:
        """One image; returns its id."""
        id = f"img-{len(self.rows):03d}"
        encoded = encode(display)
        made = locate(
            Picture("", display, annotations=list(annotations)), id,
            producer="annotation:drawn@1", label_map={}, complete=set(complete), smallest_px=1,
        )  # fmt: skip
        values: dict[str, Any] = {
            "id": id, "image": {"bytes": encoded.png, "path": f"{id}.png"}, "width": encoded.width,
            "height": encoded.height, "modality": "ES", "anatomy": "colon", "source": "drawn",
            "item": f"item{len(self.rows)}", "patient_key": "p", "study_key": None, "frame": None,
            "plane": None, "spacing_mm": None, "orientation": None,
            "pixel_sha256": encoded.pixel_sha256, "phash": encoded.phash, "license": "CC0-1.0",
            "split": "train",
        }  # fmt: skip
        image = Image(**(values | more))
        image.facts = made.facts + [
            fact(id, "complete", value=c, origin="declared", pointer="declaration.complete")
            for c in complete
        ]
        self.rows.append(plain(image) | {"regions": plain(made.regions)})
        if native is not None:
            row = {"id": id, "height": native.shape[0], "width": native.shape[1], "unit": "HU"}
            self.native.append(row | {"values": native.astype("<f4").tobytes()})
        return id

    def add_volume(self, id: str, images: dict[str, int], **more: Any) -> None:
        """The volume that images are axial slices of: image id -> index."""
        cut = {"plane": "axial", "window": None, "axis": 0, "y_axis": 1, "x_axis": 2,
               "y_flipped": False, "x_flipped": False, "box": None}  # fmt: skip
        cuts = [{"image_id": i, "index": n} | cut for i, n in images.items()]
        values: dict[str, Any] = {
            "id": id, "kind": "volume", "source": "drawn", "item": "item", "part": "", "modality": "ES",
            "anatomy": "colon", "patient_key": "p", "study_key": None, "license": "CC0-1.0",
            "split": "train", "shape": [9, *SHAPE], "images": cuts,
        }  # fmt: skip
        self.volumes.append(VolumeRow(**(values | more)))

    def commit(self, shards: int = 1) -> list[str]:
        """Into so many shards; returns their names."""
        decided = {}
        for n in range(shards):
            name, rows = f"s{n}", self.rows[n::shards]
            tables = {
                "images": to_table(rows, INGESTED),
                "native": to_table(self.native, NATIVE),
                "volumes": to_table(self.volumes, VOLUME),
            }
            commit(folder_of(self.out, "ingest"), name, "key", tables, {})
            decided[name] = to_table([row | {"png_bytes": 1} for row in rows], DECISIONS)
        commit(folder_of(self.out, "curate"), "all", "key", decided, {})
        return list(decided)

    def ground(self, **choice: Any) -> "Result":
        """Run the phase with such a section `grounding`."""
        self.commit()
        grounding = spared(resolve_grounding(GroundingChoice.model_validate(choice), self.out))
        options = ground_options(grounding, smallest_px=4)
        step = Step("ground", options, where=where_of(grounding, grounding.pictures))
        return Result(ground.run(Task(str(self.out), "s0", (step,)), step))

    def unground(self) -> "Result":
        """Run the phase of a recipe without a section `grounding`."""
        self.commit()
        step = Step("ground", {})
        return Result(ground.run(Task(str(self.out), "s0", (step,)), step))


class Result:
    """What the phase made, by image."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.rows = {row["id"]: row for row in outcome.tables["grounded"].to_pylist()}

    def found(self, id: str) -> list[Region]:
        """Regions of experts."""
        regions = [Region(**r) for r in self.rows[id]["regions"]]
        return [r for r in regions if not r.producer.startswith("annotation:")]

    def facts(self, id: str, kind: str) -> list[dict[str, Any]]:
        return [f for f in self.rows[id]["facts"] if f["kind"] == kind]

    def rejects(self) -> list[tuple[str, str, str]]:
        """(image or region, gate, reason)"""
        return [(r.id, r.gate, r.reason) for r in self.outcome.rejects]

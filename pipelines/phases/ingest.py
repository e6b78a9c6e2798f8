"""ingest: files to images with regions and facts. The only phase that decodes what a source holds."""

import traceback
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pipelines.phases.image_row import image_row
from pipelines.phases.rows import INGESTED, KEYS, NATIVE
from pipelines.phases.seeing import Sight
from pipelines.phases.source import Source, source_of
from pipelines.runlog import log
from pipelines.task import Outcome, Step, Task
from quality.judging import judge_image, judge_region
from schemas.conform import plain, to_table
from schemas.fact import Fact, fact
from schemas.ids import content_id
from schemas.image import TEMPLATE_FLAG, Image
from schemas.region import Region
from schemas.reject import Fault, Reject
from schemas.volume import VOLUME, VolumeRow
from transforms.encode import cap_side, encode
from transforms.layouts.item import Item, Meaning
from transforms.layouts.meaning import meaning
from transforms.layouts.reading import read_item
from transforms.picture import Picture
from transforms.regions.locate import Located, locate


@dataclass
class Harvest:
    """What one shard has given so far."""

    source: Source
    rows: list[dict[str, Any]]
    rejects: list[Reject]
    native: list[dict[str, Any]] = field(default_factory=list)
    volumes: list[VolumeRow] = field(default_factory=list)

    def refuse(
        self, item: str, fault: Fault, gate: str, *, scope: str = "item", id: str = ""
    ) -> None:
        """Write down one reject; `id` defaults to a content id of the item."""
        where = id or content_id("item", self.source.name, item)
        self.rejects.append(
            Reject(
                where, self.source.name, item, "ingest", gate, fault.reason, fault.detail, 1, scope
            )
        )


def run(task: Task, step: Step) -> Outcome:
    """Read every item of the shard. An item that fails costs itself and nothing else."""
    harvest = Harvest(source_of(step), [], [])
    for name, reason, detail in step.options["faults"]:
        harvest.refuse(name, Fault(reason, detail), "list")
    items = [Item(**values) for values in step.options["items"]]
    kept = sum(_ingest_item(task, harvest, item) for item in items)
    harvest.rows.sort(key=lambda r: (r["item"], r["frame"] or 0, r["window"] or "", r["id"]))
    order = {row["id"]: place for place, row in enumerate(harvest.rows)}
    harvest.native.sort(key=lambda r: order[r["id"]])  # read side by side with the images
    harvest.volumes.sort(key=lambda v: (v.item, v.part, v.id))
    counts = {
        "items": len(items) + len({name for name, _, _ in step.options["faults"]}),
        "items_kept": kept,
        "images": len(harvest.rows),
        "regions": sum(len(row["regions"]) for row in harvest.rows),
        "volumes": len(harvest.volumes),
    }
    tables = {
        "images": to_table(harvest.rows, INGESTED),
        "keys": to_table([_key_row(row) for row in harvest.rows], KEYS),
        "native": to_table(harvest.native, NATIVE),
        "volumes": to_table(harvest.volumes, VOLUME),
    }
    return Outcome(tables, harvest.rejects, counts)


def _key_row(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"png_bytes": len(row["image"]["bytes"])}


def _ingest_item(task: Task, harvest: Harvest, item: Item) -> bool:
    """Add what the item gives; False where it gave no image (and then a reject says why)."""
    source, before, refused = harvest.source, len(harvest.rows), len(harvest.rejects)
    sight = Sight(source.declaration, item, source.key, source.volume_routes, source.where)
    try:
        for picture in read_item(item, source.declaration, source.root, source.cut, see=sight):
            if isinstance(picture, Fault):
                scope = "image" if picture.scope == "item" else picture.scope
                gate = "expert" if scope == "expert" else "read"
                harvest.refuse(item.name, picture, gate, scope=scope)
            else:
                _ingest_picture(harvest, item, picture, sight)
    except Fault as found:
        harvest.refuse(item.name, found, "read")
    except MemoryError:
        harvest.refuse(item.name, Fault("too_large", "out of memory while reading"), "read")
    except Exception as error:  # ours or a decoder's: the item is lost, the run is not
        log(
            task.out,
            "item-failed",
            source=source.name,
            item=item.name,
            traceback=traceback.format_exc(),
        )
        fault = Fault(
            "unexpected_error", f"{type(error).__name__}; the run log holds the traceback"
        )
        harvest.refuse(item.name, fault, "read")
    harvest.volumes += sight.rows_shown()
    if len(harvest.rows) == before and len(harvest.rejects) == refused:
        harvest.refuse(item.name, Fault("no_pixels", "no picture came out of this item"), "read")
    return len(harvest.rows) > before


def _ingest_picture(harvest: Harvest, item: Item, picture: Picture, sight: Sight) -> None:
    source = harvest.source
    picture = cap_side(picture, source.longest_side)
    encoded = encode(picture.display)
    id = content_id(
        "img", source.name, source.declaration.version, item.name, picture.key, encoded.pixel_sha256
    )
    try:
        means = meaning(picture, item, source.declaration)
    except Fault as found:
        harvest.refuse(item.name, found, "meaning", scope="image", id=id)
        return
    image = image_row(source, item, picture, encoded, means, id, sight.volume_of(picture))
    for verdict in judge_image(
        image,
        picture.display,
        smallest_side=source.smallest_side,
        allowed_licenses=source.licenses,
    ):
        if not verdict.passed:
            fault = Fault(
                verdict.reason or "image_blank", f"{verdict.measured}; limit {verdict.limit}"
            )
            harvest.refuse(item.name, fault, verdict.gate, scope="image", id=id)
            return
    located = _locate(source, picture, means, id)
    for lost, fault in located.faults:
        harvest.refuse(item.name, fault, "locate", scope="region", id=lost)
    regions = _sound_regions(harvest, item, image, located)
    dropped = {r.label for r in located.regions} - {r.label for r in regions}
    image.facts += _facts_on(located, {r.id for r in regions})
    image.facts += [_exhaustive(id, label) for label in located.complete if label not in dropped]
    harvest.rows.append(plain(image) | {"regions": plain(regions)})
    sight.show(picture, image)
    if source.keep_native and picture.native is not None and picture.unit == "HU":
        harvest.native.append(_native_row(id, picture.native))


def _native_row(id: str, values: np.ndarray) -> dict[str, Any]:
    height, width = values.shape
    exact = np.ascontiguousarray(values, "<f4").tobytes()
    return {"id": id, "height": height, "width": width, "unit": "HU", "values": exact}


def _locate(source: Source, picture: Picture, means: Meaning, id: str) -> Located:
    return locate(
        picture,
        id,
        producer=source.declaration.producer,
        label_map=means.label_map,
        complete=set(means.complete),
        smallest_px=source.smallest_px,
        modality=means.modality,
        appearance=TEMPLATE_FLAG not in means.flags,
    )


def _sound_regions(harvest: Harvest, item: Item, image: Image, located: Located) -> list[Region]:
    sound = []
    for region in located.regions:
        bad = [
            verdict
            for verdict in judge_region(
                region, image.width, image.height, smallest_px=harvest.source.smallest_px
            )
            if not verdict.passed
        ]
        if bad:
            fault = Fault(
                bad[0].reason or "box_invalid", f"{bad[0].measured}; limit {bad[0].limit}"
            )
            harvest.refuse(item.name, fault, bad[0].gate, scope="region", id=region.id)
        else:
            sound.append(region)
    return sound


def _exhaustive(image_id: str, label: str) -> Fact:
    return fact(
        image_id, "complete", value=label, origin="declared", pointer="declaration.complete"
    )


def _facts_on(located: Located, kept: set[str]) -> list[Fact]:
    regions = {r.id for r in located.regions}
    return [f for f in located.facts if f.subject in kept or f.subject not in regions]

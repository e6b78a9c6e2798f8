"""Volumes of a corpus as DICOM Segmentation objects, with an index of what was written.

DIR/index.jsonl                                   one line a volume: what was written, or why nothing
DIR/<source>/<volume id>/segmentation-01.dcm      its regions
DIR/<source>/<volume id>/images/0001.dcm          slices, only where the source is no DICOM series
"""

import hashlib
import importlib.metadata
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.catalogue import ResolvedSource, resolve
from pipelines.commit import publish_bytes
from pipelines.errors import UsageError
from pipelines.exporting.origins import Origins, algorithms_of, stack_of_row, values_of_row
from pipelines.exporting.rows import Row, affine_of, labelled, volume_rows
from pipelines.recipe import Recipe
from schemas.reject import Fault
from transforms.dicom_seg.derived import Origin, derived_series
from transforms.dicom_seg.marked import Labelled
from transforms.dicom_seg.reference import in_order_of, references
from transforms.dicom_seg.write import Kind, Writing, as_bytes, write_segmentations
from transforms.layouts.item import Item

if TYPE_CHECKING:
    from pydicom import Dataset

INDEX = "index.jsonl"
EPOCH = "19700101"  # a corpus has no date; any other one would be made up as well, and seem true


@dataclass(frozen=True)
class Export:
    """What to export and how. date: YYYYMMDD, written as content date."""

    out: Path
    folder: Path
    recipe: Recipe
    recipe_folder: Path
    data_root: Path | None = None
    source: str | None = None
    volume: str | None = None
    kind: Kind = "auto"
    date: str = EPOCH


def export_segmentations(export: Export) -> Iterator[dict[str, Any]]:
    """Write every asked volume; yields its line of the index as soon as its files are there.

    A volume that cannot be exported is a line with `reason` and `detail`. One volume is in memory at a
    time. The index is written last, so a folder without one is unfinished.
    """
    rows = volume_rows(export.out, source=export.source, volume=export.volume)
    origins: Origins | None = None
    (export.folder / INDEX).unlink(missing_ok=True)
    lines = []
    for row in rows:
        origins = origins or Origins(_sources(export))
        try:
            line = _about(row) | _export_row(export, origins, row)
        except Fault as fault:
            line = _about(row) | {"reason": fault.reason, "detail": fault.detail}
        lines.append(line)
        yield line
    text = "".join(json.dumps(line, sort_keys=True) + "\n" for line in lines)
    publish_bytes(export.folder / INDEX, text.encode())


def _sources(export: Export) -> dict[str, ResolvedSource]:
    """The sources of the build whose folders are there, by name. Raises UsageError where none is."""
    found: dict[str, ResolvedSource] = {}
    faults: list[str] = []
    for choice in export.recipe.sources:
        one = export.recipe.model_copy(update={"sources": [choice]})
        try:
            (source,) = resolve(one, recipe_folder=export.recipe_folder, data_root=export.data_root)
            found[source.name] = source
        except UsageError as fault:
            faults.append(str(fault))
    if not found:
        raise UsageError(faults[0])
    return found


def _about(row: Row) -> dict[str, Any]:
    return {"volume_id": row["id"], "source": row["source"], "item": row["item"]}


def _export_row(export: Export, origins: Origins, row: Row) -> dict[str, Any]:
    if row["kind"] != "volume":
        raise Fault("dimensions_unsupported", f"a {row['kind']}; only volumes are exported")
    source, item = origins.item(row)
    producers = {region["producer"] for region in row["regions"]}
    marked = labelled(row, algorithms_of(source, item, producers))
    folder = export.folder / row["source"] / row["id"]
    images: dict[str, Any]
    try:
        marked, refer, images = _originals(source, item, row, marked)
    except _NoOriginals as none:
        refer = _derive(export, source, item, row, folder / "images")
        images = {"derived_images": len(refer), "derived_because": str(none)}
    writing = Writing(row["id"], export.date, _version(), export.kind, _models(producers, marked))
    written = [
        _written(export.folder, folder / f"segmentation-{n:02d}.dcm", made)
        for n, made in enumerate(write_segmentations(marked, refer, writing), start=1)
    ]
    return {"regions": len(marked.regions), "segmentations": written} | images


class _NoOriginals(Exception):
    """The source has no DICOM instances that could be referred to; the message says why."""


def _originals(
    source: ResolvedSource, item: Item, row: Row, marked: Labelled
) -> tuple[Labelled, Sequence["Dataset"], dict[str, Any]]:
    """The regions in the order of the source's own instances, their headers, their paths."""
    if item.kind != "dicom":
        raise _NoOriginals(f"the source is {item.kind}")
    stack, placed = stack_of_row(source, item, row, marked)
    try:
        refer = references(stack, row["patient_key"])
    except Fault as fault:
        raise _NoOriginals(f"{fault.reason}: {fault.detail}") from fault
    layers = tuple(in_order_of(stack, layer) for layer in placed.layers)
    return replace(placed, layers=layers), refer, {"images": _names(source, stack.frames)}


def _derive(
    export: Export, source: ResolvedSource, item: Item, row: Row, folder: Path
) -> list["Dataset"]:
    """Write the slices of a volume as a series of our own; their headers, to be referred to."""
    affine = affine_of(row)
    if affine is None:
        raise Fault("geometry_missing", "the place of the volume in the patient is not known")
    whole = values_of_row(source, item, row)
    if whole.load is None:
        raise Fault("dimensions_unsupported", "a colour volume has no derived DICOM series")
    origin = Origin(
        key=row["id"],
        patient_key=row["patient_key"],
        study_key=row["study_key"] or row["id"],
        title=f"{row['source']}, derived",
        date=export.date,
        version=_version(),
    )
    heads = []
    modality, hounsfield = row["modality"], whole.unit == "HU"
    series = derived_series(whole.load(), affine, modality, origin, hounsfield=hounsfield)
    for number, ds in enumerate(series, start=1):
        publish_bytes(folder / f"{number:04d}.dcm", as_bytes(ds))
        del ds.PixelData
        heads.append(ds)
    return heads


def _names(source: ResolvedSource, frames: Sequence[Any]) -> list[str]:
    """Paths of the instances below the folder of their source."""
    paths = dict.fromkeys(frame.path for frame in frames)
    return [path.resolve().relative_to(source.root.resolve()).as_posix() for path in paths]


def _models(producers: set[str], marked: Labelled) -> frozenset[str]:
    """Producers that have trained weights: models of a source, and experts with a digest of weights."""
    from expert_models.experts.registry import cards

    plain = {card.producer for card in cards() if not card.weights_sha256}
    automatic = {r.producer for r in marked.regions if r.algorithm == "automatic"}
    return frozenset(p for p in producers & automatic if p not in plain)


def _written(root: Path, path: Path, ds: "Dataset") -> dict[str, Any]:
    data = as_bytes(ds)
    publish_bytes(path, data)
    return {
        "path": path.relative_to(root).as_posix(),
        "sha256": hashlib.sha256(data).hexdigest(),
        "sop_instance_uid": str(ds.SOPInstanceUID),
        "type": str(ds.SegmentationType),
        "segments": sum(1 for s in ds.SegmentSequence if s.SegmentNumber > 0),
    }


def _version() -> str:
    return importlib.metadata.version("medgrain")

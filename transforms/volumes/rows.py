"""From the structures of one volume to its row, and to structures that name their region."""

import hashlib
from dataclasses import dataclass, replace

import numpy as np

from schemas.ids import content_id
from schemas.reject import Fault
from schemas.volume import VolumeRegion, VolumeRow
from transforms.formats.flags import VALUES_UNREAD
from transforms.formats.geometry import letter
from transforms.formats.structures import Structure
from transforms.formats.volume import Whole
from transforms.regions.policy import Named, name_of
from transforms.volumes.codec import encode_layers
from transforms.volumes.hierarchy import Member, parents_of, path_of
from transforms.volumes.measure import hu_of, measure


@dataclass(frozen=True)
class Terms:
    """How the regions of one volume are named.

    producer   of structures that name none: annotation:<source>@<version>
    label_map  the source's label -> finding name; complete: its labels that are exhaustive here
    """

    producer: str
    label_map: dict[str, str]
    complete: frozenset[str]

    def named(self, structure: Structure) -> Named:
        """What a structure is; an expert's label is a vocabulary term already."""
        return name_of(structure.label, {} if structure.producer else self.label_map)


def fill_row(
    row: VolumeRow, whole: Whole, structures: list[Structure], terms: Terms
) -> list[Structure]:
    """Put grid, label volume and measured regions into a row; the structures with `region_id` set.

    Two structures of one label, producer and mask are one region. HU are measured where `whole` is in
    HU; values that cannot be read leave them null and the row flagged.
    """
    _place(row, whole)
    told = [replace(s, region_id=_region_id(row.id, s, terms)) for s in structures]
    kept = list({s.region_id: s for s in reversed(told)}.values())[::-1]
    values = _values(row, whole) if kept else None
    members = [Member(s, terms.named(s), int(np.count_nonzero(s.mask))) for s in kept]
    parents = parents_of(members)
    for i, structure in enumerate(kept):
        region = _region(structure, terms, row, values)
        parent = parents[i]
        region.parent = None if parent is None else kept[parent].region_id
        region.anatomy_path = path_of(i, members, parents, row.anatomy)
        row.regions.append(region)
    layers = encode_layers(kept, whole.shape, whole.affine, whole.spacing_mm)
    row.label_volume = layers.files
    row.labels = [
        {"layer": layer, "value": value, "region_id": s.region_id}
        for s, (layer, value) in zip(kept, layers.places, strict=True)
    ]
    return told


def _place(row: VolumeRow, whole: Whole) -> None:
    row.shape = list(whole.shape)
    row.spacing_mm = None if whole.spacing_mm is None else [float(mm) for mm in whole.spacing_mm]
    row.flags = sorted({*row.flags, *whole.flags})
    if whole.affine is not None:
        row.affine = [float(x) for x in whole.affine.ravel()]


def letters_of(affine: np.ndarray | None) -> str | None:
    """Patient letters of growing slices, rows, columns, such as "H\\P\\L"; None: place unknown."""
    if affine is None:
        return None
    return "\\".join(letter(affine[:3, axis]) for axis in range(3))


def _values(row: VolumeRow, whole: Whole) -> np.ndarray | None:
    """HU of the volume; None where there are none."""
    if whole.unit != "HU" or whole.load is None:
        return None
    try:
        return whole.load()
    except Fault:
        row.flags = sorted({*row.flags, VALUES_UNREAD})
        return None


def _region_id(volume_id: str, structure: Structure, terms: Terms) -> str:
    mask = hashlib.sha256(np.packbits(structure.mask).tobytes()).hexdigest()
    shape, start = list(structure.mask.shape), list(structure.start)
    producer = structure.producer or terms.producer
    name = terms.named(structure).name
    return content_id("vreg", volume_id, producer, name, start, shape, mask)


def _region(
    structure: Structure, terms: Terms, row: VolumeRow, values: np.ndarray | None
) -> VolumeRegion:
    named = terms.named(structure)
    spacing = row.spacing_mm
    found = measure(structure, None if spacing is None else (spacing[0], spacing[1], spacing[2]))
    complete = {name_of(word, terms.label_map).name for word in terms.complete}
    slices, rows, columns = (list(span) for span in found.span)
    return VolumeRegion(
        id=structure.region_id or "",
        label=named.name,
        kind=named.kind,
        side=_side(structure, named),
        producer=structure.producer or terms.producer,
        score=structure.score,
        quality=structure.quality,
        candidate=structure.candidate,
        source_label=structure.label,
        mapped=named.mapped,
        complete=structure.producer is None and named.name in complete,
        truncated=structure.truncated,
        parent=None,
        anatomy_path="",
        voxels=found.voxels,
        volume_ml=None if structure.volume_ml is None else found.volume_ml,
        extent_mm=None if found.extent_mm is None else list(found.extent_mm),
        longest_mm=found.longest_mm,
        slices=slices,
        rows=rows,
        columns=columns,
        centroid=list(found.centroid),
        hu=None if values is None else hu_of(structure, values),
    )


def _side(structure: Structure, named: Named) -> str:
    """As in 2-D: in the name, or said of this object; where the two disagree, neither is believed."""
    said = {named.side, structure.side} - {None}
    return str(said.pop()) if len(said) == 1 else "unknown"

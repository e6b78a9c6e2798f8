"""Experts of three dimensions over one volume: their findings as structures, and how far they agree."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from schemas.reject import Fault
from schemas.volume import VolumeRow
from transforms.formats.structures import Structure, structure_of_mask
from transforms.formats.volume import Whole
from transforms.layouts.item import Meaning
from transforms.regions.policy import name_of


@dataclass(frozen=True)
class Looking:
    """Which experts look at volumes: options of the ingest step, and where their models lie.

    compare  they look also where the source draws their labels, for the agreements of the volume
    """

    routes: Sequence[dict[str, Any]] = ()
    where: dict[str, Any] = field(default_factory=dict)
    compare: bool = False


@dataclass
class Findings:
    """What experts made of one volume.

    structures  found, on the grid of the volume
    looks       dicts of schemas.volume.LOOK
    voices      answers to be compared with what is drawn (pipelines.grounding.volumes.Voice)
    faults      of scope "expert"; the detail begins with the expert's name
    """

    structures: list[Structure] = field(default_factory=list)
    looks: list[dict[str, Any]] = field(default_factory=list)
    voices: list[Any] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def look_at(
    row: VolumeRow, whole: Whole, structures: list[Structure], means: Meaning, looking: Looking
) -> Findings:
    """Ask the routes that are for such a volume. Colour and templates' shapes have no values to ask about."""
    if not looking.routes or whole.load is None:
        return Findings()
    from expert_models.experts.base import VolumeScan
    from pipelines.grounding.volumes import ground_volume, unread

    known = _known(structures, means)
    scan = VolumeScan(
        id=row.id,
        values=np.empty((0, 0, 0), np.float32),
        modality=row.modality,
        anatomy=row.anatomy,
        unit=whole.unit,
        spacing_mm=whole.spacing_mm,
        placed=whole.affine is not None,
    )
    try:
        scan = replace(scan, values=np.asarray(whole.load(), np.float32))
    except Fault as fault:
        looks = unread(scan, known, looking.routes, row.source)
        detail = f"grounding: {fault.detail}"
        return Findings(looks=looks, faults=[Fault("expert_input_missing", detail, "expert")])
    out = ground_volume(
        scan, known, looking.routes, looking.where, source=row.source, compare=looking.compare
    )
    faults = [Fault(f.reason, f"{expert}: {f.detail}", "expert") for expert, f in out.faults]
    made = Findings(looks=out.looks, voices=out.compared, faults=faults)
    for number, one in enumerate(out.found, start=1):
        structure = _structure(one, number, whole)
        if isinstance(structure, Fault):
            made.faults.append(structure)
        elif structure is not None:
            made.structures.append(structure)
    return made


def agreements(
    row: VolumeRow, structures: list[Structure], means: Meaning, voices: Sequence[Any]
) -> list[dict[str, Any]] | None:
    """What the row says of experts and source; None where nothing is compared. structures: with `region_id`."""
    if not voices:
        return None
    from pipelines.grounding.comparing_volumes import compare_volume

    drawn = [(_name(s.label, means), s) for s in structures if s.producer is None]
    mm = row.spacing_mm
    spacing = None if mm is None else (mm[0], mm[1], mm[2])
    known = _known(structures, means)
    rows = [one for voice in voices for one in compare_volume(voice, drawn, known, spacing)]
    return rows or None


def _known(structures: list[Structure], means: Meaning) -> Any:
    from pipelines.evaluating.truth import answers
    from pipelines.grounding.volumes import Known

    drawn = {_name(s.label, means) for s in structures if s.producer is None}
    complete = {_name(word, means) for word in means.complete}
    absent = {name for name in complete if not any(answers(one, name) for one in drawn)}
    return Known(frozenset(drawn), frozenset(absent))


def _name(word: str, means: Meaning) -> str:
    return name_of(word, means.label_map).name


def _structure(one: Any, number: int, whole: Whole) -> Structure | Fault | None:
    """A finding (pipelines.grounding.volumes.FoundInVolume) on the grid; None where it marks nothing."""
    mask = one.found.mask
    if mask is None or mask.shape != whole.shape:
        shape = None if mask is None else mask.shape
        name = one.producer.partition("@")[0]
        detail = f"{name}: {one.producer} gave a mask {shape} on a grid {whole.shape}"
        return Fault("expert_failed", detail, "expert")
    mm = whole.spacing_mm
    structure = structure_of_mask(
        mask,
        one.found.label,
        voxel_ml=None if mm is None else float(np.prod(mm)) / 1000.0,
        instance=f"{one.producer} {number}" if one.found.instance else None,
    )
    if structure is None:
        return None
    return replace(
        structure,
        producer=one.producer,
        candidate=one.candidate,
        score=one.found.score,
        quality=one.found.quality,
    )

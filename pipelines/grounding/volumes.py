"""Volume experts, asked in ingest: what they find in a volume before slices are chosen."""

from dataclasses import dataclass, field
from typing import Any

from expert_models.experts.base import Found, VolumeScan
from pipelines.grounding.covering import covered, wanted
from pipelines.grounding.route import Route, route_of
from pipelines.grounding.settling import settle
from schemas.reject import Fault


@dataclass(frozen=True)
class FoundInVolume:
    """One finding that becomes a structure of the volume.

    found     label, mask [S, H, W] bool on the grid of the scan, score, quality, instance
    producer  <expert>@<version>; candidate: as its card says
    """

    found: Found
    producer: str
    candidate: bool


@dataclass
class VolumeGrounding:
    """What the routes made of one volume.

    found     what becomes structures, in route order
    compared  findings of labels that are annotated: for comparison, never structures
    faults    (name of the expert, why it did not look, broke off or found nothing); rejects of scope "expert"
    """

    found: list[FoundInVolume] = field(default_factory=list)
    compared: list[FoundInVolume] = field(default_factory=list)
    faults: list[tuple[str, Fault]] = field(default_factory=list)


def ground_volume(
    scan: VolumeScan,
    annotated: set[str],
    routes: list[dict[str, Any]],
    where: dict[str, Any] | None = None,
    *,
    source: str | None = None,
    compare: bool = False,
) -> VolumeGrounding:
    """Ask every route that is for such a volume, in order.

    annotated  names of findings that the source draws in this volume
    routes     option `volume_routes` of the ingest step; where: what the step's `where` holds of models
    source     name of the source, for routes that name sources
    compare    look also where all labels are annotated, for `compared`

    A label that an earlier route found is not looked for again, so a later expert of it is its reserve.
    """
    out = VolumeGrounding()
    for route in map(route_of, routes):
        if route.accepts(scan.modality, scan.anatomy, source):
            _follow(route, scan, annotated, where or {}, compare, out)
    return out


def _follow(
    route: Route,
    scan: VolumeScan,
    annotated: set[str],
    where: dict[str, Any],
    compare: bool,
    out: VolumeGrounding,
) -> None:
    seen = {one.found.label for one in out.found}
    labels = route.expert.card.labels
    lacking = wanted(labels, annotated | seen)
    if route.when.missing == "region" and (annotated or seen):
        lacking = []
    comparing = compare and any(covered(label, annotated) for label in labels)
    if not (lacking or comparing or route.when.missing == "nothing"):
        return
    answer = settle(route, [scan], where)[0]
    card = answer.by.card
    for one in answer.found:
        made = FoundInVolume(one, card.producer, card.candidate)
        if covered(one.label, annotated):
            out.compared.append(made)
        elif not covered(one.label, seen):
            out.found.append(made)
    if answer.fault is not None and lacking:
        out.faults.append(answer.fault)

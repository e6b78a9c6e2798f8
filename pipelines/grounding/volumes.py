"""Volume experts, asked in ingest: what they find in a volume before slices are chosen."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from expert_models.experts.base import ExpertCard, Found, VolumeScan
from pipelines.grounding.covering import covered, wanted
from pipelines.grounding.route import Route, route_of
from pipelines.grounding.settling import Answer, settle
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


@dataclass(frozen=True)
class Voice:
    """What an expert says where the source speaks, too: all it found; nothing is an answer as well."""

    card: ExpertCard
    found: list[Found]


@dataclass
class VolumeGrounding:
    """What the routes made of one volume.

    found     what becomes structures, in route order
    compared  answers of experts whose labels the source draws or says to be absent
    looks     dicts of schemas.volume.LOOK: who was asked for what, and who could not tell
    faults    (name of the expert, why it did not look, broke off or found nothing); rejects of scope "expert"
    """

    found: list[FoundInVolume] = field(default_factory=list)
    compared: list[Voice] = field(default_factory=list)
    looks: list[dict[str, Any]] = field(default_factory=list)
    faults: list[tuple[str, Fault]] = field(default_factory=list)


@dataclass(frozen=True)
class Known:
    """What the source says of a volume: names of what it draws, and of what it says is not there."""

    drawn: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()

    @property
    def all(self) -> frozenset[str]:
        return self.drawn | self.absent

    def covers(self, label: str) -> bool:
        return covered(label, self.drawn, self.absent)


def ground_volume(
    scan: VolumeScan,
    known: Known,
    routes: Iterable[dict[str, Any]],
    where: dict[str, Any] | None = None,
    *,
    source: str | None = None,
    compare: bool = False,
) -> VolumeGrounding:
    """Ask every route that is for such a volume, in order.

    known    what the source draws in this volume
    routes   option `volume_routes` of the ingest step; where: what the step's `where` holds of models
    source   name of the source, for routes that name sources
    compare  look also where all labels are annotated, for `compared`

    A label that an earlier route found is not looked for again, so a later expert of it is its reserve.
    """
    out = VolumeGrounding()
    for route in _for(scan, routes, source):
        _follow(route, scan, known, where or {}, compare, out)
    return out


def unread(
    scan: VolumeScan, known: Known, routes: Iterable[dict[str, Any]], source: str | None
) -> list[dict[str, Any]]:
    """The looks of a volume whose values cannot be read; only what `scan` says of it counts."""
    missing = "expert_input_missing"
    return [
        _look(route.expert.card, labels, missing)
        for route in _for(scan, routes, source)
        if (labels := wanted(route.expert.card.labels, known.drawn, known.absent))
    ]


def _for(scan: VolumeScan, routes: Iterable[dict[str, Any]], source: str | None) -> list[Route]:
    return [r for r in map(route_of, routes) if r.accepts(scan.modality, scan.anatomy, source)]


def _follow(
    route: Route,
    scan: VolumeScan,
    known: Known,
    where: dict[str, Any],
    compare: bool,
    out: VolumeGrounding,
) -> None:
    card = route.expert.card
    seen = {one.found.label for one in out.found}
    lacking = wanted(card.labels, known.drawn | seen, known.absent)
    if route.when.missing == "region" and (known.all or seen):
        lacking = []
    comparing = compare and any(map(known.covers, card.labels))
    if not (lacking or comparing or route.when.missing == "nothing"):
        return
    answer = settle(route, [scan], where)[0]
    if comparing and answer.looked:
        out.compared.append(Voice(answer.by.card, answer.found))
    for one in answer.found:
        if not known.covers(one.label) and not covered(one.label, seen):
            out.found.append(FoundInVolume(one, answer.by.card.producer, answer.by.card.candidate))
    if lacking:
        out.looks.append(_look(answer.by.card, lacking, _why(answer)))
        out.faults += [] if answer.fault is None else [answer.fault]


def _why(answer: Answer) -> str | None:
    return None if answer.looked or answer.fault is None else answer.fault[1].reason


def _look(card: ExpertCard, labels: list[str], reason: str | None) -> dict[str, Any]:
    return {"expert": card.producer, "labels": labels, "reason": reason}

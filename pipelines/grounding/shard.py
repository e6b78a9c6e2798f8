"""The images of one shard, grounded: what experts add to each, in ingest's order."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from expert_models.experts.base import Found
from pipelines.grounding.comparing import Compared, compare
from pipelines.grounding.due import Case, due_of, unmet
from pipelines.grounding.looking import Looked, look
from pipelines.grounding.merging import merge
from pipelines.grounding.placing import place
from pipelines.grounding.scans import shown, windows
from pipelines.grounding.settings import Settings
from pipelines.grounding.whole import WORDS
from pipelines.task import Task
from schemas.fact import Fact, fact
from schemas.region import Region
from schemas.reject import Reject

DISAGREES = "expert disagrees"
"""Flag of an image on which an expert and the annotation differ by more than the recipe allows."""

WINDOW_BATCHES = (
    2  # an image of hundreds of cells comes back with as many masks: few are held at a time
)


@dataclass
class Grounded:
    """What experts add to one image."""

    case: Case
    regions: list[Region] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    asked: int = 0  # routes that looked


def ground_shard(
    task: Task, cases: list[Case], settings: Settings, where: dict[str, Any]
) -> Iterator[Grounded]:
    """Every image once, in the order given; pixels are read of those only that a route is meant for."""
    for case in cases:
        case.due = due_of(case, settings)
    looked = _looked(task, [case for case in cases if case.due], settings, where)
    told: set[str] = set()
    for case in cases:
        out = _grounded(next(looked), settings) if case.due else _passed_by(case, settings)
        _doubt_volume(out, settings, told)
        yield out


def _looked(
    task: Task, cases: list[Case], settings: Settings, where: dict[str, Any]
) -> Iterator[Looked]:
    if not cases:
        return
    batches = [WINDOW_BATCHES * batch for batch in where.get("batches", {}).values()]
    most = max([1, *batches])
    for window in windows(shown(task, cases), most):
        yield from look(window, settings, where)


def _passed_by(case: Case, settings: Settings) -> Grounded:
    fault = unmet(case, settings)
    rejects = [] if fault is None else [_reject(case, "grounding", fault.reason, fault.detail)]
    return Grounded(case, rejects=rejects)


def _grounded(looked: Looked, settings: Settings) -> Grounded:
    case = looked.shown.case
    out = Grounded(case, asked=len(looked.answers))
    for due, answer in looked.answers:
        for one in compare(case, due, answer):
            out.facts += one.facts
            if one.number < settings.least_agreement:
                out.flags = [DISAGREES]
                out.rejects.append(_disagreement(case, one, settings.least_agreement))
    out.facts += [_guess(case, producer, found) for producer, found in looked.guesses]
    findings = merge(looked, settings)
    placed = place(looked.shown, findings, smallest_px=settings.smallest_px)
    out.regions, out.facts = placed.regions, out.facts + placed.facts
    out.rejects += [_reject(case, name, f.reason, f.detail) for name, f in looked.faults]
    out.rejects += [
        _reject(case, gate, f.reason, f.detail, scope="region", id=id)
        for id, gate, f in placed.lost
    ]
    return out


def _doubt_volume(out: Grounded, settings: Settings, told: set[str]) -> None:
    """Flag a slice that shows what expert and source differ about in 3-D. told: volumes whose differences
    are written down: one row a volume and label, whatever number of slices it has."""
    case, volume = out.case, out.case.volume
    if volume is None:
        return
    doubts = volume.disagreements(settings.least_agreement)
    if any(volume.shown(one, case.image.id, case.regions) for one in doubts):
        out.flags = [DISAGREES]
    if volume.id in told:
        return
    told.add(volume.id)
    for one in doubts:
        detail = f"{one['label']}: {WORDS[one['measure']]} {one['number']:.3f}, least {settings.least_agreement:g}"
        gate = one["producer"].partition("@")[0]
        out.rejects.append(_reject(case, gate, "expert_disagrees", detail, id=volume.id))


def _guess(case: Case, producer: str, found: Found) -> Fact:
    """What a classifier says: words call it a candidate, by its origin."""
    return fact(
        case.image.id,
        "finding",
        value=found.label,
        origin="expert_model",
        pointer=producer,
        confidence=found.score,
    )


def _disagreement(case: Case, one: Compared, least: float) -> Reject:
    detail = f"{one.label}: {one.measure} {one.number:.3f}, least {least:g}"
    return _reject(case, one.producer.partition("@")[0], "expert_disagrees", detail)


def _reject(
    case: Case, gate: str, reason: str, detail: str, *, scope: str = "expert", id: str = ""
) -> Reject:
    image = case.image
    return Reject(
        id or image.id, image.source, image.item, "ground", gate, reason, detail, 1, scope
    )

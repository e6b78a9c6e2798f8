"""A route put to scans: the expert, what the policy keeps, and the fallback where nothing is left."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from expert_models.experts.base import Found, Prediction, Refusal, Scan
from expert_models.experts.policy import apply
from expert_models.experts.registry import suits
from pipelines.grounding.asking import AnyScan, ask
from pipelines.grounding.route import Chosen, Route
from schemas.reject import Fault

BROKE_OFF = ("expert_failed", "expert_out_of_memory", "expert_unavailable")
"""Told even where the fallback found something: the answer is not that of the expert which the recipe names."""


@dataclass(frozen=True)
class Answer:
    """What a route came to on one scan.

    by      who answered: the expert, or its fallback
    found   what the policy keeps, in the order of the expert; of a refining expert one entry a prompt, None
            where nothing was kept
    looked  expert or fallback answered, if with nothing; False: both refused or broke off
    fault   (name of the expert, why there is nothing, or what broke off although the fallback found something)
    """

    by: Chosen
    found: list[Found]
    fault: tuple[str, Fault] | None = None
    refined: list[Found | None] = field(default_factory=list)
    looked: bool = True


def settle(route: Route, scans: Sequence[AnyScan], where: dict[str, Any]) -> list[Answer]:
    """One answer a scan, in order. The fallback is asked where the expert refuses, breaks off or finds nothing."""
    first = _first(route, scans, where)
    second: dict[int, Answer | Refusal] = {}
    if route.fallback is not None:
        spare = route.fallback
        left = [i for i, one in enumerate(first) if not _something(one)]
        left = [i for i in left if _reads(spare, scans[i])]
        asked = _said(spare, [scans[i] for i in left], where)
        for i, (scan, said) in zip(left, asked, strict=True):
            second[i] = _kept(route, spare, scan, said)
    return [_answer(route, one, second.get(i)) for i, one in enumerate(first)]


def _first(route: Route, scans: Sequence[AnyScan], where: dict[str, Any]) -> list[Answer | Refusal]:
    if route.unavailable is not None:
        return [Refusal("expert_unavailable", route.unavailable) for _ in scans]
    said = _said(route.expert, scans, where)
    return [_kept(route, route.expert, scan, one) for scan, one in said]


def _said(
    who: Chosen, scans: Sequence[AnyScan], where: dict[str, Any]
) -> list[tuple[AnyScan, Prediction]]:
    batch = where.get("batches", {}).get(who.name, 1)
    if who.name in where.get("experts", {}):  # it fills its batches itself, preparing ahead
        batch = max(1, len(scans))
    out: list[tuple[AnyScan, Prediction]] = []
    for start in range(0, len(scans), batch):
        some = scans[start : start + batch]
        out += zip(some, ask(who.name, where, some), strict=True)
    return out


def _reads(who: Chosen, scan: AnyScan) -> bool:
    return suits(who.card, scan.modality, scan.anatomy)


def _kept(route: Route, who: Chosen, scan: AnyScan, said: Prediction) -> Answer | Refusal:
    if isinstance(said, Refusal):
        return said
    if who.card.refines and isinstance(scan, Scan):
        shape = scan.display.shape[:2]
        refined = [next(iter(apply(_marked([one]), route.policy, shape)), None) for one in said]
        return Answer(who, [one for one in refined if one is not None], refined=refined)
    shape = scan.display.shape[:2] if isinstance(scan, Scan) else scan.values.shape
    marked = said if who.card.kind == "classifier" else _marked(said)
    return Answer(who, apply(marked, route.policy, shape))


def _marked(found: list[Found]) -> list[Found]:
    """Those that mark anything: an empty mask is nothing found."""
    return [
        one for one in found if (one.mask.any() if one.mask is not None else one.box is not None)
    ]


def _something(one: Answer | Refusal) -> bool:
    return isinstance(one, Answer) and bool(one.found)


def _answer(route: Route, first: Answer | Refusal, second: Answer | Refusal | None) -> Answer:
    if isinstance(first, Answer) and first.found:
        return first
    fault = _fault(route, first)
    if isinstance(second, Answer) and second.found:
        return second if fault.reason not in BROKE_OFF else _with(second, route, fault)
    if second is not None:
        detail = f"{fault.detail}; fallback {route.fallback.name}: {_fault(route, second).detail}"  # type: ignore[union-attr]
        fault = Fault(fault.reason, detail, "expert")
    if isinstance(second, Answer) and not isinstance(first, Answer):
        return Answer(second.by, [], (route.name, fault))
    return Answer(route.expert, [], (route.name, fault), looked=isinstance(first, Answer))


def _with(answer: Answer, route: Route, fault: Fault) -> Answer:
    return Answer(answer.by, answer.found, (route.name, fault), answer.refined)


def _fault(route: Route, one: Answer | Refusal) -> Fault:
    if isinstance(one, Refusal):
        return Fault(one.reason, one.detail, "expert")
    labels = " or ".join(route.expert.card.labels) or "mask"
    return Fault("expert_found_nothing", f"no {labels} found", "expert")

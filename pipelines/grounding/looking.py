"""A window of images put before the experts of its routes, one route after the other."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from expert_models.experts.base import ExpertCard, Found, Scan
from expert_models.experts.merge import Said, overlap
from pipelines.grounding.due import Due
from pipelines.grounding.route import Route
from pipelines.grounding.scans import Shown
from pipelines.grounding.settings import Settings
from pipelines.grounding.settling import Answer, settle
from schemas.region import Region
from schemas.reject import Fault


@dataclass(frozen=True)
class Finding:
    """A finding on its way to a region.

    said     experts that found it, too
    refines  the annotated region whose box was refined to it
    """

    found: Found
    producer: str
    candidate: bool
    said: tuple[Said, ...] = ()
    refines: Region | None = None


@dataclass
class Looked:
    """What all routes came to on one image.

    answers   (due, answer) of every route that was asked
    findings  those that may become regions, in route order
    guesses   what a classifier says of the whole image: (producer, found)
    faults    (name of the expert, why a route that the image was meant for gave nothing)
    """

    shown: Shown
    answers: list[tuple[Due, Answer]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    guesses: list[tuple[str, Found]] = field(default_factory=list)
    faults: list[tuple[str, Fault]] = field(default_factory=list)


def look(window: Sequence[Shown], settings: Settings, where: dict[str, Any]) -> list[Looked]:
    """Every route over the images of the window that are meant for it, in batches."""
    looked = [Looked(one) for one in window]
    for route in settings.routes:
        mine = [(one, due) for one in looked if (due := _due(one, route)) is not None]
        if route.expert.card.refines:
            _refine(route, mine, where)
        else:
            _find(route, mine, where)
    return looked


def _due(one: Looked, route: Route) -> Due | None:
    return next((due for due in one.shown.case.due if due.route is route), None)


def _find(route: Route, mine: list[tuple[Looked, Due]], where: dict[str, Any]) -> None:
    answers = settle(route, [_for(route, one.shown.scan) for one, _ in mine], where)
    for (one, due), answer in zip(mine, answers, strict=True):
        one.answers.append((due, answer))
        if answer.fault is not None and due.lacking:
            one.faults.append(answer.fault)
        if due.lacking:
            _take(one, route, answer)


def _take(one: Looked, route: Route, answer: Answer) -> None:
    """Findings of labels that the image lacks; without a place they are guesses of the whole image."""
    card = answer.by.card
    for found in answer.found:
        if not one.shown.case.lacks(found.label, route):
            continue
        if found.mask is None and found.box is None:
            one.guesses.append((card.producer, found))
        else:
            one.findings.append(Finding(found, card.producer, card.candidate))


def _for(route: Route, scan: Scan, prompts: Sequence[tuple[float, ...]] = ()) -> Scan:
    """The scan with prompts; and without stored values for an expert that does not ask for them, whose
    answer would otherwise depend on who else looks."""
    boxes = tuple((b[0], b[1], b[2], b[3]) for b in prompts)
    if any(chosen.card.needs_native for chosen in route.chosen):
        return replace(scan, prompts=boxes)
    return replace(scan, prompts=boxes, native=None, unit=None)


def _refine(route: Route, mine: list[tuple[Looked, Due]], where: dict[str, Any]) -> None:
    """Boxes to masks: of annotated regions, and of what earlier routes found without a mask."""
    asked = []
    for one, due in mine:
        open_ = [f for f in one.findings if f.found.mask is None and _takes(route, f.found.label)]
        boxes = [tuple(r.box) for r in due.prompts] + [f.found.box for f in open_ if f.found.box]
        if boxes:
            asked.append((one, due, open_, _for(route, one.shown.scan, boxes)))
    answers = settle(route, [scan for *_, scan in asked], where)
    for (one, due, open_, _), answer in zip(asked, answers, strict=True):
        one.answers.append((due, answer))
        if answer.fault is not None:
            one.faults.append(answer.fault)
        masks = answer.refined or [None] * (len(due.prompts) + len(open_))
        for region, mask in zip(due.prompts, masks, strict=False):
            if mask is not None:
                one.findings.append(_of_region(region, mask, answer.by.card))
        for finding, mask in zip(open_, masks[len(due.prompts) :], strict=True):
            if mask is not None:
                place = next(i for i, f in enumerate(one.findings) if f is finding)
                one.findings[place] = _of_finding(finding, mask, answer.by.card)


def _takes(route: Route, label: str) -> bool:
    labels = route.expert.card.labels
    return not labels or label in labels


def _of_region(region: Region, mask: Found, card: ExpertCard) -> Finding:
    """The annotated box stays what it is; the mask is a region of its own that refines it. A candidate
    always: what is drawn is the box, and nothing is to be counted twice."""
    found = replace(mask, label=region.label, instance=True)
    box = Found(region.label, box=(region.box[0], region.box[1], region.box[2], region.box[3]))
    said = Said(region.producer, region.score, overlap(Found(region.label, box=_box(found)), box))
    return Finding(found, card.producer, True, (said,), region)


def _of_finding(finding: Finding, mask: Found, card: ExpertCard) -> Finding:
    """An expert's box becomes its mask; who found the box, and how sure it was, stays told."""
    box = finding.found
    found = replace(mask, label=box.label, score=box.score, instance=True)
    said = Said(finding.producer, box.score, overlap(Found(box.label, box=_box(found)), box))
    return Finding(found, card.producer, finding.candidate or card.candidate, (said,))


def _box(found: Found) -> tuple[float, float, float, float] | None:
    if found.mask is None:
        return found.box
    rows, columns = np.flatnonzero(found.mask.any(axis=1)), np.flatnonzero(found.mask.any(axis=0))
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)

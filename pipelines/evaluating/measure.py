"""One prediction of one label against what is drawn: named figures as (numerator, denominator)."""

import numpy as np

from expert_models.experts.base import Found
from pipelines.evaluating.truth import Truth
from quality.agreement.objects import Outlined, match, outline_of, parts_of
from quality.agreement.overlap import dice, iou, sensitivity, specificity
from quality.agreement.surface import distance
from schemas.vocabulary import findings

Figures = dict[str, tuple[float, float]]
"""Metric: (numerator, denominator) of this picture; `quality.agreement.interval.ratio` sums them."""

FALSE_ALARM = "found where absent"


def measure(
    found: list[Found],
    truth: Truth,
    label: str,
    shape: tuple[int, ...],
    spacing_mm: tuple[float, ...] | None,
) -> Figures:
    """The figures of one label of one picture or volume.

    Cells and nuclei are counted as objects, vessels and other nets pixel by pixel, all else by its shape.
    Of what is drawn as a box only the box is compared. shape: [H, W] of the picture, [S, H, W] of a volume.
    """
    if not truth.marks:
        return {FALSE_ALARM: (float(bool(found)), 1.0)}
    term = findings().get(label)
    mask = mask_of(found, shape)
    if term is not None and term.kind == "cell" and len(shape) == 2:
        figures = _objects(found, truth)
        if truth.mask is not None:
            figures["Dice, all pixels"] = (dice(mask, truth.mask), 1.0)
        return figures
    if truth.mask is None:
        return {"box IoU": (_box_overlap(found, truth), 1.0)}
    figures = {"Dice": (dice(mask, truth.mask), 1.0), "IoU": (iou(mask, truth.mask), 1.0)}
    if term is not None and term.kind == "structure" and not term.countable:
        figures["sensitivity"] = (sensitivity(mask, truth.mask), 1.0)
        if not truth.mask.all():
            figures["specificity"] = (specificity(mask, truth.mask), 1.0)
        return figures
    apart = distance(mask, truth.mask, spacing_mm)
    if apart is not None:
        figures[f"HD95, {apart.unit}"] = (apart.hausdorff95, 1.0)
        figures[f"mean surface distance, {apart.unit}"] = (apart.mean, 1.0)
    return figures


def mask_of(found: list[Found], shape: tuple[int, ...]) -> np.ndarray:
    """Bool of that shape: all pixels of the findings; of one that is only a box, the pixels it covers."""
    whole = np.zeros(shape, dtype=bool)
    for one in found:
        if one.mask is not None:
            whole |= one.mask
        elif one.box is not None:
            x0, y0, x1, y1 = (round(edge) for edge in one.box)
            whole[max(0, y0) : max(0, y1), max(0, x0) : max(0, x1)] = True
    return whole


def outlined(found: list[Found]) -> list[Outlined]:
    """Each thing apart: a class mask falls into its parts."""
    things: list[Outlined] = []
    for one in found:
        if one.mask is not None and not one.instance:
            things += parts_of(one.mask)
        elif one.mask is not None:
            things += [shape for shape in (outline_of(one.mask),) if shape is not None]
        elif one.box is not None:
            things.append(Outlined(one.box))
    return things


def _objects(found: list[Found], truth: Truth) -> Figures:
    """Pooled over pictures: a picture of many cells counts for many."""
    matched = match(outlined(found), truth.objects())
    pairs = len(matched.pairs)
    figures: Figures = {"F1 at IoU 0.5": (2 * pairs, matched.found + matched.truth)}
    figures["object recall"] = (pairs, matched.truth)
    if matched.found:
        figures["object precision"] = (pairs, matched.found)
    return figures


def _box_overlap(found: list[Found], truth: Truth) -> float:
    """Of the box around all that was found and the box around all that is drawn."""
    things = outlined(found)
    if not things:
        return 0.0
    pair = match([_around(things)], [_around(truth.objects())], at=0.0).pairs
    return pair[0][2] if pair else 0.0


def _around(things: list[Outlined]) -> Outlined:
    edges = np.array([one.box for one in things])
    low, high = edges[:, :2].min(axis=0), edges[:, 2:].max(axis=0)
    return Outlined((float(low[0]), float(low[1]), float(high[0]), float(high[1])))

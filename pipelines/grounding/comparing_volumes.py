"""An expert of volumes compared in 3-D with what the source draws: one figure a label and volume.

The figure belongs to the volume. Regions of slices do not repeat it: a volume of forty slices would count
forty times.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from pipelines.evaluating.truth import answers
from pipelines.grounding.levels import levels_of, levels_told, outlined_well
from pipelines.grounding.volumes import Known, Voice
from quality.agreement.overlap import dice
from quality.agreement.surface import distance
from schemas.volume import MEASURES
from transforms.formats.structures import Structure, structure_of_mask

DICE, HD95, ABSENT = MEASURES

Drawn = Sequence[tuple[str, Structure]]
"""What the source draws: name and structure, each with the `region_id` it became."""


def compare_volume(
    voice: Voice, drawn: Drawn, known: Known, spacing_mm: tuple[float, float, float] | None
) -> list[dict[str, Any]]:
    """Dicts of schemas.volume.AGREEMENT: every label that both know, then what is found where there is none.

    All structures that answer a label are one mask, and all findings of it another. Boxes in 3-D are
    not compared.
    """
    found = [one for one in voice.found if one.mask is not None]
    rows: list[dict[str, Any]] = []
    names = [name for name, _ in drawn]
    for label in levels_told(levels_of(names, voice.card.labels), found, names):
        theirs = [s for name, s in drawn if answers(name, label)]
        ours = _structures(voice, label)
        ids = list(dict.fromkeys(s.region_id for s in theirs if s.region_id))
        at = {"label": label, "producer": voice.card.producer, "region_ids": ids} | _span(ours)
        rows += [at | figure for figure in _figures(label, ours, theirs, spacing_mm)]
    return rows + [_alarm(voice, label) for label in _where_absent(voice, known)]


def _figures(
    label: str, ours: Sequence[Structure], theirs: Sequence[Structure],
    spacing_mm: tuple[float, float, float] | None,
) -> list[dict[str, Any]]:  # fmt: skip
    one, other = _painted(ours, theirs)
    figures: list[dict[str, Any]] = [
        {"measure": DICE, "number": round(dice(one, other), 6), "unit": "1"}
    ]
    apart = distance(one, other, spacing_mm) if outlined_well(label) else None
    if apart is not None:
        number = round(apart.hausdorff95, 6)
        figures.append({"measure": HD95, "number": number, "unit": apart.unit})
    return figures


def _where_absent(voice: Voice, known: Known) -> list[str]:
    labels = dict.fromkeys(one.label for one in voice.found if one.mask is not None)
    return [label for label in labels if any(answers(label, name) for name in known.absent)]


def _alarm(voice: Voice, label: str) -> dict[str, Any]:
    at = {"label": label, "producer": voice.card.producer, "region_ids": []}
    figure = {"measure": ABSENT, "number": 0.0, "unit": "1"}
    return at | _span(_structures(voice, label)) | figure


def _structures(voice: Voice, label: str) -> list[Structure]:
    """Findings of a label as crops: masks of the whole grid are held by the expert's answer alone."""
    made = (
        structure_of_mask(one.mask, one.label, voxel_ml=None)
        for one in voice.found
        if one.mask is not None and answers(one.label, label)
    )
    return [one for one in made if one is not None]


def _painted(
    ours: Sequence[Structure], theirs: Sequence[Structure]
) -> tuple[np.ndarray, np.ndarray]:
    """Both unions in the smallest box of the grid that holds them; figures are the same as on all of it."""
    every = [*ours, *theirs]
    first = np.min([s.start for s in every], axis=0)
    last = np.max([np.add(s.start, s.mask.shape) for s in every], axis=0)
    one, other = (np.zeros(last - first, bool) for _ in range(2))
    for canvas, structures in ((one, ours), (other, theirs)):
        for s in structures:
            start = np.subtract(s.start, first)
            crop = tuple(
                slice(int(a), int(a) + n) for a, n in zip(start, s.mask.shape, strict=True)
            )
            canvas[crop] |= s.mask
    return one, other


def _span(structures: Sequence[Structure]) -> dict[str, Any]:
    """[first, last + 1] along each axis of what was found; None: nothing."""
    if not structures:
        return dict.fromkeys(("slices", "rows", "columns"))
    first = np.min([s.start for s in structures], axis=0)
    last = np.max([np.add(s.start, s.mask.shape) for s in structures], axis=0)
    names = ("slices", "rows", "columns")
    return {n: [int(a), int(b)] for n, a, b in zip(names, first, last, strict=True)}

"""Several experts that found one label on one image: one finding a thing, and who said what."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from expert_models.experts.base import Found
from expert_models.experts.merge import Said, consensus, suppress
from pipelines.grounding.looking import Finding, Looked
from pipelines.grounding.settings import Settings
from schemas.reject import Fault

CONSENSUS = "consensus@1"
"""Producer of what several experts agree on; the facts `support` of the region name them."""


def merge(looked: Looked, settings: Settings) -> list[Finding]:
    """The findings of one image, labels in order of first finding.

    A label that one expert looked for stays as that expert gave it: its own doubles are its own affair.
    Refined annotations are not merged: each belongs to its box. What a consensus leaves nothing of is a fault.
    """
    own = [one for one in looked.findings if one.refines is None]
    out = [one for one in looked.findings if one.refines is not None]
    for label in dict.fromkeys(one.found.label for one in own):
        same = [one for one in own if one.found.label == label]
        voices = _voices(looked, label)
        if settings.merge == "consensus" and len(voices) > 1 and _masks(same):
            out += _agreed(looked, label, same, voices)
        elif len({one.producer for one in same}) > 1:
            out += _first(same, settings.overlap)
        else:
            out += same
    return out


def _voices(looked: Looked, label: str) -> list[str]:
    """Producers of the experts that looked for the label and neither refused nor broke off, in order."""
    found = [
        answer.by.card.producer
        for due, answer in looked.answers
        if due.lacking and label in answer.by.card.labels and answer.looked
    ]
    return list(dict.fromkeys(found))


def _masks(same: Sequence[Finding]) -> bool:
    return all(one.found.mask is not None for one in same)


def _first(same: list[Finding], iou: float) -> list[Finding]:
    """Non-maximum suppression: the first route's finding stays, the others are told with it."""
    of = {id(one.found): one for one in same}
    merged = suppress([(one.producer, one.found) for one in same], iou=iou)
    return [_also(of[id(m.found)], m.said[1:]) for m in merged]


def _also(one: Finding, said: Sequence[Said]) -> Finding:
    return replace(one, said=(*one.said, *said))


def _agreed(looked: Looked, label: str, same: list[Finding], voices: list[str]) -> list[Finding]:
    shape = looked.shown.scan.display.shape[:2]
    masks = [
        (name, _union([f.found for f in same if f.producer == name], shape)) for name in voices
    ]
    merged = consensus(label, masks)
    if merged is None:
        detail = f"{', '.join(voices)} agree on no pixel of {label}"
        looked.faults.append(("consensus", Fault("expert_found_nothing", detail, "expert")))
        return []
    return [Finding(merged.found, CONSENSUS, any(f.candidate for f in same), merged.said)]


def _union(found: Sequence[Found], shape: tuple[int, ...]) -> np.ndarray:
    whole = np.zeros(shape, bool)
    for one in found:
        if one.mask is not None:
            whole |= one.mask
    return whole

"""Several experts on one picture: one finding where they mean the same, and who said what."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from expert_models.experts.base import Found

MARGIN_PX = (
    8  # ring of common background that STAPLE sees; all of a picture would drown the findings
)
ITERATIONS = 100  # at most; it settles in tens
SURE = 0.5  # probability from which a pixel is the finding's


_Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Said:
    """What one expert said of a merged finding.

    overlap      intersection over union with what was kept
    sensitivity  of this expert against the consensus, as STAPLE rates it; None: no consensus was made
    specificity  likewise
    """

    producer: str
    score: float | None
    overlap: float
    sensitivity: float | None = None
    specificity: float | None = None


@dataclass(frozen=True)
class Merged:
    """One finding and every expert that made it, the first named first."""

    found: Found
    said: tuple[Said, ...]


def suppress(findings: Sequence[tuple[str, Found]], *, iou: float = 0.5) -> list[Merged]:
    """Non-maximum suppression: of findings of one label that share `iou` of their union, one stays.

    findings  (producer, finding), producers in order of trust. Scores of two experts do not compare, so
              the more trusted expert wins, and among one expert's findings the higher score.
    A suppressed finding is recorded with the one that it shares most with. Two masks are compared as
    masks; as soon as one of the two is only a box, their boxes are. Findings without either are dropped.
    """
    trust = {p: i for i, p in reversed(list(enumerate(p for p, _ in findings)))}
    boxed = [(producer, one, box) for producer, one in findings if (box := _box(one)) is not None]
    order = sorted(
        boxed,
        key=lambda entry: (trust[entry[0]], -(-1.0 if entry[1].score is None else entry[1].score)),
    )
    kept: list[tuple[Found, _Box, list[Said]]] = []
    for producer, one, box in order:
        shares = [
            _overlap(one, other, box, there) if one.label == other.label else 0.0
            for other, there, _ in kept
        ]
        best = int(np.argmax(shares)) if shares else -1
        if best >= 0 and shares[best] >= iou:
            kept[best][2].append(Said(producer, one.score, shares[best]))
        else:
            kept.append((one, box, [Said(producer, one.score, 1.0)]))
    return [Merged(found, tuple(said)) for found, _, said in kept]


def consensus(label: str, masks: Sequence[tuple[str, np.ndarray]]) -> Merged | None:
    """One class mask of what several experts marked as `label`; None where they leave nothing.

    masks  (producer, [H, W] bool), a producer each once; an expert that found nothing gives an empty mask

    STAPLE (Warfield et al. 2004, IEEE Trans Med Imaging 23:903) weighs each expert by how well it agrees
    with the rest. It needs three to tell who is wrong: of two, what both marked is taken. The quality of
    the result is the mean overlap of the experts with it.
    """
    if len({producer for producer, _ in masks}) != len(masks):
        raise ValueError("an expert has one voice")
    if not masks or not any(mask.any() for _, mask in masks):
        return None
    if len(masks) < 3:
        agreed = np.logical_and.reduce([mask for _, mask in masks])
        rated: list[tuple[float | None, float | None]] = [(None, None)] * len(masks)
    else:
        agreed, rated = _staple([mask for _, mask in masks])
    if not agreed.any():
        return None
    shares = [_mask_overlap(mask, agreed) for _, mask in masks]
    said = tuple(
        Said(producer, None, share, *rates)
        for (producer, _), share, rates in zip(masks, shares, rated, strict=True)
    )
    quality = float(np.mean(shares)) if len(masks) > 1 else None
    return Merged(Found(label, agreed, quality=quality, instance=False), said)


def overlap(one: Found, other: Found) -> float:
    """Intersection over union, of masks where both have one, else of boxes; 0 where one has neither."""
    ours, theirs = _box(one), _box(other)
    return 0.0 if ours is None or theirs is None else _overlap(one, other, ours, theirs)


def _overlap(one: Found, other: Found, ours: _Box, theirs: _Box) -> float:
    """`overlap`, the boxes known: of hundreds of cells most pairs are apart, and the rest meet in a window."""
    width = min(ours[2], theirs[2]) - max(ours[0], theirs[0])
    height = min(ours[3], theirs[3]) - max(ours[1], theirs[1])
    both = max(0.0, width) * max(0.0, height)
    if both and one.mask is not None and other.mask is not None:
        low, high = np.minimum(ours, theirs), np.maximum(ours, theirs)
        window = (slice(int(low[1]), int(high[3])), slice(int(low[0]), int(high[2])))
        return _mask_overlap(one.mask[window], other.mask[window])
    either = sum((b[2] - b[0]) * (b[3] - b[1]) for b in (ours, theirs)) - both
    return both / either if either > 0 else 0.0


def _mask_overlap(one: np.ndarray, other: np.ndarray) -> float:
    either = np.count_nonzero(one | other)
    return np.count_nonzero(one & other) / either if either else 0.0


def _box(one: Found) -> tuple[float, float, float, float] | None:
    if one.mask is None:
        return one.box
    if not one.mask.any():
        return None
    rows, columns = np.flatnonzero(one.mask.any(axis=1)), np.flatnonzero(one.mask.any(axis=0))
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)


def _staple(
    masks: list[np.ndarray],
) -> tuple[np.ndarray, list[tuple[float | None, float | None]]]:
    """The pixels that are probably the finding, and (sensitivity, specificity) of each expert."""
    import SimpleITK as sitk

    rows = np.flatnonzero(np.logical_or.reduce(masks).any(axis=1))
    columns = np.flatnonzero(np.logical_or.reduce(masks).any(axis=0))
    window = (
        slice(max(0, rows[0] - MARGIN_PX), rows[-1] + 1 + MARGIN_PX),
        slice(max(0, columns[0] - MARGIN_PX), columns[-1] + 1 + MARGIN_PX),
    )
    staple = sitk.STAPLEImageFilter()
    staple.SetForegroundValue(1)
    staple.SetMaximumIterations(ITERATIONS)
    likely = staple.Execute([sitk.GetImageFromArray(m[window].astype(np.uint8)) for m in masks])
    agreed = np.zeros(masks[0].shape, dtype=bool)
    agreed[window] = sitk.GetArrayFromImage(likely) >= SURE  # NaN (no expert is right) is not sure
    rated = zip(staple.GetSensitivity(), staple.GetSpecificity(), strict=True)
    return agreed, [(float(p), float(q)) for p, q in rated]

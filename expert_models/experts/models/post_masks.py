"""Masks on the scan's own grid as findings: class masks or parts, with score and quality."""

from collections.abc import Iterator

import numpy as np

from expert_models.experts.base import Found

FIRM = 0.1  # above the threshold in probability: what stays of a mask there is its quality
DIGITS = 4


def findings_of(
    label: str,
    mask: np.ndarray,
    probability: np.ndarray | None,
    *,
    threshold: float,
    split: bool,
    smallest_px: int,
) -> list[Found]:
    """The class mask as one finding, or each connected part as one (8 or 26 neighbours).

    score    mean probability inside; quality: share of it that stays where the threshold is raised by
             0.1 (at most halfway to 1), the stability of the shape. Both None for class numbers.
    """
    found = []
    for part in _parts(mask) if split else iter([mask]):
        if np.count_nonzero(part) >= max(1, smallest_px):
            score, quality = _rated(part, probability, threshold)
            found.append(Found(label, part, score=score, quality=quality, instance=split))
    return found


def _rated(
    part: np.ndarray, probability: np.ndarray | None, threshold: float
) -> tuple[float | None, float | None]:
    if probability is None:
        return None, None
    inside = probability[part]
    firm = threshold + min(FIRM, (1 - threshold) / 2)
    mean = float(np.clip(inside.mean(dtype=np.float64), 0, 1))
    return round(mean, DIGITS), round(float((inside >= firm).mean()), DIGITS)


def _parts(mask: np.ndarray) -> Iterator[np.ndarray]:
    from scipy.ndimage import find_objects, label

    numbered, _ = label(mask, structure=np.ones((3,) * mask.ndim))
    for number, where in enumerate(find_objects(numbered), start=1):
        part = np.zeros_like(mask)
        part[where] = numbered[where] == number
        yield part

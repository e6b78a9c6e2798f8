"""Overlap of two masks of one picture or volume, pixel by pixel."""

import numpy as np


def dice(found: np.ndarray, truth: np.ndarray) -> float:
    """Twice the shared pixels over the sum of both; 1 where both are empty.

    found, truth  bool, of one shape and any number of axes. Source: Dice 1945, Ecology 26:297.
    """
    both, total = _shared(found, truth), int(found.sum()) + int(truth.sum())
    return 2 * both / total if total else 1.0


def iou(found: np.ndarray, truth: np.ndarray) -> float:
    """Shared pixels over those of either; 1 where both are empty."""
    both = _shared(found, truth)
    either = int(found.sum()) + int(truth.sum()) - both
    return both / either if either else 1.0


def sensitivity(found: np.ndarray, truth: np.ndarray) -> float:
    """Share of the truth that was found; nan where there is none."""
    return _shared(found, truth) / int(truth.sum()) if truth.any() else float("nan")


def specificity(found: np.ndarray, truth: np.ndarray) -> float:
    """Share of what is not the truth that was left alone; nan where all is truth.

    Over the whole picture: a black surround of a fundus makes it larger than within the field of view.
    """
    return sensitivity(~found, ~truth)


def _shared(found: np.ndarray, truth: np.ndarray) -> int:
    if found.shape != truth.shape or found.dtype != bool or truth.dtype != bool:
        raise ValueError("two bool masks of one shape are compared")
    return int(np.count_nonzero(found & truth))

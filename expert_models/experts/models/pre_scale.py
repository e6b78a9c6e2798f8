"""Numbers of a scan to numbers of a network: linear maps, with limits and means stated or of the one scan."""

from collections.abc import Callable

import numpy as np

from expert_models.experts.models.card_input import Scale

Map = Callable[[np.ndarray], np.ndarray]


def scaling(scale: Scale, content: np.ndarray, *, stored: bool) -> Map:
    """The map of one scan, for its content and for what pads it.

    content  [C, ...] float32, resampled and not padded; percentiles and moments are of all its channels
    stored   stored values (HU): mean-std is of them, not of values from 0 to 1
    """
    if scale.kind == "none":
        return lambda values: values
    if scale.kind == "unit":
        return _linear(0.0, 255.0)
    if scale.kind == "mean-std":
        unit = 1.0 if stored else 255.0
        mean, std = (np.array(x, np.float64) * unit for x in (scale.mean, scale.std))
        return _linear(_a_channel(mean, content.ndim), _a_channel(std, content.ndim))
    if scale.kind == "z-score":
        return _linear(float(content.mean(dtype=np.float64)), float(content.std(dtype=np.float64)))
    assert scale.low is not None  # checked by the card
    assert scale.high is not None
    low, high = scale.low, scale.high
    if scale.kind == "percentile":
        low, high = (float(x) for x in np.percentile(content, (low, high)))
    inner = _linear(low, high - low)
    return lambda values: inner(np.clip(values, low, high))


def _linear(base: float | np.ndarray, span: float | np.ndarray) -> Map:
    """(values - base) / span in float32; a scan of one value (span 0) becomes zeros."""
    if not np.all(span):
        return np.zeros_like
    less = np.asarray(base, np.float32)
    factor = np.asarray(1.0 / np.asarray(span, np.float64), np.float32)
    return lambda values: (values - less) * factor


def _a_channel(numbers: np.ndarray, axes: int) -> np.ndarray:
    """[C] or [1] as [C, 1, 1] of pictures, [C, 1, 1, 1] of volumes."""
    return numbers.reshape([-1] + [1] * (axes - 1))

"""From stored values to the 8 bits that are shown. Pure functions; halves round to even."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Range:
    """Values shown as black and white. `of` says what they are the extremes or percentiles of."""

    low: float
    high: float
    of: str
    percentiles: tuple[float, float] | None = None


def window_to_bytes(values: np.ndarray, center: float, width: float) -> np.ndarray:
    """Linear window to uint8, same shape.

    Source: DICOM PS3.3 C.11.2.1.2.1, function LINEAR, with y_min = 0 and y_max = 255; a width below
    1 is treated as 1 (a step at the centre). NaN shows as 0.
    """
    span = max(float(width), 1.0) - 1.0
    x = values.astype(np.float64) - (center - 0.5)
    if span == 0:
        return np.where(x > 0, np.uint8(255), np.uint8(0))
    return unit_to_bytes(x / span + 0.5)


def exact_window_to_bytes(values: np.ndarray, center: float, width: float) -> np.ndarray:
    """Function LINEAR_EXACT of DICOM PS3.3 C.11.2.1.3.2: no half-unit shifts; `width` > 0."""
    return unit_to_bytes((values.astype(np.float64) - center) / width + 0.5)


def sigmoid_to_bytes(values: np.ndarray, center: float, width: float) -> np.ndarray:
    """Function SIGMOID of DICOM PS3.3 C.11.2.1.3.1; `width` > 0."""
    exponent = np.clip(-4.0 * (values.astype(np.float64) - center) / width, -700, 700)
    return unit_to_bytes(1.0 / (1.0 + np.exp(exponent)))


def range_to_bytes(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Map [low, high] to [0, 255] linearly and clip; a range without extent shows as 0."""
    if not high > low:
        return np.zeros(values.shape, np.uint8)
    return unit_to_bytes((values.astype(np.float64) - low) / (high - low))


def unit_to_bytes(unit: np.ndarray) -> np.ndarray:
    """[0, 1] to uint8 by rounding; values outside are clipped, NaN becomes 0."""
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(np.rint(np.clip(unit, 0.0, 1.0) * 255.0)).astype(np.uint8)


def percentile_range(values: np.ndarray, percentiles: tuple[float, float], of: str) -> Range:
    """The two percentiles of all finite values, 0 and 0 where there are none."""
    finite = values[np.isfinite(values)] if values.dtype.kind == "f" else values.ravel()
    low, high = np.percentile(finite, percentiles) if finite.size else (0.0, 0.0)
    return Range(float(low), float(high), of, percentiles)

"""Windows and ranges, compared with pydicom and worked by hand."""

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.pixels import apply_windowing

from transforms.formats.intensity import (
    Range,
    exact_window_to_bytes,
    percentile_range,
    range_to_bytes,
    sigmoid_to_bytes,
    window_to_bytes,
)
from transforms.formats.windows import CT_WINDOWS, window_named

VALUES = np.arange(-2000, 3000, dtype=np.int16)
FUNCTIONS = {
    "LINEAR": window_to_bytes,
    "LINEAR_EXACT": exact_window_to_bytes,
    "SIGMOID": sigmoid_to_bytes,
}


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
@pytest.mark.parametrize(("center", "width"), [(40, 400), (-600, 1500), (40.5, 81), (128, 256)])
def test_windows_equal_pydicom(function: str, center: float, width: float) -> None:
    ds = Dataset()
    ds.PhotometricInterpretation, ds.BitsStored, ds.PixelRepresentation = "MONOCHROME2", 8, 0
    ds.WindowCenter, ds.WindowWidth, ds.VOILUTFunction = center, width, function
    expected = np.rint(apply_windowing(VALUES, ds)).astype(np.uint8)
    assert np.array_equal(FUNCTIONS[function](VALUES, center, width), expected)


def test_edges_of_a_linear_window() -> None:
    # PS3.3 C.11.2.1.2.1, its own example: c=2048, w=4096 maps 0 to black and 4095 to white
    assert window_to_bytes(np.array([0, 4095]), 2048, 4096).tolist() == [0, 255]
    # c=2048, w=1: a step between 2047 and 2048
    assert window_to_bytes(np.array([2047, 2048]), 2048, 1).tolist() == [0, 255]


def test_nan_is_black_and_an_empty_range_is_black() -> None:
    assert window_to_bytes(np.array([np.nan, 1e9]), 0, 2).tolist() == [0, 255]
    assert range_to_bytes(np.array([5, 5]), 5, 5).tolist() == [0, 0]


def test_percentiles_leave_out_what_is_not_finite() -> None:
    values = np.array([np.nan, np.inf, -np.inf, 0.0, 10.0])
    assert percentile_range(values, (0, 50), "x") == Range(0.0, 5.0, "x", (0, 50))
    nothing = percentile_range(np.array([np.nan]), (0, 50), "x")
    assert (nothing.low, nothing.high) == (0.0, 0.0)


def test_named_windows() -> None:
    assert (CT_WINDOWS["lung"].center, CT_WINDOWS["lung"].width) == (-600, 1500)
    assert window_named("40/400").width == 400
    for bad in ("long", "40/0", "40/nan", "1/2/3"):
        with pytest.raises(ValueError, match="window"):
            window_named(bad)

"""One picture stored in many ways is one picture; windows and LUTs as pydicom does them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import Sequence, dcmread, dcmwrite
from pydicom.dataset import Dataset
from pydicom.pixels import apply_modality_lut, apply_voi_lut
from pydicom.uid import (
    ExplicitVRBigEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from transforms.formats.dicom_read import read_dicom
from transforms.formats.volume import Cut
from transforms.picture import Picture

WINDOW: dict[str, Any] = {"WindowCenter": 500, "WindowWidth": 900}


@pytest.fixture
def values() -> np.ndarray:
    """[36, 56] of 0..1000, without symmetry: a ramp in blocks of 4 with a bright L."""
    out = np.add.outer(np.arange(9) * 40, np.arange(14) * 20)
    out[1:6, 2] = out[5, 2:5] = 1000
    return np.kron(out, np.ones((4, 4), int))


def read(path: Path, cut: Cut | None = None) -> Picture:
    (picture,) = read_dicom([path], cut=cut or Cut())
    assert isinstance(picture, Picture), picture
    return picture


def lut(first: int, entries: np.ndarray, bits: int) -> Sequence:
    item = Dataset()
    item.LUTDescriptor = [len(entries) % 65536, first, bits]
    data = entries.astype(np.uint8 if bits == 8 else "<u2").tobytes()  # 8-bit ones are packed
    item.add_new("LUTData", "OW", data + b"\0" * (len(data) % 2))
    return Sequence([item])


def encodings(v: np.ndarray) -> dict[str, tuple[np.ndarray, dict[str, Any]]]:
    """Stored arrays and attributes that all mean the values `v`."""
    table = np.arange(1001, dtype=np.uint16)
    u16 = v.astype(np.uint16)
    return {
        "plain": (u16, {}),
        "signed": (v.astype(np.int16), {}),
        "rescaled": ((v + 1024).astype(np.uint16), {"RescaleIntercept": -1024}),
        "slope": (v.astype(np.uint16) * 4, {"RescaleSlope": 0.25}),
        "twelve bits": (u16, {"BitsStored": 12, "HighBit": 11}),
        "32 bits": (v.astype(np.uint32), {}),
        "negative slope": ((1000 - v).astype(np.int16), {"RescaleSlope": -1, "RescaleIntercept": 1000}),
        "modality LUT": (
            (1000 - v).astype(np.uint16),
            {"ModalityLUTSequence": lut(0, table[::-1], 16), "RescaleSlope": None, "RescaleIntercept": None},
        ),
        "RLE": (u16, {"syntax": RLELossless}),
        "JPEG 2000": (u16, {"syntax": JPEG2000Lossless}),
        "JPEG-LS": (u16, {"syntax": JPEGLSLossless}),
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(encodings(np.zeros((1, 1), int))))
def test_one_picture_in_many_encodings(
    tmp_path: Path, write_dicom: Callable[..., Path], values: np.ndarray, name: str
) -> None:
    expected = read(write_dicom(tmp_path / "plain", values.astype(np.uint16), **WINDOW))
    stored, attributes = encodings(values)[name]
    picture = read(write_dicom(tmp_path / "other", stored, **WINDOW, **attributes))
    assert np.array_equal(picture.display, expected.display)
    assert picture.native is not None
    assert np.array_equal(picture.native, values)
    assert picture.display[12, 8] == 255
    assert picture.display[0, 0] == 0


def test_monochrome1_is_the_same_picture_inverted(
    tmp_path: Path, write_dicom: Callable[..., Path], values: np.ndarray
) -> None:
    other = {"Modality": "CR", "SOPClassUID": "1.2.840.10008.5.1.4.1.1.1"}
    plain = read(write_dicom(tmp_path / "a", values.astype(np.uint16), **WINDOW, **other))
    flipped = (1000 - values).astype(np.uint16)
    path = write_dicom(
        tmp_path / "b", flipped, **WINDOW, **other, PhotometricInterpretation="MONOCHROME1"
    )
    picture = read(path)
    shown = picture.display.astype(int) - plain.display
    assert np.abs(shown).max() <= 1  # the window's half-unit shift is not symmetric
    assert picture.native is None
    assert picture.steps[2]["step"] == "invert"


def test_big_endian(tmp_path: Path, write_dicom: Callable[..., Path], values: np.ndarray) -> None:
    path = write_dicom(tmp_path / "a", values.astype(np.uint16), **WINDOW)
    expected = read(path).display
    ds = dcmread(path)
    ds.PixelData = values.astype(">u2").tobytes()
    ds.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    encoding = {"little_endian": False, "implicit_vr": False, "force_encoding": True}
    dcmwrite(tmp_path / "b", ds, **encoding)
    assert np.array_equal(read(tmp_path / "b").display, expected)


def test_overlay_bits_above_the_stored_ones_are_cleared(
    tmp_path: Path, write_dicom: Callable[..., Path], values: np.ndarray
) -> None:
    dirty = values.astype(np.uint16) | np.where(values % 40 == 0, 0x8000, 0).astype(np.uint16)
    path = write_dicom(tmp_path / "a", dirty, BitsStored=12, HighBit=11, **WINDOW)
    assert np.array_equal(read(path).native, values)


@pytest.mark.parametrize("colour", [[10, 200, 30], [0, 0, 0], [255, 1, 254]])
def test_rgb_ybr_and_palette_show_the_same_colour(
    tmp_path: Path, write_dicom: Callable[..., Path], colour: list[int]
) -> None:
    rgb = np.tile(np.array(colour, np.uint8), (6, 5, 1))
    rgb[2, 3] = [1, 2, 3]
    other = {"RescaleSlope": None, "RescaleIntercept": None, "Modality": "US"}
    plain = read(write_dicom(tmp_path / "a", rgb, **other))
    assert np.array_equal(plain.display, rgb)
    assert plain.native is None
    planar = np.ascontiguousarray(np.moveaxis(rgb, -1, 0))
    path = write_dicom(
        tmp_path / "b", rgb, **other, PlanarConfiguration=1, PixelData=planar.tobytes()
    )
    assert np.array_equal(read(path).display, rgb)
    from pydicom.pixels import convert_color_space

    ybr = convert_color_space(rgb, "RGB", "YBR_FULL")
    path = write_dicom(tmp_path / "c", ybr, **other, PhotometricInterpretation="YBR_FULL")
    assert np.abs(read(path).display.astype(int) - rgb).max() <= 2
    index = np.zeros((6, 5), np.uint8)
    index[2, 3] = 1
    tables: dict[str, Any] = {}
    for n, channel in enumerate(("Red", "Green", "Blue")):
        entries = np.array([colour[n], [1, 2, 3][n]], np.uint16) << 8
        tables[f"{channel}PaletteColorLookupTableDescriptor"] = [2, 0, 16]
        tables[f"{channel}PaletteColorLookupTableData"] = entries.tobytes()
    path = write_dicom(
        tmp_path / "d", index, **other, **tables, PhotometricInterpretation="PALETTE COLOR"
    )
    assert np.array_equal(read(path).display, rgb)


def test_voi_lut_of_eight_bits_with_many_entries(
    tmp_path: Path, write_dicom: Callable[..., Path], values: np.ndarray
) -> None:
    table = (np.arange(1001) // 4).astype(np.uint8)  # an index kept in 8 bits would wrap around
    path = write_dicom(
        tmp_path / "a", values.astype(np.uint16), Modality="CR", VOILUTSequence=lut(0, table, 8)
    )
    picture = read(path)
    assert np.array_equal(picture.display, values // 4)
    assert picture.steps[-2]["step"] == "voi_lut"


def test_voi_lut_first_value_and_ends(tmp_path: Path, write_dicom: Callable[..., Path]) -> None:
    stored = np.array([[-300, -200, -199, -101, -100, 500]], np.int16)
    table = np.arange(101, dtype=np.uint16) * 655
    path = write_dicom(tmp_path / "a", stored, Modality="CR", VOILUTSequence=lut(-200, table, 16))
    expected = np.rint(np.array([[0, 0, 655, 99 * 655, 65500, 65500]]) / 65535 * 255)
    assert np.array_equal(read(path).display, expected)


def test_the_header_window_comes_before_named_ones_only_when_none_is_asked(
    tmp_path: Path, write_dicom: Callable[..., Path], values: np.ndarray
) -> None:
    path = write_dicom(
        tmp_path / "a", values.astype(np.uint16), WindowCenter=[500, 1], WindowWidth=[900, 2]
    )
    assert read(path).window == "500/900"
    shown = list(read_dicom([path], cut=Cut(windows=("lung", "bone", "40/80"))))
    assert [(p.key, p.window) for p in shown if isinstance(p, Picture)] == [
        ("window=lung", "lung"), ("window=bone", "bone"), ("window=40/80", "40/80"),
    ]  # fmt: skip
    bare = read(write_dicom(tmp_path / "b", values.astype(np.uint16)))
    assert bare.window == "soft tissue"


def test_windows_are_not_asked_of_what_is_not_in_hounsfield_units(
    tmp_path: Path, write_dicom: Callable[..., Path], values: np.ndarray
) -> None:
    stored = values.astype(np.uint16)
    for other in (
        {"Modality": "MR"},
        {"RescaleType": "US"},
        {"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]},
    ):
        picture = read(write_dicom(tmp_path / "a", stored, **other), Cut(windows=("lung",)))
        assert (picture.unit, picture.window) == (None, None)


def test_padding_does_not_stretch_the_range(
    tmp_path: Path, write_dicom: Callable[..., Path], values: np.ndarray
) -> None:
    stored = values.astype(np.int16)
    stored[:4, :12] = -30000
    path = write_dicom(tmp_path / "a", stored, Modality="NM", PixelPaddingValue=-30000)
    assert read(path).display[12, 8] == 255
    assert read(path).display[35, 0] == round((320 - 40) / (1000 - 40) * 255)


def test_a_window_of_no_width_is_flagged_and_not_used(
    tmp_path: Path, write_dicom: Callable[..., Path], values: np.ndarray
) -> None:
    path = write_dicom(tmp_path / "a", values.astype(np.uint16), WindowCenter=5, WindowWidth=0)
    picture = read(path)
    assert picture.window == "soft tissue"
    assert "stated window invalid" in picture.flags


@pytest.mark.samples
def test_real_files_are_shown_as_pydicom_shows_them(samples: Path) -> None:
    names = sorted((samples / "pydicom_testfiles").rglob("*"))
    seen = 0
    for path in names:
        found = list(read_dicom([path], cut=Cut(max_slices=1)))
        picture = found[0]
        if not isinstance(picture, Picture) or picture.key or picture.display.ndim == 3:
            continue
        ds = dcmread(path, force=True)
        if "WindowWidth" not in ds or "VOILUTSequence" in ds:
            continue
        seen += 1
        values = apply_modality_lut(ds.pixel_array, ds)
        shown = apply_voi_lut(values, ds, prefer_lut=False)  # over the range of the stored bits
        signed = ds.PixelRepresentation == 1
        low = -(2.0 ** (ds.BitsStored - 1)) if signed else 0.0
        high = low + 2.0**ds.BitsStored - 1
        slope, intercept = float(ds.get("RescaleSlope", 1)), float(ds.get("RescaleIntercept", 0))
        low, high = low * slope + intercept, high * slope + intercept
        expected = np.rint((shown - low) / (high - low) * 255)
        expected = 255 - expected if ds.PhotometricInterpretation == "MONOCHROME1" else expected
        assert np.array_equal(picture.display, expected), path.name
    assert seen > 30

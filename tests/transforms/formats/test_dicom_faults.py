"""Bad DICOM files: one fault each, with the reason that is really theirs."""

import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000Lossless, RLELossless

from schemas.reject import Fault
from transforms.formats import dicom_file
from transforms.formats.dicom_codestream import frame_size
from transforms.formats.dicom_read import read_dicom
from transforms.formats.volume import Cut
from transforms.picture import Picture

Writer = Callable[..., Path]


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 999, (48, 64), dtype=np.int16)


def reason(path: Path) -> str:
    (fault,) = read_dicom([path], cut=Cut())
    assert isinstance(fault, Fault), fault
    assert fault.scope == "item"
    assert "secret" not in fault.detail
    assert "/" not in fault.detail
    return fault.reason


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"Rows": None}, "pixel_description_missing"),
        ({"PhotometricInterpretation": None, "BitsAllocated": None}, "pixel_description_missing"),
        ({"PixelRepresentation": None}, "pixel_description_missing"),
        ({"Rows": 0}, "malformed_header"),
        ({"Rows": 65535, "Columns": 65535, "NumberOfFrames": 1000}, "too_large"),
        ({"NumberOfFrames": 10_000_000}, "too_large"),
        ({"Rows": 4096, "Columns": 4096, "NumberOfFrames": 100}, "truncated"),
        ({"SamplesPerPixel": 4}, "unsupported_pixels"),
        ({"PhotometricInterpretation": "ARGB"}, "unsupported_pixels"),
        ({"PixelSpacing": [0, 1]}, "spacing_invalid"),
        ({"PixelSpacing": [1, -1]}, "spacing_invalid"),
        ({"ImageOrientationPatient": [1, 0, 0, 1, 0, 0]}, "affine_singular"),
        ({"ImageOrientationPatient": [0, 0, 0, 0, 0, 0]}, "affine_singular"),
        ({"ImagePositionPatient": [1, 2]}, "malformed_header"),
        ({"VOILUTFunction": "MAGIC", "WindowCenter": 1, "WindowWidth": 9}, "malformed_header"),
        ({"PixelData": None}, "no_pixels"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.66.4"}, "no_pixels"),
    ],
)
def test_reasons(
    tmp_path: Path, write_dicom: Writer, pixels: np.ndarray, attributes: dict, expected: str
) -> None:
    assert reason(write_dicom(tmp_path / "a", pixels, **attributes)) == expected


@pytest.mark.parametrize(
    ("keyword", "text"),
    [
        ("PixelSpacing", b"1\\nan"),
        ("ImagePositionPatient", b"1\\2\\inf "),
        ("WindowCenter", b"abc"),
        ("RescaleSlope", b"1e9999"),
    ],
)
def test_numbers_that_are_none(
    tmp_path: Path, write_dicom: Writer, pixels: np.ndarray, keyword: str, text: bytes
) -> None:
    from pydicom.datadict import tag_for_keyword
    from pydicom.dataelem import RawDataElement
    from pydicom.tag import Tag

    path = write_dicom(tmp_path / "a", pixels, WindowCenter=5, WindowWidth=9)
    ds = dcmread(path)
    tag = Tag(tag_for_keyword(keyword))
    text += b" " * (len(text) % 2)
    ds._dict[tag] = RawDataElement(tag, "DS", len(text), text, 0, False, True)
    ds.save_as(path)
    assert reason(path) == "malformed_header"


@pytest.mark.parametrize("share", [0.02, 0.1, 0.4, 0.9, 0.999])
@pytest.mark.parametrize("syntax", [None, RLELossless, JPEG2000Lossless])
def test_cut_files(
    tmp_path: Path, write_dicom: Writer, pixels: np.ndarray, share: float, syntax: str | None
) -> None:
    path = write_dicom(tmp_path / "a", pixels, syntax=syntax)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    found = list(read_dicom([path], cut=Cut()))
    assert len(found) == 1
    if isinstance(found[0], Picture):  # only the delimiter after the last fragment was cut
        assert share == 0.999
        assert syntax is not None
    else:
        assert found[0].reason in (
            "truncated", "undecodable", "malformed_header", "not_this_format",
            "pixel_description_missing", "no_pixels", "meta_missing",
        )  # fmt: skip


def test_a_compressed_frame_of_another_size(
    tmp_path: Path, write_dicom: Writer, pixels: np.ndarray
) -> None:
    path = write_dicom(tmp_path / "a", pixels, syntax=JPEG2000Lossless)
    ds = dcmread(path)
    ds.Rows = 47
    ds.save_as(path)
    assert reason(path) == "frame_size_differs"
    ds.Rows, ds.NumberOfFrames = 48, 2
    ds.save_as(path)
    assert reason(path) == "truncated"
    ds.NumberOfFrames = 1
    ds.PixelData = encapsulate([b"\xff\x4f\xff\x51garbage that is no codestream at all...."])
    ds.save_as(path)
    assert reason(path) in ("undecodable", "frame_size_differs")


@pytest.mark.parametrize("quality", [20, 95])
def test_codestream_sizes(quality: int) -> None:
    import io

    from PIL import Image

    for kind in ("JPEG", "JPEG2000"):
        buffer = io.BytesIO()
        Image.new("RGB", (123, 45)).save(buffer, format=kind, quality=quality)
        assert frame_size(buffer.getvalue()) == (45, 123)
    assert frame_size(b"\xff\xd8\xff\xe0\x00\x02") is None
    assert frame_size(b"") is None


def deflated(path: Path, body: bytes) -> Path:
    """A deflated explicit little endian file whose data set is `body`."""
    uid = b"1.2.840.10008.1.2.1.99"
    meta = b"\x02\x00\x10\x00UI" + len(uid).to_bytes(2, "little") + uid
    length = b"\x02\x00\x00\x00UL\x04\x00" + len(meta).to_bytes(4, "little")
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    path.write_bytes(bytes(128) + b"DICM" + length + meta + packer.compress(body) + packer.flush())
    return path


def test_a_deflate_bomb_is_counted_before_it_is_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dicom_file, "MAX_INFLATED_BYTES", 1 << 20)
    element = b"\x08\x00\x18\x00UN\x00\x00" + (1 << 22).to_bytes(4, "little") + bytes(1 << 22)
    assert reason(deflated(tmp_path / "bomb", element)) == "too_large"
    whole = deflated(tmp_path / "cut", b"\x08\x00\x60\x00CS\x02\x00CT").read_bytes()
    (tmp_path / "cut").write_bytes(whole[:-3])
    assert reason(tmp_path / "cut") in ("truncated", "undecodable")


def test_what_is_no_dicom(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("just text " * 100)
    (tmp_path / "prefix").write_bytes(bytes(128) + b"DICM" + bytes(range(256)) * 4)
    (tmp_path / "empty").write_bytes(b"")
    assert reason(tmp_path / "text") == "not_this_format"
    assert reason(tmp_path / "prefix") in ("malformed_header", "no_pixels", "truncated")
    assert reason(tmp_path / "empty") == "truncated"
    assert reason(tmp_path / "absent") == "file_absent"


@pytest.mark.parametrize("syntax", [None, RLELossless, JPEG2000Lossless])
def test_mutated_files_never_raise(
    tmp_path: Path, write_dicom: Writer, pixels: np.ndarray, syntax: str | None
) -> None:
    path = write_dicom(tmp_path / "a", pixels, syntax=syntax, WindowCenter=5, WindowWidth=9)
    data = path.read_bytes()
    rng = np.random.default_rng(1)
    for n in range(80):
        changed = bytearray(data)
        reach = len(data) if n % 2 else 900  # the header is where the damage is
        for at in rng.integers(132, reach, 1 + n % 5):
            changed[at] = int(rng.integers(0, 256))
        path.write_bytes(bytes(changed))
        for found in read_dicom([path], cut=Cut()):
            assert isinstance(found, (Picture, Fault))


@pytest.mark.samples
def test_the_four_malformed_samples_each_have_their_own_reason(samples: Path) -> None:
    folder = samples / "pydicom_testfiles"
    told = {
        name: reason(folder / f"{name}.dcm")
        for name in (
            "JPEG2000-embedded-sequence-delimiter", "JPEG-lossy", "meta_missing_tsyntax",
            "nested_priv_SQ",
        )
    }  # fmt: skip
    assert told == {
        "JPEG2000-embedded-sequence-delimiter": "frame_size_differs",
        "JPEG-lossy": "undecodable",
        "meta_missing_tsyntax": "meta_missing",
        "nested_priv_SQ": "pixel_description_missing",
    }


@pytest.mark.samples
def test_every_sample_file_gives_pictures_or_one_fault(samples: Path) -> None:
    counts = {"pictures": 0, "faults": 0}
    for folder in ("pydicom_testfiles", "highdicom_testfiles", "presidio_burned_in_phi"):
        for path in sorted(p for p in (samples / folder).rglob("*") if p.is_file()):
            found = list(read_dicom([path], cut=Cut(max_slices=1)))
            if isinstance(found[0], Fault):
                assert len(found) == 1, path.name
                counts["faults"] += 1
            else:
                assert all(isinstance(p, Picture) for p in found), path.name
                assert all(p.display.dtype == np.uint8 for p in found)  # type: ignore[union-attr]
                counts["pictures"] += 1
    assert counts["pictures"] > 80

"""Opening slides: what is none, what is cut off, what latches an error, and what is never looked at."""

from pathlib import Path

import numpy as np
import pytest

from schemas.reject import Fault
from transforms.formats.slide import WholeSlide

openslide = pytest.importorskip("openslide")
tifffile = pytest.importorskip("tifffile")
TILED = {"tile": (64, 64), "photometric": "rgb", "compression": "deflate"}


@pytest.fixture
def picture() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 255, (192, 256, 3), np.uint8)


@pytest.fixture
def path(picture: np.ndarray, tmp_path: Path) -> Path:
    file = tmp_path / "slide.tif"
    tifffile.imwrite(file, picture, resolution=(2e4, 2e4), resolutionunit="CENTIMETER", **TILED)
    return file


def refused(path: Path) -> str:
    with pytest.raises(Fault) as found:
        WholeSlide(path)
    assert str(path.parent) not in found.value.detail
    return found.value.reason


def test_regions_are_in_full_size_pixels(path: Path, picture: np.ndarray) -> None:
    with WholeSlide(path) as slide:
        assert [(n.width, n.height, n.downsample) for n in slide.levels] == [(256, 192, 1.0)]
        assert slide.bounds == (0, 0, 256, 192)
        assert np.array_equal(slide.read(0, 30, 7, 100, 90), picture[7:97, 30:130])


def test_what_lies_beyond_the_scan_is_white(path: Path, picture: np.ndarray) -> None:
    with WholeSlide(path) as slide:
        found = slide.read(0, 200, 150, 100, 100)
    assert np.array_equal(found[:42, :56], picture[150:, 200:])
    assert (found[:, 56:] == 255).all()
    assert (found[42:] == 255).all()


def test_no_slides(path: Path, tmp_path: Path) -> None:
    assert refused(tmp_path / "absent.svs") == "file_absent"
    for name, content, reason in (
        ("text.svs", b"not a slide at all", "not_this_format"),
        ("empty.svs", b"", "truncated"),
        ("cut.tif", path.read_bytes()[:200], "truncated"),
        ("head.svs", path.read_bytes()[:6], "truncated"),
    ):
        (tmp_path / name).write_bytes(content)
        assert refused(tmp_path / name) == reason, name


def test_a_plain_picture_is_no_slide(tmp_path: Path, picture: np.ndarray) -> None:
    tifffile.imwrite(tmp_path / "strips.tif", picture, photometric="rgb")
    assert refused(tmp_path / "strips.tif") == "not_this_format"


def test_one_error_does_not_stay(path: Path, picture: np.ndarray) -> None:
    with tifffile.TiffFile(path) as file:
        at, length = file.pages[0].dataoffsets[5], file.pages[0].databytecounts[5]
    with path.open("r+b") as file:
        file.seek(at)
        file.write(b"\xff" * length)
    with WholeSlide(path) as slide:
        with pytest.raises(Fault, match="undecodable"):
            slide.read(0, 64, 64, 64, 64)  # row 1, column 1
        assert np.array_equal(slide.read(0, 128, 64, 64, 64), picture[64:128, 128:192])


def test_a_slide_cut_off_in_its_pixels(path: Path, tmp_path: Path) -> None:
    """The directory comes first here."""
    with tifffile.TiffFile(path) as file:
        offsets = file.pages[0].dataoffsets
    short = tmp_path / "short.tif"
    short.write_bytes(path.read_bytes()[: offsets[6] + 10])
    assert refused(short) == "truncated"


def test_label_and_macro_have_no_door() -> None:
    """Reading them takes `associated_images` (or `get_thumbnail`), which stands nowhere in the code."""
    root = Path(__file__).resolve().parents[3]
    own = [root / "transforms/formats/slide.py", *(root / "transforms/slides").glob("*.py")]
    own += [root / "transforms/formats/slide_scan.py", root / "transforms/layouts/slide_tree.py"]
    for path in own:
        code = path.read_text("utf-8").split('"""')[2::2]  # without docstrings
        text = "".join(code)
        assert "associated_images" not in text, path
        assert "get_thumbnail" not in text, path


@pytest.mark.samples
def test_dicom_slides(samples: Path) -> None:
    folder = samples / "highdicom_testfiles"
    if not folder.is_dir():
        pytest.skip("no highdicom_testfiles among the samples")
    from pydicom import dcmread

    with WholeSlide(folder / "sm_image.dcm") as slide:
        assert slide.properties["openslide.vendor"] == "dicom"
        assert float(slide.properties["openslide.mpp-x"]) == pytest.approx(0.499)
        found = slide.read(0, 0, 0, 50, 50)
    frames = dcmread(folder / "sm_image.dcm").pixel_array  # 25 tiles of 10 x 10, row by row
    whole = frames.reshape(5, 5, 10, 10, 3).swapaxes(1, 2).reshape(50, 50, 3)
    assert np.array_equal(found, whole)
    assert refused(folder / "sm_image_grayscale.dcm") == "undecodable"  # 16 bit
    assert refused(folder / "ct_image.dcm") == "not_this_format"


def test_tiles_that_would_take_all_memory(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transforms.formats.slide.MOST_TILE_PIXELS", 64 * 64)
    WholeSlide(path)
    monkeypatch.setattr("transforms.formats.slide.MOST_TILE_PIXELS", 64 * 64 - 1)
    with pytest.raises(Fault, match="tiles of 64 x 64 px") as found:
        WholeSlide(path)
    assert found.value.reason == "too_large"


def test_a_slide_that_is_cut_off_is_told_once(
    path: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cut = tmp_path / "cut.tif"
    cut.write_bytes(path.read_bytes()[:200])
    assert refused(cut) == "truncated"
    assert caplog.text == ""

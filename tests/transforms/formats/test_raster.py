"""Raster reading, compared with Pillow and tifffile."""

import io
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageOps

from schemas.reject import Fault
from transforms.formats.raster import read_array, read_raster


@pytest.fixture
def grey() -> np.ndarray:
    """[24, 37] uint8 without any symmetry."""
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (24, 37), dtype=np.uint8)


@pytest.fixture
def colour() -> np.ndarray:
    rng = np.random.default_rng(1)
    return rng.integers(0, 256, (24, 37, 3), dtype=np.uint8)


def reason(path: Path, **options: int) -> str:
    with pytest.raises(Fault) as caught:
        read_raster(path, **options)
    return caught.value.reason


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "bmp"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_eight_bit_files_equal_pillow(
    tmp_path: Path, colour: np.ndarray, mode: str, suffix: str
) -> None:
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(colour).convert(mode).save(path)
    picture = read_raster(path)
    assert np.array_equal(picture.display, np.asarray(Image.open(path)))
    assert picture.steps == []
    assert picture.native is None


@pytest.mark.samples
def test_real_files_equal_pillow(samples: Path) -> None:
    paths = sorted(p for p in samples.rglob("*") if p.suffix in (".png", ".jpg", ".jpeg"))[::40]
    assert len(paths) > 20
    for path in paths:
        assert np.array_equal(read_array(path), np.asarray(Image.open(path))), path.name


def test_grey_stored_as_colour_becomes_grey_only_when_channels_agree(
    tmp_path: Path, grey: np.ndarray
) -> None:
    same = np.stack([grey] * 3, axis=-1)
    Image.fromarray(same).save(tmp_path / "same.png")
    picture = read_raster(tmp_path / "same.png")
    assert picture.display.shape == grey.shape
    assert picture.steps[0]["step"] == "grey_from_equal_channels"
    same[3, 4, 2] ^= 1
    Image.fromarray(same).save(tmp_path / "near.png")
    assert read_raster(tmp_path / "near.png").display.shape == (*grey.shape, 3)


def test_constant_alpha_is_dropped_and_varying_alpha_lies_on_black(
    tmp_path: Path, colour: np.ndarray
) -> None:
    alpha = np.full(colour.shape[:2], 255, np.uint8)
    Image.fromarray(np.dstack([colour, alpha])).save(tmp_path / "a.png")
    picture = read_raster(tmp_path / "a.png")
    assert np.array_equal(picture.display, colour)
    assert picture.flags == []
    alpha[2, 3] = 0
    Image.fromarray(np.dstack([colour, alpha])).save(tmp_path / "b.png")
    picture = read_raster(tmp_path / "b.png")
    assert picture.display[2, 3].tolist() == [0, 0, 0]
    assert picture.flags == ["alpha on black"]
    assert np.array_equal(picture.display[4:], colour[4:])


def test_sixteen_bits_are_scaled_by_their_own_range(tmp_path: Path) -> None:
    values = np.arange(236, dtype=np.uint16).reshape(4, 59)  # a 16-bit type that holds 0-235
    Image.fromarray(values).save(tmp_path / "a.png")
    picture = read_raster(tmp_path / "a.png")
    assert (picture.display.min(), picture.display.max()) == (0, 255)
    assert picture.native is not None
    assert np.array_equal(picture.native, values)
    assert '"high": 235.0' in picture.steps[0]["parameters"]


def test_sixteen_bit_colour_keeps_its_low_bits(tmp_path: Path) -> None:
    values = np.arange(4 * 5 * 3, dtype=np.uint16).reshape(4, 5, 3)  # Pillow would read all zeros
    import cv2

    cv2.imwrite(str(tmp_path / "a.png"), values[..., ::-1])
    tifffile.imwrite(tmp_path / "a.tif", values, photometric="rgb")
    for name in ("a.png", "a.tif"):
        picture = read_raster(tmp_path / name)
        assert picture.display.shape == (4, 5, 3)
        assert np.array_equal(picture.display, np.rint(values / 59 * 255).astype(np.uint8))
        assert np.array_equal(read_array(tmp_path / name), values)


@pytest.mark.parametrize("turn", range(1, 9))
def test_exif_orientation_is_applied_as_pillow_does(
    tmp_path: Path, grey: np.ndarray, turn: int
) -> None:
    exif = Image.Exif()
    exif[0x0112] = turn
    Image.fromarray(grey).save(tmp_path / "a.jpg", exif=exif, quality=95)
    with Image.open(tmp_path / "a.jpg") as image:
        upright = np.asarray(ImageOps.exif_transpose(image))
    picture = read_raster(tmp_path / "a.jpg")
    assert np.array_equal(picture.display, upright)
    assert ("EXIF orientation applied" in picture.flags) == (turn != 1)


def test_palette_one_bit_and_cmyk(tmp_path: Path, colour: np.ndarray, grey: np.ndarray) -> None:
    palette = Image.fromarray(colour).quantize(8)
    palette.save(tmp_path / "p.png")
    assert np.array_equal(
        read_raster(tmp_path / "p.png").display, np.asarray(palette.convert("RGB"))
    )
    assert np.array_equal(read_array(tmp_path / "p.png"), np.asarray(palette))  # indices
    shown = read_array(tmp_path / "p.png", expand_palette=True)
    assert np.array_equal(shown, np.asarray(palette.convert("RGB")))
    Image.fromarray(grey > 99).save(tmp_path / "b.png")
    assert np.array_equal(read_raster(tmp_path / "b.png").display, np.where(grey > 99, 255, 0))
    assert np.array_equal(read_array(tmp_path / "b.png"), np.where(grey > 99, 255, 0))
    cmyk = Image.fromarray(colour).convert("CMYK")
    cmyk.save(tmp_path / "c.tif")
    assert np.array_equal(read_raster(tmp_path / "c.tif").display, np.asarray(cmyk.convert("RGB")))


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "tif"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.97])
def test_cut_files_are_faults(
    tmp_path: Path, colour: np.ndarray, suffix: str, share: float
) -> None:
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(np.tile(colour, (8, 8, 1))).save(path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    assert reason(path) in ("truncated", "undecodable")


def test_what_is_no_image(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("not an image")
    (tmp_path / "empty.png").write_bytes(b"")
    assert reason(tmp_path / "a.png") == "not_this_format"
    assert reason(tmp_path / "empty.png") == "truncated"
    assert reason(tmp_path / "absent.png") == "file_absent"
    assert reason(tmp_path) == "file_absent"


def test_wrong_suffix_is_read_by_content(tmp_path: Path, grey: np.ndarray) -> None:
    Image.fromarray(grey).save(tmp_path / "a.jpg", format="PNG")
    assert np.array_equal(read_raster(tmp_path / "a.jpg").display, grey)


def test_bombs_are_refused_before_decoding(tmp_path: Path) -> None:
    def chunk(name: bytes, data: bytes) -> bytes:
        body = name + data
        return len(data).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")

    def png(side: int, *extra: bytes) -> bytes:
        header = side.to_bytes(4, "big") * 2 + b"\x01\x00\x00\x00\x00"
        rows = zlib.compress(b"\0" * 1000)
        chunks = (chunk(b"IHDR", header), *extra, chunk(b"IDAT", rows), chunk(b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)

    (tmp_path / "huge.png").write_bytes(png(60_000))
    (tmp_path / "large.png").write_bytes(png(14_000))
    text = chunk(b"zTXt", b"k\0\0" + zlib.compress(b"x" * 80_000_000))
    (tmp_path / "text.png").write_bytes(png(8, text))
    assert reason(tmp_path / "huge.png") == "too_large"
    assert reason(tmp_path / "large.png") == "too_large"
    assert reason(tmp_path / "text.png") == "too_large"


def test_pixel_budget(tmp_path: Path, grey: np.ndarray) -> None:
    Image.fromarray(grey).save(tmp_path / "a.png")
    assert reason(tmp_path / "a.png", max_pixels=grey.size - 1) == "too_large"
    assert read_raster(tmp_path / "a.png", max_pixels=grey.size).display.shape == grey.shape


def test_other_formats_stay_shut(tmp_path: Path, grey: np.ndarray) -> None:
    Image.fromarray(grey).save(tmp_path / "a.png", format="WEBP")
    assert reason(tmp_path / "a.png") == "not_this_format"


def test_first_frame_of_an_animation(tmp_path: Path, grey: np.ndarray) -> None:
    frames = [Image.fromarray(grey), Image.fromarray(255 - grey)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    picture = read_raster(tmp_path / "a.gif")
    assert picture.flags == ["first of many frames"]
    assert np.array_equal(picture.display, grey)


def test_float_tiff_with_nan_is_refused(tmp_path: Path) -> None:
    values = np.array([[0.0, np.nan], [1.0, 2.0]], np.float32)
    tifffile.imwrite(tmp_path / "a.tif", values)
    assert reason(tmp_path / "a.tif") == "unsupported_pixels"
    tifffile.imwrite(tmp_path / "b.tif", np.nan_to_num(values))
    assert read_raster(tmp_path / "b.tif").display.tolist() == [[0, 0], [128, 255]]


def test_bytes_of_a_mutated_file_never_raise_anything_else(
    tmp_path: Path, colour: np.ndarray
) -> None:
    rng = np.random.default_rng(5)
    for suffix in ("png", "jpg", "tif", "gif"):
        buffer = io.BytesIO()
        Image.fromarray(colour).save(
            buffer, format={"jpg": "JPEG", "tif": "TIFF"}.get(suffix, suffix)
        )
        for _ in range(40):
            data = bytearray(buffer.getvalue())
            for at in rng.integers(0, len(data), 3):
                data[at] = int(rng.integers(0, 256))
            path = tmp_path / f"m.{suffix}"
            path.write_bytes(bytes(data))
            try:
                assert read_raster(path).display.dtype == np.uint8
            except Fault as fault:
                assert fault.reason  # noqa: PT017  either outcome is fine, another exception is not

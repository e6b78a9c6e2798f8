"""Copies of pictures: sizes, coordinates, drawing, blanking and taking out."""

import hashlib
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from pycocotools import mask as coco

from schemas.exchange import SentImage
from schemas.region import Region
from transforms.drawing import PALETTE
from transforms.showing.copies import blank_copy, masked_copy, overlay_copy, sent_copy
from transforms.showing.overlay import NAMES, colour_name
from transforms.showing.raster import SMALLEST_SIDE, sent_box

WIDE, HIGH = 900, 540  # not square, and larger than `LEGIBLE`
BOX = (600, 60, 780, 150)  # off every axis of symmetry: x in the right third, y in the upper one


def png(pixels: np.ndarray) -> bytes:
    out = io.BytesIO()
    Pillow.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def pixels_of(image: SentImage) -> np.ndarray:
    return np.asarray(Pillow.open(io.BytesIO(image.data)))


def region(
    box: tuple[int, ...], *, masked: bool = True, size: tuple[int, int] = (HIGH, WIDE)
) -> Region:
    """A region that fills its box."""
    mask = None
    if masked:
        filled = np.zeros(size, np.uint8, order="F")
        filled[box[1] : box[3], box[0] : box[2]] = 1
        code = coco.encode(filled)
        mask = {"size": list(size), "counts": code["counts"].decode()}
    share = (box[2] - box[0]) * (box[3] - box[1]) / (size[0] * size[1])
    edges = [float(edge) for edge in box]
    return Region(f"reg-{box}", "mass", "lesion", edges, mask, share, "upper right", "unknown",
                  None, None, "annotation:demo@1", None, "mass", True)  # fmt: skip


@pytest.fixture
def phantom() -> bytes:
    """Dark grey noise with one bright block."""
    pixels = np.random.default_rng(1).integers(40, 60, (HIGH, WIDE), np.uint8)
    pixels[BOX[1] : BOX[3], BOX[0] : BOX[2]] = 250
    return png(pixels)


@pytest.mark.parametrize("side", [900, 450, 300, 257])
def test_the_box_told_is_where_the_thing_is(phantom: bytes, side: int) -> None:
    sent, scale = sent_copy(phantom, side=side)
    assert (sent.width, sent.height) == (side, round(540 * side / 900))
    assert scale == side / 900
    rows, columns = np.nonzero(pixels_of(sent) > 100)
    found = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    told = sent_box([float(e) for e in BOX], scale)
    assert np.abs(np.subtract(found, told)).max() <= 1
    if 900 % side == 0:
        assert found == told == [edge * side // 900 for edge in BOX]


def test_a_box_is_never_empty_and_covers_what_it_touches() -> None:
    assert sent_box([10.2, 3.0, 10.4, 3.5], 1.0) == [10, 3, 11, 4]
    assert sent_box([100.0, 50.0, 101.0, 51.0], 0.1) == [10, 5, 11, 6]
    assert sent_box([3.0, 6.0, 9.0, 12.0], 1 / 3) == [1, 2, 3, 4]  # whole edges stay whole


def test_small_pictures_stay_and_tiny_ones_are_padded_right_and_below() -> None:
    small = np.full((40, 30), 200, np.uint8)
    sent, scale = sent_copy(png(small), side=1024)
    assert (sent.width, sent.height, scale) == (30, 40, 1.0)
    sent, _ = sent_copy(png(small[:10]), side=1024)
    assert (sent.width, sent.height) == (30, SMALLEST_SIDE)
    assert (pixels_of(sent)[:10] == 200).all()
    assert (pixels_of(sent)[10:] == 0).all()


def test_a_copy_is_lossless_at_full_size_and_a_mean_below(phantom: bytes) -> None:
    original = np.asarray(Pillow.open(io.BytesIO(phantom)))
    full, _ = sent_copy(phantom, side=900)
    assert (pixels_of(full) == original).all()
    half, _ = sent_copy(phantom, side=450)
    means = original.astype(float).reshape(270, 2, 450, 2).mean((1, 3))
    assert np.abs(pixels_of(half) - means).max() <= 1  # two passes, each rounded


def test_copies_are_the_same_every_time(phantom: bytes) -> None:
    regions = [region(BOX), region((30, 300, 90, 420), masked=False)]
    for make in (
        lambda: sent_copy(phantom, side=300)[0],
        lambda: overlay_copy(phantom, regions, side=300),
        lambda: masked_copy(phantom, regions, side=300),
    ):
        one, two = make(), make()
        assert one == two
        assert one.sha256 == hashlib.sha256(one.data).hexdigest()


@pytest.mark.parametrize("masked", [True, False])
def test_an_outline_runs_round_the_region_and_not_on_it(phantom: bytes, masked: bool) -> None:
    drawn = pixels_of(overlay_copy(phantom, [region(BOX, masked=masked)], side=900))
    assert drawn.shape == (HIGH, WIDE, 3)
    x0, y0, x1, y1 = BOX
    assert (drawn[y0:y1, x0:x1] == 250).all()
    middle = (x0 + x1) // 2
    for row, column in ((y1, middle), ((y0 + y1) // 2, x0 - 1), ((y0 + y1) // 2, x1)):
        assert tuple(drawn[row, column]) == PALETTE[0]
    grey = (drawn == drawn[..., :1]).all(2)
    assert grey.mean() > 0.98  # thin lines and a small plate


def test_tags_hide_neither_regions_nor_one_another(phantom: bytes) -> None:
    boxes = [BOX, (600, 152, 780, 240), (420, 60, 598, 150), (782, 60, 898, 150)]
    drawn = pixels_of(overlay_copy(phantom, [region(b) for b in boxes], side=900))
    plain = pixels_of(sent_copy(phantom, side=900)[0])
    for x0, y0, x1, y1 in boxes:
        changed = (drawn[y0:y1, x0:x1] != plain[y0:y1, x0:x1, None]).any(2)
        assert changed.mean() < 0.1  # neighbours' lines at most
    for colour in PALETTE[:4]:
        assert (drawn == colour).all(2).sum() > 250  # each plate is there


def test_the_overlay_of_a_small_picture_is_enlarged_a_whole_number_of_times() -> None:
    pixels = np.full((50, 100), 90, np.uint8)
    pixels[5:15, 60:90] = 200
    drawn = pixels_of(
        overlay_copy(png(pixels), [region((60, 5, 90, 15), size=(50, 100))], side=1024)
    )
    assert drawn.shape == (300, 600, 3)
    assert (drawn[30:90, 360:540] == 200).all()
    assert overlay_copy(png(pixels), [], side=150).width == 100


def test_colours_have_names_in_the_order_of_the_palette() -> None:
    assert len(NAMES) == len(PALETTE)
    assert colour_name(1) == "orange"
    assert colour_name(len(NAMES) + 1) == "orange"
    red, green, blue = PALETTE[NAMES.index("sky blue")]
    assert blue > green > red


def test_a_mask_of_another_size_is_refused(phantom: bytes) -> None:
    with pytest.raises(ValueError, match="mask of 540 x 900"):
        overlay_copy(phantom, [region(BOX, size=(WIDE, HIGH))], side=900)


def test_a_blank_copy_is_the_mean_and_nothing_else(phantom: bytes) -> None:
    sent, _ = sent_copy(phantom, side=300)
    blank = blank_copy(sent)
    assert (blank.width, blank.height) == (sent.width, sent.height)
    assert set(pixels_of(blank).ravel()) == {round(float(pixels_of(sent).mean()))}


def test_a_region_taken_out_leaves_nothing_of_itself(phantom: bytes) -> None:
    out = pixels_of(masked_copy(phantom, [region(BOX)], side=900))
    assert out.max() < 65  # the block was 250, its surroundings are 40 to 60
    plain = pixels_of(sent_copy(phantom, side=900)[0])
    far = np.ones(out.shape, bool)
    far[BOX[1] - 25 : BOX[3] + 25, BOX[0] - 25 : BOX[2] + 25] = False
    assert (out[far] == plain[far]).all()


def test_all_taken_out_is_grey() -> None:
    pixels = np.full((60, 80, 3), 7, np.uint8)
    out = pixels_of(masked_copy(png(pixels), [region((0, 0, 80, 60), masked=False)], side=80))
    assert (out == 128).all()


def test_colour_fills_with_colour() -> None:
    pixels = np.zeros((60, 80, 3), np.uint8)
    pixels[:, :40] = (200, 0, 0)
    pixels[:, 40:] = (0, 0, 200)
    pixels[25:35, 5:15] = (0, 255, 0)
    out = pixels_of(masked_copy(png(pixels), [region((5, 25, 15, 35), masked=False)], side=80))
    assert tuple(out[30, 10]) == (200, 0, 0)


@pytest.mark.samples
def test_a_real_lesion_keeps_its_pixels_and_its_place(samples: Path) -> None:
    folder = next(samples.glob("kvasir_polyp/**/masks")).parent
    file = sorted(folder.glob("images/*.jpg"))[0]
    picture = Pillow.open(file).convert("RGB")
    marked = np.asarray(Pillow.open(folder / "masks" / file.name).convert("L")) > 127
    rows, columns = np.nonzero(marked)
    box = (int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)
    code = coco.encode(np.asfortranarray(marked.astype(np.uint8)))
    mask = {"size": list(marked.shape), "counts": code["counts"].decode()}
    lesion = replace(region(box, masked=False), mask=mask)
    source = png(np.asarray(picture))
    plain, scale = sent_copy(source, side=2000)
    drawn = pixels_of(overlay_copy(source, [lesion], side=2000))
    assert scale == 1.0
    assert (drawn[marked] == pixels_of(plain)[marked]).all()
    out = pixels_of(masked_copy(source, [lesion], side=2000))
    assert (out[marked] != pixels_of(plain)[marked]).any(-1).mean() > 0.9

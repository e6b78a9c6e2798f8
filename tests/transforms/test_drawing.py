"""Drawing: the right pixels change, and only those."""

import io

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco

from schemas.region import Region
from transforms.drawing import PALETTE, colours, draw


def region(box: list[float], mask: np.ndarray | None = None, label: str = "nodule") -> Region:
    code = None
    if mask is not None:
        found = coco.encode(np.asfortranarray(mask.astype(np.uint8)))
        code = {"size": list(mask.shape), "counts": found["counts"].decode()}
    return Region("r", label, "lesion", box, code, 0.1, "upper left", "unknown", None, None, "a@1",
                  None, label, True)  # fmt: skip


def png(pixels: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def drawn(pixels: np.ndarray, regions: list[Region], **options: int) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(draw(png(pixels), regions, **options))))


GREY = np.full((60, 90), 100, np.uint8)


def test_nothing_to_draw_changes_nothing() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (20, 30), np.uint8)
    assert (drawn(noise, []) == noise[..., None]).all()
    assert (drawn(noise, [], enlarge=3)[::3, ::3] == noise[..., None]).all()


def test_frame_lies_just_outside_a_half_open_box() -> None:
    out = drawn(GREY, [region([20, 30, 50, 40])])  # x 20..49, y 30..39
    assert (out[30:40, 20:50] == 100).all()  # nothing inside is touched
    colour = np.array(PALETTE[0])
    for line in (out[29, 30:51], out[40, 19:51], out[29:41, 19], out[29:41, 50]):
        assert (line == colour).all()
    assert (out[42:] == 100).all()
    assert (out[:, 52:] == 100).all()


def test_outline_follows_the_mask_and_hides_none_of_it() -> None:
    mask = np.zeros(GREY.shape, bool)
    mask[10:20, 40:70] = True
    mask[10:15, 40:60] = False  # an L: its inner corner is at row 15, column 60
    out = drawn(GREY, [region([40, 10, 70, 20], mask)])
    assert (out[mask] == 100).all()
    assert (out[14, 45:59] == np.array(PALETTE[0])).all()  # along the notch
    assert (out[13, 45:59] == 0).all()  # and its halo
    assert not (out[12, 45:58] == np.array(PALETTE[0])).all(axis=-1).any()


def test_tag_stands_above_the_left_corner_unless_it_would_leave_the_image() -> None:
    def plate(box: list[float]) -> tuple[int, int]:
        out = drawn(GREY, [region(box)])
        rows, columns = np.nonzero((out == 0).all(axis=-1))
        return int(rows.min()), int(columns.min())

    assert plate([20, 30, 50, 40]) == (18, 21)  # 14 px high, two of them margin
    assert plate([20, 0, 50, 40]) == (42, 21)  # below
    assert plate([0, 0, 90, 60]) == (2, 2)  # inside, where the box fills the image


def test_two_tags_do_not_cover_each_other() -> None:
    out = drawn(GREY, [region([20, 30, 50, 40]), region([20, 30, 60, 50], label="mass")])
    for colour in PALETTE[:2]:
        assert (out == np.array(colour)).all(axis=-1).sum() > 80


def test_enlarging_and_reducing_move_the_box_along() -> None:
    big = drawn(GREY, [region([20, 30, 50, 40])], enlarge=2)
    assert big.shape == (120, 180, 3)
    assert (big[60:80, 40:100] == 100).all()
    assert (big[80, 40:100] == np.array(PALETTE[0])).all()
    mask = np.zeros(GREY.shape, bool)
    mask[30:40, 20:50] = True
    small = drawn(GREY, [region([20, 30, 50, 40], mask)], reduce=2)
    assert small.shape == (30, 45, 3)
    assert (small[15:20, 10:25] == 100).all()


def test_a_wider_line_grows_outward() -> None:
    out = drawn(GREY, [region([20, 30, 50, 40])], line=2)
    assert (out[30:40, 20:50] == 100).all()
    assert (out[40:42, 19:51] == np.array(PALETTE[0])).all()
    assert (out[43:] == 100).all()


def test_colours_go_by_label() -> None:
    assert colours(["b", "a", "b"]) == {"b": PALETTE[0], "a": PALETTE[1]}


def test_a_mask_of_another_size_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="mask of"):
        draw(png(GREY), [region([0, 0, 5, 5], np.ones((90, 60), bool))])


def test_same_bytes_each_time() -> None:
    marks = [region([20, 30, 50, 40]), region([1, 2, 30, 20])]
    assert draw(png(GREY), marks) == draw(png(GREY), marks)

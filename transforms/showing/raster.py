"""Pixels and masks at the size in which they are sent."""

import hashlib
import io

import cv2
import numpy as np
from PIL import Image as Pillow

from schemas.exchange import SentImage
from schemas.region import Region

PNG_LEVEL = 3
SMALLEST_SIDE = 28  # px; vision encoders of the Qwen-VL family refuse less


def scale_for(width: int, height: int, side: int) -> float:
    """Sent pixels per released pixel: 1, or less where the longer side exceeds `side` px. Never up."""
    return min(1.0, side / max(width, height))


def scaled_pixels(png: bytes, side: int) -> tuple[np.ndarray, float]:
    """([H, W] or [H, W, 3] uint8, scale): the picture reduced by area averaging.

    Pillow's box filter computes in whole numbers, so every machine makes the same pixels.
    """
    with Pillow.open(io.BytesIO(png)) as opened:
        picture = opened.convert("L" if opened.mode in ("L", "1", "I;16", "I", "F") else "RGB")
    scale = scale_for(*picture.size, side)
    size = sent_size(*picture.size, scale)
    if size != picture.size:
        picture = picture.resize(size, Pillow.Resampling.BOX)
    return np.array(picture), scale


def sent_size(width: int, height: int, scale: float) -> tuple[int, int]:
    """(width, height) of the scaled picture, before any padding."""
    return max(1, round(width * scale)), max(1, round(height * scale))


def scaled_mask(region: Region, size: tuple[int, int], scale: float) -> np.ndarray:
    """[H, W] bool: sent pixels of which any part is the region's. size: (width, height) as sent.

    A region without a mask fills its box. Raises ValueError where mask and picture differ in shape.
    """
    if region.mask is None:
        return _box_mask(region.box, size, scale)
    from pycocotools import mask as coco

    height, width = region.mask["size"]
    if sent_size(width, height, scale) != size:
        raise ValueError(f"mask of {width} x {height} px on a picture sent as {size}")
    code = {"size": [height, width], "counts": region.mask["counts"].encode()}
    whole = Pillow.fromarray(coco.decode(code) * np.uint8(255))
    if size == whole.size:
        return np.asarray(whole) > 0
    return np.asarray(whole.convert("F").resize(size, Pillow.Resampling.BOX)) > 0


def _box_mask(box: list[float], size: tuple[int, int], scale: float) -> np.ndarray:
    mask = np.zeros((size[1], size[0]), bool)
    left, top, right, bottom = sent_box(box, scale)
    mask[max(top, 0) : bottom, max(left, 0) : right] = True
    return mask


def sent_box(box: list[float], scale: float) -> list[int]:
    """x0, y0, x1, y1 of a released box in whole, half-open pixels of the sent copy: every pixel that
    the box touches, at least one."""
    left, top = (int(np.floor(edge * scale + 1e-6)) for edge in box[:2])
    right, bottom = (int(np.ceil(edge * scale - 1e-6)) for edge in box[2:])
    return [left, top, max(left + 1, right), max(top + 1, bottom)]


def encoded(pixels: np.ndarray) -> SentImage:
    """The pixels as a lossless PNG, black added right and below where a side is under SMALLEST_SIDE.

    PNG and not JPEG: a JPEG at usual quality smooths away faint findings (microcalcifications, early
    nodules) and blurs drawn tags, and what it saves in bytes is nothing beside the model's own time.
    """
    height, width = pixels.shape[:2]
    low, right = max(0, SMALLEST_SIDE - height), max(0, SMALLEST_SIDE - width)
    if low or right:
        pixels = np.pad(pixels, [(0, low), (0, right), (0, 0)][: pixels.ndim])
    stored = pixels if pixels.ndim == 2 else pixels[..., ::-1]
    ok, png = cv2.imencode(
        ".png", np.ascontiguousarray(stored), [cv2.IMWRITE_PNG_COMPRESSION, PNG_LEVEL]
    )
    if not ok:
        raise ValueError(f"the PNG encoder refused {pixels.shape}")
    data = png.tobytes()
    height, width = pixels.shape[:2]
    return SentImage(data, hashlib.sha256(data).hexdigest(), width, height)

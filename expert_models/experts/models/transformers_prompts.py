"""Boxes put to a SAM, and pictures of SAM 2 and 3, whose own processor needs torchvision.

SAM (Kirillov et al. 2023, arXiv:2304.02643) keeps the shape of the picture: its longest side becomes that
of the input, the rest is padded at the bottom and the right. SAM 2 (Ravi et al. 2024, arXiv:2408.00714)
and 3 stretch it to a square. Prompts are scaled as the picture is, each axis by its own factor.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Square:
    """How SAM 2 and 3 are shown a picture. side px; mean and std of values 0 to 1, a channel each."""

    side: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    factor: float


def square_of(settings: dict[str, Any]) -> Square:
    """From the checkpoint's image processor settings. Raises ValueError where it is not such a one."""
    size = settings.get("size")
    if (
        not isinstance(size, dict)
        or size.get("height") != size.get("width")
        or not size.get("width")
    ):
        raise ValueError(
            f"the image processor's size {size} is no square of stated height and width"
        )
    return Square(
        side=int(size["height"]),
        mean=tuple(settings.get("image_mean") or (0.485, 0.456, 0.406)),
        std=tuple(settings.get("image_std") or (0.229, 0.224, 0.225)),
        factor=float(settings.get("rescale_factor") or 1 / 255),
    )


def squared(picture: np.ndarray, square: Square) -> Any:
    """[3, side, side] float32 tensor of a picture [H, W, 3] uint8: stretched, bilinear, normalised."""
    import torch
    from PIL import Image

    small = Image.fromarray(picture).resize((square.side, square.side), Image.Resampling.BILINEAR)
    values = torch.from_numpy(np.array(small)).permute(2, 0, 1).to(torch.float32) * square.factor
    mean, std = torch.tensor(square.mean), torch.tensor(square.std)
    return (values - mean[:, None, None]) / std[:, None, None]


def scaled(boxes: Sequence[Box], shape: tuple[int, int], shown: tuple[int, int]) -> np.ndarray:
    """[N, 4] float32: boxes of a picture (height, width) in the input, where it covers `shown` px."""
    across, down = shown[1] / shape[1], shown[0] / shape[0]
    return np.asarray(boxes, dtype=np.float64) @ np.diag([across, down, across, down])


def inside(boxes: Sequence[Box], shape: tuple[int, int]) -> list[Box]:
    """Boxes clipped to the picture. Raises ValueError for one that lies outside or is not finite."""
    height, width = shape
    clipped = []
    for x0, y0, x1, y1 in boxes:
        box = (max(0.0, x0), max(0.0, y0), min(float(width), x1), min(float(height), y1))
        if not (box[0] < box[2] and box[1] < box[3]):
            raise ValueError(
                f"the prompt {(x0, y0, x1, y1)} marks nothing of a picture {width}x{height}"
            )
        clipped.append(box)
    return clipped

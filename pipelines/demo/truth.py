"""What is known of a phantom because it was drawn: the answer sheet that tests compare with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from pipelines.demo.shapes import tight_box


@dataclass(frozen=True)
class Drawn:
    """One object: box in half-open pixels (x0, y0, x1, y1), area in pixels of its visible mask.

    counts     run lengths of the mask within its box, as COCO compresses them
    annotated  False: drawn, and known here alone; the dataset does not tell it
    """

    label: str
    box: list[int]
    area_px: int
    counts: str = ""
    annotated: bool = True

    def mask(self, width: int, height: int) -> np.ndarray:
        """Its mask [height, width] bool in an image of that size."""
        from pycocotools import mask as coco

        x0, y0, x1, y1 = self.box
        whole = np.zeros((height, width), bool)
        runs = {"size": [y1 - y0, x1 - x0], "counts": self.counts.encode("ascii")}
        whole[y0:y1, x0:x1] = coco.decode(runs)
        return whole


@dataclass(frozen=True)
class Phantom:
    """One drawn image or volume; of a volume `facts` hold the millilitres of each structure."""

    item: str  # path of the image below the root of its source, "/" between folders
    patient: str
    size: list[int]  # width, height; of a volume: columns, rows, slices
    objects: list[Drawn] = field(default_factory=list)
    facts: Mapping[str, str | float] = field(default_factory=dict)


def drawn(
    label: str, mask: np.ndarray, *, annotated: bool = True, corner: tuple[int, int] = (0, 0)
) -> Drawn:
    """The answer for one mask [H, W] bool, whose first pixel is row and column `corner` of the image."""
    from pycocotools import mask as coco

    x0, y0, x1, y1 = tight_box(mask)
    runs = coco.encode(np.asfortranarray(mask[y0:y1, x0:x1], np.uint8))["counts"].decode("ascii")
    down, right = corner
    box = [x0 + right, y0 + down, x1 + right, y1 + down]
    return Drawn(label, box, int(np.count_nonzero(mask)), runs, annotated)


def write_png(path: Path, image: np.ndarray) -> None:
    """Write [H, W] or [H, W, 3] (RGB) uint8, or a bool mask as 0/255. Makes the folder."""
    import cv2

    path.parent.mkdir(parents=True, exist_ok=True)
    stored = image.astype(np.uint8) * 255 if image.dtype == bool else image
    stored = cv2.cvtColor(stored, cv2.COLOR_RGB2BGR) if stored.ndim == 3 else stored
    done, data = cv2.imencode(".png", stored, [cv2.IMWRITE_PNG_COMPRESSION, 3])
    if not done:
        raise ValueError(f"cannot encode an image of shape {image.shape}")
    path.write_bytes(data.tobytes())

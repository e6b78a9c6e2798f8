"""Pictures in files for a bundle to read, and its answers in rows and columns again."""

from pathlib import Path

import numpy as np


def saved_picture(display: np.ndarray, folder: Path) -> Path:
    """A PNG of a picture [H, W] or [H, W, 3] uint8."""
    from PIL import Image

    path = folder / "scan.png"
    Image.fromarray(display).save(path)
    return path


def on_picture(answer: np.ndarray, *, turned: bool) -> np.ndarray:
    """[C, H, W] of an answer whose axes are columns first where `turned`."""
    if answer.ndim != 3:
        raise ValueError(f"the bundle answers {answer.shape} for a picture; expected [C, H, W]")
    return answer.transpose(0, 2, 1) if turned else answer

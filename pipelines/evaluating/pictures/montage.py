"""Six panels with captions in one small file."""

from pathlib import Path

import numpy as np

from pipelines.evaluating.pictures.case import Case

COLUMNS = 3
GAP = 6
CAPTION = 16  # px
MOST_BYTES = 120_000


def montage(good: list[Case], bad: list[Case], wide: bool) -> np.ndarray:
    """[H, W, 3] uint8: good cases above bad ones; `wide` panels (volumes) each in a row of its own."""
    rows = [[case] for case in [*good, *bad]] if wide else [good, bad]
    strips = [_strip(row) for row in rows if row]
    width = max(strip.shape[1] for strip in strips)
    padded = [
        np.pad(s, ((0, GAP), (0, width - s.shape[1]), (0, 0)), constant_values=255) for s in strips
    ]
    return np.vstack(padded)


def save(picture: np.ndarray, path: Path) -> None:
    """A JPEG of at most 120 kB."""
    import io

    from PIL import Image

    for quality in (88, 80, 72, 64, 56, 48, 40):
        buffer = io.BytesIO()
        Image.fromarray(picture).save(buffer, "JPEG", quality=quality, optimize=True)
        if buffer.tell() <= MOST_BYTES:
            break
    path.write_bytes(buffer.getvalue())


def _strip(cases: list[Case]) -> np.ndarray:
    height = max(case.panel.shape[0] for case in cases) + CAPTION
    return np.hstack([_captioned(case, height) for case in cases])


def _captioned(case: Case, height: int) -> np.ndarray:
    from PIL import Image, ImageDraw, ImageFont

    width = max(case.panel.shape[1], 236)
    made = Image.new("RGB", (width + GAP, height), "white")
    made.paste(Image.fromarray(case.panel), (0, 0))
    font = ImageFont.load_default(size=11)
    ImageDraw.Draw(made).text((1, case.panel.shape[0] + 1), case.caption, "black", font)
    return np.array(made)

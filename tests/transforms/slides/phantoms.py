"""Slides written on the spot: pyramidal TIFFs as OpenSlide reads them, plain and in Aperio's manner."""

from pathlib import Path

import numpy as np

PINK, DARK, GLASS = (214, 140, 190), (120, 60, 130), (243, 243, 243)


def tissue_picture(height: int, width: int, *, seed: int = 3) -> np.ndarray:
    """[H, W, 3] uint8: glass with a coarse-grained piece of tissue that fills all but its left fifth
    and its lowest tenth, so that no mirror image of it is like it."""
    random = np.random.default_rng(seed)
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = GLASS
    rows, columns = slice(0, height - height // 10), slice(width // 5, width)
    shape = height - height // 10, width - width // 5
    grain = random.random((-(-shape[0] // 4), -(-shape[1] // 4))) < 0.25
    grain = np.kron(grain, np.ones((4, 4), bool))[: shape[0], : shape[1]]
    picture[rows, columns] = np.where(grain[..., None], DARK, PINK)
    return picture


def halved(picture: np.ndarray) -> np.ndarray:
    """Means of 2 x 2 pixels."""
    height, width = (n // 2 * 2 for n in picture.shape[:2])
    blocks = picture[:height, :width].reshape(height // 2, 2, width // 2, 2, 3)
    return np.rint(blocks.mean(axis=(1, 3))).astype(np.uint8)


def write_aperio(
    path: Path,
    picture: np.ndarray,
    *,
    levels: int = 2,
    mpp: float | str | None = 0.5,
    power: float | None = 20,
    label: int = 90,
    macro: int = 30,
) -> Path:
    """An Aperio-style TIFF: full size, thumbnail, smaller levels, label and macro of one grey each."""
    import tifffile

    height, width = picture.shape[:2]
    said = f"Aperio Image Library v11.2.1\r\n{width}x{height} (256x256) JPEG/RGB Q=70"
    said += "|Filename = JOHN DOE|User = doe"
    said += f"|AppMag = {power:g}" if power is not None else ""
    said += f"|MPP = {mpp}" if mpp is not None else ""
    tiled = {"tile": (256, 256), "compression": "deflate", "photometric": "rgb"}
    plain = {"photometric": "rgb", "compression": "deflate", "rowsperstrip": 16}
    with tifffile.TiffWriter(path) as file:
        file.write(picture, description=said, metadata=None, **tiled)
        thumbnail = np.full((48, 64, 3), label, np.uint8)
        file.write(thumbnail, description=said, metadata=None, **plain)
        smaller = picture
        for _ in range(levels - 1):
            smaller = halved(halved(smaller))
            file.write(smaller, description=said, metadata=None, **tiled)
        for name, grey in (("label", label), ("macro", macro)):
            file.write(
                np.full((60, 80, 3), grey, np.uint8),
                description=f"Aperio Image Library v11.2.1\r\n{name} 80x60",
                subfiletype=1 if name == "label" else 9,
                metadata=None,
                **plain,
            )
    return path


def write_plain(
    path: Path, picture: np.ndarray, *, levels: int = 2, mpp: float | None = 0.5
) -> Path:
    """A generic pyramidal TIFF, resolution in pixels per centimetre where `mpp` is given."""
    import tifffile

    options = {"tile": (256, 256), "compression": "deflate", "photometric": "rgb"}
    if mpp is not None:
        options |= {"resolution": (1e4 / mpp, 1e4 / mpp), "resolutionunit": "CENTIMETER"}
    with tifffile.TiffWriter(path) as file:
        file.write(picture, metadata=None, **options)
        smaller = picture
        for _ in range(levels - 1):
            smaller = halved(smaller)
            file.write(smaller, metadata=None, subfiletype=1, **options)
    return path

"""Gates of images: blank, tiny, licence, modality."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import cv2
import numpy as np

from quality.gates.verdicts import judged
from schemas.image import Image
from schemas.verdict import Verdict
from schemas.vocabulary import modalities

SMALLEST_SIDE = 28  # px; one patch of the usual vision encoders, and what the reference recipe asks
FLAT = 1.0  # grey levels; a standard deviation below it is an empty or nearly empty picture
SHARE = 0.999  # of pixels with one and the same value: nothing but a speck is shown
UNKNOWN_LICENSES = ("", "unknown", "UNKNOWN", "NOASSERTION", "NONE")


@dataclass(frozen=True)
class ImageCase:
    """One image on trial. pixels [H, W] or [H, W, 3] uint8, or None where they were not decoded."""

    image: Image
    pixels: np.ndarray | None
    smallest_side: int
    allowed_licenses: Collection[str]


def judge_blank(case: ImageCase) -> Verdict:
    """A picture of one value, but for a thousandth of its pixels, shows nothing.

    Pixels that are not given cannot be judged and fail.
    """
    if case.pixels is None:
        return judged("blank", ["no pixels to look at"], "image_blank")
    grey = case.pixels if case.pixels.ndim == 2 else case.pixels.max(axis=2)
    spread = _spread(_histogram(case.pixels))
    share = float(_histogram(grey).max() / grey.size) if grey.size else 1.0
    faults = []
    if spread < FLAT:
        faults.append(f"standard deviation {spread:.3g}")
    if share > SHARE:
        faults.append(f"{share:.2%} of one value")
    measured = f"standard deviation {spread:.3g}"
    return judged("blank", faults, "image_blank", measured=measured, limit=f"{FLAT:g}")


def _histogram(pixels: np.ndarray) -> np.ndarray:
    """[256] float64: how many values there are of each level, all channels together."""
    flat = np.ascontiguousarray(pixels).reshape(-1, 1)
    return cv2.calcHist([flat], [0], None, [256], [0, 256]).ravel().astype(np.float64)


def _spread(histogram: np.ndarray) -> float:
    """The standard deviation of the values a histogram counts; 0 of none."""
    count = max(histogram.sum(), 1.0)
    levels = np.arange(256.0)
    mean = (histogram * levels).sum() / count
    return float(np.sqrt((histogram * (levels - mean) ** 2).sum() / count))


def judge_tiny(case: ImageCase) -> Verdict:
    """No side is shorter than the recipe allows."""
    side = min(case.image.width, case.image.height)
    faults = [f"{side} px"] if side < case.smallest_side else []
    return judged(
        "tiny", faults, "image_tiny", measured=f"{side} px", limit=f"{case.smallest_side} px"
    )


def judge_license(case: ImageCase) -> Verdict:
    """The licence is stated, and allowed by the recipe. Ids compare in any case."""
    stated = (case.image.license or "").strip()
    allowed = {a.casefold() for a in case.allowed_licenses}
    if stated in UNKNOWN_LICENSES:
        return judged("license", ["none stated"], "license_unknown")
    faults = [] if stated.casefold() in allowed else [stated]
    return judged("license", faults, "license_not_allowed", measured=stated)


def judge_modality(case: ImageCase) -> Verdict:
    """The modality is a code of the vocabulary, and not "other"."""
    code = case.image.modality
    faults = [] if code in modalities() and code != "OT" else [code or "none"]
    return judged("modality_known", faults, "modality_unknown", measured=code)


IMAGE_GATES: dict[str, Callable[[ImageCase], Verdict]] = {
    "blank": judge_blank,
    "tiny": judge_tiny,
    "license": judge_license,
    "modality_known": judge_modality,
}


def judge_image(
    image: Image,
    pixels: np.ndarray | None,
    *,
    smallest_side: int = SMALLEST_SIDE,
    allowed_licenses: Collection[str],
) -> list[Verdict]:
    """One verdict of every image gate. `pixels` are those released; duplicates are judged corpus-
    wide.
    """
    case = ImageCase(image, pixels, smallest_side, allowed_licenses)
    return [gate(case) for gate in IMAGE_GATES.values()]

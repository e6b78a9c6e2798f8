"""Specular highlights of an endoscopic picture: wet mucosa that mirrors the lamp."""

import numpy as np

from expert_models.experts.base import ExpertCard, Found, Prediction, Scan
from expert_models.experts.endoscopy.field import field_of_view
from expert_models.experts.method import Method

LABEL = "specular highlight"
BRIGHT = 245.0  # T1 of Arnold et al., of 255: surely a highlight
CANDIDATE = 190.0  # T2abs: bright enough to be compared with what lies around
RELATIVE = 1.0  # Trel2: of a channel over its surround; reddish mucosa stays at 1
CONTRAST = 1.35  # how much brighter than its median surround a candidate must be
SURROUND = 31  # px at working size, odd: side of the median window
WORKING_SIDE = 512  # px of the longer side while searching
LARGEST_SHARE = (
    0.02  # of the field: larger white areas are overexposed mucosa or text, not a reflex
)
EDGE = 5  # px at working size: nothing is sought this near to the border of the field


def highlights(rgb: np.ndarray, field: np.ndarray) -> np.ndarray:
    """[H, W, 3] uint8, [H, W] bool -> [H, W] bool.

    Arnold M, Ghosh A, Ameling S, Lacey G, EURASIP Journal on Image and Video Processing (2010) 814319,
    section 2: absolutely bright pixels, with thresholds of green and blue scaled by their 95th percentile
    to luminance; and bright pixels that stand out of a median-filtered picture.
    """
    import cv2

    height, width = field.shape
    scale = min(1.0, WORKING_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    inner = cv2.resize(field.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    inner = cv2.erode(inner, np.ones((2 * EDGE + 1, 2 * EDGE + 1), np.uint8)).astype(bool)
    if not inner.any():
        return np.zeros((height, width), bool)
    light = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    green, blue = (small[..., n].astype(np.float32) for n in (1, 2))
    high = max(1.0, float(np.percentile(light[inner], 95)))
    to_green, to_blue = (float(np.percentile(c[inner], 95)) / high for c in (green, blue))
    sure = (green > to_green * BRIGHT) | (blue > to_blue * BRIGHT) | (light > BRIGHT)
    near = (green > to_green * CANDIDATE) | (blue > to_blue * CANDIDATE) | (light > CANDIDATE)
    around = cv2.medianBlur(small, SURROUND).astype(np.float32) + 1.0
    stands_out = ((small + 1.0) / around)[..., 1:].min(axis=2) > RELATIVE * CONTRAST
    found = _small_parts((sure | (near & stands_out)) & inner, LARGEST_SHARE * float(inner.sum()))
    soft = cv2.resize(found.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray((soft >= 0.5) & field)


def _small_parts(mask: np.ndarray, largest: float) -> np.ndarray:
    """The 8-connected parts of at least 2 and at most `largest` px."""
    from scipy import ndimage

    labels, _ = ndimage.label(mask, np.ones((3, 3)))
    sizes = np.bincount(labels.ravel())
    keep = (sizes >= 2) & (sizes <= largest)
    keep[0] = False
    return np.asarray(keep[labels])


class EndoscopyHighlights(Method):
    """Specular highlights, as one class mask. Candidates: burned-in lettering is as bright and as small."""

    smallest_side = 64  # px; in fewer, what is looked for is thinner than a pixel
    colour = True

    card = ExpertCard(
        name="endoscopy-highlights",
        version="1",
        kind="segmenter",
        labels=(LABEL,),
        modalities=("ES",),
        anatomies=(),
        candidate=True,
        method="Channel thresholds scaled by percentiles, and contrast to a median-filtered picture.",
        source="Arnold M et al., EURASIP J Image Video Process (2010) 814319",
        license_code="Apache-2.0",
        tuned_on="kvasir-seg, items whose sha256 is even, by eye: the sample has no highlight masks",
        parameters={
            "bright": BRIGHT, "candidate": CANDIDATE, "contrast": CONTRAST, "surround": SURROUND,
            "largest_share": LARGEST_SHARE,
        },
    )  # fmt: skip

    def look(self, scan: Scan) -> Prediction:
        field = field_of_view(scan.display)
        if not field.any():
            return []
        mask = highlights(scan.display, field)
        return [Found(LABEL, mask, instance=False)] if mask.any() else []

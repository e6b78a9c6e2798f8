"""The camera field of an endoscopic picture: without black mask, lettering and inset."""

import numpy as np

from expert_models.experts.base import ExpertCard, Found, Prediction, Scan
from expert_models.experts.method import Method

LABEL = "camera aperture"
WORKING_SIDE = 512  # px of the longer side while searching
BLACK = (
    16  # of 255, in the brightest channel: the mask with its JPEG noise; the lumen is red above it
)
LETTER = (
    0.03  # of the working side: the opening that takes lettering away, thicker than its strokes
)
BORDER = 0.2  # of the border of the picture: a mask takes at least this of it, a dark lumen less
SMALLEST_SHARE = 0.2  # of the picture


def field_of_view(rgb: np.ndarray) -> np.ndarray:
    """[H, W, 3] uint8 -> [H, W] bool; all False where no field stands out.

    The black mask is what is black and touches the border, lettering on it included; a black lumen
    inside the field stays inside. As the border detection of Munzer B, Schoeffmann K, Boszormenyi L,
    Detection of circular content area in endoscopic videos, IEEE CBMS (2013) 534-536, without a circle:
    fields are octagons and carry insets.
    """
    import cv2
    from scipy import ndimage

    height, width = rgb.shape[:2]
    scale = min(1.0, WORKING_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    bright = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA).max(axis=2)
    lit = (cv2.medianBlur(bright, 5) > BLACK).astype(np.uint8)
    brush = 2 * round(LETTER * max(size) / 2) + 1
    padded = cv2.copyMakeBorder(lit, brush, brush, brush, brush, cv2.BORDER_REPLICATE)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (brush, brush))
    opened = cv2.morphologyEx(padded, cv2.MORPH_OPEN, kernel)[brush:-brush, brush:-brush]
    labels, count = ndimage.label(ndimage.binary_fill_holes(opened))
    nothing = np.zeros((height, width), bool)
    if count == 0:
        return nothing
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    field = labels == int(sizes.argmax())
    if field.mean() < SMALLEST_SHARE:
        return nothing
    soft = cv2.resize(field.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(soft >= 0.5)


def has_mask(field: np.ndarray) -> bool:
    """Whether enough of the border of the picture is outside the field to speak of a black mask."""
    border = np.concatenate([field[0], field[-1], field[:, 0], field[:, -1]])
    return bool(border.size and 1.0 - border.mean() >= BORDER)


class EndoscopyField(Method):
    """Field of view of endoscopic pictures; nothing found where a picture is lit to its borders."""

    smallest_side = 64  # px; in fewer, what is looked for is thinner than a pixel
    colour = True

    card = ExpertCard(
        name="endoscopy-field",
        version="1",
        kind="segmenter",
        labels=(LABEL,),
        modalities=("ES",),
        anatomies=(),
        method="What is not black, opened against lettering, filled; largest part.",
        source="after Munzer B et al., IEEE CBMS (2013) 534-536",
        license_code="Apache-2.0",
        tuned_on="kvasir-seg, items whose sha256 is even, by eye: the sample has no field masks",
        parameters={"black": BLACK, "letter": LETTER, "smallest_share": SMALLEST_SHARE},
    )

    def look(self, scan: Scan) -> Prediction:
        field = field_of_view(scan.display)
        return [Found(LABEL, field)] if field.any() and has_mask(field) else []

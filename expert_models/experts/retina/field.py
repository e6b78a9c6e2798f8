"""The camera field of a fundus photograph: the disc inside the black mask of the camera."""

import numpy as np

from expert_models.experts.base import ExpertCard, Found, Prediction, Scan
from expert_models.experts.method import Method

LABEL = "camera aperture"
WORKING_SIDE = (
    512  # px of the longer side while searching; the border is smooth, finer shows nothing
)
OTSU_SHARE = (
    0.4  # of Otsu's threshold: the dim rim of the retina lies below it, the black mask far below
)
BLACK = 8  # of 255: JPEG noise of the mask; a threshold is never lower
SMALLEST_SHARE = 0.2  # of the picture; a field smaller than this is a reflex, not the field


def field_of_view(rgb: np.ndarray) -> np.ndarray:
    """[H, W, 3] uint8 -> [H, W] bool; all False where no field stands out.

    Red carries most of a retina's light, so it is thresholded (Otsu N, IEEE Transactions on Systems, Man,
    and Cybernetics 9 (1979) 62-66), opened against specks and letters, filled; the convex hull of the largest part is kept, so that a dim rim is not bitten off.
    """
    import cv2
    from scipy import ndimage
    from skimage.filters import threshold_otsu
    from skimage.morphology import convex_hull_image

    height, width = rgb.shape[:2]
    scale = min(1.0, WORKING_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    red = cv2.GaussianBlur(cv2.resize(rgb[..., 0], size, interpolation=cv2.INTER_AREA), (5, 5), 0)
    if int(red.max()) - int(red.min()) < BLACK:
        return np.zeros((height, width), bool)
    lit = (red > max(BLACK, OTSU_SHARE * float(threshold_otsu(red)))).astype(np.uint8)
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))
    labels, count = ndimage.label(
        ndimage.binary_fill_holes(cv2.morphologyEx(lit, cv2.MORPH_OPEN, brush))
    )
    if count == 0:
        return np.zeros((height, width), bool)
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    field = labels == int(sizes.argmax())
    field = convex_hull_image(field)
    if field.mean() < SMALLEST_SHARE:
        return np.zeros((height, width), bool)
    soft = cv2.resize(field.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(soft >= 0.5)


class FundusField(Method):
    """Field of view of fundus photographs; nothing found where a picture is lit to all its borders."""

    smallest_side = 64  # px; in fewer, what is looked for is thinner than a pixel
    colour = True

    card = ExpertCard(
        name="fundus-field",
        version="1",
        kind="segmenter",
        labels=(LABEL,),
        modalities=("OP",),
        anatomies=("retina",),
        method="Lowered Otsu threshold of red, opened and filled; hull of the largest part.",
        source="Otsu N, IEEE Trans Syst Man Cybern 9 (1979) 62-66",
        license_code="Apache-2.0",
        parameters={"otsu_share": OTSU_SHARE, "black": BLACK, "smallest_share": SMALLEST_SHARE},
    )

    def look(self, scan: Scan) -> Prediction:
        field = field_of_view(scan.display)
        # a field without a border is the picture itself: no region
        return [Found(LABEL, field, instance=True)] if field.any() and not field.all() else []

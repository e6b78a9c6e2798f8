"""Vessels of a fundus photograph by multi-scale line detection, inside the field of view."""

import numpy as np

from expert_models.experts.base import ExpertCard, Found, Prediction, Scan
from expert_models.experts.method import Method
from expert_models.experts.retina.field import field_of_view

LABEL = "retinal blood vessel"
FIELD_WIDTH = 540  # px across the field while searching, as DRIVE, for which the window was chosen
WINDOW = 15  # px, odd, about twice the thickest vessel (Nguyen et al.)
LENGTHS = (1, 3, 5, 7, 9, 11, 13, 15)  # px of the lines; the longest spans the window
ANGLES = 12  # orientations, 15 degrees apart
STRONG = 1.3  # standard deviations of the response in the field: surely vessel
WEAK = 0.7  # kept where connected to a strong place
SMALLEST = 80  # px at working size; shorter twigs are mostly noise
BRIGHTEST = (
    4.0  # of 255, over the surround: brighter light (disc, reflex of nerve fibres) is cut to it
)
RIM = 5  # px inside the border of the field, where the window sees the black mask


def vessel_response(green: np.ndarray, field: np.ndarray) -> np.ndarray:
    """[H, W] uint8, [H, W] bool -> [H, W] float32, in standard deviations over the field; 0 outside.

    Nguyen UTV, Bhuiyan A, Park LAF, Ramamohanarao K, Pattern Recognition 46 (2013) 703-715: the mean of
    inverted green along the best of 12 lines minus the mean of the window, for several lengths, each
    standardised over the field, averaged, standardised. After Ricci E, Perfetti R, IEEE TMI 26 (2007) 1357-1365.
    """
    import cv2

    inside = _padded(green, field)
    mean = cv2.blur(inside, (WINDOW, WINDOW), borderType=cv2.BORDER_REFLECT)
    total = _standard(inside, field)
    for length in LENGTHS:
        lines = [
            cv2.filter2D(inside, cv2.CV_32F, _line(length, 180.0 * n / ANGLES),
                         borderType=cv2.BORDER_REFLECT)
            for n in range(ANGLES if length > 1 else 1)
        ]  # fmt: skip
        total += _standard(np.max(lines, axis=0) - mean, field)
    return np.where(field, _standard(total, field), 0.0).astype(np.float32)


def _padded(green: np.ndarray, field: np.ndarray) -> np.ndarray:
    """Inverted green whose black mask continues the nearest retina, less its slow shading."""
    import cv2
    from scipy import ndimage

    core = ndimage.binary_erosion(field, iterations=RIM)
    core = core if core.any() else field
    rows, columns = ndimage.distance_transform_edt(
        ~core, return_distances=False, return_indices=True
    )
    smooth = cv2.GaussianBlur((255 - green).astype(np.float32), (0, 0), 1.0)[rows, columns]
    around = cv2.medianBlur(np.clip(smooth, 0, 255).astype(np.uint8), 3 * WINDOW).astype(np.float32)
    return np.asarray(np.maximum(smooth - around, -BRIGHTEST), np.float32)


def _standard(values: np.ndarray, field: np.ndarray) -> np.ndarray:
    spread = float(values[field].std())
    shifted = values - float(values[field].mean())
    return np.asarray(shifted / spread if spread > 1e-6 else np.zeros_like(shifted))


def _line(length: int, degrees: float) -> np.ndarray:
    """A centred line of `length` px as a kernel that sums to one; degrees counter-clockwise from a row."""
    import cv2

    side = length + 2
    kernel = np.zeros((side, side), np.float32)
    kernel[side // 2, 1:-1] = 1.0
    turn = cv2.getRotationMatrix2D((side // 2, side // 2), degrees, 1.0)
    turned = cv2.warpAffine(kernel, turn, (side, side), flags=cv2.INTER_LINEAR)
    return np.asarray(turned / turned.sum(), np.float32)


def vessels(rgb: np.ndarray, field: np.ndarray) -> np.ndarray:
    """[H, W, 3] uint8, [H, W] bool -> [H, W] bool."""
    import cv2
    from skimage.filters import apply_hysteresis_threshold

    height, width = field.shape
    across = int(np.ptp(np.flatnonzero(field.any(axis=0)))) + 1
    scale = FIELD_WIDTH / across
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    green = cv2.resize(np.ascontiguousarray(rgb[..., 1]), size, interpolation=how)
    inner = cv2.resize(field.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST).astype(bool)
    response = vessel_response(green, inner)
    found = _large(apply_hysteresis_threshold(response, WEAK, STRONG), SMALLEST)
    soft = cv2.resize(found.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray((soft >= 0.5) & field)


def _large(mask: np.ndarray, smallest: int) -> np.ndarray:
    """Without its 8-connected parts of fewer than `smallest` px."""
    from scipy import ndimage

    labels, _ = ndimage.label(mask, np.ones((3, 3)))
    keep = np.bincount(labels.ravel()) >= smallest
    keep[0] = False
    return np.asarray(keep[labels])


class FundusVessels(Method):
    """The vessel tree of a fundus photograph, as one class mask."""

    smallest_side = 64  # px; in fewer, what is looked for is thinner than a pixel
    colour = True

    card = ExpertCard(
        name="fundus-vessels",
        version="1",
        kind="segmenter",
        labels=(LABEL,),
        modalities=("OP",),
        anatomies=("retina",),
        method="Multi-scale line detection on inverted green, hysteresis, small parts dropped.",
        source="Nguyen UTV et al., Pattern Recognition 46 (2013) 703-715",
        license_code="Apache-2.0",
        tuned_on="chase-db1, items whose sha256 is even (4)",
        parameters={
            "field_width": FIELD_WIDTH, "window": WINDOW, "lengths": LENGTHS, "strong": STRONG,
            "weak": WEAK, "smallest": SMALLEST, "brightest": BRIGHTEST,
        },
    )  # fmt: skip

    def look(self, scan: Scan) -> Prediction:
        """One prediction a scan; a picture lit to its borders is searched whole."""
        field = field_of_view(scan.display)
        if not field.any():
            return []
        mask = vessels(scan.display, field)
        return [Found(LABEL, mask, instance=False)] if mask.any() else []

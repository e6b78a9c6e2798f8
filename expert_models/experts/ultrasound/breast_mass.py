"""The likeliest hypoechoic mass on a breast ultrasound picture: an ellipse darker than what surrounds it."""

from collections.abc import Sequence
from itertools import product

import numpy as np

from expert_models.experts.base import ExpertCard, Found, Prediction, Scan
from expert_models.experts.method import Method, gray_of

HEIGHT_PX = 96  # the picture is looked at this high: speckle is finer, masses are not
SPECKLE_PX = 5  # median window against speckle
BLUR_PX = 1.2  # sigma after it
NEAR = (
    0.35  # sigma of the local mean and spread, share of the height: takes out gain and attenuation
)
NOISE_LEVELS = 1.0  # gray levels; local contrast of this size is no structure
HALF_AXES = (0.06, 0.085, 0.12, 0.16, 0.21, 0.27, 0.34)  # tried, shares of the height
WIDER, HIGHER = 3.5, 1.5  # a mass is at most so much wider than high, and higher than wide
CENTERS = 0.025  # step of the centres tried, share of the side
DEPTH = (0.37, 0.13)  # mean and spread of the centre's depth: sonographers put the mass there
ACROSS = (0.50, 0.12)  # and across
REACH = (
    0.03,
    0.06,
)  # inside and outside are compared so far from the outline; shares of the height
STEP_RANGE = (-0.5, 1.5)  # of one place of the outline, in local spreads: a bright line is one step
WEAKEST = 0.6  # weight of the weakest eighth of the outline: a shadow is open below
SIZE_POWER = 0.25  # of the area; of two ellipses around one another, the whole one
LEAST_STEP = 0.3  # below, nothing stands out; the least of the tuning pictures is 0.40
LEAST_LEVELS = (
    6.0  # gray levels, between the middle of the ellipse and its surround; speckle makes less
)
ZONE = 1.35  # the mass lies within the ellipse blown up so much
CORE = 0.5  # and holds the ellipse shrunk so much
PADDING_LEVEL = 6  # a column whose middle level is no higher is padding
ANGLES = np.linspace(0, 2 * np.pi, 32, endpoint=False)


def content_box(gray: np.ndarray) -> tuple[int, int, int, int]:
    """Rows and columns (y0, y1, x0, x1) of the widest stretch that is no padding."""
    columns = _longest(np.median(gray, axis=0) > PADDING_LEVEL)
    if columns == (0, 0):
        return 0, 0, 0, 0
    rows = _longest(np.median(gray[:, columns[0] : columns[1]], axis=1) > PADDING_LEVEL / 2)
    return *rows, *columns


def _longest(there: np.ndarray) -> tuple[int, int]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], there.astype(np.int8), [0]])))
    if not edges.size:
        return 0, 0
    runs = edges.reshape(-1, 2)
    start, stop = runs[int(np.argmax(runs[:, 1] - runs[:, 0]))]
    return int(start), int(stop)


def smoothed(gray: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Small and without speckle, in gray levels; and the same in local spreads about the local mean."""
    from scipy.ndimage import gaussian_filter, median_filter
    from skimage.transform import resize

    width = max(8, round(gray.shape[1] * HEIGHT_PX / gray.shape[0]))
    small = resize(gray.astype(float), (HEIGHT_PX, width), anti_aliasing=True)
    small = gaussian_filter(median_filter(small, SPECKLE_PX), BLUR_PX)
    near = small - gaussian_filter(small, NEAR * HEIGHT_PX)
    spread = np.sqrt(gaussian_filter(near**2, NEAR * HEIGHT_PX)) + NOISE_LEVELS
    return small, near / spread


def best_ellipse(flat: np.ndarray) -> tuple[tuple[float, float, float, float], float]:
    """(centre down, across, half height, half width) in px of the greatest rating, and its step."""
    height, width = flat.shape
    centers = np.meshgrid(
        np.arange(0.10, 0.75, CENTERS) * height,
        np.arange(0.15, 0.86, CENTERS) * width,
        indexing="ij",
    )
    away = ((centers[0] / height - DEPTH[0]) / DEPTH[1]) ** 2
    away = away + ((centers[1] / width - ACROSS[0]) / ACROSS[1]) ** 2
    best, best_rate, best_step = (0.0, 0.0, 0.0, 0.0), -np.inf, 0.0
    for half_width, half_height in product(np.array(HALF_AXES) * height, repeat=2):
        if half_height > half_width * HIGHER or half_width > half_height * WIDER:
            continue
        step = steps(flat, centers, half_height, half_width)
        size = (half_width * half_height / height**2) ** SIZE_POWER
        rate = step * size * np.exp(-0.5 * away)
        at = np.unravel_index(int(np.argmax(rate)), rate.shape)
        if rate[at] > best_rate:
            best_rate, best_step = float(rate[at]), float(step[at])
            best = (float(centers[0][at]), float(centers[1][at]), half_height, half_width)
    return best, best_step


def steps(
    flat: np.ndarray, centers: Sequence[np.ndarray], half_height: float, half_width: float
) -> np.ndarray:
    """[rows, columns] of the centres: how much brighter it is outside the ellipse than inside.

    Weighted between the mean of the outline and its weakest eighth.
    """
    normal = np.stack([np.sin(ANGLES) / half_height, np.cos(ANGLES) / half_width])
    normal /= np.hypot(*normal)
    down = centers[0][..., None] + half_height * np.sin(ANGLES)
    across = centers[1][..., None] + half_width * np.cos(ANGLES)
    total = np.zeros(down.shape)
    for reach in np.array(REACH) * flat.shape[0]:
        outer = _at(flat, down + reach * normal[0], across + reach * normal[1])
        inner = _at(flat, down - reach * normal[0], across - reach * normal[1])
        total += np.clip(outer - inner, *STEP_RANGE)
    total /= len(REACH)
    eighths = total.reshape(*total.shape[:2], 8, -1).mean(axis=-1)
    return np.asarray((1 - WEAKEST) * total.mean(axis=-1) + WEAKEST * eighths.min(axis=-1))


def _at(flat: np.ndarray, down: np.ndarray, across: np.ndarray) -> np.ndarray:
    """Values of the nearest pixels; outside the picture, those of its border."""
    rows = np.clip(down, 0, flat.shape[0] - 1).astype(int)
    return np.asarray(flat[rows, np.clip(across, 0, flat.shape[1] - 1).astype(int)])


def outlined(small: np.ndarray, ellipse: tuple[float, float, float, float]) -> np.ndarray | None:
    """[H, W] bool: what is darker than half way from the inside of the ellipse to its surround, one part.

    None where inside and surround are about as bright.
    """
    from scipy.ndimage import binary_fill_holes, binary_opening, label
    from skimage.morphology import disk

    rows, columns = np.indices(small.shape)
    radius = np.hypot((rows - ellipse[0]) / ellipse[2], (columns - ellipse[1]) / ellipse[3])
    inside = np.median(small[radius <= 0.8])
    around = np.median(small[(radius > 1.15) & (radius <= 1.6)])
    if around - inside < LEAST_LEVELS:
        return None
    dark = (small < (inside + around) / 2) & (radius <= ZONE)
    marks, count = label(binary_opening(dark | (radius <= CORE), disk(2)))
    if count == 0:
        return np.asarray(radius <= 1)
    largest = int(np.argmax(np.bincount(marks.ravel())[1:])) + 1
    return np.asarray(binary_fill_holes(marks == largest))


def mass_mask(gray: np.ndarray) -> tuple[np.ndarray, float] | None:
    """([H, W] bool, step at its border), or None where nothing stands out."""
    from skimage.transform import resize

    y0, y1, x0, x1 = content_box(gray)
    if min(y1 - y0, x1 - x0) < HEIGHT_PX // 2:
        return None
    small, flat = smoothed(gray[y0:y1, x0:x1])
    ellipse, step = best_ellipse(flat)
    if step < LEAST_STEP:
        return None
    part = outlined(small, ellipse)
    if part is None:
        return None
    mask = np.zeros(gray.shape, bool)
    mask[y0:y1, x0:x1] = resize(part.astype(float), (y1 - y0, x1 - x0), order=1) > 0.5
    return (mask, step) if mask.any() else None


class BreastMass(Method):
    """One hypoechoic mass candidate, the best of the picture; it never says benign or malignant.

    Darkness toward a centre along all radii finds it, as the radial gradient index of Drukker et al., Medical
    Physics 29 (2002) 1438; a threshold within the neighbourhood outlines it, after Horsch et al.,
    Medical Physics 28 (2001) 1652. Made for pictures taken of a mass: of a picture without one it may
    well name a fat lobule.
    """

    named_part = True

    card = ExpertCard(
        name="us-breast-mass",
        version="1",
        kind="segmenter",
        labels=("breast lesion",),
        modalities=("US",),
        anatomies=("breast",),
        method="Ellipse of greatest brightness step over its whole outline, refined by a local threshold.",
        source="Drukker K et al., Medical Physics 29 (2002) 1438-1446",
        license_code="Apache-2.0",
        candidate=True,
        tuned_on="even half (sha256 of the item) of busbra",
        parameters={"least_step": LEAST_STEP, "weakest": WEAKEST},
    )

    def look(self, scan: Scan) -> Prediction:
        gray = gray_of(scan.display)
        found = mass_mask(gray)
        if found is None:
            return []
        return [Found(self.card.labels[0], found[0], score=float(np.clip(found[1], 0, 1)))]

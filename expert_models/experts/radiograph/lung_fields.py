"""Lung fields of a frontal chest radiograph: a mean outline, laid where its borders are brightest outside."""

from itertools import product

import numpy as np

from expert_models.experts.base import ExpertCard, Found, Prediction, Scan
from expert_models.experts.method import Method, gray_of
from expert_models.experts.radiograph.frontal import TURNED, not_frontal, side_labels

# Mean outlines of 22 pairs, (right, down) in the common box of both lungs. Image left, then image right.
# fmt: off
OUTLINES = (
    np.array((
        (0.02, 0.92), (0.01, 0.84), (0.03, 0.59), (0.07, 0.40), (0.12, 0.23), (0.17, 0.14), (0.27, 0.04),
        (0.34, 0.01), (0.41, 0.02), (0.44, 0.06), (0.46, 0.14), (0.41, 0.78), (0.38, 0.80), (0.23, 0.79),
        (0.16, 0.81),
    )),
    np.array((
        (0.98, 0.97), (0.93, 0.91), (0.86, 0.87), (0.65, 0.86), (0.60, 0.85), (0.59, 0.83), (0.57, 0.66),
        (0.54, 0.21), (0.56, 0.08), (0.61, 0.01), (0.66, 0.01), (0.73, 0.04), (0.82, 0.12), (0.88, 0.20),
        (0.93, 0.42), (0.99, 0.85),
    )),
)
# fmt: on
BOX_MEAN = np.array((0.50, 0.475, 0.88, 0.825))  # centre right, down; width, height; of the picture
BOX_SPREAD = np.array((0.02, 0.04, 0.08, 0.10))  # one standard deviation over the same pictures
STEPS = (
    -2,
    -1,
    0,
    1,
    2,
)  # the box is sought at these many spreads (coarse), then at a third of them
PRIOR = 0.02  # cost of a squared spread, in units of the local contrast
LUNG_PRIOR = 0.02  # the same, of one lung leaving the common fit
LUNG_SPREAD = np.array(
    (0.01, 0.02, 0.02, 0.04)
)  # how far one lung leaves it; shares of the picture
SIDE_PX = 128  # the picture is looked at this small: lung borders are wide, ribs fine
POINTS = 48  # sampled on an outline
REACH = (0.015, 0.03)  # inside and outside are compared so far from the outline; shares of the side
MARGIN = (
    0.015  # the border is drawn so far outside the steepest step: annotators include the pleura
)
LEAST_CONTRAST = 0.35  # mean of both lungs: one may be white; the least of 40 tuning films is 0.40
NOISE_LEVELS = 1.0  # gray levels; local contrast of this size is no structure
BORDER_RANGE = 12  # a row or column whose levels span less is padding


def content_box(gray: np.ndarray) -> tuple[int, int, int, int]:
    """Rows and columns (y0, y1, x0, x1) within which the picture is more than padding."""
    rows = np.flatnonzero(np.ptp(gray, axis=1) >= BORDER_RANGE)
    columns = np.flatnonzero(np.ptp(gray, axis=0) >= BORDER_RANGE)
    if not rows.size or not columns.size:
        return 0, 0, 0, 0
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


def flattened(gray: np.ndarray) -> np.ndarray:
    """[SIDE_PX, SIDE_PX] float: exposure and slow shading removed, local contrast brought to one."""
    from scipy.ndimage import gaussian_filter
    from skimage.transform import resize

    small = resize(gray.astype(float), (SIDE_PX, SIDE_PX), anti_aliasing=True)
    small = gaussian_filter(small, 0.012 * SIDE_PX)
    near = small - gaussian_filter(small, 0.2 * SIDE_PX)
    spread = np.sqrt(gaussian_filter(near**2, 0.25 * SIDE_PX)) + NOISE_LEVELS
    return np.asarray(np.clip(near / spread, -2.5, 2.5))


def sampled(outline: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Points evenly along a closed polygon and their outward normals, both [POINTS, 2] (right, down)."""
    ring = np.vstack([outline, outline[:1]])
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(ring, axis=0).T))])
    at = np.linspace(0, along[-1], POINTS, endpoint=False)
    points = np.stack([np.interp(at, along, ring[:, i]) for i in (0, 1)], axis=1)
    ahead = np.roll(points, -1, axis=0) - np.roll(points, 1, axis=0)
    normals = np.stack([ahead[:, 1], -ahead[:, 0]], axis=1)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-9
    outward = ((points - points.mean(axis=0)) * normals).sum() >= 0
    return points, normals if outward else -normals


def widened(outline: np.ndarray) -> np.ndarray:
    """[POINTS, 2]: a closed polygon in shares of the picture, moved outward by `MARGIN`."""
    points, normals = sampled(outline)
    return points + MARGIN * normals


def contrast(flat: np.ndarray, outline: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """[N]: by how much it is brighter outside than inside an outline laid into each box [N, 4]."""
    points, normals = sampled(outline)
    placed = boxes[:, None, :2] + (points[None] - 0.5) * boxes[:, None, 2:]
    values = []
    for reach in REACH:
        outer, inner = placed + reach * normals, placed - reach * normals
        values.append(_at(flat, outer) - _at(flat, inner))
    return np.asarray(np.mean(np.clip(values, -1.0, 2.0), axis=(0, 2)))


def _at(flat: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Values of the nearest pixels; outside the picture, those of its border."""
    columns, rows = np.clip((places * SIDE_PX).astype(int), 0, SIDE_PX - 1).transpose(2, 0, 1)
    return np.asarray(flat[rows, columns])


def _grid(center: np.ndarray, spread: np.ndarray) -> np.ndarray:
    return center + np.array(list(product(STEPS, repeat=4))) * spread


def fitted(flat: np.ndarray) -> tuple[list[np.ndarray], list[float]]:
    """The box [4] each lung's outline is laid into, and the contrast at each outline."""
    box = BOX_MEAN
    for share in (1.0, 1 / 3):
        boxes = _grid(box, BOX_SPREAD * share)
        away = (((boxes - BOX_MEAN) / BOX_SPREAD) ** 2).sum(axis=1)
        both = sum(contrast(flat, outline, boxes) for outline in OUTLINES) / 2
        box = boxes[int(np.argmax(both - PRIOR * away))]
    own, contrasts = [], []
    for outline in OUTLINES:
        boxes = _grid(box, LUNG_SPREAD)
        away = (((boxes - box) / LUNG_SPREAD) ** 2).sum(axis=1)
        values = contrast(flat, outline, boxes)
        best = int(np.argmax(values - LUNG_PRIOR * away))
        own.append(boxes[best])
        contrasts.append(float(values[best]))
    return own, contrasts


def lies_turned(gray: np.ndarray) -> bool:
    """Whether the outlines fit better once the film is turned by a quarter, a half or three quarters.

    It does on none of the 77 films of covid-cxr-segmentations and -longitudinal that lungs are laid on.
    """
    y0, y1, x0, x1 = content_box(gray)
    flat = flattened(gray[y0:y1, x0:x1])
    upright, *turned = (float(np.mean(fitted(np.rot90(flat, n))[1])) for n in range(4))
    return max(turned) >= upright


def lung_fields(gray: np.ndarray) -> list[tuple[np.ndarray, float]]:
    """(mask [H, W] bool, contrast), image left first; [] where no outline lies on a border."""
    from skimage.draw import polygon2mask

    y0, y1, x0, x1 = content_box(gray)
    if min(y1 - y0, x1 - x0) < SIDE_PX // 2:
        return []
    boxes, contrasts = fitted(flattened(gray[y0:y1, x0:x1]))
    if np.mean(contrasts) < LEAST_CONTRAST:
        return []
    fields = []
    for outline, box, value in zip(OUTLINES, boxes, contrasts, strict=True):
        placed = widened(box[:2] + (outline - 0.5) * box[2:])
        corners = np.stack([placed[:, 1] * (y1 - y0) + y0, placed[:, 0] * (x1 - x0) + x0], axis=1)
        fields.append((np.asarray(polygon2mask(gray.shape, corners - 0.5)), value))
    return fields


class LungFields(Method):
    """Both lung fields, as far as the lungs reach: behind the heart and under opacities too.

    A mean shape is by itself the baseline of van Ginneken, Stegmann and Loog, Medical Image Analysis 10
    (2006) 19; it is laid by the contrast along its outline, as in Cootes et al., Computer Vision and
    Image Understanding 61 (1995) 38, with four free numbers for both lungs and four for each.
    """

    named_part = True

    card = ExpertCard(
        name="cxr-lung-fields",
        version="2",
        kind="segmenter",
        labels=("left lung", "right lung", "lung"),
        modalities=("CR", "DX"),
        anatomies=("chest",),
        method="Mean outlines, moved and stretched to the greatest contrast along the border.",
        source="van Ginneken B, Stegmann MB, Loog M, Medical Image Analysis 10 (2006) 19-40",
        license_code="Apache-2.0",
        candidate=True,
        tuned_on="even half (sha256 of the item) of covid-cxr-segmentations and covid-cxr-longitudinal",
        parameters={"prior": PRIOR, "margin": MARGIN, "least_contrast": LEAST_CONTRAST},
    )

    def look(self, scan: Scan) -> Prediction:
        strange = not_frontal(scan)
        if strange:
            return strange
        gray = gray_of(scan.display)
        fields = lung_fields(gray)
        if fields and lies_turned(gray):
            return TURNED
        labels = side_labels(scan.orientation, scan.view)
        return [
            Found(label, mask, score=float(np.clip(value, 0, 1)))
            for label, (mask, value) in zip(labels, fields, strict=False)
        ]

"""The outline of the heart on a frontal chest radiograph: edges against the lungs, and a curve through them."""

import numpy as np

from expert_models.experts.base import ExpertCard, Found, Prediction, Scan
from expert_models.experts.method import Method, gray_of
from expert_models.experts.radiograph.frontal import TURNED, not_frontal
from expert_models.experts.radiograph.lung_fields import (
    OUTLINES,
    SIDE_PX,
    content_box,
    fitted,
    flattened,
    lies_turned,
)

ROWS = (0.48, 0.86)  # where the heart borders lung, of the height of the lungs' common box
WINDOWS = (
    (0.14, 0.46),
    (0.50, 0.90),
)  # where its image-left and image-right border is sought, of the width
MIDDLE = (0.53, 0.70)  # of the box: about which the curve is drawn, right and down
MEAN = np.array(
    (0.27, 0.015, -0.035, 0.015, 0.03)
)  # radius / box width: 1, cos t, sin t, cos 2t, sin 2t
SPREAD = np.array(
    (0.05, 0.03, 0.03, 0.03, 0.03)
)  # one standard deviation, of which edges must persuade it
EDGE_NOISE = 0.03  # of an edge's place, in box widths
OUTLIER = 2.0  # times the noise, from which an edge counts less and less (Huber)
LEAST_STEP = (
    0.12  # mean edge across the border in units of local contrast; less, and it lies on nothing
)
LUNGS_SEEN = 0.25  # least contrast of each lung's outline: a lung that is not seen borders nothing
WIDTHS = (0.3, 0.85)  # of the heart by that of the lungs; else it is no heart
ANGLES = 90


def edges(flat: np.ndarray, box: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Border points [N, 2] (right, down; shares of the picture) and the step at each, from row profiles.

    flat  `flattened`; box: (centre right, centre down, width, height) of both lungs
    """
    from scipy.ndimage import gaussian_filter

    slope = gaussian_filter(flat, (0.02 * SIDE_PX, 0.01 * SIDE_PX), order=(0, 1))
    left, top = box[0] - box[2] / 2, box[1] - box[3] / 2
    points, steps = [], []
    for row in np.arange(ROWS[0], ROWS[1], 1.5 / SIDE_PX / box[3]):
        at = int(np.clip((top + row * box[3]) * SIDE_PX, 0, SIDE_PX - 1))
        for (first, last), sign in zip(WINDOWS, (1.0, -1.0), strict=True):
            start = int(np.clip((left + first * box[2]) * SIDE_PX, 0, SIDE_PX - 2))
            stop = int(np.clip((left + last * box[2]) * SIDE_PX, start + 1, SIDE_PX))
            profile = sign * slope[at, start:stop]
            best = int(np.argmax(profile))
            points.append(((start + best + 0.5) / SIDE_PX, (at + 0.5) / SIDE_PX))
            steps.append(float(profile[best]))
    return np.array(points), np.array(steps)


def curve(points: np.ndarray, steps: np.ndarray, box: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients of the radius in box widths, and the weight of each point.

    A partial Fourier series of the radius around a point within the heart, fitted to the border points
    where the heart meets lung, and to its mean where it does not: above and below.
    """
    middle = _middle(box)
    away = points - middle
    radius = np.hypot(away[:, 0], away[:, 1]) / box[2]
    terms = _terms(np.arctan2(away[:, 1], away[:, 0]))
    trust = np.clip(steps, 0, None) / (np.median(np.clip(steps, 0, None)) + 1e-9)
    weights = np.clip(trust, 0, 1.5)
    found = MEAN
    for _ in range(10):
        gone = np.abs(terms @ found - radius) / (OUTLIER * EDGE_NOISE)
        weights = np.clip(trust, 0, 1.5) / np.maximum(1.0, gone) ** 2
        each = weights * 12.0 / max(1.0, float(len(weights)))  # neighbouring rows tell the same
        normal = (terms * (each / EDGE_NOISE**2)[:, None]).T @ terms + np.diag(1 / SPREAD**2)
        pull = (terms * (each / EDGE_NOISE**2)[:, None]).T @ (radius - terms @ MEAN)
        found = MEAN + np.linalg.solve(normal, pull)
    return found, weights


def _middle(box: np.ndarray) -> np.ndarray:
    return box[:2] - box[2:] / 2 + np.array(MIDDLE) * box[2:]


def _terms(angle: np.ndarray) -> np.ndarray:
    return np.stack(
        [np.ones_like(angle), np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle)],
        axis=1,
    )


def heart_outline(gray: np.ndarray) -> tuple[np.ndarray, float] | None:
    """(mask [H, W] bool, mean step along its lateral border), or None where there is no heart to see."""
    from skimage.draw import polygon2mask

    y0, y1, x0, x1 = content_box(gray)
    if min(y1 - y0, x1 - x0) < SIDE_PX // 2:
        return None
    flat = flattened(gray[y0:y1, x0:x1])
    boxes, contrasts = fitted(flat)
    if min(contrasts) < LUNGS_SEEN:
        return None
    box = _common(boxes)
    points, steps = edges(flat, box)
    found, weights = curve(points, steps, box)
    angle = np.linspace(-np.pi, np.pi, ANGLES, endpoint=False)
    radius = _terms(angle) @ found * box[2]
    outline = _middle(box) + radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    width = float(np.ptp(outline[:, 0]) / box[2])
    step = float((weights * steps).sum() / (weights.sum() + 1e-9))
    if not WIDTHS[0] <= width <= WIDTHS[1] or step < LEAST_STEP or radius.min() <= 0:
        return None
    corners = np.stack([outline[:, 1] * (y1 - y0) + y0, outline[:, 0] * (x1 - x0) + x0], axis=1)
    return np.asarray(polygon2mask(gray.shape, corners - 0.5)), step


def _common(boxes: list[np.ndarray]) -> np.ndarray:
    """The box of both lungs, as each lies after its own fit."""
    corners = []
    for outline, box in zip(OUTLINES, boxes, strict=True):
        corners.append(box[:2] + (outline - 0.5) * box[2:])
    both = np.vstack(corners)
    low, high = both.min(axis=0), both.max(axis=0)
    return np.concatenate([(low + high) / 2, high - low])


class CxrHeart(Method):
    """The heart's projected outline, guessed where it does not border lung: above and at the diaphragm.

    Nakamori et al., Medical Physics 17 (1990) 342: border points from the slopes of row profiles beside
    the lungs, and a Fourier series of the radius through them.
    """

    named_part = True

    card = ExpertCard(
        name="cxr-heart",
        version="2",
        kind="segmenter",
        labels=("heart",),
        modalities=("CR", "DX"),
        anatomies=("chest",),
        method="Steepest row profiles beside the lungs, and a Fourier series of the radius through them.",
        source="Nakamori N et al., Medical Physics 17 (1990) 342-350",
        license_code="Apache-2.0",
        candidate=True,
        tuned_on="even half (sha256 of the item) of covid-cxr-segmentations, by eye: no heart is outlined",
        parameters={"least_step": LEAST_STEP, "lungs_seen": LUNGS_SEEN, "widths": WIDTHS},
    )

    def look(self, scan: Scan) -> Prediction:
        strange = not_frontal(scan)
        if strange:
            return strange
        toward = (scan.orientation or "").split("\\")[0][:1]
        gray = gray_of(scan.display)
        mirrored = toward == "R"  # shown from behind: the heart points to image left
        gray = gray[:, ::-1] if mirrored else gray
        seen = heart_outline(gray)
        if seen is None:
            return []
        if lies_turned(gray):
            return TURNED
        mask, step = seen
        mask = mask[:, ::-1].copy() if mirrored else mask
        return [Found(self.card.labels[0], mask, score=float(np.clip(step, 0, 1)))]

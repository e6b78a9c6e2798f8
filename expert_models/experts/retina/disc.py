"""Candidate of the optic disc: a bright round place where vessels meet."""

import numpy as np

from expert_models.experts.base import ExpertCard, Found, Prediction, Scan
from expert_models.experts.method import Method
from expert_models.experts.retina.field import field_of_view
from expert_models.experts.retina.vessels import vessels
from expert_models.experts.windows import disc_of, mean_over

LABEL = "optic disc"
FIELD_WIDTH = 300  # px across the field while searching
RADII = (
    16,
    19,
    22,
    25,
    28,
)  # px: 30 to 50 degree cameras show the disc a tenth to a sixth of the field wide
RING = 1.45  # radius of the surround, in radii of the disc
THIN_RING = 1.25  # the same while the border is sought
BRIGHTEST = (
    97.0  # percentile of the field at which light is cut, so that the pale cup counts as its disc
)
SMALLEST_CONTRAST = 6.0  # of 382 (half of red plus green), disc over ring
VESSEL_WEIGHT = 0.6  # of the vessel term against the brightness term, both in standard deviations
SMALLEST_SCORE = 2.0  # standard deviations of the map; a lower best place is no candidate


def optic_disc(rgb: np.ndarray, field: np.ndarray, tree: np.ndarray) -> tuple[np.ndarray, float]:
    """[H, W, 3] uint8, [H, W] bool field, [H, W] bool vessels -> ([H, W] bool, score in [0, 1]).

    Brightness of a disc against its ring in red and green with vessels closed (template matching after
    Lalonde M, Beaulieu M, Gagnon L, IEEE TMI 20 (2001) 1193-1200), plus the share of vessels around the
    place, on which they converge (Hoover A, Goldbaum M, IEEE TMI 22 (2003) 951-958). The best circle.
    """
    import cv2

    height, width = field.shape
    across = int(np.ptp(np.flatnonzero(field.any(axis=0)))) + 1
    scale = FIELD_WIDTH / across
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    inner = cv2.resize(field.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    inner = cv2.erode(
        inner, np.ones((7, 7), np.uint8), borderValue=0
    )  # the rim mixes with the mask
    thick = cv2.resize(tree.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    light = 0.5 * small[..., 0].astype(np.float32) + small[..., 1]
    closed = cv2.morphologyEx(light, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    weight = inner.astype(np.float32)
    nothing = np.zeros((height, width), bool)
    core = cv2.erode(inner, disc_of(round(RING * RADII[0])).astype(np.uint8)).astype(bool)
    if core.sum() < 100:
        return nothing, 0.0
    flat = np.minimum(closed, np.percentile(closed[inner > 0], BRIGHTEST))
    contrast = _contrast(flat, weight, round(np.mean(RADII)), RING)
    crowd = mean_over(thick, weight, disc_of(round(RING * RADII[-1])))
    points = _standard(contrast, core) + VESSEL_WEIGHT * _standard(crowd, core)
    points[~core] = -np.inf
    y, x = (int(n) for n in np.unravel_index(int(points.argmax()), points.shape))
    score = float(points[y, x])
    if score < SMALLEST_SCORE or contrast[y, x] < SMALLEST_CONTRAST:
        return nothing, 0.0
    near = disc_of(RADII[0])
    window = np.zeros_like(core)
    window[y, x] = True
    window = cv2.dilate(window.astype(np.uint8), near.astype(np.uint8)).astype(bool) & core
    best: tuple[float, int, int, int] = (-np.inf, y, x, RADII[0])
    for radius in RADII:
        edge = np.where(window, _contrast(flat, weight, radius, THIN_RING), -np.inf)
        row, column = (int(n) for n in np.unravel_index(int(edge.argmax()), edge.shape))
        if edge[row, column] > best[0]:
            best = (float(edge[row, column]), row, column, radius)
    _, y, x, radius = best
    rows, columns = np.ogrid[:height, :width]
    away = ((rows + 0.5) * scale - y - 0.5) ** 2 + ((columns + 0.5) * scale - x - 0.5) ** 2
    return np.asarray((away <= radius**2) & field), float(1 - np.exp(-score / 4))


def _contrast(values: np.ndarray, weight: np.ndarray, radius: int, ring: float) -> np.ndarray:
    """Mean of a disc less the mean of the ring around it, for every centre."""
    disc, rim = disc_of(radius), disc_of(round(ring * radius))
    edge = (rim.shape[0] - disc.shape[0]) // 2
    rim[edge : rim.shape[0] - edge, edge : rim.shape[1] - edge] -= disc
    return np.asarray(mean_over(values, weight, disc) - mean_over(values, weight, rim))


def _standard(values: np.ndarray, where: np.ndarray) -> np.ndarray:
    spread = float(values[where].std())
    shifted = values - float(values[where].mean())
    return np.asarray(shifted / spread if spread > 1e-3 else np.zeros_like(shifted))


class OpticDiscCandidate(Method):
    """The likely place of the optic disc, as a circle."""

    smallest_side = 64  # px; in fewer, what is looked for is thinner than a pixel
    colour = True

    card = ExpertCard(
        name="optic-disc-candidate",
        version="1",
        kind="segmenter",
        labels=(LABEL,),
        modalities=("OP",),
        anatomies=("retina",),
        method="Circle of best contrast to its ring, weighted by the vessels around it.",
        source="Lalonde M et al., IEEE TMI 20 (2001) 1193-1200; Hoover A, Goldbaum M, IEEE TMI 22 (2003) "
        "951-958",
        license_code="Apache-2.0",
        candidate=True,
        tuned_on="chase-db1, items whose sha256 is even (4), by eye: the sample has no disc masks",
        parameters={
            "field_width": FIELD_WIDTH, "radii": RADII, "ring": RING, "vessel_weight": VESSEL_WEIGHT,
            "smallest_score": SMALLEST_SCORE,
        },
    )  # fmt: skip

    def look(self, scan: Scan) -> Prediction:
        field = field_of_view(scan.display)
        if not field.any():
            return []
        mask, score = optic_disc(scan.display, field, vessels(scan.display, field))
        return [Found(LABEL, mask, score=score)] if mask.any() else []

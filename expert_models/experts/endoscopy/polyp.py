"""Candidate of a polyp: the round place that stands out most from its ring, cut out by its colours."""

import numpy as np

from expert_models.experts.base import ExpertCard, Found, Prediction, Scan
from expert_models.experts.endoscopy.field import field_of_view
from expert_models.experts.endoscopy.highlights import highlights
from expert_models.experts.method import Method
from expert_models.experts.windows import disc_of, mean_over

LABEL = "polyp"
WORKING_SIDE = 256  # px of the longer side while searching
RADII = (14, 20, 28, 38, 50, 64)  # px at working size, steps of about the square root of two
RING = 1.5  # radius of the surround, in radii of the disc
WEIGHTS = (
    1.0,
    0.5,
    0.5,
)  # of L*, a*, b*: polyps bulge towards the lamp, and are redder or yellower
SMOOTHING = 2.0  # px, Gaussian before contrasts
INSIDE = 0.85  # share of the disc that must lie in the field
RIM = 7  # px, side of the square by which the field is eroded: its border is blurred
EVENNESS = 0.5  # power of the spread inside the disc, by which the contrast is divided
GROWTH = 0.5  # power of the radius: of two places of one contrast the larger one is taken
ZONE = 2.0  # radii; the polyp lies within the circle blown up so much
CORE = 0.6  # and holds the circle shrunk so much
COLOUR_SMOOTHING = 1.0  # px, Gaussian before colours are compared
ROUNDS = 2  # of colours and border in turn
BRUSH = 7  # px, opening of the outline: colours alike leak out through narrow necks
SMALLEST_CONTRAST = 3.0  # units of L*a*b*, weighted; less is no candidate


Circle = tuple[int, int, int]
"""Row, column and radius, px at working size."""


def polyp(rgb: np.ndarray, field: np.ndarray, shine: np.ndarray) -> tuple[np.ndarray, float]:
    """[H, W, 3] uint8, [H, W] bool field, [H, W] bool highlights -> ([H, W] bool, score in [0, 1]).

    Highlights are painted over first. The place is found at a fixed working size, and its outline too.
    """
    import cv2

    height, width = field.shape
    scale = WORKING_SIDE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    gaps = cv2.dilate(shine.astype(np.uint8), np.ones((5, 5), np.uint8))
    small = cv2.resize(cv2.inpaint(rgb, gaps, 5, cv2.INPAINT_TELEA), size, interpolation=how)
    inner = cv2.resize(field.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    inner = cv2.erode(inner, np.ones((RIM, RIM), np.uint8), borderValue=0)
    circle, contrast = best_circle(small, inner.astype(np.float32))
    if circle is None:
        return np.zeros((height, width), bool), 0.0
    part = cut_out(small, inner > 0, circle).astype(np.float32)
    whole = cv2.resize(part, (width, height), interpolation=cv2.INTER_LINEAR) >= 0.5
    return np.asarray(whole & field), float(1 - np.exp(-contrast / 20))


def best_circle(small: np.ndarray, inner: np.ndarray) -> tuple[Circle | None, float]:
    """[h, w, 3] uint8 and the weight [h, w] of the field to the circle, and its contrast; None where it is low.

    Centre-surround contrast of light and colour (Itti L, Koch C, Niebur E, IEEE TPAMI 20 (1998) 1254-1259)
    of discs, the scale chosen where the normalised contrast peaks (Lindeberg T, International Journal of
    Computer Vision 30 (1998) 79-116).
    """
    import cv2

    lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    value = cv2.GaussianBlur(lab @ np.array(WEIGHTS, np.float32), (0, 0), SMOOTHING)
    best, contrast_there, circle = -np.inf, 0.0, (0, 0, 0)
    for radius in RADII:
        contrast, strength = _strength(value, inner, radius)
        row, column = (int(n) for n in np.unravel_index(int(strength.argmax()), strength.shape))
        if strength[row, column] > best:
            best, contrast_there = float(strength[row, column]), float(contrast[row, column])
            circle = (row, column, radius)
    found = np.isfinite(best) and contrast_there >= SMALLEST_CONTRAST
    return (circle if found else None), contrast_there


def cut_out(small: np.ndarray, inner: np.ndarray, circle: Circle) -> np.ndarray:
    """[h, w] bool: the part of the field whose colours are those of the circle, its largest piece filled.

    Rother C, Kolmogorov V, Blake A, GrabCut, ACM Transactions on Graphics 23 (2004) 309: colours of inside
    and outside as Gaussian mixtures, a border of least cost between them. Where the inside has none of its
    own, the circle stays.
    """
    import cv2
    from scipy import ndimage

    rows, columns = np.ogrid[: small.shape[0], : small.shape[1]]
    away = np.hypot(rows - circle[0], columns - circle[1]) / circle[2]
    marks = np.full(inner.shape, cv2.GC_BGD, np.uint8)
    marks[away <= ZONE] = cv2.GC_PR_BGD
    marks[away <= 1] = cv2.GC_PR_FGD
    marks[away <= CORE] = cv2.GC_FGD
    marks[~inner] = cv2.GC_BGD
    known = marks != cv2.GC_BGD
    disc = (away <= 1) & inner
    if known.all() or not (marks == cv2.GC_FGD).any():
        return np.asarray(disc)
    smooth = cv2.GaussianBlur(small, (0, 0), COLOUR_SMOOTHING)
    cv2.setRNGSeed(0)  # its mixtures start from random centres
    colours = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(smooth, marks, (0, 0, 0, 0), *colours, ROUNDS, cv2.GC_INIT_WITH_MASK)
    own = ((marks == cv2.GC_FGD) | (marks == cv2.GC_PR_FGD)).astype(np.uint8)
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (BRUSH, BRUSH))
    labels, count = ndimage.label(cv2.morphologyEx(own, cv2.MORPH_OPEN, brush))
    if count == 0:
        return np.asarray(disc)
    largest = int(np.bincount(labels.ravel())[1:].argmax()) + 1
    return np.asarray(ndimage.binary_fill_holes(labels == largest))


def _strength(value: np.ndarray, inner: np.ndarray, radius: int) -> tuple[np.ndarray, np.ndarray]:
    """Contrast of the disc at every centre, and that contrast made comparable over radii."""
    import cv2

    disc, ring = disc_of(radius), disc_of(round(RING * radius))
    edge = (ring.shape[0] - disc.shape[0]) // 2
    ring[edge:-edge, edge:-edge] -= disc
    mean = mean_over(value, inner, disc)
    spread = np.sqrt(np.maximum(mean_over(value * value, inner, disc) - mean**2, 1.0))
    contrast = mean - mean_over(value, inner, ring)
    share = cv2.filter2D(inner, cv2.CV_32F, disc, borderType=cv2.BORDER_CONSTANT) / disc.sum()
    strength = contrast / spread**EVENNESS * radius**GROWTH
    return contrast, np.where(share >= INSIDE, strength, -np.inf)


class PolypCandidate(Method):
    """One likely place of a polyp; it finds one in most pictures, whether or not one is there."""

    smallest_side = 64  # px; in fewer, what is looked for is thinner than a pixel
    colour = True

    card = ExpertCard(
        name="polyp-candidate",
        version="2",
        kind="segmenter",
        labels=(LABEL,),
        modalities=("ES",),
        anatomies=("colon", "stomach"),
        method="Disc of best contrast of light and colour to its ring, over six radii; cut out by GrabCut.",
        source="Itti L et al., IEEE TPAMI 20 (1998) 1254-1259; Lindeberg T, Int J Comput Vis 30 (1998) "
        "79-116; Rother C et al., ACM Trans Graph 23 (2004) 309-314",
        license_code="Apache-2.0",
        candidate=True,
        tuned_on="kvasir-seg, items whose sha256 is even (11)",
        parameters={
            "radii": RADII, "ring": RING, "weights": WEIGHTS, "evenness": EVENNESS, "growth": GROWTH,
            "smallest_contrast": SMALLEST_CONTRAST, "zone": ZONE, "core": CORE, "rounds": ROUNDS,
        },
    )  # fmt: skip

    def look(self, scan: Scan) -> Prediction:
        field = field_of_view(scan.display)
        if not field.any():
            return []
        mask, score = polyp(scan.display, field, highlights(scan.display, field))
        return [Found(LABEL, mask, score=score)] if mask.any() else []

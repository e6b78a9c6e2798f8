"""The lesion of a dermoscopic picture: hair and dark corners taken away, first principal colour, Otsu."""

import numpy as np

from expert_models.experts.base import ExpertCard, Found, Prediction, Scan
from expert_models.experts.method import Method

LABEL = "skin lesion"
WORKING_SIDE = (
    256  # px of the longer side while searching: borders of lesions are blurred at finer scale
)
HAIR_WIDTH = 9  # px at working size; the black top-hat finds dark things thinner than this
HAIR_DEPTH = 18  # of 255: how much darker than its surround a hair is
CORNER_BLACK = (
    60  # of 255, in the brightest channel: darker pixels that touch the border are vignette
)
CORNER_SIDE = (
    4  # px at working size: a dark part that begins so near a corner is vignette or a black bar
)
CORNER_MARGIN = 0.03  # of the working side: the soft edge of the vignette
STICKER_SATURATION = 0.3  # of 1, above the skin's: paint is purer than pigment
STICKER_LIGHT = 0.45  # of the skin's: paint is brighter than the dark pigment that is as pure
STICKER_ORANGE_LIGHT = (
    0.85  # of the skin's, for paint of the skin's own hue, which light pigment has too
)
STICKER_HUE = 40.0  # degrees from the skin's hue; beyond them no pigment of skin is that pure
STICKER_FAR_HUE = 90.0  # degrees: beyond them even pale paint, if as bright as skin, is no pigment
STICKER_PALE = 0.25  # of 1, least saturation of such paint
STICKER_LARGEST = 0.4  # of the picture
SMALLEST_CONTRAST = 8.0  # of 255, between the mean colours of lesion and skin; less is no lesion
SMALLEST_SHARE = 0.004  # of the field; the lesion is what the picture was taken of
LARGEST_BORDER = 0.4  # of the picture's border; what lies along more of it is the skin
LARGEST_SHARE = 0.9  # of the field; then nothing is left that could be skin
SMOOTHING = 2.0  # px, Gaussian before the threshold
CLOSING = 7  # px, joins what the pigment network parts
NUDGE = (
    0.1  # of the range of darkness: how far the threshold is moved to see whether the shape holds
)


def without_hair(rgb: np.ndarray) -> np.ndarray:
    """[H, W, 3] uint8 -> the same with thin dark lines painted over from beside them.

    Lee T et al., DullRazor, Computers in Biology and Medicine 27 (1997) 533-543: closings along four
    directions find hair on each channel; the gaps are filled here by inpainting (Telea 2004).
    """
    import cv2

    lines = [np.eye(HAIR_WIDTH, dtype=np.uint8), np.eye(HAIR_WIDTH, dtype=np.uint8)[::-1].copy()]
    lines += [np.ones((1, HAIR_WIDTH), np.uint8), np.ones((HAIR_WIDTH, 1), np.uint8)]
    gray = rgb.max(axis=2)
    depth = np.max([cv2.morphologyEx(gray, cv2.MORPH_BLACKHAT, line) for line in lines], axis=0)
    hair = _long((depth >= HAIR_DEPTH).astype(np.uint8))
    if not hair.any():
        return rgb
    return np.asarray(
        cv2.inpaint(rgb, cv2.dilate(hair, np.ones((3, 3), np.uint8)), 3, cv2.INPAINT_TELEA)
    )


def _long(mask: np.ndarray) -> np.ndarray:
    """The parts of which the box is three hair widths long: dots and streaks of pigment stay."""
    import cv2

    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    sides = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    keep = (sides >= 3 * HAIR_WIDTH) & (
        stats[:, cv2.CC_STAT_AREA] < 0.25 * sides.astype(float) ** 2
    )
    keep[0] = False
    return np.asarray(keep[labels], np.uint8)


def lit_field(rgb: np.ndarray) -> np.ndarray:
    """[H, W, 3] uint8 -> [H, W] bool: without dark corners of the tube and black bars."""
    import cv2
    from scipy import ndimage

    dark = cv2.GaussianBlur(rgb.max(axis=2), (5, 5), 0) < CORNER_BLACK
    labels, _ = ndimage.label(dark)
    ends = np.r_[:CORNER_SIDE, -CORNER_SIDE:0]
    vignette = np.isin(labels, np.setdiff1d(labels[np.ix_(ends, ends)], [0]))
    if not vignette.any():
        return ~vignette
    away = ndimage.distance_transform_edt(~vignette)
    return np.asarray(away > CORNER_MARGIN * max(rgb.shape[:2]))


def stickers(rgb: np.ndarray) -> np.ndarray:
    """[H, W, 3] uint8 -> [H, W] bool: patches of pure colour, cut by the border, grown by their edge."""
    import cv2
    from scipy import ndimage

    hue, saturation, light = np.moveaxis(
        cv2.cvtColor(cv2.medianBlur(rgb, 5).astype(np.float32) / 255, cv2.COLOR_RGB2HSV), 2, 0
    )
    turn = np.abs((hue - np.median(hue) + 180) % 360 - 180)
    floor = np.where(turn > STICKER_HUE, STICKER_LIGHT, STICKER_ORANGE_LIGHT) * np.median(light)
    pure = (saturation > np.median(saturation) + STICKER_SATURATION) & (light > floor)
    far = (turn > STICKER_FAR_HUE) & (saturation > STICKER_PALE)
    pure |= far & (light > STICKER_ORANGE_LIGHT * np.median(light))
    filled = cv2.morphologyEx(pure.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    labels, count = ndimage.label(
        cv2.morphologyEx(filled, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8))
    )
    border = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    cut = np.setdiff1d(border, [0])
    cut = cut[sizes[cut] <= STICKER_LARGEST * labels.size]
    patch = np.isin(labels, cut)
    if not patch.any():
        return np.asarray(patch)
    return np.asarray(
        ndimage.distance_transform_edt(~patch) <= 2 * CORNER_MARGIN * max(labels.shape)
    )


def darkness(rgb: np.ndarray, field: np.ndarray) -> np.ndarray:
    """[H, W, 3] uint8, [H, W] bool -> [H, W] float32: first principal colour, larger where darker.

    Peruch F, Bogo F, Bonazza M, Cappelleri VM, Peserico E, IEEE Transactions on Biomedical Engineering 61
    (2014) 557-565: of all directions in colour space, the one of largest spread parts lesion and skin.
    """
    import cv2

    smooth = cv2.GaussianBlur(rgb.astype(np.float32), (0, 0), SMOOTHING)
    inside = smooth[field] - smooth[field].mean(axis=0)
    _, vectors = np.linalg.eigh(inside.T @ inside)
    axis = vectors[:, -1]
    axis = axis if axis.sum() < 0 else -axis
    return np.asarray((smooth - smooth[field].mean(axis=0)) @ axis, np.float32)


def lesion(rgb: np.ndarray) -> tuple[np.ndarray, float]:
    """[H, W, 3] uint8 -> ([H, W] bool, how well the shape holds in [0, 1]); all False: none stands out."""
    import cv2
    from skimage.filters import threshold_otsu

    height, width = rgb.shape[:2]
    scale = WORKING_SIDE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    field = lit_field(small) & ~stickers(small)
    nothing = np.zeros((height, width), bool)
    if field.sum() < 0.1 * field.size:
        return nothing, 0.0
    clean = without_hair(small)
    dark = darkness(clean, field)
    inside = dark[field]
    if float(np.ptp(inside)) < SMALLEST_CONTRAST:
        return nothing, 0.0
    cut = float(threshold_otsu(inside))
    found = _main_part(dark > cut, field)
    if not found.any() or found.sum() > LARGEST_SHARE * field.sum():
        return nothing, 0.0
    border = np.concatenate([found[0], found[-1], found[:, 0], found[:, -1]])
    if border.mean() > LARGEST_BORDER:
        return nothing, 0.0
    if float(dark[found].mean() - dark[field & ~found].mean()) < SMALLEST_CONTRAST:
        return nothing, 0.0
    step = NUDGE * float(np.ptp(np.percentile(inside, [2, 98])))
    others = [_main_part(dark > cut + move, field) for move in (-step, step)]
    holds = min(float((found & o).sum()) / max(1.0, float((found | o).sum())) for o in others)
    soft = cv2.resize(found.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(soft >= 0.5), holds


def _main_part(dark: np.ndarray, field: np.ndarray) -> np.ndarray:
    """The largest part, weighted by nearness to the middle of the field; closed and filled."""
    import cv2
    from scipy import ndimage

    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (CLOSING, CLOSING))
    opened = cv2.morphologyEx((dark & field).astype(np.uint8), cv2.MORPH_OPEN, brush)
    whole = ndimage.binary_fill_holes(cv2.morphologyEx(opened, cv2.MORPH_CLOSE, brush)) & field
    labels, count = ndimage.label(whole)
    if count == 0:
        return np.zeros_like(field)
    rows, columns = np.nonzero(field)
    y, x = (np.arange(n, dtype=float) for n in field.shape)
    spread = 0.25 * max(field.shape)
    nearness = np.exp(
        -((y[:, None] - rows.mean()) ** 2 + (x - columns.mean()) ** 2) / (2 * spread**2)
    )
    weight = ndimage.sum_labels(nearness, labels, np.arange(1, count + 1))
    best = labels == 1 + int(np.argmax(weight))
    return best if best.sum() >= SMALLEST_SHARE * field.sum() else np.zeros_like(field)


class DermoscopyLesion(Method):
    """The one lesion a dermoscopic picture was taken of: a candidate."""

    smallest_side = 64  # px; in fewer, what is looked for is thinner than a pixel
    colour = True

    card = ExpertCard(
        name="dermoscopy-lesion",
        version="1",
        kind="segmenter",
        labels=(LABEL,),
        modalities=("DMS",),
        anatomies=("skin",),
        method="Hair painted over, dark corners and stickers left out, Otsu on the first principal colour.",
        source="Peruch F et al., IEEE Trans Biomed Eng 61 (2014) 557-565; Lee T et al., Comput Biol Med 27 "
        "(1997) 533-543",
        license_code="Apache-2.0",
        candidate=True,
        tuned_on="isic2017, by eye, for the sample has no masks: items whose sha256 is even; that bars need a rule "
        "was seen in the other half",
        parameters={
            "hair_width": HAIR_WIDTH, "hair_depth": HAIR_DEPTH, "corner_black": CORNER_BLACK,
            "smallest_contrast": SMALLEST_CONTRAST, "closing": CLOSING,
        },
    )  # fmt: skip

    def look(self, scan: Scan) -> Prediction:
        mask, holds = lesion(scan.display)
        return [Found(LABEL, mask, quality=holds)] if mask.any() else []

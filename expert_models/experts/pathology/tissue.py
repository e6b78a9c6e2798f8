"""Where a slide holds tissue and where bare glass: colour saturation against a threshold."""

import numpy as np

from expert_models.experts.base import ExpertCard, Found, Prediction, Refusal, Scan
from expert_models.experts.method import Method

SMOOTH_PX = 2.0  # standard deviation; single coloured pixels of JPEG blocks vanish
LOWEST, HIGHEST = 8 / 255, 40 / 255  # saturation; glass is below the first, stain above the second
DARK = 40  # grey level of the brightest channel; a darker pixel (frame, ink) has no hue to speak of
GLASS = 200  # grey level; a picture without colour that is darker somewhere is no empty slide
SMALLEST_SHARE = 0.001  # of the picture; smaller pieces are dust
LARGEST_HOLE_SHARE = (
    0.01  # of the picture; smaller holes are filled, larger ones are lumen or tears
)
FIRM = 1.1  # times the threshold, for `quality`
SMALLEST_SIDE = 16  # px; a smaller picture is no overview


def saturation(image: np.ndarray) -> np.ndarray:
    """[H, W, 3] uint8 to [H, W] float in [0, 1]: (max - min) / max of the channels, 0 where dark."""
    levels = image.astype(float)
    highest = levels.max(axis=2)
    spread = highest - levels.min(axis=2)
    return np.where(highest >= DARK, spread / np.maximum(highest, 1.0), 0.0)


def tissue_threshold(smooth: np.ndarray) -> float:
    """Otsu's threshold, held between LOWEST and HIGHEST.

    Without the bounds a slide of bare glass would be cut in its noise, and one full of tissue
    between pale and dark stain.
    """
    from skimage.filters import threshold_otsu

    if np.ptp(smooth) == 0:
        return HIGHEST
    return float(np.clip(threshold_otsu(smooth), LOWEST, HIGHEST))


def tissue_mask(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """[H, W, 3] uint8 to tissue and to tissue under a stricter threshold, both [H, W] bool.

    Small pieces go and small holes are filled, by share of the picture, so that an overview and its
    enlargement agree.
    """
    from scipy import ndimage

    from expert_models.experts.microscopy.instances import without_small

    smooth = ndimage.gaussian_filter(saturation(image), SMOOTH_PX)
    threshold = tissue_threshold(smooth)
    pieces, _ = ndimage.label(smooth > threshold, np.ones((3, 3)))
    kept = without_small(pieces, max(1, round(SMALLEST_SHARE * smooth.size))) > 0
    holes, _ = ndimage.label(~kept)
    large = without_small(holes, max(1, round(LARGEST_HOLE_SHARE * smooth.size))) > 0
    edge = np.unique(np.concatenate([holes[0], holes[-1], holes[:, 0], holes[:, -1]]))
    open_glass = np.isin(holes, edge[edge > 0])  # not closed in, so no hole
    return ~(large | open_glass), smooth > FIRM * threshold


class SlideTissue(Method):
    """Tissue of an overview of a slide, as one class mask.

    No sample has its tissue drawn, so nothing is measured but on drawn phantoms. Known failures:
    coloured pen counts as tissue, fat and unstained tissue as glass.
    """

    smallest_side = SMALLEST_SIDE
    colour = True

    card = ExpertCard(
        name="slide-tissue",
        version="1",
        kind="segmenter",
        labels=("slide tissue",),
        modalities=("SM", "GM-BF"),
        anatomies=("tissue section",),
        method="Saturation, Otsu's threshold within bounds, small pieces and small holes removed",
        source="Otsu, IEEE TSMC 9 (1979) 62; as in Lu et al., Nature Biomedical Engineering 5 (2021) 555",
        license_code="Apache-2.0",
        parameters={
            "smooth_px": SMOOTH_PX,
            "lowest": LOWEST,
            "highest": HIGHEST,
            "smallest_share": SMALLEST_SHARE,
            "largest_hole_share": LARGEST_HOLE_SHARE,
        },
    )

    def look(self, scan: Scan) -> Prediction:
        """At most one class mask a scan; bare glass gives none, a grey picture is refused."""
        found = _found(*tissue_mask(scan.display))
        if not found and np.percentile(scan.display, 1) < GLASS:
            return Refusal("expert_input_missing", "neither stain nor bare glass")
        return found


def _found(mask: np.ndarray, firm: np.ndarray) -> list[Found]:
    if not mask.any():
        return []
    rows, columns = np.nonzero(mask)
    box = (float(columns.min()), float(rows.min()), columns.max() + 1.0, rows.max() + 1.0)
    quality = float(firm[mask].mean())
    return [Found("slide tissue", mask, box, quality=quality, instance=False)]

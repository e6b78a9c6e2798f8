"""Where a slide holds tissue and where bare glass: colour saturation against a threshold."""

import numpy as np

from expert_models.experts.base import ExpertCard, Found, Prediction, Refusal, Scan
from expert_models.experts.method import Method
from transforms.slides.tissue import (
    HIGHEST,
    LARGEST_HOLE_SHARE,
    LOWEST,
    SMALLEST_SHARE,
    SMOOTH_PX,
    tissue_mask,
)

GLASS = 200  # grey level; a picture without colour that is darker somewhere is no empty slide
SMALLEST_SIDE = 16  # px; a smaller picture is no overview


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

"""Published methods without weights that look at a whole volume: what all of them share."""

from collections.abc import Sequence

import numpy as np

from expert_models.experts.base import ExpertCard, Prediction, Refusal, VolumeScan
from expert_models.experts.method import unsuitable


class VolumeMethod:
    """An expert that is a computation on [S, H, W]; each prediction a function of its volume alone.

    What the card needs is checked here: spacing (`needs_spacing`), Hounsfield units (`needs_native`). A
    method states besides whether it must know where head and feet are, and the values it must tell apart.
    """

    card: ExpertCard
    placed = False  # refuses a volume whose axes are not known to be those of the patient
    named_part = False  # refuses a volume of a body part that nobody stated
    tells: tuple[float, float] | None = (
        None  # stored values reach from below the first above the other
    )
    smallest = (1, 16, 16)  # voxels along each axis

    def load(self) -> None:
        """Nothing to load."""

    def predict(self, batch: Sequence[VolumeScan]) -> list[Prediction]:
        """One prediction a volume, in order."""
        return [self._answer(scan) for scan in batch]

    def look(self, scan: VolumeScan) -> Prediction:
        """What is found in a volume that suits the card; or a Refusal of what this method alone needs."""
        raise NotImplementedError

    def _answer(self, scan: VolumeScan) -> Prediction:
        strange = unsuitable(self.card, scan.modality, scan.anatomy, named_part=self.named_part)
        return strange or self._missing(scan) or self.look(scan)

    def _missing(self, scan: VolumeScan) -> Refusal | None:
        lack = self._lack(scan)
        return None if lack is None else Refusal("expert_input_missing", f"{self.card.name} {lack}")

    def _lack(self, scan: VolumeScan) -> str | None:
        """What the volume lacks, in words that go on from the name of the expert."""
        shape = scan.values.shape
        if len(shape) != 3 or any(n < least for n, least in zip(shape, self.smallest, strict=True)):
            return f"needs a volume of at least {self.smallest} voxels; this one is {shape}"
        if self.card.needs_native and scan.unit != "HU":
            return f"needs Hounsfield units; the unit is {scan.unit!r}"
        if self.card.needs_spacing and not _lengths(scan.spacing_mm):
            return f"needs the spacing of voxels in mm; it is {scan.spacing_mm}"
        if self.placed and not scan.placed:
            return "must know which way the patient lies; the file does not say"
        if not np.isfinite(scan.values).all():
            return "cannot read NaN or infinity"
        return None if self.tells is None else _clipped(scan.values, *self.tells)


def _lengths(spacing_mm: tuple[float, float, float] | None) -> bool:
    return spacing_mm is not None and all(0 < step < np.inf for step in spacing_mm)


def _clipped(values: np.ndarray, low: float, high: float) -> str | None:
    """A volume that was stored through a display window holds neither air nor bone."""
    least, most = float(values.min()), float(values.max())
    if least < low and most > high:
        return None
    return (
        f"must tell values below {low:g} from those above {high:g}; these are {least:g} to {most:g}"
    )

"""A scan made ready for a network: channels, resampling, scaling, padding. All on the CPU, in numpy."""

from dataclasses import dataclass

import numpy as np

from expert_models.experts.base import Refusal, Scan, VolumeScan
from expert_models.experts.models.card_input import Input
from expert_models.experts.models.pre_axes import Turned, turned
from expert_models.experts.models.pre_geometry import Fitted, fitted
from expert_models.experts.models.pre_resample import resized, sampled
from expert_models.experts.models.pre_scale import scaling

LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # of red, green, blue: ITU-R BT.601, as Pillow


@dataclass(frozen=True)
class Ready:
    """canvas: [C, *fitted.canvas] float32. turn: of a volume, its axes to the network's."""

    canvas: np.ndarray
    fitted: Fitted
    turn: Turned | None = None

    def home(self, mask: np.ndarray) -> np.ndarray:
        """A mask on the grid of `fitted.shape` as one on the scan's own."""
        return mask if self.turn is None else np.ascontiguousarray(self.turn.back(mask))


def ready(seen: Input, scan: Scan | VolumeScan) -> Ready | Refusal:
    """What the network will be shown, or what the scan lacks for it."""
    return _volume(seen, scan) if isinstance(scan, VolumeScan) else _picture(seen, scan)


def _picture(seen: Input, scan: Scan) -> Ready | Refusal:
    stored = seen.reads == "native"
    if stored and scan.native is None:
        return Refusal("expert_input_missing", "the picture has no stored values")
    picture = scan.native if stored and scan.native is not None else scan.display
    place = fitted(seen, picture.shape[:2], scan.spacing_mm)
    rows, columns = place.content
    layers = resized(with_channels(picture, seen.channels), (rows, columns), seen.interpolation)
    content = layers[None] if layers.ndim == 2 else np.moveaxis(layers, -1, 0)
    return Ready(_canvas(seen, content, place, stored=stored), place)


def _volume(seen: Input, scan: VolumeScan) -> Ready | Refusal:
    if seen.axes is not None and not scan.placed:
        return Refusal("expert_input_missing", "where the volume's axes point to is not known")
    turn = turned(seen.axes)
    values = turn.forth(scan.values)
    spacing = None if scan.spacing_mm is None else turn.lengths(scan.spacing_mm)
    place = fitted(seen, values.shape, spacing)
    nearest = seen.interpolation == "nearest"
    content = sampled(values.astype(np.float32), place.forth(), nearest=nearest)[None]
    return Ready(_canvas(seen, content, place, stored=True), place, turn)


def with_channels(picture: np.ndarray, channels: str) -> np.ndarray:
    """[H, W] of gray, else [H, W, 3], float32; gray is the luma of a coloured picture."""
    values = picture.astype(np.float32)
    if channels == "gray":
        return values if values.ndim == 2 else np.asarray((values * LUMA).sum(axis=2))
    coloured = values if values.ndim == 3 else np.repeat(values[..., None], 3, axis=2)
    return np.ascontiguousarray(coloured[..., ::-1]) if channels == "bgr" else coloured


def _canvas(seen: Input, content: np.ndarray, place: Fitted, *, stored: bool) -> np.ndarray:
    """The scaled content, in padding that was scaled as it was."""
    scaled = scaling(seen.scale, content, stored=stored)
    if place.content == place.canvas:
        return np.ascontiguousarray(scaled(content), np.float32)
    corner = np.full((content.shape[0],) + (1,) * len(place.canvas), seen.pad, np.float32)
    canvas = np.empty((content.shape[0], *place.canvas), np.float32)
    canvas[:] = scaled(corner)
    canvas[(slice(None), *place.inside)] = scaled(content)
    return canvas

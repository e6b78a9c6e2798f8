"""Scene: what measuring the regions of one picture shares, computed once for all of them."""

from dataclasses import dataclass, field

import numpy as np

from transforms.picture import Picture
from transforms.regions.luminance import is_gray, luminance_of, padding_of
from transforms.regions.patch import Patch

BLURRED = ("PT", "NM", "RTDOSE")  # a hot spot is uneven by its blur
SUPERIMPOSED = ("CR", "DX", "XA")  # the ring of a lesion crosses ribs, heart and chest wall
COMPRESSED = ("MG", "MG-CE")  # a breast pressed flat: glandular tissue lies over the lesion
FOCAL = ("lesion", "cell", "device", "artifact")  # none of them is what surrounds a region
HOSTS = ("organ", "structure", "tissue")
WORDS = frozenset({"brightness", "homogeneity", "attenuation"})
FORM = frozenset({"outline", "shape"})
HOSTED = 0.8  # share of a lesion in an organ, from which it is compared with that organ alone


@dataclass
class Scene:
    """One picture, ready for measuring.

    luminance   [H, W] uint8: what is seen (Rec. 601 weights for colour)
    modality    code of vocab/modalities.yaml, or None
    coloured    the picture has colour
    barred      [H, W] bool: what surrounds nothing: padding around the view, focal regions
    hounsfield  [H, W] CT numbers, or None where the picture is no CT
    spacing_mm  (between rows, between columns), or None
    hosts       masks of organs, structures and tissues
    appearance  False: the regions were not drawn on this picture, whose pixels say nothing of them
    """

    luminance: np.ndarray
    modality: str | None
    coloured: bool
    barred: np.ndarray
    hounsfield: np.ndarray | None
    spacing_mm: tuple[float, float] | None
    hosts: list[Patch] = field(default_factory=list)
    appearance: bool = True

    def add(self, patch: Patch, kind: str) -> None:
        """Note a region of the picture. All are noted before the first is measured."""
        if kind in FOCAL:
            self.barred[patch.top : patch.bottom, patch.left : patch.right] |= patch.pixels
        elif kind in HOSTS:
            self.hosts.append(patch)

    def unsaid(self, kind: str) -> frozenset[str]:
        """Appearance words that this picture cannot bear out for a region of this kind.

        In a colour picture unevenness is that of the light and its reflections, in BLURRED and
        COMPRESSED ones that of the blur and of what lies over the lesion. SUPERIMPOSED ones have
        no ring that could be called a surround. In both of the latter a lesion's margin is lost in
        what lies over it, and what is drawn is the area that somebody means, often a plain circle:
        it has no outline and no shape of its own. docs/decisions/0004.
        """
        if not self.appearance:
            return WORDS
        if kind == "lesion" and self.modality in SUPERIMPOSED:
            return frozenset({"brightness", "homogeneity"}) | FORM
        if kind == "lesion" and self.modality in COMPRESSED:
            return frozenset({"homogeneity"}) | FORM
        if self.coloured or self.modality in (*BLURRED, *COMPRESSED):
            return frozenset({"homogeneity"})
        return frozenset()

    def surround(self, patch: Patch, kind: str, window: tuple[slice, slice]) -> np.ndarray:
        """Pixels of a window [h, w] bool that a region of this kind may be compared with.

        A lesion in an organ is compared with that organ only. An opacity that fills a lung is
        brighter than lung, though darker than the chest wall that its ring would reach.
        """
        allowed = ~self.barred[window]
        host = self._host(patch) if kind == "lesion" else None
        return allowed if host is None else allowed & cut_out(host, window)

    def _host(self, patch: Patch) -> Patch | None:
        """The smallest organ, structure or tissue that holds most of a lesion and is larger."""
        place = (slice(patch.top, patch.bottom), slice(patch.left, patch.right))
        needed = HOSTED * patch.count
        holding = [
            host
            for host in self.hosts
            if host.count > patch.count
            and np.count_nonzero(cut_out(host, place) & patch.pixels) >= needed
        ]
        return min(holding, key=lambda host: host.count, default=None)


def scene_of(picture: Picture, modality: str | None = None, *, appearance: bool = True) -> Scene:
    """The scene of a picture; raises ValueError where `native` has another size than `display`.

    modality    code of vocab/modalities.yaml, where it is known better than the picture says it
    appearance  see `Scene`
    """
    luminance = luminance_of(picture.display)
    native = picture.native if picture.unit == "HU" else None
    if native is not None and native.shape != luminance.shape:
        raise ValueError(f"native is {native.shape}, display {luminance.shape}")
    return Scene(
        luminance,
        modality or picture.modality,
        not is_gray(picture.display),
        padding_of(luminance),
        native,
        picture.spacing_mm,
        appearance=appearance,
    )


def cut_out(patch: Patch, window: tuple[slice, slice]) -> np.ndarray:
    """The pixels [h, w] bool of a patch in a window of the image."""
    rows, columns = window
    found = np.zeros((rows.stop - rows.start, columns.stop - columns.start), bool)
    top, bottom = max(patch.top, rows.start), min(patch.bottom, rows.stop)
    left, right = max(patch.left, columns.start), min(patch.right, columns.stop)
    if top < bottom and left < right:
        y, x = top - rows.start, left - columns.start
        there = np.s_[y : y + bottom - top, x : x + right - left]
        here = np.s_[top - patch.top : bottom - patch.top, left - patch.left : right - patch.left]
        found[there] = patch.pixels[here]
    return found

"""What is kept of an expert's findings: parts, smoothing, size. Pure functions on lists of `Found`.

Masks may be those of pictures [H, W] or of volumes [S, H, W]; in a volume a disc is a ball of voxels, 8-connected
means 26-connected, and a share is one of the voxels.

Each returns new findings and leaves those given as they are. A finding that a rule leaves nothing of
is gone from the list; nothing ever becomes larger than what the expert said, but by `closed`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from expert_models.experts.base import Found


@dataclass(frozen=True)
class Policy:
    """The rules of a recipe for one expert, applied from top to bottom.

    least_score    findings rated lower go; unrated ones stay
    open_px        radius of the disc that takes off bridges and specks; 0: nothing
    close_px       radius of the disc that fills gaps and small holes; 0: nothing
    parts          so many of the largest connected parts of each mask stay; None: all
    least_share    of the picture, 0 to 1; smaller findings go
    largest_share  of the picture, 0 to 1; larger findings go
    most           so many of the largest findings of each label stay; None: all
    """

    least_score: float | None = None
    open_px: int = 0
    close_px: int = 0
    parts: int | None = None
    least_share: float = 0.0
    largest_share: float = 1.0
    most: int | None = None


def apply(found: list[Found], policy: Policy, shape: tuple[int, ...]) -> list[Found]:
    """The findings that the policy leaves. shape: of the picture (height, width), or of the volume."""
    if policy.least_score is not None:
        least = policy.least_score
        found = [one for one in found if one.score is None or one.score >= least]
    found = closed(opened(found, policy.open_px), policy.close_px)
    if policy.parts is not None:
        found = largest_parts(found, policy.parts)
    found = within(found, shape, least=policy.least_share, largest=policy.largest_share)
    return found if policy.most is None else largest(found, policy.most)


def opened(found: list[Found], radius_px: int) -> list[Found]:
    """Masks opened with a disc. What lies at the border of the picture goes on beyond it."""

    def smooth(mask: np.ndarray, disc: np.ndarray) -> np.ndarray:
        from scipy.ndimage import binary_dilation, binary_erosion

        core = binary_erosion(mask, disc, border_value=1)
        return np.asarray(binary_dilation(core, disc)) & mask

    return _reshaped(found, radius_px, smooth)


def closed(found: list[Found], radius_px: int) -> list[Found]:
    """Masks closed with a disc."""

    def smooth(mask: np.ndarray, disc: np.ndarray) -> np.ndarray:
        from scipy.ndimage import binary_dilation, binary_erosion

        grown = binary_dilation(mask, disc)
        return np.asarray(binary_erosion(grown, disc, border_value=1)) | mask

    return _reshaped(found, radius_px, smooth)


def largest_parts(found: list[Found], count: int) -> list[Found]:
    """Of each mask its `count` largest 8-connected parts; of parts of one size, the upper first."""
    return [one if one.mask is None else _with(one, _main(one.mask, count)) for one in found]


def within(
    found: list[Found], shape: tuple[int, ...], *, least: float = 0.0, largest: float = 1.0
) -> list[Found]:
    """Findings whose area (of the box, where there is no mask) is such a share of the picture."""
    whole = math.prod(shape)
    return [one for one in found if least <= area_px(one) / whole <= largest]


def largest(found: list[Found], count: int) -> list[Found]:
    """The `count` largest findings of each label, in the order given."""
    order = sorted(range(len(found)), key=lambda i: (-area_px(found[i]), i))
    kept: list[int] = []
    for i in order:
        if sum(found[k].label == found[i].label for k in kept) < count:
            kept.append(i)
    return [found[i] for i in sorted(kept)]


def area_px(one: Found) -> float:
    """Pixels of the mask, else of the box; 0 where there is neither."""
    if one.mask is not None:
        return float(np.count_nonzero(one.mask))
    if one.box is None:
        return 0.0
    x0, y0, x1, y1 = one.box
    return max(0.0, x1 - x0) * max(0.0, y1 - y0)


def _reshaped(
    found: list[Found], radius_px: int, smooth: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> list[Found]:
    """Apply `smooth` inside a window around each mask; empty results go, boxes stay."""
    if radius_px < 0:
        raise ValueError("a radius is not negative")
    if not radius_px:
        return list(found)
    kept = []
    for one in found:
        if one.mask is None:
            kept.append(one)
        elif one.mask.any():
            window = _window(one.mask, 2 * radius_px + 1)
            mask = np.zeros_like(one.mask)
            mask[window] = smooth(one.mask[window], _disc(radius_px, one.mask.ndim))
            if mask.any():
                kept.append(_with(one, mask))
    return kept


def _disc(radius_px: int, dimensions: int) -> np.ndarray:
    """All pixels (voxels) whose centre is no further than the radius."""
    reach = np.arange(-radius_px, radius_px + 1) ** 2
    return np.asarray(sum(np.ix_(*[reach] * dimensions)) <= radius_px**2)


def _window(mask: np.ndarray, margin: int) -> tuple[slice, ...]:
    window = []
    for axis in range(mask.ndim):
        others = tuple(a for a in range(mask.ndim) if a != axis)
        marked = np.flatnonzero(mask.any(axis=others))
        window.append(slice(max(0, marked[0] - margin), marked[-1] + 1 + margin))
    return tuple(window)


def _main(mask: np.ndarray, count: int) -> np.ndarray:
    from scipy.ndimage import label

    parts, n = label(mask, structure=np.ones((3,) * mask.ndim))
    if n <= count:
        return mask
    sizes = np.bincount(parts.ravel())[1:]
    keep = np.argsort(-sizes, kind="stable")[:count] + 1
    return np.isin(parts, keep)


def _with(one: Found, mask: np.ndarray) -> Found:
    """The finding with another mask; its box is that of the mask."""
    return replace(one, mask=mask, box=None)

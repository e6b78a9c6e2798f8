"""Mask images into boolean masks: binary, label map, colour-coded, outlines, crops."""

import numpy as np

from schemas.declaration.annotations import Mask
from schemas.declaration.value import fill
from schemas.reject import Fault
from transforms.picture import Annotation

Size = tuple[int, int]


def same_size(mask: np.ndarray, shape: Size) -> None:
    """Raise Fault(mask_size_differs) unless the mask [H, W, ...] has the rows and columns of `shape`."""
    if mask.shape[:2] != shape:
        found, wanted = (f"{s[1]} x {s[0]}" for s in (mask.shape, shape))
        raise Fault("mask_size_differs", f"mask {found}, image {wanted}", "region")


def brightest(mask: np.ndarray) -> np.ndarray:
    """[H, W] of the largest colour channel; an alpha channel is left out."""
    if mask.ndim == 2:
        return mask
    return mask[..., : 1 if mask.shape[2] == 2 else 3].max(axis=2)


def binary(mask: np.ndarray, threshold: int) -> np.ndarray:
    """[H, W] bool of the pixels at or above the threshold. Raises Fault(mask_empty)."""
    found = brightest(mask) >= threshold
    if not found.any():
        raise Fault("mask_empty", f"no pixel reaches {threshold}", "region")
    return found


def filled_outline(outline: np.ndarray) -> np.ndarray:
    """What a closed thin line encloses, the line included; breaks of up to 6 px are bridged.

    outline  [H, W] bool
    returns  [H, W] bool: the line thickened by half the break, filled, and thinned again. The border
             of the picture closes nothing. Raises Fault(annotation_malformed) on an open line.
    """
    from scipy import ndimage

    for reach in (0, 1, 2, 3):
        line = np.pad(outline, reach + 1)
        if reach:
            disk = np.hypot(*np.mgrid[-reach : reach + 1, -reach : reach + 1]) <= reach + 0.5
            line = ndimage.binary_dilation(line, disk)
        filled = ndimage.binary_fill_holes(line)
        enclosed = int(filled.sum()) > 2 * int(line.sum())
        if reach:
            filled = ndimage.binary_erosion(filled, disk)
        if enclosed:
            return filled[reach + 1 : -reach - 1, reach + 1 : -reach - 1]
    raise Fault("annotation_malformed", "the outline is not closed", "region")


def annotations_of(reader: Mask, mask: np.ndarray, columns: dict[str, str]) -> list[Annotation]:
    """The annotations of one mask image. Raises Fault where the whole mask cannot be used."""
    if reader.values is not None:
        return _by_value(reader, brightest(mask), reader.values)
    if reader.colors is not None:
        return _by_color(reader, mask, reader.colors)
    label = fill(reader.label or "", columns)
    if label is None:
        raise Fault("value_unmapped", "the column of the mask's label is empty", "region")
    if reader.instances:
        return _instances(brightest(mask), label)
    found = binary(mask, reader.threshold)
    if reader.outline == "fill":
        return [Annotation(label, filled_outline(found), instance="outline")]
    return [Annotation(label, found)]


def _instances(mask: np.ndarray, label: str) -> list[Annotation]:
    numbers = np.unique(mask)
    numbers = numbers[numbers != 0]
    if not len(numbers):
        raise Fault("mask_empty", "the label map holds zeros only", "region")
    return [Annotation(label, mask == n, instance=str(int(n))) for n in numbers]


def _by_value(reader: Mask, mask: np.ndarray, values: dict[int, str]) -> list[Annotation]:
    foreground = int(np.count_nonzero(mask))
    if not foreground:
        raise Fault("mask_empty", "the label map holds zeros only", "region")
    undeclared = np.setdiff1d(np.unique(mask), [0, *values])
    lost = int(np.isin(mask, undeclared).sum())
    if lost > reader.stray * foreground:
        shown = ", ".join(str(int(v)) for v in undeclared[:5])
        raise Fault("mask_value_undeclared", f"{lost} px of value {shown}", "region")
    return _grouped({v: mask == v for v in values}, values)


def _by_color(reader: Mask, mask: np.ndarray, colors: dict[str, str]) -> list[Annotation]:
    """One annotation a colour. The few distinct colours are judged, not the many pixels."""
    palette, counts, index = _palette(mask)
    background = _rgb(reader.background)
    nothing = _near(palette, background, reader.tolerance)
    owner = np.full(len(palette), -1)
    for n, color in enumerate(colors):
        owner[_near(palette, _rgb(color), reader.tolerance)] = n
    unknown = (owner < 0) & ~nothing
    if reader.edges == "mixed" and unknown.any():
        ends = np.array([_rgb(c) for c in colors])
        owner[unknown], unknown[unknown] = _blends(
            palette[unknown], background, ends, reader.tolerance
        )
    lost = int(counts[unknown].sum())
    if lost > reader.stray * counts[~nothing].sum():
        shown = "#{:02x}{:02x}{:02x}".format(*palette[unknown][0].astype(int))
        detail = f"{lost} px of no declared colour, such as {shown}"
        raise Fault("mask_value_undeclared", detail, "region")
    if not (owner >= 0).any():
        raise Fault("mask_empty", "no pixel has a declared colour", "region")
    painted = owner[index]
    return _grouped({c: painted == n for n, c in enumerate(colors)}, colors)


def _palette(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distinct colours [N, 3] float, how many pixels have each [N], and which one each has [H, W]."""
    if mask.ndim == 2:
        mask = np.repeat(mask[..., None], 3, axis=2)
    red, green, blue = (mask[..., c].astype(np.int32) for c in range(3))
    packed = (red << 16) | (green << 8) | blue
    values, index, counts = np.unique(packed, return_inverse=True, return_counts=True)
    palette = np.stack([values >> 16, (values >> 8) & 255, values & 255], axis=1).astype(np.float64)
    return palette, counts, index.reshape(packed.shape)


def _near(palette: np.ndarray, color: np.ndarray, tolerance: int) -> np.ndarray:
    return np.abs(palette - color).max(axis=1) <= tolerance


def _blends(
    points: np.ndarray, background: np.ndarray, ends: np.ndarray, tolerance: int
) -> tuple[np.ndarray, np.ndarray]:
    """For each colour [N, 3]: the end of the blend it is nearer to (-1: background), and is it no blend.

    A blend lies on the line from the background to one declared colour, within the tolerance (at
    least 2 grey levels); of two lines the closer one counts.
    """
    along = ends - background
    share = np.clip((points - background) @ along.T / (along * along).sum(axis=1), 0, 1)
    off = np.abs(points[:, None] - background - share[..., None] * along).max(axis=2)
    nearest = off.argmin(axis=1)
    row = np.arange(len(points))
    unknown = off[row, nearest] > max(tolerance, 2)
    return np.where((share[row, nearest] >= 0.5) & ~unknown, nearest, -1), unknown


def _grouped(found: dict, labels: dict) -> list[Annotation]:  # type: ignore[type-arg]
    """One annotation a label; two values of one label are one mask."""
    merged: dict[str, np.ndarray] = {}
    for key, mask in found.items():
        if mask.any():
            label = labels[key]
            merged[label] = merged[label] | mask if label in merged else mask
    return [Annotation(label, mask) for label, mask in merged.items()]


def _rgb(color: str) -> np.ndarray:
    return np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)], np.float64)


def placed(crop: np.ndarray, left: int, top: int, shape: Size) -> np.ndarray:
    """A [h, w] bool crop at (left, top) of an empty [H, W] mask. Raises Fault where it sticks out."""
    height, width = crop.shape
    if left < 0 or top < 0 or left + width > shape[1] or top + height > shape[0]:
        where = f"{width} x {height} at ({left}, {top})"
        raise Fault("box_outside_image", f"crop {where}, image {shape[1]} x {shape[0]}", "region")
    mask = np.zeros(shape, bool)
    mask[top : top + height, left : left + width] = crop
    return mask

"""A stack of DICOM slices as the volume it is, put before whoever looks at volumes."""

from dataclasses import replace
from functools import cache

import numpy as np

from schemas.reject import Fault
from transforms.formats.dicom_display import in_hounsfield, is_grey, native_values
from transforms.formats.dicom_geometry import Stack
from transforms.formats.dicom_statements import columns_of, flags_of, statements_of
from transforms.formats.dicom_stored import stored_frames
from transforms.formats.geometry import axis_order, reorder, reorder_affine
from transforms.formats.structures import Structure
from transforms.formats.volume import See, Seen, Whole
from transforms.picture import CutOf

Order = tuple[tuple[int, int, int], tuple[bool, bool, bool]]
AS_STORED: Order = ((0, 1, 2), (False, False, False))


def order_of(stack: Stack) -> Order:
    """How the stack's axes are reordered to the canonical grid; of unknown place they are not."""
    return AS_STORED if stack.affine is None else axis_order(stack.affine)


def see_stack(
    stack: Stack, structures: list[Structure], complete: list[str], key: str, modality: str,
    see: See,
) -> Seen:  # fmt: skip
    """What `see` makes of a stack; its structures come back in the grid of the stack.

    Only slices whose places are known make a volume: a sequence of frames or a lone image does not.
    """
    if stack.kind != "slices":
        return Seen(None, structures)
    order = order_of(stack)
    seen = see(
        _whole(stack, order, complete, key, modality),
        [s.reordered(*order, stack.shape) for s in structures],
    )
    back = tuple(int(i) for i in np.argsort(order[0]))
    unflip = tuple(order[1][i] for i in back)
    grid = tuple(stack.shape[a] for a in order[0])
    return replace(seen, structures=[s.reordered(back, unflip, grid) for s in seen.structures])


def cut_of_frame(volume: str, stack: Stack, index: int, around: tuple[int, ...] = ()) -> CutOf:
    """Slice `index` of a stack, shown as stored, in the terms of the canonical grid.

    around  indices of the stack of slices that it is the middle of
    """
    axes, flips = order_of(stack)
    s, r, c = (axes.index(a) for a in range(3))
    last = stack.shape[0] - 1
    at, *beside = (last - i if flips[s] else i for i in (index, *around))
    return CutOf(volume, s, at, r, c, (flips[r], flips[c]), tuple(sorted(beside)))


def _whole(stack: Stack, order: Order, complete: list[str], key: str, modality: str) -> Whole:
    head, axes = stack.frames[0], order[0]
    shape = (stack.shape[axes[0]], stack.shape[axes[1]], stack.shape[axes[2]])
    spacing = None
    if stack.gap_mm is not None and head.spacing_mm is not None:
        mm = (stack.gap_mm, *head.spacing_mm)
        spacing = (mm[axes[0]], mm[axes[1]], mm[axes[2]])
    affine = stack.affine
    return Whole(
        key=key,
        shape=shape,
        affine=None if affine is None else reorder_affine(affine, stack.shape, *order),
        spacing_mm=spacing,
        modality=modality,
        unit="HU" if in_hounsfield(head, modality) else None,
        flags=tuple(dict.fromkeys((*stack.flags, *flags_of(head)))),
        load=cache(lambda: _values(stack, order)) if is_grey(head) else None,
        statements=tuple(statements_of(head, modality)),
        columns=columns_of(head),
        complete=tuple(complete),
    )


def _values(stack: Stack, order: Order) -> np.ndarray:
    """[S, H, W] float32 values after the modality LUT, in canonical order. Raises Fault."""
    values = np.empty(stack.shape, np.float32)
    for index, array in stored_frames(stack, list(range(len(stack.frames)))).items():
        if isinstance(array, Fault):
            raise Fault("series_inconsistent", f"a slice cannot be decoded ({array.reason})")
        values[index] = native_values(stack.frames[index], array)[0]
    return reorder(values, *order)

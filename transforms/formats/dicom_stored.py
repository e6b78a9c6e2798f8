"""Decoded frames of a stack, whose files may be one or many."""

from itertools import groupby

import numpy as np

from schemas.reject import Fault
from transforms.formats.dicom_file import read_whole
from transforms.formats.dicom_geometry import Stack
from transforms.formats.dicom_pixels import decode


def stored_frames(stack: Stack, chosen: list[int]) -> dict[int, np.ndarray | Fault]:
    """Decoded frames by index in the stack, ascending; every file is opened once.

    A file that cannot be decoded leaves one fault, in the place of its first lost frame.
    """
    order = sorted(chosen, key=lambda i: (str(stack.frames[i].path), stack.frames[i].number))
    found: dict[int, np.ndarray | Fault] = {}
    for path, group in groupby(order, key=lambda i: stack.frames[i].path):
        indices = list(group)
        try:
            arrays = decode(read_whole(path), [stack.frames[i].number for i in indices])
            for i, array in zip(indices, arrays, strict=True):
                found[i] = array
        except Fault as fault:
            found[next(i for i in indices if i not in found)] = fault
    return dict(sorted(found.items()))

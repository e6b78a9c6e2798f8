"""Annotation files of a DICOM item: each is read once, placed on every stack, and accounted for."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from schemas.reject import Fault
from transforms.formats.dicom_geometry import Stack
from transforms.formats.dicom_rtstruct import contours_on_stack, read_rtstruct
from transforms.formats.dicom_seg import on_matrix, on_stack, read_seg
from transforms.formats.nifti_labels import structures_on_grid
from transforms.formats.structures import Structure
from transforms.formats.volume import LabelVolume

Placed = tuple[list[Structure], list[str]]


class Marks:
    """The SEG, RTSTRUCT and label files of one item.

    A file that cannot be read, disagrees with the images, or lies on none of them is one Fault of
    scope "region", told by `faults()` after all stacks were asked for.
    """

    def __init__(
        self, seg: Sequence[Path], rtstruct: Sequence[Path], labels: LabelVolume | None
    ) -> None:
        self._labels = labels
        self._labels_used = False
        self._label_faults: list[Fault] = []
        self._faults: dict[tuple[str, str], Fault] = {}
        self._used: set[tuple[str, str]] = set()
        self._seg = self._read("segmentation", seg, read_seg)
        self._contours = self._read("structure set", rtstruct, read_rtstruct)

    def _read(
        self, kind: str, paths: Sequence[Path], reader: Callable[[Path], Any]
    ) -> list[tuple[tuple[str, str], Any]]:
        out = []
        for path in sorted(paths):
            try:
                out.append(((kind, str(path)), reader(path)))
            except Fault as fault:
                self._blame((kind, str(path)), fault)
        return out

    def _blame(self, key: tuple[str, str], fault: Fault) -> None:
        self._faults.setdefault(key, Fault(fault.reason, f"{key[0]}: {fault.detail}", "region"))

    def on_stack(self, stack: Stack) -> Placed:
        """Structures in the grid of a stack, and the labels that were read in full on it."""
        structures: list[Structure] = []
        complete: list[str] = []
        for key, seg in self._seg:
            names = [s.label for _, s in sorted(seg.segments.items())]
            self._place(key, names, partial(on_stack, seg, stack), structures, complete)
        for key, ds in self._contours:
            self._place(key, None, partial(contours_on_stack, ds, stack), structures, complete)
        found, names = self._labels_on(stack)
        structures += found
        complete += names
        return structures, self._trusted(complete)

    def _labels_on(self, stack: Stack) -> Placed:
        """The label files on one stack. They belong to one grid: what another lacks is no fault."""
        if self._labels is None or stack.kind != "slices":
            return [], []
        found, names, faults = structures_on_grid(
            self._labels, stack.affine, stack.shape, stack.voxel_ml
        )
        if names or not self._label_faults:
            self._label_faults = faults
        self._labels_used = self._labels_used or bool(names)
        return found, names

    def on_matrix(self, shape: tuple[int, int], sop_uid: str) -> Placed:
        """The same for a total pixel matrix."""
        structures: list[Structure] = []
        complete: list[str] = []
        for key, seg in self._seg:
            names = [s.label for _, s in sorted(seg.segments.items())]
            place = partial(on_matrix, seg, shape, sop_uid)
            self._place(key, names, place, structures, complete)
        return structures, self._trusted(complete)

    def _trusted(self, complete: list[str]) -> list[str]:
        """None after a fault: the file that was lost may have marked more of any label."""
        return [] if self._faults else list(dict.fromkeys(complete))

    def _place(
        self, key: tuple[str, str], names: list[str] | None, place: Callable[[], list[Structure] | None],
        structures: list[Structure], complete: list[str],
    ) -> None:  # fmt: skip
        try:
            found = place()
        except Fault as fault:
            self._blame(key, fault)
            return
        if found is not None:
            self._used.add(key)
            structures += found
            complete += [s.label for s in found] if names is None else names

    def faults(self) -> list[Fault]:
        """What could not be used, in the order of the files."""
        for key, _ in (*self._seg, *self._contours):
            if key not in self._used:
                self._blame(key, Fault("reference_unknown", "annotates none of these images"))
        told = [self._faults[key] for key in sorted(self._faults)]
        if self._labels is not None and not (self._labels_used or self._label_faults):
            told.append(Fault("reference_unknown", "label file: no series of slices", "region"))
        return told + self._label_faults

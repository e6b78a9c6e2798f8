"""DICOM items to pictures: single images, series of slices and multi-frame objects on one path."""

from collections.abc import Iterator
from pathlib import Path

from schemas.reject import Fault
from transforms.formats.dicom_annotations import Marks
from transforms.formats.dicom_frames import Frame, read_frames
from transforms.formats.dicom_geometry import Stack, stacks_of
from transforms.formats.dicom_stack import read_stack
from transforms.formats.dicom_tiles import is_tiled
from transforms.formats.dicom_whole import read_tiled
from transforms.formats.volume import Cut, LabelVolume, See
from transforms.picture import Picture


def read_dicom(
    paths: list[Path], *, cut: Cut, seg: list[Path] | tuple[Path, ...] = (),
    rtstruct: list[Path] | tuple[Path, ...] = (), labels: LabelVolume | None = None,
    see: See | None = None,
) -> Iterator[Picture | Fault]:  # fmt: skip
    """Pictures of the files of one item (a `DicomGroup`), whatever the order of `paths`.

    Slices are ordered by where they lie in the patient. Keys: "" for a lone picture; "slice=0012"
    where the places are known, "frame=0012" where only the sequence is; before it "stack=01;" when
    the item mixes geometries and "volume=001;" when it repeats places; after it ";window=lung" when
    windows are asked for. `labels` is a label volume on the grid of a series (NIfTI); `see` is asked
    of every series before its slices are chosen.

    yields pictures; a Fault of scope "item" for every file that cannot be read, of scope "region"
    for every annotation file that cannot be used. Never raises for bad data.
    """
    frames: list[Frame] = []
    tiled: list[Frame] = []
    for path in sorted(paths):
        try:
            found = read_frames(path)
            if is_tiled(found[0].header):
                tiled.append(found[0])
            else:
                frames += found
        except Fault as fault:
            yield fault
    if not frames and not tiled:
        return
    marks = Marks(seg, rtstruct, labels)
    for frame in tiled:
        yield from read_tiled(frame, marks, cut)
    stacks = stacks_of(frames)
    for stack in stacks:
        if stack.volume == 0 or cut.frames == "all":
            yield from read_stack(stack, cut, marks, _key(stack, stacks), see)
    yield from marks.faults()


def _key(stack: Stack, stacks: list[Stack]) -> str:
    several = stacks[-1].geometry > 0
    geometry = f"stack={stack.geometry:02d};" if several else ""
    return geometry + (f"volume={stack.volume:03d};" if stack.volumes > 1 else "")

"""A volume to pictures: reorient, choose slices, scale, attach masks."""

from collections.abc import Iterator
from dataclasses import asdict, replace

import numpy as np

from schemas.fact import Statement
from transforms.formats.flags import ANISOTROPIC, OBLIQUE
from transforms.formats.geometry import (
    OBLIQUE_DEGREES,
    anisotropic,
    axis_order,
    reorder,
    reorder_affine,
    tilt_degrees,
)
from transforms.formats.intensity import Range, percentile_range, range_to_bytes, window_to_bytes
from transforms.formats.planes import (
    PLANE_AXIS,
    PLANE_LETTERS,
    cut_of,
    shown,
    slice_spacing,
)
from transforms.formats.slices import choose, stacks_of
from transforms.formats.structures import Structure, annotations
from transforms.formats.volume import Cut, Volume
from transforms.formats.windows import CT_DEFAULT, Window, window_named
from transforms.picture import Picture


def canonical(volume: Volume) -> Volume:
    """The volume with axes foot to head, front to back, right to left; nothing is interpolated.

    A volume of unknown place is returned as it is.
    """
    if volume.affine is None:
        return volume
    axes, flips = axis_order(volume.affine)
    mm = volume.spacing_mm
    spacing = mm and (mm[axes[0]], mm[axes[1]], mm[axes[2]])
    return replace(
        volume,
        values=reorder(volume.values, axes, flips),
        affine=reorder_affine(volume.affine, volume.values.shape, axes, flips),
        spacing_mm=spacing,
    )


def cut_volume(
    volume: Volume, structures: list[Structure], cut: Cut, *, key: str = "", pointer: str,
    id: str | None = None,
) -> Iterator[Picture]:  # fmt: skip
    """Pictures of a canonical volume by the policy `cut`, planes in the order named.

    Keys are "<key>plane=axial;slice=0012", with ";window=..." where several windows are asked.
    `frame` counts from the feet (axial), the front (coronal), the patient's right (sagittal).
    `pointer` says where plane and orientation come from, `id` names the volume to its pictures.
    """
    scales = _scales(volume, cut)
    for plane in _planes(volume, cut):
        axis = PLANE_AXIS[plane]
        shape = volume.values.shape[:3]
        spacing = volume.spacing_mm and slice_spacing(volume.spacing_mm, plane)
        usable = _not_constant(volume.values, axis)
        place = "" if volume.affine is None else f"plane={plane};"
        chosen = choose(
            structures, plane, cut, length=shape[axis],
            gap_mm=spacing and spacing[0], usable=usable,
        )  # fmt: skip
        stacks = stacks_of(chosen, cut, length=shape[axis], gap_mm=spacing and spacing[0])
        for index, stack in stacks.items():
            values = shown(np.take(volume.values, index, axis=axis), plane)
            marks = annotations(structures, plane, index, shape)  # type: ignore[arg-type]
            for scale in scales:
                name = f"{key}{place}slice={index:04d}"
                picture = _picture(volume, values, scale, several=len(scales) > 1, name=name)
                _place(picture, volume, plane, index, spacing, pointer)
                picture.cut = None if id is None else cut_of(id, plane, index, stack)
                picture.annotations = marks
                yield picture


def _planes(volume: Volume, cut: Cut) -> list[str]:
    planes = [finest_plane(volume) if p == "acquired" else p for p in cut.planes]
    if volume.affine is None:
        return ["axial"]  # the stored slices; `_place` gives them no name
    return list(dict.fromkeys(planes))


def finest_plane(volume: Volume) -> str:
    """The plane of the smallest pixels, axial before coronal before sagittal on a tie."""
    if volume.spacing_mm is None:
        return "axial"
    areas = {p: np.prod(slice_spacing(volume.spacing_mm, p)[1:]) for p in PLANE_LETTERS}
    return min(areas, key=lambda p: round(float(areas[p]), 4))


Scale = Window | Range | None


def _scales(volume: Volume, cut: Cut) -> list[Scale]:
    """The windows of a CT, else one range of percentiles of the whole volume; None: colour."""
    if volume.values.ndim == 4:
        return [None]
    if volume.unit == "HU":
        return [window_named(name) for name in cut.windows] or [CT_DEFAULT]
    return [percentile_range(volume.values, cut.percentiles, "whole volume")]


def _picture(
    volume: Volume, values: np.ndarray, scale: Scale, *, several: bool, name: str
) -> Picture:
    picture = Picture(key=name, display=values, modality=volume.modality, unit=volume.unit)
    if scale is None:
        picture.note("colour_kept")
        return picture
    picture.native = values
    if isinstance(scale, Window):
        show_window(picture, scale)
        picture.key += f";window={scale.name}" if several else ""
    else:
        show_range(picture, scale)
    return picture


def show_range(picture: Picture, shown: Range) -> None:
    """Set the display of a picture from its native values, else from what it shows; noted."""
    values = picture.display if picture.native is None else picture.native
    picture.display = range_to_bytes(values, shown.low, shown.high)
    picture.note("range_to_8_bit", **asdict(shown))


def show_window(picture: Picture, window: Window) -> None:
    """Set the display of a CT picture from its native HU, with the window stated."""
    if picture.native is None:
        raise ValueError("a window needs native values")
    picture.display = window_to_bytes(picture.native, window.center, window.width)
    picture.window = window.name
    picture.note("window", name=window.name, center=window.center, width=window.width, unit="HU")
    pointer = f"window {window.center:g}/{window.width:g} HU"
    picture.statements.append(Statement("window", window.name, origin="computed", pointer=pointer))


def _place(
    picture: Picture,
    volume: Volume,
    plane: str,
    index: int,
    spacing: tuple[float, float, float] | None,
    pointer: str,
) -> None:
    """Frame number, spacing, plane, orientation and the doubts that go with them."""
    picture.frame = index
    picture.flags.extend(volume.flags)
    if spacing is not None:
        picture.spacing_mm = (spacing[1], spacing[2])
        if anisotropic(picture.spacing_mm):
            picture.flags.append(ANISOTROPIC)
    if volume.affine is None:
        return
    picture.plane, picture.orientation = plane, PLANE_LETTERS[plane]
    tilt = tilt_degrees(volume.affine)
    if tilt > OBLIQUE_DEGREES:
        picture.flags.append(OBLIQUE)
    picture.note(
        "reorient_to_display",
        plane=plane,
        orientation=PLANE_LETTERS[plane],
        tilt_degrees=round(tilt, 2),
    )
    picture.statements.append(Statement("plane", plane, origin="computed", pointer=pointer))


def _not_constant(values: np.ndarray, axis: int) -> np.ndarray:
    """[slices] bool: whether a slice shows anything at all."""
    others = tuple(a for a in range(values.ndim) if a != axis)
    highest, lowest = np.fmax.reduce(values, axis=others), np.fmin.reduce(values, axis=others)
    return highest > lowest  # fmax and fmin pass over NaN

"""What a volume's row says of the pictures cut from it, and the row of a slide."""

from typing import Any

from schemas.image import Image
from schemas.volume import VolumeRow
from transforms.picture import CutOf, TileOf

Entry = dict[str, Any]


def cut_entry(image: Image, cut: CutOf) -> Entry:
    """A slice: enough to cut it again from the grid (`transforms.volumes.derive.cut_of_row`)."""
    return {
        "image_id": image.id,
        "plane": image.plane,
        "window": image.window,
        "axis": cut.axis,
        "index": cut.index,
        "y_axis": cut.y,
        "x_axis": cut.x,
        "y_flipped": cut.flips[0],
        "x_flipped": cut.flips[1],
        "box": None,
    }


def tile_entry(image: Image, tile: TileOf) -> Entry:
    """A tile of a slide; its place is its box on the largest level."""
    nowhere = dict.fromkeys(
        ("plane", "window", "axis", "index", "y_axis", "x_axis", "y_flipped", "x_flipped")
    )
    return {"image_id": image.id, **nowhere, "box": list(tile.box)}


def stack_entry(cut: CutOf, middle: Image, images: list[Entry]) -> Entry:
    """The stack of slices round one picture; slices that are not among `images` are null."""
    ids = {
        e["index"]: e["image_id"]
        for e in images
        if (e["axis"], e["window"]) == (cut.axis, middle.window)
    }
    return {
        "plane": middle.plane,
        "window": middle.window,
        "axis": cut.axis,
        "center": cut.index,
        "indices": list(cut.stack),
        "image_ids": [ids.get(i) for i in cut.stack],
    }


def slide_row(image: Image, tile: TileOf) -> VolumeRow:
    """The row of the slide that a tile is of; what is known of all its tiles is taken from one."""
    width, height, _ = tile.levels[0]
    return VolumeRow(
        id=image.volume_id or "",
        kind="slide",
        source=image.source,
        item=image.item,
        part="",
        modality=image.modality,
        anatomy=image.anatomy,
        patient_key=image.patient_key,
        study_key=image.study_key,
        license=image.license,
        split=image.split,
        shape=[1, height, width],
        mpp=None if tile.mpp is None else list(tile.mpp),
        magnification=tile.magnification,
        vendor=tile.vendor,
        levels=[{"width": w, "height": h, "downsample": d} for w, h, d in tile.levels],
        flags=list(image.flags),
    )

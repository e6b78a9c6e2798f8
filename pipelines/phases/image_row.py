"""A picture and what its source says of it, as a row of IMAGE."""

from pipelines.phases.keyed import patient_key, study_key
from pipelines.phases.source import Source
from schemas.fact import Statement
from schemas.image import Image
from transforms.encode import Encoded
from transforms.layouts.item import Item, Meaning
from transforms.picture import Picture


def image_row(
    source: Source, item: Item, picture: Picture, encoded: Encoded, means: Meaning, id: str,
    volume_id: str | None,
) -> Image:  # fmt: skip
    """The row of a picture without its regions. id: of the image; volume_id: of what it is cut from."""
    return Image(
        id=id,
        image={"bytes": encoded.png, "path": f"{id}.png"},
        width=encoded.width,
        height=encoded.height,
        modality=means.modality,
        anatomy=means.anatomy or _value(picture, "anatomy"),
        source=source.name,
        item=item.name,
        patient_key=patient_key(source.declaration, source.key, item, means),
        study_key=study_key(source.declaration, source.key, means),
        frame=picture.frame,
        plane=picture.plane,
        spacing_mm=None if picture.spacing_mm is None else list(picture.spacing_mm),
        orientation=picture.orientation,
        pixel_sha256=encoded.pixel_sha256,
        phash=encoded.phash,
        license=means.license,
        split=means.split or "",
        labels=means.labels,
        facts=[s.about(id) for s in (*_stated(picture, means), *means.statements)],
        window=picture.window,
        view=means.view or _value(picture, "view"),
        day=means.day,
        flags=sorted({*picture.flags, *means.flags}),
        steps=picture.steps,
        extra=[{"key": k, "value": v} for k, v in sorted(means.extra.items())],
        volume_id=volume_id,
    )


def _stated(picture: Picture, means: Meaning) -> list[Statement]:
    """What the file itself states, but for a modality that the declaration overrules."""
    return [s for s in picture.statements if s.kind != "modality" or s.value == means.modality]


def _value(picture: Picture, kind: str) -> str | None:
    return next((s.value for s in picture.statements if s.kind == kind), None)

"""ingest: one picture to a row of images, with its regions and facts."""

from typing import Any

import numpy as np

from pipelines.phases.harvest import Harvest
from pipelines.phases.image_row import image_row
from pipelines.phases.seeing import Sight
from pipelines.phases.source import Source
from quality.judging import judge_image, judge_region
from schemas.conform import plain
from schemas.fact import Fact, fact
from schemas.ids import content_id
from schemas.image import TEMPLATE_FLAG, Image
from schemas.region import Region
from schemas.reject import Fault
from transforms.encode import cap_side, encode
from transforms.layouts.item import Item, Meaning
from transforms.layouts.meaning import meaning
from transforms.picture import Picture
from transforms.regions.locate import Located, locate


def add_picture(harvest: Harvest, item: Item, picture: Picture, sight: Sight) -> None:
    """Add its row with the regions that the source draws, or say why there is none."""
    source = harvest.source
    picture = cap_side(picture, source.longest_side)
    encoded = encode(picture.display)
    id = content_id(
        "img", source.name, source.declaration.version, item.name, picture.key, encoded.pixel_sha256
    )
    try:
        means = meaning(picture, item, source.declaration)
    except Fault as found:
        harvest.refuse(item.name, found, "meaning", scope="image", id=id)
        return
    image = image_row(source, item, picture, encoded, means, id, sight.volume_of(picture))
    for verdict in judge_image(
        image,
        picture.display,
        smallest_side=source.smallest_side,
        allowed_licenses=source.licenses,
    ):
        if not verdict.passed:
            fault = Fault(
                verdict.reason or "image_blank", f"{verdict.measured}; limit {verdict.limit}"
            )
            harvest.refuse(item.name, fault, verdict.gate, scope="image", id=id)
            return
    located = _locate(source, picture, means, id)
    for lost, fault in located.faults:
        harvest.refuse(item.name, fault, "locate", scope="region", id=lost)
    regions = _sound_regions(harvest, item, image, located)
    dropped = {r.label for r in located.regions} - {r.label for r in regions}
    image.facts += _facts_on(located, {r.id for r in regions})
    image.facts += [_exhaustive(id, label) for label in located.complete if label not in dropped]
    harvest.rows.append(plain(image) | {"regions": plain(regions)})
    sight.show(picture, image)
    if source.keep_native and picture.native is not None and picture.unit == "HU":
        harvest.native.append(_native_row(id, picture.native))


def _native_row(id: str, values: np.ndarray) -> dict[str, Any]:
    height, width = values.shape
    exact = np.ascontiguousarray(values, "<f4").tobytes()
    return {"id": id, "height": height, "width": width, "unit": "HU", "values": exact}


def _locate(source: Source, picture: Picture, means: Meaning, id: str) -> Located:
    return locate(
        picture,
        id,
        producer=source.declaration.producer,
        label_map=means.label_map,
        complete=set(means.complete),
        smallest_px=source.smallest_px,
        modality=means.modality,
        appearance=TEMPLATE_FLAG not in means.flags,
    )


def _sound_regions(harvest: Harvest, item: Item, image: Image, located: Located) -> list[Region]:
    sound = []
    for region in located.regions:
        bad = [
            verdict
            for verdict in judge_region(
                region, image.width, image.height, smallest_px=harvest.source.smallest_px
            )
            if not verdict.passed
        ]
        if bad:
            fault = Fault(
                bad[0].reason or "box_invalid", f"{bad[0].measured}; limit {bad[0].limit}"
            )
            harvest.refuse(item.name, fault, bad[0].gate, scope="region", id=region.id)
        else:
            sound.append(region)
    return sound


def _exhaustive(image_id: str, label: str) -> Fact:
    return fact(
        image_id, "complete", value=label, origin="declared", pointer="declaration.complete"
    )


def _facts_on(located: Located, kept: set[str]) -> list[Fact]:
    regions = {r.id for r in located.regions}
    return [f for f in located.facts if f.subject in kept or f.subject not in regions]

"""What a prompt says of a view, as plain data for its templates: every string of a source is cleaned."""

from collections.abc import Iterator, Mapping
from typing import Any

from schemas.passage import Passage
from schemas.region import Region
from schemas.vocabulary import findings, modalities
from transforms.prompting.aliases import Aliases
from transforms.prompting.fence import clean, fence_marker
from transforms.prompting.shown import Shown
from transforms.prompting.told import LIMIT, told
from transforms.prompting.vocabulary import vocabulary
from transforms.showing.view import View

PASSAGE_LIMIT = 1200
NOTE_LIMIT = 600
MOST_NOTES = 8
OF_REGION = ("label", "position", "side")
"""Facts that the list of regions already shows beside the region."""


def sheet_data(view: View, aliases: Aliases) -> dict[str, Any]:
    """JSON-able data of one prompt. Every string of a source is clean and holds no `marker`.

    marker    the fence of this prompt; partials write `<<marker NAME` ... `NAME marker>>`
    images    one a picture: number, width, height (of the copy sent; null: none is sent), modality,
              anatomy, facts (alias, about: alias of the region or "image", text), regions (alias,
              label, kind, box [x0, y0, x1, y1] in half-open pixels of the sent copy, position, side),
              hidden [(label, count)], notes
    passages  alias, license, title, text
    words     what may be said, see `vocabulary`
    """
    images = [_image(n, v, aliases) for n, v in enumerate(aliases.views, start=1)]
    passages = _passages(aliases)
    return {
        "marker": fence_marker(list(_texts([images, passages])), view.sheet.image.id),
        "images": images,
        "passages": passages,
        "words": vocabulary(view, aliases),
    }


def _image(number: int, view: View, aliases: Aliases) -> dict[str, Any]:
    image, shown = view.sheet.image, aliases.shown[number - 1]
    modality = modalities().get(image.modality)
    return {
        "number": number,
        "width": view.image.width if view.image else None,
        "height": view.image.height if view.image else None,
        "overlay": view.overlay is not None,
        "modality": modality.title if modality else clean(image.modality, 40),
        "anatomy": clean(image.anatomy or "", LIMIT) or None,
        "facts": _facts(shown, aliases),
        "regions": [_region(r, view, aliases) for r in shown.regions],
        "hidden": sorted((clean(label, LIMIT), count) for label, count in shown.hidden.items()),
        "notes": [clean(n, NOTE_LIMIT) for n in view.notes[:MOST_NOTES] if n.strip()],
        "flags": [clean(f, LIMIT) for f in image.flags],
    }


def _facts(shown: Shown, aliases: Aliases) -> list[dict[str, Any]]:
    return [
        {
            "alias": aliases.of(f.id),
            "about": aliases.of(f.subject) or "image",
            "kind": f.kind,
            "text": told(f, aliases.of(f.object) if f.object else None),
        }
        for f in shown.facts
    ]


def _region(region: Region, view: View, aliases: Aliases) -> dict[str, Any]:
    term = findings().get(region.label)
    return {
        "alias": aliases.of(region.id),
        "label": clean(region.label, LIMIT),
        "known": term is not None,
        "kind": region.kind,
        "box": sent_box(region.box, view.scale),
        "position": region.position,
        "side": region.side if region.side in ("left", "right", "midline") else None,
    }


def sent_box(box: list[float], scale: float) -> list[int]:
    """A box of the released image in whole, half-open pixels of the sent copy; never empty."""
    x0, y0, x1, y1 = (edge * scale for edge in box)
    left, top = int(x0 + 1e-6), int(y0 + 1e-6)
    return [
        left,
        top,
        max(left + 1, -int(-(x1 - 1e-6) // 1)),
        max(top + 1, -int(-(y1 - 1e-6) // 1)),
    ]


def _passages(aliases: Aliases) -> list[dict[str, Any]]:
    held: dict[str, Passage] = {p.id: p for v in aliases.views for p in v.passages}
    return [
        {
            "alias": alias,
            "license": clean(held[id].license, 40),
            "title": clean(held[id].title, LIMIT),
            "text": clean(held[id].text, PASSAGE_LIMIT),
        }
        for alias, id in aliases.passages.items()
    ]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)

"""What a prompt says of a view, as plain data for its templates: every string of a source is cleaned."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from schemas.exchange import SentImage
from schemas.fact import Fact
from schemas.passage import Passage
from schemas.region import Region
from transforms.prompting.aliases import Aliases
from transforms.prompting.fence import clean, fence_marker
from transforms.prompting.told import told
from transforms.prompting.vocabulary import vocabulary
from transforms.sheet import FactSheet
from transforms.showing.overlay import colour_name
from transforms.showing.raster import sent_box
from transforms.showing.shown import Shown, shown_regions
from transforms.showing.view import View
from transforms.words.bank import bank
from transforms.words.doubts import DOUBTS
from transforms.words.nouns import noun_of

LABEL_LIMIT, TITLE_LIMIT, NOTE_LIMIT, PASSAGE_LIMIT = 80, 120, 400, 1200
MOST_NOTES = 8


def pictures_of(view: View) -> tuple[SentImage, ...]:
    """The pictures to send, as `sheet_data` numbers them: of each image the copy, then its overlay."""
    every = (v for v in (view, *view.others))
    return tuple(p for v in every for p in (v.image, v.overlay) if p is not None)


def sheet_data(view: View, aliases: Aliases, *, also: Sequence[str] = ()) -> dict[str, Any]:
    """JSON-able data of one prompt. No string of a source in it holds `marker`.

    marker    the fence of this prompt; also: further texts that will stand inside it
    images    one an image, see below
    passages  alias, license, title, text
    words     what to call things, see `vocabulary`

    Of an image: number (from 1); width, height, picture, overlay: size of the copy sent and the
    places of the two among `pictures_of` (from 1), null where not sent; enlarged: times that the
    overlay is larger; facts: alias, about (alias of
    a region, or "image"), kind, text; regions: alias, label, name (with its
    article), labelled (alias of the fact that names it), kind, colour (null where not drawn), box
    [x0, y0, x1, y1] in half-open pixels of the copy sent, found (by an expert: in words, else null), position (in the image), side (of the
    patient, null where not stated); hidden: [label, number] of regions left out; notes;
    doubts: sentences that must be said; full: [width, height] of the released picture where larger.
    """
    images, place = [], 1
    for number, one in enumerate(aliases.views, start=1):
        images.append(_image(number, place, one, aliases))
        place += (one.image is not None) + (one.overlay is not None)
    passages = _passages(aliases)
    lines = [clean(text, len(text)) for text in also]
    return {
        "marker": fence_marker([*_texts([images, passages]), *lines], view.sheet.image.id),
        "images": images,
        "passages": passages,
        "words": vocabulary(aliases),
    }


def _image(number: int, place: int, view: View, aliases: Aliases) -> dict[str, Any]:
    image, shown = view.sheet.image, aliases.shown[number - 1]
    drawn = {r.id for r in shown_regions(view.sheet.things)} if view.overlay else set()
    return {
        "number": number,
        "width": view.image.width if view.image else None,
        "height": view.image.height if view.image else None,
        "full": [image.width, image.height] if view.image and view.scale < 1 else None,
        "picture": place if view.image else None,
        "overlay": place + (view.image is not None) if view.overlay else None,
        "enlarged": view.overlay.width // view.image.width if view.overlay and view.image else 1,
        "facts": _facts(view.sheet, shown, aliases),
        "regions": [
            _region(r, n if r.id in drawn else None, view, aliases)
            for n, r in enumerate(shown.regions, start=1)
        ],
        "hidden": [[clean(label, LABEL_LIMIT), n] for label, n in shown.hidden.items()],
        "notes": [clean(n, NOTE_LIMIT) for n in view.notes[:MOST_NOTES] if n.strip()],
        "doubts": [doubt(flag) for flag in image.flags if flag in DOUBTS],
    }


def _facts(sheet: FactSheet, shown: Shown, aliases: Aliases) -> list[dict[str, Any]]:
    return [
        {
            "alias": aliases.of(f.id),
            "about": aliases.of(f.subject) or "image",
            "kind": f.kind,
            "text": told(
                f,
                aliases.of(f.object or ""),
                complete=_is_complete(f, sheet),
                found=_found(f, sheet),
                image=sheet.image,
            ),
        }
        for f in shown.facts
    ]


def _found(fact: Fact, sheet: FactSheet) -> str:
    """Of a label or a count: "candidate" or "automatic" where experts found it, else ""."""
    about = [r for r in sheet.regions if r.id == fact.subject or r.label == fact.value]
    if fact.kind == "label":
        about = [r for r in about if r.id == fact.subject]
    if not about or any(r.annotated for r in about):
        return ""
    return "candidate" if all(r.candidate for r in about) else "automatic"


def _is_complete(fact: Fact, sheet: FactSheet) -> bool:
    """Of a count: nothing of the label goes uncounted. Of a `complete` fact: nothing is there."""
    if fact.kind == "count":
        return any(f.value == fact.value for f in sheet.of_image("complete"))
    return fact.value in sheet.absent


def _region(region: Region, drawn: int | None, view: View, aliases: Aliases) -> dict[str, Any]:
    facts = [f for f in view.sheet.about(region.id, "label") if aliases.of(f.id)]
    box = sent_box(region.box, view.scale)
    if view.image is not None:
        limit = (view.image.width, view.image.height) * 2
        box = [min(max(edge, 0), end) for edge, end in zip(box, limit, strict=True)]
    return {
        "alias": aliases.of(region.id),
        "label": clean(region.label, LABEL_LIMIT),
        "kind": region.kind,
        "colour": colour_name(drawn) if drawn else None,
        "box": box,
        "position": region.position,
        "side": region.side if region.side in ("left", "right", "midline") else None,
        "labelled": next((aliases.of(f.id) for f in facts), None),
        "name": noun_of(clean(region.label, LABEL_LIMIT), region.candidate).first(),
        "found": _outlined_anew(region, view.sheet) or found_by(region),
    }


def _outlined_anew(region: Region, sheet: FactSheet) -> str | None:
    """Of what a source boxed: that the outline drawn is a program's."""
    own = sheet.region.get(region.id)
    anew = own is not None and own.mask is None and region.mask is not None
    return "outline by a program, not annotated" if anew else None


def found_by(region: Region) -> str | None:
    """Who found a region, where no person did; makers are not named, so that no text can name them."""
    if region.annotated:
        return None
    if region.candidate:
        return "proposed by a program, not annotated: it may be nothing"
    return "outlined by a program, not annotated"


def doubt(flag: str) -> str:
    """The sentence that says a doubt, in the words of the generator `facts`."""
    return bank().families[DOUBTS[flag]][0].text


def _passages(aliases: Aliases) -> list[dict[str, Any]]:
    held: dict[str, Passage] = {p.id: p for v in aliases.views for p in v.passages}
    return [
        {
            "alias": alias,
            "license": clean(held[id].license, LABEL_LIMIT),
            "title": clean(held[id].title, TITLE_LIMIT),
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
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)

"""The words that gates of text know, told to whoever writes: what may be said of this view, and how."""

from typing import Any

from schemas.region import POSITIONS
from schemas.vocabulary import modalities, organs
from transforms.prompting.aliases import Aliases
from transforms.prompting.fence import clean
from transforms.showing.view import View
from transforms.words.nouns import noun_of

LIMIT = 120


def vocabulary(view: View, aliases: Aliases) -> dict[str, Any]:
    """modality: noun phrase; anatomy; things: [(label, plural)]; positions; sides (those stated)."""
    del view
    labels = dict.fromkeys(r.label for s in aliases.shown for r in s.regions)
    sides = {r.side for s in aliases.shown for r in s.regions}
    sides |= {f.value for s in aliases.shown for f in s.facts if f.kind in ("side", "image_side")}
    return {
        "modalities": list(dict.fromkeys(_modality(v) for v in aliases.views)),
        "things": [_thing(label) for label in labels],
        "positions": list(POSITIONS),
        "sides": [s for s in ("left", "right", "midline") if s in sides],
    }


def _modality(view: View) -> str:
    """A noun phrase with article, with the organ's adjective where the modality's phrase takes one."""
    image = view.sheet.image
    term = modalities().get(image.modality)
    if term is None:
        return "an image"
    organ = organs().get(image.anatomy) if image.anatomy else None
    if organ is None:
        return term.phrase
    return term.phrase_with_organ.format(organ=organ.adjective)


def _thing(label: str) -> str:
    noun = noun_of(clean(label, LIMIT))
    return noun.one if noun.plural_only or not noun.countable else f"{noun.one} ({noun.many})"

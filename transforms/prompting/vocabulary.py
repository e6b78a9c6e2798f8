"""The words for this view that gates of text can read: what to call the picture and each thing on it."""

from typing import Any

from schemas.region import POSITIONS
from transforms.prompting.aliases import Aliases
from transforms.prompting.fence import clean
from transforms.sheet import FactSheet
from transforms.showing.shown import Shown
from transforms.words.modality import picture_of
from transforms.words.nouns import noun_of

LIMIT = 80  # characters of a source's own word


def vocabulary(aliases: Aliases) -> dict[str, Any]:
    """pictures: noun phrase of each picture; things: what regions may be called; positions; sides:
    those of the patient that are stated, none otherwise."""
    named = dict.fromkeys((r.label, r.candidate) for s in aliases.shown for r in s.regions)
    return {
        "pictures": [clean(_picture(v.sheet), LIMIT) for v in aliases.views],
        "things": [_thing(clean(label, LIMIT), candidate) for label, candidate in named],
        "positions": list(POSITIONS),
        "sides": [s for s in ("left", "right", "midline") if s in _sides(aliases.shown)],
    }


def _picture(sheet: FactSheet) -> str:
    """ "an axial T2-weighted MRI slice"; where no fact names a modality, "an image"."""
    try:
        return picture_of(sheet)[0]
    except ValueError:
        return "an image"


def _thing(label: str, candidate: bool) -> str:
    """ "mass, masses": singular and plural, or the one form it has; "mass candidate, mass candidates"."""
    noun = noun_of(label, candidate)
    single = noun.plural_only or not (noun.countable or candidate) or noun.one == noun.many
    return noun.one if single else f"{noun.one}, {noun.many}"


def _sides(shown: list[Shown]) -> set[str]:
    regions = {r.side for s in shown for r in s.regions}
    facts = {f.value for s in shown for f in s.facts if f.kind in ("side", "image_side")}
    return regions | {v for v in facts if v}

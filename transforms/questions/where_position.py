"""In which part of the image as shown does a thing lie? No two options are neighbours."""

from schemas.question import Question
from schemas.region import POSITIONS
from transforms.questions.draft import Draft, because, stem
from transforms.questions.refer import named_regions
from transforms.sheet import FactSheet

ASKED = 2
WIDEST = 0.35  # of the image: a larger thing lies in several parts at once


def ask_where_position(sheet: FactSheet) -> list[Question]:
    """Questions on things that a name alone points at; at most two."""
    asked = []
    for named in named_regions(sheet):
        fact = sheet.one(named.region.id, "position")
        if fact is None or fact.value not in POSITIONS or named.region.area_fraction > WIDEST:
            continue
        question = stem(
            sheet, "where_position", named.region.id, plural=named.plural, target=named.words
        )
        why = because("where_position", named.plural, target=named.words, place=fact.value)
        draft = Draft(sheet, "where_position", question, why, [*named.facts, fact], [named.region])
        asked.append(draft.choice(fact.value, _apart(fact.value)))
    return asked[:ASKED]


def _apart(position: str) -> list[str]:
    """The other positions of its class: the corners with the center, or the middles of the edges.

    Within a class no two share an edge of the 3 x 3 grid, so a centroid near a line between two
    positions decides nothing, and the set of options does not tell which of them is the key.
    """
    at = POSITIONS.index(position)
    return [p for i, p in enumerate(POSITIONS) if i % 2 == at % 2 and i != at]

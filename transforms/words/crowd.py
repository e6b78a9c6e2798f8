"""Many regions of one kind told together: how many, how spread, from what size to what size."""

from math import ceil

from schemas.fact import Fact
from schemas.region import POSITIONS
from schemas.sentence import Sentence
from transforms.words import quantity
from transforms.words.grammar import counted, joined
from transforms.words.groups import Group
from transforms.words.narrator import Narrator, sentence

SPREAD_FROM = 7  # of the nine places, to lie "over the whole image"; fewer leave corners empty
THIRD_HOLDS = 0.1  # least share in every third of the width and of the height, besides
PLACES_NAMED = 3
LARGEST_BY = 1.05  # the largest is named only where it is so by this factor


def tell_crowd(group: Group, narrator: Narrator) -> list[Sentence]:
    """Two sentences: number and spread; range of sizes and the largest."""
    return [_tell_spread(group, narrator), *_tell_sizes(group, narrator)]


def _tell_spread(group: Group, narrator: Narrator) -> Sentence:
    slots = {"things": group.noun.many, "spread": spread(group)}
    facts: list[Fact | None] = [*group.labels, *group.each("position")]
    if not group.noun.countable:
        text = narrator.say("spread", True, **slots)
    elif group.automatic:
        slots |= {"total": counted(len(group.regions)), "how": group.outlined}
        text = narrator.say("many_automatic", True, **slots)
    elif group.count is not None:
        text = narrator.say("many", True, total=counted(len(group.regions)), **slots)
        facts += [group.count, group.complete]
    else:
        text = narrator.say("many_open", True, total=counted(len(group.regions)), **slots)
    return sentence(text, "roi_position", facts, group.regions)


def spread(group: Group) -> str:
    """ "over the whole image", or the places that hold at least half, most first."""
    places = group.places()
    if len(places) >= SPREAD_FROM and _thinnest_third(places) >= THIRD_HOLDS:
        return "over the whole image"
    if len(places) <= PLACES_NAMED:
        return f"in the {joined([p for p, _ in places])} of the image"
    need, held, named = ceil(len(group.regions) / 2), 0, []
    for place, here in places:
        named.append(place)
        held += here
        if held >= need:
            break
    return f"mostly in the {joined(named)} of the image"


def _thinnest_third(places: list[tuple[str, int]]) -> float:
    """The least share of the regions that a row or a column of the nine places holds."""
    held = dict(places)
    grid = [held.get(place, 0) for place in POSITIONS]
    thirds = [grid[i : i + 3] for i in (0, 3, 6)] + [grid[i::3] for i in range(3)]
    return min(sum(third) for third in thirds) / sum(grid)


def _tell_sizes(group: Group, narrator: Narrator) -> list[Sentence]:
    """The range of longest diameters, and where the largest lies if one is clearly so."""
    facts = group.each("major_axis")
    if not facts or len({f.unit for f in facts}) != 1 or not group.noun.countable:
        return []
    unit = facts[0].unit or ""
    by_size = sorted(facts, key=lambda f: f.number or 0)
    low, high = by_size[0], by_size[-1]
    slots = {
        "low": quantity.length(low.number or 0, unit, group.sheet.image).split()[0],
        "high": quantity.length(high.number or 0, unit, group.sheet.image),
    }
    if slots["low"] == slots["high"].split()[0]:
        return []
    family, positions = "sizes", []
    if (high.number or 0) >= LARGEST_BY * (by_size[-2].number or 0):
        family, positions = "sizes_largest", group.sheet.about(high.subject, "position")[:1]
        slots["place"] = str(positions[0].value)
    text = narrator.say(family, True, **slots)
    return [sentence(text, "roi_position", [*group.labels, *facts, *positions], group.regions)]

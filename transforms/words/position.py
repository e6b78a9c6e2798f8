"""Where the regions lie in the image as shown, and how large they are."""

from schemas.fact import Fact
from schemas.sentence import Sentence
from transforms.sheet import FactSheet
from transforms.words import quantity
from transforms.words.crowd import tell_crowd
from transforms.words.grammar import counted, joined
from transforms.words.groups import Group, groups_of
from transforms.words.narrator import Narrator, sentence
from transforms.words.organs import (
    is_placed_organ,
    is_wide_organ,
    tell_organs,
    tell_shares,
    tell_volumes,
)
from transforms.words.origin import origin_is_said, tell_origin

FEW = 4  # up to so many of one kind are placed one by one
ORGANS_PLACED = 5
KINDS_PLACED = 5


def tell_position(sheet: FactSheet, narrator: Narrator) -> list[Sentence]:
    """Organs in one sentence, then each kind of lesion, device or cell, the rest by name only.

    Where what bounds the picture lies is no news: of tissue its share is told, of all else the name."""
    every = groups_of(sheet)
    groups = [g for g in every if not g.background]
    bounds = [g for g in every if g.background]
    placed = [g for g in groups if is_placed_organ(g)]
    wide = [g for g in groups if is_wide_organ(g)]
    told = [s for g in bounds for s in _tell_covered(g, narrator)]
    for organs, tell in ((placed, tell_organs), (wide, tell_shares)):
        if len(organs) > 1:
            told += tell(organs[:ORGANS_PLACED], narrator)
        else:
            told += [s for g in organs for s in _tell_kind(g, narrator)]
    other = [g for g in groups if g not in placed and g not in wide]
    told += [s for g in other[:KINDS_PLACED] for s in _tell_kind(g, narrator)]
    rest = [g for g in bounds if not g.automatic and not g.noun.mass]
    told += _tell_rest([*other[KINDS_PLACED:], *rest], narrator)
    untold = [g for g in every if g not in other[:KINDS_PLACED] or not origin_is_said(g)]
    return told + tell_origin(sheet, [g for g in untold if g.automatic], narrator)


def _tell_covered(group: Group, narrator: Narrator) -> list[Sentence]:
    """ "In all, tissue covers 46% of the image." Of one region; nothing of what is no stuff."""
    if not group.noun.mass or len(group.regions) > 1:
        return []
    family, extra, facts = _filling(group)
    text = narrator.say(family, group.several, what=group.noun.first(), **extra)
    return [sentence(text, "roi_position", [*group.labels, *facts], group.regions)]


def _tell_kind(group: Group, narrator: Narrator) -> list[Sentence]:
    if len(group.regions) == 1:
        return [_tell_one(group, narrator), *tell_volumes([group], narrator)]
    if len(group.some("position")) < len(group.regions):
        return [_tell_number(group, narrator)]
    if len(group.regions) > FEW:
        return tell_crowd(group, narrator)
    return [_tell_few(group, narrator)]


def _tell_one(group: Group, narrator: Narrator) -> Sentence:
    """One region: where, and as far as facts go, how large."""
    noun, facts = group.noun, _placing(group, 0)
    if group.some("position") and not group.diffuse:
        family, extra, sizing = _extent(group)
        extra["where"] = where(group, 0)
        known = noun.unique or noun.plural_only
        family, slot = (f"the_{family}", "named") if known else (family, "thing")
    else:
        (family, extra, sizing), slot = _filling(group), "what"
    text = narrator.say(family, group.several, **{slot: noun.first()}, **extra)
    narrator.introduce(group.name())
    return sentence(text, "roi_position", [*facts, *sizing], group.regions)


def _filling(group: Group) -> tuple[str, dict[str, str], list[Fact]]:
    """A region so wide that it has no position: its share of the image instead."""
    share = group.each("area_fraction") if group.regions[0].mask is not None else []
    if not share:
        return "seen", {}, []
    return "seen_share", {"share": quantity.share(share[0].number or 0)}, share


def _extent(group: Group) -> tuple[str, dict[str, str], list[Fact]]:
    """The family that tells what is known of the size, its slots and facts."""
    major, minor = _axes(group)
    if not major or not minor:
        return "one", {}, []
    return (
        "one_sized",
        {"size": quantity.size(major[0], minor[0], group.sheet.image)},
        [major[0], minor[0]],
    )


def _axes(group: Group) -> tuple[list[Fact], list[Fact]]:
    """Long and short axes; none of stuff without borders of its own."""
    if not group.noun.countable:
        return [], []
    return group.each("major_axis"), group.each("minor_axis")


def where(group: Group, at: int) -> str:
    """ "in the upper left of the image", and the patient's side where a fact states it."""
    place = f"in the {group.each('position')[at].value} of the image"
    side = _side(group, at)
    return f"{place}, on the patient's {side}" if side else place


def _side(group: Group, at: int) -> str:
    """left, right, or "" where no fact says so, or label or image have said it already."""
    fact = group.sheet.one(group.regions[at].id, "side")
    side = fact.value if fact is not None and fact.value in ("left", "right") else ""
    whole = group.sheet.one(group.sheet.image.id, "image_side")
    said = side in group.label or (whole is not None and whole.value == side)
    return "" if not side or said else str(side)


def _placing(group: Group, at: int) -> list[Fact]:
    """What the words for one region and its place rest on."""
    region = group.regions[at]
    kinds = ("label", "position", "side") if _side(group, at) else ("label", "position")
    return [f for kind in kinds for f in group.sheet.about(region.id, kind)]


def _tell_number(group: Group, narrator: Narrator) -> Sentence:
    """Several regions, some too wide for a position: only how many there are."""
    facts: list[Fact | None] = list(group.labels)
    if group.count is None and not group.candidate:
        return sentence(
            narrator.say("seen", True, what=group.noun.many), "roi_position", facts, group.regions
        )
    slots = {"what": f"{counted(len(group.regions))} {group.noun.many}"}
    facts += [group.count, group.complete]
    return sentence(narrator.say("seen", True, **slots), "roi_position", facts, group.regions)


def _tell_few(group: Group, narrator: Narrator) -> Sentence:
    """Two to four of a kind, the largest first; the number only where all are known."""
    facts = [f for at in range(len(group.regions)) for f in _placing(group, at)]
    slots = {"things": group.noun.many, "items": _items(group)}
    family = "few_open"
    if origin_is_said(group):
        family = "few_automatic"
        slots |= {"total": counted(len(group.regions)), "how": group.outlined}
    elif group.count is not None:
        family, slots["total"] = "few", counted(len(group.regions))
        facts += [group.count, *filter(None, [group.complete])]
    facts += [f for axis in _axes(group) for f in axis]
    return sentence(narrator.say(family, True, **slots), "roi_position", facts, group.regions)


def _items(group: Group) -> str:
    """ "one of 12 x 8.1 mm in the upper left of the image and two in the center"."""
    major, minor = _axes(group)
    sides = [_side(group, i) for i in range(len(group.regions))]
    shared = sides[0] if len(set(sides)) == 1 else ""
    at: dict[tuple[str, str], list[int]] = {}
    for i, position in enumerate(group.each("position")):
        at.setdefault((str(position.value), "" if shared else sides[i]), []).append(i)
    items: list[str] = []
    for (place, side), here in at.items():
        image = group.sheet.image
        sizes = [quantity.size(major[n], minor[n], image) for n in here] if major and minor else []
        of_size = f" of {joined(sizes)}" if sizes else ""
        of_image = "" if items else " of the image"
        on_side = f" on the patient's {side}" if side else ""
        items.append(f"{counted(len(here))}{of_size} in the {place}{of_image}{on_side}")
    if not shared:
        return joined(items)
    return f"{joined(items)}, {'both' if len(sides) == 2 else 'all'} on the patient's {shared}"


def _tell_rest(groups: list[Group], narrator: Narrator) -> list[Sentence]:
    """Kinds beyond those placed: by name, so that none goes unsaid."""
    if not groups:
        return []
    names = [g.noun.many if g.several else g.noun.first() for g in groups]
    text = narrator.say("rest", len(groups) > 1 or groups[0].several, others=joined(names))
    facts = [f for g in groups for f in g.labels]
    return [sentence(text, "roi_position", facts, [r for g in groups for r in g.regions])]

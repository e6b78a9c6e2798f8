"""Organs and structures told together by where they lie, and what of each was scanned."""

from schemas.sentence import Sentence
from transforms.words import quantity
from transforms.words.grammar import joined
from transforms.words.groups import Group
from transforms.words.narrator import Narrator, sentence


def is_placed_organ(group: Group) -> bool:
    """One organ-like region with a position: it can be told in one sentence with others."""
    single = group.organ_like and len(group.regions) == 1 and not group.diffuse
    return single and bool(group.each("position"))


def is_wide_organ(group: Group) -> bool:
    """One organ-like region so wide that it has no position, or that lies nowhere in particular, and of
    which the area is known."""
    masked = len(group.regions) == 1 and group.regions[0].mask is not None
    return (
        group.organ_like
        and masked
        and (group.diffuse or not group.some("position"))
        and bool(group.each("area_fraction"))
    )


def tell_shares(groups: list[Group], narrator: Narrator) -> list[Sentence]:
    """ "The shares of the image area are 13% for the subcutaneous fat and 11% for ..." """
    shares = [group.each("area_fraction")[0] for group in groups]
    items = [
        f"{quantity.share(f.number or 0)} for {g.name()}"
        for g, f in zip(groups, shares, strict=True)
    ]
    text = narrator.say("shares", True, items=joined(items))
    facts = [*(f for g in groups for f in g.labels), *shares]
    return [sentence(text, "roi_position", facts, [g.regions[0] for g in groups])]


def tell_organs(groups: list[Group], narrator: Narrator) -> list[Sentence]:
    """ "The liver lies in the middle left of the image, with the spleen in the middle right." """
    at: dict[str, list[Group]] = {}
    for group in groups:
        at.setdefault(str(group.each("position")[0].value), []).append(group)
    names = {place: joined([g.noun.first() for g in here]) for place, here in at.items()}
    place, *others = at
    plural = len(at[place]) > 1 or at[place][0].several
    slots = {"first": names[place], "place": place}
    if others:
        slots["rest"] = joined([f"{names[p]} in the {p}" for p in others])
    text = narrator.say("organs" if others else "organs_together", plural, **slots)
    told = [g for here in at.values() for g in here]
    facts = [f for g in told for f in (*g.labels, *g.each("position"))]
    placed = sentence(text, "roi_position", facts, [g.regions[0] for g in told])
    return [placed, *tell_volumes(groups, narrator)]


def tell_volumes(groups: list[Group], narrator: Narrator) -> list[Sentence]:
    """What of each lies inside the scanned volume, in mL."""
    known = [(g, f) for g in groups for f in g.each("volume")]
    if not known:
        return []
    items = [f"{quantity.volume(f.number or 0)} for {g.name()}" for g, f in known]
    facts = [f for g, volume in known for f in (*g.labels, volume)]
    text = narrator.say("volumes", len(known) > 1, volumes=joined(items))
    return [sentence(text, "roi_position", facts, [g.regions[0] for g, _ in known])]

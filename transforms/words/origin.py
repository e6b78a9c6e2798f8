"""By whom a thing was outlined, where no person did it: one sentence a description, no names of makers."""

from schemas.sentence import Sentence
from transforms.sheet import FactSheet
from transforms.words.grammar import joined
from transforms.words.groups import Group
from transforms.words.narrator import Narrator, sentence

NAMED = 5  # more kinds than this are told as one, where everything in the image is automatic


def origin_is_said(group: Group) -> bool:
    """Several things that the sentence on their places calls outlined automatically."""
    placed = len(group.some("position")) == len(group.regions)
    return group.automatic and placed and len(group.regions) > 1 and group.noun.countable


def tell_origin(sheet: FactSheet, groups: list[Group], narrator: Narrator) -> list[Sentence]:
    """ "The left lung was outlined automatically." Of groups that experts found, all in one sentence."""
    if not groups:
        return []
    facts = [f for g in groups for f in g.labels]
    regions = [r for g in groups for r in g.regions]
    how = "outlined" if all(g.outlined == "outlined" for g in groups) else "marked"
    plural = len(groups) > 1 or groups[0].several
    names = joined([g.name() for g in groups])
    if len(groups) > NAMED and not any(r.annotated for r in sheet.regions):
        names, plural = "all structures shown", True
    text = narrator.say("automatic", plural, subject=names, how=how)
    return [sentence(text, "roi_position", facts, regions)]

"""How regions look: brightness against what surrounds them, texture, outline, shape, CT number."""

from collections import Counter
from collections.abc import Sequence

from schemas.fact import Fact
from schemas.sentence import Sentence
from transforms.sheet import FactSheet
from transforms.words import quantity
from transforms.words.grammar import article, counted, joined
from transforms.words.groups import Group, groups_of
from transforms.words.narrator import Narrator, sentence

GROUPS_TOLD = 4
ORGANS_TOLD = 4
KINDS_TALLIED = 2  # of many regions, so many properties are tallied
TONES = {
    "brighter": "brighter than {whose} immediate surroundings",
    "darker": "darker than {whose} immediate surroundings",
    "similar": "similar in brightness to {whose} immediate surroundings",
}
_SHORT = {
    tone.format(whose="their"): short
    for tone, short in zip(
        TONES.values(), ("brighter", "darker", "similar in brightness"), strict=True
    )
}
TEXTURES = {"homogeneous": "homogeneous", "heterogeneous": "heterogeneous"}
FORMS = {"outline": "outline", "shape": "shape"}
PROPERTIES = ("brightness", "shape", "homogeneity", "outline")
GAS_AND_CONTENT = {"colon", "stomach", "duodenum", "small bowel", "esophagus", "rectum", "trachea",
                   "airways"}  # fmt: skip
"""Hollow organs: the mean CT number of gas and what else is in them is that of neither."""


def tell_appearance(sheet: FactSheet, narrator: Narrator) -> list[Sentence]:
    """Lesions and the like first, one by one or tallied; then the organs' CT numbers or looks."""
    groups = [g for g in groups_of(sheet) if not g.background and not g.whole]
    others = [g for g in groups if not g.organ_like][:GROUPS_TOLD]
    organs = [g for g in groups if g.organ_like and len(g.regions) == 1][:ORGANS_TOLD]
    told = _tell_organs(organs, narrator)  # in the order of reading: a pronoun looks back
    for group in others:
        told += _tell_group(group, narrator)
    return told


def _tell_group(group: Group, narrator: Narrator) -> list[Sentence]:
    told = _tell_look(group, narrator) if len(group.regions) == 1 else _tally(group, narrator)
    return told + (_tell_attenuation([group], narrator) if len(group.regions) == 1 else [])


def _tell_look(group: Group, narrator: Narrator) -> list[Sentence]:
    """One region: tone ("darker than ..., heterogeneous") and form ("an oval shape").

    Stuff without borders of its own has no form: an opacity is as round as someone drew it.
    """
    facts = {kind: f for kind in _properties(group) for f in group.each(kind) if f.value}
    tone = _tone(facts, group.several)
    form = [article(f"{facts[k].value} {FORMS[k]}") for k in FORMS if k in facts]
    if not facts:
        return []
    slots = {"subject": group.name()}
    if tone:
        slots["tone"] = tone
    if form:
        slots["form"] = joined(form)
    family = "_".join(k for k in ("tone", "form") if k in slots)
    text = narrator.say(family, group.several, **slots)
    return [sentence(text, "roi_appearance", [*group.labels, *facts.values()], group.regions)]


def _properties(group: Group) -> tuple[str, ...]:
    return tuple(k for k in PROPERTIES if k not in FORMS or group.noun.countable)


def _tone(facts: dict[str, Fact], plural: bool) -> str:
    words = []
    if "brightness" in facts:
        tone = TONES[str(facts["brightness"].value)]
        words.append(tone.format(whose="their" if plural else "its"))
    if "homogeneity" in facts:
        words.append(TEXTURES[str(facts["homogeneity"].value)])
    return joined(words) if words else ""


def _tally(group: Group, narrator: Narrator) -> list[Sentence]:
    """Several regions: how many look how. Only properties that most of them are clear about."""
    judged = [group.some(kind) for kind in _properties(group)]
    known = [facts for facts in judged if 2 * len(facts) > len(group.regions)][:KINDS_TALLIED]
    if not known:
        return []
    whole = len(group.regions)
    same = [f for f in known if len(f) == whole and len({one.value for one in f}) == 1]
    things = group.noun.many
    if len(same) == len(known):
        looks = [_look(f[0].kind, str(f[0].value)) for f in same]
        text = narrator.say("alike", True, things=things, look=joined(looks))
    else:
        mixed = [facts for facts in known if facts not in same]
        tally = "; ".join(_share_out(facts, whole) for facts in (*mixed, *same))
        text = narrator.say("tally", True, things=things, tally=tally)
    facts = [*group.labels, *(f for facts in known for f in facts)]
    return [sentence(text, "roi_appearance", facts, group.regions)]


def _share_out(facts: Sequence[Fact], whole: int) -> str:
    """ "all are round", or "14 are round, 5 oval and one elongated", most first."""
    counts = Counter(str(f.value) for f in facts)
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    (first, most), *rest = [(_look(facts[0].kind, value), n) for value, n in ranked]
    if not rest and most == whole:
        return f"{'both' if len(facts) == 2 else 'all'} are {first}"
    head = f"{counted(most)} {'is' if most == 1 else 'are'} {first}"
    return joined([head, *(f"{counted(n)} {_SHORT.get(look, look)}" for look, n in rest)])


def _look(kind: str, value: str) -> str:
    if kind == "brightness":
        return TONES[value].format(whose="their")
    return f"{value} in outline" if kind == "outline" else value


def _tell_organs(groups: list[Group], narrator: Narrator) -> list[Sentence]:
    """CT numbers where known; else organs of the same look told together."""
    measured = [g for g in groups if g.each("attenuation") and g.label not in GAS_AND_CONTENT]
    told = _tell_attenuation(measured, narrator)
    looks: dict[str, list[Group]] = {}
    for group in groups:
        facts = {k: f for k in ("brightness", "homogeneity") for f in group.each(k) if f.value}
        if facts and group not in measured:
            looks.setdefault(_tone(facts, True), []).append(group)
    for alike in looks.values():
        told.append(_tell_alike(alike, narrator))
    return told


def _tell_alike(groups: list[Group], narrator: Narrator) -> Sentence:
    facts = [f for g in groups for k in ("label", "brightness", "homogeneity") for f in g.each(k)]
    plural = len(groups) > 1 or groups[0].several
    looks = {f.kind: f for f in facts if f.kind != "label"}
    text = narrator.say(
        "tone", plural, subject=joined([g.name() for g in groups]), tone=_tone(looks, plural)
    )
    return sentence(text, "roi_appearance", facts, [g.regions[0] for g in groups])


def _tell_attenuation(groups: list[Group], narrator: Narrator) -> list[Sentence]:
    solid = [g for g in groups if g.label not in GAS_AND_CONTENT]
    known = [(g, f) for g in solid for f in g.each("attenuation")]
    if not known:
        return []
    items = [f"{quantity.attenuation(f.number or 0)} in {g.name()}" for g, f in known]
    text = narrator.say("attenuation", len(known) > 1, items=joined(items))
    facts = [f for g, number in known for f in (*g.labels, number)]
    return [sentence(text, "roi_appearance", facts, [g.regions[0] for g, _ in known])]

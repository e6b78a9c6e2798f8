"""How regions stand to one another, or, for a single one, how much of the image it takes."""

from schemas.fact import Fact
from schemas.sentence import Sentence
from schemas.vocabulary import modalities
from transforms.regions.policy import MOST_COMPARED
from transforms.sheet import FactSheet
from transforms.words import quantity
from transforms.words.grammar import counted
from transforms.words.groups import Group, groups_of
from transforms.words.narrator import Narrator, sentence

RELATIONS_TOLD = 3
DEPTH = ("inside", "overlaps", "adjacent", "distance")  # what a projection cannot tell of devices
FAR = ("distance", "left_of", "above")  # how things stand that do not touch
TOLD_IN_ORDER = ("inside", "overlaps", "adjacent", "distance", "left_of", "above", "larger_than")


def tell_relation(sheet: FactSheet, narrator: Narrator) -> list[Sentence]:
    """The closest relations first; a pair is told once. Of crowds, how many stand how."""
    groups = {r.id: g for g in groups_of(sheet) for r in g.regions}
    told, pairs = _tell_crowds(sheet, groups, narrator), set()
    for kind in TOLD_IN_ORDER:
        for fact in _between_single(sheet, groups, kind):
            pair = frozenset(_pair(fact))
            if pair not in pairs and len(told) < RELATIONS_TOLD and _worth(groups, fact):
                pairs.add(pair)
                told.append(_tell(sheet, groups, fact, narrator))
    rest = [g for g in groups_of(sheet) if not (g.background or g.diffuse)]
    return told or _tell_share(rest, narrator)


def _between_single(sheet: FactSheet, groups: dict[str, Group], kind: str) -> list[Fact]:
    """Facts of one kind between regions each the only one of their label, lesions first."""
    found = [
        f
        for r in sheet.regions
        for f in sheet.about(r.id, kind)
        if all(i in groups and len(groups[i].regions) == 1 for i in _pair(f))
    ]
    return sorted(found, key=lambda f: sum(groups[i].organ_like for i in _pair(f)))


def is_projection(sheet: FactSheet) -> bool:
    """A radiograph or the like: what is seen at one place may lie at any depth."""
    term = modalities().get(sheet.image.modality)
    return term is not None and term.family == "projection"


def _pair(fact: Fact) -> tuple[str, str]:
    """The ids of the two regions of a relation."""
    return fact.subject, str(fact.object)


def _worth(groups: dict[str, Group], fact: Fact) -> bool:
    """That an organ is larger than a lesion, or lies in flesh, goes without saying, and so does which way
    and how far an organ lies that only an expert outlined. On a radiograph
    a line over a lung is in front of it, behind it or inside."""
    subject, other = groups[fact.subject], groups[str(fact.object)]
    if known_beforehand(subject, other):
        return False
    if (
        fact.kind in DEPTH
        and is_projection(subject.sheet)
        and "device" in (subject.kind, other.kind)
    ):
        return False
    if fact.kind in FAR and any(g.organ_like and g.automatic for g in (subject, other)):
        return False
    if fact.kind == "larger_than":
        return subject.organ_like == other.organ_like
    return fact.kind != "inside" or not (subject.organ_like and other.kind == "tissue")


def known_beforehand(one: Group, two: Group) -> bool:
    """Whether what bounds the picture, what is all over it, or what the picture is of holds a thing, is no
    news; nor is how two parts of everybody stand, of which nobody thought one worth drawing."""
    if any(g.background or g.diffuse or g.whole for g in (one, two)):
        return True
    return one.organ_like and two.organ_like and (one.automatic or two.automatic)


def _tell(sheet: FactSheet, groups: dict[str, Group], fact: Fact, narrator: Narrator) -> Sentence:
    subject, other = groups[fact.subject], groups[str(fact.object)]
    slots = {"subject": subject.name(), "other": other.name()}
    if fact.kind == "distance":
        slots["gap"] = quantity.length(fact.number or 0, fact.unit or "", sheet.image)
    text = narrator.say(fact.kind, subject.several, **slots)
    facts = [*subject.labels, *other.labels, fact]
    return sentence(text, "relation", facts, [*subject.regions, *other.regions])


def _tell_crowds(sheet: FactSheet, groups: dict[str, Group], narrator: Narrator) -> list[Sentence]:
    """ "All seven lesions lie inside the brain", "12 of the nuclei touch another one"."""
    told = []
    for group in dict.fromkeys(groups.values()):
        if len(group.regions) > 1:
            told += _tell_inside(sheet, group, groups, narrator)
            told += _tell_touching(sheet, group, narrator)
    return told[:RELATIONS_TOLD]


def _tell_inside(
    sheet: FactSheet, group: Group, groups: dict[str, Group], narrator: Narrator
) -> list[Sentence]:
    """How many of a kind lie in one region of another kind; the smallest such region."""
    within: dict[str, list[Fact]] = {}
    for fact in (f for r in group.regions for f in sheet.about(r.id, "inside")):
        if fact.object in groups and groups[fact.object] is not group and _worth(groups, fact):
            within.setdefault(fact.object, []).append(fact)
    hosts = [h for h in within if len(groups[h].regions) == 1]
    if not hosts:
        return []
    host = min(hosts, key=lambda h: (-len(within[h]), sheet.region[h].area_fraction, h))
    other, inside = groups[host], within[host]
    slots = {"things": group.noun.many, "other": other.name()}
    family = "inside_all"
    if len(inside) < len(group.regions):
        family, slots["count"] = "inside_some", counted(len(inside))
    text = narrator.say(family, len(inside) > 1, **slots)
    held = [sheet.region[f.subject] for f in inside]
    facts = [*group.labels, *other.labels, *inside]
    return [sentence(text, "relation", facts, [*held, *other.regions])]


def _tell_touching(sheet: FactSheet, group: Group, narrator: Narrator) -> list[Sentence]:
    """How many of a crowd touch another of their kind; only where all are known and compared."""
    if group.count is None or len(sheet.regions) > MOST_COMPARED:
        return []
    ids = {r.id for r in group.regions}
    facts = [f for r in group.regions for f in sheet.about(r.id, "adjacent") if f.object in ids]
    touching = {i for f in facts for i in (f.subject, str(f.object))}
    if not touching:
        return []
    held = [r for r in group.regions if r.id in touching]
    slots = {"count": counted(len(held)), "things": group.noun.many}
    text = narrator.say("touching", True, **slots)
    labels = [f for r in held for f in sheet.about(r.id, "label")]
    known = [group.count, group.complete]
    return [sentence(text, "relation", [*labels, *facts, *known], held)]


def _tell_share(groups: list[Group], narrator: Narrator) -> list[Sentence]:
    """Without relations: how much of the image a single region takes, told of the first lesion.

    A region too wide for a position had its share told in place of one.
    """
    single = [
        g for g in groups if len(g.regions) == 1 and g.each("area_fraction") and g.each("position")
    ]
    if not single:
        return []
    group = next((g for g in single if not g.organ_like), single[0])
    share = group.each("area_fraction")[0]
    family = "share" if group.regions[0].mask is not None else "share_boxed"
    slots = {"subject": group.name(), "share": quantity.share(share.number or 0)}
    text = narrator.say(family, group.several, **slots)
    return [sentence(text, "relation", [*group.labels, share], group.regions)]

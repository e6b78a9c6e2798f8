"""Which body part or specimen is shown, of whom, and which structures of it can be seen."""

from collections import Counter

from schemas.fact import Fact
from schemas.sentence import Sentence
from schemas.vocabulary import Organ, findings, organs
from transforms.sheet import FactSheet
from transforms.words.grammar import article, counted, joined
from transforms.words.groups import Group, groups_of
from transforms.words.narrator import Narrator, sentence

OLDEST_AGE_SAID = 89  # ages of 90 and above identify people (45 CFR 164.514(b)(2)(i)(C))
STRUCTURES_FROM, STRUCTURES_NAMED, SAME_KIND_FROM = 6, 8, 3


def tell_anatomy(sheet: FactSheet, narrator: Narrator) -> list[Sentence]:
    """The body part; then, where many structures are known, the larger ones by name."""
    return [*_tell_part(sheet, narrator), *_tell_structures(sheet, narrator)]


def _tell_part(sheet: FactSheet, narrator: Narrator) -> list[Sentence]:
    fact = sheet.one(sheet.image.id, "anatomy")
    organ = organs().get(fact.value) if fact is not None else None
    if fact is None or organ is None:
        return []
    side = sheet.one(sheet.image.id, "image_side")
    side = side if side is not None and organ.paired and side.value in ("left", "right") else None
    patient, facts = patient_of(sheet)
    family = "specimen" if organ.region == "specimen" else "part"
    part = f"{_part(organ, side)}{f' of {patient}' if patient else ''}"
    text = narrator.say(family, organ.name == "cultured cells", part=part)
    return [sentence(text, "anatomy", [fact, side, *facts])]


def _part(organ: Organ, side: Fact | None) -> str:
    return organ.phrase if side is None else f"the {side.value} {organ.name}"


def patient_of(sheet: FactSheet) -> tuple[str, list[Fact]]:
    """ "a 63-year-old man", with its facts; empty where neither age nor sex may be said."""
    age, sex = sheet.one(sheet.image.id, "age"), sheet.one(sheet.image.id, "sex")
    sex = sex if sex is not None and sex.value in ("female", "male") else None
    if age is None or age.number is None or not 0 <= age.number <= OLDEST_AGE_SAID:
        return (f"a {sex.value} patient", [sex]) if sex is not None else ("", [])
    facts = [age] if sex is None else [age, sex]
    if age.number < 1:
        return "an infant" if sex is None else f"a {sex.value} infant", facts
    person = _person(age.number, sex.value if sex is not None else None)
    return article(f"{int(age.number)}-year-old {person}"), facts


def _person(age: float, sex: str | None) -> str:
    if sex is None:
        return "patient"
    adult = age >= 18
    return {"female": "woman" if adult else "girl", "male": "man" if adult else "boy"}[sex]


def _tell_structures(sheet: FactSheet, narrator: Narrator) -> list[Sentence]:
    """A list of what is in view, from six structures up; fewer are told by their positions."""
    groups = [g for g in groups_of(sheet) if g.organ_like and not (g.background or g.diffuse)]
    if len(groups) < STRUCTURES_FROM:
        return []
    names = _names(groups)
    if len(names) > STRUCTURES_NAMED:
        names = [*names[:STRUCTURES_NAMED], "further structures"]
    text = narrator.say("structures", structures=joined(names))
    facts = [f for g in groups for f in g.labels]
    return [sentence(text, "anatomy", facts, [r for g in groups for r in g.regions])]


def _names(groups: list[Group]) -> list[str]:
    """Names, the largest first; three or more of one kind as a number: "five left ribs"."""
    members = Counter(_kind_of(g) for g in groups)
    names = []
    for group in groups:
        kind = findings().get(_kind_of(group))
        if kind is not None and members[kind.name] >= SAME_KIND_FROM:
            names.append(f"{counted(members[kind.name])} {kind.many()}")
        else:
            names.append(group.name() if len(group.regions) > 1 else group.noun.first())
    return list(dict.fromkeys(names))


def _kind_of(group: Group) -> str | None:
    """The broader term that this is one of, not a part of: a left rib for "left first rib"."""
    term = findings().get(group.label)
    broader = term.broader if term is not None else None
    if broader is None or group.candidate or len(group.regions) > 1 or " of " in group.label:
        return None
    return broader if group.label.endswith(broader.split()[-1]) else None

"""How does a thing look? Options join two measured properties, so exactly one of four is true."""

from itertools import product

from schemas.fact import Fact
from schemas.question import Question
from transforms.questions.draft import FEWEST_OPTIONS, Draft, because, stem
from transforms.questions.refer import Named, pointed_candidates, pointed_regions
from transforms.sheet import FactSheet
from transforms.words.grammar import article

ASKED = 2
VALUES = {
    "brightness": ("brighter", "darker", "similar in brightness"),
    "homogeneity": ("homogeneous", "heterogeneous"),
    "outline": ("smooth", "irregular"),
    "shape": ("round", "oval", "elongated"),
}
PAIRED = (("brightness", "homogeneity", "tone"), ("shape", "outline", "form"))


def ask_appearance(sheet: FactSheet) -> list[Question]:
    """Brightness with texture, shape with outline; at most two questions an image. On candidates only
    where nothing else can be asked about."""
    pointed = [*pointed_regions(sheet), *pointed_candidates(sheet)]
    asked = [q for pair in PAIRED for p in pointed[:1] for q in _ask(sheet, p, *pair)]
    return (asked or [q for pair in PAIRED for p in pointed for q in _ask(sheet, p, *pair)])[:ASKED]


def _ask(sheet: FactSheet, pointed: Named, first: str, second: str, family: str) -> list[Question]:
    if family == "form" and not pointed.group.noun.countable:
        return []  # an opacity has the outline that someone drew
    facts = [f for kind in (first, second) for f in sheet.about(pointed.region.id, kind)[:1]]
    if len(facts) < 2:
        return []
    truth = (_word(facts[0]), _word(facts[1]))
    others = [pair for pair in product(VALUES[first], VALUES[second]) if pair != truth]
    shuffled = [_option(family, *pair) for pair in others]
    question = stem(sheet, family, pointed.region.id, plural=pointed.plural, target=pointed.words)
    answer = _option(family, *truth)
    why = because(family, pointed.plural, target=pointed.words, look=answer)
    draft = Draft(sheet, "appearance", question, why, [*pointed.facts, *facts], [pointed.region])
    return [draft.choice(answer, shuffled, most=FEWEST_OPTIONS)]


def _word(fact: Fact) -> str:
    return "similar in brightness" if fact.value == "similar" else str(fact.value)


def _option(family: str, first: str, second: str) -> str:
    """ "darker and homogeneous", "an oval shape with a smooth outline"."""
    if family == "tone":
        return f"{first} and {second}"
    return f"{article(first)} shape with {article(second)} outline"

"""Yes/no pairs: one stem twice, once with what is true and once with what the facts exclude.

A "no" needs known absence, or a property of which the facts carry another value. Silence makes no pair.
"""

from expert_models.writer.item_orders.acquisition import unlike
from expert_models.writer.items_order import Half, ItemOrder
from schemas.question import Question
from schemas.region import POSITIONS
from schemas.vocabulary import modalities
from transforms.questions.draft import because
from transforms.questions.finding_present import ask_finding_present
from transforms.questions.refer import Named, named_regions, pointed_regions
from transforms.questions.where_position import WIDEST
from transforms.sheet import FactSheet
from transforms.showing.view import View
from transforms.words.grammar import article, capital
from transforms.words.modality import LOCALIZER

OPPOSITE = {
    "brighter": "darker", "darker": "brighter", "homogeneous": "heterogeneous",
    "heterogeneous": "homogeneous", "smooth": "irregular", "irregular": "smooth",
    "round": "elongated", "elongated": "round",
}  # fmt: skip
"""Values that exclude one another and are not neighbours: an oval is neither far from round nor long."""
LOOKS = {
    "brightness": ("{be} {it} {value} than the immediate surroundings?",
                   "{it} {be} {value} than the immediate surroundings."),
    "homogeneity": ("{be} {it} {value}?", "{it} {be} {value}."),
    "outline": ("{do} {it} have {a} outline?", "{it} {has} {a} outline."),
    "shape": ("{do} {it} have {a} shape?", "{it} {has} {a} shape."),
}  # fmt: skip
"""Stem and rationale of each kind of look."""
ASKED = 2


def yes_no_orders(view: View) -> list[ItemOrder]:
    """Pairs on presence, place, look and modality."""
    sheet = view.sheet
    return [*_present(sheet), *_places(sheet), *_looks(sheet), *_modality(sheet)]


def _pair(type: str, target: str, yes: Half, no: Half) -> ItemOrder:
    return ItemOrder(
        "yes_no", type, target, yes.facts, yes.regions, key=yes.says, example=yes.example, why=yes.why,
        denied=no,
    )  # fmt: skip


def _present(sheet: FactSheet) -> list[ItemOrder]:
    """What is known to be absent lies in no region."""
    halves = [_of_seed(sheet, q) for q in ask_finding_present(sheet)]
    pairs = zip(halves[::2], halves[1::2], strict=True)
    return [_pair("finding_present", no.says, yes, no) for yes, no in pairs]


def _of_seed(sheet: FactSheet, seed: Question) -> Half:
    facts = tuple(sheet.by_id[i] for i in seed.fact_ids)
    regions = tuple(sheet.region[i] for i in seed.region_ids)
    return Half(str(facts[0].value), seed.question, seed.rationale or "", facts, regions)


def _places(sheet: FactSheet) -> list[ItemOrder]:
    """Against the true place the opposite one; against the center a corner."""
    made = []
    for named in named_regions(sheet):
        fact = sheet.one(named.region.id, "position")
        if fact is None or fact.value not in POSITIONS or named.region.area_fraction > WIDEST:
            continue
        far = POSITIONS[len(POSITIONS) - 1 - POSITIONS.index(fact.value)]
        far = far if far != fact.value else "upper left"
        why = because("where_position", named.plural, target=named.words, place=fact.value)
        yes, no = (
            Half(p, f"{_be(named)} {named.words} in the {p} of the image?", why, (*named.facts, fact),
                 (named.region,))
            for p in (fact.value, far)
        )  # fmt: skip
        made.append(_pair("where_position", named.region.id, yes, no))
    return made[:ASKED]


def _looks(sheet: FactSheet) -> list[ItemOrder]:
    made = []
    for pointed in pointed_regions(sheet):
        for kind, (stem, why) in LOOKS.items():
            fact = sheet.one(pointed.region.id, kind)
            other = OPPOSITE.get(str(fact.value)) if fact is not None else None
            if fact is None or other is None or _borderless(kind, pointed):
                continue
            reason = _filled(why, pointed, str(fact.value))
            yes, no = (
                Half(
                    v, _filled(stem, pointed, v), reason, (*pointed.facts, fact), (pointed.region,)
                )
                for v in (str(fact.value), other)
            )
            made.append(_pair("appearance", f"{kind} {pointed.region.id}", yes, no))
    return made[: 2 * ASKED]


def _borderless(kind: str, pointed: Named) -> bool:
    """An opacity has the outline that someone drew."""
    return kind in ("outline", "shape") and not pointed.group.noun.countable


def _modality(sheet: FactSheet) -> list[ItemOrder]:
    fact = sheet.one(sheet.image.id, "modality")
    term = modalities().get(fact.value) if fact is not None else None
    if fact is None or term is None or LOCALIZER in sheet.image.flags:
        return []
    others = [modalities().find(title) for title in unlike(term, sheet)[:1]]
    why = because("modality", title=term.title)
    yes, *no = (
        Half(m.title, f"Is this {m.phrase}?", why, (fact,))
        for m in (term, *others)
        if m is not None
    )
    return [_pair("modality", "modality", yes, half) for half in no]


def _filled(pattern: str, pointed: Named, value: str) -> str:
    """Verbs agree with the thing: "is the mass", "are the vessels"."""
    be, do, has = ("are", "do", "have") if pointed.plural else ("is", "does", "has")
    filled = pattern.format(be=be, do=do, has=has, it=pointed.words, value=value, a=article(value))
    return capital(filled)


def _be(named: Named) -> str:
    return "Are" if named.plural else "Is"

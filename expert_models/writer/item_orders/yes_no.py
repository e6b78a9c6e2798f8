"""Yes/no pairs: one stem twice, once with what is true and once with what the facts exclude.

A "no" needs known absence, or a property of which the facts carry another value. Silence makes no pair.
"""

from collections.abc import Iterable
from dataclasses import replace

from expert_models.writer.item_orders.acquisition import unlike
from expert_models.writer.items_order import Denied, ItemOrder
from schemas.fact import Fact
from schemas.region import POSITIONS, Region
from schemas.vocabulary import modalities
from transforms.questions.finding_present import ask_finding_present
from transforms.questions.refer import Named, named_regions, pointed_regions
from transforms.questions.where_position import WIDEST
from transforms.sheet import FactSheet
from transforms.showing.view import View
from transforms.words.modality import LOCALIZER

OPPOSITE = {
    "brighter": "darker", "darker": "brighter", "homogeneous": "heterogeneous",
    "heterogeneous": "homogeneous", "smooth": "irregular", "irregular": "smooth",
    "round": "elongated", "elongated": "round",
}  # fmt: skip
"""Values that exclude one another and are not neighbours: an oval is neither far from round nor long."""
LOOKS = {
    "brightness": "{be} {target} {value} than the immediate surroundings?",
    "homogeneity": "{be} {target} {value}?",
    "outline": "Does {target} have {article} {value} outline?",
    "shape": "Does {target} have {article} {value} shape?",
}
ASKED = 2


def yes_no_orders(view: View) -> list[ItemOrder]:
    """Pairs on presence, place, side-by-side looks and modality."""
    sheet = view.sheet
    made = [*_present(sheet), *_places(sheet), *_looks(sheet), *_modality(sheet)]
    return [order for order in made if order.denied is not None]


def _present(sheet: FactSheet) -> list[ItemOrder]:
    seeds = ask_finding_present(sheet)
    pairs = zip(seeds[::2], seeds[1::2], strict=True)
    made = []
    for yes, no in pairs:
        facts, excluding = _facts(sheet, yes.fact_ids), _facts(sheet, no.fact_ids)
        regions = tuple(sheet.region[i] for i in yes.region_ids)
        says, denied = str(facts[0].value), str(excluding[0].value)
        order = _pair("finding_present", denied, facts, regions, says, yes.question)
        made.append(_against(order, denied, no.question, excluding))
    return made


def _places(sheet: FactSheet) -> list[ItemOrder]:
    made = []
    for named in named_regions(sheet):
        fact = sheet.one(named.region.id, "position")
        if fact is None or fact.value not in POSITIONS or named.region.area_fraction > WIDEST:
            continue
        far = POSITIONS[len(POSITIONS) - 1 - POSITIONS.index(fact.value)]
        far = far if far != fact.value else "upper left"
        facts = (*named.facts, fact)
        yes, no = (
            f"{_be(named)} {named.words} in the {p} of the image?" for p in (fact.value, far)
        )
        order = _pair("where_position", named.region.id, facts, (named.region,), fact.value, yes)
        made.append(_against(order, far, no, facts))
    return made[:ASKED]


def _looks(sheet: FactSheet) -> list[ItemOrder]:
    made = []
    for pointed in pointed_regions(sheet):
        for kind, pattern in LOOKS.items():
            fact = sheet.one(pointed.region.id, kind)
            other = OPPOSITE.get(str(fact.value)) if fact is not None else None
            if fact is None or other is None or _borderless(kind, pointed):
                continue
            facts = (*pointed.facts, fact)
            yes, no = (_filled(pattern, pointed, v) for v in (str(fact.value), other))
            target = f"{kind} {pointed.region.id}"
            order = _pair("appearance", target, facts, (pointed.region,), str(fact.value), yes)
            made.append(_against(order, other, no, facts))
    return made[: 2 * ASKED]


def _borderless(kind: str, pointed: Named) -> bool:
    """An opacity has the outline that someone drew."""
    return kind in ("outline", "shape") and not pointed.group.noun.countable


def _modality(sheet: FactSheet) -> list[ItemOrder]:
    fact = sheet.one(sheet.image.id, "modality")
    term = modalities().get(fact.value) if fact is not None else None
    if fact is None or term is None or LOCALIZER in sheet.image.flags:
        return []
    other = next((m for m in map(modalities().find, unlike(term, sheet)) if m is not None), None)
    if other is None:
        return []
    order = _pair("modality", "modality", (fact,), (), term.title, f"Is this {term.phrase}?")
    return [_against(order, other.title, f"Is this {other.phrase}?", (fact,))]


def _pair(
    type: str,
    target: str,
    facts: Iterable[Fact],
    regions: tuple[Region, ...],
    says: str,
    example: str,
) -> ItemOrder:
    return ItemOrder("yes_no", type, target, tuple(facts), regions, key=says, example=example)


def _filled(pattern: str, pointed: Named, value: str) -> str:
    return pattern.format(
        be=_be(pointed),
        target=pointed.words,
        value=value,
        article="an" if value[0] in "aeiou" else "a",
    )


def _be(named: Named) -> str:
    return "Are" if named.plural else "Is"


def _against(order: ItemOrder, says: str, example: str, facts: tuple[Fact, ...]) -> ItemOrder:
    """With its other half. What is known to be absent lies in no region."""
    regions = order.regions if order.type != "finding_present" else ()
    return replace(order, denied=Denied(says, example, facts, regions))


def _facts(sheet: FactSheet, ids: Iterable[str]) -> tuple[Fact, ...]:
    return tuple(sheet.by_id[i] for i in ids)

"""Multiple choice on what is seen: which finding a region shows, or how it looks."""

from itertools import product

from expert_models.writer.items_order import OPTIONS, ItemOrder
from schemas.ids import digest
from schemas.question import Question
from schemas.region import Region
from schemas.vocabulary import Finding, findings
from transforms.questions.appearance import PAIRED, VALUES, ask_appearance
from transforms.questions.terms import look_alike, related, rivals
from transforms.questions.which_finding import ask_which_finding
from transforms.regions.boxes import overlap_of
from transforms.sheet import FactSheet
from transforms.showing.view import View
from transforms.words.grammar import article

MOST_WRONG = 8
MOST_BESIDE = 4


def finding_orders(view: View) -> list[ItemOrder]:
    """On the finding of a region or of the whole image, and on the look of a region."""
    sheet = view.sheet
    made = [_which(sheet, q) for q in ask_which_finding(sheet)]
    made += [_look(sheet, q) for q in ask_appearance(sheet)]
    return [order for order in made if len(order.wrong) >= OPTIONS - 1]


def _which(sheet: FactSheet, seed: Question) -> ItemOrder:
    term = findings().get(seed.answer)
    wrong = [o for o in seed.options if o != seed.answer]
    if seed.region_ids and term is not None:
        beside = _beside(sheet, sheet.region[seed.region_ids[0]], term)
        wrong = list(dict.fromkeys([*beside, *wrong, *rivals(term, sheet)]))
    return _order(sheet, seed, "", seed.answer, wrong)


def _beside(sheet: FactSheet, region: Region, term: Finding) -> list[str]:
    """What other regions of the image are, that share nothing with the box of this one: the nearest
    misses, and yet no two answers are right."""
    apart = [
        r
        for r in sheet.regions
        if overlap_of(region.box, r.box) == 0 and sheet.about(r.id, "label")
    ]
    touching = {r.label for r in sheet.regions} - {r.label for r in apart}
    found = [
        r.label
        for r in apart
        if r.label not in touching
        and (other := findings().get(r.label)) is not None
        and other.kind == term.kind
        and not related(other.name, term.name)
        and not look_alike(other.name, term.name)
    ]
    return list(dict.fromkeys(found))[:MOST_BESIDE]


def _look(sheet: FactSheet, seed: Question) -> ItemOrder:
    """Two measured properties joined; every other pair of values is false.

    Which of them are offered is a keyed choice: were the pair unlike the key left out, the key would
    be the one that shares most with the others.
    """
    said = {
        f.kind: str(f.value) for f in (sheet.by_id[i] for i in seed.fact_ids) if f.kind in VALUES
    }
    first, second = next((a, b) for a, b, _ in PAIRED if a in said and b in said)
    truth = (_word(said[first]), said[second])
    others = [pair for pair in product(VALUES[first], VALUES[second]) if pair != truth]
    offered = sorted(others, key=lambda pair: digest("look", seed.id, pair))[: OPTIONS - 1]
    wrong = [look(*pair) for pair in others if pair in offered]
    return _order(sheet, seed, f"{first} ", look(*truth), wrong)


def look(first: str, second: str) -> str:
    """ "darker and homogeneous", "an oval shape with a smooth outline"."""
    if first in VALUES["shape"]:
        return f"{article(first)} shape with {article(second)} outline"
    return f"{first} and {second}"


def _word(value: str) -> str:
    return "similar in brightness" if value == "similar" else value


def _order(sheet: FactSheet, seed: Question, aspect: str, key: str, wrong: list[str]) -> ItemOrder:
    target = aspect + [*seed.region_ids, "whole"][0]
    return ItemOrder(
        "choice", seed.question_type, target, tuple(sheet.by_id[i] for i in seed.fact_ids),
        tuple(sheet.region[i] for i in seed.region_ids), "finding", key, tuple(wrong[:MOST_WRONG]),
        seed.question, seed.rationale or "",
    )  # fmt: skip

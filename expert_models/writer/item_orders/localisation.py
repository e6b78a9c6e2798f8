"""Multiple choice on where: the part of the image a thing lies in, the part of the body shown."""

from expert_models.writer.items_order import OPTIONS, ItemOrder
from schemas.region import POSITIONS, Region
from transforms.questions.anatomy import ask_anatomy
from transforms.questions.draft import because, stem
from transforms.questions.refer import Named, named_regions
from transforms.questions.where_position import WIDEST
from transforms.sheet import FactSheet
from transforms.showing.view import View

CLEAR = 1 / 12  # of the side: an edge position nearer to the center than this is not told from it
ASKED = 2


def localisation_orders(view: View) -> list[ItemOrder]:
    """Positions of things that a name alone points at (at most two), and the body part."""
    sheet = view.sheet
    places = [o for n in named_regions(sheet) if (o := _position(sheet, n)) is not None]
    return [*places[:ASKED], *_anatomy(sheet)]


def _position(sheet: FactSheet, named: Named) -> ItemOrder | None:
    """Five places of which no two share an edge of the 3 x 3 grid, so a center near a line decides nothing.

    The corners with the center are five. The four middles of the edges take the center as fifth,
    where the thing lies clearly off it.
    """
    region = named.region
    fact = sheet.one(region.id, "position")
    if fact is None or fact.value not in POSITIONS or region.area_fraction > WIDEST:
        return None
    parity = POSITIONS.index(fact.value) % 2
    wrong = [p for i, p in enumerate(POSITIONS) if i % 2 == parity and p != fact.value]
    if parity and not _off_center(region, sheet):
        return None
    wrong += ["center"] * parity
    return ItemOrder(
        "choice", "where_position", region.id, (*named.facts, fact), (region,), "localisation",
        fact.value, tuple(wrong), stem(sheet, "where_position", region.id, target=named.words),
        because("where_position", named.plural, target=named.words, place=fact.value),
    )  # fmt: skip


def _off_center(region: Region, sheet: FactSheet) -> bool:
    """The middle of the box lies clearly outside the central ninth."""
    x0, y0, x1, y1 = region.box
    x, y = (x0 + x1) / 2 / sheet.image.width, (y0 + y1) / 2 / sheet.image.height
    return max(abs(x - 0.5), abs(y - 0.5)) > 1 / 6 + CLEAR


def _anatomy(sheet: FactSheet) -> list[ItemOrder]:
    return [
        ItemOrder(
            "choice", "anatomy", "whole", tuple(sheet.by_id[i] for i in seed.fact_ids),
            archetype="localisation", key=seed.answer,
            wrong=tuple(o for o in seed.options if o != seed.answer), example=seed.question,
            why=seed.rationale or "",
        )
        for seed in ask_anatomy(sheet)
        if len(seed.options) >= OPTIONS
    ]  # fmt: skip

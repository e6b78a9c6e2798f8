"""How large is a thing? Longest diameter or share of the image: both can be read off pixels.

Only of what a person outlined: an expert's outline is not true to within a key's tolerance.
"""

from schemas.fact import Fact
from schemas.ids import pick
from schemas.question import Question
from transforms.questions.draft import Draft, because, stem
from transforms.questions.numbers import RELATIVE, decimals, length_tolerance, rising
from transforms.questions.refer import Named, named_regions
from transforms.sheet import FactSheet
from transforms.words import quantity

ASKED = 2
UNITS = {"mm": "millimeters", "um": "micrometers", "px": "pixels"}
SIGNS = {"um": "µm", "%": "%"}  # of units that are written otherwise than named


def ask_how_large(sheet: FactSheet) -> list[Question]:
    """One measure a thing, for things that a name alone points at; at most two."""
    asked = []
    for named in (n for n in named_regions(sheet) if n.region.annotated):
        asked += _ask_length(sheet, named) or _ask_share(sheet, named)
    return asked[:ASKED]


def _ask_length(sheet: FactSheet, named: Named) -> list[Question]:
    fact = sheet.one(named.region.id, "major_axis")
    if fact is None or not fact.number or fact.unit not in UNITS or not named.group.noun.countable:
        return []
    value, unit, pixel = fact.number, fact.unit, (1.0, 1.0)
    slots = {"target": named.words}
    if unit == "mm":
        if not sheet.image.spacing_mm:
            return []  # nobody can tell millimeters without the size of a pixel
        pixel = (sheet.image.spacing_mm[0], sheet.image.spacing_mm[1])
        if quantity.is_microscopic(sheet.image):
            value, unit, pixel = 1000 * value, "um", (1000 * pixel[0], 1000 * pixel[1])
        slots["pixel"] = _pixel(*pixel, SIGNS.get(unit, unit))
    slots["unit"] = UNITS[unit]
    tolerance = length_tolerance(value, pixel)
    most = (sheet.image.height * pixel[0]) ** 2 + (sheet.image.width * pixel[1]) ** 2
    family = "how_long_px" if unit == "px" else "how_long_mm"
    question = stem(sheet, family, named.region.id, plural=named.plural, **slots)
    return _measured(sheet, named, fact, question, value, unit, tolerance, most**0.5)


def _ask_share(sheet: FactSheet, named: Named) -> list[Question]:
    fact = sheet.one(named.region.id, "area_fraction")
    if fact is None or not fact.number or named.region.mask is None:
        return []
    value = 100 * fact.number
    question = stem(sheet, "how_much", named.region.id, plural=named.plural, target=named.words)
    return _measured(sheet, named, fact, question, value, "%", 2 * RELATIVE * value, 100.0)


def _measured(
    sheet: FactSheet, named: Named, fact: Fact, question: str, value: float, unit: str,
    tolerance: float, most: float,
) -> list[Question]:  # fmt: skip
    """Open or with rising options, as the region's id picks; a share always with options.

    Nobody reads a share off a picture to a tenth, but anybody tells a third from a half.
    """
    gap, sign = "" if unit == "%" else " ", SIGNS.get(unit, unit)
    places = decimals(tolerance)
    answer = f"{value:.{places}f}{gap}{sign}"
    options: list[str] = []
    if unit == "%" or pick(2, sheet.image.id, "how_large", named.region.id):
        rivals = rising(value, places, most, tolerance, sheet.image.id, named.region.id)
        options = [f"{number}{gap}{sign}" for number in rivals]
    if unit == "%" and not options:
        return []
    kind = "how_much" if unit == "%" else "how_long"
    why = because(kind, named.plural, target=named.words, measure=answer)
    draft = Draft(sheet, "how_large", question, why, [*named.facts, fact], [named.region])
    return [draft.measured(answer, value, unit, tolerance, options)]


def _pixel(height: float, width: float, sign: str) -> str:
    """ "0.78 mm" for square pixels, else "0.78 mm wide and 0.9 mm high"."""
    if abs(height - width) < 1e-4 * height:
        return f"{height:.4g} {sign}"
    return f"{width:.4g} {sign} wide and {height:.4g} {sign} high"

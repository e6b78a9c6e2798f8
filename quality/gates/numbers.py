"""Is a written number that of a fact, after conversion and at the precision it is shown with?"""

from quality.gates.world import LENGTH_MM, VOLUME_ML
from quality.reading.claims import Quantity

ABOUT = 0.05  # "about 120 mm" may be 5 % off; without the word, only rounding is allowed
EDGE = 1e-6  # numeric noise at a rounding edge
LENGTHS = ("mm", "cm", "um", "px")
KINDS = {
    "mm": ("major_axis", "minor_axis"), "cm": ("major_axis", "minor_axis"),
    "um": ("major_axis", "minor_axis"), "px": ("major_axis", "minor_axis"),
    "mL": ("volume",), "L": ("volume",), "mm3": ("volume",), "HU": ("attenuation",),
    "%": ("area_fraction",), "a": ("age",), "um/px": ("resolution",), "x": ("magnification",),
}  # fmt: skip


def converted(number: float, unit: str, wanted: str) -> float | None:
    """`number` in the unit a text uses; None where no conversion exists (px to mm needs a spacing)."""
    if unit == wanted:
        return number
    for scale in (LENGTH_MM, VOLUME_ML):
        if unit in scale and wanted in scale:
            return number * scale[unit] / scale[wanted]
    if unit == "1" and wanted in ("%", "x"):
        return number * 100 if wanted == "%" else number
    return None


def satisfies(value: float, shown: float, bound: str | None) -> bool:
    """Is `value` on the said side of the number shown; equal to it where no side is said?"""
    if bound in ("<", ">"):
        return value < shown if bound == "<" else value > shown
    if bound in ("<=", ">="):
        return value <= shown + EDGE if bound == "<=" else value >= shown - EDGE
    return value == shown


def says(quantity: Quantity, place: int, number: float, unit: str) -> bool:
    """Does value `place` of the quantity state this fact?

    A shown number states every value that rounds to it: 12 states 11.5 to 12.5, 1.20 states 1.195
    to 1.205. With "less than" or "at least" it states every value on that side.
    """
    value = converted(number, unit, quantity.unit or "")
    if value is None:
        return False
    shown, step = quantity.values[place], quantity.steps[place]
    if quantity.bound is not None:
        return satisfies(value, shown, quantity.bound)
    if quantity.unit == "a":  # ages are told in completed years
        return int(value) == int(shown)
    slack = max(step / 2, abs(shown) * ABOUT if quantity.approximate else 0.0)
    return abs(value - shown) <= slack * (1 + EDGE) + 1e-9


def kinds_of(quantity: Quantity) -> tuple[str, ...]:
    """Kinds of facts a quantity may speak of: what its words say, else the usual ones of its unit.

    A single length with no word is a longest diameter ("a 12 mm mass").
    """
    kinds = KINDS.get(quantity.unit or "", ())
    if quantity.shape == "pair":
        return kinds
    return (quantity.measure,) if quantity.measure else kinds[:1]

"""What a volume's row says of experts, against its regions. Their masks are not kept where the source drew the
label, so figures are held to what they can be, and to the regions they name."""

from collections.abc import Iterator, Mapping
from typing import Any

from schemas.reasons import REASONS
from schemas.volume import MEASURES

Row = Mapping[str, Any]
DICE, HD95, ABSENT = MEASURES
AXES = ("slices", "rows", "columns")


def expert_faults(row: Row) -> Iterator[str]:
    """What is wrong with `looks` and `agreements` of a row of VOLUME."""
    for one in row["agreements"] or []:
        for what in _agreement_faults(row, one):
            yield f"agreement of {one['producer']} on {one['label']}: {what}"
    for one in row["looks"] or []:
        if one["reason"] is not None and one["reason"] not in REASONS:
            yield f"look of {one['expert']}: reason {one['reason']!r} is none of schemas.reasons"


def _agreement_faults(row: Row, one: Row) -> Iterator[str]:
    measure, number = one["measure"], one["number"]
    if measure not in MEASURES:
        yield f"measure {measure!r} is none of {list(MEASURES)}"
    elif not 0 <= number <= (_longest(row) if measure == HD95 else 1):
        yield f"{measure} is {number}"
    units = (("voxels",) if row["spacing_mm"] is None else ("mm",)) if measure == HD95 else ("1",)
    if one["unit"] not in units:
        yield f"{measure} in {one['unit']!r}; expected {units[0]!r}"
    drawn = {r["id"] for r in row["regions"] if r["producer"].startswith("annotation:")}
    if unknown := set(one["region_ids"]) - drawn:
        yield f"regions {sorted(unknown)} are none that the source drew in this volume"
    if (measure == ABSENT) == bool(one["region_ids"]):
        yield f"{measure} with {len(one['region_ids'])} regions"
    yield from _span_faults(row, one)


def _span_faults(row: Row, one: Row) -> Iterator[str]:
    spans = [one[axis] for axis in AXES]
    if any(span is None for span in spans):
        if any(spans) or one["measure"] != DICE or one["number"] != 0:
            yield "found nowhere, and yet there is a figure"
        return
    for axis, span, length in zip(AXES, spans, row["shape"], strict=True):
        if not 0 <= span[0] < span[1] <= length:
            yield f"{axis} {span} of {length}"


def _longest(row: Row) -> float:
    """The diagonal of the grid: nothing in it is farther apart."""
    steps = row["spacing_mm"] or (1.0, 1.0, 1.0)
    return float(sum((n * mm) ** 2 for n, mm in zip(row["shape"], steps, strict=True)) ** 0.5)

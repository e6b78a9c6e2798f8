from types import ModuleType

import pytest

from schemas.fact import Fact, fact
from transforms.words import quantity


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.682, "0.68"), (0.0421, "0.042"), (4.25, "4.2"), (9.94, "9.9"), (9.96, "10"), (12.4, "12"),
     (181.6, "182"), (0, "0.0"), (-0.4, "-0.40")],
)  # fmt: skip
def test_number(value: float, said: str) -> None:
    assert quantity.number(value) == said


def axis(kind: str, number: float, unit: str) -> Fact:
    return fact("r", kind, number=number, unit=unit)


def test_size_rounds_each_axis_on_its_own() -> None:
    assert quantity.size(axis("major_axis", 12.4, "mm"), axis("minor_axis", 8.14, "mm")) == (
        "12 x 8.1 mm"
    )
    assert quantity.size(axis("major_axis", 9.4, "px"), axis("minor_axis", 3.6, "px")) == "9 x 4 px"


def test_lengths_of_cells_are_told_in_micrometers(sheets: ModuleType) -> None:
    fine, coarse = (sheets.image("a", spacing_mm=[p, p]) for p in (0.0005, 0.01))
    major, minor = axis("major_axis", 0.0224, "mm"), axis("minor_axis", 0.0081, "mm")
    assert quantity.size(major, minor, fine) == "22 x 8.1 µm"
    assert quantity.size(major, minor, coarse) == "0.022 x 0.0081 mm"
    assert quantity.length(0.5, "mm", fine) == "500 µm"
    assert quantity.length(12.4, "px", fine) == "12 px"


def test_axes_in_two_units_make_no_size() -> None:
    with pytest.raises(ValueError, match="mm and px"):
        quantity.size(axis("major_axis", 12.4, "mm"), axis("minor_axis", 8.1, "px"))


def test_share_is_of_a_fraction() -> None:
    assert [quantity.share(f) for f in (0.0914, 0.231, 0.00042)] == ["9.1%", "23%", "0.042%"]


def test_attenuation_has_no_minus_zero() -> None:
    assert [quantity.attenuation(v) for v in (-0.4, -870.4, 44.6)] == ["0 HU", "-870 HU", "45 HU"]

"""Numbers in text: what is one, what is none, and what it counts or measures."""

import pytest

from quality.reading.claims import Claim
from quality.reading.reader import read


def numbers(text: str) -> list[tuple[object, ...]]:
    """(kind, values, unit, shape) of every number claim."""
    found: list[Claim] = [c for c in read(text).claims if c.kind in ("quantity", "count")]
    return [
        (c.kind, c.quantity.values, c.quantity.unit, c.quantity.shape) for c in found if c.quantity
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a T2-weighted slice", []),
        ("a 2-D image", []),
        ("a 3D view", []),
        ("the C7 vertebra", []),
        ("at L3", []),
        ("the larger one", []),
        ("One can make out a polyp.", []),
        ("Looking at them one by one.", []),
        ("3 x 3 mm", [("quantity", (3.0, 3.0), "mm", "pair")]),
        ("3x4mm", [("quantity", (3.0, 4.0), "mm", "pair")]),
        ("1.2 cm by 8 mm", [("quantity", (12.0, 8.0), "mm", "pair")]),
        ("12 × 8 px", [("quantity", (12.0, 8.0), "px", "pair")]),
        ("5-14 mm", [("quantity", (5.0, 14.0), "mm", "range")]),
        ("between 5 and 14 mm", [("quantity", (5.0, 14.0), "mm", "range")]),
        ("from 5 mm up to 14 mm", [("quantity", (5.0, 14.0), "mm", "range")]),
        ("-120 HU", [("quantity", (-120.0,), "HU", "single")]),
        ("−120 Hounsfield units", [("quantity", (-120.0,), "HU", "single")]),
        ("22 x 11 µm", [("quantity", (22.0, 11.0), "um", "pair")]),
        ("22 x 11 micrometers", [("quantity", (22.0, 11.0), "um", "pair")]),
        ("from 4.1 up to 22 um", [("quantity", (4.1, 22.0), "um", "range")]),
        ("0.50 µm per pixel", [("quantity", (0.5,), "um/px", "single")]),
        ("0.25 µm/px", [("quantity", (0.25,), "um/px", "single")]),
        ("scanned at 20x", [("quantity", (20.0,), "x", "single")]),
        ("a 40× objective", [("quantity", (40.0,), "x", "single")]),
        ("20-fold magnification", [("quantity", (20.0,), "x", "single")]),
        ("Of the two, the liver is larger.", [("count", (2.0,), None, "single")]),
        ("1,024 pixels", [("quantity", (1024.0,), "px", "single")]),
        ("a 57-year-old woman", [("quantity", (57.0,), "a", "single")]),
        ("40 cm³", [("quantity", (40.0,), "mL", "single")]),
        ("4.2% of the image", [("quantity", (4.2,), "%", "single")]),
        ("seven millimetres", [("quantity", (7.0,), "mm", "single")]),
        ("seven polyps", [("count", (7.0,), None, "single")]),
        ("twenty-one round nuclei", [("count", (21.0,), None, "single")]),
        ("a single polyp", [("count", (1.0,), None, "single")]),
        ("The number of nuclei is 12.", [("count", (12.0,), None, "single")]),
        ("polyps: 3", [("count", (3.0,), None, "single")]),
        ("12 of the nuclei", [("count", (12.0,), None, "single")]),
        ("two polyps of 3 x 4 mm", [("count", (2.0,), None, "single"),
                                    ("quantity", (3.0, 4.0), "mm", "pair")]),
    ],
)  # fmt: skip
def test_numbers(text: str, expected: list[tuple[object, ...]]) -> None:
    assert numbers(text) == expected


@pytest.mark.parametrize(
    ("text", "measure"),
    [
        ("12 mm in longest diameter", "major_axis"),
        ("a short axis of 12 mm", "minor_axis"),
        ("12 mm wide", "minor_axis"),
        ("Mean CT number of 12 HU", "attenuation"),
        ("12 mm", None),
    ],
)
def test_the_words_around_a_number_say_what_it_measures(text: str, measure: str | None) -> None:
    (quantity,) = [c.quantity for c in read(text).claims if c.quantity]
    assert quantity.measure == measure


def test_each_of_two_numbers_takes_its_own_words() -> None:
    read_ = read("The long axis is 24 mm and the short axis 20 mm.").claims
    said = {c.quantity.values[0]: c.quantity.measure for c in read_ if c.quantity}
    assert said == {24.0: "major_axis", 20.0: "minor_axis"}


def test_zero_of_a_thing_is_its_denial() -> None:
    (term,) = [c for c in read("0 polyps").claims if c.kind == "term"]
    assert term.negated


def test_corners_are_one_claim() -> None:
    (claim,) = [c for c in read("pixel corners (80, 120) and (110, 148)").claims if c.quantity]
    assert (claim.kind, claim.quantity.values) == ("corners", (80.0, 120.0, 110.0, 148.0))  # type: ignore[union-attr]

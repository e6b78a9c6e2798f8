"""An answer counts only with words of the text and names that exist."""

import pytest

from quality.rubric.evidence import evidence_of
from transforms.prompting.aliases import Aliases
from transforms.showing.view import View

TEXT = "The patient’s nodule measures 12 mm, in the upper right of the image, and it lies inside the left lung."


@pytest.mark.parametrize(
    ("quote", "void"),
    [
        ("measures 12 mm", ""),
        ("MEASURES  12 mm.", ""),
        ("The patient's nodule", ""),  # another apostrophe
        ('"upper right"', ""),
        ("measures 12", ""),
        ("easures 12 mm", "quote not in the text"),  # no part of a word
        ("measures 1", "quote not in the text"),
        ("measures 24 mm", "quote not in the text"),
        ("nodule 12 mm", "quote not in the text"),
        ("", "no quote"),
        (" ... ", "no quote"),
        (TEXT[:-1], "quote of 20 words"),
        ("of the image, and it lies inside the left lung", ""),
    ],
)
def test_quotes(view: View, quote: str, void: str) -> None:
    assert evidence_of({"quote": quote, "refs": []}, [TEXT], Aliases(view)).void == void


def test_a_quote_may_be_of_any_of_the_texts(view: View) -> None:
    row = {"quote": "axial", "refs": []}
    assert evidence_of(row, [TEXT, "An axial slice."], Aliases(view)).void == ""


def test_names_are_resolved_and_must_exist(view: View) -> None:
    aliases = Aliases(view)
    row = {"quote": "12 mm", "refs": ["R1", " F1"]}
    found = evidence_of(row, [TEXT], aliases)
    assert found.ids == [aliases.regions["R1"], aliases.facts["F1"]]
    assert not found.void
    assert evidence_of(row | {"refs": ["R1", "R99"]}, [TEXT], aliases).void == "R99 names nothing"
    assert evidence_of(row | {"refs": ["P1"]}, [TEXT], aliases).void == "P1 names nothing"

"""Passages keep every word, in order, within the bound; definitions stand first."""

import pytest

from transforms.knowledge.chunk import chunk, defines

LONG = " ".join(f"Sentence number {n} is here." for n in range(60))


def test_nothing_is_lost_and_the_bound_holds() -> None:
    paragraphs = ["Short one.", LONG, "x" * 700, "Last."]
    parts = list(chunk(paragraphs, max_chars=250))
    assert max(map(len, parts)) <= 250
    assert "".join(parts).replace(" ", "") == "".join(paragraphs).replace(" ", "")


def test_cut_between_sentences() -> None:
    parts = list(chunk([LONG], max_chars=300))
    assert len(parts) > 3
    assert all(part.endswith("here.") and part.startswith("Sentence") for part in parts)


def test_a_definition_begins_a_passage() -> None:
    paragraphs = ["Some news.", "A polyp is a growth.", "It is common."]
    assert list(chunk(paragraphs, names=["polyp"])) == [
        "Some news.",
        "A polyp is a growth. It is common.",
    ]
    assert list(chunk(paragraphs)) == ["Some news. A polyp is a growth. It is common."]


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("An aneurysm (AN-u-rism) is a balloon-like bulge.", "Aneurysm", True),
        ("Polyps are the growths we mean.", "polyp", True),
        ("Adult leukemia, also called AML, is a type of cancer.", "adult leukemia", True),
        ("Polyposis is a condition with many polyps.", "polyp", False),
        ("Lung cancer is the leading cause of cancer death.", "lung cancer", False),
        ("Shingles is one of the most common diseases.", "shingles", False),
        ("Melanoma is treated with surgery.", "melanoma", False),
        ("The treatment of melanoma is an operation.", "melanoma", False),
    ],
)
def test_what_is_a_definition(text: str, name: str, expected: bool) -> None:
    assert defines(text, [name]) is expected

"""Doubt, read: which name it is about, and words of doubt that are about nothing."""

import pytest

from quality.reading.reader import read


def hedged(text: str) -> list[tuple[str, str]]:
    """(name, doubt) of every name, the word candidate aside."""
    named = [c for c in read(text).claims if c.kind == "term" and c.names("thing") != ["candidate"]]
    return [(c.value, c.hedge) for c in named]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("A polyp candidate is seen.", [("polyp", "open")]),
        ("Three polyp candidates and an ulcer are seen.", [("polyp", "open"), ("ulcer", "")]),
        ("A candidate polyp lies beside the ulcer.", [("polyp", "open"), ("ulcer", "")]),
        ("A candidate for a polyp is seen.", [("polyp", "open")]),
        ("A possible, round polyp is seen.", [("polyp", "")]),  # the comma parts them: not read, not believed
        ("A possible round polyp is seen.", [("polyp", "open")]),
        ("A possible 12 mm polyp is seen.", [("polyp", "open")]),
        ("The region may be a polyp.", [("any", ""), ("polyp", "open")]),
        ("The region could represent an ulcer.", [("any", ""), ("ulcer", "open")]),
        ("A polyp is suspected.", [("polyp", "open")]),
        ("The polyp is possible, the ulcer is there.", [("polyp", "open"), ("ulcer", "")]),
        ("A likely polyp is seen.", [("polyp", "leaning")]),
        ("It is probably a polyp.", [("it", ""), ("polyp", "leaning")]),
        ("A colon polyp candidate is seen.", [("colon", ""), ("polyp", "open")]),
        ("A lesion candidate lies in the left lung.", [("lesion", "open"), ("left lung", "")]),
    ],
)  # fmt: skip
def test_doubt_belongs_to_one_name(text: str, names: list[tuple[str, str]]) -> None:
    assert hedged(text) == names


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("It is possible.", ["possible"]),
        ("The region is suspected.", ["suspected"]),
        ("A possible, round polyp is seen.", ["possible"]),
        ("Which is the most likely polyp?", ["likely"]),
        ("The polyp may be seen.", ["may"]),
    ],
)
def test_doubt_about_nothing_is_unread(text: str, words: list[str]) -> None:
    assert read(text).unread == words


def test_a_number_of_candidates_counts_what_they_are_of() -> None:
    for text in ("Three polyp candidates are seen.", "The number of polyp candidates is 3."):
        counts = [c for c in read(text).claims if c.kind == "count"]
        assert [(c.names("finding"), c.hedge) for c in counts] == [(["polyp"], "open")]

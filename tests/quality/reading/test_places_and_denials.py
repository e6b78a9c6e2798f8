"""Places of image and patient, and the scope of denials."""

import pytest

from quality.reading.reader import read


def places(text: str) -> list[tuple[str, str]]:
    return [(c.kind, c.value) for c in read(text).claims if c.kind in ("position", "side")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("in the upper left of the image", [("position", "upper left")]),
        ("in the left upper quadrant of the picture", [("position", "upper left")]),
        ("at the top-left corner", [("position", "upper left")]),
        ("in the bottom center of the frame", [("position", "lower center")]),
        ("in the center of the image", [("position", "center")]),
        ("in the middle of the picture", [("position", "center")]),
        ("left of center", [("position", "middle left")]),
        ("on the left side of the image", [("position", "left")]),
        ("in the upper left and lower right of the image",
         [("position", "upper left"), ("position", "lower right")]),
        ("on the left of the image", [("position", "left")]),
        ("on the left", [("side", "left")]),
        ("on the patient's left", [("side", "left")]),
        ("on the right side of the patient", [("side", "right")]),
        ("in the left upper quadrant", [("side", "left")]),
        ("a right-sided polyp", [("side", "right")]),
        ("in the left breast", [("side", "left")]),
        ("in the left lung", []),  # a name, not a place
        ("to the left of the polyp", []),  # a relation
        ("the center of the polyp", []),
        ("in the upper center of the image, on the patient's left",
         [("position", "upper center"), ("side", "left")]),
        ("in the upper lobe of the left lung", []),
    ],
)  # fmt: skip
def test_places(text: str, expected: list[tuple[str, str]]) -> None:
    assert places(text) == expected


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("No polyp is seen in the colon.", ["polyp"]),
        ("No polyp, ulcer or erosion.", ["polyp", "ulcer", "erosion"]),
        ("No polyp, the colon is clean.", ["polyp"]),
        ("No polyp; an ulcer is seen.", ["polyp"]),
        ("No polyp but an ulcer.", ["polyp"]),
        ("No polyp and an ulcer is seen.", ["polyp"]),
        ("An ulcer without erosion.", ["erosion"]),
        ("The polyp is not seen.", ["polyp"]),
        ("The image does not show a polyp.", ["polyp"]),
        ("A polyp cannot be seen.", ["polyp"]),
        ("There isn't a polyp.", ["polyp"]),
        ("The colon is free of polyps.", ["polyp"]),
        ("Neither polyp nor ulcer.", ["polyp", "ulcer"]),
        ("A polyp, not localised.", []),
        ("Not only a polyp but an ulcer.", []),
        ("None of the polyps lies outside the colon.", []),
        ("The polyp is absent, an ulcer present.", ["polyp"]),
        ("With regard to polyp, the image is read as negative.", ["polyp"]),
        ("Negative for polyp.", ["polyp"]),
    ],
)
def test_scope_of_denials(text: str, denied: list[str]) -> None:
    assert [c.value for c in read(text).claims if c.kind == "term" and c.negated] == denied


def test_a_word_that_no_list_holds_is_unread() -> None:
    assert read("The polyp is consistent with lymphoma.").unread == ["consistent", "lymphoma"]

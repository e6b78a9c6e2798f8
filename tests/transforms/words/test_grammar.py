import pytest

from transforms.words.grammar import article, capital, counted, joined


@pytest.mark.parametrize(
    ("noun", "written"),
    [
        ("MR slice", "an MR slice"),
        ("T2-weighted slice", "a T2-weighted slice"),
        ("FLAIR slice", "a FLAIR slice"),  # read as a word, though F is "ef"
        ("X-ray angiogram", "an X-ray angiogram"),
        ("H&E section", "an H&E section"),
        ("CT slice", "a CT slice"),
        ("U-shaped line", "a U-shaped line"),
        ("8 mm nodule", "an 8 mm nodule"),
        ("18-year-old man", "an 18-year-old man"),
        ("11 px line", "an 11 px line"),
        ("110 px line", "a 110 px line"),  # "a hundred and ten"
        ("1 px line", "a 1 px line"),
        ("80-year-old woman", "an 80-year-old woman"),
        ("ultrasound image", "an ultrasound image"),
        ("unilateral opacity", "a unilateral opacity"),
        ("uninvolved lobe", "an uninvolved lobe"),
        ("image", "an image"),
        ("ulcer", "an ulcer"),
        ("ureteral stone", "a ureteral stone"),
    ],
)
def test_article(noun: str, written: str) -> None:
    assert article(noun) == written


def test_joined() -> None:
    assert joined(["a"]) == "a"
    assert joined(["a", "b"]) == "a and b"
    assert joined(["a", "b", "c"], "or") == "a, b or c"
    with pytest.raises(ValueError, match="nothing"):
        joined([])


def test_words_below_ten_digits_from_ten() -> None:
    assert [counted(n) for n in (1, 9, 10)] == ["one", "nine", "10"]


def test_capital_leaves_the_rest() -> None:
    assert capital("an MR slice") == "An MR slice"

from schemas.sentence import Sentence
from transforms.words.lean import standing

ROWS = [
    Sentence("A polyp lies in the center of the image.", "roi_position"),
    Sentence("It is brighter than its immediate surroundings.", "roi_appearance"),
    Sentence("They touch.", "relation"),
    Sentence("The polyp covers 9.1% of the image.", "relation"),
]


def test_a_pronoun_falls_with_what_it_stands_for() -> None:
    assert standing(ROWS, [False, True, True, True]) == [False, False, False, True]


def test_what_names_its_subject_stands() -> None:
    assert standing(ROWS, [True, False, False, True]) == [True, False, False, True]
    assert standing(ROWS, [True, True, True, True]) == [True, True, True, True]


def test_a_quotation_speaks_for_itself() -> None:
    quote = Sentence('Background on polyps: "A polyp rises from its lining."', "knowledge")
    assert standing([ROWS[0], quote], [False, True]) == [False, True]

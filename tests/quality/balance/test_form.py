"""Statistics of form and wording, each on items built to show it and to not show it."""

from math import log2

import pytest

from quality.balance.form import form_rows, length_rows
from quality.balance.guesses import frequent_answer_rows, yes_no_rows
from quality.balance.stems import entropy, near_doubles, stem_rows


def row_of(items, form: str, options: int = 4):
    return next(r for r in form_rows(items) if (r["form"], r["options"]) == (form, options))


@pytest.mark.parametrize(
    ("form", "options", "stem"),
    [
        ("longest", ("ab", "cd", "abcdef", "ef"), "Which?"),
        ("shortest", ("abcd", "cdef", "x", "efgh"), "Which?"),
        ("shares most words with the stem", ("cyst", "edema", "lobar collapse", "mass"),
         "What shows lobar volume loss?"),
        ("only one with a hedge", ("cyst", "scar", "possibly a mass", "edema"), "Which?"),
        ("only one with an absolute word", ("cyst", "scar", "always a mass", "edema"), "Which?"),
        ("only one to fit the article", ("mass", "cyst", "abscess", "scar"), "This shows an ___?"),
    ],
)  # fmt: skip
def test_a_form_that_gives_the_key_away_is_counted(made, form, options, stem) -> None:
    shown = [made(f"a{n}", options=options, stem=stem, answer_index=2) for n in range(20)]
    told = row_of(shown, form)
    assert (told["items"], told["telling"], told["hits"]) == (20, 20, 20)
    assert told["low"] > told["chance"] == 0.25
    wrong = [made(f"b{n}", options=options, stem=stem, answer_index=1) for n in range(20)]
    assert row_of(wrong, form)["hits"] == 0


def test_ties_tell_nothing(made) -> None:
    told = row_of([made(options=("abc", "abc d", "xyz d", "q"))], "longest")
    assert (told["telling"], told["low"], told["high"]) == (0, 0.0, 1.0)


def test_yes_no_items_have_no_form(made) -> None:
    assert form_rows([made(options=("yes", "no"), answer_index=0)]) == []


def test_lengths(made) -> None:
    told = length_rows([made(options=("a", "bbb", "cccccc", "dd"), answer_index=2)])
    assert told == [{"options": 4, "items": 1, "key": 6, "others": 2, "gap": 4}]


def test_a_common_answer_is_found_on_other_patients_only(made) -> None:
    options = ("liver", "spleen", "lung", "heart")
    common = [made(f"a{n}", options=options, answer_index=2) for n in range(30)]
    told = frequent_answer_rows(common)[0]
    assert (told["hits"], told["items"], told["patients"]) == (30, 30, 30)
    of_one = [made(f"b{n}", options=options, answer_index=2, patient="p") for n in range(30)]
    alone = frequent_answer_rows(of_one)[0]  # nothing to learn from: a guess by lot
    assert alone["hits"] < 20
    assert (alone["low"], alone["high"]) == (0.0, 1.0)


def test_open_items_have_no_chance(made) -> None:
    items = [made(f"a{n}", options=(), answer_index=None, answer="12 mm") for n in range(3)]
    assert [(r["form"], r["chance"]) for r in frequent_answer_rows(items)] == [("open", None)]


def test_yes_no(made) -> None:
    yes = [made(f"y{n}", options=("yes", "no"), answer_index=0) for n in range(3)]
    no = [made("n", options=("No", "Yes"), answer_index=0, modality="MR")]
    rows = yes_no_rows([*yes, *no, made("c")])
    assert [(r["modality"], r["yes"], r["items"]) for r in rows] == [
        ("", 3, 4), ("CT", 3, 3), ("MR", 0, 1),
    ]  # fmt: skip


def test_entropy() -> None:
    assert entropy([5]) == 0
    assert entropy([1, 1, 1, 1]) == 2
    assert entropy([3, 1, 0]) == pytest.approx(-(0.75 * log2(0.75) + 0.25 * log2(0.25)))


def test_openings_of_stems(made) -> None:
    stems = ["Which part is shown?", "Which part is seen?", "Where does it lie?"]
    told = stem_rows([made(f"a{n}", stem=s) for n, s in enumerate(stems)])[0]
    assert (told["distinct"], told["openings"]) == (3, 2)
    assert (told["opening"], told["opening_items"]) == ("which part is", 2)
    assert told["entropy"] == pytest.approx(0.918, abs=1e-3)


@pytest.mark.parametrize(
    ("a", "b", "near"),
    [
        ("How long is the mass?", "how long is the mass", True),
        ("Is the 12 mm cyst left?", "Is the 7 mm cyst left?", True),
        ("Is the cyst left?", "Is the cyst right?", False),  # one word of few: another question
        ("Where does the large irregular solid hepatic mass lie?",
         "Where does the large irregular solid splenic mass lie?", True),
        ("Where does the large irregular solid hepatic mass lie?",
         "Where does the large smooth solid splenic mass lie?", False),
        ("Where does the large irregular solid mass lie?",
         "Where does the large irregular solid hepatic mass lie?", True),
    ],
)  # fmt: skip
def test_near_doubles(a: str, b: str, near: bool) -> None:
    assert near_doubles([a, b, "What is the imaging technique?"]) == (2 if near else 0)

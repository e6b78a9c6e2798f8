"""Letters: even everywhere, whatever the order of arrival; the key moves, the others keep theirs."""

import random
from collections import Counter
from itertools import groupby, pairwise

import pytest

from quality.balance.letters import letter_rows, place_keys, relabelled, stratum, uniformity
from quality.balance.order import movable, rising


def counts(items, places, key=lambda item: ()) -> list[Counter]:
    ordered = sorted(items, key=key)
    return [Counter(places[i.id] for i in found) for _, found in groupby(ordered, key=key)]


def test_even_overall_in_strata_and_in_splits(corpus) -> None:
    items = corpus(331)
    places = place_keys(items, "k")
    for key in (
        lambda i: (),
        stratum,
        lambda i: i.question_type,
        lambda i: (*stratum(i), i.split),
    ):
        for found in counts(items, places, key):
            filled = [found[n] for n in range(4)]
            assert max(filled) - min(filled) <= 1, filled


def test_the_order_of_arrival_does_not_matter(corpus) -> None:
    items = corpus(200)
    shuffled = random.Random(1).sample(items, len(items))
    assert place_keys(items, "k") == place_keys(shuffled, "k")
    assert place_keys(items, "k") != place_keys(items, "another key")


def test_letters_do_not_follow_the_text(corpus) -> None:
    """Neighbours by id get no neighbouring letters: the line is drawn by hash."""
    items = corpus(400)
    places = place_keys(items, "k")
    steps = Counter((places[b.id] - places[a.id]) % 4 for a, b in pairwise(items))
    assert min(steps.values()) > 60


def test_numbers_of_options_are_dealt_apart(corpus) -> None:
    items = [*corpus(102, options=3, seed=1), *corpus(101, options=5, seed=2)]
    places = place_keys(items, "k")
    for size in (3, 5):
        found = Counter(places[i.id] for i in items if len(i.options) == size)
        assert set(found) == set(range(size))
        assert max(found.values()) - min(found.values()) <= 1


def test_the_key_moves_and_the_others_keep_their_order(made) -> None:
    moved = relabelled(made(), 0)
    assert moved.options == ("lung", "liver", "spleen", "heart")
    assert moved.key == "lung" == moved.answer
    assert relabelled(made(), 3).options == ("liver", "spleen", "heart", "lung")
    assert relabelled(made(), 2) == made()


@pytest.mark.parametrize(
    ("parts", "moves"),
    [
        ({}, True),
        ({"options": ("Yes", "no"), "answer_index": 0}, False),
        ({"options": ("3 mm", "5 mm", "12 mm"), "answer_index": 0}, False),
        ({"options": ("12 mm", "5.5 mm", "3 mm"), "answer_index": 0}, False),
        ({"options": ("3 mm", "12 mm", "5 mm"), "answer_index": 0}, True),
        ({"options": ("-50 HU", "0 HU", "40 HU"), "answer_index": 0}, False),
        ({"options": ("T1-weighted", "T2-weighted", "FLAIR"), "answer_index": 0}, True),
        ({"options": ("L1", "L2", "L3"), "answer_index": 0}, True),
        ({"options": ("liver", "spleen", "none of the above"), "answer_index": 0}, False),
        ({"options": ("liver", "spleen", "both A and B"), "answer_index": 0}, False),
        ({"rationale": "Option B is wrong since no spleen is seen."}, False),
        ({"rationale": "The best option a reader has is the lung."}, True),
        ({"stem": "Which view (A) is shown?"}, True),
        ({"options": (), "answer_index": None}, False),
        ({"options": ("liver",), "answer_index": 0}, False),
    ],
)
def test_what_may_be_moved(made, parts, moves: bool) -> None:
    assert movable(made(**parts)) is moves


def test_a_single_option_without_number_breaks_the_row() -> None:
    assert rising(["1", "2", "3"])
    assert not rising(["1", "2", "more"])
    assert not rising(["2", "2", "3"])


def test_chi_square_against_a_worked_value() -> None:
    """(10-20)^2/20 * 2 + 0 + 0 = 10 on 3 degrees of freedom: p = 0.018566 (tables: 0.02 at 9.84)."""
    told = uniformity([10, 20, 20, 30])
    assert told == {"items": 80, "chi2": 10.0, "p": 0.018566}
    assert uniformity([4, 4, 5])["p"] is None  # fewer than five expected


def test_rows_tell_crooked_letters_and_keep_the_kinds_apart(made) -> None:
    first = [made(f"qa-{n}", answer_index=0) for n in range(40)]
    numbers = [made(f"n-{n}", options=("1", "2", "3", "4"), answer_index=1) for n in range(3)]
    rows = letter_rows([*first, *numbers, made("y", options=("yes", "no"), answer_index=0)])
    overall = [r for r in rows if not r["question_type"]]
    assert [(r["order"], r["items"]) for r in overall] == [("own", 3), ("even", 40)]
    assert overall[1]["letters"] == {"A": 40, "B": 0, "C": 0, "D": 0}
    assert overall[1]["p"] < 1e-6
    assert len(rows) == 4

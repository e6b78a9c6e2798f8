"""The classifier finds a planted leak, finds none where there is none, and says so when it cannot know."""

import random

import pytest

from quality.balance.clustered import clustered, score_interval
from quality.balance.dropping import drop_answerable
from quality.balance.options_only import ABOVE, AT_CHANCE, TOO_FEW, guesses, options_only_rows
from quality.intervals import Z95, wilson


def told(items):
    return options_only_rows(guesses(items), items)[0]


def test_a_leak_is_found(corpus) -> None:
    row = told(corpus(300, leak=0.4))
    assert row["verdict"] == ABOVE
    assert row["hits"] / row["items"] > 0.4
    assert row["low"] > row["chance"] == 0.25


def test_without_a_leak_it_is_at_chance(corpus) -> None:
    row = told(corpus(300))
    assert row["verdict"] == AT_CHANCE
    assert row["low"] < 0.25 < row["high"]
    assert row["patients"] == 40


def test_too_few_items_or_patients_are_no_pass(corpus, made) -> None:
    row = told(corpus(99, leak=1.0))
    assert row["verdict"] == TOO_FEW
    assert (row["items"], row["hits"], row["low"]) == (99, None, None)
    few = [made(f"a{n}", patient=f"p{n % 5}") for n in range(200)]
    assert told(few)["verdict"] == TOO_FEW


def test_a_patient_is_never_learned_from_and_asked(made) -> None:
    """Every patient has a key of its own in all of its items: known within it, unknown across."""
    draw = random.Random(5)
    items = []
    for patient in range(30):
        words = [f"{chr(97 + patient % 26)}{chr(97 + patient // 26)}{k}" for k in "abcd"]
        for n in range(8):
            options = draw.sample(words, 4)
            parts = {"options": tuple(options), "answer_index": options.index(words[0])}
            items.append(made(f"a{patient}-{n}", patient=f"p{patient}", **parts))
    assert told(items)["verdict"] == AT_CHANCE


def test_the_order_of_arrival_does_not_matter(corpus) -> None:
    items = corpus(150, leak=0.3)
    again = guesses(random.Random(2).sample(items, len(items)))
    assert again == guesses(items)


def test_numbers_of_options_are_judged_apart(corpus) -> None:
    items = [*corpus(150, leak=0.6), *corpus(40, options=5, seed=9)]
    rows = options_only_rows(guesses(items), items)
    assert [(r["options"], r["verdict"]) for r in rows] == [(4, ABOVE), (5, TOO_FEW)]


def test_dropping_ends_at_chance_and_takes_the_leaky_first(corpus) -> None:
    items = corpus(300, leak=0.3)
    dropped = drop_answerable(items, 0.5)
    assert not dropped.spent
    rest = [i for i in items if i.id not in dropped.margins]
    assert told(rest)["verdict"] == AT_CHANCE
    leaky = {i.id for i in items if "enhancement" in i.key}
    assert len(leaky & set(dropped.margins)) > 0.8 * len(dropped.margins)
    assert 20 < len(dropped.margins) < 150


def test_dropping_is_bounded_and_says_when_that_was_not_enough(corpus) -> None:
    items = corpus(300, leak=0.9)
    dropped = drop_answerable(items, 0.05)
    assert dropped.spent
    assert 0 < len(dropped.margins) <= 15
    assert drop_answerable(corpus(300), 0.5).margins == {}


def test_dropping_takes_twins_together(made) -> None:
    """The word of a yes item's option gives it away; its twin falls with it."""
    items = []
    for n in range(150):
        for at, other in ((0, "b"), (1, "a")):
            options = (f"seen {'clearly' if at == 0 else ''} {n}", f"not seen {n}")
            items.append(
                made(f"{'ab'[at]}{n}", options=options, answer_index=at, twin_id=f"{other}{n}",
                     patient=f"p{n % 30}")
            )  # fmt: skip
    dropped = set(drop_answerable(items, 0.5).margins)
    assert dropped
    assert all(i.twin_id in dropped for i in items if i.id in dropped)


def test_one_item_a_patient_is_wilsons_interval_with_students_quantile() -> None:
    found = clustered({f"p{n}": (int(n < 20), 1) for n in range(100)})
    assert found.effective == pytest.approx(99, abs=1)
    low, high = wilson(20, 100)
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.003)
    assert score_interval(0.2, 100, Z95) == pytest.approx((low, high))


def test_patients_who_are_all_or_nothing_count_as_one_item_each() -> None:
    """20 items in 2 patients of 10, all right and all wrong, are worth far less than 20 items."""
    found = clustered({f"p{n}": (10 * (n % 2), 10) for n in range(10)})
    assert found.effective == pytest.approx(9, abs=1)
    assert found.low < 0.25
    assert found.high > 0.75
    assert clustered({"p": (5, 9)}).low == 0.0
    assert clustered({}).share == 0.0


def test_all_right_is_not_certain() -> None:
    found = clustered({f"p{n}": (5, 5) for n in range(8)})
    assert found.effective == 8
    assert 0.5 < found.low < 0.7

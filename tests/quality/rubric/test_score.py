"""Totals against sums by hand."""

import pytest

from quality.rubric.criteria import CRITERIA, Criterion, criteria_of
from quality.rubric.score import Mark, named, score, unmet_essentials

THRESHOLD = 0.967


def marks(*unmet: str, criteria: tuple[Criterion, ...] = CRITERIA) -> list[Mark]:
    assert set(unmet) <= {c.name for c in criteria}
    return [Mark(c, c.name not in unmet) for c in criteria]


def test_the_weights_are_those_of_the_source() -> None:
    """35 essential points, 15 to 17 bonus points; penalties of 2, 1, 2 and 2."""
    of = {
        k: [c.weight for c in CRITERIA if c.category == k]
        for k in ("essential", "bonus", "penalty")
    }
    assert of == {"essential": [5] * 7, "bonus": [4, 3, 3, 3, 2, 1], "penalty": [2, 1, 2, 2]}
    assert len({c.name for c in CRITERIA}) == len(CRITERIA)
    assert all(bool(c.ask) == (c.by == "model") for c in CRITERIA)


@pytest.mark.parametrize(
    ("unmet", "published", "code"),
    [
        ((), 1, 1),
        (("concise",), 15 / 16, 50 / 51),
        (("clear",), 14 / 16, 49 / 51),
        (("no_drift",), 15 / 16, 50 / 51),
        (("no_forbidden_terms",), 14 / 16, 49 / 51),
        (("plausible", "no_inaccuracy"), 10 / 16, 45 / 51),
        (("single_correct",), 1, 46 / 51),  # published: essential criteria are outside the score
        (("concise", "no_drift"), 14 / 16, 49 / 51),
    ],
)
def test_both_ways_of_scoring(unmet: tuple[str, ...], published: float, code: float) -> None:
    assert score(marks(*unmet), "published") == pytest.approx(published)
    assert score(marks(*unmet), "code") == pytest.approx(code)


def test_a_score_is_never_below_zero() -> None:
    all_lost = [Mark(c, False) for c in CRITERIA]
    assert score(all_lost, "published") == score(all_lost, "code") == 0


@pytest.mark.parametrize(("plausible", "concise", "full"), [(3, 1, 50), (4, 1, 51), (4, 2, 52)])
def test_the_code_forgives_one_point_and_the_paper_none(
    plausible: int, concise: int, full: int
) -> None:
    """Over the whole range of weights that the source allows."""
    weights = {"plausible": plausible, "concise": concise, "clear": 1}
    listed = tuple(
        Criterion(c.name, c.title, c.category, weights.get(c.name, c.weight), c.by)
        for c in CRITERIA
    )
    most = (
        sum(c.weight for c in listed if c.category != "penalty") + 1
    )  # "clear" weighs 1 here, not 2
    assert most == full
    one, two = marks("clear", criteria=listed), marks("clear", "no_drift", criteria=listed)
    assert score(one, "code") >= THRESHOLD > score(two, "code")
    assert score(one, "published") < THRESHOLD <= score(marks(criteria=listed), "published")


def test_an_essential_criterion_is_asked_apart() -> None:
    lost = unmet_essentials(marks("no_leak", "clear", "no_drift"))
    assert [m.criterion.title for m in lost] == ["Diagnosis Leak"]
    assert named([Mark(lost[0].criterion, False, "void"), *lost]) == (
        "Diagnosis Leak (void); Diagnosis Leak"
    )
    assert named([]) == ""


def test_what_does_not_apply_is_not_weighed() -> None:
    """Without options there is nothing to be parallel: 30 + 9 points, of which code forgives one."""
    polar = tuple(criteria_of("yes_no"))
    assert sum(c.weight for c in polar if c.category == "essential") == 30
    assert score(marks("concise", criteria=polar), "code") == pytest.approx(38 / 39)
    assert score(marks("clear", criteria=polar), "published") == pytest.approx(7 / 9)
    gone = {c.name for c in CRITERIA} - {c.name for c in criteria_of("open")}
    assert gone == {"one_type", "plausible", "parallel", "no_second_key"}

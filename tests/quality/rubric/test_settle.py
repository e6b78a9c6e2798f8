"""Which failures a verifier can make good, and which nothing can."""

import pytest

from quality.rubric.settle import hopeless, settled, supports
from schemas.verdict import Verdict

FINE = Verdict("form", True)
UNREAD = Verdict("words_known", False, "tentacles", None, "word_unknown")
OPEN_KEY = Verdict("key", False, "'x' is unknown", None, "key_unconfirmed")
WRONG = Verdict("side", False, "right", "left", "side_contradicted")
SILENT = Verdict("negation", False, "no mass", None, "absence_unsupported")
YES = [Verdict("rubric_answer", True), Verdict("rubric_score", True, "1.0000")]
NO = [
    Verdict("rubric_answer", True),
    Verdict("rubric_score", False, "0.9", None, "score_below_threshold"),
]


def released(verdicts: list[Verdict], rubric: list[Verdict]) -> bool:
    return all(v.passed for v in settled(verdicts, rubric))


def test_what_is_undecided_passes_with_the_verifier_and_says_so() -> None:
    made = settled([FINE, UNREAD, OPEN_KEY], YES)
    assert all(v.passed for v in made)
    assert len(made) == 5
    assert made[1] == Verdict(
        "words_known", True, "undecided: word_unknown: tentacles", "verifier supports", None
    )
    assert made[0] == FINE
    assert made[3:] == YES


@pytest.mark.parametrize("rubric", [[], NO, [Verdict("rubric_answer", True)]])
def test_without_support_it_stays_failed(rubric: list[Verdict]) -> None:
    """Not asked; asked and refused; answered, but not judged to the end."""
    made = settled([FINE, UNREAD], rubric)
    assert made[1] == UNREAD
    assert made[2:] == rubric


@pytest.mark.parametrize(
    "rubric",
    [
        [Verdict("rubric_repeat", True, "same")],
        [Verdict("blind_no_image", True, "0 of 3 right")],
        [
            Verdict("rubric_sentence", True),
            Verdict("rubric_region", False, "a", "b", "wrong_region"),
        ],
    ],
)
def test_verdicts_that_judge_no_whole_row_support_nothing(rubric: list[Verdict]) -> None:
    assert not supports(rubric)
    assert not released([UNREAD], rubric)


@pytest.mark.parametrize("bad", [WRONG, SILENT])
def test_a_contradiction_is_final(bad: Verdict) -> None:
    made = settled([bad, UNREAD], YES)
    assert made[0] == bad
    assert made[1] == UNREAD  # nor does what is beside it pass
    assert hopeless([FINE, bad, UNREAD])
    assert not hopeless([FINE, UNREAD, OPEN_KEY])


def test_passed_gates_do_not_overrule_the_verifier() -> None:
    assert released([FINE], YES)
    assert not released([FINE], NO)
    assert settled([FINE], []) == [FINE]

"""Blind tests: who answers right without looking, and what is made of it."""

from dataclasses import replace
from typing import Any

import pytest

from quality.rubric.blind import Blinds, blind_tests
from quality.rubric.choice import DECIDING, TESTS, BlindChoice, VerifyingChoice
from quality.rubric.outcome import Outcome, outcome_of, visual_reliance
from schemas.exchange import Failure, Request, SentImage
from schemas.question import Question
from schemas.verdict import Verdict
from transforms.showing.view import View

OTHER = SentImage(b"other", "0" * 64, 300, 200)
KEY = "pulmonary nodule"


def choice_of(**fields: Any) -> VerifyingChoice:
    return VerifyingChoice(model="judge", repeat=0, repairs=0, blind=BlindChoice(**fields))


def knows(on_trial: Any, *when: int) -> Any:
    """Names the letter of the key in the draws `when`, and in the others another one."""

    def rule(request: Request, name: str, text: str) -> dict[str, str]:
        letters = {t: letter for letter, t in on_trial(request).items()}
        right = letters[KEY]
        return {"answer": right if request.sample in when else next(a for a in "AB" if a != right)}

    return rule


def taken(
    run: Any, view: View, judge: Any, item: Question, choice: VerifyingChoice, **more: Any
) -> Any:
    blinds = Blinds(view.image.data, OTHER) if view.image else None
    return run(blind_tests(view, item, judge, choice, more.pop("blinds", blinds), **more))


@pytest.mark.parametrize(
    ("when", "passed", "measured"),
    [
        ((), True, "0 of 3 right"),
        ((1,), True, "1 of 3 right"),
        ((0, 2), False, "2 of 3 right; answerable blind"),
        ((0, 1, 2), False, "3 of 3 right; answerable blind"),
    ],
)
def test_right_answers_are_counted(
    run: Any, view: View, scripted: Any, on_trial: Any, item: Question,
    when: tuple[int, ...], passed: bool, measured: str,
) -> None:  # fmt: skip
    judge = scripted(blind=knows(on_trial, *when))
    verdicts = taken(run, view, judge, item, choice_of())
    assert [v.gate for v in verdicts] == ["blind_no_image", "blind_options_only"]
    reason = None if passed else "answerable_blind"
    assert {(v.passed, v.measured, v.limit, v.reason) for v in verdicts} == {
        (passed, measured, "fewer than 2", reason)
    }
    marked = taken(run, view, judge, item, choice_of(action="mark"))
    assert {(v.passed, v.measured) for v in marked} == {(True, measured)}


def test_the_limit_is_the_recipes(
    run: Any, view: View, scripted: Any, on_trial: Any, failed: Any, item: Question
) -> None:
    judge = scripted(blind=knows(on_trial, 0, 2))
    assert failed(taken(run, view, judge, item, choice_of(limit=3))) == {}
    assert set(failed(taken(run, view, judge, item, choice_of(samples=1, limit=1)))) == {
        "blind_no_image",
        "blind_options_only",
    }


def test_always_the_same_letter_is_no_knowledge(
    run: Any, view: View, scripted: Any, item: Question
) -> None:
    """Over five draws the key stands once under each letter."""
    judge = scripted(blind=lambda *_: {"answer": "C"})
    verdicts = taken(run, view, judge, item, choice_of(samples=5, limit=2))
    assert {v.measured for v in verdicts} == {"1 of 5 right"}


def test_what_each_test_shows(
    run: Any, view: View, scripted: Any, on_trial: Any, item: Question
) -> None:
    judge = scripted(blind=knows(on_trial, 0))
    verdicts = taken(run, view, judge, item, choice_of(tests=TESTS, samples=1, limit=1))
    assert [v.gate for v in verdicts] == [f"blind_{test}" for test in TESTS]
    shown = dict(zip(TESTS, judge.requests, strict=True))
    pictures = {test: request.messages[-1].images for test, request in shown.items()}
    assert pictures["no_image"] == pictures["options_only"] == ()
    assert pictures["real"] == (view.image,)
    assert pictures["other_image"] == (OTHER,)
    digests = {p[0].sha256 for p in pictures.values() if p}
    assert len(digests) == 4
    assert {(p[0].width, p[0].height) for p in pictures.values() if p} == {(300, 200)}
    texts = {test: request.messages[-1].text for test, request in shown.items()}
    assert [test for test in TESTS if item.question not in texts[test]] == ["options_only"]
    for request in judge.requests:
        assert request.purpose == "blind"
        assert "nodule in" not in str(request.messages)  # no fact, no key
        assert "F1" not in str(request.messages)
    assert [v.limit for v in verdicts if v.limit] == ["fewer than 1"] * len(DECIDING)
    assert {v.gate for v in verdicts if not v.passed} == {"blind_no_image", "blind_options_only"}


def test_a_region_is_masked_and_nothing_else(
    run: Any, view: View, scripted: Any, item: Question
) -> None:
    import io

    import numpy as np
    from PIL import Image

    judge = scripted(blind=lambda *_: {"answer": "A"})
    taken(run, view, judge, item, choice_of(tests=("masked",), samples=1, limit=1))
    sent = judge.requests[0].messages[-1].images[0]
    before, after = (np.asarray(Image.open(io.BytesIO(i.data)), int) for i in (view.image, sent))
    changed = before != after
    assert changed[30:48, 220:244].mean() > 0.5
    assert not changed[:, :150].any()


def test_tests_without_their_picture_are_left_out(
    run: Any, view: View, scripted: Any, item: Question
) -> None:
    judge = scripted(blind=lambda *_: {"answer": "A"})
    every = choice_of(tests=TESTS, samples=1, limit=1)

    def names(of: View, question: Question, blinds: Blinds | None) -> list[str]:
        found = taken(run, of, judge, question, every, blinds=blinds)
        return [v.gate.removeprefix("blind_") for v in found]

    assert names(view, item, None) == ["no_image", "blank", "options_only", "real"]
    free = replace(item, region_ids=[])
    whole = Blinds(view.image.data, OTHER) if view.image else None
    assert "masked" not in names(view, free, whole)
    assert names(replace(view, image=None), item, whole) == ["no_image", "options_only"]
    opened = replace(item, options=[], answer_index=None)
    assert "options_only" not in names(view, opened, whole)
    off = every.model_copy(update={"blind": None})
    assert taken(run, view, judge, item, off) == []


def test_draws_are_draws(run: Any, view: View, scripted: Any, item: Question) -> None:
    judge = scripted(blind=lambda *_: {"answer": "A"})
    taken(run, view, judge, item, choice_of(tests=("no_image",)))
    assert [r.sample for r in judge.requests] == [0, 1, 2]
    assert {r.sampling.temperature for r in judge.requests} == {0.7}
    judge = scripted(blind=lambda *_: {"answer": "A"})
    taken(run, view, judge, item, choice_of(tests=("no_image",), samples=1, limit=1))
    assert [r.sampling.temperature for r in judge.requests] == [0]


@pytest.mark.parametrize(
    ("when", "reason"), [((), None), ((0,), "verifier_failed"), ((0, 1), "answerable_blind")]
)
def test_a_missing_draw_may_leave_it_open(
    run: Any, view: View, scripted: Any, on_trial: Any, item: Question, when: Any, reason: Any
) -> None:
    """One of three is missing: with one right answer it might have been the second."""
    known = knows(on_trial, *when)
    judge = scripted(blind=known)

    async def ask(request: Request) -> Any:
        return (
            Failure("k", "endpoint_unavailable", "503")
            if request.sample == 2
            else await judge(request)
        )

    verdict = taken(run, view, ask, item, choice_of(tests=("no_image",)))[0]
    assert verdict.reason == reason
    assert ", 1 without answer" in verdict.measured
    assert outcome_of(verdict) == Outcome("no_image", len(when), 3, 1)


# -- yes and no: a coin is right every other time


def test_a_polar_item_falls_with_its_twin_alone(
    run: Any, view: View, scripted: Any, failed: Any, on_trial: Any, item: Question
) -> None:
    polar = replace(item, options=["yes", "no"])
    yes = replace(polar, id="y", question="Is there a nodule?", answer="yes", answer_index=0)
    no = replace(polar, id="n", question="Is there an effusion?", answer="no", answer_index=1)

    def says(answers: dict[str, str]) -> Any:
        def rule(request: Request, name: str, text: str) -> dict[str, str]:
            trial = on_trial(request)
            said = answers[trial[""]]
            return {"answer": next(letter for letter, t in trial.items() if t == said)}

        return scripted(blind=rule)

    guesser = says({yes.question: "yes", no.question: "yes"})
    assert failed(taken(run, view, guesser, yes, choice_of(), twin=no)) == {}
    knower = says({yes.question: "yes", no.question: "no"})
    fallen = {"blind_no_image": "answerable_blind"}
    assert failed(taken(run, view, knower, yes, choice_of(), twin=no)) == fallen
    alone = taken(run, view, knower, yes, choice_of())
    assert failed(alone) == {}
    assert alone[0].measured == "3 of 3 right; answerable blind"


# -- open answers


@pytest.mark.parametrize(
    ("fields", "said", "right"),
    [
        ({"answer": "2 nodules"}, "There are 2 nodules.", 3),
        ({"answer": "the left lung"}, "The right lung.", 0),
        ({"answer": "24 mm", "answer_value": 24.4, "unit": "mm", "tolerance": 1.2}, "25 mm", 3),
        ({"answer": "24 mm", "answer_value": 24.4, "unit": "mm", "tolerance": 1.2}, "30 mm", 0),
    ],
)
def test_open_answers_are_compared_by_rule(
    run: Any, view: View, scripted: Any, item: Question, fields: Any, said: str, right: int
) -> None:
    judge = scripted(blind=lambda *_: {"answer": said})
    opened = replace(item, options=[], answer_index=None, **fields)
    verdict = taken(run, view, judge, opened, choice_of(tests=("no_image",)))[0]
    assert verdict.measured.startswith(f"{right} of 3 right")


# -- over a corpus


def told(test: str, right: int, samples: int = 3) -> Verdict:
    return Verdict(f"blind_{test}", True, f"{right} of {samples} right")


def test_visual_reliance() -> None:
    """Item by item: 1 and 2/3 with the own picture, 1/3 and 0 with another's."""
    items = [
        [Verdict("form", True), told("real", 3), told("other_image", 1)],
        [told("other_image", 0), told("real", 2)],
        [told("real", 0)],  # took one of the two only
    ]
    found = visual_reliance(items)
    assert found is not None
    assert found.items == 2
    assert found.real == pytest.approx(5 / 6)
    assert found.other == pytest.approx(1 / 6)
    assert found.difference == pytest.approx(2 / 3)
    assert visual_reliance([[told("real", 1)]]) is None


def test_outcomes_are_read_back() -> None:
    outcome = Outcome("masked", 1, 3, 2)
    assert outcome_of(Verdict("blind_masked", True, outcome.told)) == outcome
    assert outcome.share == 1.0
    assert outcome_of(Verdict("rubric_score", True, "1 of 3 right")) is None
    assert Outcome("blank", 0, 2, 2).share == 0

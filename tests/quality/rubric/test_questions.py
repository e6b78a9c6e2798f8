"""Items before the verifier: answered without the key, then judged by the rubric."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from quality.rubric.choice import VerifyingChoice
from quality.rubric.options import shifts
from quality.rubric.questions import rate_question
from quality.rubric.settle import supports
from schemas.exchange import Failure, Request
from schemas.question import Question
from transforms.showing.view import View

KEY = "pulmonary nodule"
Rate = Callable[..., Any]


@pytest.fixture
def rate(run: Any, view: View, strict: VerifyingChoice) -> Rate:
    def rated(judge: Any, question: Question, **fields: Any) -> Any:
        twin = fields.pop("twin", None)
        choice = strict.model_copy(update=fields)
        return run(rate_question(view, question, judge, choice, twin=twin))

    return rated


def criterion(name: str, **fields: Any) -> Any:
    return lambda request, row, text: fields if row == name else {}


# -- the answer, without the key


def test_a_good_item(rate: Rate, scripted: Any, item: Question) -> None:
    judge = scripted(right=(KEY,))
    verdicts = rate(judge, item)
    assert [(v.gate, v.passed) for v in verdicts] == [
        ("rubric_answer", True),
        ("rubric_essential", True),
        ("rubric_score", True),
    ]
    assert supports(verdicts)
    assert (verdicts[-1].measured, verdicts[-1].limit) == ("1.0000", "0.967 (published)")
    assert {r.purpose for r in judge.requests} == {"judge_question"}
    assert [len(judge.asked(t)) for t in ("judge_options", "judge_question")] == [2, 1]


def test_the_key_is_told_only_once_it_was_found(
    rate: Rate, scripted: Any, item: Question, on_trial: Any
) -> None:
    """Which option is keyed changes nothing in what is asked first."""
    judge, other = scripted(right=(KEY,)), scripted(right=(KEY,))
    rate(judge, item)
    rate(other, replace(item, answer=item.options[3], answer_index=3))
    assert judge.asked("judge_options") == other.asked("judge_options")
    assert other.asked("judge_question") == []  # and a wrong key goes no further
    trials = [on_trial(r) for r in judge.asked("judge_options")]
    assert trials[0]["A"] == KEY
    assert all(trials[0][letter] != trials[1][letter] for letter in "ABCDE")
    assert sorted(trials[0].values()) == sorted(trials[1].values())


@pytest.mark.parametrize(
    ("right", "reason"),
    [
        (("consolidation",), "verifier_contradicts"),
        ((KEY, "consolidation"), "verifier_contradicts"),
        ((), "verifier_undecided"),
    ],
)
def test_the_verifier_must_come_to_the_key_alone(
    rate: Rate, scripted: Any, failed: Any, item: Question, right: tuple[str, ...], reason: str
) -> None:
    assert failed(rate(scripted(right=right), item)) == {"rubric_answer": reason}


def test_a_verifier_that_goes_by_letters_is_found_out(
    rate: Rate, scripted: Any, failed: Any, item: Question
) -> None:
    judge = scripted(judge_options=lambda request, name, text: {"correct": name == "A"})
    assert failed(rate(judge, item)) == {"rubric_answer": "verifier_inconsistent"}
    assert failed(rate(judge, item, orders=1)) == {}  # one order cannot tell


def test_every_order_is_another(rate: Rate, scripted: Any, item: Question) -> None:
    assert shifts(5, 1, "q") == [0]
    for orders in (2, 3, 4):
        moves = shifts(5, orders, "q")
        assert len(set(moves)) == orders
        assert moves[0] == 0
    assert shifts(2, 4, "q") == [0, 1]  # yes and no have two orders
    assert len({tuple(shifts(5, 2, f"q-{n}")) for n in range(40)}) == 4
    judge = scripted(right=(KEY,))
    rate(judge, item, orders=3)
    assert len(judge.asked("judge_options")) == 3


@pytest.mark.parametrize("fields", [{"quote": "unsaid"}, {"refs": ["R9"]}])
def test_a_choice_without_evidence_is_none(
    rate: Rate, scripted: Any, failed: Any, item: Question, fields: Any
) -> None:
    rule = lambda request, name, text: fields if text == KEY else {}  # noqa: E731
    verdicts = rate(scripted(right=(KEY,), judge_options=rule), item)
    assert failed(verdicts) == {"rubric_answer": "verifier_undecided"}
    assert "void" in verdicts[0].measured


# -- the rubric


@pytest.mark.parametrize(
    "name",
    ["self_contained", "vocabulary", "no_leak", "one_type", "clinically_valid", "fits_image"],
)
def test_every_essential_criterion_can_refuse(
    rate: Rate, scripted: Any, failed: Any, item: Question, name: str
) -> None:
    judge = scripted(right=(KEY,), judge_question=criterion(name, met=False))
    assert failed(rate(judge, item)) == {"rubric_essential": "essential_gate"}
    lost = failed(rate(judge, item, scoring="code"))  # there its five points are missed as well
    assert lost == {"rubric_essential": "essential_gate", "rubric_score": "score_below_threshold"}


@pytest.mark.parametrize(
    ("name", "published", "code"),
    [("plausible", "0.7500", "0.9216"), ("parallel", "0.8125", "0.9412"), ("clear", "0.8750", "0.9608"),
     ("no_inaccuracy", "0.8750", "0.9608")],
)  # fmt: skip
def test_points_lost(
    rate: Rate, scripted: Any, failed: Any, item: Question, name: str, published: str, code: str
) -> None:
    judge = scripted(right=(KEY,), judge_question=criterion(name, met=False))
    for scoring, total in (("published", published), ("code", code)):
        verdicts = rate(judge, item, scoring=scoring)
        assert failed(verdicts) == {"rubric_score": "score_below_threshold"}
        assert verdicts[-1].measured.startswith(f"{total}; not met: ")
    assert failed(rate(judge, item, threshold=0.7)) == {}


def test_the_code_forgives_a_point(rate: Rate, scripted: Any, failed: Any, item: Question) -> None:
    judge = scripted(right=(KEY,), judge_question=criterion("no_drift", met=False))
    assert failed(rate(judge, item, scoring="code")) == {}
    assert failed(rate(judge, item)) == {"rubric_score": "score_below_threshold"}


@pytest.mark.parametrize("fields", [{"quote": "never said"}, {"refs": ["F999"]}])
def test_a_void_answer_is_not_met(
    rate: Rate, scripted: Any, failed: Any, item: Question, fields: Any
) -> None:
    """Also of a penalty: what is void never helps an item."""
    for name, gate in (("no_leak", "rubric_essential"), ("no_inaccuracy", "rubric_score")):
        verdicts = rate(scripted(right=(KEY,), judge_question=criterion(name, **fields)), item)
        assert list(failed(verdicts)) == [gate]
        assert "void" in next(v for v in verdicts if not v.passed).measured


def test_what_a_program_can_decide_is_not_asked(
    rate: Rate, scripted: Any, failed: Any, item: Question
) -> None:
    judge = scripted(right=(KEY,))
    stem = "According to the caption, which finding lies in the upper right?"
    verdicts = rate(judge, replace(item, question=stem))
    assert failed(verdicts) == {
        "rubric_essential": "essential_gate",  # Vocabulary Constraint
        "rubric_score": "score_below_threshold",  # Forbidden Terms
    }
    asked = judge.asked("judge_question")[0].schema["properties"]["criteria"]["properties"]
    gone = {
        "answer_field",
        "schema",
        "concise",
        "no_forbidden_terms",
        "single_correct",
        "no_second_key",
    }
    assert not gone & set(asked)
    assert len(asked) == 11


# -- reasons of the writer


def test_the_writers_reason_is_judged_apart(
    rate: Rate, scripted: Any, failed: Any, item: Question
) -> None:
    told = replace(item, rationale="Zebra: the nodule is round.")
    judge = scripted(right=(KEY,))
    verdicts = rate(judge, told)
    assert [v.gate for v in verdicts] == [
        "rubric_answer", "rubric_essential", "rubric_rationale", "rubric_score",
    ]  # fmt: skip
    with_item = [r for r in judge.requests if r.schema["title"] != "judge_sentences"]
    assert "Zebra" not in str([r.messages for r in with_item])
    assert "Zebra" in judge.asked("judge_sentences")[0].messages[-1].text
    bad = scripted(right=(KEY,), judge_sentences=lambda *_: {"verdict": "contradicted"})
    assert failed(rate(bad, told)) == {"rubric_rationale": "verifier_contradicts"}


@pytest.mark.parametrize("title", ["judge_options", "judge_question", "judge_sentences"])
def test_no_usable_answer(
    rate: Rate, scripted: Any, failed: Any, item: Question, title: str
) -> None:
    judge = scripted(right=(KEY,))
    judge.raw[title] = Failure("k", "deadline_exceeded", "180 s")
    verdicts = rate(judge, replace(item, rationale="It is round."))
    assert set(failed(verdicts).values()) == {"verifier_failed"}
    assert [v.measured for v in verdicts if not v.passed] == ["deadline_exceeded"]  # not how long
    assert not supports(verdicts)


# -- yes and no


@pytest.fixture
def twins(item: Question) -> tuple[Question, Question]:
    polar = replace(item, options=["yes", "no"], rationale=None)
    yes = replace(
        polar, id="q-y", question="Is there a nodule?", answer="yes", answer_index=0, twin_id="q-n"
    )
    no = replace(
        polar,
        id="q-n",
        question="Is there an effusion?",
        answer="no",
        answer_index=1,
        twin_id="q-y",
    )
    return yes, no


def by_stem(answers: dict[str, str]) -> Any:
    """Says yes or no by what the question is about."""

    def rule(request: Request, name: str, text: str) -> dict[str, bool]:
        stem = next(w for w in answers if w in request.messages[-1].text.rpartition("QUESTION")[2])
        return {"correct": text == answers[stem]}

    return rule


def test_twins_are_both_asked(
    rate: Rate, scripted: Any, failed: Any, twins: tuple[Question, Question]
) -> None:
    yes, no = twins
    judge = scripted(judge_options=by_stem({"nodule?": "yes", "effusion?": "no"}))
    verdicts = rate(judge, yes, twin=no)
    assert [v.gate for v in verdicts][:2] == ["rubric_answer", "rubric_twin"]
    assert failed(verdicts) == {}
    assert len(judge.asked("judge_options")) == 4
    asked = judge.asked("judge_question")[0].schema["properties"]["criteria"]["properties"]
    assert not {"one_type", "plausible", "parallel"} & set(asked)
    always = scripted(judge_options=by_stem({"nodule?": "yes", "effusion?": "yes"}))
    assert failed(rate(always, yes, twin=no)) == {"rubric_twin": "verifier_inconsistent"}
    assert failed(rate(always, no, twin=yes)) == {"rubric_answer": "verifier_contradicts"}
    assert failed(rate(always, yes)) == {}  # without its twin nobody can tell


def test_yes_without_options_is_asked_as_yes_or_no(
    rate: Rate, scripted: Any, failed: Any, twins: tuple[Question, Question], on_trial: Any
) -> None:
    yes = replace(twins[0], options=[], answer_index=None, answer="Yes")
    judge = scripted(right=("yes",))
    assert failed(rate(judge, yes)) == {}
    assert sorted(on_trial(judge.requests[0]).values()) == ["Is there a nodule?", "no", "yes"]


# -- open answers


@pytest.fixture
def measured(item: Question) -> Question:
    return replace(
        item, question="What is the longest diameter of the larger nodule in millimeters?", options=[],
        answer="24.4 mm", answer_index=None, answer_value=24.4, unit="mm", tolerance=1.2,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("24.4 mm", None),
        ("25 mm", None),
        ("2.4 cm", None),
        ("24", None),  # the stem says in what
        ("26 mm", "verifier_contradicts"),
        ("24 cm", "verifier_contradicts"),
        ("24 px", "verifier_contradicts"),
        ("24 x 20 mm", "verifier_contradicts"),
        ("cannot be told", "verifier_contradicts"),
    ],
)
def test_a_measured_answer_is_compared_by_rule(
    rate: Rate, scripted: Any, failed: Any, measured: Question, said: str, reason: str | None
) -> None:
    judge = scripted(own=said)
    expected = {"rubric_answer": reason} if reason else {}
    assert failed(rate(judge, measured)) == expected
    assert judge.asked("judge_same") == []
    assert "24.4" not in judge.requests[0].messages[-1].text.rpartition("QUESTION")[2]


def test_a_share_may_be_said_in_percent(
    rate: Rate, scripted: Any, failed: Any, measured: Question
) -> None:
    share = replace(measured, answer="0.12", answer_value=0.12, unit="1", tolerance=0.01)
    assert failed(rate(scripted(own="12%"), share)) == {}
    assert failed(rate(scripted(own="0.125"), share)) == {}
    assert failed(rate(scripted(own="14%"), share)) == {"rubric_answer": "verifier_contradicts"}


@pytest.fixture
def spoken(item: Question) -> Question:
    return replace(item, options=[], answer="the pulmonary nodule", answer_index=None)


def test_an_answer_in_words(rate: Rate, scripted: Any, failed: Any, spoken: Question) -> None:
    exact = scripted(own="Pulmonary nodule.")
    assert failed(rate(exact, spoken)) == {}
    assert exact.asked("judge_same") == []
    other = scripted(own="a lung nodule")
    assert failed(rate(other, spoken)) == {}
    assert len(other.asked("judge_same")) == 2  # in both orders
    no = scripted(own="a cyst", judge_same=lambda *_: {"same": False})
    assert failed(rate(no, spoken)) == {"rubric_answer": "verifier_contradicts"}
    first = lambda request, *_: {"same": "first: a cyst" in request.messages[-1].text}  # noqa: E731
    assert failed(rate(scripted(own="a cyst", judge_same=first), spoken)) == {
        "rubric_answer": "verifier_undecided"
    }
    void = scripted(own="Pulmonary nodule.", judge_open=lambda *_: {"quote": "unsaid"})
    assert failed(rate(void, spoken)) == {"rubric_answer": "verifier_undecided"}


def test_a_count_in_words_and_digits(
    rate: Rate, scripted: Any, failed: Any, spoken: Question
) -> None:
    count = replace(spoken, question="How many nodules are there?", answer="2")
    assert failed(rate(scripted(own="two"), count)) == {}
    wrong = scripted(own="three")
    assert failed(rate(wrong, count)) == {"rubric_answer": "verifier_contradicts"}
    assert wrong.asked("judge_same") == []


# -- several images


def test_only_the_images_of_the_item_are_shown(
    run: Any, view: View, strict: VerifyingChoice, scripted: Any, item: Question
) -> None:
    second = replace(view, sheet=replace(view.sheet, image=replace(view.sheet.image, id="img-2")))
    third = replace(view, sheet=replace(view.sheet, image=replace(view.sheet.image, id="img-3")))
    both = replace(view, others=(third, second))
    one, two = scripted(right=(KEY,)), scripted(right=(KEY,))
    run(rate_question(both, item, one, strict))
    assert {len(r.messages[-1].images) for r in one.requests} == {1}
    run(rate_question(both, replace(item, more_image_ids=["img-2"]), two, strict))
    assert {len(r.messages[-1].images) for r in two.requests} == {2}
    names = two.requests[0].schema["properties"]["options"]["properties"]["A"]["properties"]["refs"]
    assert "I2F1" in names["items"]["enum"]
    assert "I3F1" not in names["items"]["enum"]
    with pytest.raises(ValueError, match="img-9 is not in the view"):
        run(rate_question(both, replace(item, more_image_ids=["img-9"]), one, strict))


def test_the_slice_that_is_judged_twice(
    rate: Rate, scripted: Any, failed: Any, item: Question
) -> None:
    rule = lambda request, name, text: {"met": name != "clear" or request.sample == 0}  # noqa: E731
    verdicts = rate(scripted(right=(KEY,), judge_question=rule), item, repeat=1)
    assert failed(verdicts) == {}
    assert verdicts[-1].gate == "rubric_repeat"
    assert verdicts[-1].measured.count("clear") == 1
    told = rate(scripted(right=(KEY,)), replace(item, rationale="It is round."), repeat=1)
    assert told[-1].measured == "same"
    assert [v.gate for v in told].count("rubric_rationale") == 1

"""Dialogues: gates of every turn, then the verifier on turns and whole."""

from dataclasses import replace
from typing import Any

import pytest

from quality.gates.undecided import contradictions, is_undecided
from quality.judging import judge_conversations
from quality.rubric.choice import VerifyingChoice
from quality.rubric.conversations import rate_conversation
from quality.rubric.settle import settled, supports
from schemas.conversation import Conversation, Turn
from schemas.exchange import Failure
from transforms.prompting.aliases import Aliases
from transforms.sheet import FactSheet
from transforms.showing.view import View


@pytest.fixture
def talk(chest: FactSheet) -> Conversation:
    fact = chest.about("small", "position")[0].id
    size = chest.about("small", "major_axis")[0].id
    return Conversation(
        "talk-1", chest.image.id,
        [
            Turn("user", "Where does the smaller nodule lie?"),
            Turn("assistant", "The smaller nodule lies in the upper right of the image.", ["small", "large"], [fact]),
            Turn("user", "How long is it?"),
            Turn("assistant", "The nodule measures 12 mm.", ["small"], [size]),
        ],
    )  # fmt: skip


def turned(talk: Conversation, at: int, **fields: Any) -> Conversation:
    turns = list(talk.turns)
    turns[at] = replace(turns[at], **fields)
    return replace(talk, turns=turns)


def gates(sheet: FactSheet, talk: Conversation) -> dict[str, str | None]:
    return {v.gate: v.reason for v in judge_conversations(sheet, [talk], [])[0] if not v.passed}


def test_a_true_dialogue_passes_every_gate(chest: FactSheet, talk: Conversation) -> None:
    assert gates(chest, talk) == {}
    names = [v.gate for v in judge_conversations(chest, [talk], [])[0]]
    assert len(names) == len(set(names))
    assert {"turns", "position", "stem", "stem_leak"} <= set(names)


@pytest.mark.parametrize(
    ("at", "fields", "gate", "reason"),
    [
        (3, {"text": "The nodule measures 24 mm."}, "number_and_unit", "number_contradicted"),
        (3, {"text": "It lies on the patient's right."}, "side", "side_contradicted"),
        (1, {"fact_ids": []}, "basis", "rests_on_nothing"),
        (3, {"region_ids": ["nowhere"]}, "ids", "id_unknown"),
        (0, {"text": "Where does the metastasis lie?"}, "stem", "finding_unsupported"),
        (0, {"text": "According to the caption, where is the nodule?"}, "forbidden_words", "forbidden_words"),
        (0, {"text": "where does it lie?"}, "form", "text_malformed"),
        (0, {"text": "Does it lie in the upper right, or where?"}, "stem_leak", None),
        (2, {"text": "Which nodule measures 12 mm?"}, "stem_leak", "answer_in_stem"),
        (0, {"role": "assistant"}, "turns", "text_malformed"),
    ],
)  # fmt: skip
def test_a_fault_of_one_turn(
    chest: FactSheet, talk: Conversation, at: int, fields: Any, gate: str, reason: str | None
) -> None:
    assert gates(chest, turned(talk, at, **fields)).get(gate) == reason


def test_the_dialogue_is_whole_and_of_its_image(chest: FactSheet, talk: Conversation) -> None:
    assert "turns" in gates(chest, replace(talk, turns=talk.turns[:3]))
    assert "turns" in gates(chest, replace(talk, turns=[]))
    assert "turns" in gates(chest, replace(talk, image_id="img-9"))


def test_a_contradiction_is_told_before_an_unread_word(
    chest: FactSheet, talk: Conversation
) -> None:
    """Over all turns of a gate, and over all gates."""
    odd = turned(
        turned(talk, 1, text="The nodule has tentacles."), 3, text="The nodule measures 24 mm."
    )
    verdicts = judge_conversations(chest, [odd], [])[0]
    assert [v.gate for v in contradictions(verdicts)] == ["number_and_unit", "region"]
    assert [v.gate for v in verdicts if is_undecided(v)] == ["words_known"]
    asked = turned(talk, 0, text="Does the smaller nodule show tentacles?")
    assert gates(chest, asked) == {"words_known": "word_unknown"}


# -- the verifier


def rate(run: Any, view: View, judge: Any, talk: Conversation, choice: VerifyingChoice) -> Any:
    return run(rate_conversation(view, talk, judge, choice))


def test_a_good_dialogue(
    run: Any, view: View, strict: Any, scripted: Any, talk: Conversation, on_trial: Any
) -> None:
    judge = scripted()
    verdicts = rate(run, view, judge, talk, strict)
    assert [v.gate for v in verdicts] == [
        "rubric_turns", "rubric_region", "rubric_user_turns", "rubric_conversation",
    ]  # fmt: skip
    assert supports(verdicts)
    assert [r.purpose for r in judge.requests] == ["judge_conversation"]
    assert on_trial(judge.requests[0]) == dict(
        zip(["Q1", "A1", "Q2", "A2"], [t.text for t in talk.turns], strict=True)
    )


@pytest.mark.parametrize(
    ("name", "fields", "gate", "reason"),
    [
        ("A2", {"verdict": "contradicted"}, "rubric_turns", "verifier_contradicts"),
        ("A1", {"verdict": "not_decidable"}, "rubric_turns", "verifier_undecided"),
        (
            "A1",
            {"quote": "measures 12 mm"},
            "rubric_turns",
            "verifier_undecided",
        ),  # of another turn
        ("Q2", {"good": False}, "rubric_user_turns", "essential_gate"),
        ("Q1", {"quote": "unsaid"}, "rubric_user_turns", "essential_gate"),
        ("whole", {"good": False}, "rubric_conversation", "essential_gate"),
        ("whole", {"refs": ["R9"]}, "rubric_conversation", "essential_gate"),
    ],
)
def test_what_a_verifier_can_refuse(
    run: Any, view: View, strict: Any, scripted: Any, failed: Any, talk: Conversation,
    name: str, fields: Any, gate: str, reason: str,
) -> None:  # fmt: skip
    judge = scripted(judge_conversation=lambda request, row, text: fields if row == name else {})
    verdicts = rate(run, view, judge, talk, strict)
    assert failed(verdicts) == {gate: reason}
    assert not supports(verdicts)


def test_a_contradicted_turn_speaks_before_an_undecided_one(
    run: Any, view: View, strict: Any, scripted: Any, failed: Any, talk: Conversation
) -> None:
    said = {"A1": "not_decidable", "A2": "contradicted"}
    rule = lambda request, row, text: {"verdict": said[row]} if row in said else {}  # noqa: E731
    verdicts = rate(run, view, scripted(judge_conversation=rule), talk, strict)
    assert failed(verdicts) == {"rubric_turns": "verifier_contradicts"}
    assert verdicts[0].measured.startswith("A2")


def test_a_turn_of_another_region(
    run: Any, view: View, strict: Any, scripted: Any, failed: Any, talk: Conversation
) -> None:
    large = Aliases(view).of("large")
    rule = lambda request, row, text: {"refs": [large]} if row == "A2" else {}  # noqa: E731
    verdicts = rate(run, view, scripted(judge_conversation=rule), talk, strict)
    assert failed(verdicts) == {"rubric_region": "wrong_region"}


def test_no_answer_and_second_answers(
    run: Any, view: View, strict: Any, scripted: Any, failed: Any, talk: Conversation
) -> None:
    judge = scripted()
    judge.raw["judge_conversation"] = Failure("k", "endpoint_unavailable", "503")
    assert failed(rate(run, view, judge, talk, strict)) == {
        "rubric_conversation": "verifier_failed"
    }
    twice = strict.model_copy(update={"repeat": 1})
    rule = lambda request, row, text: {"good": request.sample == 0} if row == "whole" else {}  # noqa: E731
    verdicts = rate(run, view, scripted(judge_conversation=rule), talk, twice)
    assert verdicts[-1].measured == "supported, then rubric_conversation"
    assert failed(verdicts) == {}


def test_an_unread_word_of_a_turn_is_settled_by_the_verifier(
    run: Any, view: View, strict: Any, scripted: Any, talk: Conversation
) -> None:
    odd = turned(talk, 3, text="The nodule has tentacles of 12 mm.")
    marks = judge_conversations(view.sheet, [odd], [])[0]
    assert not all(v.passed for v in settled(marks, []))
    assert all(v.passed for v in settled(marks, rate(run, view, scripted(), odd, strict)))

"""The table tells judges apart: one that knows the truth, one that approves, one that guesses."""

import asyncio
from pathlib import Path

import pytest

from quality.probe.exhibit import Exhibit
from quality.probe.judge import JudgeProbe, Verifier, sit
from quality.probe.judge_kinds import KINDS
from quality.probe.judge_score import JudgeScore, Opinion, total
from quality.probe.material import Item, drawn_items
from quality.probe.pictures import drawn_pictures
from quality.probe.run import IN_QUESTIONS
from quality.rubric.choice import VerifyingChoice
from schemas.exchange import Answer, Ask, Failure, Request
from schemas.sentence import Sentence
from schemas.verdict import Verdict
from tests.quality.probe.judges import Truth, approving, guessing
from transforms.showing.copies import sent_copy
from transforms.showing.view import View

COUNT, PER_KIND = 28, 3
CHOICE = VerifyingChoice(model="judge", blind=None, repairs=0, repeat=0)
EYES = ("mirrored region", "swapped picture")
"""Kinds in which words and sheet agree."""
OF_QUESTIONS = (
    *IN_QUESTIONS,
    "mixed options",
    "approval in a stem",
    "approval in an option",
    "swapped picture",
)
"""Kinds with questions: who finds every option right never comes to the key alone."""


@pytest.fixture(scope="module")
def items() -> list[Item]:
    return list(drawn_items(COUNT, 0))


@pytest.fixture(scope="module")
def probe(items: list[Item]) -> JudgeProbe:
    return JudgeProbe(items, per_kind=PER_KIND)


def shown(exhibit: Exhibit) -> View:
    image, scale = sent_copy(PICTURES(exhibit.picture), side=512)
    return View(exhibit.sheet, exhibit.passages, image, None, scale)


PICTURES = drawn_pictures(COUNT, 0)


def judged(probe: JudgeProbe, ask: Ask) -> dict[str, JudgeScore]:
    async def all_sittings() -> dict[str, Opinion]:
        verifier = Verifier(ask, CHOICE, shown)
        told = [await sit(sitting, verifier) for sitting in probe.sittings]
        return {key: opinion for part in told for key, opinion in part.items()}

    return {s.kind: s for s in probe.scores(asyncio.run(all_sittings()))}


def test_one_who_knows_the_truth_catches_all_and_refuses_nothing(
    probe: JudgeProbe, items: list[Item]
) -> None:
    scores = judged(probe, Truth(items, shown, 0, PER_KIND).ask())
    assert {k: s.missed for k, s in scores.items() if s.missed} == {}
    assert {k: s.lost for k, s in scores.items() if s.lost} == {}
    assert {k: s.planted - s.caught["verifier"] for k, s in scores.items()} == dict.fromkeys(
        scores, 0
    )


def test_one_who_approves_catches_nothing_that_gates_do_not(probe: JudgeProbe) -> None:
    scores = judged(probe, approving())
    for kind, score in scores.items():
        if kind not in OF_QUESTIONS:
            assert score.caught["verifier"] == 0, kind
            assert score.caught["both"] == score.caught["gates"], kind
            assert score.refused["verifier"] == 0, kind
    mirrored = scores["mirrored region"]
    assert mirrored.planted == PER_KIND
    assert mirrored.caught == {"gates": 0, "verifier": 0, "both": 0}
    assert mirrored.verified(0.1) is False
    assert scores["side flip"].caught["both"] == PER_KIND  # by the gates


def test_what_gates_leave_open_is_the_verifiers_alone(probe: JudgeProbe, items: list[Item]) -> None:
    kind = "severity change"
    gullible = judged(probe, approving())[kind]
    strict = judged(probe, Truth(items, shown, 0, PER_KIND).ask())[kind]
    assert gullible.undecided == strict.undecided == PER_KIND
    assert (gullible.caught["both"], strict.caught["both"]) == (0, PER_KIND)


def test_one_who_guesses_loses_good_rows(probe: JudgeProbe) -> None:
    all_of_it = total(list(judged(probe, guessing(0.5)).values()))
    assert 0.2 < all_of_it.caught["verifier"] / all_of_it.planted < 0.95
    assert 0.3 < all_of_it.refused["verifier"] / all_of_it.controls < 0.95


def test_a_verifier_that_does_not_answer_is_credited_with_nothing(probe: JudgeProbe) -> None:
    async def silent(request: Request) -> Answer | Failure:
        return Failure("k", "endpoint_unavailable", "no answer")

    scores = judged(probe, silent)
    for kind in EYES:
        assert scores[kind].caught["both"] == 0
        assert scores[kind].unanswered == scores[kind].planted
        assert scores[kind].refused["both"] == scores[kind].controls  # nothing is released either


def test_no_sitting_shows_two_versions_of_a_row_or_says_which_is_planted(probe: JudgeProbe) -> None:
    for sitting in probe.sittings:
        assert len({b.origin for b in sitting}) == len(sitting)
        assert len({b.exhibit.key for b in sitting}) == 1
        if any(b.alone for b in sitting):
            assert len(sitting) == 1
        assert len(sitting) == 1 or all(isinstance(b.row, Sentence) for b in sitting)


def test_requests_do_not_depend_on_the_order_of_the_items(items: list[Item]) -> None:
    """A probe run again asks the same, so the store answers it."""
    requests: list[set[str]] = []
    for found in (items[:8], items[7::-1]):
        asked: set[str] = set()

        async def note(request: Request, into: set[str] = asked) -> Answer | Failure:
            into.add(repr([m.text for m in request.messages]) + repr(request.schema))
            return Failure("k", "endpoint_unavailable", "")

        judged(JudgeProbe(found, per_kind=2), note)
        requests.append(asked)
    assert requests[0] == requests[1]


def test_an_unanswered_row_counts_against_both_sides() -> None:
    gates = [Verdict("words_known", False, "mild", None, "word_unknown")]
    lost = Opinion(gates, [Verdict("rubric_sentence", False, None, None, "verifier_failed")])
    assert lost.undecided
    assert lost.caught() == {"gates": False, "verifier": False, "both": False}
    assert lost.refused() == {"gates": False, "verifier": True, "both": True}


@pytest.mark.parametrize(("caught", "verified"), [(35, True), (34, False)])
def test_a_kind_is_verified_by_the_lower_bound(caught: int, verified: bool) -> None:
    """35 of 35 begins at 0.901, 34 of 35 at 0.855 (Wilson)."""
    score = JudgeScore(
        "side flip", 35, 35, caught=dict.fromkeys(("gates", "verifier", "both"), caught)
    )
    assert score.verified(0.9) is verified
    assert score.as_json(0.9)["verified"] is verified


@pytest.mark.parametrize(("refused", "verified"), [(28, True), (33, False)])
def test_who_refuses_clean_rows_as_well_verifies_nothing(refused: int, verified: bool) -> None:
    """35 of 35 begins at 0.901; 28 of 35 refused ends at 0.900, 33 at 0.984 (Wilson)."""
    counts = {"gates": 0, "verifier": refused, "both": refused}
    caught = {"gates": 0, "verifier": 35, "both": 35}
    score = JudgeScore("side flip", 35, 35, caught=caught, refused=counts)
    assert score.discriminates is verified
    assert score.verified(0.9) is verified


def test_every_kind_has_a_line_in_the_docs() -> None:
    docs = Path(__file__).resolve().parents[3] / "docs"
    pages = "".join((docs / name).read_text("utf-8") for name in ("gates.md", "probe.md"))
    assert [k for k in KINDS if f"| {k} |" not in pages] == []

"""A conversation before the verifier: turn by turn, and as a whole.

An assistant's turn is judged like a sentence. A user's turn must not tell what is only answered later.
The dialogue must not contradict itself, and later turns lean on earlier ones, so it stands or falls as one.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from quality.gates.conversations import judge_conversations
from quality.rubric.bench import TEXT_LIMIT, Bench, no_answer, put, repeat_verdict
from quality.rubric.choice import VerifyingChoice
from quality.rubric.evidence import Evidence, evidence_of, row_schema
from quality.rubric.judgement import Judgement, judgement_of, verdict_schema
from quality.rubric.options import FLAG
from quality.rubric.pointing import judge_pointing
from quality.rubric.together import together
from schemas.conversation import Conversation, Turn
from schemas.exchange import Ask
from schemas.verdict import Verdict
from transforms.prompting.answer_schema import record
from transforms.prompting.fence import clean
from transforms.showing.view import View

__all__ = ["judge_conversations", "rate_conversation"]

PURPOSE = "judge_conversation"
TURNS, ASKED, WHOLE = "rubric_turns", "rubric_user_turns", "rubric_conversation"


async def rate_conversation(
    view: View, conversation: Conversation, ask: Ask, choice: VerifyingChoice
) -> list[Verdict]:
    """The verdicts of the verifier on one conversation. Exceptions of `ask` pass through.

    rubric_turns         every turn of the assistant is supported
    rubric_region        and, where it names regions, not by other regions alone
    rubric_user_turns    no turn of the user tells what is answered later
    rubric_conversation  no turn contradicts another
    rubric_repeat        for a keyed slice: what a second asking gave
    """
    keep = [i for t in conversation.turns for i in (*t.region_ids, *t.fact_ids, *t.passage_ids)]
    keep_once = tuple(dict.fromkeys(keep))
    bench = Bench(replace(view, others=()), ask, choice, conversation.id, keep_once)
    asked = [_asked(bench, conversation, n) for n in range(1 + bench.repeated)]
    first, *again = await together(asked)
    if isinstance(first, Verdict):
        return [first]
    verdicts = _verdicts(bench, conversation, first)
    return verdicts + [_repeat(verdicts, bench, conversation, second) for second in again]


async def _asked(bench: Bench, conversation: Conversation, sample: int) -> dict[str, Any] | Verdict:
    """The rows of the answer: by name of the turn, and "whole"."""
    turns = [[n, t.role, clean(t.text, TEXT_LIMIT)] for n, t in _named(conversation.turns)]
    flag = {"good": FLAG}
    rows = {
        name: verdict_schema(name, bench.aliases)
        if role == "assistant"
        else row_schema(name, bench.aliases, flag)
        for name, role, _ in turns
    }
    answers = {"turns": record("turns", rows), "whole": row_schema("whole", bench.aliases, flag)}
    reply = await put(
        bench, PURPOSE, PURPOSE, answers, texts=[text for *_, text in turns],
        data={"turns": turns}, sample=sample,
    )  # fmt: skip
    if reply.value is None:
        return no_answer(WHOLE, reply)
    return {**reply.value["turns"], "whole": reply.value["whole"]}


def _named(turns: Sequence[Turn]) -> list[tuple[str, Turn]]:
    """Each turn with its name: Q1, A1, Q2, A2, ..."""
    names = {"user": "Q", "assistant": "A"}
    return [(f"{names[t.role]}{n // 2 + 1}", t) for n, t in enumerate(turns)]


def _verdicts(bench: Bench, conversation: Conversation, rows: dict[str, Any]) -> list[Verdict]:
    named = _named(conversation.turns)
    said = {n: judgement_of(rows[n], t.text, bench) for n, t in named if t.role == "assistant"}
    asked = {n: _flag(bench, rows[n], [t.text]) for n, t in named if t.role == "user"}
    pointed = [
        v for n, t in named if n in said
        for v in judge_pointing(bench.view.sheet, t.region_ids, said[n])
    ]  # fmt: skip
    astray = [v for v in pointed if not v.passed][:1] or pointed[:1]
    whole = {"the whole": _flag(bench, rows["whole"], [t.text for _, t in named])}
    return [_of_turns(said), *astray, _of_flags(ASKED, asked), _of_flags(WHOLE, whole)]


def _of_turns(said: dict[str, Judgement]) -> Verdict:
    """The first contradicted turn speaks for all, then the first that cannot be decided."""
    failed = [(n, j) for n, j in said.items() if not j.supported]
    failed.sort(key=lambda one: one[1].reason != "verifier_contradicts")
    if not failed:
        return Verdict(TURNS, True, f"{len(said)} turns", "all supported")
    name, worst = failed[0]
    return Verdict(TURNS, False, f"{name} {worst.told}", "all supported", worst.reason)


def _flag(bench: Bench, row: dict[str, Any], texts: Sequence[str]) -> tuple[bool, Evidence]:
    evidence = evidence_of(row, texts, bench.aliases)
    return bool(row["good"]) and not evidence.void, evidence


def _of_flags(gate: str, flags: dict[str, tuple[bool, Evidence]]) -> Verdict:
    bad = [
        f"{n}: {e}{f'; void: {e.void}' if e.void else ''}"
        for n, (good, e) in flags.items()
        if not good
    ]
    reason = "essential_gate" if bad else None
    return Verdict(gate, not bad, "; ".join(bad[:2]) or f"{len(flags)} judged", "all", reason)


def _repeat(
    before: list[Verdict],
    bench: Bench,
    conversation: Conversation,
    second: dict[str, Any] | Verdict,
) -> Verdict:
    now = None if isinstance(second, Verdict) else _failing(_verdicts(bench, conversation, second))
    return repeat_verdict(_failing(before), now)


def _failing(verdicts: list[Verdict]) -> str:
    return ", ".join(v.gate for v in verdicts if not v.passed) or "supported"

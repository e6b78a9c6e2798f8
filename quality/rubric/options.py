"""The verifier answers the item itself, without the key, in several orders of the options.

Approval is cheap: a model that is shown a key and asked whether it is right tends to say yes
(sycophancy, arXiv 2310.13548), and one in three verdicts changes with the order of what is judged
(Zheng et al. 2023, arXiv 2306.05685). So nothing is approved here. Each option is judged by itself, none
marked, and the program compares: every order must give the same options, and these must be the key.
That is stronger than approval, and it tells a second true option from a wrong key.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from quality.rubric.bench import TEXT_LIMIT, Bench, no_answer, put
from quality.rubric.evidence import Evidence, evidence_of, row_schema
from quality.rubric.together import together
from schemas.ids import digest
from schemas.verdict import Verdict
from transforms.prompting.answer_schema import record
from transforms.prompting.fence import clean

PURPOSE = "judge_question"
PROMPT = "judge_options"
GATE = "rubric_answer"
LETTERS = "ABCDEFGHIJ"
FLAG = {"type": "boolean"}


@dataclass(frozen=True)
class Chosen:
    """The options held to be right, by their place in the item; evidence of every option, by place."""

    places: frozenset[int]
    evidence: dict[int, Evidence]


def shifts(count: int, orders: int, *key: str) -> list[int]:
    """By how many places the options are moved round in each order: 0, then others by keyed draw.

    Moved round, every option gets another letter; reversed, the middle one would keep its own.
    """
    further = sorted(range(1, count), key=lambda n: digest("shift", *key, n))
    return [0, *further[: orders - 1]]


async def choose(
    bench: Bench, stem: str, options: Sequence[str], *, sample: int = 0
) -> list[Chosen] | Verdict:
    """What is chosen in each order; or the verdict that an answer did not come."""
    moves = shifts(len(options), bench.choice.orders, bench.subject)
    found = await together(_chosen(bench, stem, options, move, sample) for move in moves)
    chosen = [c for c in found if isinstance(c, Chosen)]
    failed = [c for c in found if isinstance(c, Verdict)]
    return failed[0] if failed else chosen


async def _chosen(
    bench: Bench, stem: str, options: Sequence[str], move: int, sample: int
) -> Chosen | Verdict:
    stem, shown = clean(stem, TEXT_LIMIT), [clean(o, TEXT_LIMIT) for o in options]
    places = [*range(move, len(shown)), *range(move)]  # of the options, in the order shown
    letters = LETTERS[: len(shown)]
    rows = {a: row_schema(a, bench.aliases, {"correct": FLAG}) for a in letters}
    lettered = [[a, shown[p]] for a, p in zip(letters, places, strict=True)]
    reply = await put(
        bench, PURPOSE, PROMPT, {"options": record("options", rows)},
        texts=[stem, *shown], data={"stem": stem, "options": lettered}, sample=sample,
    )  # fmt: skip
    if reply.value is None:
        return no_answer(GATE, reply)
    said = reply.value["options"]
    evidence = {
        p: evidence_of(said[a], [stem, shown[p]], bench.aliases)
        for a, p in zip(letters, places, strict=True)
    }
    right = {
        p
        for a, p in zip(letters, places, strict=True)
        if said[a]["correct"] and not evidence[p].void
    }
    return Chosen(frozenset(right), evidence)


def judge_choice(chosen: Sequence[Chosen], options: Sequence[str], key: int) -> Verdict:
    """Passed where every order gives the key and nothing else."""
    told = [" and ".join(options[p] for p in sorted(c.places)) or "none" for c in chosen]
    first, limit = chosen[0], options[key]
    if len(set(told)) == 1 and first.places == {key}:
        found = f"{told[0]}, in {len(chosen)} orders: {first.evidence[key]}"
        return Verdict(GATE, True, found, limit)
    void = sorted({e.void for c in chosen for e in c.evidence.values() if e.void})
    found = " / ".join(dict.fromkeys(told)) + (f"; void: {', '.join(void)}" if void else "")
    if len(set(told)) > 1:
        return Verdict(GATE, False, found, limit, "verifier_inconsistent")
    reason = "verifier_contradicts" if first.places else "verifier_undecided"
    return Verdict(GATE, False, found, limit, reason)

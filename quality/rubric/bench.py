"""Putting a question to the verifier: what it is shown, how it must answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from quality.rubric.choice import VerifyingChoice
from schemas.exchange import Ask, Message, Request, Sampling
from schemas.ids import digest, pick
from schemas.verdict import Verdict
from transforms.prompting.aliases import Aliases
from transforms.prompting.answer_schema import Schema, code_for, one_of, record
from transforms.prompting.asking import Reply, ask_json
from transforms.prompting.prompt import Prompt, load_prompt
from transforms.prompting.sheet_text import pictures_of, sheet_data
from transforms.showing.view import View

PACKAGE = "quality.rubric"
TEXT_LIMIT = 1000  # characters of a text on trial
_SLICES = 1_000_000


@dataclass(frozen=True)
class Bench:
    """One thing on trial. view: what the judge is shown; subject: id of the image or the question.

    keep: ids that the text on trial rests on, so that they are among what is shown. Which of the
    shown ones the writer named is not told: a judge that finds its own evidence notices a wrong name.
    """

    view: View
    ask: Ask
    choice: VerifyingChoice
    subject: str
    keep: tuple[str, ...] = ()

    @cached_property
    def aliases(self) -> Aliases:
        return Aliases(self.view, keep=self.keep)

    def prompt(self, name: str) -> Prompt:
        """The shipped prompt, or the one of the recipe's folder."""
        return load_prompt(PACKAGE, name, self.choice.prompts)

    @property
    def repeated(self) -> bool:
        """Is this one of the slice that is judged twice? A keyed draw by subject."""
        return pick(_SLICES, "repeat", self.subject) < self.choice.repeat * _SLICES


async def put(
    bench: Bench,
    purpose: str,
    prompt: str,
    answers: Mapping[str, Schema],
    *,
    texts: Sequence[str],
    data: Mapping[str, Any],
    sample: int = 0,
) -> Reply:
    """Ask at temperature 0 with the sheet and pictures of the bench; the answer is JSON.

    texts: all that stands inside the fence beside the sheet. data: names of the prompt (JSON values).
    answers: the properties of the answer beside its code. Exceptions of `ask` pass through.
    """
    system, user = bench.prompt("judge_system"), bench.prompt(prompt)
    sha = digest(system.sha256, user.sha256)
    shown = sheet_data(bench.view, bench.aliases, also=texts)
    code = code_for(prompt, bench.subject, sha, shown, dict(data))
    request = Request(
        purpose,
        bench.subject,
        (
            Message("system", system.render()),
            Message("user", user.render(**shown, **data, code=code), pictures_of(bench.view)),
        ),
        record(prompt, {"code": one_of([code]), **answers}),
        Sampling(max_tokens=bench.choice.max_tokens),
        sample,
        sha,
    )
    return await ask_json(bench.ask, request, code, repairs=bench.choice.repairs)


def no_answer(gate: str, reply: Reply) -> Verdict:
    """The verdict where the verifier gave no usable answer.

    Of a failed call only the reason is kept: what a server said while failing is another thing each time.
    """
    fault = reply.fault
    if fault is None:
        return Verdict(gate, False, "no answer", None, "verifier_failed")
    said = f"{fault.reason}: {fault.detail}" if fault.reason.startswith("answer_") else fault.reason
    return Verdict(gate, False, said[:200], None, "verifier_failed")


def repeat_verdict(first: str, again: str | None) -> Verdict:
    """For the record only: did the same question get the same judgement twice?"""
    said = "no answer" if again is None else "same" if again == first else f"{first}, then {again}"
    return Verdict("rubric_repeat", True, said)

"""Ask for JSON, and where the answer is of no use, name the fault and ask again, a bounded number of times."""

from dataclasses import dataclass, replace
from typing import Any

from schemas.exchange import Answer, Ask, Failure, Message, Request
from transforms.prompting.fault import Fault
from transforms.prompting.fence import clean
from transforms.prompting.reading import read_answer
from transforms.prompting.wrapping import unwrapped

SHOWN = 2000  # characters of a faulty answer that the model sees again
FINAL = ("answer_refused",)
"""A model that declines is not asked to think again: that would be pressing it."""

_WITHHELD = "(no usable answer)"
_ADVICE = {
    "answer_truncated": "It was too long. Write fewer and shorter entries.",
    "answer_too_large": "It was too long. Write fewer and shorter entries.",
    "answer_for_other_item": "It belongs to another request.",
    "answer_empty": "It was empty.",
}


@dataclass(frozen=True)
class Reply:
    """What came of asking: the object, or the last fault.

    tries: requests made, repairs included. wrapped: answers that came in a think block, an answer tag
    or a code fence.
    """

    value: dict[str, Any] | None
    fault: Fault | None
    tries: int
    wrapped: int = 0


async def ask_json(ask: Ask, request: Request, code: str, *, repairs: int) -> Reply:
    """The object that `request.schema` describes, after at most `repairs` further requests.

    A repair shows the model its answer (cut short) and the fault. Each is a request of its own with
    its own key. Exceptions of `ask` pass through. Raises ValueError where the request has no schema.
    """
    if request.schema is None:
        raise ValueError(f"request {request.purpose!r} asks for JSON without a schema")
    asked, wrapped, fault = request, 0, Fault("answer_empty", "never asked")
    for tries in range(1, repairs + 2):
        answer = await ask(asked)
        if isinstance(answer, Failure):
            return Reply(None, Fault(answer.reason, answer.detail), tries, wrapped)
        wrapped += bool(unwrapped(answer.text)[1])
        try:
            return Reply(read_answer(answer, request.schema, code), None, tries, wrapped)
        except Fault as found:
            fault = found
        if fault.reason in FINAL:
            break
        asked = _repair(request, answer, fault, code, tries)
    return Reply(None, fault, tries, wrapped)


def _repair(request: Request, answer: Answer, fault: Fault, code: str, tries: int) -> Request:
    """The first request, the faulty answer, and what was wrong with it.

    Repairs are numbered from the second on: the same fault twice would else be the same request, which
    the store answers with the same fault.
    The text of an answer for another item is not repeated: it is another image's.
    """
    own = fault.reason in ("answer_malformed", "answer_truncated")
    said = (clean(answer.text, SHOWN) if own else "") or _WITHHELD
    named = _ADVICE.get(fault.reason, f"Fault: {fault.detail}.")
    again = (
        f'Your last answer cannot be used. {named} Answer again: one JSON object with "code": "{code}", '
        "in the form described above, and nothing else."
    )
    if tries > 1:
        again += f" This is repair {tries}."
    turns = (*request.messages, Message("assistant", said), Message("user", again))
    return replace(request, messages=turns)

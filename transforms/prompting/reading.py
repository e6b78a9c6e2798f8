"""From an answer's text to the object that was asked for, or the fault that names what is wrong."""

from collections.abc import Iterable
from typing import Any

from schemas.exchange import Answer
from transforms.prompting.answer_schema import lenient
from transforms.prompting.fault import Fault
from transforms.prompting.fence import clean
from transforms.prompting.strict_json import parse_strict
from transforms.prompting.wrapping import unwrapped

REFUSED = ("content_filter", "refusal", "safety")
CUT_OFF = ("length", "max_tokens")
_OPENINGS = (
    "i'm sorry", "i am sorry", "sorry,", "i cannot", "i can't", "i can not", "i'm unable", "i am unable",
    "i'm not able", "i am not able", "i won't", "i will not", "i must decline", "as an ai", "unfortunately, i",
    "i apologize", "i apologise",
)  # fmt: skip
_SHOWN = 60  # characters of an unexpected value that a fault repeats


def read_answer(answer: Answer, schema: dict[str, Any], code: str) -> dict[str, Any]:
    """The answer as the object `schema` describes.

    Ids in lists, lengths of texts and of lists are not judged here (`answer_schema.lenient`): they
    are faults of a row, not of the answer. Raises Fault with reason answer_truncated, answer_refused,
    answer_empty, answer_malformed, answer_too_large or answer_for_other_item.
    """
    if answer.finish_reason in CUT_OFF:
        raise Fault("answer_truncated", f"stopped after {answer.completion_tokens} tokens")
    if answer.finish_reason in REFUSED:
        raise Fault("answer_refused", f"the server says {answer.finish_reason}")
    text, _ = unwrapped(answer.text)
    if not text:
        raise Fault("answer_empty", "no text")
    if text.lower().replace("’", "'").startswith(_OPENINGS):
        raise Fault("answer_refused", "the text opens as a refusal")
    value = parse_strict(text)
    _check_object(value, code)
    _check_schema(value, lenient(schema))
    return value


def _check_object(value: Any, code: str) -> None:
    if not isinstance(value, dict):
        raise Fault("answer_malformed", f"a JSON {type(value).__name__} instead of an object")
    if value.keys() == {"refusal"}:
        raise Fault("answer_refused", "the answer is a refusal")
    given = value.get("code")
    if isinstance(given, str) and given != code:
        raise Fault("answer_for_other_item", f"code {_shown(given)} instead of {code!r}")


def _check_schema(value: Any, schema: dict[str, Any]) -> None:
    from jsonschema import Draft202012Validator

    faults = sorted(
        Draft202012Validator(schema).iter_errors(value), key=lambda e: list(map(str, e.path))
    )
    if faults:
        raise Fault("answer_malformed", "; ".join(_said(f) for f in faults[:3]))


def _said(fault: Any) -> str:
    """Where and what, without repeating the answer."""
    where = _path(fault.absolute_path)
    if fault.validator == "required":
        absent = [k for k in fault.validator_value if k not in fault.instance]
        return f"{where}: {', '.join(absent)} missing"
    if fault.validator == "additionalProperties":
        extra = sorted(set(fault.instance) - set(fault.schema.get("properties", {})))
        return f"{where}: unexpected key {_shown(extra[0])}"
    if fault.validator == "enum":
        return f"{where}: {_shown(fault.instance)} is none of the allowed values"
    if fault.validator == "type":
        return f"{where}: not of type {fault.validator_value}"
    return f"{where}: breaks {fault.validator} {fault.validator_value}"


def _path(parts: Iterable[str | int]) -> str:
    text = "".join(f"[{p}]" if isinstance(p, int) else f".{clean(p, 30)}" for p in parts)
    return text.lstrip(".") or "answer"


def _shown(value: Any) -> str:
    return repr(clean(str(value), _SHOWN))

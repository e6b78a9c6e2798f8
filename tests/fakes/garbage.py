"""What models and servers say instead of what was asked.

CONTENT spoils the model's words inside a sound HTTP answer; ENVELOPE spoils the HTTP answer around good words.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Said:
    """A model's words, and why it stopped."""

    text: str
    finish_reason: str = "stop"


DEEP = 200_000
LONG = 5_000_000


def _fenced(said: Said) -> Said:
    return Said(f"Here is the JSON you asked for:\n```json\n{said.text}\n```\nAnything else?")


def _cut(said: Said) -> Said:
    return Said(said.text[: max(1, len(said.text) * 2 // 3)], "length")


def _number(word: str) -> Callable[[Said], Said]:
    """Every string value of the honest answer but its code becomes a bare word such as NaN."""
    return lambda said: Said(_with(said, extra="@@").replace('"@@"', word))


def _with(said: Said, **fields: object) -> str:
    """The honest answer with further or other fields."""
    value = json.loads(said.text)
    return json.dumps({**value, **fields}) if isinstance(value, dict) else said.text


def _repeated_key(said: Said) -> Said:
    value = json.loads(said.text)
    key = next(iter(value))
    return Said(f'{{{json.dumps(key)}: "first", {said.text.lstrip()[1:]}')


def _wrong_types(said: Said) -> Said:
    value = json.loads(said.text)
    return Said(json.dumps({k: v if k == "code" else {"not": ["this"]} for k, v in value.items()}))


def _in_strings(piece: str) -> Callable[[Said], Said]:
    """`piece` is put into every string of the answer, its code left alone; escaped as JSON does."""

    def spoil(said: Said) -> Said:
        value = json.loads(said.text)
        return Said(
            json.dumps({k: v if k == "code" else _sown(v, piece) for k, v in value.items()})
        )

    return spoil


def _raw_surrogate(said: Said) -> Said:
    """Half a character in the words themselves, not as an escape: no UTF-8 can hold it."""
    return Said(_in_strings("\ud83d")(said).text.replace("\\ud83d", "\ud83d"))


def _sown(value: object, piece: str) -> object:
    if isinstance(value, str):
        return f"{value}{piece} end."
    if isinstance(value, list):
        return [_sown(v, piece) for v in value]
    if isinstance(value, dict):
        return {k: _sown(v, piece) for k, v in value.items()}
    return value


CONTENT: dict[str, Callable[[Said], Said]] = {
    "empty": lambda said: Said(""),
    "blank": lambda said: Said(" \n\t "),
    "html": lambda said: Said("<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>"),
    "fenced": _fenced,
    "prose": lambda said: Said("The image shows a breast lesion in the upper half."),
    "cut": _cut,
    "cut_unsaid": lambda said: Said(_cut(said).text, "stop"),
    "filtered": lambda said: Said("", "content_filter"),
    "nan": _number("NaN"),
    "infinity": _number("-Infinity"),
    "repeated_key": _repeated_key,
    "deep": lambda said: Said("[" * DEEP + "]" * DEEP),
    "deep_in_field": lambda said: Said(_with(said, extra="@@").replace('"@@"', "[" * DEEP + "]" * DEEP)),
    "wrong_types": _wrong_types,
    "array": lambda said: Said(f"[{said.text}]"),
    "null": lambda said: Said("null"),
    "long_string": lambda said: Said(_with(said, extra="x" * LONG)),
    "huge_number": lambda said: Said(_with(said, extra="@@").replace('"@@"', "9" * 100_000)),
    "lone_surrogate": _in_strings("\ud800"),
    "raw_surrogate": _raw_surrogate,
    "nul": _in_strings("\x00"),
    "refusal": lambda said: Said("I'm sorry, but I can't assist with interpreting medical images."),
    "other_item": lambda said: Said(_with(said, code="zz000000")),
    "trailing": lambda said: Said(said.text + "\n" + said.text),
}  # fmt: skip
"""Spoilt words by name. Each is a function of the honest answer, a JSON object in the cases that read it."""


def _choice(envelope: dict, **fields: object) -> bytes:
    choice = {**envelope["choices"][0], **fields}
    return json.dumps({**envelope, "choices": [choice]}).encode()


ENVELOPE: dict[str, Callable[[dict], bytes]] = {
    "no_body": lambda e: b"",
    "html_body": lambda e: b"<html><body>Service temporarily unavailable</body></html>",
    "cut_body": lambda e: json.dumps(e).encode()[:-20],
    "not_utf8": lambda e: json.dumps(e).encode().replace(b"assistant", b"assist\xff\xfe"),
    "array_body": lambda e: json.dumps([e]).encode(),
    "no_choices": lambda e: json.dumps({**e, "choices": []}).encode(),
    "choices_missing": lambda e: json.dumps({k: v for k, v in e.items() if k != "choices"}).encode(),
    "choice_null": lambda e: json.dumps({**e, "choices": [None]}).encode(),
    "content_null": lambda e: _choice(e, message={"role": "assistant", "content": None}),
    "content_list": lambda e: _choice(e, message={"role": "assistant", "content": [1, 2]}),
    "refusal_field": lambda e: _choice(
        e, message={"role": "assistant", "content": None, "refusal": "I can't help with that."}
    ),
    "finish_missing": lambda e: _choice(e, finish_reason=None),
    "usage_missing": lambda e: json.dumps({k: v for k, v in e.items() if k != "usage"}).encode(),
    "usage_nan": lambda e: json.dumps({**e, "usage": {"prompt_tokens": float("nan")}}).encode(),
    "model_missing": lambda e: json.dumps({k: v for k, v in e.items() if k != "model"}).encode(),
    "error_in_200": lambda e: b'{"error": {"message": "CUDA out of memory", "code": 500}}',
    "deep_body": lambda e: b"[" * DEEP + b"]" * DEEP,
}  # fmt: skip
"""Spoilt HTTP answers by name, as a function of the sound one."""

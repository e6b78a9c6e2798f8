"""A wrong declaration: every fault at once, each with its place and its cure."""

from collections.abc import Iterable
from difflib import get_close_matches

from pydantic import ValidationError
from pydantic_core import ErrorDetails

UNIONS = frozenset({"Value", "function-before", "function-after", "str", "bool", "list", "dict"})
"""Parts of a pydantic location that name a branch of a union, not a key a person wrote."""


SHAPES = {
    "tuple_type": "a list, such as [a, b]",
    "list_type": "a list, such as [a, b]",
    "dict_type": "a mapping, such as {a: b}",
    "model_type": "a mapping, such as {key: value}",
    "string_type": "a text",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "float_parsing": "a number",
    "float_type": "a number",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
}
"""What to write where a value has the wrong shape, by pydantic's error type."""


class DeclarationError(Exception):
    """A declaration that cannot be used. `faults` holds one line a fault, breadcrumb first."""

    exit_code = 2

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = list(dict.fromkeys(faults))
        super().__init__("\n".join(self.faults))

    def __reduce__(self) -> tuple[type["DeclarationError"], tuple[list[str]]]:
        return DeclarationError, (self.faults,)


def breadcrumb(file: str, location: Iterable[str | int]) -> str:
    """`[busbra.yaml > annotations[0] > colors]` from a file name and a location."""
    parts = [file]
    for part in location:
        if isinstance(part, int):
            parts[-1] += f"[{part}]"
        else:
            parts.append(part)
    return f"[{' > '.join(parts)}]"


def closest(word: str, words: Iterable[str]) -> str:
    """`; did you mean 'polyp'?` where some word is close, else a full stop."""
    near = get_close_matches(str(word), sorted({str(w) for w in words}), n=2, cutoff=0.6)
    return f"; did you mean {' or '.join(repr(w) for w in near)}?" if near else "."


def explain(
    file: str, error: ValidationError, known: dict[tuple[str, ...], list[str]]
) -> list[str]:
    """Every fault of a pydantic error as a line. `known`: the allowed keys of each place."""
    return [_line(file, e, known) for e in error.errors(include_url=False)]


def _line(file: str, error: ErrorDetails, known: dict[tuple[str, ...], list[str]]) -> str:
    location = [p for p in error["loc"] if not (isinstance(p, str) and p.split("[")[0] in UNIONS)]
    tags = known.get(("annotations", "reader"), [])
    if len(location) > 2 and location[0] == "annotations" and location[2] in tags:
        place: tuple[str, ...] = ("annotations", str(location.pop(2)))
    else:
        place = tuple(p for p in location[:-1] if isinstance(p, str))
    return f"{breadcrumb(file, location)} {_cure(error, location, known.get(place, []))}"


def _cure(error: ErrorDetails, location: list[str | int], keys: list[str]) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "missing":
        return "is missing; add it (docs/declare-a-source.md tells what it means)"
    if kind == "extra_forbidden":
        return f"is not a key here{closest(str(location[-1]), keys)} Keys: {', '.join(keys)}"
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return f"needs `reader:`, one of {context.get('expected_tags', 'the annotation readers')}"
    if kind == "value_error":
        return str(context.get("error", error["msg"]))
    if kind == "literal_error":
        return f"is {error['input']!r}; write one of {context['expected']}"
    if kind in SHAPES:
        return f"is {_short(error['input'])}; write {SHAPES[kind]}"
    return f"{error['msg']} (found {_short(error['input'])})"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."

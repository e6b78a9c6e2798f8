"""What is wrong with a card: file, field, what was found, what was expected, what to do."""

from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from schemas.declaration.errors import SHAPES, breadcrumb, closest

PAGE = "docs/model-experts.md"


class CardError(ValueError):
    """A card that cannot be used. `faults` holds one line a fault: place, found, expected, next step."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = list(dict.fromkeys(faults))
        super().__init__("\n".join(self.faults))

    def __reduce__(self) -> tuple[type["CardError"], tuple[list[str]]]:
        return CardError, (self.faults,)


def fault(
    file: str, place: Iterable[str | int], *, found: object, expected: str, do: str = ""
) -> str:
    """One line: `[polyp.yaml > classes > 1] found 'polypp'; expected a term; <next step>`."""
    text = repr(found)
    short = text if len(text) <= 80 else f"{text[:77]}..."
    step = do or f"{PAGE} tells what it means"
    return f"{breadcrumb(file, place)} found {short}; expected {expected}; {step}"


def explained(file: str, error: ValidationError, known: dict[str, list[str]]) -> list[str]:
    """Every fault of a pydantic error as a line. known: the keys of each part of a card, "" the top."""
    lines = []
    for one in error.errors(include_url=False):
        place = [p for p in one["loc"] if p != "[key]"]
        lines.append(_line(file, place, one["type"], one, known))
    return lines


def _line(
    file: str, place: list[str | int], kind: str, error: Any, known: dict[str, list[str]]
) -> str:
    context = error.get("ctx", {})
    if kind == "value_error":
        told = str(context.get("error", error["msg"]))
        return f"{breadcrumb(file, place)} {told}" if ";" in told else _plain(file, place, error)
    if kind == "missing":
        return f"{breadcrumb(file, place)} found nothing; expected a value; add it ({PAGE})"
    if kind == "extra_forbidden":
        keys = _keys_at(place, known)
        near = closest(str(place[-1]), keys).rstrip(".")
        listed = f"one of {', '.join(keys)}" if keys else "no such key"
        return f"{breadcrumb(file, place)} found a key that a card has not; expected {listed}{near or '; take it out'}"
    if kind in ("literal_error", "union_tag_invalid", "union_tag_not_found"):
        allowed = context.get("expected") or context.get("expected_tags") or "a `kind`"
        found = context.get("tag", error["input"])
        return fault(file, place, found=found, expected=f"one of {allowed}")
    if kind in SHAPES:
        return fault(file, place, found=error["input"], expected=SHAPES[kind])
    return _plain(file, place, error)


def _plain(file: str, place: list[str | int], error: Any) -> str:
    message = str(error["msg"]).removeprefix("Value error, ")
    return fault(file, place, found=error["input"], expected=message[:1].lower() + message[1:])


def _keys_at(place: list[str | int], known: dict[str, list[str]]) -> list[str]:
    """The keys allowed beside the last part of a place; a union's tag stands in it as a part."""
    where = ".".join(str(p) for p in place[:-1] if not isinstance(p, int))
    return known.get(where, [])

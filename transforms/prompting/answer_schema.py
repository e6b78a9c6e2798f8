"""Pieces of the JSON schemas that answers must follow.

Only keywords that vLLM (xgrammar, outlines) compiles: type, properties, required,
additionalProperties, enum, items, minItems, maxItems, minLength, maxLength, title.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.ids import digest

Schema = dict[str, Any]


def code_for(*parts: Any) -> str:
    """The short token that an answer repeats, by which an answer for another item is known.

    A function of what is asked (JSON values), not a secret.
    """
    return digest("code", *parts)[:8]


def record(title: str, properties: Mapping[str, Schema]) -> Schema:
    """An object with exactly these keys."""
    return {
        "type": "object",
        "title": title,
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def one_of(values: Sequence[str]) -> Schema:
    """One of these strings. Raises ValueError where there are none: no answer could be given."""
    if not values:
        raise ValueError("a choice of nothing")
    return {"type": "string", "enum": list(values)}


def words(shortest: int, longest: int) -> Schema:
    """A text of so many characters."""
    return {"type": "string", "minLength": shortest, "maxLength": longest}


def id_list(aliases: Sequence[str], most: int, *, least: int = 0) -> Schema:
    """`least` to `most` of these aliases; where there are none, the empty list."""
    if not aliases:
        return {"type": "array", "items": {"type": "string"}, "maxItems": 0}
    named = {"type": "array", "items": one_of(aliases), "maxItems": min(most, len(aliases))}
    return {**named, "minItems": least} if least else named


def rows(of: Schema, least: int, most: int) -> Schema:
    """A list of `least` to `most` objects."""
    return {"type": "array", "items": of, "minItems": least, "maxItems": most}


_COUNTS = ("minLength", "maxLength", "minItems", "maxItems")


def lenient(schema: Any) -> Any:
    """The schema by which a whole answer is judged: length, number and ids are left to its rows.

    One sentence too long, or one id that does not exist, must cost that sentence and not the answer.
    """
    if not isinstance(schema, dict):
        return schema
    kept = {k: v for k, v in schema.items() if k not in _COUNTS}
    if schema.get("type") == "array":
        kept["items"] = _any_string(schema["items"])
    if "properties" in schema:
        kept["properties"] = {k: lenient(v) for k, v in schema["properties"].items()}
    return kept


def _any_string(items: Schema) -> Schema:
    return {"type": "string"} if items.get("type") == "string" else lenient(items)


def without_bounds(schema: Any) -> Any:
    """The schema without text lengths, for servers that refuse them (OpenAI's strict mode does)."""
    if isinstance(schema, list):
        return [without_bounds(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {k: without_bounds(v) for k, v in schema.items() if k not in ("minLength", "maxLength")}

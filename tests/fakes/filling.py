"""Stands in for an untrained model under constrained decoding: JSON that fits the schema and says nothing."""

from typing import Any

from schemas.ids import pick

_WORDS = (
    "image",
    "the",
    "left",
    "mass",
    "shows",
    "of",
    "round",
    "lung",
    "is",
    "upper",
    "and",
    "no",
)


def filled(schema: dict[str, Any], *key: Any) -> Any:
    """A value that the schema allows, a function of schema and key."""
    if "enum" in schema:
        return schema["enum"][pick(len(schema["enum"]), *key)]
    if schema.get("type") == "object":
        return {k: filled(s, *key, k) for k, s in schema.get("properties", {}).items()}
    if schema.get("type") == "array":
        least, most = schema.get("minItems", 0), schema.get("maxItems", 3)
        count = least + pick(min(most, least + 4) - least + 1, *key, "count")
        return [filled(schema["items"], *key, n) for n in range(count)]
    if schema.get("type") == "boolean":
        return bool(pick(2, *key))
    if schema.get("type") in ("integer", "number"):
        return pick(10, *key)
    return _words(schema.get("minLength", 1), schema.get("maxLength", 200), key)


def _words(least: int, most: int, key: tuple[Any, ...]) -> str:
    count = 3 + pick(9, *key, "words")
    text = " ".join(_WORDS[pick(len(_WORDS), *key, n)] for n in range(count))
    return text.ljust(least, "a")[:most]

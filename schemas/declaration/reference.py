"""The table of keys in docs/declare-a-source.md, made from the models so that it cannot drift.

python -m schemas.declaration.reference docs/declare-a-source.md
"""

import re
import sys
import typing
from pathlib import Path
from types import UnionType
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from schemas.declaration.annotations import Annotations
from schemas.declaration.images import Columns, ImageSet
from schemas.declaration.load import described
from schemas.declaration.slides import Slides
from schemas.declaration.value import Label, Value

START, END = "<!-- keys: generated -->", "<!-- /keys -->"
NAMES = {str: "text", bool: "true/false", int: "whole number", float: "number", type(None): "null"}


def key_tables() -> str:
    """A Markdown table for every part of a declaration: key, what it holds, default, meaning."""
    parts = []
    for title, model in described():
        inherited = Annotations if issubclass(model, Annotations) else None
        rows = [_row(*pair) for pair in _fields(model, inherited)]
        head = ["| key | holds | default | meaning |", "| --- | --- | --- | --- |"]
        parts.append("\n".join([f"### {title}", "", _first(model.__doc__), "", *head, *rows]))
    return "\n\n".join(parts)


def _fields(
    model: type[BaseModel], inherited: type[BaseModel] | None
) -> list[tuple[str, FieldInfo]]:
    """The model's own keys; those every annotation has are told once."""
    known = inherited.model_fields if inherited and model is not inherited else {}
    return [
        (field.alias or name, field)
        for name, field in model.model_fields.items()
        if name not in known or name == "reader"
    ]


def _row(name: str, field: FieldInfo) -> str:
    meaning = " ".join((field.description or "").split())
    if name == "reader":
        meaning = "names this reader"
    default = "**needed**" if field.is_required() else _default(field.default)
    return f"| `{name}` | {_holds(field.annotation)} | {default} | {_escape(meaning)} |"


def _default(value: Any) -> str:
    if value is None or value in ("", [], {}) or isinstance(value, BaseModel):
        return "-"
    return f"`{_escape(str(value).lower() if isinstance(value, bool) else str(value))}`"


def _holds(kind: Any) -> str:
    """What a key holds, in words."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        return _holds(arguments[0])
    if origin is Literal:
        return ", ".join(f"`{a}`" for a in arguments)
    if origin in (typing.Union, UnionType):
        parts = [_holds(a) for a in arguments if a is not type(None)]
        return " or ".join(dict.fromkeys(parts))
    if origin is list:
        inner = _holds(arguments[0])
        return f"list of {inner}" if inner != "text" else "text or list"
    if origin is tuple:
        return f"[{', '.join(_holds(a) for a in arguments)}]"
    if origin is dict:
        return f"{{{_holds(arguments[0])}: {_holds(arguments[1])}}}"
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _model_name(kind)
    return NAMES.get(kind, str(kind))


def _model_name(kind: type[BaseModel]) -> str:
    if issubclass(kind, Annotations):
        return "annotation"
    links = {
        Value: "a value",
        Columns: "columns",
        Label: "label",
        ImageSet: "images",
        Slides: "slide",
    }
    return links.get(kind, kind.__name__.lower())


def _first(doc: str | None) -> str:
    return " ".join((doc or "").split("\n\n")[0].split())


def _escape(text: str) -> str:
    return text.replace("|", "\\|")


def renew(text: str) -> str:
    """The page with the part between the two markers made anew."""
    block = f"{START}\n\n{key_tables()}\n\n{END}"
    return re.sub(f"{re.escape(START)}.*{re.escape(END)}", lambda _: block, text, flags=re.S)


if __name__ == "__main__":
    page = Path(sys.argv[1])
    page.write_text(renew(page.read_text("utf-8")), "utf-8")

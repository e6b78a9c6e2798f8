"""Fill the templates. Every value is text of strangers until escaped."""

import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from quality.report.tables import words

TEMPLATES = Path(__file__).parent / "templates"
_KEPT = {"\n", "\t"}


def render(name: str, **values: Any) -> str:
    """One template as HTML. Escapes everything; an unset name is an error, not an empty place."""
    return _environment().get_template(name).render(**values)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=visible,
    )
    made.filters |= {"number": number, "words": words}
    return made


def visible(value: Any) -> Any:
    """Text with control and direction marks shown as a box: they could make it read otherwise."""
    if type(value) is not str or value.isprintable():  # Markup is already HTML
        return value
    return "".join(
        c if c in _KEPT or unicodedata.category(c) not in _HIDDEN else "□" for c in value
    )


_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def number(value: Any) -> Any:
    """1,234 for integers; everything else as it is."""
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else value

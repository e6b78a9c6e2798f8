"""Every gate with one line on what it asks: the source of the tables in docs/gates.md."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from quality.gates.images import IMAGE_GATES
from quality.gates.questions import QUESTION_GATES
from quality.gates.regions import REGION_GATES
from quality.gates.sentences import SENTENCE_GATES

GATES: Mapping[str, Mapping[str, Callable[[Any], Any]]] = {
    "sentences": SENTENCE_GATES,
    "questions": QUESTION_GATES,
    "images": IMAGE_GATES,
    "regions": REGION_GATES,
}


def lines(kind: str) -> list[tuple[str, str]]:
    """(name, what it asks) of the gates of one kind of row, in the order in which they judge.

    The line is the first sentence of the gate's docstring. Raises ValueError where there is none.
    """
    return [(name, _first_sentence(name, gate)) for name, gate in GATES[kind].items()]


def table(kind: str) -> str:
    """The gates of one kind as a Markdown table."""
    rows = [f"| `{name}` | {line} |" for name, line in lines(kind)]
    return "\n".join(["| gate | what it asks |", "|---|---|", *rows])


def _first_sentence(name: str, gate: Callable[[Any], Any]) -> str:
    text = " ".join((inspect.getdoc(gate) or "").split())
    if not text:
        raise ValueError(f"gate {name} has no docstring")
    return text.split(". ")[0].rstrip(".") + "."

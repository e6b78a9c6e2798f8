"""Evidence: the words and the facts that a verifier's answer says it rests on. Without, it counts for nothing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from transforms.prompting.aliases import Aliases
from transforms.prompting.answer_schema import Schema, id_list, record, words
from transforms.prompting.fence import clean

MOST_WORDS = 12
QUOTE_CHARS = 160
MOST_REFS = 3
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‑": "-"})


@dataclass(frozen=True)
class Evidence:
    """quote: as given. ids: of the facts, regions and passages referred to. void: why it does not
    count, "" where it does.
    """

    quote: str
    ids: list[str] = field(default_factory=list)
    void: str = ""

    def __str__(self) -> str:
        rests = f" ({', '.join(self.ids)})" if self.ids else ""
        return f'"{self.quote}"{rests}'


def row_schema(title: str, aliases: Aliases, answer: dict[str, Schema]) -> Schema:
    """One answer: a quote and references first, so that they come before the judgement on them."""
    names = [*aliases.regions, *aliases.facts, *aliases.passages]
    evidence = {"quote": words(1, QUOTE_CHARS), "refs": id_list(names, MOST_REFS)}
    return record(title, {**evidence, **answer})


def evidence_of(row: dict[str, Any], texts: Sequence[str], aliases: Aliases) -> Evidence:
    """The evidence of one answer. It is void where the quote is empty, longer than MOST_WORDS or in none
    of the texts, or where a reference names nothing.
    """
    quote = clean(str(row["quote"]), QUOTE_CHARS)
    ids, unknown = aliases.resolve([str(ref).strip() for ref in row["refs"]])
    void = ""
    if unknown:
        void = f"{clean(unknown[0], 20)} names nothing"
    elif not _plain(quote):
        void = "no quote"
    elif len(quote.split()) > MOST_WORDS:
        void = f"quote of {len(quote.split())} words"
    elif not any(_holds(text, quote) for text in texts):
        void = "quote not in the text"
    return Evidence(quote, ids, void)


def _holds(text: str, quote: str) -> bool:
    """Whole words of the text, in any case and with either kind of quotation mark."""
    sought = re.escape(_plain(quote))
    return re.search(rf"(?<!\w){sought}(?!\w)", _plain(clean(text, len(text)))) is not None


def _plain(text: str) -> str:
    return " ".join(text.translate(_QUOTES).casefold().split()).strip(" .,;:!?\"'")

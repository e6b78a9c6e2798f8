"""A planted error, and small tools to plant one."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from quality.probe.exhibit import Exhibit, exhibit_of
from quality.probe.material import Item
from schemas.question import Question
from schemas.sentence import Sentence
from schemas.vocabulary import findings

UNITS_MM = {"mm": 1.0, "cm": 10.0, "um": 0.001, "µm": 0.001}


@dataclass(frozen=True)
class Plant:
    """`clean` is the row believed good, `edited` the same row with one error of `kind`.

    shown: what the edited row is judged against, where the error lies in the picture, the regions or
    a passage rather than in the words; None: the item as it is.
    """

    kind: str
    item: Item
    clean: Sentence | Question
    edited: Sentence | Question
    shown: Exhibit | None = None

    @property
    def exhibit(self) -> Exhibit:
        """What the edited row is judged against."""
        return self.shown or exhibit_of(self.item)


def swapped(text: str, old: str, new: str) -> str | None:
    """`text` with the first whole-word `old` replaced; the case of its first letter kept. None: not
    there.
    """
    found = re.search(rf"(?<![\w-]){re.escape(old)}(?![\w-])", text, re.IGNORECASE)
    if found is None:
        return None
    capital = found.group()[0].isupper() and not old[0].isupper()
    put = new[:1].upper() + new[1:] if capital else new
    return text[: found.start()] + put + text[found.end() :]


def with_article(text: str) -> str:
    """ "a" and "an" set right after a word was exchanged."""
    text = re.sub(r"\b([Aa]) (?=[aeioAEIO])", r"\1n ", text)
    return re.sub(r"\b([Aa])n (?=[^aeiouAEIOU8HMFLNRSX])", r"\1 ", text)


def kin(label: str) -> set[str]:
    """A term, its broader terms, and every term of which it is a broader one."""
    up: set[str] = set()
    now: str | None = label
    while now is not None and now not in up:
        up.add(now)
        term = findings().get(now)
        now = term.broader if term else None
    return up | {t.name for t in findings() if t.broader in up or t.broader == label}


def known_terms(item: Item) -> set[str]:
    """Terms that are there, are known not to be, or may be there: what stands for none of them is false."""
    return item.sheet.present | set(item.sheet.absent) | item.sheet.possible


def measured(item: Item, row: Sentence | Question, unit: str) -> Iterable[float]:
    """Every number, in `unit`, that a fact gives for the regions a row names or between two of
    them.
    """
    ids = set(row.region_ids)
    for f in item.sheet.facts:
        if f.number is None or not (f.subject in ids or f.subject == item.sheet.image.id):
            continue
        if f.unit == unit:
            yield f.number
        elif f.unit in UNITS_MM and unit in UNITS_MM:
            yield f.number * UNITS_MM[f.unit] / UNITS_MM[unit]
        elif f.unit == "1" and unit in ("%", "x"):
            yield f.number if unit == "x" else 100 * f.number


def is_free(value: float, step: float, known: Iterable[float]) -> bool:
    """No known number is near: a value that rounds or estimates to one would be no error."""
    return all(abs(value - k) > max(step, 0.08 * abs(k)) for k in known)

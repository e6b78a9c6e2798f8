"""Numbers made wrong: doubled, divided by ten, given another unit, counted one too many."""

import re
from collections.abc import Iterator
from dataclasses import replace

from quality.probe.material import Item
from quality.probe.plant import is_free, measured
from schemas.sentence import Sentence
from schemas.vocabulary import findings

NUMBER = re.compile(
    r"(?<![\w.(,/-])(-?\d+(?:\.\d+)?)(?=(?: x \d+(?:\.\d+)?)? ?(mm|µm|px|mL|HU|%|x\b))"
)
_SPELLED = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
LOOSE = re.compile(
    r"\b(?:within|at least|at most|more than|less than|up to|fewer|or more)\b", re.IGNORECASE
)


def doubled(item: Item, row: Sentence) -> Iterator[Sentence]:
    """A measured number times two, where no fact of the row's regions is near the new one."""
    yield from _scaled(item, row, 2.0)


def divided(item: Item, row: Sentence) -> Iterator[Sentence]:
    """A measured number divided by ten."""
    yield from _scaled(item, row, 0.1)


def _scaled(item: Item, row: Sentence, factor: float) -> Iterator[Sentence]:
    if LOOSE.search(row.text) or row.passage_ids:
        return
    for found in NUMBER.finditer(row.text):
        said, unit = found.group(1), found.group(2)
        decimals = len(said.partition(".")[2]) + (1 if factor < 1 else 0)
        value = round(float(said) * factor, decimals)
        if value != 0 and is_free(value, 10.0**-decimals, measured(item, row, unit)):
            text = row.text[: found.start(1)] + f"{value:.{decimals}f}" + row.text[found.end(1) :]
            yield replace(row, text=text)


def other_unit(item: Item, row: Sentence) -> Iterator[Sentence]:
    """mm become cm, the number kept."""
    yield from _renamed(item, row, "mm", "cm")


def other_thousand(item: Item, row: Sentence) -> Iterator[Sentence]:
    """µm become mm, or mm become µm, the number kept."""
    yield from _renamed(item, row, "µm", "mm")
    yield from _renamed(item, row, "mm", "µm")


def _renamed(item: Item, row: Sentence, old: str, new: str) -> Iterator[Sentence]:
    found = re.search(rf"(\d+(?:\.\d+)?) {old}\b", row.text)
    if found is None or LOOSE.search(row.text) or row.passage_ids:
        return
    if is_free(float(found.group(1)), 0.1, measured(item, row, new)):
        yield replace(row, text=re.sub(rf"(?<=\d) {old}\b", f" {new}", row.text))


def miscounted(item: Item, row: Sentence) -> Iterator[Sentence]:
    """One thing too many, or too few where more than two were counted."""
    if LOOSE.search(row.text) or row.passage_ids or len(row.region_ids) < 2:
        return
    labels = sorted({r.label for r in item.regions_of(row)})
    for label in labels:
        term = findings().get(label)
        noun = re.escape(term.many()) if term else rf'regions termed "{re.escape(label)}"'
        noun = rf"(?:{noun}|{re.escape(label)} candidates)"
        for found in re.finditer(
            rf"\b(\d+|{'|'.join(_SPELLED)})(?= {noun}\b| {noun})", row.text, re.IGNORECASE
        ):
            number = _value(found.group(1))
            for wrong in (number + 1, number - 1):
                if wrong > 1:
                    said = str(wrong) if wrong > 9 else _SPELLED[wrong]
                    said = said.capitalize() if found.start() == 0 else said
                    yield replace(
                        row, text=row.text[: found.start()] + said + row.text[found.end() :]
                    )


def _value(word: str) -> int:
    return int(word) if word.isdigit() else _SPELLED.index(word.lower())

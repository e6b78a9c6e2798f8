"""Claims that go beyond the facts: a grade, a history, a device, a certainty, another patient's number."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from quality.probe.material import Item
from quality.probe.plant import is_free, kin, known_terms, measured, swapped, with_article
from quality.probe.plants_in_numbers import LOOSE, NUMBER
from schemas.sentence import Sentence
from schemas.vocabulary import findings

GRADES = {
    "mild": "severe",
    "slight": "severe",
    "moderate": "severe",
    "severe": "mild",
    "small": "large",
}
GRADED = ("lesion", "sign", "disease")
HISTORIES = (
    ", unchanged since the prior study.",
    ", new compared with the previous examination.",
    " in a patient with a long history of smoking.",
    " in a patient who presented with fever and cough.",
    ", as expected after the earlier operation.",
)
PERSONS = (" in a 43-year-old man.", " in a 71-year-old woman.", " in a 9-year-old girl.")
CERTAIN = (
    ("reportedly", "definitely"), ("is reported", "is proven"), ("by report", "beyond doubt"),
    ("reported finding", "proven finding"), ("are reported", "are proven"), ("is reported to show", "proves"),
    ("rarely", "never"), ("mostly", "always"), ("most", "all"), ("Nearly all", "All"), ("often", "always"),
    ("usually", "always"), ("may", "will"), ("can", "will always"), ("sometimes", "always"), ("not always", "never"),
    ("possible", "certain"), ("probably", "certainly"), ("likely", "certain"), ("suggests", "proves"),
)  # fmt: skip


def other_grade(item: Item, row: Sentence) -> Iterator[Sentence]:
    """A grade turned round, or one given where no fact grades anything."""
    if row.passage_ids:
        return
    for old, new in GRADES.items():
        text = swapped(row.text, old, new)
        if text is not None:
            yield replace(row, text=with_article(text))
            return
    for label in sorted({r.label for r in item.regions_of(row)} | set(item.sheet.image.labels)):
        term = findings().get(label)
        for grade in ("mild", "severe") if term and term.kind in GRADED else ():
            text = swapped(row.text, label, f"{grade} {label}")
            if text is not None:
                yield replace(row, text=with_article(text))


def added_history(item: Item, row: Sentence) -> Iterator[Sentence]:
    """Age, sex, a complaint or an earlier study that nothing tells of."""
    if row.attribute not in ("roi_position", "anatomy") or row.passage_ids or row.text[-1:] != ".":
        return
    silent = not item.sheet.of_image("age") and not item.sheet.of_image("sex")
    for clause in (*HISTORIES, *(PERSONS if silent else ())):
        yield replace(row, text=row.text[:-1] + clause)


def added_device(item: Item, row: Sentence) -> Iterator[Sentence]:
    """A tube, line or implant that no fact carries."""
    if row.attribute not in ("roi_position", "anatomy") or row.passage_ids or row.text[-1:] != ".":
        return
    known = {up for label in known_terms(item) for up in kin(label)}
    for device in findings():
        if device.kind == "device" and device.countable and not kin(device.name) & known:
            yield replace(
                row, text=with_article(f"{row.text[:-1]}, with a {device.name} in place.")
            )


def without_doubt(item: Item, row: Sentence) -> Iterator[Sentence]:
    """A word of doubt, of report or of frequency made a certainty."""
    for old, new in CERTAIN:
        text = swapped(row.text, old, new)
        if text is not None:
            yield replace(row, text=text)


def copied_number(item: Item, row: Sentence, others: Sequence[Item]) -> Iterator[Sentence]:
    """A measured number replaced by one of another patient, of the same unit and kind of image."""
    if LOOSE.search(row.text) or row.passage_ids:
        return
    own = item.sheet.image
    strangers = [o.sheet for o in others if o.sheet.image.patient_key != own.patient_key]
    for found in NUMBER.finditer(row.text):
        decimals, unit = len(found.group(1).partition(".")[2]), found.group(2)
        known = list(measured(item, row, unit))
        for sheet in (s for s in strangers if s.image.modality == own.modality):
            numbers = [f.number for f in sheet.facts if f.unit == unit and f.number is not None]
            for value in (round(n, decimals) for n in numbers):
                if value > 0 and is_free(value, 10.0**-decimals, known):
                    said = f"{value:.{decimals}f}"
                    yield replace(
                        row, text=row.text[: found.start(1)] + said + row.text[found.end(1) :]
                    )

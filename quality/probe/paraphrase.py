"""True sentences said in other words, which gates must let pass."""

import re
from collections.abc import Iterator
from dataclasses import replace

from quality.probe.material import Item
from quality.probe.plant import swapped, with_article
from schemas.sentence import Sentence

_WORDS = (
    ("of the image", "of the picture"), ("upper left", "top left"), ("lower right", "bottom right"),
    ("upper right", "top right"), ("lower left", "bottom left"), ("upper center", "top center"),
    ("brighter than", "hyperintense to"), ("darker than", "hypointense to"), ("heterogeneous", "inhomogeneous"),
    ("smooth", "regular"), ("round", "circular"), ("oval", "ovoid"), ("irregular", "ragged"),
    ("to the left of", "left of"), ("larger than", "bigger than"), ("inside", "within"), ("above", "higher than"),
    ("patient's left", "left side of the patient"), ("patient's right", "right side of the patient"),
    ("axial", "transverse"), ("two", "2"), ("three", "3"), ("four", "4"), ("five", "5"), ("12", "twelve"),
    ("computed tomography (CT)", "CT"), ("magnetic resonance (MR)", "MRI"), ("is shown", "can be seen"),
    ("a 61-year-old woman", "a woman aged 61 years"), ("no", "no sign of"), ("adjacent to", "next to"),
)  # fmt: skip


def paraphrased(item: Item, row: Sentence) -> Iterator[Sentence]:
    """One change of words that changes no meaning; lengths in mm said in cm."""
    if row.passage_ids:
        return
    found = re.search(r"(\d+(?:\.\d+)?)(?: x (\d+(?:\.\d+)?))? mm\b", row.text)
    if found and "(" not in row.text:
        said = " x ".join(_in_cm(n) for n in found.groups() if n)
        yield replace(row, text=f"{row.text[: found.start()]}{said} cm{row.text[found.end() :]}")
    for old, new in _WORDS:
        text = swapped(row.text, old, new)
        if text is not None and not (old == "no" and "No" in row.text):
            yield replace(row, text=with_article(text) if old == "axial" else text)


def _in_cm(number: str) -> str:
    decimals = len(number.partition(".")[2]) + 1
    return f"{float(number) / 10:.{decimals}f}"

"""A tiny source tree whose items each carry one planted order: in a column, a label, DICOM text, pixels."""

import csv
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from pipelines.demo.shapes import tight_box
from pipelines.demo.truth import write_png
from pipelines.probing.dicom_film import DESCRIPTIONS, MAKER, write_dicom
from pipelines.probing.film import BAND, draw_film
from pipelines.probing.lettering import CONTRASTS, letter
from quality.probe.injections import Injection, Planted

COLUMN, LABEL, DICOM_TEXT, DICOM_MAKER = (
    "text column",
    "annotation label",
    "DICOM text",
    "DICOM maker",
)
PIXELS = {f"pixels, {contrast}": contrast for contrast in CONTRASTS}
CARRIERS = (COLUMN, LABEL, DICOM_TEXT, DICOM_MAKER, *PIXELS)
SOURCES = ("injected-column", "injected-label", "injected-dicom", "injected-pixels")
CONTROL = "images/none.png"  # of the first source: an item without an order
CALM = "Chest film."

Book = dict[tuple[str, str], Planted | None]
"""(source, file below its folder): what the file carries."""


def write_carriers(
    root: Path, strings: Iterable[Injection], carriers: Collection[str] = CARRIERS
) -> Book:
    """Draw one film for every string in every carrier and one without, below root/<source>.

    The sources are declared in pipelines/probing/sources. The same pixels each time. Raises ValueError
    on an unknown carrier.
    """
    if unknown := set(carriers) - set(CARRIERS):
        raise ValueError(f"carriers {sorted(unknown)} are unknown; known are {CARRIERS}")
    strings = list(strings)
    tree = _Tree(root)
    tree.column(0, "none", CALM, None)
    for place, carrier in enumerate(CARRIERS, start=1):
        for number, string in enumerate(strings) if carrier in carriers else ():
            tree.plant(1000 * place + number, string.planted(carrier))
    tree.write_tables()
    return tree.book


class _Tree:
    """The files below `root`, and what they carry."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._captions: list[dict[str, Any]] = []
        self._findings: list[dict[str, Any]] = []
        self.book: Book = {}
        for source in SOURCES:
            (root / source).mkdir(parents=True, exist_ok=True)

    def plant(self, seed: int, planted: Planted) -> None:
        """One item. seed: number of its film, which no other item shares."""
        name, carrier = planted.injection.id, planted.carrier
        if carrier == COLUMN:
            self.column(seed, name, planted.text, planted)
        elif carrier == LABEL:
            self._label(seed, name, planted)
        elif carrier in PIXELS:
            self._pixels(seed, name, planted, PIXELS[carrier])
        else:
            self._dicom(seed, name, planted, DESCRIPTIONS if carrier == DICOM_TEXT else (MAKER,))

    def column(self, seed: int, name: str, text: str, planted: Planted | None) -> None:
        folder, film = self._root / "injected-column", draw_film(seed)
        write_png(folder / "images" / f"{name}.png", film.pixels)
        write_png(folder / "masks" / f"{name}.png", film.nodule)
        self._captions.append({"file": name, "caption": text})
        self.book["injected-column", f"images/{name}.png"] = planted

    def _label(self, seed: int, name: str, planted: Planted) -> None:
        film = draw_film(seed)
        write_png(self._root / "injected-label" / "images" / f"{name}.png", film.pixels)
        edges = dict(zip(("x0", "y0", "x1", "y1"), tight_box(film.nodule), strict=True))
        self._findings.append({"file": name, "finding": planted.text} | edges)
        self.book["injected-label", f"images/{name}.png"] = planted

    def _pixels(self, seed: int, name: str, planted: Planted, contrast: str) -> None:
        folder, film = self._root / "injected-pixels", draw_film(seed)
        lettered = letter(film.pixels, planted.visible, contrast, band=BAND)
        write_png(folder / "images" / contrast / f"{name}.png", lettered)
        write_png(folder / "masks" / contrast / f"{name}.png", film.nodule)
        self.book["injected-pixels", f"images/{contrast}/{name}.png"] = planted

    def _dicom(self, seed: int, name: str, planted: Planted, elements: Iterable[str]) -> None:
        place = planted.carrier.split()[-1]
        path = f"images/{place}/{name}.dcm"
        texts = dict.fromkeys(elements, planted.text)
        write_dicom(self._root / "injected-dicom" / path, draw_film(seed), seed, texts)
        self.book["injected-dicom", path] = planted

    def write_tables(self) -> None:
        """The tables of the sources that have one."""
        _write_csv(
            self._root / "injected-column" / "captions.csv", ["file", "caption"], self._captions
        )
        columns = ["file", "finding", "x0", "y0", "x1", "y1"]
        _write_csv(self._root / "injected-label" / "findings.csv", columns, self._findings)


def _write_csv(path: Path, columns: list[str], rows: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns)
        writer.writeheader()
        writer.writerows(rows)

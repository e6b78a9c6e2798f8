"""Views of one shard: each image's sheet, passages and pixels, put together for a model."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pyarrow.parquet as pq

from pipelines.phases.sheets import sheets
from pipelines.task import Need, Task, folder_of, upstream
from schemas.ids import digest
from schemas.passage import Passage
from transforms.sheet import FactSheet
from transforms.showing.copies import overlay_copy, sent_copy
from transforms.showing.view import View


@dataclass(frozen=True)
class Showing:
    """How pictures and source texts are put before a model."""

    image_side: int  # px
    images: bool = True
    overlay: bool = False
    notes: bool = True
    several: int = 0  # further images of the same study or item that come along


class Pixels:
    """PNG bytes of the images of one shard, read by id; nothing stays in memory."""

    def __init__(self, task: Task) -> None:
        done = upstream(task, Need("ingest", task.shard))
        self._file = pq.ParquetFile(
            folder_of(task.out, "ingest") / done.file("images"), memory_map=True
        )
        ids = self._file.read(columns=["id"])["id"].to_pylist()
        self._at = {id: place for place, id in enumerate(ids)}
        sizes = [
            self._file.metadata.row_group(g).num_rows for g in range(self._file.num_row_groups)
        ]
        self._starts = [sum(sizes[:g]) for g in range(len(sizes))]
        self._held: tuple[int, Any] = (-1, None)

    def png(self, id: str) -> bytes:
        """The released picture. One row group is held at a time."""
        place = self._at[id]
        group = max(g for g, start in enumerate(self._starts) if start <= place)
        if self._held[0] != group:
            self._held = (group, self._file.read_row_group(group, columns=["image"])["image"])
        picture = self._held[1][place - self._starts[group]].as_py()
        data: bytes = picture["bytes"]
        return data


def views(
    task: Task, passages_of: Callable[[FactSheet], list[Passage]], showing: Showing
) -> Iterator[tuple[View, bytes]]:
    """One view an image, in ingest's order, each with its released PNG."""
    pixels = Pixels(task)
    known = list(sheets(task))
    groups = _together(known)
    for sheet in known:
        png = pixels.png(sheet.image.id)
        view = view_of(sheet, tuple(passages_of(sheet)), png, showing)
        further = [
            view_of(other, (), pixels.png(other.image.id), replace(showing, notes=False))
            for other in _companions(sheet, groups[_group(sheet)])[: showing.several]
        ]
        yield replace(view, others=tuple(further)), png


def view_of(sheet: FactSheet, passages: tuple[Passage, ...], png: bytes, showing: Showing) -> View:
    """One image as the model sees it."""
    if not showing.images:
        return View(sheet, passages, notes=_notes(sheet, showing))
    sent, scale = sent_copy(png, side=showing.image_side)
    drawn = (
        overlay_copy(png, sheet.things, side=showing.image_side)
        if showing.overlay and sheet.regions
        else None
    )
    return View(sheet, passages, sent, drawn, scale, _notes(sheet, showing))


def _notes(sheet: FactSheet, showing: Showing) -> tuple[str, ...]:
    """Columns of the source that nobody mapped: words for context, never facts."""
    if not showing.notes:
        return ()
    return tuple(f"{pair['key']}: {pair['value']}" for pair in sheet.image.extra if pair["value"])


def _together(known: list[FactSheet]) -> dict[tuple[str, str], list[FactSheet]]:
    """Sheets of one study, else of one item, of one patient: what may stand in one question."""
    groups: dict[tuple[str, str], list[FactSheet]] = {}
    for sheet in known:
        groups.setdefault(_group(sheet), []).append(sheet)
    return groups


def _group(sheet: FactSheet) -> tuple[str, str]:
    image = sheet.image
    return image.patient_key, image.study_key or f"item {image.item}"


def _companions(sheet: FactSheet, group: list[FactSheet]) -> list[FactSheet]:
    """The other images of the group, in a keyed order."""
    own = sheet.image.id
    others = [other for other in group if other.image.id != own]
    return sorted(others, key=lambda other: digest("companion", own, other.image.id))

"""Example rows of the report: chosen by keyed hash over all sources and modalities, then read."""

import base64
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from schemas.conform import to_row
from schemas.ids import digest
from schemas.reasons import REASONS
from schemas.region import Region
from schemas.vocabulary import modalities
from transforms.card.summary import NOT_REPORTED, DataFile, Summary
from transforms.drawing import colours, draw

SMALLEST_SHOWN = 420  # px, longest side; smaller images are enlarged by a whole number
WINDOWED = ("CT", "MR", "PT", "NM", "CR", "DX", "MG")  # stored values are wider than what is shown
THIN_UP_TO = 600  # px; the page shows larger drawings smaller, so their lines are drawn wider
LARGEST_SHOWN = 1024  # px; larger images are reduced by a whole number, and the page says so


@dataclass(frozen=True)
class Mark:
    """One region, as a line beside the image."""

    number: int
    colour: str
    label: str
    kind: str
    position: str
    side: str
    size: str
    id: str
    producer: str


@dataclass(frozen=True)
class Legend:
    """One colour of the drawing and the numbers of the regions that have it."""

    colour: str
    label: str
    numbers: list[int]


@dataclass(frozen=True)
class Example:
    """One row with its images as data URIs, ready to be drawn."""

    row: dict[str, Any]
    title: str
    plain: str
    marked: str | None
    scale: str
    display: str
    legend: list[Legend]
    marks: list[Mark]
    numbers: dict[str, int]
    questions: list[dict[str, Any]] = field(default_factory=list)
    conversations: list[dict[str, Any]] = field(default_factory=list)

    @property
    def sided(self) -> bool:
        """Is the patient side of any region known?"""
        return any(mark.side for mark in self.marks)

    @property
    def has_mask(self) -> bool:
        """Is any region outlined, not only boxed?"""
        return any(region["mask"] for region in self.row["regions"])


def examples(corpus: Path, summary: Summary, *, limit: int) -> list[Example]:
    """`limit` rows of triplets, at most, one source and modality after the other."""
    files = [f for f in summary.files if f.config == "triplets"]
    rows = list(_read(corpus, files, "id", _chosen(corpus, files, limit)))
    order = {row["id"]: (row["modality"], row["source"], row["id"]) for row in rows}
    questions, talks = (_said(corpus, summary, name, set(order)) for name in ASKED)
    rows.sort(key=lambda row: order[row["id"]])
    return [
        _example(row, _by_turns(questions[row["id"]]), sorted(talks[row["id"]], key=_id))
        for row in rows
    ]


def found_by_experts(corpus: Path, summary: Summary, *, limit: int) -> list[Example]:
    """`limit` images at most with regions of experts, and those regions alone: one expert after the other,
    of each by a hash of the id."""
    files = [f for f in summary.files if f.config == "triplets"]
    groups: dict[str, list[str]] = defaultdict(list)
    for file in files:
        with pq.ParquetFile(corpus / file.path) as parquet:
            table = parquet.read(columns=["id", "regions.list.element.producer"])
        for row in table.to_pylist():
            for producer in {r["producer"] for r in row["regions"]}:
                if not _is_annotated(producer):
                    groups[producer].append(row["id"])
    chosen = _one_after_the_other(groups, limit)
    rows = {row["id"]: row for row in _read(corpus, files, "id", {id for _, id in chosen})}
    return [_of_expert(rows[id], producer) for producer, id in chosen]


def _one_after_the_other(groups: dict[str, list[str]], limit: int) -> list[tuple[str, str]]:
    ranked = sorted(
        (rank, producer, id)
        for producer, ids in groups.items()
        for rank, id in enumerate(sorted(ids, key=lambda i: digest("expert", producer, i)))
    )
    return sorted((producer, id) for _, producer, id in ranked[:limit])


def _of_expert(row: dict[str, Any], producer: str) -> Example:
    own = [r for r in row["regions"] if r["producer"] == producer]
    return _example(dict(row) | {"regions": own, "image": dict(row["image"])}, [], [])


def _is_annotated(producer: str) -> bool:
    return producer.startswith("annotation:")


ASKED = ("vqa", "conversations")


def _id(row: dict[str, Any]) -> str:
    return str(row["id"])


def _said(
    corpus: Path, summary: Summary, config: str, images: set[str]
) -> dict[str, list[dict[str, Any]]]:
    """Rows of a config by image, without pixels."""
    files = [f for f in summary.files if f.config == config]
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in _read(corpus, files, "image_id", images, without=("image", "more_images")):
        found[row["image_id"]].append(row)
    return found


def _by_turns(questions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One question of each type first, then the second of each, and so on."""
    seen: dict[str, int] = defaultdict(int)
    turns = []
    for question in sorted(questions, key=lambda q: (q["question_type"], q["id"])):
        kind = question["question_type"]
        turns.append((seen[kind], kind, question["id"], question))
        seen[kind] += 1
    return [turn[-1] for turn in sorted(turns, key=lambda turn: turn[:3])]


def _chosen(corpus: Path, files: list[DataFile], limit: int) -> set[str]:
    """Ids, by turns over (modality, source), within each by a hash of the id: nobody chose them."""
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for file in files:
        table = pq.read_table(corpus / file.path, columns=["id", "modality", "source"])
        for row in table.to_pylist():
            groups[row["modality"], row["source"]].append(row["id"])
    ranked = [
        (rank, digest("example", *group), id)
        for group, ids in groups.items()
        for rank, id in enumerate(sorted(ids, key=lambda i: digest("example", i)))
    ]
    return {id for _, _, id in sorted(ranked)[:limit]}


def _read(
    corpus: Path, files: list[DataFile], key: str, wanted: set[str], without: tuple[str, ...] = ()
) -> Iterator[dict[str, Any]]:
    """Rows whose `key` is wanted; a row group without any is not decoded beyond that column."""
    values = pa.array(sorted(wanted), pa.string())
    for file in files:
        with pq.ParquetFile(corpus / file.path) as parquet:
            names = [n for n in parquet.schema_arrow.names if n not in without]
            for group in range(parquet.num_row_groups):
                keys = parquet.read_row_group(group, columns=[key])[key]
                if pc.any(found := pc.is_in(keys, value_set=values)).as_py():
                    table = parquet.read_row_group(group, columns=names).filter(found)
                    yield from table.to_pylist()


def _example(
    row: dict[str, Any], questions: list[dict[str, Any]], talks: list[dict[str, Any]]
) -> Example:
    png = row.pop("image")["bytes"]
    regions = [to_row(Region, values) for values in row["regions"]]
    marks = _marks(regions)
    longest = max(row["width"], row["height"])
    enlarge, reduce = _scale(longest)
    line = 2 if longest * enlarge > THIN_UP_TO * reduce else 1
    return Example(
        row=row,
        title=_title(row),
        plain=_data_uri(draw(png, [], enlarge=enlarge, reduce=reduce)),
        marked=_data_uri(draw(png, regions, enlarge=enlarge, reduce=reduce, line=line))
        if regions
        else None,
        scale=f"{enlarge}:{reduce}",
        display=_display(row),
        legend=_legend(marks),
        marks=marks,
        numbers={region.id: n for n, region in enumerate(regions, start=1)},
        questions=questions,
        conversations=talks,
    )


def _scale(longest: int) -> tuple[int, int]:
    if longest < SMALLEST_SHOWN:
        return -(-SMALLEST_SHOWN // longest), 1
    return 1, -(-longest // LARGEST_SHOWN)


def _data_uri(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def _title(row: dict[str, Any]) -> str:
    modality = modalities().get(row["modality"])
    name = modality.title if modality else row["modality"]
    parts = [name[:1].upper() + name[1:], row["anatomy"], row["plane"], row["view"]]
    return ", ".join(part for part in parts if part)


def _display(row: dict[str, Any]) -> str:
    """Window and pixel size, as a reader of images wants them."""
    spacing = row["spacing_mm"]
    size = f"{spacing[0]:g} × {spacing[1]:g} mm" if spacing else NOT_REPORTED
    side = f"{row['width']} × {row['height']} px"
    window = row["window"] or (NOT_REPORTED if row["modality"] in WINDOWED else None)
    return f"{side}, pixel size {size}" + (f", window {window}" if window else "")


def _marks(regions: list[Region]) -> list[Mark]:
    shades = colours([region.label for region in regions])
    return [
        Mark(
            number, "#{:02x}{:02x}{:02x}".format(*shades[r.label]), _called(r), r.kind, r.position,
            "" if r.side == "unknown" else r.side, _size(r), r.id, r.producer,
        )
        for number, r in enumerate(regions, start=1)
    ]  # fmt: skip


def _called(region: Region) -> str:
    return f"{region.label} candidate" if region.candidate else region.label


def _legend(marks: list[Mark]) -> list[Legend]:
    by_label: dict[tuple[str, str], list[int]] = {}
    for mark in marks:
        by_label.setdefault((mark.colour, mark.label), []).append(mark.number)
    return [Legend(colour, label, numbers) for (colour, label), numbers in by_label.items()]


def _size(region: Region) -> str:
    if region.extent_mm:
        return " × ".join(f"{edge:.1f}" for edge in region.extent_mm) + " mm"
    return f"{100 * region.area_fraction:.2g} % of image"


def rejected_examples(rejects: pa.Table, *, limit: int) -> list[dict[str, Any]]:
    """`limit` rejects, at most, by turns over reasons, the most frequent reason first."""
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rejects.to_pylist():
        groups[row["reason"]].append(row | {"meaning": REASONS.get(row["reason"], row["reason"])})
    ranked = [
        (rank, -len(rows), reason, row["id"], row["detail"], row)
        for reason, rows in groups.items()
        for rank, row in enumerate(sorted(rows, key=lambda r: digest(r["id"], r["detail"])))
    ]
    return [entry[-1] for entry in sorted(ranked, key=lambda entry: entry[:5])[:limit]]

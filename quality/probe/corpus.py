"""Material from a released corpus: its own sheets, sentences and questions."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds

from quality.probe.material import Item
from schemas.conform import to_row
from schemas.fact import Fact
from schemas.ids import digest
from schemas.image import Image
from schemas.passage import Passage
from schemas.question import Question
from schemas.region import Region
from schemas.sentence import Sentence
from transforms.sheet import FactSheet, sheet_of

PIXELS = "image"
MOST_IMAGES = 600


def sheets_of(corpus: Path, *, most: int = MOST_IMAGES, seed: int = 0) -> Iterator[Item]:
    """Items of at most `most` images, drawn by keyed hash; pixels are not read.

    corpus  the folder that holds data/triplets and data/vqa, or the build's folder around it

    A released row tells all that gates need: the column `facts` holds the facts of the image and of its
    regions. Raises FileNotFoundError where no triplets lie.
    """
    folder = corpus / "corpus" if (corpus / "corpus").is_dir() else corpus
    triplets = _table(folder / "data" / "triplets")
    chosen = set(_drawn(triplets, most, seed))
    questions = _questions(folder / "data" / "vqa", chosen)
    columns = [name for name in triplets.schema.names if name != PIXELS]
    others = _further(triplets, columns, questions)
    rows = _rows(triplets, columns, ds.field("id").isin(sorted(chosen)))
    for row in sorted(rows, key=lambda r: r["id"]):
        asked = [q for q in questions[row["id"]] if all(i in others for i in q.more_image_ids)]
        further = sorted({i for q in asked for i in q.more_image_ids})
        yield _item(row, asked, [others[i] for i in further])


def _further(
    triplets: ds.Dataset, columns: list[str], questions: dict[str, list[Question]]
) -> dict[str, FactSheet]:
    """Sheets of further images that questions name; an image without a released description has none,
    and questions that name it are left out of the probe."""
    named = {i for asked in questions.values() for q in asked for i in q.more_image_ids}
    rows = _rows(triplets, columns, ds.field("id").isin(sorted(named))) if named else ()
    return {row["id"]: _item(row, [], []).sheet for row in rows}


def _table(folder: Path) -> ds.Dataset:
    paths = sorted(str(p) for p in folder.glob("*.parquet"))
    if not paths:
        raise FileNotFoundError(f"no parquet files in {folder.name}/ of the corpus")
    return ds.dataset(paths, format="parquet")


def _drawn(triplets: ds.Dataset, most: int, seed: int) -> list[str]:
    ids = triplets.to_table(columns=["id"])["id"].to_pylist()
    return sorted(ids, key=lambda i: digest("probe", seed, i))[:most]


def _rows(table: ds.Dataset, columns: list[str], where: Any) -> Iterator[dict[str, Any]]:
    for batch in table.to_batches(columns=columns, filter=where, batch_size=64):
        yield from batch.to_pylist()


def _questions(folder: Path, chosen: set[str]) -> dict[str, list[Question]]:
    """Questions by image, in released order; none where the corpus has no questions."""
    found: dict[str, list[Question]] = defaultdict(list)
    if not any(folder.glob("*.parquet")):
        return found
    table = _table(folder)
    columns = [name for name in table.schema.names if name in Question.__dataclass_fields__]
    for row in _rows(table, columns, ds.field("image_id").isin(sorted(chosen))):
        found[row["image_id"]].append(to_row(Question, row))
    return found


def _item(row: dict[str, Any], questions: list[Question], others: list[FactSheet]) -> Item:
    facts = [to_row(Fact, f) for f in row.pop("facts")]
    regions = [to_row(Region, r) for r in row["regions"]]
    image = to_row(Image, {"image": {"bytes": None, "path": None}, "facts": [], **row})
    sentences = [to_row(Sentence, s) for s in row["sentences"]]
    passages = [to_row(Passage, p) for p in row["passages"]]
    return Item(sheet_of(image, regions, facts), sentences, questions, passages, others)

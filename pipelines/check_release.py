"""Recompute the promises of a build from its files: what `medgrain verify` runs.

Each check yields problems as (place, what). Nothing here trusts what the build said of itself: digests,
ids, counts, boxes and references are worked out again from the bytes.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.check_volumes import check_volumes
from pipelines.check_words import Problem, check_conversations, check_further_images, paths
from pipelines.commit import sha256_of
from pipelines.summary import read_rejects
from quality.judging import judge_region
from schemas.corpus import CONFIGS
from schemas.region import Region


def check_release(out: Path) -> list[Problem]:
    """Every broken promise of OUT, named by file or row. An empty list: all hold."""
    corpus = out / "corpus"
    if not (corpus / "manifest.jsonl").is_file():
        return [("corpus/manifest.jsonl", "absent: the build did not finish; run it again")]
    problems = list(_files(corpus))
    if any(place.startswith("data/") for place, _ in problems):
        return problems  # rows of a broken file would only repeat it
    tables = {config: _columns(corpus, config) for config in CONFIGS}
    problems += _schemas(corpus)
    problems += _unique_ids(tables)
    problems += _one_split_a_patient(tables)
    problems += _references(tables)
    problems += check_conversations(tables["conversations"], corpus)
    problems += check_further_images(tables["vqa"], corpus)
    problems += _pixels(corpus)
    problems += _regions(corpus)
    problems += check_volumes(corpus, tables["images"])
    if (out / "run").is_dir():
        problems += _conservation(out, tables)
    return problems


def _files(corpus: Path) -> Iterator[Problem]:
    """I3: every listed file matches its digest; every file is listed."""
    listed = set()
    for line in (corpus / "manifest.jsonl").read_text("utf-8").splitlines():
        entry = json.loads(line)
        listed.add(entry["path"])
        path = corpus / entry["path"]
        if not path.is_file():
            yield entry["path"], "listed in the manifest, absent on disk"
        elif path.stat().st_size != entry["bytes"]:
            yield entry["path"], f"{path.stat().st_size} bytes, the manifest says {entry['bytes']}"
        elif sha256_of(path) != entry["sha256"]:
            yield entry["path"], "sha256 differs from the manifest"
    for path in sorted(p for p in corpus.rglob("*") if p.is_file()):
        name = path.relative_to(corpus).as_posix()
        if name not in listed and name != "manifest.jsonl":
            yield name, "not in the manifest"


def _columns(corpus: Path, config: str) -> pa.Table:
    """The columns that the cross checks need; no pixels."""
    wanted = {
        "images": ["id", "split", "patient_key", "source", "item", "volume_id"],
        "triplets": ["id", "split", "patient_key"],
        "vqa": ["id", "image_id", "split", "patient_key", "twin_id", "more_image_ids"],
        "conversations": ["id", "image_id", "split", "patient_key", "turns"],
        "volumes": ["id", "split", "patient_key"],
    }[config]
    empty = CONFIGS[config].remove_metadata().empty_table().select(wanted)
    return pa.concat_tables(
        [empty, *(pq.read_table(p, columns=wanted) for p in paths(corpus, config))]
    )


def _schemas(corpus: Path) -> Iterator[Problem]:
    for config, schema in CONFIGS.items():
        for path in paths(corpus, config):
            found = pq.read_schema(path)
            if found.names != schema.names or found.types != schema.types:
                yield f"data/{config}/{path.name}", f"columns are not those of config {config!r}"


def _unique_ids(tables: dict[str, pa.Table]) -> Iterator[Problem]:
    """I2."""
    for config, table in tables.items():
        for id, count in Counter(table["id"].to_pylist()).items():
            if count > 1:
                yield f"{config} {id}", f"appears {count} times"


def _one_split_a_patient(tables: dict[str, pa.Table]) -> Iterator[Problem]:
    split_of: dict[str, str] = {}
    for config, table in tables.items():
        for patient, split in zip(
            table["patient_key"].to_pylist(), table["split"].to_pylist(), strict=True
        ):
            if split_of.setdefault(patient, split) != split:
                yield f"{config} patient {patient}", f"in {split_of[patient]} and in {split}"


def _references(tables: dict[str, pa.Table]) -> Iterator[Problem]:
    images = set(tables["images"]["id"].to_pylist())
    for id in set(tables["triplets"]["id"].to_pylist()) - images:
        yield f"triplets {id}", "no such image"
    questions = set(tables["vqa"]["id"].to_pylist())
    for row in tables["vqa"].select(["id", "image_id", "twin_id", "more_image_ids"]).to_pylist():
        for image in (row["image_id"], *row["more_image_ids"]):
            if image not in images:
                yield f"vqa {row['id']}", f"image {image} is not in the corpus"
        if row["twin_id"] is not None and row["twin_id"] not in questions:
            yield f"vqa {row['id']}", f"twin {row['twin_id']} is not in the corpus"


def _pixels(corpus: Path) -> Iterator[Problem]:
    """Every picture decodes to the size and pixel digest of its row."""
    import cv2
    import numpy as np

    for path in paths(corpus, "images"):
        columns = ["id", "image", "width", "height", "pixel_sha256"]
        for batch in pq.ParquetFile(path).iter_batches(32, columns=columns):
            for row in batch.to_pylist():
                data = np.frombuffer(row["image"]["bytes"], np.uint8)
                pixels = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
                if pixels is None:
                    yield f"images {row['id']}", "the picture does not decode"
                elif pixels.shape[:2] != (row["height"], row["width"]):
                    yield (
                        f"images {row['id']}",
                        f"picture is {pixels.shape[:2]}, the row says otherwise",
                    )
                elif _pixel_digest(pixels) != row["pixel_sha256"]:
                    yield f"images {row['id']}", "pixel digest differs"


def _pixel_digest(pixels: Any) -> str:
    rgb = pixels if pixels.ndim == 2 else pixels[..., ::-1]
    shape = "x".join(str(n) for n in rgb.shape)
    return hashlib.sha256(shape.encode() + b"\0" + rgb.tobytes()).hexdigest()


def _regions(corpus: Path) -> Iterator[Problem]:
    """Boxes inside, tight on their masks; parents and sentence references exist."""
    columns = ["id", "width", "height", "regions", "sentences", "facts", "description"]
    for path in paths(corpus, "triplets"):
        for batch in pq.ParquetFile(path).iter_batches(64, columns=columns):
            for row in batch.to_pylist():
                yield from _row_regions(row)


def _row_regions(row: dict[str, Any]) -> Iterator[Problem]:
    place = f"triplets {row['id']}"
    ids = {region["id"] for region in row["regions"]}
    facts = {fact["id"] for fact in row["facts"]}
    for values in row["regions"]:
        for verdict in judge_region(Region(**values), row["width"], row["height"], smallest_px=1):
            if not verdict.passed:
                yield place, f"region {values['id']}: {verdict.reason} ({verdict.measured})"
        if values["parent"] is not None and values["parent"] not in ids:
            yield place, f"region {values['id']}: parent {values['parent']} is not in the row"
    for sentence in row["sentences"]:
        if not set(sentence["region_ids"]) <= ids or not set(sentence["fact_ids"]) <= facts:
            yield place, f"a sentence names an id that the row lacks: {sentence['text'][:60]!r}"
        if sentence["text"] not in row["description"]:
            yield place, "a sentence is not in the description"


RELEASED_FROM = (
    ("images", "curate", "images"),
    ("vqa", "balance", "questions"),
    ("conversations", "balance", "conversations"),
)
"""Config, and the line of the books whose kept rows it holds."""


def _conservation(out: Path, tables: dict[str, pa.Table]) -> Iterator[Problem]:
    """I1: every listed item is in the corpus or has a reject; every sentence and question is accounted for."""
    from pipelines.accounts import accounts

    for line in accounts(out):
        if line.taken != line.kept + line.rejected:
            yield (
                f"run/{line.phase}",
                (
                    f"{line.what}: {line.taken} in, {line.kept} kept, {line.rejected} rejected; they do not add up"
                ),
            )
    for config, phase, what in RELEASED_FROM:
        released = tables[config].num_rows
        kept = sum(line.kept for line in accounts(out) if (line.phase, line.what) == (phase, what))
        if released != kept:
            yield "corpus", f"{released} {what} released, {kept} were kept by {phase}"
    rejected = {(r["source"], r["item"]) for r in read_rejects(out)}
    if not rejected and not tables["images"].num_rows:
        yield "corpus", "neither an image nor a reject"

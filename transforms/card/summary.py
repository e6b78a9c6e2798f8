"""Summary: what is in a released corpus, as counts. It feeds card, Croissant file and report."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

Tally = dict[tuple[str, ...], int]
"""Counts by key, keys in sorted order."""

SPLITS = ("train", "validation", "test")
NOT_REPORTED = "not reported"


@dataclass(frozen=True)
class DataFile:
    """One released Parquet file; `path` is relative to the corpus, with forward slashes."""

    config: str
    split: str
    path: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Summary:
    """Counts over one corpus. What is unknown is counted under NOT_REPORTED, never left out."""

    name: str
    title: str
    version: str
    sources: tuple[Mapping[str, Any], ...]  # name, title, home, license, citation, known_issues
    files: tuple[DataFile, ...]
    images: Tally = field(default_factory=dict)  # source, modality, split, license
    anatomy: Tally = field(default_factory=dict)  # anatomy, modality
    patients: Tally = field(default_factory=dict)  # split
    missing: Tally = field(default_factory=dict)  # what an image lacks
    regions: Tally = field(default_factory=dict)  # label, kind, "mask" or "box only"
    sides: Tally = field(default_factory=dict)  # patient side of a region
    sentences: Tally = field(default_factory=dict)  # attribute
    questions: Tally = field(
        default_factory=dict
    )  # type, form ("yes/no", "5 options", "open"), answer place
    asked: int = 0  # images with a question
    several: int = 0  # questions asked of several images
    conversations: Tally = field(default_factory=dict)  # turns, modality
    volumes: Tally = field(default_factory=dict)  # kind, source, modality
    volume_regions: Tally = field(default_factory=dict)  # label, kind, "candidate" or ""
    passages: Tally = field(default_factory=dict)  # source, license
    gates: Tally = field(default_factory=dict)  # config, gate, "passed" or "failed"
    generators: Tally = field(default_factory=dict)  # backend, model, revision
    rejects: Tally = field(default_factory=dict)  # phase, scope, gate, reason

    def rows(self, config: str, split: str | None = None) -> int:
        """Rows of a config, of one split or of all."""
        return sum(f.rows for f in self.files if f.config == config and split in (None, f.split))

    @property
    def splits(self) -> list[str]:
        """Splits that some config has, in the usual order."""
        found = {f.split for f in self.files}
        return [s for s in SPLITS if s in found] + sorted(found - set(SPLITS))

    @property
    def configs(self) -> list[str]:
        """Configs that have a file."""
        return sorted({f.config for f in self.files})


def total(tally: Tally, *places: int) -> Tally:
    """The tally summed over everything but the key parts at `places`."""
    summed: Counter[tuple[str, ...]] = Counter()
    for key, count in tally.items():
        summed[tuple(key[p] for p in places)] += count
    return dict(sorted(summed.items()))


def summarise(
    corpus: Path,
    *,
    name: str,
    title: str = "",
    version: str = "",
    sources: Sequence[Mapping[str, Any]] = (),
    rejects: pa.Table | None = None,
    digests: Mapping[str, str] | None = None,
) -> Summary:
    """Count a corpus folder. Reads every column but the pixels, one row group at a time.

    digests: sha256 by path of files that were hashed a moment ago; others are hashed here.
    """
    files = tuple(data_files(corpus, digests or {}))
    counts: dict[str, Counter[tuple[str, ...]]] = {}
    patients: dict[str, set[str]] = {}
    asked: set[str] = set()
    several = 0
    for file in files:
        for rows in _batches(corpus / file.path, _COLUMNS[file.config]):
            _COUNTERS[file.config](rows, counts)
            for row in rows:
                patients.setdefault(row["split"], set()).add(row["patient_key"])
            if file.config == "vqa":
                asked.update(row["image_id"] for row in rows)
                several += sum(bool(row["more_image_ids"]) for row in rows)
    for row in [] if rejects is None else rejects.select(list(_REJECT_KEY)).to_pylist():
        _add(counts, "rejects", *(row[key] for key in _REJECT_KEY))
    tallies = {what: dict(sorted(counter.items())) for what, counter in counts.items()}
    tallies["patients"] = {(split,): len(found) for split, found in sorted(patients.items())}
    return Summary(
        name,
        title or name,
        version,
        tuple(sources),
        files,
        asked=len(asked),
        several=several,
        **tallies,
    )


_FILE = re.compile(r"data/(?P<config>[a-z]+)/(?P<split>[a-z]+)-\d{5}-of-\d{5}\.parquet")


def data_files(corpus: Path, digests: Mapping[str, str]) -> Iterator[DataFile]:
    """The released files of a corpus, by path, with their digests. Others are passed over."""
    for path in sorted((corpus / "data").glob("*/*.parquet")):
        relative = path.relative_to(corpus).as_posix()
        match = _FILE.fullmatch(relative)
        if match and match["config"] in _COLUMNS:
            digest = digests.get(relative) or _sha256(path)
            rows = pq.read_metadata(path).num_rows
            yield DataFile(
                match["config"], match["split"], relative, rows, path.stat().st_size, digest
            )


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


_REJECT_KEY = ("phase", "scope", "gate", "reason")


def _inside(column: str, *names: str) -> list[str]:
    """Parquet paths of some fields of a list of structs, so that the others are not read."""
    return [f"{column}.list.element.{name}" for name in names]


_COLUMNS = {
    "images": [
        "source", "modality", "split", "license", "patient_key", "anatomy", "study_key",
        "spacing_mm", "orientation", "view", *_inside("facts", "kind"),
    ],
    "triplets": [
        "split", "patient_key", "generator", *_inside("sentences", "attribute"),
        *_inside("regions", "label", "kind", "side", "mask.size"),
        *_inside("passages", "source", "license"), *_inside("verdicts", "gate", "passed"),
    ],
    "vqa": [
        "image_id", "split", "patient_key", "question_type", "options", "answer_index",
        "more_image_ids", *_inside("verdicts", "gate", "passed"),
    ],
    "conversations": [
        "split", "patient_key", "modality", *_inside("turns", "role"),
        *_inside("verdicts", "gate", "passed"),
    ],
    "volumes": [
        "kind", "source", "modality", "split", "patient_key",
        *_inside("regions", "label", "kind", "candidate"),
    ],
}  # fmt: skip


def _batches(path: Path, columns: list[str]) -> Iterator[list[dict[str, Any]]]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(1024, columns=columns):
            yield batch.to_pylist()


def _add(counts: dict[str, Counter[tuple[str, ...]]], what: str, *key: str | None) -> None:
    counts.setdefault(what, Counter())[tuple(k or NOT_REPORTED for k in key)] += 1


def _count_images(rows: list[dict[str, Any]], counts: dict[str, Counter[tuple[str, ...]]]) -> None:
    for row in rows:
        _add(counts, "images", row["source"], row["modality"], row["split"], row["license"])
        _add(counts, "anatomy", row["anatomy"], row["modality"])
        kinds = {fact["kind"] for fact in row["facts"]}
        lacking = {
            "anatomy": row["anatomy"] is None,
            "pixel spacing": row["spacing_mm"] is None,
            "patient orientation": row["orientation"] is None,
            "study": row["study_key"] is None,
            "view": row["view"] is None and "view" not in kinds,
            "patient age": "age" not in kinds,
            "patient sex": "sex" not in kinds,
        }
        for what, lacks in lacking.items():
            counts.setdefault("missing", Counter())[(what,)] += lacks


def _count_triplets(
    rows: list[dict[str, Any]], counts: dict[str, Counter[tuple[str, ...]]]
) -> None:
    for row in rows:
        counts.setdefault("missing", Counter())[("region",)] += not row["regions"]
        for region in row["regions"]:
            _add(counts, "sides", region["side"])
            shape = "mask" if region["mask"] else "box only"
            _add(counts, "regions", region["label"], region["kind"], shape)
        for sentence in row["sentences"]:
            _add(counts, "sentences", sentence["attribute"])
        for passage in row["passages"]:
            _add(counts, "passages", passage["source"], passage["license"])
        made = row["generator"]
        _add(counts, "generators", made["backend"], made["model"], made["revision"])
        _count_verdicts("triplets", row["verdicts"], counts)


def _count_questions(
    rows: list[dict[str, Any]], counts: dict[str, Counter[tuple[str, ...]]]
) -> None:
    for row in rows:
        options = [option.lower() for option in row["options"]]
        form = "yes/no" if sorted(options) == ["no", "yes"] else f"{len(options)} options"
        place = row["answer_index"]
        answer = (
            "open" if place is None else options[place] if form == "yes/no" else "ABCDEFGH"[place]
        )
        _add(counts, "questions", row["question_type"], form if options else "open", answer)
        _count_verdicts("vqa", row["verdicts"], counts)


def _count_conversations(
    rows: list[dict[str, Any]], counts: dict[str, Counter[tuple[str, ...]]]
) -> None:
    for row in rows:
        _add(counts, "conversations", str(len(row["turns"])), row["modality"])
        _count_verdicts("conversations", row["verdicts"], counts)


def _count_volumes(rows: list[dict[str, Any]], counts: dict[str, Counter[tuple[str, ...]]]) -> None:
    for row in rows:
        _add(counts, "volumes", row["kind"], row["source"], row["modality"])
        for region in row["regions"]:
            said = "candidate" if region["candidate"] else "region"
            _add(counts, "volume_regions", region["label"], region["kind"], said)


def _count_verdicts(
    config: str, verdicts: list[dict[str, Any]], counts: dict[str, Counter[tuple[str, ...]]]
) -> None:
    for verdict in verdicts:
        _add(counts, "gates", config, verdict["gate"], "passed" if verdict["passed"] else "failed")


_COUNTERS = {
    "images": _count_images,
    "triplets": _count_triplets,
    "vqa": _count_questions,
    "conversations": _count_conversations,
    "volumes": _count_volumes,
}

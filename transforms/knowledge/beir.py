"""Retrieval test sets in the BEIR layout: corpus.jsonl, queries.jsonl, qrels/<split>.tsv.

Source: https://github.com/beir-cellar/beir. A corpus line is {_id, title, text}, a query line
{_id, text}, a qrels line query-id, corpus-id, score with a header.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transforms.knowledge.entry import Entry, tidy
from transforms.knowledge.errors import NotBeir


@dataclass
class TestSet:
    """corpus  entries whose id is the test set's own
    queries   query id -> text
    qrels     query id -> corpus id -> grade; above 0 is relevant
    """

    __test__ = False  # pytest: not a test

    corpus: list[Entry]
    queries: dict[str, str]
    qrels: dict[str, dict[str, int]]

    @property
    def answerable(self) -> list[str]:
        """Ids of the queries with at least one relevant document, sorted."""
        return sorted(q for q, grades in self.qrels.items() if any(g > 0 for g in grades.values()))


def read_beir(folder: Path) -> TestSet:
    """The test set in `folder`, over all files of qrels/. Raises NotBeir."""
    corpus = [_document(row, folder.name) for row in _lines(folder / "corpus.jsonl")]
    queries = {_key(row): tidy(row.get("text", "")) for row in _lines(folder / "queries.jsonl")}
    known = {one.id for one in corpus}
    qrels: dict[str, dict[str, int]] = {}
    for query, document, grade in _judgements(folder):
        if query not in queries or document not in known:
            raise NotBeir(f"qrels speak of {query} and {document}; one of them is not there")
        qrels.setdefault(query, {})[document] = grade
    if len(known) != len(corpus):
        raise NotBeir("corpus.jsonl: an _id stands twice")
    if not corpus or not qrels:
        raise NotBeir("no documents or no judgements")
    return TestSet(corpus, queries, qrels)


def write_beir(
    folder: Path,
    corpus: list[dict[str, Any]],
    queries: Mapping[str, str],
    qrels: Mapping[str, Mapping[str, int]],
) -> None:
    """Write a test set; the same content gives the same bytes."""
    (folder / "qrels").mkdir(parents=True, exist_ok=True)
    _write_lines(folder / "corpus.jsonl", corpus)
    _write_lines(folder / "queries.jsonl", [{"_id": q, "text": t} for q, t in queries.items()])
    lines = ["query-id\tcorpus-id\tscore"]
    lines += [f"{q}\t{d}\t{grade}" for q, grades in qrels.items() for d, grade in grades.items()]
    (folder / "qrels" / "test.tsv").write_text("\n".join(lines) + "\n", "utf-8")


def _judgements(folder: Path) -> Iterator[tuple[str, str, int]]:
    for path in sorted((folder / "qrels").glob("*.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            for number, row in enumerate(csv.reader(file, delimiter="\t"), start=1):
                if number == 1 and row[:1] == ["query-id"]:
                    continue
                try:
                    query, document, grade = row
                    yield query, document, int(grade)
                except ValueError:
                    raise NotBeir(
                        f"qrels/{path.name}, line {number}: not query-id, corpus-id, score"
                    ) from None


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if not path.is_file():
        raise NotBeir(f"no {path.name}")
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            try:
                row = json.loads(line)
                _key(row)
            except (ValueError, KeyError, TypeError):
                raise NotBeir(f"{path.name}, line {number}: not a JSON row with an _id") from None
            yield row


def _document(row: dict[str, Any], source: str) -> Entry:
    title, text = tidy(str(row.get("title", ""))), tidy(str(row.get("text", "")))
    return Entry(_key(row), source, "", text, title=title)


def _key(row: dict[str, Any]) -> str:
    return str(row["_id"])


def _write_lines(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), "utf-8")

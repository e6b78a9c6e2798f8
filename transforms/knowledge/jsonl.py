"""Passages from JSON lines of {id, title, text, license, source}; also concept, synonyms, url."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from schemas.declaration.licenses import license_fault
from schemas.reject import Fault
from transforms.knowledge.chunk import chunk
from transforms.knowledge.declaration import PER_DOCUMENT, PassageSource
from transforms.knowledge.entry import Entry, entry

MAX_LINE = 1 << 20  # bytes
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    id: Words
    title: str = ""
    text: Words
    license: str = ""
    source: str = ""
    concept: str = ""
    synonyms: list[str] = Field(default_factory=list)
    url: str = ""


def read_jsonl(path: Path, source: PassageSource) -> Iterator[Entry | Fault]:
    """The passages of one file; a bad line is a Fault with its number and does not stop the rest.

    `concept` is the term that the text defines; leave it out where the text defines none.
    A row's own `source` and `license` go before those of the declaration. A text beyond the length
    bound is cut into several passages; only the first can define the concept.
    """
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            row = _row(line)
            if isinstance(row, str):
                yield Fault("passage_malformed", f"line {number}: {row}")
                continue
            license = row.license or source.license
            if license == PER_DOCUMENT or license_fault(license):
                yield Fault("license_unknown", f"line {number}: no licence identifier")
                continue
            yield from _entries(row, license, source)


def _entries(row: _Row, license: str, source: PassageSource) -> Iterator[Entry]:
    for part, text in enumerate(chunk([row.text], max_chars=source.max_chars)):
        yield entry(
            row.source or source.name, license, row.title, text,
            concept=row.concept, synonyms=tuple(row.synonyms),
            defines=part == 0, origin=f"{source.name}/{row.id}", url=row.url,
        )  # fmt: skip


def _row(line: bytes) -> _Row | str:
    """The row, or what is wrong with it (never its content)."""
    if len(line) > MAX_LINE:
        return f"{len(line)} bytes, at most {MAX_LINE}"
    try:
        return _Row.model_validate(json.loads(line.decode("utf-8-sig")))
    except ValidationError as error:
        places = sorted({".".join(map(str, e["loc"])) or "row" for e in error.errors()})
        return f"missing or of the wrong type: {', '.join(places)}"
    except (ValueError, RecursionError):
        return "not a line of UTF-8 JSON"

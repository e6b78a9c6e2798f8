"""Passage: a piece of openly licensed knowledge text."""

from dataclasses import dataclass

import pyarrow as pa

PASSAGE = pa.struct(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("license", pa.string(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("score", pa.float64()),
    ]
)


@dataclass(frozen=True)
class Passage:
    """One row of PASSAGE, with the two fields retrieval needs and a release does not."""

    id: str
    source: str
    license: str
    text: str
    score: float | None = None
    title: str = ""
    concept: str = ""  # the term this passage defines, as the knowledge source names it

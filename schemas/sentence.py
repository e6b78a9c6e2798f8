"""Sentence: one statement of a description, and the ids it rests on."""

from dataclasses import dataclass, field

import pyarrow as pa

ATTRIBUTES = ("modality", "anatomy", "roi_position", "roi_appearance", "relation", "knowledge")

SENTENCE = pa.struct(
    [
        pa.field("text", pa.string(), nullable=False),
        pa.field("attribute", pa.string(), nullable=False),
        pa.field("region_ids", pa.list_(pa.string()), nullable=False),
        pa.field("fact_ids", pa.list_(pa.string()), nullable=False),
        pa.field("passage_ids", pa.list_(pa.string()), nullable=False),
    ]
)


@dataclass(frozen=True)
class Sentence:
    """One row of SENTENCE. `attribute` is one of ATTRIBUTES; region ids in order of mention."""

    text: str
    attribute: str
    region_ids: list[str] = field(default_factory=list)
    fact_ids: list[str] = field(default_factory=list)
    passage_ids: list[str] = field(default_factory=list)

"""Conversation: several turns over one image; every assistant turn rests on facts like a sentence."""

from dataclasses import dataclass, field

import pyarrow as pa

TURN = pa.struct(
    [
        pa.field(
            "role", pa.string(), nullable=False
        ),  # user | assistant, in turn; ends with assistant
        pa.field("text", pa.string(), nullable=False),
        pa.field("region_ids", pa.list_(pa.string()), nullable=False),
        pa.field("fact_ids", pa.list_(pa.string()), nullable=False),
        pa.field("passage_ids", pa.list_(pa.string()), nullable=False),
    ]
)

CONVERSATION = pa.struct(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("image_id", pa.string(), nullable=False),
        pa.field("turns", pa.list_(TURN), nullable=False),
    ]
)


@dataclass(frozen=True)
class Turn:
    """One row of TURN. Ids are empty on a user's turn."""

    role: str
    text: str
    region_ids: list[str] = field(default_factory=list)
    fact_ids: list[str] = field(default_factory=list)
    passage_ids: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Conversation:
    """One row of CONVERSATION."""

    id: str
    image_id: str
    turns: list[Turn]

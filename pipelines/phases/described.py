"""What describe commits, made of the words of each image, whoever wrote them."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from pipelines.phases.rows import ATTEMPT, DESCRIBED
from schemas.conform import plain, to_table
from schemas.conversation import Conversation
from schemas.exchange import EXCHANGE
from schemas.passage import Passage
from schemas.question import Question
from schemas.sentence import Sentence

Row = dict[str, Any]


def row_of(
    image_id: str,
    passages: Sequence[Passage],
    sentences: Sequence[Sentence],
    questions: Sequence[Question],
    conversations: Sequence[Conversation] = (),
) -> Row:
    """A row of DESCRIBED. All passages that were at hand stay: a judge is shown what the writer was."""
    return {
        "id": image_id,
        "sentences": plain(list(sentences)),
        "passages": plain(list(passages)),
        "questions": plain(list(questions)),
        "conversations": plain(list(conversations)),
    }


def tables_of(
    rows: list[Row], attempts: Sequence[Row] = (), exchanges: Sequence[Row] = ()
) -> dict[str, pa.Table]:
    """The tables of one shard."""
    return {
        "described": to_table(rows, DESCRIBED),
        "attempts": to_table(list(attempts), ATTEMPT),
        "exchanges": to_table(list(exchanges), EXCHANGE),
    }


def counts_of(rows: list[Row]) -> dict[str, int]:
    """Images, and words by kind."""
    kinds = ("sentences", "questions", "conversations")
    return {"images": len(rows)} | {kind: sum(len(r[kind]) for r in rows) for kind in kinds}

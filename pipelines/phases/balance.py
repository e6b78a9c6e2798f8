"""balance: what the accepted questions and conversations of all shards come to, evened out.

Like curate it decides over the whole corpus, as a pure function of keys: neither the order of shards nor
who finished when matters. It reads words and keys, no pixels.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.phases.rows import iter_rows, read_table
from pipelines.task import Need, Outcome, Step, Task, folder_of, upstream
from quality.balance.choice import CONVERSATION, NOT_REPORTED, BalanceChoice
from quality.balance.decide import Balance, balance
from quality.balance.item import Item
from schemas.conform import to_table
from schemas.reject import Reject

BALANCED = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),  # of a question or conversation
        pa.field("keep", pa.bool_(), nullable=False),
        # Old places of the options in their new order; null: they stand as they were judged.
        pa.field("order", pa.list_(pa.int32())),
        pa.field("answer_index", pa.int32()),  # new place of the key, where the options move
    ]
)
"""balance: one row a question or conversation, in the order of the verified shard."""

STATISTICS = pa.schema([pa.field("json", pa.string(), nullable=False)])
"""balance: one row, the statistics of the released items as JSON (quality.balance.decide)."""

KEYS = ("id", "source", "item", "patient_key", "modality", "anatomy")
QUESTION_PARTS = (
    "id", "question", "question_type", "options", "answer", "answer_index", "twin_id", "rationale",
)  # fmt: skip


def run(task: Task, step: Step) -> Outcome:
    """Decide over the accepted items of all shards; one table of decisions a shard.

    options: shards (name and source, in corpus order), balance (a BalanceChoice as JSON), key. Rests on
    the tables `images` of ingest and `verified` of verify. counts: kept (questions), conversations.
    """
    shards = [shard for shard, _ in step.options["shards"]]
    images: dict[str, dict[str, Any]] = {}
    items: dict[str, list[Item]] = {shard: list(_items(task, shard, images)) for shard in shards}
    choice = BalanceChoice.model_validate(step.options["balance"])
    everything = [item for found in items.values() for item in found]
    decided = balance(everything, choice, step.options["key"])
    tables = {shard: _decisions(items[shard], decided) for shard in shards}
    text = json.dumps(decided.statistics, sort_keys=True, ensure_ascii=False)
    tables["statistics"] = to_table([{"json": text}], STATISTICS)
    refused = [item for item in everything if item.id in decided.refused]
    rejects = [_reject(item, images[item.id], decided) for item in refused]
    talks = Counter(item.question_type == CONVERSATION for item in everything)
    talks.subtract(item.question_type == CONVERSATION for item in refused)
    return Outcome(tables, rejects, {"kept": talks[False], "conversations": talks[True]})


def _items(task: Task, shard: str, images: dict[str, dict[str, Any]]) -> Iterator[Item]:
    """Questions, then conversations, of every image of a shard; notes which image each is of."""
    known = {
        row["id"]: row for row in iter_rows(read_table(task, "ingest", shard, "images", list(KEYS)))
    }
    for row in _verified(task, shard):
        image = known[row["id"]]
        for question in row["questions"]:
            images[question["id"]] = image
            yield _question(question, image, row["split"])
        for conversation in row.get("conversations", ()):
            images[conversation["id"]] = image
            yield _item(conversation["id"], CONVERSATION, image, row["split"])


def _verified(task: Task, shard: str) -> Iterator[dict[str, Any]]:
    """Id, split, questions and conversations of a verified shard, without what nobody asks for here."""
    done = upstream(task, Need("verify", shard))
    with pq.ParquetFile(folder_of(task.out, "verify") / done.file("verified")) as file:
        parts = [f"questions.list.element.{name}" for name in QUESTION_PARTS]
        for batch in file.iter_batches(
            256, columns=["id", "split", *parts, "conversations.list.element.id"]
        ):
            yield from batch.to_pylist()


def _question(row: dict[str, Any], image: dict[str, Any], split: str) -> Item:
    return _item(
        row["id"],
        row["question_type"],
        image,
        split,
        stem=row["question"],
        options=tuple(row["options"]),
        answer=row["answer"],
        answer_index=row["answer_index"],
        twin_id=row["twin_id"],
        rationale=row["rationale"] or "",
    )


def _item(id: str, kind: str, image: dict[str, Any], split: str, **parts: Any) -> Item:
    return Item(
        id=id,
        question_type=kind,
        modality=image["modality"],
        anatomy=image["anatomy"] or NOT_REPORTED,
        patient=image["patient_key"],
        split=split,
        **parts,
    )


def _decisions(items: list[Item], decided: Balance) -> pa.Table:
    rows = [
        {
            "id": item.id,
            "keep": item.id not in decided.refused,
            "order": decided.orders.get(item.id),
            "answer_index": decided.places.get(item.id),
        }
        for item in items
    ]
    return to_table(rows, BALANCED)


def _reject(item: Item, image: dict[str, Any], decided: Balance) -> Reject:
    why = decided.refused[item.id]
    scope = "conversation" if item.question_type == CONVERSATION else "question"
    return Reject(
        item.id, image["source"], image["item"], "balance", why.gate, why.reason, why.detail, 1, scope
    )  # fmt: skip


def statistics_of(task: Task) -> dict[str, Any]:
    """The statistics that the last run committed."""
    table = read_table(task, "balance", "all", "statistics", STATISTICS.names)
    found: dict[str, Any] = json.loads(table["json"][0].as_py())
    return found

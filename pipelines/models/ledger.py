"""The ledger of a build: requests, tokens, seconds and money by stage and model, from the exchanges."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from expert_models.llm.choice import PriceChoice
from expert_models.llm.rates import money
from pipelines.commit import read_record
from pipelines.errors import UsageError
from pipelines.task import folder_of

COLUMNS = ["key", "purpose", "model", "outcome", "prompt_tokens", "completion_tokens", "seconds",
           "attempts", "cached"]  # fmt: skip


@dataclass
class Entry:
    """One line. Tokens, seconds and money are of the calls that fetched the answers, now or earlier;
    `asked` counts those that this build made itself.

    requests: as the phases made them. answers: distinct ones among them. retries: calls beyond the
    first for one answer.
    """

    purpose: str
    model: str
    requests: int = 0
    answers: int = 0
    asked: int = 0
    failed: int = 0
    retries: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    money: float = 0.0
    currency: str = ""

    def as_row(self) -> dict[str, Any]:
        """As plain data, money to the hundredth of a cent."""
        return asdict(self) | {"seconds": round(self.seconds, 3), "money": round(self.money, 4)}


def ledger(out: Path, shards: Sequence[str], prices: dict[str, PriceChoice]) -> list[Entry]:
    """Entries by purpose and model. prices: by model as the recipe's `model` names it.

    An answer that two steps use is counted once: its key is the same.
    """
    entries: dict[tuple[str, str], Entry] = {}
    seen: set[str] = set()
    for row in _exchanges(out, shards):
        entry = entries.setdefault(
            (row["purpose"], row["model"]), Entry(row["purpose"], row["model"])
        )
        entry.requests += 1
        if row["outcome"] != "answered":
            entry.failed += 1
        if row["key"] in seen:
            continue
        seen.add(row["key"])
        _add(entry, row, prices.get(row["model"], PriceChoice()))
    return [entries[key] for key in sorted(entries)]


def _add(entry: Entry, row: dict[str, Any], price: PriceChoice) -> None:
    entry.answers += row["outcome"] == "answered"
    entry.asked += not row["cached"]
    entry.retries += row["attempts"] - 1
    entry.prompt_tokens += row["prompt_tokens"]
    entry.completion_tokens += row["completion_tokens"]
    entry.seconds += row["seconds"]
    entry.currency = price.currency
    entry.money += money(row["prompt_tokens"], row["completion_tokens"], price)


def _exchanges(out: Path, shards: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Describe first: what verify reuses was fetched there."""
    for phase in ("describe", "verify"):
        folder = folder_of(out, phase)
        for shard in shards:
            done = read_record(folder, shard)
            if done is None:
                continue
            table = pq.read_table(folder / done.file("exchanges"), columns=COLUMNS)
            yield from table.to_pylist()


def ledger_of(out: Path) -> list[Entry]:
    """The ledger of the last build in `out`, at the prices of its recipe. Raises UsageError without one."""
    path = out / "run" / "build.json"
    if not path.is_file():
        raise UsageError(f"{out}: no finished build there; expected run/build.json")
    books = json.loads(path.read_text("utf-8"))
    models = (books["recipe"].get("models") or {}).values()
    prices = {m["model"]: PriceChoice.model_validate(m["price"]) for m in models}
    return ledger(out, books["shards"], prices)

"""B10 through medgrain's own door: store of answers, limits, retries, strict reading, repairs.

python bench_asking_medgrain.py QUESTIONS URL OUT STORE
"""

import asyncio
import json
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from expert_models.llm.asker import open_asker
from expert_models.llm.choice import LimitChoice, ModelChoice
from schemas.exchange import Ask, Message, Request
from transforms.prompting.asking import ask_json

CALLS_IN_FLIGHT = 64
REPAIRS = 2
SCHEMA = {
    "type": "object",
    "title": "echo",
    "properties": {"code": {"type": "string"}, "answer": {"type": "string"}},
    "required": ["code", "answer"],
    "additionalProperties": False,
}


async def ask_one(ask: Ask, row: dict[str, Any]) -> dict[str, Any]:
    request = Request("bench", str(row["id"]), (Message("user", row["text"]),), schema=SCHEMA)
    reply = await ask_json(ask, request, row["code"], repairs=REPAIRS)
    if reply.fault is not None:
        return {"id": row["id"], "reason": str(reply.fault)}
    return {"id": row["id"], "text": json.dumps(reply.value)}


async def ask_all(
    rows: list[dict[str, Any]], url: str, store: str, most: int
) -> list[dict[str, Any]]:
    """Rows of answers or reasons; at most so many calls in flight."""
    choice = ModelChoice(
        backend="endpoint", model="fake-model", family="fake", url=url, reach="local",
        limits=LimitChoice(concurrency=most),
    )  # fmt: skip
    async with open_asker(choice, Path(store)) as asker:
        return await asyncio.gather(*(ask_one(asker.ask, row) for row in rows))


def work(task: tuple[list[dict[str, Any]], str, str, int]) -> list[dict[str, Any]]:
    return asyncio.run(ask_all(*task))


def main(questions: str, url: str, out: str, store: str, workers: str = "1") -> None:
    rows = [json.loads(line) for line in Path(questions).read_text().splitlines()]
    count = int(workers)
    tasks = [(rows[n::count], url, store, CALLS_IN_FLIGHT // count) for n in range(count)]
    if count == 1:
        found = work(tasks[0])
    else:
        with ProcessPoolExecutor(count) as pool:
            found = [row for part in pool.map(work, tasks) for row in part]
    Path(out).write_text("".join(json.dumps(row) + "\n" for row in found))


if __name__ == "__main__":
    main(*sys.argv[1:])

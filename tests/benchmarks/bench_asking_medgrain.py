"""B10 through medgrain's own door: store of answers, limits, retries, strict reading, repairs.

python bench_asking_medgrain.py QUESTIONS URL OUT STORE
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from expert_models.llm.asker import open_asker
from expert_models.llm.choice import ModelChoice
from schemas.exchange import Ask, Message, Request
from transforms.prompting.asking import ask_json

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


async def main(questions: str, url: str, out: str, store: str) -> None:
    rows = [json.loads(line) for line in Path(questions).read_text().splitlines()]
    choice = ModelChoice(
        backend="endpoint", model="fake-model", family="fake", url=url, reach="local"
    )  # the defaults: 64 calls in flight
    async with open_asker(choice, Path(store)) as asker:
        found = await asyncio.gather(*(ask_one(asker.ask, row) for row in rows))
    Path(out).write_text("".join(json.dumps(row) + "\n" for row in found))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:5]))

"""The bare loop of B10: aiohttp, a semaphore, a few tries, rows at the end. No cache, no repair, no bounds.

python bench_asking_loop.py QUESTIONS URL OUT
"""

import asyncio
import json
import sys
from pathlib import Path

import aiohttp

CONCURRENCY = 64
TRIES = 5


async def ask(
    session: aiohttp.ClientSession, url: str, slots: asyncio.Semaphore, row: dict
) -> dict:
    body = {
        "model": "fake-model",
        "messages": [{"role": "user", "content": row["text"]}],
        "temperature": 0,
    }
    async with slots:
        for attempt in range(TRIES):
            async with session.post(f"{url}/chat/completions", json=body) as response:
                if response.status == 200:
                    text = (await response.json())["choices"][0]["message"]["content"]
                    return {"id": row["id"], "text": text}
            await asyncio.sleep(0.5 * 2**attempt)
    return {"id": row["id"], "reason": f"status {response.status} after {TRIES} tries"}


async def main(questions: str, url: str, out: str) -> None:
    rows = [json.loads(line) for line in Path(questions).read_text().splitlines()]
    slots = asyncio.Semaphore(CONCURRENCY)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONCURRENCY)) as session:
        found = await asyncio.gather(*(ask(session, url, slots, row) for row in rows))
    Path(out).write_text("".join(json.dumps(row) + "\n" for row in found))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))

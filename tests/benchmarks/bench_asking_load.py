"""What the fake server can do: 64 bare connections that write requests made beforehand. Prints requests a second.

python bench_asking_load.py QUESTIONS URL SECONDS
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

CONNECTIONS = 64


class Line(asyncio.Protocol):
    """Writes the next request as soon as a response is whole."""

    def __init__(self, requests: list[bytes], count: list[int]) -> None:
        self._requests, self._count, self._came = requests, count, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._line = transport
        self._next()

    def _next(self) -> None:
        self._count[0] += 1
        self._line.write(self._requests[self._count[0] % len(self._requests)])

    def data_received(self, data: bytes) -> None:
        self._came += data
        head, found, body = self._came.partition(b"\r\n\r\n")
        if found and len(body) >= int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0]):
            self._came = b""
            self._next()


async def main(questions: str, url: str, seconds: str) -> None:
    place = urlsplit(url)
    rows = [json.loads(line) for line in Path(questions).read_text().splitlines()]
    requests = [request(place.path, row["text"]) for row in rows]
    count = [0]
    loop = asyncio.get_running_loop()
    for _ in range(CONNECTIONS):
        await loop.create_connection(lambda: Line(requests, count), place.hostname, place.port)
    started, before = time.monotonic(), count[0]
    await asyncio.sleep(float(seconds))
    print((count[0] - before) / (time.monotonic() - started))


def request(path: str, text: str) -> bytes:
    body = json.dumps(
        {"model": "fake-model", "messages": [{"role": "user", "content": text}], "temperature": 0}
    ).encode()
    head = f"POST {path}/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))

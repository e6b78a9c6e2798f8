"""A fake OpenAI-compatible server: stands in for a big model, answers as a function of the request.

    python -m tests.fakes.server [--script script.json] [--log requests.jsonl] [--port 0]

prints `{"port": N, "url": "http://127.0.0.1:N/v1"}` and serves until it is ended. In a test, in a thread of the
same process:

    with serving(Script(rules=(Rule(Fault("reset_in_body"), attempts=(0,)),)), log) as server:
        ...  # server.url; server.script can be changed at any time

Routes: POST /v1/chat/completions, GET /v1/models, and for whoever drives it POST /fake/script (a new script as
JSON) and GET /fake/report (requests so far, its own CPU seconds).
"""

import argparse
import asyncio
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.fakes.envelope import digest_of, enveloped, refusal, text_of
from tests.fakes.faults import FAULTS
from tests.fakes.garbage import CONTENT, ENVELOPE
from tests.fakes.log import RequestLog
from tests.fakes.models import MODELS
from tests.fakes.script import Fault, Script, Seen

NO_STATUS = 599  # of the response that goes to a connection that a fault has closed
MOST_BYTES = 64 * 1024**2  # of one request, pictures included


class FakeServer:
    """One server. Its state is the count of requests and of prompts seen; answers do not depend on it."""

    def __init__(self, script: Script, log: Path | None = None) -> None:
        self.script = script
        self.url = ""
        self._log = RequestLog(log)
        self._times: Counter[str] = Counter()
        self._number = 0
        self._started = time.monotonic()
        self._slots = asyncio.Semaphore(script.slots) if script.slots else None
        self._runner: web.AppRunner | None = None

    @property
    def requests(self) -> int:
        """Received so far."""
        return self._number

    async def start(self, port: int = 0) -> int:
        """Listen on the loopback address; returns the port."""
        app = web.Application(client_max_size=MOST_BYTES)
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/fake/script", self._take_script)
        app.router.add_get("/fake/report", self._report)
        # A client that hangs up frees its slot at once.
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port, backlog=1024)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}/v1"
        return port

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        self._log.close()

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        body = json.loads(await request.read())
        seen = self._receive(body)
        fault = self.script.fault(seen)
        done: dict[str, Any] = {"status": 0, "started_s": None, "answered_s": None}
        try:
            if fault is not None and fault.kind == "status" and not fault.delayed:
                response: web.StreamResponse = refusal(fault)
            else:
                async with self._slot():
                    done["started_s"] = self._now()
                    await asyncio.sleep(self.script.seconds(seen))
                    response = await self._respond(request, body, seen, fault)
            if response.status != NO_STATUS:
                done["status"], done["answered_s"] = response.status, self._now()
            return response
        finally:
            kind = fault.kind if fault else ""
            self._log.write({"event": "answered", "number": seen.number, "fault": kind, **done})

    def _receive(self, body: dict[str, Any]) -> Seen:
        """Number and log a request."""
        prompt = digest_of(body["messages"])
        seen = Seen(self._number, prompt, self._times[prompt], text_of(body))
        self._number += 1
        self._times[prompt] += 1
        key = digest_of(body)
        self._log.write(
            {"event": "received", "number": seen.number, "key": key, "prompt": prompt,
             "attempt": seen.attempt, "received_s": self._now()}
        )  # fmt: skip
        return seen

    async def _respond(
        self, request: web.Request, body: dict[str, Any], seen: Seen, fault: Fault | None
    ) -> web.StreamResponse:
        if fault is not None and fault.kind == "status":
            return refusal(fault)
        said = MODELS[self.script.model](body)
        if fault is not None and fault.kind in CONTENT:
            said = CONTENT[fault.kind](said)
        envelope = enveloped(said, seen, self.script.served_as)
        if fault is not None and fault.kind == "served_as":
            envelope["model"] = fault.name or self.script.served_as
            envelope["system_fingerprint"] = fault.fingerprint or envelope["system_fingerprint"]
        if fault is not None and fault.kind in ENVELOPE:
            return web.Response(
                body=ENVELOPE[fault.kind](envelope), content_type="application/json"
            )
        payload = json.dumps(envelope).encode()
        if fault is None or fault.kind in CONTENT or fault.kind == "served_as":
            return web.Response(body=payload, content_type="application/json")
        return await _break(request, fault, payload)

    @asynccontextmanager
    async def _slot(self) -> Any:
        if self._slots is None:
            yield
            return
        async with self._slots:
            yield

    async def _models(self, request: web.Request) -> web.Response:
        return web.json_response(
            {"object": "list", "data": [{"id": self.script.served_as, "object": "model"}]}
        )

    async def _take_script(self, request: web.Request) -> web.Response:
        self.script = Script.of(await request.json())
        self._slots = asyncio.Semaphore(self.script.slots) if self.script.slots else None
        return web.json_response({})

    async def _report(self, request: web.Request) -> web.Response:
        return web.json_response({"requests": self._number, "cpu_s": time.process_time()})

    def _now(self) -> float:
        return round(time.monotonic() - self._started, 6)


async def _break(request: web.Request, fault: Fault, payload: bytes) -> web.StreamResponse:
    """Hand the bare connection to a fault; what the framework sends after it reaches nobody."""
    line = request.transport
    assert isinstance(line, asyncio.Transport)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    await FAULTS[fault.kind](line, fault, head % len(payload) + payload)
    return web.Response(status=NO_STATUS)


@contextmanager
def serving(script: Script, log: Path | None = None) -> Iterator[FakeServer]:
    """A server in a thread with a loop of its own, until the block ends."""
    loop = asyncio.new_event_loop()
    server = FakeServer(script, log)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _serve(server: FakeServer, port: int) -> None:
    port = await server.start(port)
    print(json.dumps({"port": port, "url": server.url}), flush=True)
    await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--script", type=Path, help="JSON file, see script.py")
    parser.add_argument("--log", type=Path, help="JSON lines, see log.py")
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    script = Script.of(json.loads(given.script.read_text())) if given.script else Script()
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(FakeServer(script, given.log), given.port))


if __name__ == "__main__":
    main()

"""The client against a small server; broken lines and garbage of all kinds are tested with tests/fakes."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from expert_models.llm.asker import open_asker
from expert_models.llm.client import EndpointClient
from expert_models.llm.errors import EndpointStopped
from expert_models.llm.reach import ReachRefused
from schemas.exchange import Answer, Failure, Message, SentImage, request_key

KEY = "sk-very-secret"


async def no_sleep(seconds: float) -> None:
    await asyncio.sleep(0)


@pytest.fixture
def outcome(serving: Callable, choose: Callable, question: Callable) -> Callable[..., Any]:
    """What one call comes to, with a handler for the server, without waiting between tries."""

    def run(handler: Any, text: str = "a", **fields: Any) -> tuple[Answer | Failure, Any]:
        async def main() -> tuple[Answer | Failure, Any]:
            async with (
                serving(handler) as served,
                EndpointClient(choose(served.url, **fields), sleep=no_sleep) as client,
            ):
                return await client.call(question(text)), served

        return asyncio.run(main())

    return run


def test_an_answer(outcome: Callable, said: Callable, question: Callable) -> None:
    async def handler(body: dict, number: int) -> web.Response:
        return said("words", system_fingerprint="fp")

    found, served = outcome(handler)
    assert isinstance(found, Answer)
    assert found.key == request_key("m", "", question("a"))
    assert (found.text, found.model, found.finish_reason) == ("words", "alias", "stop")
    assert (found.prompt_tokens, found.completion_tokens, found.attempts) == (7, 3, 1)
    assert found.seconds > 0
    assert served.bodies[0]["messages"] == [{"role": "user", "content": "a"}]
    assert served.headers[0]["Accept-Encoding"] == "identity"
    assert "Authorization" not in served.headers[0]


def test_a_picture_of_megabytes_arrives_whole(
    serving: Callable, choose: Callable, question: Callable, said: Callable, recwarn: Any
) -> None:
    image = SentImage(bytes(range(256)) * 12_000, "d" * 64, 8, 8)

    async def handler(body: dict, number: int) -> web.Response:
        return said(str(len(body["messages"][0]["content"][0]["image_url"]["url"])))

    async def main() -> None:
        async with (
            serving(handler) as served,
            EndpointClient(choose(served.url)) as client,
        ):
            found = await client.call(question(messages=(Message("user", "?", (image,)),)))
            assert found.text == str(len("data:image/png;base64,") + 4 * 12_000 * 256 // 3)

    asyncio.run(main())
    assert not [w for w in recwarn if issubclass(w.category, ResourceWarning)]


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 529])
def test_what_passes_is_tried_again(status: int, outcome: Callable, said: Callable) -> None:
    async def handler(body: dict, number: int) -> web.Response:
        return said() if number == 2 else web.Response(status=status)

    found, served = outcome(handler)
    assert isinstance(found, Answer)
    assert (found.attempts, len(served.bodies)) == (3, 3)


def test_attempts_are_bounded_and_the_last_fault_is_told(outcome: Callable) -> None:
    async def handler(body: dict, number: int) -> web.Response:
        return web.json_response({"error": {"type": "overloaded"}}, status=500 + number)

    found, served = outcome(handler)
    assert isinstance(found, Failure)
    assert (found.reason, found.detail) == ("endpoint_unavailable", "HTTP 502 overloaded")
    assert (found.attempts, len(served.bodies)) == (3, 3)
    assert "overloaded" in found.raw


@pytest.mark.parametrize("status", [400, 413, 422, 418, 204])
def test_a_request_that_is_refused_is_not_tried_again(status: int, outcome: Callable) -> None:
    async def handler(body: dict, number: int) -> web.Response:
        return web.Response(status=status)

    found, served = outcome(handler)
    assert isinstance(found, Failure)
    assert (found.reason, found.attempts, len(served.bodies)) == ("request_refused", 1, 1)


@pytest.mark.parametrize(
    ("status", "step"),
    [(401, r"\$SOME_KEY"), (403, "may use"), (404, "v1/models lists"), (307, "final address")],
)
def test_what_no_call_can_mend_stops_all_calls_at_once(
    status: int, step: str, serving: Callable, choose: Callable, question: Callable,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("SOME_KEY", KEY)

    async def handler(body: dict, number: int) -> web.Response:
        headers = {"Location": "/v1/elsewhere"} if status == 307 else {}
        return web.Response(status=status, text=f"key {KEY} is bad", headers=headers)

    async def main() -> None:
        async with serving(handler) as served:
            choice = choose(served.url, key_env="SOME_KEY", limits={"concurrency": 1})
            async with EndpointClient(choice) as client:
                calls = [client.call(question(f"{n}")) for n in range(5)]
                said = await asyncio.gather(*calls, return_exceptions=True)
            assert all(isinstance(each, EndpointStopped) for each in said)
            assert len(served.bodies) == 1, "nothing more is asked"
            assert served.headers[0]["Authorization"] == f"Bearer {KEY}"
            with pytest.raises(EndpointStopped, match=f"'m': found HTTP {status}.*{step}") as stop:
                raise said[0]
            assert KEY not in str(stop.value) + repr(client) + repr(vars(client))

    asyncio.run(main())


def test_the_key_is_in_no_failure_though_the_server_repeats_it(
    outcome: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_KEY", "sk_secret")

    async def handler(body: dict, number: int) -> web.Response:
        return web.json_response(
            {"error": {"code": "sk_secret", "message": "sk_secret"}}, status=400
        )

    found, _ = outcome(handler, key_env="SOME_KEY")
    assert "sk_secret" not in repr(found)
    assert "[key]" in found.detail


@pytest.mark.parametrize("value", [None, "", "  \n", "sk-\u00e9", "sk-a\nX-Injected: 1"])
def test_a_key_that_is_missing_or_unfit_is_told_before_the_first_call(
    value: str | None, choose: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOME_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("SOME_KEY", value)
    with pytest.raises(EndpointStopped, match=r"variable SOME_KEY.*nothing has been asked") as stop:
        EndpointClient(choose(key_env="SOME_KEY"))
    assert "sk-" not in str(stop.value)


@pytest.mark.parametrize("url", ["http://user:sk-1@127.0.0.1/v1", "http:///v1", "http://h/v1#x"])
def test_a_url_that_cannot_be_called_is_a_mistake(url: str, choose: Callable) -> None:
    with pytest.raises(ValueError, match="expected scheme") as mistake:
        EndpointClient(choose(url))
    assert "sk-1" not in str(mistake.value)


def test_the_deadline_is_of_the_whole_call_not_of_a_read(outcome: Callable) -> None:
    async def drip(body: dict, number: int) -> web.StreamResponse:
        return Dripping()

    found, _ = outcome(drip, limits={"deadline_s": 0.3, "attempts": 1})
    assert isinstance(found, Failure)
    assert found.reason == "deadline_exceeded"
    assert found.seconds < 5


class Dripping(web.StreamResponse):
    """One byte every 50 ms for a minute."""

    async def prepare(self, request: web.BaseRequest) -> Any:
        await super().prepare(request)
        with suppress(ConnectionError):
            for _ in range(1200):
                await self.write(b" ")
                await asyncio.sleep(0.05)


@pytest.mark.parametrize("announced", [True, False])
def test_an_answer_beyond_the_byte_limit_is_not_read_to_its_end(
    announced: bool, outcome: Callable
) -> None:
    async def handler(body: dict, number: int) -> web.Response:
        text = "x" * 50_000_000
        response = web.Response(text=text)
        if not announced:
            response.enable_chunked_encoding()
        return response

    found, served = outcome(handler, limits={"answer_bytes": 100_000})
    assert isinstance(found, Failure)
    assert found.reason == "answer_too_large"
    assert len(served.bodies) == 1


def test_a_compressed_body_is_not_unpacked(outcome: Callable, said: Callable) -> None:
    async def handler(body: dict, number: int) -> web.Response:
        response = said("x" * 1000)
        response.enable_compression(web.ContentCoding.gzip)
        response.headers["Content-Encoding"] = "gzip"
        return response

    found, _ = outcome(handler)
    assert (found.reason, found.attempts) == ("endpoint_unavailable", 3)


def test_garbage_in_a_200_is_tried_again_and_kept_for_people(outcome: Callable) -> None:
    async def handler(body: dict, number: int) -> web.Response:
        return web.Response(text="<html>please log in</html>")

    found, _ = outcome(handler)
    assert (found.reason, found.attempts) == ("endpoint_unavailable", 3)
    assert found.raw == "<html>please log in</html>"


def test_nobody_listens(choose: Callable, question: Callable) -> None:
    async def main() -> None:
        async with EndpointClient(choose("http://127.0.0.1:1/v1"), sleep=no_sleep) as client:
            found = await client.call(question())
        assert (found.reason, found.attempts) == ("endpoint_unavailable", 3)
        assert "refused" in found.detail

    asyncio.run(main())


def test_a_server_that_is_down_pauses_all_and_then_ends_the_build(
    serving: Callable, choose: Callable, question: Callable
) -> None:
    async def handler(body: dict, number: int) -> web.Response:
        return web.Response(status=500)

    async def main() -> None:
        async with serving(handler) as served:
            limits = {"breaker_failures": 6, "breaker_pauses": 3, "attempts": 50, "concurrency": 4}
            async with EndpointClient(choose(served.url, limits=limits), sleep=no_sleep) as client:
                calls = [client.call(question(f"{n}")) for n in range(20)]
                said = await asyncio.gather(*calls, return_exceptions=True)
            assert {type(each) for each in said} == {EndpointStopped}
            assert len(served.bodies) <= 6 + 3 + 3, "failures, stragglers, one probe a pause"

    asyncio.run(main())


def test_an_outage_costs_no_rows(
    serving: Callable, choose: Callable, question: Callable, said: Callable
) -> None:
    """Every row has two tries, and the server fails sixty times in a row."""

    async def handler(body: dict, number: int) -> web.Response:
        return said() if number >= 60 else web.Response(status=503)

    async def main() -> None:
        async with serving(handler) as served:
            limits = {"breaker_failures": 4, "breaker_pauses": 99, "attempts": 2, "concurrency": 8}
            choice = choose(served.url, limits={**limits, "breaker_pause_s": 0.001})
            async with EndpointClient(choice, sleep=no_sleep) as client:
                found = await asyncio.gather(*(client.call(question(f"{n}")) for n in range(30)))
            assert all(isinstance(each, Answer) for each in found)

    asyncio.run(main())


def test_another_model_in_mid_run_is_an_alarm_and_its_answer_is_not_kept(
    tmp_path: Path, serving: Callable, choose: Callable, question: Callable, said: Callable
) -> None:
    async def handler(body: dict, number: int) -> web.Response:
        return said(f"words {number}", model="alias" if number < 2 else "other")

    async def main() -> None:
        async with serving(handler) as served:
            async with open_asker(choose(served.url), tmp_path) as asker:
                for n in range(2):
                    assert (await asker.ask(question(f"{n}"))).model == "alias"
                for _ in range(2):
                    with pytest.raises(EndpointStopped, match="found model 'other'"):
                        await asker.ask(question("2"))
            assert len(served.bodies) == 3
            async with open_asker(choose(served.url), tmp_path) as resumed:
                assert (await resumed.ask(question("1"))).cached
                with pytest.raises(EndpointStopped, match="expected 'alias'"):
                    await resumed.ask(question("2"))

    asyncio.run(main())


def test_no_more_calls_are_in_flight_than_allowed_and_connections_are_kept(
    serving: Callable, choose: Callable, question: Callable, said: Callable
) -> None:
    now, most = 0, 0

    async def handler(body: dict, number: int) -> web.Response:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.002)
        now -= 1
        return said()

    async def main() -> None:
        async with serving(handler) as served:
            choice = choose(served.url, limits={"concurrency": 5})
            async with EndpointClient(choice) as client:
                await asyncio.gather(*(client.call(question(f"{n}")) for n in range(100)))
        assert most == 5
        assert len({port for _, port in served.peers}) == 5

    asyncio.run(main())


def test_the_reach_is_checked_before_the_first_call(choose: Callable) -> None:
    async def main() -> None:
        async with EndpointClient(choose("https://8.8.8.8/v1", reach="local")):
            raise AssertionError("opened")

    with pytest.raises(ReachRefused):
        asyncio.run(main())


def test_proxies_of_the_environment_are_not_used(
    outcome: Callable, said: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)

    async def handler(body: dict, number: int) -> web.Response:
        return said()

    assert isinstance(outcome(handler)[0], Answer)


def test_a_server_that_does_not_speak_tls_is_a_fault_of_the_line(
    serving: Callable, choose: Callable, question: Callable, said: Callable
) -> None:
    async def handler(body: dict, number: int) -> web.Response:
        return said()

    async def main() -> None:
        async with serving(handler) as served:
            url = served.url.replace("http://", "https://")
            async with EndpointClient(choose(url), sleep=no_sleep) as client:
                found = await client.call(question())
            assert (found.reason, len(served.bodies)) == ("endpoint_unavailable", 0)

    asyncio.run(main())

"""Store first, then the model, and a book of both."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from expert_models.llm.asker import Asker, CollectingAsker, open_asker
from expert_models.llm.errors import EndpointStopped, Unanswered
from expert_models.llm.keeper import QUICK_S, TRIED, Keeper
from expert_models.llm.store import AnswerStore
from schemas.exchange import EXCHANGE, Answer, Failure, Request, request_key


class Model:
    """Stands in for an endpoint: answers when it is let, by what the text of a request asks for."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.let = asyncio.Event()
        self.let.set()

    async def call(self, request: Request) -> Answer | Failure:
        text = request.messages[0].text
        self.calls.append(text)
        await self.let.wait()
        key = request_key("m", "", request)
        if text == "fail":
            return Failure(
                key, "deadline_exceeded", "too slow", attempts=3, seconds=9.0, raw="\ud800"
            )
        if text == "stop":
            raise EndpointStopped("no such model")
        return Answer(key, f"re: {text} \ud800", "alias", "stop", 7, 3, seconds=0.5)


def test_a_question_is_asked_once_for_ever(
    tmp_path: Path, choose: Callable, question: Callable
) -> None:
    async def main() -> None:
        model = Model()
        asker = Asker(choose(), AnswerStore(tmp_path), model)
        first = await asker.ask(question("a"))
        again = await asker.ask(question("a", subject="img-2"))
        assert (first.cached, again.cached) == (False, True)
        assert again == replace(first, cached=True)
        await asker.aclose()
        later = Asker(choose(), AnswerStore(tmp_path), model)
        assert (await later.ask(question("a"))).cached
        await asker.ask(question("b"))
        assert model.calls == ["a", "b"]

    asyncio.run(main())


@pytest.mark.parametrize("fields", [{"model": "n"}, {"revision": "2"}])
def test_another_model_or_revision_is_asked_anew(
    fields: dict[str, str], tmp_path: Path, choose: Callable, question: Callable
) -> None:
    async def main() -> None:
        model = Model()
        await Asker(choose(), AnswerStore(tmp_path), model).ask(question("a"))
        await Asker(choose(**fields), AnswerStore(tmp_path), model).ask(question("a"))
        assert model.calls == ["a", "a"]

    asyncio.run(main())


def test_equal_questions_at_one_time_are_one_call(
    tmp_path: Path, choose: Callable, question: Callable
) -> None:
    async def main() -> None:
        model = Model()
        asker = Asker(choose(), AnswerStore(tmp_path), model)
        said = await asyncio.gather(*(asker.ask(question("a", subject=f"i{n}")) for n in range(5)))
        assert model.calls == ["a"]
        assert sorted(each.cached for each in said) == [False, True, True, True, True]
        assert len({each.text for each in said}) == 1
        failed = await asyncio.gather(*(asker.ask(question("fail")) for _ in range(3)))
        assert [each.reason for each in failed] == ["deadline_exceeded"] * 3
        assert model.calls == ["a", "fail"]
        with pytest.raises(EndpointStopped):
            await asyncio.gather(*(asker.ask(question("stop")) for _ in range(3)))

    asyncio.run(main())


def test_one_that_gives_up_waiting_leaves_the_others_their_answer(
    tmp_path: Path, choose: Callable, question: Callable
) -> None:
    async def main() -> None:
        model = Model()
        model.let.clear()
        asker = Asker(choose(), AnswerStore(tmp_path), model)
        leaving, staying = (asyncio.create_task(asker.ask(question("a"))) for _ in range(2))
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.sleep(0)
        model.let.set()
        assert (await asyncio.wait_for(staying, 1)).text.startswith("re: a")
        assert model.calls == ["a"]

    asyncio.run(main())


def test_closing_ends_calls_that_nobody_waits_for(
    tmp_path: Path, choose: Callable, question: Callable
) -> None:
    async def main() -> None:
        model = Model()
        model.let.clear()
        asker = Asker(choose(), AnswerStore(tmp_path), model)
        leaving = asyncio.create_task(asker.ask(question("a")))
        await asyncio.sleep(0.01)
        leaving.cancel()
        await asyncio.wait_for(asker.aclose(), 1)
        assert AnswerStore(tmp_path).get(request_key("m", "", question("a"))) is None

    asyncio.run(main())


def test_failures_are_returned_booked_and_not_kept(
    tmp_path: Path, choose: Callable, question: Callable
) -> None:
    async def main() -> None:
        model = Model()
        asker = Asker(choose(), AnswerStore(tmp_path), model)
        for _ in range(2):
            assert isinstance(await asker.ask(question("fail")), Failure)
        assert model.calls == ["fail", "fail"], "a failure is no answer"
        assert list(AnswerStore(tmp_path)) == []
        assert [row["outcome"] for row in asker.exchanges] == ["deadline_exceeded"] * 2

    asyncio.run(main())


def test_the_book_fits_its_schema_and_no_clock_orders_it(
    tmp_path: Path, choose: Callable, question: Callable
) -> None:
    questions = [("b", "img-2"), ("a", "img-2"), ("fail", "img-1"), ("a", "img-1"), ("b", "img-1")]

    async def book(folder: Path, order: list[tuple[str, str]]) -> list[dict[str, Any]]:
        asker = Asker(choose(), AnswerStore(folder), Model())
        for text, subject in order:
            await asker.ask(question(text, subject=subject, prompt_sha256="f" * 64))
        return asker.exchanges

    rows = asyncio.run(book(tmp_path / "a", questions))
    table = pa.Table.from_pylist(rows, schema=EXCHANGE)
    assert table.num_rows == 5
    assert table["text"].to_pylist().count("re: a \ufffd") == 2, "no lone surrogate reaches a file"
    assert set(table["model"].to_pylist()) == {"m"}, "as the recipe names it: prices go by that"
    assert sorted(table["served_as"].to_pylist()) == ["", *["alias"] * 4]
    assert [row["subject"] for row in rows] == ["img-1"] * 3 + ["img-2"] * 2
    assert sum(row["cached"] for row in rows) == 2
    other = asyncio.run(book(tmp_path / "b", questions[::-1]))
    for row in (*rows, *other):
        del row["cached"]  # who of two was first
    assert rows == other


def test_collecting_gathers_what_the_store_does_not_hold(
    tmp_path: Path, choose: Callable, question: Callable, answer: Callable
) -> None:
    async def main() -> None:
        known, failed, new = question("known"), question("failed"), question("new")
        keys = [request_key("m", "", each) for each in (known, failed, new)]
        AnswerStore(tmp_path).put(answer(keys[0]))
        failures = {keys[1]: Failure(keys[1], "request_refused", "too long")}
        async with open_asker(choose(), tmp_path, collecting=True, failures=failures) as asker:
            assert isinstance(asker, CollectingAsker)
            assert (await asker.ask(known)).text == "words"
            assert (await asker.ask(failed)).reason == "request_refused"
            for _ in range(2):
                with pytest.raises(Unanswered) as missing:
                    await asker.ask(new)
            assert missing.value.key == keys[2]
            assert asker.missing == {keys[2]: new}
            assert [row["outcome"] for row in asker.exchanges] == ["answered", "request_refused"]

    asyncio.run(main())


class SlowStore:
    """Stands in for a store on a slow file system: the clock moves on with each write."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.now = 0.0
        self.threads: list[bool] = []

    def put(self, answer: Answer) -> Answer:
        try:
            asyncio.get_running_loop()
            self.threads.append(False)
        except RuntimeError:
            self.threads.append(True)
        self.now += self.seconds
        return answer


def test_slow_writes_leave_the_event_loop_and_come_back(answer: Callable) -> None:
    async def main() -> None:
        store = SlowStore(100 * QUICK_S)
        keeper = Keeper(store, clock=lambda: store.now)  # type: ignore[arg-type]
        for _ in range(2 * TRIED):
            assert (await keeper.keep(answer("k"))).key == "k"
        assert store.threads.count(False) <= 4
        store.seconds = 0
        for _ in range(500 * TRIED):
            await keeper.keep(answer("k"))
        assert store.threads[-1] is False
        keeper.close()

    asyncio.run(main())


def test_a_full_disk_stops_the_build(tmp_path: Path, choose: Callable, question: Callable) -> None:
    class Full(AnswerStore):
        def put(self, answer: Answer) -> Answer:
            raise OSError(28, "No space left on device")

    async def main() -> None:
        asker = Asker(choose(), Full(tmp_path), Model())
        with pytest.raises(EndpointStopped, match=r"could not be kept .No space left"):
            await asker.ask(question("a"))

    asyncio.run(main())

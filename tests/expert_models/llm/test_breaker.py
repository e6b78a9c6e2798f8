"""Closed, open, half-open, stopped. The clock is a number that sleeping moves on."""

import asyncio

import pytest

from expert_models.llm.breaker import Breaker
from expert_models.llm.choice import LimitChoice
from expert_models.llm.errors import EndpointStopped


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        until = self.now + seconds
        await asyncio.sleep(0)
        self.now = max(self.now, until)


def breaker(clock: Clock, failures: int = 3, pauses: int = 2) -> Breaker:
    limits = LimitChoice(breaker_failures=failures, breaker_pause_s=5, breaker_pauses=pauses)
    return Breaker(limits, "http://here/v1", sleep=clock.sleep, clock=clock)


def fail(tested: Breaker, times: int) -> None:
    for _ in range(times):
        tested.note(False, probe=False, found="HTTP 500")


def test_failures_in_a_row_open_it_and_a_success_between_starts_anew() -> None:
    tested = breaker(Clock())
    fail(tested, 2)
    tested.note(True, probe=False)
    fail(tested, 2)
    assert tested.closed
    tested.note(None, probe=False)  # cut off from our side: says nothing
    assert tested.closed
    fail(tested, 1)
    assert not tested.closed


def test_after_the_pause_one_probes_and_the_others_follow_when_it_went_well() -> None:
    async def main() -> None:
        clock = Clock()
        tested = breaker(clock)
        fail(tested, 3)
        calls = [asyncio.create_task(tested.enter()) for _ in range(4)]
        for _ in range(5):
            await asyncio.sleep(0)
        assert clock.now == 5
        done = [call for call in calls if call.done()]
        assert [call.result() for call in done] == [True], "one probe"
        tested.note(True, probe=True)
        assert sorted(await asyncio.gather(*calls)) == [False, False, False, True]
        assert tested.closed

    asyncio.run(main())


def test_a_probe_that_is_cut_off_leaves_its_place_to_another() -> None:
    async def main() -> None:
        tested = breaker(Clock())
        fail(tested, 3)
        assert await tested.enter() is True
        waiting = asyncio.create_task(tested.enter())
        await asyncio.sleep(0)
        tested.note(None, probe=True)
        assert await asyncio.wait_for(waiting, 1) is True

    asyncio.run(main())


def test_stragglers_that_fail_while_it_is_open_do_not_add_pauses() -> None:
    async def main() -> None:
        clock = Clock()
        tested = breaker(clock, pauses=2)
        fail(tested, 3 + 60)
        assert await tested.enter() is True
        assert clock.now == 5

    asyncio.run(main())


def test_pauses_in_a_row_end_the_build_for_everyone() -> None:
    async def main() -> None:
        clock = Clock()
        tested = breaker(clock, pauses=2)
        fail(tested, 3)
        for _ in range(2):
            assert await tested.enter() is True
            waiting = asyncio.create_task(tested.enter())
            await asyncio.sleep(0)
            tested.note(False, probe=True, found="HTTP 503")
        assert clock.now == 10
        with pytest.raises(
            EndpointStopped, match=r"here/v1.*5 calls.*2 pauses of 5 s.*HTTP 503.*resume"
        ):
            await waiting
        with pytest.raises(EndpointStopped):
            await tested.enter()

    asyncio.run(main())


def test_a_success_forgets_the_pauses() -> None:
    async def main() -> None:
        tested = breaker(Clock(), pauses=2)
        for _ in range(5):
            fail(tested, 3)
            assert await tested.enter() is True
            tested.note(True, probe=True)
        assert tested.closed

    asyncio.run(main())

"""The window of calls in flight. Servers are simulated by rounds, so nothing waits."""

import asyncio

import pytest

from expert_models.llm.limiter import LATENCY_FLOOR, Limiter


async def rounds(limiter: Limiter, count: int, capacity: int, seconds: float = 1.0) -> int:
    """`count` times: as many calls as the window lets in; what is beyond `capacity` is refused."""
    refused = 0
    for _ in range(count):
        let_in = 0
        while limiter.in_flight < int(limiter.window):
            await limiter.acquire()
            let_in += 1
        for number in range(let_in):
            over = number >= capacity
            refused += over
            limiter.release("p", None if over else seconds, overloaded=over)
    return refused


def test_it_starts_wide_and_never_lets_in_more() -> None:
    async def main() -> None:
        limiter = Limiter(4)
        for _ in range(4):
            await limiter.acquire()
        fifth = asyncio.create_task(limiter.acquire())
        await asyncio.sleep(0)
        assert not fifth.done()
        limiter.release("p", 1.0)
        await fifth
        assert limiter.in_flight == 4

    asyncio.run(main())


def test_a_server_that_refuses_all_halves_it_each_round_down_to_one() -> None:
    async def main() -> None:
        limiter = Limiter(64)
        await rounds(limiter, 1, capacity=0)
        assert limiter.window == 32
        await rounds(limiter, 20, capacity=0)
        assert limiter.window == 1
        await rounds(limiter, 30, capacity=64)
        assert limiter.window == 64, "and it grows back to the most, never above"

    asyncio.run(main())


def test_it_settles_at_what_the_server_takes() -> None:
    async def main() -> None:
        limiter = Limiter(64)
        await rounds(limiter, 20, capacity=16)
        assert 12 <= limiter.window <= 22
        refused = await rounds(limiter, 50, capacity=16)
        assert refused < 0.15 * 50 * 16

    asyncio.run(main())


def test_stray_refusals_do_not_narrow_it() -> None:
    """2 % of the answers, as in benchmark B10; the window must stay within 95 % of the most."""

    async def main() -> None:
        limiter, seen = Limiter(64), []
        for number in range(5000):
            await limiter.acquire()
            stray = (number * 7919) % 100 < 2
            limiter.release("p", None if stray else 0.05, overloaded=stray)
            seen.append(int(limiter.window))
        assert sum(seen) / len(seen) > 0.98 * 64
        assert min(seen) > 0.9 * 64

    asyncio.run(main())


def test_latency_narrows_it_to_a_floor_and_what_lasts_becomes_usual() -> None:
    async def main() -> None:
        limiter = Limiter(64)
        await rounds(limiter, 10, capacity=64, seconds=1)
        await rounds(limiter, 1, capacity=64, seconds=8)
        assert 30 <= limiter.window <= 34
        await rounds(limiter, 3, capacity=64, seconds=8)
        assert limiter.window < 20
        assert limiter.window >= LATENCY_FLOOR * 64
        await rounds(limiter, 40, capacity=64, seconds=8)
        assert limiter.window == 64

    asyncio.run(main())


def test_long_answers_of_another_purpose_are_no_sign_of_load() -> None:
    async def main() -> None:
        limiter = Limiter(16)
        for purpose, seconds in [("judge", 0.2), ("describe", 20.0), ("judge", 0.2)]:
            for _ in range(5 * 16):
                await limiter.acquire()
                limiter.release(purpose, seconds)
                assert limiter.window == 16

    asyncio.run(main())


@pytest.mark.parametrize("turn_had_come", [False, True])
def test_a_cancelled_wait_leaves_its_slot_to_the_next(turn_had_come: bool) -> None:
    async def main() -> None:
        limiter = Limiter(1)
        await limiter.acquire()
        leaving = asyncio.create_task(limiter.acquire())
        staying = asyncio.create_task(limiter.acquire())
        await asyncio.sleep(0)
        if turn_had_come:
            limiter.release("p", 1.0)  # hands the slot to `leaving`, which has not run yet
            leaving.cancel()
        else:
            leaving.cancel()
            await asyncio.sleep(0)
            limiter.release("p", 1.0)
        await asyncio.wait_for(staying, 1)
        assert limiter.in_flight == 1

    asyncio.run(main())


def test_turns_come_in_order_of_asking() -> None:
    async def main() -> None:
        limiter, order = Limiter(1), []

        async def call(number: int) -> None:
            await limiter.acquire()
            order.append(number)
            limiter.release("p", 1.0)

        await asyncio.gather(*(call(n) for n in range(9)))
        assert order == list(range(9))

    asyncio.run(main())

"""How many calls are in flight: a window that follows what the server can take.

The window is judged once a round, which is as many finished calls as it is wide:

- Refusals for load (429, 503, missed deadlines) cut it in proportion to their share of the round, by
  half where all were refused, as DCTCP does with marked packets (RFC 8257 section 3.3). So a server at
  its limit halves the window within a round, and a stray 429 among many answers does not.
- Latency cuts it where the round's median is more than twice what calls of that kind used to take
  (the gradient of Netflix concurrency-limits, `Gradient2Limit`), never below a quarter of the most.
  Calls are compared with calls of the same purpose, since a long answer is slow without any queue.
- A round without either widens it by its square root (the head-room of the same library).
"""

import asyncio
from collections import deque
from statistics import median

STRAY = 0.05  # share of refusals in a round that is taken for noise
TOLERANCE = 2.0  # how much slower than usual is still usual
STEEPEST = 0.5  # of one round's cut
LATENCY_FLOOR = 0.25  # of the most: latency alone takes no more
MEMORY = 500  # calls over which the usual latency is averaged


class Limiter:
    """Slots for calls in flight, handed out in order of asking. For one event loop."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.window = float(most)
        self.in_flight = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._usual = _Usual()
        self._ratios: list[float] = []
        self._refused = 0
        self._finished = 0

    async def acquire(self) -> None:
        """Take a slot, waiting for one if need be."""
        if self.in_flight < int(self.window) and not self._waiting:
            self.in_flight += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # the slot came just before the end
                self._give_back()
            raise

    def release(
        self, purpose: str, seconds: float | None = None, *, overloaded: bool = False
    ) -> None:
        """Give a slot back. `seconds`: of a call that was answered; `overloaded`: refused for load."""
        if overloaded:
            self._refused += 1
        elif seconds is not None:
            self._ratios.append(self._usual.ratio(purpose, seconds))
        self._finished += 1
        if self._finished >= int(self.window):
            self._judge()
        self._give_back()

    def _give_back(self) -> None:
        self.in_flight -= 1
        while self._waiting and self.in_flight < int(self.window):
            turn = self._waiting.popleft()
            if not turn.done():
                self.in_flight += 1
                turn.set_result(None)

    def _judge(self) -> None:
        """End the round."""
        self.window = self._next_window()
        self._ratios, self._refused, self._finished = [], 0, 0

    def _next_window(self) -> float:
        share = self._refused / self._finished
        if share > STRAY:
            return max(1.0, self.window * (1 - share / 2))
        slower = median(self._ratios) if self._ratios else 1.0
        if slower > TOLERANCE:
            cut = max(STEEPEST, TOLERANCE / slower)
            return max(min(self.window, LATENCY_FLOOR * self.most), 1.0, self.window * cut)
        return min(float(self.most), self.window + self.window**0.5)


class _Usual:
    """Moving averages of seconds, one for each purpose."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._calls: dict[str, int] = {}

    def ratio(self, purpose: str, seconds: float) -> float:
        """`seconds` as a multiple of what was usual before, and take them into the average."""
        usual = self._seconds.get(purpose, seconds)
        calls = self._calls[purpose] = min(MEMORY, self._calls.get(purpose, 0) + 1)
        self._seconds[purpose] = usual + (seconds - usual) / calls
        return seconds / usual if usual > 0 else 1.0

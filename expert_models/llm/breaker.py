"""When a server fails call after call, all calls pause, one probes, and at last the build stops.

Source: Nygard, "Release It!" (2007), "Circuit Breaker": closed, open, half-open.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

from expert_models.llm.choice import LimitChoice
from expert_models.llm.errors import EndpointStopped

Sleep = Callable[[float], Awaitable[None]]


class Breaker:
    """Passes calls while the server answers. `server` is how messages name it. For one event loop."""

    def __init__(
        self,
        limits: LimitChoice,
        server: str,
        *,
        sleep: Sleep = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limits = limits
        self._server = server
        self._sleep, self._clock = sleep, clock
        self._failures = 0
        self._pauses = 0  # in a row
        self._until = 0.0
        self._probing = False
        self._probed = asyncio.Event()
        self._stopped = ""

    @property
    def closed(self) -> bool:
        """Whether calls pass freely."""
        return self._pauses == 0

    async def enter(self) -> bool:
        """Wait until a call may go. True: it is the probe, on which the others wait.

        Raises EndpointStopped once the server is given up.
        """
        while True:
            if self._stopped:
                raise EndpointStopped(self._stopped)
            if self.closed:
                return False
            left_s = self._until - self._clock()
            if left_s > 0:
                await self._sleep(left_s)
            elif self._probing:
                await self._probed.wait()
            else:
                self._probing = True
                self._probed.clear()
                return True

    def note(self, well: bool | None, *, probe: bool, found: str = "") -> None:
        """How a call ended: `well` None where it was cut off and says nothing of the server."""
        if probe:
            self._probing = False
        if well:
            self._failures = self._pauses = 0
        elif well is False and (probe or self.closed):
            self._failures += 1
            if probe or self._failures >= self._limits.breaker_failures:
                self._pause(found)
        if probe or well:
            self._probed.set()

    def stop(self, message: str) -> None:
        """Give the server up: every call that waits or comes raises EndpointStopped."""
        self._stopped = self._stopped or message
        self._probed.set()

    def _pause(self, found: str) -> None:
        limits = self._limits
        if self._pauses >= limits.breaker_pauses:
            self.stop(
                f"{self._server}: {self._failures} calls failed in a row, over {self._pauses} pauses "
                f"of {limits.breaker_pause_s:g} s; the last: {found}. Expected answers. All answers so "
                f"far are kept: look at the server, then run the same command again to resume. Should "
                f"the server be well and refuse only these requests, raise limits.breaker_failures, "
                f"so that they become rejects."
            )
            return
        self._pauses += 1
        self._until = self._clock() + limits.breaker_pause_s

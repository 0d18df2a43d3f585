"""One upstream's guard: its deadline, how many calls at once, its retries and its breaker."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

from kibble.kernel.clock import Clock
from kibble.kernel.errors import TimedOut, Unavailable
from kibble.kernel.ids import Randomness
from kibble.platform.resilience.breaker import Breaker, NotCalled
from kibble.platform.resilience.jitter import full_jitter
from kibble.platform.telemetry.watched import Figure, watch

T = TypeVar("T")

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0
BUDGET_TOKENS = 10.0
BUDGET_SHARE = 0.1


class RetryBudget:
    """Lets retries be a tenth of the calls: more would make an overload worse.

    See the chapter on handling overload in Google's Site Reliability Engineering.
    """

    def __init__(self) -> None:
        self._tokens = BUDGET_TOKENS

    def earn(self) -> None:
        """Count a call."""
        self._tokens = min(self._tokens + BUDGET_SHARE, BUDGET_TOKENS)

    def spend(self) -> bool:
        """Take a retry out of the budget; False when it is used up."""
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Guard:
    """Calls one upstream with care. ``Unavailable`` and ``TimedOut`` count as its failures."""

    def __init__(
        self,
        name: str,
        clock: Clock,
        randomness: Randomness,
        *,
        timeout_seconds: float,
        concurrency: int,
        attempts: int = 1,
    ) -> None:
        """``attempts`` above 1 are for idempotent calls only."""
        self.name = name
        self.breaker = Breaker(name, clock)
        self._clock = clock
        self._randomness = randomness
        self._timeout_seconds = timeout_seconds
        self._attempts = attempts
        self._budget = RetryBudget()
        self._bulkhead = asyncio.Semaphore(concurrency)
        self._concurrency = concurrency
        self._in_flight = 0
        self._outcomes = {"succeeded": 0, "failed": 0, "timed-out": 0, "not-called": 0}
        watch(self)

    async def call(self, work: Callable[[], Awaitable[T]]) -> T:
        """Return what ``work`` returns.

        Raises ``NotCalled`` when the breaker is open, ``Unavailable`` when every attempt failed,
        ``TimedOut`` when the last one did not end in time: what it did is then unknown.
        """
        self._budget.earn()
        async with self._bulkhead:
            for attempt in range(1, self._attempts + 1):
                self._check()
                try:
                    return await self._attempt(work)
                except Unavailable:
                    if attempt == self._attempts or not self._budget.spend():
                        raise
                await self._clock.sleep(self._pause(attempt))
        raise Unavailable(f"{self.name} was not called.")

    def _check(self) -> None:
        try:
            self.breaker.check()
        except NotCalled:
            self._outcomes["not-called"] += 1
            raise

    async def _attempt(self, work: Callable[[], Awaitable[T]]) -> T:
        self._in_flight += 1
        try:
            async with asyncio.timeout(self._timeout_seconds):
                value = await work()
        except TimeoutError as error:
            self._record("timed-out")
            raise TimedOut(f"{self.name} did not answer in time.") from error
        except Unavailable:
            self._record("failed")
            raise
        finally:
            self._in_flight -= 1
        self._record("succeeded")
        return value

    def _record(self, outcome: str) -> None:
        self._outcomes[outcome] += 1
        self.breaker.record(succeeded=outcome == "succeeded")

    def figures(self) -> Iterator[Figure]:
        """See ``Watched.figures``."""
        for outcome, count in self._outcomes.items():
            yield Figure("kibble_upstream_calls", (self.name, outcome), count)
        yield Figure("kibble_breaker_open", (self.name,), self.breaker.is_open)
        yield Figure("kibble_upstream_in_flight", (self.name,), self._in_flight)
        yield Figure("kibble_upstream_limit", (self.name,), self._concurrency)

    def _pause(self, attempt: int) -> float:
        return full_jitter(self._randomness, attempt, FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)

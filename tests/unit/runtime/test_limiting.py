from __future__ import annotations

from dataclasses import dataclass

from kibble.gateway.limits import Policy
from kibble.kernel.errors import Unavailable
from kibble.runtime.distributed.limiting import SharedLimiter
from tests.fixtures.doubles import FakeClock


@dataclass(frozen=True)
class Some:
    """What was taken."""

    count: int
    spare: float


class MemoryCells:
    """Cells that the limiters of one test share."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._arrivals: dict[str, float] = {}
        self.asked = 0
        self.away = False

    async def take(self, key: str, wanted: int, *, interval: float, tolerance: float) -> Some:
        self.asked += 1
        if self.away:
            raise Unavailable("away")
        now = self._clock.monotonic()
        arrival = max(self._arrivals.get(key, 0.0), now)
        count = max(0, min(wanted, int((tolerance - (arrival - now)) / interval + 1e-6)))
        self._arrivals[key] = arrival + count * interval
        return Some(count, tolerance - (self._arrivals[key] - now))


class Fleet:
    """Processes that share the cells of one policy."""

    def __init__(self, processes: int, policy: Policy) -> None:
        self.clock = FakeClock()
        self.cells = MemoryCells(self.clock)
        self.members = [SharedLimiter(policy, self.cells, self.clock) for _ in range(processes)]

    async def passed(self, requests: int, caller: str = "sam") -> int:
        """Send requests to one process after the other; return how many passed."""
        return sum(
            [
                (await self.members[n % len(self.members)].check(caller)).allowed
                for n in range(requests)
            ]
        )


WIDE = Policy("wide", per_second=100, burst=1000)
NARROW = Policy("narrow", per_second=1, burst=10)


class TestSharedLimiter:
    async def test_lets_all_processes_together_pass_one_burst(self) -> None:
        assert await Fleet(3, NARROW).passed(100) == 10
        assert 950 <= await Fleet(3, WIDE).passed(5000) <= 1000

    async def test_asks_once_an_advance(self) -> None:
        fleet = Fleet(1, WIDE)
        await fleet.passed(200)
        assert fleet.cells.asked == 10

    async def test_asks_no_more_for_a_caller_who_must_wait(self) -> None:
        fleet = Fleet(1, NARROW)
        await fleet.passed(100)
        assert fleet.cells.asked == 11

    async def test_lets_a_caller_in_again_after_the_time_it_told(self) -> None:
        fleet = Fleet(1, NARROW)
        await fleet.passed(10)
        refused = await fleet.members[0].check("sam")
        assert (refused.allowed, refused.retry_after) == (False, 1)
        fleet.clock.advance(1.0)
        assert (await fleet.members[0].check("sam")).allowed

    async def test_tells_callers_apart(self) -> None:
        fleet = Fleet(2, NARROW)
        await fleet.passed(20)
        assert await fleet.passed(10, "alex") == 10

    async def test_tells_what_is_left(self) -> None:
        fleet = Fleet(1, NARROW)
        seen = [(await fleet.members[0].check("sam")).remaining for _ in range(3)]
        assert seen == [9, 8, 7]

    async def test_counts_alone_while_the_cells_are_away(self) -> None:
        fleet = Fleet(1, NARROW)
        fleet.cells.away = True
        assert await fleet.passed(100) == 10

    async def test_forgets_an_advance_that_was_not_used_in_time(self) -> None:
        fleet = Fleet(1, WIDE)
        await fleet.passed(1)
        fleet.clock.advance(2.0)
        await fleet.passed(1)
        assert fleet.cells.asked == 2

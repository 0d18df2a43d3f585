from __future__ import annotations

import asyncio
from itertools import pairwise

from kibble.gateway.flows import Work
from kibble.gateway.turns import BURST_SECONDS, LANES, STANDING_SECONDS, TURN_SECONDS, Turns
from tests.fixtures.doubles import FakeClock


class Crowd:
    """Requests that come within one turn, or while earlier ones wait, and what became of them."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.turns = Turns(self.clock)
        self.let_in: list[str] = []
        self.refused: list[str] = []
        self._waiting: list[asyncio.Future[bool]] = []

    def come(self, name: str, work: Work = Work.BROWSING) -> asyncio.Future[bool] | None:
        """Let a request come; return what it waits for."""
        if self.turns.has_time():
            self.let_in.append(name)
            return None
        turn = self.turns.wait(work)
        turn.add_done_callback(lambda done: self._end(name, done))
        self._waiting.append(turn)
        return turn

    def use_up(self) -> None:
        """Take all the time that a turn has for new requests."""
        assert self.turns.has_time()
        self.clock.advance(TURN_SECONDS)

    async def all(self) -> None:
        """Go on until nobody waits."""
        await asyncio.gather(*self._waiting, return_exceptions=True)
        await pass_turns(2)

    def _end(self, name: str, turn: asyncio.Future[bool]) -> None:
        if not turn.cancelled():
            (self.let_in if turn.result() else self.refused).append(name)


async def pass_turns(count: int) -> None:
    """Let the loop turn so many times."""
    for _ in range(count):
        await asyncio.sleep(0)


class TestTurns:
    async def test_let_a_few_in_at_once(self) -> None:
        crowd = Crowd()
        for name in "abc":
            crowd.come(name)
        assert crowd.let_in == ["a", "b", "c"]

    async def test_let_the_rest_in_one_a_turn_in_the_order_in_which_they_came(self) -> None:
        crowd = Crowd()
        crowd.use_up()
        for name in "abc":
            crowd.come(name)
        assert crowd.let_in == []
        seen = []
        for _ in range(8):
            await pass_turns(1)
            seen.append(len(crowd.let_in))
        assert seen[0] == 0
        assert all(later - before <= 1 for before, later in pairwise(seen))
        assert crowd.let_in == ["a", "b", "c"]

    async def test_give_who_comes_later_no_place_before_those_who_wait(self) -> None:
        crowd = Crowd()
        crowd.use_up()
        crowd.come("first")
        await pass_turns(1)
        crowd.come("second")
        await crowd.all()
        assert crowd.let_in == ["first", "second"]

    async def test_let_checkout_go_before_browsing_and_that_before_batch(self) -> None:
        crowd = Crowd()
        crowd.use_up()
        crowd.come("export", Work.BATCH)
        crowd.come("look", Work.BROWSING)
        crowd.come("cart", Work.CHECKOUT)
        await crowd.all()
        assert crowd.let_in == ["cart", "look", "export"]

    async def test_have_time_again_once_nobody_waits(self) -> None:
        crowd = Crowd()
        crowd.use_up()
        crowd.come("waited")
        await crowd.all()
        await pass_turns(3)
        crowd.come("came at once")
        assert crowd.let_in == ["waited", "came at once"]

    async def test_refuse_who_has_waited_in_vain(self) -> None:
        crowd = Crowd()
        crowd.use_up()
        for name in "abc":
            crowd.come(name)
        await pass_turns(1)
        crowd.clock.advance(2 * BURST_SECONDS + 0.1)
        await crowd.all()
        assert crowd.let_in[:1] == ["a"]
        assert crowd.refused
        assert sorted(crowd.let_in + crowd.refused) == ["a", "b", "c"]

    async def test_refuse_at_once_who_comes_when_the_first_has_waited_too_long(self) -> None:
        crowd = Crowd()
        crowd.use_up()
        crowd.come("first")
        crowd.clock.advance(BURST_SECONDS + 0.01)
        late = crowd.come("late")
        assert late is not None
        assert late.done()
        assert not late.result()

    async def test_bear_a_burst_but_not_a_queue_that_never_drains(self) -> None:
        crowd = Crowd()
        crowd.use_up()
        for number in range(40):
            crowd.come(f"burst {number}")
        crowd.clock.advance(STANDING_SECONDS * 2)
        await pass_turns(10)
        assert crowd.refused == []
        for number in range(40):
            crowd.come(f"more {number}")
        crowd.clock.advance(BURST_SECONDS)
        await crowd.all()
        assert len(crowd.refused) > 60

    async def test_pass_over_who_has_gone_away(self) -> None:
        crowd = Crowd()
        crowd.use_up()
        gone = crowd.come("gone")
        assert gone is not None
        gone.cancel()
        crowd.come("stays")
        await crowd.all()
        assert crowd.let_in == ["stays"]

    async def test_tell_how_many_wait(self) -> None:
        crowd = Crowd()
        crowd.use_up()
        crowd.come("a")
        crowd.come("b", Work.BATCH)
        assert dict(crowd.turns.waiting()) == {Work.CHECKOUT: 0, Work.BROWSING: 1, Work.BATCH: 1}
        await crowd.all()
        assert dict(crowd.turns.waiting()) == dict.fromkeys(LANES, 0)

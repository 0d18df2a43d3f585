from __future__ import annotations

import pytest

from kibble.gateway.flows import Work
from kibble.gateway.shedding import (
    LEAST_CHECKOUT,
    LEAST_IN_HAND,
    MOST_IN_HAND,
    InHand,
    Shares,
    Shedder,
)
from kibble.kernel.errors import Unavailable
from tests.fixtures.doubles import FakeClock


def let_in(shares: Shares, work: Work, tries: int = 100) -> int:
    return sum(shares.admits(work) for _ in range(tries))


class TestShares:
    def test_lets_everything_in_at_first(self) -> None:
        shares = Shares()
        assert [let_in(shares, work) for work in Work] == [100] * 4

    def test_takes_from_batch_then_from_browsing_and_last_from_checkout(self) -> None:
        shares = Shares()
        seen = []
        while shares.of(Work.CHECKOUT) > LEAST_CHECKOUT:
            shares.shrink()
            seen.append([shares.of(work) for work in (Work.BATCH, Work.BROWSING, Work.CHECKOUT)])
        assert seen[0] == [0.5, 1.0, 1.0]
        assert [0.0, 0.5, 1.0] in seen
        assert [0.0, 0.0, 0.5] in seen
        assert all(browsing == 0.0 for _, browsing, checkout in seen if checkout < 1.0)

    def test_never_lets_in_no_checkout_at_all(self) -> None:
        shares = Shares()
        for _ in range(50):
            shares.shrink()
        assert let_in(shares, Work.CHECKOUT) == 12
        assert let_in(shares, Work.BROWSING) == 0
        assert let_in(shares, Work.ESSENTIAL) == 100

    def test_gives_back_to_checkout_first(self) -> None:
        shares = Shares()
        for _ in range(50):
            shares.shrink()
        while shares.of(Work.CHECKOUT) < 1.0:
            assert shares.of(Work.BROWSING) == 0.0
            shares.grow()
        shares.grow()
        assert shares.of(Work.BROWSING) == pytest.approx(0.1)

    def test_spreads_a_share_evenly(self) -> None:
        shares = Shares()
        shares.shrink()
        assert [shares.admits(Work.BATCH) for _ in range(4)] == [False, True, False, True]


class TestInHand:
    def test_is_less_after_slow_orders_and_more_while_many_are_quick(self) -> None:
        hand = InHand()
        before = hand.most
        hand.answered(2.0, now=1.0)
        assert hand.most < before
        hand.count = hand.most
        lowered = hand.most
        hand.answered(0.1, now=2.0)
        assert hand.most == lowered + 8

    def test_changes_once_a_window(self) -> None:
        hand = InHand()
        hand.answered(2.0, now=1.0)
        once = hand.most
        hand.answered(2.0, now=1.1)
        assert hand.most == once

    def test_stays_within_bounds(self) -> None:
        hand = InHand()
        for second in range(100):
            hand.answered(5.0, now=float(second))
        assert hand.most == LEAST_IN_HAND
        hand.count = MOST_IN_HAND
        for second in range(100, 300):
            hand.answered(0.01, now=float(second))
        assert hand.most == MOST_IN_HAND

    def test_does_not_grow_unused(self) -> None:
        hand = InHand()
        before = hand.most
        hand.answered(0.01, now=1.0)
        assert hand.most == before


class TestShedder:
    def test_takes_one_stall_for_no_queue(self) -> None:
        clock = FakeClock()
        shedder = Shedder(lambda: 0.0, clock, clock.monotonic)
        for late in (0.3, 0.0) * 20:
            clock.advance(0.25)
            shedder.late(late)
        for work in Work:
            shedder.check(work)

    def test_refuses_batch_once_the_loop_stays_late(self) -> None:
        clock = FakeClock()
        shedder = Shedder(lambda: 0.0, clock, clock.monotonic)
        for _ in range(10):
            clock.advance(0.5)
            shedder.late(0.2)
        with pytest.raises(Unavailable) as refused:
            shedder.check(Work.BATCH)
        assert refused.value.retry_after == 2
        shedder.check(Work.CHECKOUT)

    def test_refuses_nothing_while_it_is_others_who_keep_the_machine_busy(self) -> None:
        clock = FakeClock()
        shedder = Shedder(lambda: 0.0, clock, lambda: clock.monotonic() * 0.2)
        for _ in range(20):
            clock.advance(0.5)
            shedder.late(0.5)
        for work in Work:
            shedder.check(work)

    def test_refuses_a_new_order_when_too_many_are_in_hand(self) -> None:
        shedder = Shedder(lambda: 0.0, FakeClock())
        hands = [shedder.placing() for _ in range(257)]
        for hand in hands[:256]:
            hand.__enter__()
        with pytest.raises(Unavailable):
            hands[256].__enter__()
        hands[0].__exit__(None, None, None)
        with shedder.placing():
            pass

from __future__ import annotations

import pytest

from kibble.gateway.shedding import LEAST_IN_HAND, MOST_IN_HAND, InHand, Shedder
from kibble.kernel.errors import Unavailable
from tests.fixtures.doubles import FakeClock


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

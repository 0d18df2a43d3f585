"""A circuit breaker refuses what would fail, and says for how long."""

from __future__ import annotations

import pytest

from kibble.platform.resilience import Breaker, NotCalled
from tests.fixtures.doubles import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def breaker(clock: FakeClock) -> Breaker:
    """A breaker that has just opened."""
    breaker = Breaker("the bank", clock)
    for number in range(20):
        breaker.check()
        breaker.record(succeeded=number % 2 == 0)
    return breaker


@pytest.mark.parametrize(("passed", "left"), [(0, 10), (4, 6), (9.5, 1)])
def test_an_open_one_says_when_to_come_back(
    breaker: Breaker, clock: FakeClock, passed: float, left: int
) -> None:
    clock.advance(passed)
    with pytest.raises(NotCalled) as refused:
        breaker.check()
    assert refused.value.retry_after == left


def test_lets_a_call_pass_when_it_said_so(breaker: Breaker, clock: FakeClock) -> None:
    clock.advance(10)
    breaker.check()


def test_closes_after_three_good_calls(breaker: Breaker, clock: FakeClock) -> None:
    clock.advance(10)
    for _ in range(3):
        breaker.check()
        breaker.record(succeeded=True)
    breaker.record(succeeded=False)
    assert not breaker.is_open


def test_opens_again_when_a_call_fails_that_was_let_pass(
    breaker: Breaker, clock: FakeClock
) -> None:
    clock.advance(10)
    breaker.record(succeeded=False)
    assert breaker.is_open


def test_stays_closed_while_less_than_half_of_the_calls_fail(clock: FakeClock) -> None:
    breaker = Breaker("the bank", clock)
    for number in range(100):
        breaker.record(succeeded=number % 5 > 1)
    assert not breaker.is_open

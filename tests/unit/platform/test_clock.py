from __future__ import annotations

import random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from kibble.platform.clock import system_randomness
from tests.fixtures.doubles import FakeClock, fake_ids

seconds = st.sampled_from([-1.0, -0.001, 0.0, 0.0004, 0.001, 3600.0])
"""How a clock moves: on, hardly, or back when somebody sets it."""


class TestIds:
    @given(st.lists(seconds, max_size=50), st.integers())
    def test_ascend_strictly_whatever_the_clock_does(self, steps: list[float], seed: int) -> None:
        clock = FakeClock()
        ids = fake_ids(clock, seed)
        made = [ids.new()]
        for step in steps:
            clock.advance(step)
            made.append(ids.new())
        assert made == sorted(set(made))
        assert {UUID(text).version for text in made} == {7}

    def test_carry_the_time_they_were_made(self) -> None:
        clock = FakeClock()
        assert UUID(fake_ids(clock).new()).int >> 80 == int(clock.now().timestamp() * 1000)


def test_the_dice_of_a_shop_are_the_systems() -> None:
    drawn: set[int] = set()
    for _ in range(2):
        random.seed(1)
        drawn.add(system_randomness().getrandbits(128))
    assert len(drawn) == 2

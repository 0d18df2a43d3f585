from __future__ import annotations

from enum import Enum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibble.kernel.errors import Conflict
from kibble.kernel.state_machine import StateMachine


class Light(Enum):
    RED = "red"
    GREEN = "green"
    AMBER = "amber"
    BROKEN = "broken"


MOVES = {
    Light.RED: frozenset({Light.GREEN, Light.BROKEN}),
    Light.GREEN: frozenset({Light.AMBER}),
    Light.AMBER: frozenset({Light.RED}),
    Light.BROKEN: frozenset[Light](),
}
lights = st.sampled_from(Light)


class TestTable:
    def test_refuses_a_state_without_a_row(self) -> None:
        moves = dict(MOVES)
        del moves[Light.BROKEN]
        with pytest.raises(ValueError, match=r"light: no row for \['BROKEN'\]"):
            StateMachine("light", moves, Light.RED)

    def test_refuses_a_state_that_nothing_leads_to(self) -> None:
        moves = {**MOVES, Light.RED: frozenset({Light.BROKEN, Light.AMBER})}
        with pytest.raises(ValueError, match=r"light: unreachable \['GREEN'\]"):
            StateMachine("light", moves, Light.RED)

    def test_needs_no_move_back_to_the_first_state(self) -> None:
        moves = {
            Light.RED: frozenset({Light.GREEN}),
            Light.GREEN: frozenset({Light.AMBER}),
            Light.AMBER: frozenset({Light.BROKEN}),
            Light.BROKEN: frozenset[Light](),
        }
        assert StateMachine("light", moves, Light.RED).initial is Light.RED


class TestMove:
    machine = StateMachine("light", MOVES, Light.RED)

    @given(lights, lights)
    def test_goes_where_the_table_says_and_nowhere_else(
        self, current: Light, target: Light
    ) -> None:
        assert self.machine.allows(current, target) == (target in MOVES[current])
        if target in MOVES[current]:
            assert self.machine.move(current, target) is target
        else:
            with pytest.raises(Conflict):
                self.machine.move(current, target)

    def test_tells_the_present_state_when_a_move_is_illegal(self) -> None:
        with pytest.raises(Conflict, match="The light is green; it cannot become red") as refused:
            self.machine.move(Light.GREEN, Light.RED)
        assert refused.value.code == "illegal-move"
        assert refused.value.details == {"currentStatus": "green"}

    def test_knows_where_nothing_follows(self) -> None:
        assert [light for light in Light if self.machine.is_final(light)] == [Light.BROKEN]

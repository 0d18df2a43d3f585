"""State machines as tables, checked when they are made; an illegal move always raises."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Generic, TypeVar

from kibble.kernel.errors import Conflict

S = TypeVar("S", bound=Enum)


class StateMachine(Generic[S]):
    """The moves that are allowed between the states of an enumeration."""

    def __init__(self, name: str, moves: Mapping[S, frozenset[S]], initial: S) -> None:
        """Check the table: every state has a row, and is reachable from ``initial``.

        Raises ``ValueError`` for a table with a missing row or an unreachable state.
        """
        states = set(type(initial))
        if missing := states - set(moves):
            raise ValueError(f"{name}: no row for {sorted(state.name for state in missing)}")
        reached, frontier = {initial}, [initial]
        while frontier:
            for state in moves[frontier.pop()] - reached:
                reached.add(state)
                frontier.append(state)
        if unreachable := states - reached:
            raise ValueError(f"{name}: unreachable {sorted(state.name for state in unreachable)}")
        self.name = name
        self.moves = moves
        self.initial = initial

    def allows(self, current: S, target: S) -> bool:
        """Tell whether ``current`` may become ``target``."""
        return target in self.moves[current]

    def move(self, current: S, target: S) -> S:
        """Return ``target``; an illegal move raises ``Conflict`` with the present state."""
        if target not in self.moves[current]:
            raise Conflict(
                f"The {self.name} is {current.value}; it cannot become {target.value}.",
                code="illegal-move",
                details={"currentStatus": current.value},
            )
        return target

    def is_final(self, state: S) -> bool:
        """Tell whether nothing follows ``state``."""
        return not self.moves[state]

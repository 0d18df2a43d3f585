"""What a use case wants written. A use case decides and returns; its caller commits.

Nothing here knows an engine: a store turns ``Changes`` into one transaction, so that state,
events, inbox row and idempotency record are all kept, or none is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from kibble.platform.messaging.event import Event

T = TypeVar("T")


class Aggregate(Protocol):
    """A unit of consistency. ``version`` counts its saves; 0 means never saved."""

    version: int


@dataclass(frozen=True, slots=True)
class Save:
    """One aggregate to write, and the version that it was read at (0: it must not exist yet)."""

    aggregate: Aggregate
    expected_version: int


@dataclass(frozen=True, slots=True)
class Publish:
    """One event to put into the outbox; ``sequence`` counts the events of its subject."""

    event: Event
    sequence: int


@dataclass(slots=True)
class Changes:
    """The writes of one use case, in order."""

    saves: list[Save] = field(default_factory=list)
    removals: list[Save] = field(default_factory=list)
    events: list[Publish] = field(default_factory=list)
    after_commit: list[Callable[[], None]] = field(default_factory=list)

    def save(self, aggregate: Aggregate) -> None:
        """Write ``aggregate``, once a use case; its version becomes the one that will be stored."""
        self.saves.append(Save(aggregate, aggregate.version))
        aggregate.version += 1

    def remove(self, aggregate: Aggregate) -> None:
        """Delete ``aggregate``; its version becomes the one of its deletion."""
        self.removals.append(Save(aggregate, aggregate.version))
        aggregate.version += 1

    def publish(self, event: Event, sequence: int) -> None:
        """Emit ``event``; call it after ``save`` with the aggregate's new version as sequence."""
        self.events.append(Publish(event, sequence))

    def then(self, hook: Callable[[], None]) -> None:
        """Call ``hook`` once the writes are durable, to wake a worker; a crash may lose it."""
        self.after_commit.append(hook)

    def __bool__(self) -> bool:
        """Tell whether there is anything to write."""
        return bool(self.saves or self.removals or self.events)


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What a use case answers, and what it wants written."""

    value: T
    changes: Changes


def unchanged(value: T) -> Outcome[T]:
    """Return an answer that needs nothing written."""
    return Outcome(value, Changes())

"""What a service does on an event: a table of event types and use cases."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from kibble.platform.messaging.event import Envelope, Event
from kibble.platform.persistence.changes import Outcome

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Received:
    """Where an event comes from; ``sequence`` counts the events of its subject."""

    envelope: Envelope

    @property
    def id(self) -> str:
        """The event's id, the same on every delivery."""
        return self.envelope.id

    @property
    def sequence(self) -> int:
        """The event's place among those of its subject."""
        return self.envelope.sequence


@dataclass(frozen=True, slots=True)
class Subscription:
    """One row of an event processor: for this type of event, run this use case.

    The consumer commits the outcome with the inbox mark, runs the use case again on a conflict,
    retries what may pass, and parks what cannot. What is ``repeatable`` changes nothing more when
    it is done again: it needs no inbox mark, and so no commit where there is nothing to change.
    """

    event: type[Event]
    handle: Callable[[Any, Received], Awaitable[Outcome[None]]]
    repeatable: bool = False


def on(event: type[E], handle: Callable[[E, Received], Awaitable[Outcome[None]]]) -> Subscription:
    """Return the row that runs ``handle`` for every event of type ``event``."""
    return Subscription(event, handle)


def repeatably_on(
    event: type[E], handle: Callable[[E, Received], Awaitable[Outcome[None]]]
) -> Subscription:
    """Return the same row of a ``handle`` that is repeatable."""
    return Subscription(event, handle, repeatable=True)

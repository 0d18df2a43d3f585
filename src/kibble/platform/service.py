"""What a service's wiring gives to the composition root."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from kibble.kernel.clock import Clock
from kibble.kernel.ids import IdSource, Randomness
from kibble.platform.messaging.handler import Subscription
from kibble.platform.messaging.log import ConsumerStore, EventLog, OffsetStore, Outbox
from kibble.platform.rpc import Offer
from kibble.platform.tasks import Task
from kibble.platform.web.route import Route

C = TypeVar("C")
S_co = TypeVar("S_co", bound="ServiceStore", covariant=True)


@dataclass(frozen=True, slots=True)
class World:
    """What comes in from outside: time, ids and randomness."""

    clock: Clock
    ids: IdSource
    randomness: Randomness


class ServiceStore(ConsumerStore, Protocol):
    """A service's store as the composition root needs it."""

    async def prune(self, before: str) -> None:
        """Forget idempotency records from before an RFC 3339 time."""
        ...


class LocalStore(ServiceStore, OffsetStore, EventLog, Protocol):
    """A store of the embedded profile: a log to read, its own places in others', and an end."""

    def close(self) -> None:
        """Commit what waits and release the engine."""
        ...


@dataclass(frozen=True, slots=True)
class Built(Generic[C, S_co]):
    """A built service: its routes, what it does on events, its background work, its client.

    ``publishes`` names the topics of its outbox. ``consumers`` holds further consumer groups on
    the same store by name, such as a search index that follows its own service's events.
    ``offers`` is what other services may ask of it when they run in other processes;
    ``outboxes`` are relayed to the broker where there is one; ``closing`` ends what was opened.
    ``checks`` ask outside parties, before it serves, whether they know us; each raises
    ``ValueError`` with a sentence for the operator.
    """

    name: str
    store: S_co
    client: C
    routes: Sequence[Route]
    publishes: frozenset[str] = frozenset()
    subscriptions: Sequence[Subscription] = ()
    consumers: dict[str, Sequence[Subscription]] = field(default_factory=dict)
    tasks: Sequence[Task] = ()
    outboxes: Sequence[Outbox] = ()
    offers: Sequence[Offer] = ()
    closing: Sequence[Callable[[], Awaitable[None]]] = ()
    checks: Sequence[Callable[[], Awaitable[None]]] = ()

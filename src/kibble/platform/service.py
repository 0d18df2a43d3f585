"""What a service's wiring gives to the composition root."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from kibble.platform.messaging.handler import Subscription
from kibble.platform.messaging.log import ConsumerStore, EventLog
from kibble.platform.tasks import Task
from kibble.platform.web.route import Route

C = TypeVar("C")


class ServiceStore(ConsumerStore, EventLog, Protocol):
    """A service's store as the composition root needs it: a log to read, and an end."""

    async def prune(self, before: str) -> None:
        """Forget idempotency records from before an RFC 3339 time."""
        ...

    def close(self) -> None:
        """Commit what waits and release the engine."""
        ...


@dataclass(frozen=True, slots=True)
class Built(Generic[C]):
    """A built service: its routes, what it does on events, its background work, its client.

    ``publishes`` names the topics of its outbox. ``consumers`` holds further consumer groups on
    the same store by name, such as a search index that follows its own service's events.
    """

    name: str
    store: ServiceStore
    client: C
    routes: Sequence[Route]
    publishes: frozenset[str] = frozenset()
    subscriptions: Sequence[Subscription] = ()
    consumers: dict[str, Sequence[Subscription]] = field(default_factory=dict)
    tasks: Sequence[Task] = ()

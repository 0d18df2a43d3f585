"""Dead letters and lags of a service in another process: its offers, and how the gateway asks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from kibble.platform.messaging.log import ParkedEvent, ParkedEvents
from kibble.platform.rpc import Ask, Neighbour, Offer, Procedure, Reach, offer


class AskParked(Ask, frozen=True, kw_only=True):
    """Whose parked events, and of which status; None for all."""

    consumer: str | None = None
    status: str | None = None


class AskPark(Ask, frozen=True, kw_only=True):
    """The event to keep, or its next attempt."""

    event: ParkedEvent


class AskUnpark(Ask, frozen=True, kw_only=True):
    """The event to forget."""

    consumer: str
    event_id: str


class AskLags(Ask, frozen=True, kw_only=True):
    """How far the asked process is behind; of several replicas, one answers."""


class _Letters(NamedTuple):
    lags: Procedure[AskLags, dict[str, float]]
    parked: Procedure[AskParked, list[ParkedEvent]]
    park: Procedure[AskPark, None]
    unpark: Procedure[AskUnpark, bool]


def _of(service: str) -> _Letters:
    return _Letters(
        Procedure(service, "lags", AskLags, dict[str, float], Reach.SHOP, "letters"),
        Procedure(service, "parked", AskParked, list[ParkedEvent], Reach.SHOP, "letters"),
        Procedure(service, "park", AskPark, None, Reach.SHOP, "letters"),
        Procedure(service, "unpark", AskUnpark, bool, Reach.SHOP, "letters"),
    )


def offers(
    service: str, store: ParkedEvents, lags: Callable[[], Awaitable[dict[str, float]]]
) -> list[Offer]:
    """Return what a service offers of its parked events and its lags."""
    letters = _of(service)
    return [
        offer(letters.lags, lags),
        offer(letters.parked, store.parked),
        offer(letters.park, store.park),
        offer(letters.unpark, store.unpark),
    ]


class RemoteLetters:
    """The parked events of a service in another process."""

    def __init__(self, service: str, neighbour: Neighbour) -> None:
        self._letters = _of(service)
        self._neighbour = neighbour

    async def parked(
        self, consumer: str | None = None, status: str | None = None
    ) -> list[ParkedEvent]:
        """See ``ParkedEvents.parked``."""
        ask = AskParked(consumer=consumer, status=status)
        return await self._neighbour.call(self._letters.parked, ask)

    async def park(self, event: ParkedEvent) -> None:
        """See ``ParkedEvents.park``."""
        await self._neighbour.call(self._letters.park, AskPark(event=event))

    async def lags(self) -> dict[str, float]:
        """Return the seconds by which the service is behind, feed by feed."""
        return await self._neighbour.call(self._letters.lags, AskLags())

    async def unpark(self, consumer: str, event_id: str) -> bool:
        """See ``ParkedEvents.unpark``."""
        ask = AskUnpark(consumer=consumer, event_id=event_id)
        return await self._neighbour.call(self._letters.unpark, ask)

"""Events over HTTP: how far consumers are behind, and dead letters: list, replay, drop."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

import msgspec

from kibble.kernel.clock import Clock, from_text, to_text
from kibble.kernel.errors import NotFound
from kibble.kernel.paging import Page
from kibble.platform.messaging.log import ParkedEvent, ParkedEvents
from kibble.platform.web.call import Call
from kibble.platform.web.json import Instant
from kibble.platform.web.reply import Reply, accepted, listed, no_content, ok
from kibble.platform.web.route import Route, get, write

ADMIN = "events:admin"

Lags = Callable[[], Awaitable[Mapping[str, float]]]


class ParkedView(msgspec.Struct, frozen=True, rename="camel"):
    """An event that its consumer could not apply; ``status`` is retrying or dead."""

    consumer: str
    topic: str
    type: str
    key: str
    event_id: str
    status: str
    attempts: int
    error: str
    parked_at: Instant
    event: Any

    @classmethod
    def of(cls, parked: ParkedEvent) -> ParkedView:
        """Return the view of ``parked``."""
        return cls(
            parked.consumer,
            parked.topic,
            parked.type,
            parked.key,
            parked.event_id,
            parked.status,
            parked.attempts,
            parked.error,
            from_text(parked.parked_at),
            _event(parked.envelope),
        )


class LagView(msgspec.Struct, frozen=True, rename="camel"):
    """What a consumer has not applied yet: the age of the oldest such event, in seconds."""

    feed: str
    seconds: float


class LagsView(msgspec.Struct, frozen=True, rename="camel"):
    """The feeds that are behind, the latest first."""

    feeds: list[LagView]


class ReplayView(msgspec.Struct, frozen=True, rename="camel"):
    """An event that is tried again."""

    consumer: str
    event_id: str


def _event(envelope: bytes) -> object:
    try:
        return msgspec.json.decode(envelope)
    except msgspec.MsgspecError:
        return envelope.decode("utf-8", "replace")


async def all_parked(stores: Mapping[str, ParkedEvents]) -> list[ParkedEvent]:
    """Return the parked events of all consumers, whose stores are given by name."""
    return [event for name, store in stores.items() for event in await store.parked(name)]


async def replay(store: ParkedEvents, consumer: str, event_id: str, clock: Clock) -> None:
    """Have a parked event tried again at once, under its own id; raises ``NotFound``."""
    now = to_text(clock.now())
    await store.park(
        replace(await _find(store, consumer, event_id), status="retrying", attempts=0, due_at=now)
    )


async def drop(store: ParkedEvents, consumer: str, event_id: str) -> None:
    """Forget a parked event; raises ``NotFound``."""
    await _find(store, consumer, event_id)
    await store.unpark(consumer, event_id)


async def _find(store: ParkedEvents, consumer: str, event_id: str) -> ParkedEvent:
    for parked in await store.parked(consumer):
        if parked.event_id == event_id:
            return parked
    raise NotFound("There is no such parked event.")


class EventsController:
    """One method a route; ``stores`` are the consumers' by name, ``lags`` tells how late they are.

    Feeds without a lag are left out of what ``lags`` returns.
    """

    def __init__(self, stores: Mapping[str, ParkedEvents], lags: Lags, clock: Clock) -> None:
        self._stores = stores
        self._lags = lags
        self._clock = clock

    async def list_lag(self, call: Call[None, None]) -> Reply:
        """GET /api/events/lag."""
        lags = await self._lags()
        late = [LagView(feed, round(seconds, 3)) for feed, seconds in lags.items()]
        late.sort(key=lambda lag: -lag.seconds)
        return ok(LagsView(late))

    async def list_parked(self, call: Call[None, None]) -> Reply:
        """GET /api/events/parked."""
        parked = await all_parked(self._stores)
        return listed(Page(parked), ParkedView.of, call.next_url)

    async def replay_parked(self, call: Call[None, None]) -> Reply:
        """POST /api/events/parked/{consumer}/{eventId}/replay."""
        consumer, event_id = call.path["consumer"], call.path["eventId"]
        await replay(self._store(consumer), consumer, event_id, self._clock)
        return accepted(ReplayView(consumer, event_id))

    async def drop_parked(self, call: Call[None, None]) -> Reply:
        """DELETE /api/events/parked/{consumer}/{eventId}."""
        consumer = call.path["consumer"]
        await drop(self._store(consumer), consumer, call.path["eventId"])
        return no_content()

    def _store(self, consumer: str) -> ParkedEvents:
        if consumer not in self._stores:
            raise NotFound("There is no such consumer.")
        return self._stores[consumer]


def routes(controller: EventsController) -> list[Route]:
    """Return the table of the dead letters' routes."""
    c = controller
    parked = "/api/events/parked"
    one = f"{parked}/{{consumer}}/{{eventId}}"
    return [
        get(
            "/api/events/lag",
            c.list_lag,
            "How far consumers are behind, the latest first",
            ADMIN,
            answer=LagsView,
        ),
        get(
            parked,
            c.list_parked,
            "Events that could not be applied",
            ADMIN,
            answer=list[ParkedView],
        ),
        write(
            "POST",
            f"{one}/replay",
            c.replay_parked,
            "Try a parked event again",
            ADMIN,
            answer=ReplayView,
            status=202,
        ),
        write("DELETE", one, c.drop_parked, "Forget a parked event", ADMIN, status=204),
    ]

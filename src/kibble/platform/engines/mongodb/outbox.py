"""The events that wait inside the documents that changed, on their way to the broker."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from bson import Binary
from pymongo import DeleteOne, UpdateOne

from kibble.kernel.clock import Clock
from kibble.platform.engines.mongodb.client import Database, Document
from kibble.platform.engines.mongodb.lease import Lease
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.messaging.log import OutboxEvent
from kibble.platform.persistence.changes import Publish

LOOK_SECONDS = 0.5
"""How soon events of other processes are looked for."""

WAITING: Document = {"pending.id": {"$gt": ""}}
"""The documents in which events wait; also the condition of the partial index that finds them."""


class Place(NamedTuple):
    """Where an event is; ``last`` counts the events of a document that has ended, else it is 0."""

    collection: str
    document: str
    event: str
    last: int


def seal(events: Iterable[Publish], envelopes: EnvelopeMaker) -> list[tuple[str, Document]]:
    """Return events with their subjects, as documents keep them."""
    sealed: list[tuple[str, Document]] = []
    for publish in events:
        envelope, body = envelopes.make(publish.event, publish.sequence)
        kept: Document = {
            "id": envelope.id,
            "topic": publish.event.topic,
            "type": envelope.type,
            "key": envelope.partitionkey,
            "at": envelope.time,
            "envelope": Binary(body),
        }
        sealed.append((envelope.subject, kept))
    return sealed


class PendingEvents:
    """Finds the events of all of a service's collections, while it has the lease to relay them.

    Events of one document are in the order of its array, which is that of its commits. Those of
    different documents are in the order of their ids, and so of the time that their commits began.
    """

    def __init__(
        self, database: Database, collections: Sequence[str], lease: Lease, clock: Clock
    ) -> None:
        self.grown = asyncio.Event()
        self._db = database
        self._collections = collections
        self._lease = lease
        self._clock = clock
        self._look_at = 0.0
        self._more = True

    def note(self) -> None:
        """Have the relay look at once: this process has committed events."""
        self._more = True
        self.grown.set()

    @property
    def is_mine(self) -> bool:
        """Tell whether this process had the lease when it looked last."""
        return self._lease.token > 0

    async def pending(self, limit: int) -> Sequence[OutboxEvent]:
        """See ``Outbox.pending``."""
        now = self._clock.monotonic()
        if not self._more and now < self._look_at:
            return []
        if not await self._lease.keep():
            return []
        self._more, self._look_at = False, now + LOOK_SECONDS
        lists = await asyncio.gather(*(self._in(name, limit) for name in self._collections))
        found = [event for listed in lists for event in listed]
        found.sort(key=lambda pair: pair[0])
        self._more = bool(found)
        return [event for _, event in found[:limit]]

    async def _in(self, name: str, limit: int) -> list[tuple[str, OutboxEvent]]:
        """Return the events of one collection, each with the place in line that its document has.

        No event stands before an earlier one of its document, whatever their ids say.
        """
        found: list[tuple[str, OutboxEvent]] = []
        told = {"pending": 1, "gone": 1}
        oldest = self._db[name].find(WAITING, told).sort("pending.id", 1).limit(limit)
        async for document in oldest:
            line, last = "", len(document["pending"]) if document.get("gone") else 0
            for event in document["pending"]:
                line = max(line, event["id"])
                place = Place(name, document["_id"], event["id"], last)
                found.append((line, _outbox_event(place, event)))
        return found

    async def settle(self, events: Sequence[OutboxEvent]) -> None:
        """See ``Outbox.settle``."""
        if not await self._lease.keep():
            return
        places: list[Place] = [event.place for event in events]
        for name in {place.collection for place in places}:
            ours = [place for place in places if place.collection == name]
            await self._db[name].bulk_write(_settling(ours))

    async def release(self) -> None:
        """See ``Outbox.release``."""
        await self._lease.release()


def _settling(places: Sequence[Place]) -> list[DeleteOne | UpdateOne]:
    """Return what takes events out of their documents, and what has ended away with its last event.

    A write for each document, and all of a kind in one command. One condition with the ids of all
    is no fewer commands, and the stand-in for MongoDB then takes three times as long.
    """
    events: dict[str, list[str]] = {}
    for place in places:
        events.setdefault(place.document, []).append(place.event)
    lasts = {place.document: place.last for place in places}
    over = [one for one in events if lasts[one] == len(events[one])]
    kept = [one for one in events if lasts[one] != len(events[one])]
    empty: list[Document] = [{"_id": one, "pending": {"$size": 0}} for one in kept]
    return [
        *(DeleteOne({"_id": one, "gone": True}) for one in over),
        *(
            UpdateOne({"_id": one}, {"$pull": {"pending": {"id": {"$in": events[one]}}}})
            for one in kept
        ),
        *(DeleteOne({**one, "gone": True}) for one in empty),
        *(UpdateOne(one, {"$unset": {"pending": ""}}) for one in empty),
    ]


def _outbox_event(place: Place, event: Document) -> OutboxEvent:
    return OutboxEvent(
        place=place,
        topic=event["topic"],
        type=event["type"],
        key=event["key"],
        created_at=event["at"],
        envelope=bytes(event["envelope"]),
    )

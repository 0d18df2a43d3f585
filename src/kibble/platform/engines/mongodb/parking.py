"""Events that a consumer could not apply, in a collection of their own."""

from __future__ import annotations

from dataclasses import asdict

from bson import Binary

from kibble.kernel.ids import IdSource
from kibble.platform.engines.mongodb.client import Database, Document
from kibble.platform.messaging.log import ParkedEvent

PARKED = "parked_events"
_CHANGES = ("error", "attempts", "status", "due_at")


class Parking:
    """The parked events of one database; ``position`` is the order in which they came."""

    def __init__(self, database: Database, ids: IdSource) -> None:
        self._events = database[PARKED]
        self._ids = ids

    async def park(self, event: ParkedEvent) -> None:
        """See ``ConsumerStore.park``."""
        fields = asdict(event) | {"envelope": Binary(event.envelope)}
        changed = {name: fields.pop(name) for name in _CHANGES}
        first = fields | {"position": self._ids.new()}
        await self._events.update_one(
            {"_id": _id(event.consumer, event.event_id)},
            {"$set": changed, "$setOnInsert": first},
            upsert=True,
        )

    async def parked(self, consumer: str | None, status: str | None) -> list[ParkedEvent]:
        """See ``ConsumerStore.parked``."""
        asked = {"consumer": consumer, "status": status}
        wanted: Document = {name: value for name, value in asked.items() if value is not None}
        found = await self._events.find(wanted).sort("position", 1).to_list()
        return [_event(document) for document in found]

    async def unpark(self, consumer: str, event_id: str) -> bool:
        """See ``ConsumerStore.unpark``."""
        done = await self._events.delete_one({"_id": _id(consumer, event_id)})
        return done.deleted_count > 0


def _id(consumer: str, event_id: str) -> str:
    return f"{consumer}\n{event_id}"


def _event(document: Document) -> ParkedEvent:
    fields: Document = {name: document[name] for name in ParkedEvent.__dataclass_fields__}
    fields["envelope"] = bytes(document["envelope"])
    return ParkedEvent(**fields)

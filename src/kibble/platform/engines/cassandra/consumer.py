"""What a consumer keeps on Cassandra beside its state: its inbox and its parked events."""

from __future__ import annotations

from kibble.kernel.ids import IdSource
from kibble.platform.engines.cassandra.session import Session
from kibble.platform.messaging.log import ParkedEvent
from kibble.platform.persistence.store import DuplicateEvent, InboxMark

_PARKED = (
    "consumer, topic, key, type, event_id, envelope, error, attempts, status, due_at, parked_at"
)
_PARK = (
    f"INSERT INTO parked_events (shelf, position, {_PARKED})"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_SHELF = "all"
"""Parked events are few and read together: they share a partition."""


class Inbox:
    """The marks of the events that were applied."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def check(self, mark: InboxMark) -> None:
        """Raise ``DuplicateEvent`` when the event was applied."""
        if await self._session.read(
            "SELECT event_id FROM inbox WHERE consumer = ? AND event_id = ?",
            mark.consumer,
            mark.event_id,
        ):
            raise DuplicateEvent(mark.event_id)

    async def mark(self, mark: InboxMark) -> None:
        """Note that the event is applied; raises ``DuplicateEvent`` when that is noted already.

        A plain write: what is written here is as good twice as once, so a mark saves work and
        guards nothing, and a conditional one would cost as much as the event's own effect.
        """
        await self.check(mark)
        await self._session.write(
            (
                "INSERT INTO inbox (consumer, event_id) VALUES (?, ?)",
                (mark.consumer, mark.event_id),
            )
        )


class ParkedEvents:
    """The events that could not be applied, oldest first."""

    def __init__(self, session: Session, ids: IdSource) -> None:
        self._session = session
        self._ids = ids

    async def park(self, event: ParkedEvent) -> None:
        """See ``ConsumerStore.park``. What was parked before keeps its place and its time."""
        known = await self._session.read(
            "SELECT position, parked_at FROM parked_events"
            " WHERE shelf = ? AND consumer = ? AND event_id = ?",
            _SHELF,
            event.consumer,
            event.event_id,
        )
        position, parked_at = known[0] if known else (self._ids.new(), event.parked_at)
        await self._session.write(
            (
                _PARK,
                (
                    _SHELF,
                    position,
                    event.consumer,
                    event.topic,
                    event.key,
                    event.type,
                    event.event_id,
                    event.envelope,
                    event.error,
                    event.attempts,
                    event.status,
                    event.due_at,
                    parked_at,
                ),
            )
        )

    async def parked(self, consumer: str | None, status: str | None) -> list[ParkedEvent]:
        """See ``ConsumerStore.parked``."""
        rows = await self._session.read(
            f"SELECT position, {_PARKED} FROM parked_events WHERE shelf = ?", _SHELF
        )
        events = [ParkedEvent(*row[1:]) for row in sorted(rows, key=lambda row: str(row[0]))]
        return [
            event
            for event in events
            if consumer in {None, event.consumer} and status in {None, event.status}
        ]

    async def unpark(self, consumer: str, event_id: str) -> bool:
        """See ``ConsumerStore.unpark``."""
        place = (_SHELF, consumer, event_id)
        where = "FROM parked_events WHERE shelf = ? AND consumer = ? AND event_id = ?"
        if not await self._session.read(f"SELECT event_id {where}", *place):
            return False
        await self._session.write((f"DELETE {where}", place))
        return True

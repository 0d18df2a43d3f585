"""The store of a service in one table of DynamoDB: state, inbox and answers in one transaction.

A service that publishes events cannot be kept so: there is no outbox.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import msgspec

from kibble.kernel.clock import Clock, from_text, to_text
from kibble.kernel.errors import StaleVersion, Unavailable
from kibble.platform.engines.aws.dynamodb import (
    DELETE,
    NEW,
    PAUSE_SECONDS,
    Broken,
    Condition,
    DynamoTable,
    Item,
    Step,
    seconds,
)
from kibble.platform.messaging.log import LogEntry, ParkedEvent, Signal
from kibble.platform.persistence.changes import Changes, Save
from kibble.platform.persistence.store import DuplicateEvent, InboxMark, StoredReply

REPLY_LIFE = timedelta(hours=24)
INBOX_LIFE = timedelta(days=30)
"""Longer than any topic keeps an event."""
ATTEMPTS = 30
PARKED = "parked"


class DynamoStore:
    """Implements ``LocalStore`` for a service that publishes nothing.

    A service's adapter subclasses it, and says what to write for each aggregate.
    """

    def __init__(self, table: DynamoTable, source: str, clock: Clock) -> None:
        self.table = table
        self.source = source
        self.signal = Signal()
        self.clock = clock

    async def commit(
        self,
        changes: Changes,
        *,
        reply: StoredReply | None = None,
        inbox: InboxMark | None = None,
    ) -> None:
        """See ``Store.commit``."""
        if changes.events:
            raise ValueError("a store in DynamoDB publishes nothing")
        for attempt in range(ATTEMPTS):
            steps = [] if inbox is None else [self._mark(inbox)]
            steps += await self.steps(changes.saves, changes.removals)
            if reply is not None:
                steps.append(self._reply(reply))
            broken = await self.table.write(steps)
            if broken is Broken.DUPLICATE and inbox is not None:
                raise DuplicateEvent(inbox.event_id)
            if broken is Broken.STALE:
                raise StaleVersion("Somebody else was first.")
            if broken is None:
                return
            await self.clock.sleep(PAUSE_SECONDS * min(attempt + 1, 10))
        raise Unavailable("Too many write to the same items of DynamoDB.")

    async def steps(self, saves: Sequence[Save], removals: Sequence[Save]) -> list[Step]:
        """Return what to write for aggregates; an adapter's own."""
        raise NotImplementedError

    def _mark(self, inbox: InboxMark) -> Step:
        item = {
            "pk": f"inbox#{inbox.consumer}#{inbox.event_id}",
            "sk": "inbox",
            "expires": seconds(self.clock.now() + INBOX_LIFE),
        }
        return Step(item, Condition(NEW, broken=Broken.DUPLICATE))

    def _reply(self, reply: StoredReply) -> Step:
        now = self.clock.now()
        before = {":before": to_text(now - REPLY_LIFE)}
        return Step(reply_item(reply, now), Condition(f"{NEW} OR created_at < :before", before))

    async def find_reply(self, key: str) -> StoredReply | None:
        """See ``Store.find_reply``."""
        item = await self.table.get(f"reply#{key}", "reply")
        if item is None or from_text(item["created_at"]) < self.clock.now() - REPLY_LIFE:
            return None
        headers = msgspec.json.decode(item["headers"], type=dict[str, str])
        return StoredReply(key, item["fingerprint"], item["answered"], headers, item["body"])

    def read_log(self, topic: str, after: int, limit: int) -> list[LogEntry]:
        """See ``EventLog.read_log``: nothing was ever published."""
        return []

    async def offset(self, consumer: str, source: str, topic: str) -> int:
        """See ``OffsetStore.offset``."""
        item = await self.table.get(f"offset#{consumer}", f"{source}#{topic}")
        return item["place"] if item else 0

    async def advance(self, consumer: str, source: str, topic: str, position: int) -> None:
        """See ``OffsetStore.advance``."""
        item = {"pk": f"offset#{consumer}", "sk": f"{source}#{topic}", "place": position}
        await self._again(lambda: self.table.write([Step(item)]))

    async def park(self, event: ParkedEvent) -> None:
        """See ``ParkedEvents.park``; one that is parked again keeps its place."""

        async def work() -> Broken | None:
            kept = await self.table.get(PARKED, f"{event.consumer}#{event.event_id}")
            place = kept["place"] if kept else await self._next_place()
            return await self.table.write([Step(parked_item(event, place))])

        await self._again(work)

    async def _next_place(self) -> int:
        """Return a number that nobody had, larger than all before it."""
        while True:
            kept = await self.table.get("places", PARKED)
            place = kept["place"] if kept else 0
            taken = {"pk": "places", "sk": PARKED, "place": place + 1}
            condition = Condition(f"{NEW} OR place = :was", {":was": place}, Broken.AGAIN)
            if await self.table.write([Step(taken, condition)]) is None:
                return place + 1

    async def parked(
        self, consumer: str | None = None, status: str | None = None
    ) -> list[ParkedEvent]:
        """See ``ParkedEvents.parked``."""
        where, values = "pk = :pk", {":pk": PARKED}
        if consumer is not None:
            where, values = f"{where} AND begins_with(sk, :of)", values | {":of": f"{consumer}#"}
        found = [
            item
            async for item in self.table.query(where, values)
            if status is None or item["state"] == status
        ]
        return [parked_event(item) for item in sorted(found, key=lambda item: item["place"])]

    async def unpark(self, consumer: str, event_id: str) -> bool:
        """See ``ParkedEvents.unpark``."""
        key = {"pk": PARKED, "sk": f"{consumer}#{event_id}"}
        there = Condition("attribute_exists(pk)")
        while (broken := await self.table.write([Step(key, there, act=DELETE)])) is Broken.AGAIN:
            await self.clock.sleep(PAUSE_SECONDS)
        return broken is None

    async def _again(self, work: Callable[[], Awaitable[Broken | None]]) -> None:
        for _ in range(ATTEMPTS):
            if await work() is None:
                return
            await self.clock.sleep(PAUSE_SECONDS)
        raise Unavailable("Too many write to the same items of DynamoDB.")

    async def prune(self, before: str) -> None:
        """Do nothing: the table's time to live forgets."""

    def close(self) -> None:
        """Have nothing that waits; the table itself is closed by who opened it."""


def reply_item(reply: StoredReply, now: datetime) -> Item:
    """Return the item of a kept answer."""
    return {
        "pk": f"reply#{reply.key}",
        "sk": "reply",
        "fingerprint": reply.fingerprint,
        "answered": reply.status,
        "headers": msgspec.json.encode(reply.headers).decode(),
        "body": reply.body,
        "created_at": to_text(now),
        "expires": seconds(now + REPLY_LIFE),
    }


def parked_item(event: ParkedEvent, place: int) -> Item:
    """Return the item of a parked event."""
    return {
        "pk": PARKED,
        "sk": f"{event.consumer}#{event.event_id}",
        "place": place,
        "consumer": event.consumer,
        "topic": event.topic,
        "key": event.key,
        "type": event.type,
        "event_id": event.event_id,
        "envelope": event.envelope,
        "error": event.error,
        "attempts": event.attempts,
        "state": event.status,
        "due_at": event.due_at,
        "parked_at": event.parked_at,
    }


def parked_event(item: Item) -> ParkedEvent:
    """Return the parked event of an item."""
    return ParkedEvent(
        consumer=item["consumer"],
        topic=item["topic"],
        key=item["key"],
        type=item["type"],
        event_id=item["event_id"],
        envelope=item["envelope"],
        error=item["error"],
        attempts=item["attempts"],
        status=item["state"],
        due_at=item["due_at"],
        parked_at=item["parked_at"],
    )

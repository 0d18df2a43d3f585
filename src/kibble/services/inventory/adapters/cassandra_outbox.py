"""The outbox of stock: it publishes what products and orders' records are, where intents point.

An event carries the whole state of its product, so nothing is lost when several changes are told
at once. Its id follows from what it tells, so that telling it twice is telling it once.
"""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from kibble.contracts.inventory import AvailabilityChanged, ReservationExpired, StockUpdated
from kibble.kernel.clock import from_text
from kibble.kernel.ids import OrderId, ProductId, uuid7
from kibble.platform.engines.cassandra import Session, Statement
from kibble.platform.engines.cassandra.leases import ShardLeases
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.messaging.event import Event
from kibble.platform.messaging.log import OutboxEvent
from kibble.services.inventory.adapters.cassandra_intents import (
    PRODUCT,
    SHARDS,
    SOLD_OUT,
    WINDOW,
    Intent,
    Intents,
)
from kibble.services.inventory.adapters.cassandra_orders import Records

OLD_SECONDS = 30.0
"""No write is under way so long after its intent: see LATE_SECONDS in the intents."""
MAX_WINDOWS = 100
"""How many windows with nothing to tell are passed by at once: after long without a relay."""
_ID_BITS = 74

_SELECT = (
    "SELECT rev, changed_at, told_rev, told_in_stock, stock, reserved"
    " FROM inventory WHERE product_id = ?"
)
_TOLD = "UPDATE inventory SET told_rev = ?, told_in_stock = ? WHERE product_id = ?"


@dataclass(frozen=True, slots=True)
class Place:
    """What is to be written once an event is published."""

    shard: int
    intents: tuple[Intent, ...]
    told: Statement | None = None


@dataclass(frozen=True, slots=True)
class _Given:
    """An id source that gives one id."""

    id: str

    def new(self) -> str:
        return self.id


class CassandraOutbox:
    """Implements ``Outbox`` over the intents; each process relays its share of their shards."""

    def __init__(
        self,
        session: Session,
        envelopes: EnvelopeMaker,
        intents: Intents,
        records: Records,
        *,
        owner: str,
        changed: Callable[[ProductId], object],
    ) -> None:
        """``changed`` is called with each product whose stock is being told."""
        self._changed = changed
        self.source = envelopes.source
        self.grown = intents.grown
        self._session = session
        self._envelopes = envelopes
        self._intents = intents
        self._records = records
        self._leases = ShardLeases(session, envelopes.clock, self.source, owner, SHARDS)
        self._low: dict[int, int] = {}

    async def open(self) -> None:
        """Note where intents begin, unless that was done before."""
        for shard in range(SHARDS):
            if await self._read_low(shard) is None:
                await self._session.write(self._moving(shard, self._intents.closed_before()))

    async def pending(self, limit: int) -> Sequence[OutboxEvent]:
        """See ``Outbox.pending``."""
        await self._leases.keep()
        owned = self._leases.owned()
        self._low = {shard: low for shard, low in self._low.items() if shard in owned}
        part = -(-limit // max(1, len(owned)))
        found = await asyncio.gather(*(self._of_shard(shard, part) for shard in owned))
        return [event for listed in found for event in listed]

    async def settle(self, events: Sequence[OutboxEvent]) -> None:
        """See ``Outbox.settle``."""
        owned = self._leases.owned()
        places = {id(event.place): event.place for event in events}
        mine: list[Place] = [place for place in places.values() if place.shard in owned]
        told = [place.told for place in mine if place.told]
        if told:
            await self._session.write(*told)
        await self._forget([intent for place in mine for intent in place.intents])

    async def release(self) -> None:
        """See ``Outbox.release``."""
        self._low.clear()
        await self._leases.release()

    async def _of_shard(self, shard: int, limit: int) -> list[OutboxEvent]:
        low = self._low.get(shard)
        if low is None:
            low = await self._read_low(shard) or self._intents.closed_before()
        events: list[OutboxEvent] = []
        for _ in range(MAX_WINDOWS):
            found = await self._intents.find(shard, low, limit)
            events, stale = await self._of_intents(shard, found)
            await self._forget(stale)
            low = await self._move_on(shard, low, found)
            if events or (not stale and (found or low >= self._intents.closed_before())):
                break
        return events

    async def _of_intents(
        self, shard: int, found: Sequence[Intent]
    ) -> tuple[list[OutboxEvent], list[Intent]]:
        """Return what there is to tell, and the intents of which there is nothing to tell."""
        subjects: dict[tuple[uuid.UUID, str], list[Intent]] = defaultdict(list)
        for intent in found:
            subjects[intent.subject, intent.kind].append(intent)
        events: list[OutboxEvent] = []
        stale: list[Intent] = []
        for (subject, kind), intents in subjects.items():
            if kind == PRODUCT:
                events += await self._of_product(shard, subject, intents, stale)
            else:
                events += await self._of_order(shard, subject, intents, stale)
        return events, stale

    async def _of_product(
        self, shard: int, product: uuid.UUID, intents: Sequence[Intent], stale: list[Intent]
    ) -> list[OutboxEvent]:
        """Return the events of a product as it is, if an intent for it is done or old.

        What was told before is added to ``stale``.
        """
        rows = await self._session.read(_SELECT, product)
        rev = (rows[0][0] if rows else None) or 0
        done = [i for i in intents if i.target <= rev or self._intents.age(i) > OLD_SECONDS]
        if any(intent.target > rev for intent in done):
            rows = await self._session.read(_SELECT, product, serial=True)
            rev = (rows[0][0] if rows else None) or 0
        if not done:
            return []
        if not rows or rev <= (rows[0][2] or 0):
            stale += done
            return []
        self._changed(ProductId(str(product)))  # should its writer have died before it could
        available = sum(row[4] - row[5] for row in rows if row[4] is not None)
        on_hand = sum(row[4] for row in rows if row[4] is not None)
        told = (_TOLD, (rev, available > 0, product))
        place = Place(shard, tuple(done), told)
        subject = ProductId(str(product))
        at = from_text(rows[0][1])
        updated = StockUpdated(
            product_id=subject,
            on_hand=on_hand,
            reserved=on_hand - available,
            available=available,
        )
        events = [self._event(updated, rev, at, place)]
        if bool(rows[0][3]) != (available > 0):
            changed = AvailabilityChanged(product_id=subject, available=available)
            events.append(self._event(changed, rev, at, place))
        return events

    async def _of_order(
        self, shard: int, order: uuid.UUID, intents: Sequence[Intent], stale: list[Intent]
    ) -> list[OutboxEvent]:
        """Return the events of an order whose hold expired, or cannot be taken anew.

        What never came to be is added to ``stale``.
        """
        events: list[OutboxEvent] = []
        order_id = OrderId(str(order))
        for intent in intents:
            record = await self._records.load(order_id)
            if record is None or record.version < intent.target:
                if self._intents.age(intent) <= OLD_SECONDS:
                    continue
                record = await self._records.load(order_id, serial=True)
            sold_out = intent.kind == SOLD_OUT
            if record is not None and (sold_out or record.body.expired >= intent.target):
                over = ReservationExpired(order_id=order_id, sold_out=sold_out)
                place = Place(shard, (intent,))
                events.append(self._event(over, 1, record.due, place, intent.target))
            else:
                stale.append(intent)
        return events

    def _event(
        self, event: Event, sequence: int, at: datetime, place: Place, version: int | None = None
    ) -> OutboxEvent:
        told = (
            f"{event.type}:{event.subject}:{version or sequence}:{getattr(event, 'sold_out', '')}"
        )
        digest = hashlib.blake2b(told.encode(), digest_size=16).digest()
        bits = int.from_bytes(digest, "big") >> (128 - _ID_BITS)
        named = _Given(uuid7(int(at.timestamp() * 1000), bits))
        envelope, body = replace(self._envelopes, ids=named).make(event, sequence)
        created_at = min(intent.at for intent in place.intents)
        return OutboxEvent(
            place, event.topic, envelope.type, envelope.partitionkey, created_at, body
        )

    async def _forget(self, intents: Sequence[Intent]) -> None:
        if intents:
            await self._session.write(*map(self._intents.deletion, intents))

    async def _move_on(self, shard: int, low: int, found: Sequence[Intent]) -> int:
        """Remember where the shard's intents begin now, and return it."""
        oldest = min((intent.bucket for intent in found), default=low + WINDOW)
        moved = max(low, min(oldest, self._intents.closed_before()))
        if moved > low:
            await self._session.write(self._moving(shard, moved))
        self._low[shard] = moved
        return moved

    async def _read_low(self, shard: int) -> int | None:
        rows = await self._session.read("SELECT low FROM progress WHERE name = ?", _name(shard))
        return int(rows[0][0]) if rows else None

    def _moving(self, shard: int, low: int) -> Statement:
        return ("INSERT INTO progress (low, name) VALUES (?, ?)", (low, _name(shard)))


def _name(shard: int) -> str:
    return f"intents:{shard}"

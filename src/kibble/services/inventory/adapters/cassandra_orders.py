"""An order's record: what is to become of its lines, decided before any product is touched.

The record moves from version to version by conditional writes; each version has effects in the
products, which are repeatable, so whoever finds a version whose effects are not all there applies
them again. Products follow the record, never the other way round.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from kibble.kernel.clock import Clock, from_text, to_text
from kibble.kernel.errors import TimedOut, Unavailable
from kibble.kernel.ids import IdSource, OrderId, ProductId, WarehouseId
from kibble.platform.engines.cassandra import Row, Session, Statement
from kibble.platform.engines.together import Result, Together
from kibble.services.inventory.adapters.cassandra_page import Effect, EndHold, PutBack, TakeHold
from kibble.services.inventory.model import Hold, HoldState, Take

REFUSED = "REFUSED"
"""The state of a record whose takes were refused by a product: they are given back."""

MAX_TRIES = 20

_COLUMNS = "order_id, version, state, body, closed"
_SELECT = f"SELECT {_COLUMNS} FROM reservations WHERE bucket = ? AND order_id IN ?"
_ADVANCE = (
    "UPDATE reservations SET version = ?, state = ?, body = ? WHERE bucket = ? AND order_id = ?"
    " IF version = ?"
)
_REMIND = "INSERT INTO reminders (minute, due, order_id) VALUES (?, ?, ?)"
_CLOSE = "UPDATE reservations SET closed = ? WHERE bucket = ? AND order_id = ?"


class Held(msgspec.Struct, frozen=True):
    """A hold as it is kept; takes are [productId, warehouseId, quantity]."""

    state: str
    takes: list[tuple[str, str, int]]
    expires_at: str

    @classmethod
    def of(cls, hold: Hold) -> Held:
        """Return what is kept of a hold."""
        takes: list[tuple[str, str, int]] = [
            (take.product_id, take.warehouse_id, take.quantity) for take in hold.takes
        ]
        return cls(hold.state.value, takes, to_text(hold.expires_at))

    def hold(self, order_id: OrderId) -> Hold:
        """Return the hold that this was made of."""
        takes = tuple(Take(ProductId(p), WarehouseId(w), n) for p, w, n in self.takes)
        return Hold(order_id, takes, from_text(self.expires_at), HoldState(self.state))


class Body(msgspec.Struct, frozen=True):
    """One version of a record.

    ``came_from`` is the state before; ``before`` is the hold to return to when the takes are
    refused; ``reason`` is for the movements; ``expired`` is the last version that was an expiry;
    ``writer`` tells this write from others that say the same.
    """

    held: Held
    came_from: str | None
    writer: str
    before: Held | None = None
    reason: str = ""
    expired: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """An order's record as it was read."""

    order_id: OrderId
    version: int
    state: str
    body: Body
    closed: int

    @property
    def hold(self) -> Hold | None:
        """The order's hold; None when it never had one that was not refused."""
        if self.state != REFUSED:
            return self.body.held.hold(self.order_id)
        return self.body.before.hold(self.order_id) if self.body.before else None

    @property
    def is_taking(self) -> bool:
        """Tell whether this version's effects may be refused by a product."""
        return self.state == HoldState.HELD.value

    @property
    def is_open(self) -> bool:
        """Tell whether products may lack this version's effects."""
        return self.closed < self.version

    @property
    def due(self) -> datetime:
        """When the hold ends or ended."""
        return from_text(self.body.held.expires_at)

    def effects(self, born: int = 0) -> list[tuple[ProductId, Effect]]:
        """Return this version's effects, in the order of their products; see ``TakeHold.born``."""
        units: dict[str, dict[WarehouseId, int]] = {}
        for product_id, warehouse_id, quantity in sorted(self.body.held.takes):
            units.setdefault(product_id, {})[WarehouseId(warehouse_id)] = quantity
        effects = []
        for product_id, by_warehouse in units.items():
            if effect := self._effect(by_warehouse, born):
                effects.append((ProductId(product_id), effect))
        return effects

    def _effect(self, units: dict[WarehouseId, int], born: int) -> Effect | None:
        key, reason = uuid.UUID(self.order_id), self.body.reason
        if self.is_taking and self.body.came_from == HoldState.HELD.value:
            return None  # extended: it was taken before
        if self.is_taking:
            return TakeHold(key, self.version, units, self.due, born)
        if self.body.came_from == HoldState.HELD.value:
            sold = self.state == HoldState.DEDUCTED.value
            return EndHold(key, self.version, units, sold, reason, self.order_id)
        if self.body.came_from == HoldState.DEDUCTED.value:
            return PutBack(key, self.version, units, reason, self.order_id)
        return None


def bucket_of(order_id: OrderId) -> int:
    """Return the bucket of an order's record: the second in which its UUIDv7 was made."""
    return (uuid.UUID(order_id).int >> 80) // 1000


class Records:
    """All orders' records."""

    def __init__(self, session: Session, ids: IdSource) -> None:
        self._session = session
        self._ids = ids
        self._together = Together(self._advance)

    async def load(self, order_id: OrderId, *, serial: bool = False) -> Record | None:
        """Return an order's record. Raises ``Unavailable``."""
        found = await self._load_all(bucket_of(order_id), [order_id], serial=serial)
        return found.get(order_id)

    async def _load_all(
        self, bucket: int, order_ids: Sequence[OrderId], *, serial: bool
    ) -> dict[OrderId, Record]:
        wanted = [uuid.UUID(order_id) for order_id in order_ids]
        rows = await self._session.read(_SELECT, bucket, wanted, serial=serial)
        return {OrderId(str(row[0])): record_of(row) for row in rows if row[1] is not None}

    def following(
        self, record: Record | None, hold: Hold, reason: str, *, refused: bool = False
    ) -> Record:
        """Return the version after ``record`` in which the order has ``hold``.

        ``refused`` gives back what ``hold`` was to take.
        """
        version = record.version + 1 if record else 1
        before = record.hold if record else None
        expired = record.body.expired if record else 0
        if hold.state is HoldState.EXPIRED and not refused:
            expired = version
        if refused and record:
            kept: Held | None = record.body.before
            came_from: str | None = record.state
        else:
            kept = Held.of(before) if before and before.state is HoldState.EXPIRED else None
            came_from = before.state.value if before else None
        body = Body(Held.of(hold), came_from, self._ids.new(), kept, reason, expired)
        state = REFUSED if refused else hold.state.value
        return Record(hold.order_id, version, state, body, record.closed if record else 0)

    async def advance(self, record: Record) -> bool:
        """Write the next version of a record, with others of its bucket in one conditional write.

        False when somebody else wrote it first. Raises ``Unavailable``, and ``TimedOut`` when it
        may be written or not.
        """
        written: bool = await self._together.join(bucket_of(record.order_id), record)
        return written

    async def _advance(self, bucket: int, records: Sequence[Record]) -> Sequence[Result]:
        """Write records that came together; those that are outdated are left out, and told so.

        After a refusal or an unknown outcome, a read with SERIAL tells which are which.
        """
        left: dict[OrderId, Record] = {}
        for record in records:
            left.setdefault(record.order_id, record)  # of two for one order, the first may win
        written: dict[str, bool] = {}
        for _ in range(MAX_TRIES):
            if await self._try(bucket, list(left.values())):
                written |= {record.body.writer: True for record in left.values()}
                left.clear()
            else:
                now = await self._load_all(bucket, list(left), serial=True)
                for order_id, record in list(left.items()):
                    seen = now.get(order_id)
                    if (seen.version if seen else 0) != record.version - 1:
                        written[record.body.writer] = bool(
                            seen and seen.body.writer == record.body.writer
                        )
                        del left[order_id]
            if not left:
                return [(written.get(r.body.writer, False), None) for r in records]
        raise TimedOut("The orders' records could not be written.")

    async def _try(self, bucket: int, records: Sequence[Record]) -> bool:
        """Write records on condition that all are at the version before; False if unsure."""
        try:
            return await self._session.decide(*(_advancing(bucket, r) for r in records))
        except TimedOut:
            return False

    def closing(self, record: Record) -> Statement:
        """Return the write that notes that a version's effects are in all products."""
        place = (bucket_of(record.order_id), uuid.UUID(record.order_id))
        return (_CLOSE, (record.version, *place))


def _advancing(bucket: int, record: Record) -> Statement:
    body = msgspec.json.encode(record.body).decode()
    place = (bucket, uuid.UUID(record.order_id))
    return (_ADVANCE, (record.version, record.state, body, *place, record.version - 1 or None))


def record_of(row: Row) -> Record:
    """Return the record in a row: its order, version, state, body, and what is closed."""
    order_id, version, state, body, closed = row
    decoded = msgspec.json.decode(body, type=Body)
    return Record(OrderId(str(order_id)), version, state, decoded, closed or 0)


@dataclass(frozen=True, slots=True)
class Reminder:
    """That an order is to be looked at at a time."""

    minute: int
    due: str
    order_id: OrderId

    @property
    def values(self) -> tuple[int, str, uuid.UUID]:
        """The row's columns."""
        return (self.minute, self.due, uuid.UUID(self.order_id))

    @property
    def at(self) -> datetime:
        """The time."""
        return from_text(self.due)


class Reminders:
    """Which orders to look at when; kept by the minute, so that nobody reads them all."""

    WINDOW = 120
    """How many minutes are looked through at once."""
    SLACK_MINUTES = 5
    """How long a minute stays open after its time."""
    _PROGRESS = "reminders"

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._clock = clock
        self._together = Together(self._add)

    async def add(self, order_id: OrderId, due: datetime) -> None:
        """Write a reminder, with others of its minute; one for the past is for now."""
        due = max(due, self._clock.now())
        await self._together.join(_minute(due), Reminder(_minute(due), to_text(due), order_id))

    async def _add(self, _: int, reminders: Sequence[Reminder]) -> list[Result]:
        await self._session.write(*((_REMIND, reminder.values) for reminder in reminders))
        return [(None, None)] * len(reminders)

    def removing(self, reminder: Reminder) -> Statement:
        """Return the write that removes a reminder."""
        return (
            "DELETE FROM reminders WHERE minute = ? AND due = ? AND order_id = ?",
            reminder.values,
        )

    def removing_of(self, order_id: OrderId, due: datetime) -> Statement:
        """Return the write that removes the reminder that was added for ``due``, if it is there."""
        return self.removing(Reminder(_minute(due), to_text(due), order_id))

    async def due(self, now: datetime, limit: int) -> list[Reminder]:
        """Return reminders that are due, oldest first; move on past minutes that have none."""
        low = await self._low()
        last = min(_minute(now), low + self.WINDOW - 1)
        rows = await self._session.read(
            "SELECT minute, due, order_id FROM reminders WHERE minute IN ? AND due <= ?"
            " PER PARTITION LIMIT ?",
            list(range(low, last + 1)),
            to_text(now),
            limit,
        )
        found = [Reminder(row[0], row[1], OrderId(str(row[2]))) for row in rows]
        oldest = min((reminder.minute for reminder in found), default=last + 1)
        done_before = min(oldest, _minute(self._clock.now()) - self.SLACK_MINUTES)
        if done_before > low:
            await self._session.write(
                ("UPDATE progress SET low = ? WHERE name = ?", (done_before, self._PROGRESS))
            )
        return sorted(found, key=lambda reminder: reminder.due)[:limit]

    async def _low(self) -> int:
        rows = await self._session.read("SELECT low FROM progress WHERE name = ?", self._PROGRESS)
        if not rows:
            raise Unavailable("The reminders have no beginning; the ledger was not opened.")
        return int(rows[0][0])

    async def open(self) -> None:
        """Note where reminders begin, unless that was done before."""
        if not await self._session.read("SELECT low FROM progress WHERE name = ?", self._PROGRESS):
            low = _minute(self._clock.now()) - self.SLACK_MINUTES
            await self._session.write(
                ("INSERT INTO progress (name, low) VALUES (?, ?)", (self._PROGRESS, low))
            )


def reminding(order_id: OrderId, due: datetime) -> Statement:
    """Return the write of a reminder."""
    return (_REMIND, Reminder(_minute(due), to_text(due), order_id).values)


def _minute(moment: datetime) -> int:
    return int(moment.timestamp()) // 60

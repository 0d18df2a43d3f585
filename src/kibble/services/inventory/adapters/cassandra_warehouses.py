"""Warehouses: one small partition, written rarely, and remembered between reads."""

from __future__ import annotations

import uuid
import zlib
from collections.abc import Iterable, Mapping

import msgspec

from kibble.kernel.errors import StaleVersion, TimedOut
from kibble.kernel.ids import IdSource, WarehouseId, is_id
from kibble.platform.engines.cassandra import Row, Session, Statement
from kibble.platform.engines.cassandra.replies import Replies, mark_of
from kibble.platform.persistence.store import StoredReply
from kibble.services.inventory.model import Warehouse

PLACE = "warehouses"
_SHELF = "all"
_COLUMNS = "warehouse_id, code, name, address, priority, version"
_INSERT = f"INSERT INTO warehouses (shelf, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"
_GUARD = "UPDATE warehouses SET rev = ? WHERE shelf = ? IF rev = ?"
_SETTLED = "UPDATE warehouses USING TTL 1209600 SET settled = settled + ? WHERE shelf = ?"


class Warehouses:
    """All warehouses. No write is decided by what is remembered here: only the allocation is."""

    def __init__(self, session: Session, ids: IdSource) -> None:
        self._session = session
        self._ids = ids
        self._priorities: Mapping[WarehouseId, int] = {}

    async def all(self) -> list[Warehouse]:
        """Return all warehouses by priority, and remember their priorities."""
        rows = await self._session.read(
            f"SELECT {_COLUMNS} FROM warehouses WHERE shelf = ?", _SHELF
        )
        found = [_warehouse(row) for row in rows if row[0] is not None]
        self._priorities = {w.warehouse_id: w.priority for w in found}
        return sorted(found, key=lambda w: (w.priority, w.warehouse_id))

    async def find(self, warehouse_id: WarehouseId) -> Warehouse | None:
        """Return one warehouse."""
        if not is_id(warehouse_id):
            return None
        rows = await self._session.read(
            f"SELECT {_COLUMNS} FROM warehouses WHERE shelf = ? AND warehouse_id = ?",
            _SHELF,
            uuid.UUID(warehouse_id),
        )
        return _warehouse(rows[0]) if rows and rows[0][0] is not None else None

    async def priorities(self, covering: Iterable[WarehouseId] = ()) -> Mapping[WarehouseId, int]:
        """Return the priorities, perhaps of a while ago, with at least the warehouses ``covering``.

        Another process may have changed an order of preference meanwhile; a warehouse is never
        missing that has stock.
        """
        if not self._priorities or any(w not in self._priorities for w in covering):
            await self.all()
        return self._priorities

    def forget(self) -> None:
        """Have the priorities read anew."""
        self._priorities = {}

    async def mark(self, key: uuid.UUID) -> int | None:
        """Return which attempt the warehouses have of an idempotency key."""
        rows = await self._session.read(
            "SELECT settled[?] FROM warehouses WHERE shelf = ? LIMIT 1", key, _SHELF
        )
        return rows[0][0] if rows else None

    async def save(
        self, warehouse: Warehouse, expected: int, reply: StoredReply | None, replies: Replies
    ) -> None:
        """Write a warehouse that was read at version ``expected``, with an answer to keep.

        Raises ``StaleVersion`` when it changed, its code is taken, or the answer's key is used.
        """
        new = self._ids.new()
        key, attempt = mark_of(reply.key if reply else new), zlib.crc32(new.encode()) >> 1
        rows = await self._session.read(
            "SELECT rev, settled[?], warehouse_id, code, version FROM warehouses WHERE shelf = ?",
            key,
            _SHELF,
        )
        _check(rows, warehouse, expected)
        if reply is not None:
            await self._session.write(replies.attempt(reply, attempt, PLACE))
        rev = rows[0][0] if rows else None
        await self._write(_row(warehouse, expected + 1), rev, key, attempt)
        self.forget()

    async def _write(self, row: Row, rev: int | None, key: uuid.UUID, attempt: int) -> None:
        statements: list[Statement] = [
            (_GUARD, ((rev or 0) + 1, _SHELF, rev)),
            (_INSERT, row),
            (_SETTLED, ({key: attempt}, _SHELF)),
        ]
        try:
            written = await self._session.decide(*statements)
        except TimedOut:
            rows = await self._session.read(
                "SELECT settled[?] FROM warehouses WHERE shelf = ?", key, _SHELF, serial=True
            )
            written = bool(rows) and rows[0][0] == attempt
        if not written:
            raise StaleVersion("The warehouses changed meanwhile.")


def _check(rows: Iterable[Row], warehouse: Warehouse, expected: int) -> None:
    found = 0
    for _, attempt, warehouse_id, code, version in rows:
        if attempt is not None:
            raise StaleVersion("The key was used meanwhile.")
        if str(warehouse_id) == warehouse.warehouse_id:
            found = version
        elif code == warehouse.code:
            raise StaleVersion("A unique value was taken meanwhile.")
    if found != expected:
        raise StaleVersion("The row changed after it was read.")


def _row(warehouse: Warehouse, version: int) -> Row:
    return (
        _SHELF,
        uuid.UUID(warehouse.warehouse_id),
        warehouse.code,
        warehouse.name,
        msgspec.json.encode(warehouse.address).decode(),
        warehouse.priority,
        version,
    )


def _warehouse(row: Row) -> Warehouse:
    address = msgspec.json.decode(row[3], type=dict[str, str])
    return Warehouse(WarehouseId(str(row[0])), row[1], row[2], address, row[4], row[5])

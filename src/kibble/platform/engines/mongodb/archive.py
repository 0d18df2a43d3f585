"""A service's state on MongoDB as rows, and back: what is the same for every service.

A service's archive subclasses it, and says for each of its tables how documents become rows and
rows documents.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bson import Binary
from pymongo import UpdateOne

from kibble.platform.engines.mongodb.client import Document
from kibble.platform.engines.mongodb.commit import COMMITS
from kibble.platform.engines.mongodb.errors import translated
from kibble.platform.engines.mongodb.outbox import WAITING
from kibble.platform.engines.mongodb.parking import PARKED
from kibble.platform.engines.mongodb.steps import LIVE
from kibble.platform.engines.mongodb.store import MongoStore
from kibble.platform.persistence.archive import (
    BATCH,
    IDEMPOTENCY,
    PARKED_EVENTS,
    Row,
    Shape,
    packed,
    unpacked,
)

_REPLY = "reply\n"
_PLACES = 20
"""Digits of a parked event's place: such texts stand before all that ids are."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """How a table is kept: in which collection, and what a row and a document are of one another.

    ``row`` returns None for a document that has no row in the table.
    """

    collection: str
    row: Callable[[Document], Row | None]
    document: Callable[[Row], Document]


class MongoArchive:
    """Implements ``Archive`` over a service's store, for the tables that ``mapped`` has."""

    def __init__(
        self,
        name: str,
        store: MongoStore,
        shapes: Sequence[Shape],
        mapped: Mapping[Shape, Mapped],
        close: Callable[[], Awaitable[None]],
    ) -> None:
        self.name = name
        self.shapes = shapes
        self._store = store
        self._database = store.database
        own: dict[Shape, Mapped] = {
            IDEMPOTENCY: Mapped(COMMITS, _reply_row, _reply_document),
            PARKED_EVENTS: Mapped(PARKED, _parked_row, _parked_document),
        }
        self._mapped = own | dict(mapped)
        self._close = close
        self._collections = {one.collection for one in self._mapped.values()}

    async def unfinished(self) -> int:
        """See ``Archive.unfinished``; commits that a process left half done are ended first."""
        await self._store.recover()
        waiting: Document = {"$or": [WAITING, *({one: _THERE} for one in _UNDER_WAY)]}
        with translated():
            return sum(
                [await self._database[name].count_documents(waiting) for name in self._collections]
            )

    async def is_empty(self) -> bool:
        """See ``Archive.is_empty``."""
        with translated():
            for name in self._collections:
                if await self._database[name].find_one({}, {"_id": 1}):
                    return False
        return True

    async def rows(self, table: Shape) -> AsyncIterator[Sequence[Row]]:
        """See ``Archive.rows``."""
        mapped = self._mapped[table]
        wanted: Document = {} if table in _WHOLE else dict(LIVE)
        with translated():
            found = self._database[mapped.collection].find(wanted, batch_size=BATCH)
            if table == PARKED_EVENTS:
                found = found.sort("position", 1)
            while documents := await found.to_list(BATCH):
                rows = [row for one in documents if (row := mapped.row(one)) is not None]
                yield await self._without_applied(rows) if table == PARKED_EVENTS else rows

    async def _without_applied(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Leave out parked events that were applied, and count the others."""
        left: list[Row] = []
        for row in rows:
            mark = f"inbox\n{row['consumer']}\n{row['event_id']}"
            if not await self._database[COMMITS].find_one({"keys": mark}, {"_id": 1}):
                left.append({**row, "place": len(left) + 1})
        return left

    async def begin(self) -> None:
        """See ``Archive.begin``: documents that are there already will stay as they are."""

    async def load(self, table: Shape, rows: Sequence[Row]) -> None:
        """See ``Archive.load``."""
        mapped = self._mapped[table]
        await self._insert(mapped.collection, [mapped.document(row) for row in rows])

    async def _insert(self, collection: str, documents: Sequence[Document]) -> None:
        writes = [
            UpdateOne(
                {"_id": one["_id"]},
                {"$setOnInsert": {k: v for k, v in one.items() if k != "_id" and v is not None}},
                upsert=True,
            )
            for one in documents
        ]
        if writes:
            with translated():
                await self._database[collection].bulk_write(writes, ordered=False)

    async def finish(self) -> None:
        """See ``Archive.finish``."""

    async def close(self) -> None:
        """See ``Archive.close``."""
        await self._close()


_THERE: Mapping[str, object] = {"$exists": True}
_UNDER_WAY = ("lock", "claims.0", "open")
"""What only a document has that a commit is not done with."""
_WHOLE = (IDEMPOTENCY, PARKED_EVENTS)
"""Tables whose documents have no version."""


def _reply_row(document: Document) -> Row | None:
    keys = [key for key in document.get("keys", ()) if key.startswith(_REPLY)]
    reply = document.get("reply")
    if not keys or reply is None:
        return None
    return {
        "key": keys[0].removeprefix(_REPLY),
        "fingerprint": reply["fingerprint"],
        "status": reply["status"],
        "headers": dict(reply["headers"]),
        "body": packed(bytes(reply["body"])),
        "created_at": document["at"],
    }


def _reply_document(row: Row) -> Document:
    return {
        "_id": f"moved {row['key']}",
        "keys": [_REPLY + row["key"]],
        "at": row["created_at"],
        "reply": {
            "fingerprint": row["fingerprint"],
            "status": row["status"],
            "headers": [[name, value] for name, value in row["headers"].items()],
            "body": Binary(unpacked(row["body"])),
        },
    }


def _parked_row(document: Document) -> Row:
    kept: dict[str, Any] = {name: document[name] for name in PARKED_EVENTS.kept}
    return kept | {"envelope": packed(bytes(document["envelope"])), "place": 0}


def _parked_document(row: Row) -> Document:
    return {
        **{name: row[name] for name in PARKED_EVENTS.kept},
        "_id": f"{row['consumer']}\n{row['event_id']}",
        "envelope": Binary(unpacked(row["envelope"])),
        "position": str(row["place"]).zfill(_PLACES),
    }


def kept(shape: Shape, key: str) -> tuple[Callable[[Document], Row], Callable[[Row], Document]]:
    """Return what makes rows and documents of one another that have the same fields.

    The document's ``_id`` is the row's ``key``; what is null has no field.
    """

    def row(document: Document) -> Row:
        return {
            name: document["_id"] if name == key else document.get(name) for name in shape.columns
        }

    def document(row: Row) -> Document:
        return {"_id" if name == key else name: value for name, value in row.items()}

    return row, document

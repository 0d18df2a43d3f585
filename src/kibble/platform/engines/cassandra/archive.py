"""Reading whole tables of Cassandra, and what every service has there, as rows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import msgspec

from kibble.kernel.clock import from_text
from kibble.platform.engines.cassandra.replies import FINAL, ReadMark, mark_of
from kibble.platform.engines.cassandra.session import Row as Record
from kibble.platform.engines.cassandra.session import Session, Statement
from kibble.platform.persistence.archive import PARKED_EVENTS, Row, packed, unpacked

FIRST_TOKEN = -(2**63)
SHELF = "all"
PLACES = 20
"""Digits of a parked event's place: such texts stand before all that ids are."""

_PARKED = ", ".join(PARKED_EVENTS.kept)


async def keys(session: Session, table: str, key: str, size: int) -> AsyncIterator[list[object]]:
    """Yield the partition keys of a table, ``size`` at a time; ``key`` is one column."""
    after = FIRST_TOKEN
    where = f"token({key}) > ? LIMIT {size}"
    cql = (
        f"SELECT DISTINCT {key}, token({key}) FROM {table} WHERE {where}"  # allow(query): of shapes
    )
    while rows := await session.read(cql, after):
        after = rows[-1][1]
        yield [row[0] for row in rows]


class Replies:
    """The answers that count, as rows, and back."""

    def __init__(self, session: Session, read_mark: ReadMark) -> None:
        self._session = session
        self._read_mark = read_mark

    async def rows(self, found: Sequence[object]) -> list[Row]:
        """Return the rows of idempotency keys."""
        records = await self._session.read(
            "SELECT key, attempt, place, fingerprint, status, headers, body, created_at"
            " FROM replies WHERE key IN ?",
            list(found),
        )
        return [_reply_row(record) for record in records if await self._counts(record)]

    async def _counts(self, record: Record) -> bool:
        key, attempt, place = record[:3]
        return not place or await self._read_mark(place, mark_of(key)) == attempt


_KEEP = (
    "INSERT INTO replies (key, attempt, place, fingerprint, status, headers, body, created_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)


def keeping(row: Row) -> Statement:
    """Return the write of an answer that counts."""
    return (
        _KEEP,
        (
            row["key"],
            FINAL,
            "",
            row["fingerprint"],
            row["status"],
            msgspec.json.encode(row["headers"]).decode(),
            unpacked(row["body"]),
            row["created_at"],
        ),
    )


def _reply_row(record: Record) -> Row:
    key, _, _, fingerprint, status, headers, body, created_at = record
    return {
        "key": key,
        "fingerprint": fingerprint,
        "status": status,
        "headers": msgspec.json.decode(headers),
        "body": packed(body),
        "created_at": created_at,
    }


async def parked(session: Session) -> list[Row]:
    """Return the parked events that were not applied, in order."""
    records = await session.read(
        f"SELECT position, {_PARKED} FROM parked_events WHERE shelf = ?", SHELF
    )
    found: list[Row] = []
    for record in sorted(records, key=lambda record: str(record[0])):
        row = dict(zip(PARKED_EVENTS.kept, record[1:], strict=True))
        if not await session.read(
            "SELECT event_id FROM inbox WHERE consumer = ? AND event_id = ?",
            row["consumer"],
            row["event_id"],
        ):
            packed_row = {**row, "envelope": packed(row["envelope"]), "place": len(found) + 1}
            found.append(packed_row)
    return found


def parking(row: Row) -> Statement:
    """Return the write of a parked event."""
    values = {**row, "envelope": unpacked(row["envelope"])}
    marks = ", ".join("?" * len(PARKED_EVENTS.kept))
    return (
        f"INSERT INTO parked_events (shelf, position, {_PARKED}) VALUES (?, ?, {marks})",
        (
            SHELF,
            str(row["place"]).zfill(PLACES),
            *(values[name] for name in PARKED_EVENTS.kept),
        ),
    )


def micros(text: str) -> int:
    """Return an RFC 3339 time as Cassandra's clocks count: microseconds since 1970."""
    moment = from_text(text)
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond

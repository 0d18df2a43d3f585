"""Answers under an Idempotency-Key, kept apart from the partition whose write they answer.

A write of one partition cannot include the record of another. So the answer is written first, as
an attempt that names the place where its effect will be; the effect then marks the key with that
attempt, in its own conditional write. An attempt whose effect never came is never shown.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from datetime import timedelta

import msgspec

from kibble.kernel.clock import Clock, from_text, to_text
from kibble.kernel.errors import StaleVersion, TimedOut
from kibble.platform.engines.cassandra.session import Row, Session, Statement
from kibble.platform.persistence.store import StoredReply

REPLY_LIFE = timedelta(hours=24)
FINAL = 0
"""The attempt of an answer that belongs to no other write."""

_COLUMNS = "key, attempt, place, fingerprint, status, headers, body, created_at"
_INSERT = f"INSERT INTO replies ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_SELECT = f"SELECT {_COLUMNS} FROM replies WHERE key = ?"

ReadMark = Callable[[str, uuid.UUID], Awaitable[int | None]]
"""Reads which attempt a place has marked a key with."""


def mark_of(key: str) -> uuid.UUID:
    """Return what stands for an idempotency key in a map of settled ids."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"kibble:idempotency:{key}")


class Replies:
    """The answers of one service."""

    def __init__(self, session: Session, clock: Clock, read_mark: ReadMark) -> None:
        self._session = session
        self._clock = clock
        self._read_mark = read_mark

    def attempt(self, reply: StoredReply, attempt: int, place: str) -> Statement:
        """Return the write of an answer that counts once ``place`` has marked its key."""
        return (_INSERT, self._values(reply, attempt, place))

    async def keep(self, reply: StoredReply) -> None:
        """Keep an answer that counts at once; raises ``StaleVersion`` when the key has one."""
        statement = (f"{_INSERT} IF NOT EXISTS", self._values(reply, FINAL, ""))
        try:
            kept = await self._session.decide(statement)
        except TimedOut:
            await self._session.read(_SELECT, reply.key, serial=True)
            kept = await self._session.decide(statement)
            kept = kept or await self.find(reply.key) == reply
        if not kept:
            raise StaleVersion("The key was used meanwhile.")

    def _values(self, reply: StoredReply, attempt: int, place: str) -> Row:
        headers = msgspec.json.encode(reply.headers).decode()
        now = to_text(self._clock.now())
        return (
            reply.key,
            attempt,
            place,
            reply.fingerprint,
            reply.status,
            headers,
            reply.body,
            now,
        )

    async def find(self, key: str) -> StoredReply | None:
        """Return the answer that counts, if it is not too old."""
        oldest = self._clock.now() - REPLY_LIFE
        for row in await self._session.read(_SELECT, key):
            place, attempt = row[2], row[1]
            if from_text(row[7]) < oldest:
                continue
            if not place or await self._read_mark(place, mark_of(key)) == attempt:
                headers = msgspec.json.decode(row[5], type=dict[str, str])
                return StoredReply(key, row[3], row[4], headers, row[6])
        return None

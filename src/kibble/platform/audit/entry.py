"""Entries of the audit log, chained by their hashes.

Each entry's hash covers its content and the hash before it, so an entry that is changed, taken out
or put in shows where the chain breaks. Who can write the whole file can write a whole new chain:
``kibble audit verify`` prints the last hash, to be kept elsewhere and compared (RFC 6962 has the
idea).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from kibble.kernel.paging import Page

START = "0" * 64
"""What the first entry is chained to."""


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be written down.

    ``at`` is an RFC 3339 time. ``act`` is the same for the entry of a change that is about to be
    made (``begun``) and that of its end (``done``, ``refused``); a change that has no second entry
    was cut off, and may have been made. ``target`` is the path that it was asked of; ``before`` and
    ``after`` have the members that differ, as far as they are known and not personal.
    """

    act: str
    at: str
    actor: str
    roles: tuple[str, ...] = ()
    address: str = ""
    request_id: str = ""
    action: str
    target: str
    outcome: str
    status: int = 0
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry: its number, counted from 1, its act, and the hashes of its place in the chain."""

    sequence: int
    act: Act
    previous: str
    hash: str


_encode = msgspec.json.Encoder(order="deterministic").encode


def content(act: Act) -> bytes:
    """Return the bytes of an act that are hashed and kept: the same for the same act."""
    return _encode(act)


def chained(sequence: int, body: bytes, previous: str) -> str:
    """Return the hash of an entry."""
    place = f"{sequence}\n{previous}\n".encode()
    return hashlib.sha256(place + body).hexdigest()


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as it is stored."""

    sequence: int
    body: bytes
    previous: str
    hash: str

    def entry(self) -> Entry:
        """Return the entry; raises ``msgspec.MsgspecError`` when its body is none."""
        act = msgspec.json.decode(self.body, type=Act)
        return Entry(sequence=self.sequence, act=act, previous=self.previous, hash=self.hash)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are asked for, newest first; ``below`` is a sequence number."""

    actor: str | None = None
    action: str | None = None
    target: str | None = None
    since: str | None = None
    until: str | None = None
    below: int | None = None
    limit: int = 20


class AuditLog(Protocol):
    """Where entries are kept. All processes of a shop write to one chain."""

    async def append(self, act: Act) -> None:
        """Write an entry, durably; raises ``Unavailable``."""
        ...

    async def find(self, wanted: Wanted) -> Page[Entry]:
        """Return entries, newest first."""
        ...

    async def rows(self, after: int, limit: int) -> Sequence[Row]:
        """Return stored entries in order, those whose sequence number is above ``after``."""
        ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many entries hold, the hash of the last of them, and what is wrong after it, if any."""

    entries: int
    last_hash: str
    problem: str | None = None


class Chain:
    """Checks a chain, row by row."""

    def __init__(self) -> None:
        self._entries = 0
        self._hash = START

    def check(self, rows: Iterable[Row]) -> Verdict:
        """Check the rows that follow those checked before."""
        for row in rows:
            if problem := self._problem(row):
                return Verdict(self._entries, self._hash, problem)
            self._entries, self._hash = row.sequence, row.hash
        return Verdict(self._entries, self._hash)

    def _problem(self, row: Row) -> str | None:
        if row.sequence != self._entries + 1:
            return f"Entry {self._entries + 1} is missing: {row.sequence} follows."
        if row.previous != self._hash:
            return f"Entry {row.sequence} does not follow the one before it."
        if row.hash != chained(row.sequence, row.body, row.previous):
            return f"Entry {row.sequence} was altered."
        return None


async def verify(log: AuditLog, batch: int = 500) -> Verdict:
    """Check the whole chain of ``log``."""
    chain, told = Chain(), Verdict(0, START)
    while rows := await log.rows(told.entries, batch):
        told = chain.check(rows)
        if told.problem is not None:
            break
    return told

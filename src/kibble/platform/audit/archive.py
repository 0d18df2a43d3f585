"""The audit log as rows that move house: the chain as it is, on whatever engine it goes on.

Entries keep their numbers and hashes, so a log that has moved is checked from its first entry, and
what is written after it is chained to it. A log with entries takes no other one in.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Protocol

from kibble.kernel.errors import Conflict
from kibble.platform.audit.entry import AuditLog, Chain
from kibble.platform.audit.entry import Row as Stored
from kibble.platform.persistence.archive import BATCH, Row, Shape, packed, shape, unpacked

ENTRIES = shape("entries", "sequence", integer="sequence", text="previous hash", blob="body")


class MovableLog(AuditLog, Protocol):
    """A log that may be filled with the entries of another one."""

    async def restore(self, rows: Sequence[Stored]) -> None:
        """Write entries as they are; those that are there already stay. Raises ``Unavailable``."""
        ...


class AuditArchive:
    """Implements ``Archive`` for an audit log."""

    name = "audit"
    shapes: Sequence[Shape] = (ENTRIES,)

    def __init__(self, log: MovableLog, close: Callable[[], Awaitable[None]]) -> None:
        """``close`` leaves the log's engine."""
        self._log = log
        self._close = close

    async def unfinished(self) -> int:
        """See ``Archive.unfinished``: an entry is whole, or it is not there."""
        return 0

    async def is_empty(self) -> bool:
        """See ``Archive.is_empty``."""
        return not await self._log.rows(0, 1)

    async def rows(self, table: Shape) -> AsyncIterator[Sequence[Row]]:
        """See ``Archive.rows``; raises ``Conflict`` for a chain that does not hold."""
        del table
        chain, last = Chain(), 0
        while found := await self._log.rows(last, BATCH):
            if problem := chain.check(found).problem:
                raise Conflict(f"The audit log does not hold: {problem}", code="audit-log-altered")
            last = found[-1].sequence
            yield [
                {
                    "sequence": one.sequence,
                    "previous": one.previous,
                    "hash": one.hash,
                    "body": packed(one.body),
                }
                for one in found
            ]

    async def begin(self) -> None:
        """See ``Archive.begin``: what is there already is the beginning of the same chain."""

    async def load(self, table: Shape, rows: Sequence[Row]) -> None:
        """See ``Archive.load``."""
        del table
        await self._log.restore(
            [
                Stored(row["sequence"], unpacked(row["body"]), row["previous"], row["hash"])
                for row in rows
            ]
        )

    async def finish(self) -> None:
        """See ``Archive.finish``: nothing follows from entries."""

    async def close(self) -> None:
        """See ``Archive.close``."""
        await self._close()

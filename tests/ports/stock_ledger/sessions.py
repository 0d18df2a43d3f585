"""Sessions that go wrong, around one that does not."""

from __future__ import annotations

from collections.abc import Callable

from kibble.kernel.errors import TimedOut, Unavailable
from kibble.platform.engines.cassandra import Row, Session, Statement


class DyingSession:
    """Its process dies at the n-th write: before that is done, or right after.

    From then on it does nothing. ``died`` tells whether there was an n-th write.
    """

    def __init__(self, session: Session, at: int, *, after: bool) -> None:
        self._session = session
        self._left = at
        self._after = after
        self.died = False

    async def read(self, cql: str, *values: object, serial: bool = False) -> list[Row]:
        self._check()
        return await self._session.read(cql, *values, serial=serial)

    async def write(self, *statements: Statement) -> None:
        self._count()
        if not self.died or self._after:
            await self._session.write(*statements)
        self._check()

    async def decide(self, *statements: Statement) -> bool:
        self._count()
        applied = False
        if not self.died or self._after:
            applied = await self._session.decide(*statements)
        self._check()
        return applied

    def _count(self) -> None:
        self._check()
        self._left -= 1
        self.died = self._left == 0

    def _check(self) -> None:
        if self.died:
            raise Unavailable("dead")


class UnsureSession:
    """Says of some conditional writes that their outcome is unknown; of these, some were done."""

    def __init__(self, session: Session, unsure: Callable[[int], bool | None]) -> None:
        """``unsure`` is told the number of the write: None is sure, else whether to do it."""
        self._session = session
        self._unsure = unsure
        self._number = 0

    async def read(self, cql: str, *values: object, serial: bool = False) -> list[Row]:
        return await self._session.read(cql, *values, serial=serial)

    async def write(self, *statements: Statement) -> None:
        await self._session.write(*statements)

    async def decide(self, *statements: Statement) -> bool:
        self._number += 1
        done = self._unsure(self._number)
        if done is None:
            return await self._session.decide(*statements)
        if done:
            await self._session.decide(*statements)
        raise TimedOut("who knows")

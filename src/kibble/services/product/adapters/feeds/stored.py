"""Feeds in a store of files that several machines share, and that cannot append to a file.

A feed is kept there before its import is acknowledged, so any process may run the import. It is
read from a copy in a folder. The report is written in pieces, each named for where it begins, and
put together when the import ends.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from kibble.platform.files import Files, Stored
from kibble.services.product.adapters.feeds.folder import FolderFeeds, error_lines
from kibble.services.product.integration import KeptFeed
from kibble.services.product.model.imports import FeedBatch, RowError

FOLDER = "imports"


class StoredFeeds:
    """Implements ``Feeds`` over ``files``; ``copies`` is a folder of this process's own."""

    def __init__(self, files: Files, copies: FolderFeeds) -> None:
        self._files = files
        self._copies = copies

    async def keep(self, import_id: str, content: bytes | Path) -> KeptFeed:
        """See ``Feeds.keep``."""
        kept = await self._copies.keep(import_id, content)
        await self._files.put(_feed(import_id), self._copies.path(import_id))
        return kept

    async def read(self, import_id: str, after: int) -> AsyncIterator[FeedBatch]:
        """See ``Feeds.read``."""
        copy = self._copies.path(import_id)
        if not copy.exists():
            await self._files.fetch(_feed(import_id), copy)
        async for batch in self._copies.read(import_id, after):
            yield batch

    async def report(self, import_id: str, at: int, errors: Sequence[RowError]) -> int:
        """See ``Feeds.report``.

        The same batch begins at the same place each time, so a try that was not finished is
        written over.
        """
        lines = error_lines(errors)
        await self._files.put(f"{_pieces(import_id)}{at:015d}.ndjson", lines)
        return at + len(lines)

    async def report_of(self, import_id: str, length: int) -> bytes:
        """See ``Feeds.report_of``."""
        whole = await self._files.get(_report(import_id))
        if whole is None:
            whole = await self._joined(await self._files.names(_pieces(import_id)), length)
        return whole[:length]

    async def discard(self, import_id: str) -> None:
        """See ``Feeds.discard``."""
        pieces = await self._files.names(_pieces(import_id))
        if pieces:
            await self._files.put(_report(import_id), await self._joined(pieces))
        for piece in pieces:
            await self._files.remove(piece.name)
        await self._files.remove(_feed(import_id))
        await self._copies.discard(import_id)

    async def _joined(self, pieces: Sequence[Stored], length: float = math.inf) -> bytes:
        """Return the pieces as one, as far as each begins where the one before ends."""
        whole = b""
        for piece in pieces:
            if int(Path(piece.name).stem) == len(whole) < length:
                whole += await self._files.get(piece.name) or b""
        return whole


def _feed(import_id: str) -> str:
    return f"{FOLDER}/{import_id}.feed"


def _report(import_id: str) -> str:
    return f"{FOLDER}/{import_id}.errors.ndjson"


def _pieces(import_id: str) -> str:
    return f"{FOLDER}/{import_id}.errors/"

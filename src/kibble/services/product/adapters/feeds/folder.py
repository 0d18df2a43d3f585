"""Feeds in a folder, read in worker processes when they are long enough to be worth it."""

from __future__ import annotations

import asyncio
import hashlib
import io
import multiprocessing
import os
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import msgspec

from kibble.kernel.errors import Unavailable
from kibble.services.product.adapters.feeds.parsing import end_with_parent, parse
from kibble.services.product.adapters.feeds.records import Chunk, chunks
from kibble.services.product.errors import FeedBroken
from kibble.services.product.integration import KeptFeed
from kibble.services.product.model.imports import FeedBatch, RowError

CHUNKS_IN_LOOP = 8
"""A feed of so many chunks is read before a worker process would have started."""

MAX_WORKERS = 4
AHEAD = 3
"""Chunks per worker that are read before they are asked for: what bounds the memory."""


class FolderFeeds:
    """Implements ``Feeds``.

    ``workers`` 0 reads in the event loop alone, for the simulator; None uses the machine's cores.
    """

    def __init__(self, folder: Path, currency: str, *, workers: int | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._currency = currency
        cores = min(os.cpu_count() or 1, MAX_WORKERS)
        self._workers = cores if workers is None else workers

    def path(self, import_id: str) -> Path:
        """Return where a feed is, if it is."""
        return self._folder / f"{import_id}.feed"

    def _report(self, import_id: str) -> Path:
        return self._folder / f"{import_id}.errors.ndjson"

    async def keep(self, import_id: str, content: bytes | Path) -> KeptFeed:
        """See ``Feeds.keep``."""
        target = self.path(import_id)
        arriving = target.with_suffix(".part")
        with _opened(content) as source, arriving.open("wb") as file:
            digest = hashlib.blake2b(digest_size=16)
            while piece := source.read(1 << 20):
                digest.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        arriving.replace(target)
        return KeptFeed(size, digest.hexdigest())

    async def read(self, import_id: str, after: int) -> AsyncIterator[FeedBatch]:
        """See ``Feeds.read``."""
        with closing(chunks(self.path(import_id), after)) as source:
            begun = 0
            for chunk in islice(source, CHUNKS_IN_LOOP if self._workers else None):
                begun += 1
                yield parse(chunk, self._currency)
            if self._workers and begun == CHUNKS_IN_LOOP:
                async for batch in self._in_workers(source):
                    yield batch

    async def _in_workers(self, source: Iterator[Chunk]) -> AsyncIterator[FeedBatch]:
        """Parse chunks side by side, and yield them in order, all that come before a failure."""
        loop = asyncio.get_running_loop()
        spawn = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(self._workers, spawn, initializer=end_with_parent)
        ahead: deque[asyncio.Future[FeedBatch]] = deque()
        failures: list[FeedBroken] = []
        try:
            for chunk in _until_broken(source, failures):
                ahead.append(loop.run_in_executor(pool, parse, chunk, self._currency))
                if len(ahead) > self._workers * AHEAD:
                    yield await ahead.popleft()
            while ahead:
                yield await ahead.popleft()
        except BrokenProcessPool as error:
            raise Unavailable("A worker process that reads the feed has died.") from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        for failure in failures:
            raise failure

    async def report(self, import_id: str, at: int, errors: Sequence[RowError]) -> int:
        """See ``Feeds.report``."""
        lines = error_lines(errors)
        path = self._report(import_id)
        path.touch()
        with path.open("r+b") as file:
            file.truncate(at)
            file.seek(at)
            file.write(lines)
        return at + len(lines)

    async def report_of(self, import_id: str, length: int) -> bytes:
        """See ``Feeds.report_of``."""
        path = self._report(import_id)
        if not path.exists():
            return b""
        with path.open("rb") as file:
            return file.read(length)

    async def discard(self, import_id: str) -> None:
        """See ``Feeds.discard``."""
        self.path(import_id).unlink(missing_ok=True)


def error_lines(errors: Sequence[RowError]) -> bytes:
    """Return errors as a report has them: a JSON object a line."""
    return b"".join(msgspec.json.encode(error) + b"\n" for error in errors)


def _opened(content: bytes | Path) -> BinaryIO:
    return io.BytesIO(content) if isinstance(content, bytes) else content.open("rb")


def _until_broken(source: Iterator[Chunk], failures: list[FeedBroken]) -> Iterator[Chunk]:
    try:
        yield from source
    except FeedBroken as error:
        failures.append(error)

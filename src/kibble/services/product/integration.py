"""What Product needs of the world outside, in its own words: suppliers' feeds and pictures."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kibble.services.product.model.imports import FeedBatch, RowError


@dataclass(frozen=True, slots=True)
class KeptFeed:
    """A feed that was kept: its size, and a digest that tells it from any other."""

    size_bytes: int
    digest: str


class Feeds(Protocol):
    """Suppliers' feeds: kept until they are imported, read in batches, with a report of errors."""

    async def keep(self, import_id: str, content: bytes | Path) -> KeptFeed:
        """Keep a feed, or a copy of a file, durably."""
        ...

    def read(self, import_id: str, after: int) -> AsyncIterator[FeedBatch]:
        """Yield the rows of a feed after row ``after``, in order.

        The same feed gives the same rows each time. Raises ``FeedBroken`` when it cannot be read
        on, ``Unavailable`` when the reader itself failed.
        """
        ...

    async def report(self, import_id: str, at: int, errors: Sequence[RowError]) -> int:
        """Write errors into the report from byte ``at`` on; return where it ends then.

        What stood behind ``at`` is dropped: it is from a try that was never finished.
        """
        ...

    async def report_of(self, import_id: str, length: int) -> bytes:
        """Return the first ``length`` bytes of the report: a JSON object a line."""
        ...

    async def discard(self, import_id: str) -> None:
        """Forget the feed itself; its report stays."""
        ...


@dataclass(frozen=True, slots=True)
class Picture:
    """An uploaded picture made safe: its files by name, and its size in pixels.

    ``name`` is the file of the whole picture; the others are smaller ones of it.
    """

    name: str
    width: int
    height: int
    files: Mapping[str, bytes]


class PictureMaker(Protocol):
    """Turns what was uploaded into pictures that are safe to show."""

    async def make(self, content: bytes) -> Picture:
        """Decode, and encode anew without metadata; the same content gives the same names.

        Raises ``UnsupportedMedia`` for what is no picture, ``TooLarge`` for one of too many pixels.
        """
        ...


class ImageStore(Protocol):
    """Where pictures are kept. A name stands for one content for ever."""

    async def put(self, name: str, content: bytes) -> None:
        """Keep a file durably; again changes nothing."""
        ...

    async def get(self, name: str) -> bytes | None:
        """Return a file; None when there is none of this name."""
        ...

"""Opening a feed: plain or gzip, in its encoding, and never more of it than is reasonable."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from kibble.services.product.errors import FeedBroken

MAX_BYTES = 1 << 30
"""The most bytes of an unpacked feed: a small archive can hold far more (a gzip bomb)."""

MAX_LINE = 1 << 20
"""The most characters of a line, and of what stands between two records."""

_GZIP = b"\x1f\x8b"
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


class _Limited(io.RawIOBase):
    """Passes bytes on until there have been too many."""

    def __init__(self, inner: BinaryIO, most: int) -> None:
        self._inner = inner
        self._left = most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # what BufferedReader passes
        data = self._inner.read(len(buffer))
        self._left -= len(data)
        if self._left < 0:
            raise FeedBroken(f"The feed has more than {MAX_BYTES:,} bytes when unpacked.")
        buffer[: len(data)] = data
        return len(data)


@contextmanager
def open_bytes(path: Path) -> Generator[io.BufferedReader]:
    """Open a feed for reading, unpacked when it is gzip; raises ``FeedBroken`` when that fails."""
    with _translated(), path.open("rb") as file:
        packed = file.peek(2)[:2] == _GZIP
        inner = gzip.GzipFile(fileobj=file) if packed else file
        yield io.BufferedReader(_Limited(inner, MAX_BYTES), 1 << 16)  # type: ignore[arg-type]  # both read bytes


@contextmanager
def _translated() -> Generator[None]:
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise FeedBroken(f"The archive is damaged: {error}") from error
    except FileNotFoundError as error:
        raise FeedBroken("The feed is not there any more; send it again.") from error


def decoded(source: io.BufferedReader) -> io.TextIOWrapper:
    """Return the text of a feed: UTF-8, or what its byte order mark says.

    A byte that is no text stands as a lone surrogate, which the check of its row refuses.
    """
    head = source.peek(4)
    encoding = next((name for bom, name in _BOMS.items() if head.startswith(bom)), "utf-8")
    errors = "replace" if encoding == "utf-16" else "surrogateescape"
    return io.TextIOWrapper(source, encoding, errors)


def lines(text: io.TextIOWrapper) -> Iterator[str]:
    """Yield lines with their ends; raises ``FeedBroken`` for one that never ends."""
    while line := text.readline(MAX_LINE):
        if len(line) == MAX_LINE and not line.endswith("\n"):
            raise FeedBroken(f"A line has more than {MAX_LINE:,} characters.")
        yield line

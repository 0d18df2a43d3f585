"""The files of a shop: pictures, suppliers' feeds, backups and exports.

A file's name is a path with ``/``, such as ``images/ab/abcd.webp``: the same in every store, so
that files may be copied from one to another.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

_PART = r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,199}"
_NAME = re.compile(rf"{_PART}(/{_PART}){{0,7}}")

FOR_EVER = "public, max-age=31536000, immutable"
"""For a file whose name stands for its content (RFC 8246)."""
PRIVATE = "private, no-store"

_MEDIA = {
    ".csv": "text/csv",
    ".gif": "image/gif",
    ".gz": "application/gzip",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".json": "application/json",
    ".ndjson": "application/x-ndjson",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".xml": "application/xml",
}


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that there is: its name, and its size in bytes."""

    name: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class SignedForm:
    """Where a browser or a program sends a file to by itself: a form with these fields (POST).

    The part called ``file`` comes last. Until then nobody else can use it, and not for long.
    """

    url: str
    fields: Mapping[str, str] = field(repr=False)


class Files(Protocol):
    """A store of files. A file is there as a whole or not at all; nobody outside can read it.

    Names are checked: one that could lead elsewhere raises ``ValueError``. All calls raise
    ``Unavailable`` when the store is away.
    """

    async def put(self, name: str, content: bytes | Path) -> None:
        """Keep a file, durably, in place of one of the same name; a path is that of a file to copy.

        What it is (its media type, and how long caches may keep it) follows from its name.
        """
        ...

    async def get(self, name: str) -> bytes | None:
        """Return a file's content; None when there is none of this name."""
        ...

    async def fetch(self, name: str, target: Path) -> bool:
        """Copy a file to ``target``; False when there is none of this name."""
        ...

    async def has(self, name: str) -> bool:
        """Tell whether there is a file of this name."""
        ...

    async def names(self, prefix: str) -> list[Stored]:
        """Return the files whose names begin with ``prefix``, by name."""
        ...

    async def remove(self, name: str) -> None:
        """Remove a file; one that is not there is no error."""
        ...

    async def link(self, name: str, seconds: int) -> str | None:
        """Return an address at which who has it can read the file for so long; None if none can."""
        ...

    async def form(self, name: str, most_bytes: int, seconds: int) -> SignedForm | None:
        """Return how to send a file of this name past us, once and soon; None if none can."""
        ...

    async def check(self) -> None:
        """See that the store is ours; raises ``ValueError`` with a sentence for the operator."""
        ...

    async def close(self) -> None:
        """Let go of what was opened."""
        ...


def checked(name: str) -> str:
    """Return a file's name; raises ``ValueError`` for one that could lead elsewhere."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"not the name of a file: {name}")
    return name


def media_type(name: str) -> str:
    """Return what a file is, by the end of its name."""
    return _MEDIA.get(Path(name).suffix, "application/octet-stream")


def cache_control(name: str) -> str:
    """Return how long caches may keep a file: pictures for ever, all else never."""
    return FOR_EVER if name.startswith("images/") else PRIVATE


async def copy(source: Files, target: Files, prefix: str, scratch: Path) -> int:
    """Copy the files whose names begin with ``prefix`` and that are not there; count them."""
    there = {(one.name, one.size_bytes) for one in await target.names(prefix)}
    copied = 0
    for one in await source.names(prefix):
        if (one.name, one.size_bytes) not in there and await source.fetch(one.name, scratch):
            await target.put(one.name, scratch)
            copied += 1
    return copied

"""What an archive says that it holds."""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Iterable
from pathlib import Path

import msgspec

MANIFEST = "manifest.json"
FILES = "files"
FORMAT = 2
KEPT = ("images", "imports", "outbox", "sealing-key.json", "signing-key.json", "synonyms.txt")
"""What beside the databases belongs to the shop; the search index is built anew."""

CHUNK = 1 << 20


class BadArchive(ValueError):
    """The file is no archive of a shop, or is damaged."""


class TableEntry(msgspec.Struct, frozen=True):
    """What the manifest says of one table; the checksum is of all of its lines."""

    rows: int
    sha256: str


class FileEntry(msgspec.Struct, frozen=True):
    """What the manifest says of one file."""

    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """What an archive holds, in ``format``: tables as ``service/table``, files by their paths."""

    format: int
    kibble: str
    tables: dict[str, TableEntry]
    files: dict[str, FileEntry]

    @property
    def rows(self) -> int:
        """How many rows there are in all tables."""
        return sum(entry.rows for entry in self.tables.values())


def is_archive(path: Path) -> bool:
    """Tell whether a file is an archive that ``export`` wrote."""
    if not tarfile.is_tarfile(path):
        return False
    with tarfile.open(path) as tar:
        first = tar.next()
        return first is not None and first.name == MANIFEST


def read_manifest(tar: tarfile.TarFile) -> Manifest:
    """Return an archive's manifest; raises ``BadArchive``."""
    try:
        member = tar.extractfile(MANIFEST)
        manifest = msgspec.json.decode(member.read() if member else b"", type=Manifest)
    except (KeyError, msgspec.MsgspecError) as error:
        raise BadArchive("The file is no archive of a shop that this Kibble can read.") from error
    if manifest.format != FORMAT:
        raise BadArchive(f"The archive has the format {manifest.format}; this is {FORMAT}.")
    return manifest


def file_entry(path: Path) -> FileEntry:
    """Return what a manifest says of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return FileEntry(path.stat().st_size, digest.hexdigest())


def table_entry(lines: Iterable[bytes]) -> TableEntry:
    """Return what a manifest says of a table with these lines."""
    digest, rows = hashlib.sha256(), 0
    for line in lines:
        digest.update(line)
        rows += 1
    return TableEntry(rows, digest.hexdigest())

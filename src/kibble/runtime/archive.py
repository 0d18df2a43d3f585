"""Backup and restore of an embedded shop: one archive with a consistent copy of every database.

Its last member is a manifest with the checksum of every file, so that a backup that was cut off or
damaged is known for one. With a key it is encrypted (``kibble.platform.security.encrypted``), and
never in clear on a disk. The search index is not in it: the shop builds it when it starts.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import shutil
import sqlite3
import tarfile
import tempfile
import zlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, cast

import msgspec

from kibble import __version__
from kibble.platform.clock import system_randomness
from kibble.platform.security.encrypted import (
    MAGIC,
    Damaged,
    Decrypting,
    Encrypting,
    WrongKey,
    is_encrypted,
)
from kibble.runtime.doctor import damage
from kibble.runtime.moving.manifest import FileEntry, file_entry
from kibble.runtime.server import LOCK
from kibble.runtime.unpacking import unpack

MANIFEST = "backup.json"
FORMAT = 1
SKIPPED = frozenset({LOCK})
DERIVED = "search"
SIDE_FILES = ("-wal", "-shm", ".part")
RESTORING = ".restoring"
BUSY_MS = 10_000


class NotEmpty(RuntimeError):
    """The data folder has something in it."""


class BadBackup(ValueError):
    """The file is no backup, or is damaged; says what is wrong."""


class Backup(msgspec.Struct, frozen=True):
    """What a backup holds, in ``format``: files by their paths in the data folder."""

    format: int
    kibble: str
    taken_at: datetime
    files: dict[str, FileEntry]

    @property
    def bytes(self) -> int:
        """How large all files are together."""
        return sum(entry.bytes for entry in self.files.values())


def backup(data_dir: Path, file: Path, now: datetime, key: bytes | None = None) -> Backup:
    """Write everything in ``data_dir`` into a gzipped tar file, and return what it holds.

    With a ``key`` of 256 bits the file is encrypted.

    All databases are held still while they are copied, so that the copy is one moment of the whole
    shop: a running one waits meanwhile, and loses nothing. ``file`` is there as a whole or not at
    all, and nobody else may read it. Raises ``BadBackup`` for a shop that is damaged, so that no
    backup of it takes the place of a good one.
    """
    arriving = file.with_name(f"{file.name}.part")
    arriving.touch(mode=0o600)
    entries: dict[str, FileEntry] = {}
    try:
        with (
            tempfile.TemporaryDirectory() as scratch,
            _written(arriving, key) as tar,
        ):
            copies = _copy_databases(sorted(data_dir.glob("*.db")), Path(scratch))
            for copy in copies.values():
                _check_database(copy, str(data_dir))
            for path in _kept(data_dir):
                name = path.relative_to(data_dir).as_posix()
                if (entry := _add(tar, copies.get(path, path), name)) is not None:
                    entries[name] = entry
            taken = Backup(FORMAT, __version__, now, entries)
            _add_bytes(tar, MANIFEST, msgspec.json.encode(taken))
        arriving.replace(file)
    finally:
        arriving.unlink(missing_ok=True)
    return taken


@contextmanager
def _written(path: Path, key: bytes | None) -> Generator[tarfile.TarFile]:
    with ExitStack() as stack:
        file: IO[bytes] = stack.enter_context(path.open("wb"))
        if key is not None:
            sealing = Encrypting(file, key, system_randomness())
            file = cast("IO[bytes]", stack.enter_context(sealing))
        packing = gzip.GzipFile(fileobj=file, mode="wb", compresslevel=3)
        packed = cast("IO[bytes]", stack.enter_context(packing))
        yield stack.enter_context(tarfile.open(fileobj=packed, mode="w|"))


@contextmanager
def _read(path: Path, key: bytes | None) -> Generator[tarfile.TarFile]:
    """Open a backup; raises ``BadBackup`` when it takes a key that is not given."""
    with ExitStack() as stack:
        file: IO[bytes] = stack.enter_context(path.open("rb"))
        start = file.read(len(MAGIC))
        file.seek(0)
        if is_encrypted(start):
            if key is None:
                raise BadBackup(f"{path.name} is encrypted: KIBBLE_BACKUP_KEY must have its key.")
            opened = stack.enter_context(Decrypting(file, key))
            file = cast("IO[bytes]", io.BufferedReader(opened))
        yield stack.enter_context(tarfile.open(fileobj=file, mode="r|*"))


def _kept(data_dir: Path) -> Iterator[Path]:
    for path in sorted(data_dir.rglob("*")):
        derived = path.relative_to(data_dir).parts[0] == DERIVED
        passing = path.name in SKIPPED or path.name.endswith(SIDE_FILES)
        if path.is_file() and not derived and not passing:
            yield path


def _copy_databases(paths: Sequence[Path], scratch: Path) -> dict[Path, Path]:
    copies = {}
    with ExitStack() as stack:
        for path in paths:
            holder = stack.enter_context(closing(sqlite3.connect(path, isolation_level=None)))
            holder.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
            try:
                holder.execute("BEGIN IMMEDIATE")
            except sqlite3.DatabaseError as error:
                raise BadBackup(f"{path} cannot be copied: {error}") from error
        for path in paths:
            copies[path] = scratch / path.name
            # A connection of its own: one that holds a write transaction cannot be copied from.
            with (
                closing(sqlite3.connect(path)) as source,
                closing(sqlite3.connect(copies[path])) as target,
            ):
                source.backup(target)
    return copies


class _Hashing(io.BufferedIOBase):
    """Reads a file, and knows the checksum of what was read."""

    def __init__(self, file: io.BufferedReader) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int | None = -1, /) -> bytes:
        content = self._file.read(size)
        self.digest.update(content)
        return content


def _add(tar: tarfile.TarFile, path: Path, name: str) -> FileEntry | None:
    """Add a file; None when it went away meanwhile, as a feed does whose import ends."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return None
    with file:
        info = tar.gettarinfo(arcname=name, fileobj=file)
        reader = _Hashing(file)
        tar.addfile(info, reader)
    return FileEntry(info.size, reader.digest.hexdigest())


def _add_bytes(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    tar.addfile(info, io.BytesIO(content))


def verify(file: Path, key: bytes | None = None) -> Backup:
    """Read a backup to its end and open its databases; raises ``BadBackup``, or ``OSError``."""
    with tempfile.TemporaryDirectory() as scratch:
        return _unpack(file, Path(scratch), key)


def restore(file: Path, data_dir: Path, key: bytes | None = None) -> Backup:
    """Unpack a backup, once all of it is known to be whole, and return what it held.

    Raises ``NotEmpty`` when ``data_dir`` has anything in it, and ``BadBackup``.
    """
    if data_dir.exists() and any(path.name not in SKIPPED for path in data_dir.iterdir()):
        raise NotEmpty(f"{data_dir} is not empty.")
    staging = data_dir / RESTORING
    staging.mkdir(parents=True)
    try:
        taken = _unpack(file, staging, key)
    except (BadBackup, OSError):
        shutil.rmtree(staging)
        raise
    for path in staging.iterdir():
        path.rename(data_dir / path.name)
    staging.rmdir()
    return taken


def is_half_restored(data_dir: Path) -> bool:
    """Tell whether a restore was begun that did not end."""
    return (data_dir / RESTORING).exists()


def _unpack(file: Path, folder: Path, key: bytes | None) -> Backup:
    """Unpack a backup into ``folder``, and check each file; raises ``BadBackup``."""
    try:
        with _read(file, key) as tar:
            for member in tar:
                unpack(tar, member, folder / member.name, folder)
    except WrongKey as error:
        raise BadBackup(f"{file.name} was encrypted with another key.") from error
    except Damaged as error:
        raise BadBackup(f"{file.name} is damaged, or is cut off: {error}.") from error
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BadBackup(f"{file.name} is no backup, or is cut off: {error}") from error
    taken = _manifest(folder / MANIFEST, file.name)
    for name, entry in taken.files.items():
        path = folder / name
        if not path.is_file() or file_entry(path) != entry:
            raise BadBackup(f"{file.name} is damaged: {name} is not what its manifest says.")
    for path in sorted(folder.glob("*.db")):
        _check_database(path, file.name)
    return taken


def _manifest(path: Path, name: str) -> Backup:
    try:
        taken = msgspec.json.decode(path.read_bytes(), type=Backup)
    except (FileNotFoundError, msgspec.MsgspecError) as error:
        raise BadBackup(f"{name} is no backup that this Kibble can read.") from error
    if taken.format != FORMAT:
        raise BadBackup(f"{name} has the format {taken.format}; this is {FORMAT}.")
    path.unlink()
    return taken


def _check_database(path: Path, name: str) -> None:
    if (problem := damage(path)) is not None:
        raise BadBackup(f"{name} is damaged: {path.name}: {problem}")

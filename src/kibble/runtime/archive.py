"""Backup and restore of an embedded shop: one archive with a consistent copy of every database.

Its last member is a manifest with the checksum of every file, so that a backup that was cut off or
damaged is known for one. The search index is not in it: the shop builds it when it starts.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import datetime
from pathlib import Path

import msgspec

from kibble import __version__
from kibble.runtime.moving.manifest import FileEntry, file_entry
from kibble.runtime.unpacking import unpack

MANIFEST = "backup.json"
FORMAT = 1
SKIPPED = frozenset({"lock"})
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


def backup(data_dir: Path, file: Path, now: datetime) -> Backup:
    """Write everything in ``data_dir`` into a gzipped tar file, and return what it holds.

    All databases are held still while they are copied, so that the copy is one moment of the whole
    shop: a running one waits meanwhile, and loses nothing. ``file`` is there as a whole or not at
    all, and nobody else may read it.
    """
    arriving = file.with_name(f"{file.name}.part")
    arriving.touch(mode=0o600)
    entries: dict[str, FileEntry] = {}
    try:
        with (
            tempfile.TemporaryDirectory() as scratch,
            tarfile.open(arriving, "w:gz", compresslevel=3) as tar,
        ):
            copies = _copy_databases(sorted(data_dir.glob("*.db")), Path(scratch))
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
            holder.execute("BEGIN IMMEDIATE")
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


def verify(file: Path) -> Backup:
    """Read a backup to its end and open its databases; raises ``BadBackup``."""
    with tempfile.TemporaryDirectory() as scratch:
        return _unpack(file, Path(scratch))


def restore(file: Path, data_dir: Path) -> Backup:
    """Unpack a backup, once all of it is known to be whole, and return what it held.

    Raises ``NotEmpty`` when ``data_dir`` has anything in it, and ``BadBackup``.
    """
    if data_dir.exists() and any(path.name not in SKIPPED for path in data_dir.iterdir()):
        raise NotEmpty(f"{data_dir} is not empty.")
    staging = data_dir / RESTORING
    staging.mkdir(parents=True)
    try:
        taken = _unpack(file, staging)
    except BadBackup:
        shutil.rmtree(staging)
        raise
    for path in staging.iterdir():
        path.rename(data_dir / path.name)
    staging.rmdir()
    return taken


def is_half_restored(data_dir: Path) -> bool:
    """Tell whether a restore was begun that did not end."""
    return (data_dir / RESTORING).exists()


def _unpack(file: Path, folder: Path) -> Backup:
    """Unpack a backup into ``folder``, and check each file; raises ``BadBackup``."""
    try:
        with tarfile.open(file) as tar:
            for member in tar:
                unpack(tar, member, folder / member.name, folder)
    except (tarfile.TarError, EOFError, OSError) as error:
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
    try:
        with closing(sqlite3.connect(path)) as database:
            (answer,) = database.execute("PRAGMA quick_check").fetchone()
    except sqlite3.DatabaseError as error:
        raise BadBackup(f"{name} is damaged: {path.name}: {error}") from error
    if answer != "ok":
        raise BadBackup(f"{name} is damaged: {path.name}: {answer}")

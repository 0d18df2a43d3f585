"""Backup and restore of an embedded shop: one archive with a consistent copy of every database."""

from __future__ import annotations

import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path

SKIPPED = frozenset({"lock"})
SIDE_FILES = ("-wal", "-shm")


class NotEmpty(RuntimeError):
    """The data folder has something in it."""


def backup(data_dir: Path, file: Path) -> None:
    """Write everything in ``data_dir`` into a gzipped tar file.

    All databases are held still while they are copied, so that the copy is one moment of the whole
    shop: a running one waits meanwhile, and loses nothing.
    """
    with (
        tempfile.TemporaryDirectory() as scratch,
        tarfile.open(file, "w:gz", compresslevel=3) as tar,
    ):
        copies = _copy_databases(sorted(data_dir.glob("*.db")), Path(scratch))
        for path in sorted(p for p in data_dir.rglob("*") if p.is_file()):
            if path.name in SKIPPED or path.name.endswith(SIDE_FILES):
                continue
            tar.add(copies.get(path, path), arcname=str(path.relative_to(data_dir)))


def _copy_databases(paths: Sequence[Path], scratch: Path) -> dict[Path, Path]:
    copies = {}
    with ExitStack() as stack:
        for path in paths:
            holder = stack.enter_context(closing(sqlite3.connect(path, isolation_level=None)))
            holder.execute("PRAGMA busy_timeout = 10000")
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


def restore(file: Path, data_dir: Path) -> None:
    """Unpack a backup; raises ``NotEmpty`` when ``data_dir`` has anything in it."""
    if data_dir.exists() and any(data_dir.iterdir()):
        raise NotEmpty(f"{data_dir} is not empty.")
    data_dir.mkdir(parents=True, exist_ok=True)
    with tarfile.open(file) as tar:
        for member in tar:
            unpack(tar, member, data_dir / member.name, data_dir)


def unpack(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path, folder: Path) -> None:
    """Write a regular file of ``tar`` to ``target``; anything else, or outside, is left out.

    Python 3.11 before its fourth patch has no extraction filters (PEP 706).
    """
    content = tar.extractfile(member) if member.isfile() else None
    if content is None or not target.resolve().is_relative_to(folder.resolve()):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        shutil.copyfileobj(content, file)
    target.chmod(member.mode & 0o700)

"""What a machine or a data folder lacks, in a sentence each."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from kibble.platform.config import Settings
from kibble.platform.security.keys import key_path, read_keys
from kibble.platform.security.sealing import keys_in, sealing_key_path
from kibble.runtime.names import SERVICES
from kibble.runtime.server import LOCK, CannotListen, DataDirInUse, exclusive, listening

MIN_FREE_BYTES = 500 * 1024 * 1024
MIN_SQLITE = (3, 35, 0)


def problems(settings: Settings) -> list[str]:
    """Return what is wrong, if anything."""
    found = []
    if sqlite3.sqlite_version_info < MIN_SQLITE:
        found.append(f"SQLite {sqlite3.sqlite_version} is too old; 3.35 is needed.")
    if sys.version_info < (3, 11):  # noqa: UP036 - a doctor looks at what is there
        found.append("Python 3.11 or newer is needed.")
    folder = settings.data_dir.resolve()
    while not folder.exists():
        folder = folder.parent
    if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
        return [*found, f"{folder} is no folder that this account may write to."]
    if shutil.disk_usage(folder).free < MIN_FREE_BYTES:
        found.append(f"Less than 500 MB are free on the disk of {settings.data_dir}.")
    found += _port_problems(settings)
    found += _key_problems(settings)
    found += _database_problems(settings)
    return found


def _port_problems(settings: Settings) -> list[str]:
    """The folder's own shop may be running: then the port is its own."""
    try:
        if (settings.data_dir / LOCK).exists():
            with exclusive(settings.data_dir):
                pass
        with listening(settings):
            return []
    except (DataDirInUse, OSError):
        return []
    except CannotListen as error:
        return [str(error)]


def _database_problems(settings: Settings) -> list[str]:
    folder = settings.data_dir
    there = {path.stem: path for path in sorted(folder.glob("*.db"))}
    begun = any(name in there for name in SERVICES)
    lacking = [name for name in SERVICES if begun and name not in there]
    found = [f"{folder / name}.db is missing. Restore a backup." for name in lacking]
    damages = {path: damage(path) for path in there.values()}
    return found + [
        f"{path} is damaged: {problem}. Restore a backup."
        for path, problem in damages.items()
        if problem
    ]


def damage(path: Path) -> str | None:
    """Return what is wrong with a database's file, if anything."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            (answer,) = connection.execute("PRAGMA quick_check").fetchone()
    except sqlite3.DatabaseError as error:
        return str(error)
    return None if answer == "ok" else str(answer)


def _key_problems(settings: Settings) -> list[str]:
    found = []
    readers: dict[Path, Callable[[Path], object]] = {
        key_path(settings.data_dir): read_keys,
        sealing_key_path(settings.data_dir): keys_in,
    }
    for path, read in readers.items():
        if path.exists():
            try:
                read(path)
            except OSError as error:
                found.append(f"{path} cannot be read: {error.strerror}.")
            except ValueError as error:
                found.append(str(error))
    return found

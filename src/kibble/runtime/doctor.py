"""What a machine or a data folder lacks, in a sentence each."""

from __future__ import annotations

import shutil
import socket
import sqlite3
import sys
from contextlib import closing

from kibble.platform.config import Settings

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
    if shutil.disk_usage(folder).free < MIN_FREE_BYTES:
        found.append(f"Less than 500 MB are free on the disk of {settings.data_dir}.")
    found += _port_problems(settings)
    found += _database_problems(settings)
    return found


def _port_problems(settings: Settings) -> list[str]:
    with closing(socket.socket()) as probe:
        probe.settimeout(0.5)
        if probe.connect_ex((settings.host, settings.port)) == 0:
            return [f"Something listens on port {settings.port} already."]
    return []


def _database_problems(settings: Settings) -> list[str]:
    found = []
    for path in sorted(settings.data_dir.glob("*.db")):
        with closing(sqlite3.connect(path)) as connection:
            (answer,) = connection.execute("PRAGMA quick_check").fetchone()
        if answer != "ok":
            found.append(f"{path} is damaged: {answer}. Restore a backup.")
    return found

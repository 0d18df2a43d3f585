"""Numbered SQL files, applied in order and remembered in the database."""

from __future__ import annotations

import sqlite3
from importlib.resources import files

from kibble.platform.engines.sqlite.database import Database

PLATFORM = "kibble.platform.engines.sqlite"


def migrate(database: Database, package: str) -> None:
    """Bring ``database`` up to date with ``package``'s ``migrations/NNNN_*.sql``.

    The platform's own tables (outbox, inbox, ...) come first. Each file runs in one transaction
    with the row that remembers it, so that a crash repeats or skips it as a whole. Raises
    ``RuntimeError`` when the database is newer than the code.
    """
    connection = database.connect()
    try:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS migrations"
            " (package TEXT, name TEXT, PRIMARY KEY (package, name))"
        )
        for owner in (PLATFORM, package):
            _migrate_package(connection, owner)
    finally:
        connection.close()


def _migrate_package(connection: sqlite3.Connection, package: str) -> None:
    folder = files(package).joinpath("migrations")
    scripts = {entry.name: entry for entry in folder.iterdir() if entry.name.endswith(".sql")}
    done = {
        name
        for (name,) in connection.execute(
            "SELECT name FROM migrations WHERE package = ?", (package,)
        )
    }
    if unknown := done - scripts.keys():
        raise RuntimeError(
            f"the database of {package} is newer than this Kibble: {sorted(unknown)}"
        )
    for name in sorted(scripts.keys() - done):
        script = scripts[name].read_text(encoding="utf-8")
        connection.executescript(
            f"BEGIN IMMEDIATE;\n{script};\n"  # allow(query): scripts that come with Kibble
            f"INSERT INTO migrations VALUES ('{package}', '{name}');\nCOMMIT;"
        )

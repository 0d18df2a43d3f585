"""Numbered SQL files, applied in order and remembered in the schema."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING

from kibble.platform.engines.postgres.connection import Postgres
from kibble.platform.engines.postgres.errors import translated

if TYPE_CHECKING:
    from kibble.platform.engines.postgres.connection import Connection

PLATFORM = "kibble.platform.engines.postgres"


async def migrate(postgres: Postgres, package: str) -> None:
    """Bring the schema up to date with ``package``'s ``migrations/postgres/NNNN_*.sql``.

    The platform's own tables (outbox, inbox, ...) come first. All that is new runs in one
    transaction under a lock, so that of several processes that start at once one does the work
    and a crash leaves nothing half done. Raises ``Unavailable``, and ``RuntimeError`` when the
    schema is newer than the code.
    """
    async with making(postgres) as connection:
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS migrations"
            " (package text, name text, PRIMARY KEY (package, name))"
        )
        for each in (PLATFORM, package):
            await _migrate_package(connection, each)


@asynccontextmanager
async def making(postgres: Postgres) -> AsyncGenerator[Connection]:
    """Lend a connection in one transaction of a schema, which is made unless it is there.

    A lock lets one process in at a time. Raises ``Unavailable``.
    """
    connection = await postgres.connect()
    try:
        with translated():
            # A file may take longer than a statement of a use case.
            await connection.execute("SET statement_timeout = 0")
            async with connection.transaction():
                lock = f"migrate {postgres.schema}"
                await connection.execute(
                    "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", lock
                )
                name = f'"{postgres.schema}"'
                create = f"CREATE SCHEMA IF NOT EXISTS {name}"  # allow(query): operator's
                await connection.execute(create)
                yield connection
    finally:
        await connection.close()


async def _migrate_package(connection: Connection, package: str) -> None:
    scripts = {entry.name: entry for entry in _folder(package).iterdir()}
    rows = await connection.fetch("SELECT name FROM migrations WHERE package = $1", package)
    done = {row["name"] for row in rows}
    if unknown := done - scripts.keys():
        raise RuntimeError(f"the schema of {package} is newer than this Kibble: {sorted(unknown)}")
    for name in sorted(scripts.keys() - done):
        await connection.execute(scripts[name].read_text(encoding="utf-8"))
        await connection.execute("INSERT INTO migrations VALUES ($1, $2)", package, name)


def _folder(package: str) -> Traversable:
    return files(package).joinpath("migrations", "postgres")

"""Numbered CQL files, applied in order by one process at a time, and remembered in the keyspace."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

from kibble.kernel.clock import Clock
from kibble.kernel.errors import Unavailable
from kibble.platform.engines.cassandra.session import DriverSession, table_id

PLATFORM = "kibble.platform.engines.cassandra"
FOLDER = "cassandra_migrations"
LOCK = "the lock"
LOCK_SECONDS = 120
PAUSE_SECONDS = 0.5
_TAKE_LOCK = (
    "INSERT INTO migrations (package, name, holder) VALUES (?, ?, ?)"
    f" IF NOT EXISTS USING TTL {LOCK_SECONDS}"
)


async def migrate(session: DriverSession, clock: Clock, package: str, holder: str) -> None:
    """Bring a keyspace up to date with ``package``'s ``cassandra_migrations/NNNN_*.cql``.

    The platform's own tables come first. Schema changes are no transactions, so each statement is
    written to be repeatable, and a lock that expires keeps ``holder`` alone with them: two
    replicas that create one table at once would disagree about it. Raises ``Unavailable`` when
    another process holds the lock for too long, ``RuntimeError`` when the keyspace is newer.
    """
    await session.change_schema(
        "CREATE TABLE IF NOT EXISTS"  # allow(query): the operator's namespace
        " migrations (package text, name text, holder text,"
        f" PRIMARY KEY (package, name)) WITH id = {table_id(session.keyspace, 'migrations')}"
    )
    if not await _pending(session, package):
        return
    await _lock(session, clock, holder)
    try:
        for owner, name, script in await _pending(session, package):
            for statement in _statements(script):
                await session.change_schema(statement)
            await session.write(
                ("INSERT INTO migrations (package, name) VALUES (?, ?)", (owner, name))
            )
    finally:
        await session.decide(
            (
                "DELETE FROM migrations WHERE package = ? AND name = ? IF holder = ?",
                (LOCK, LOCK, holder),
            )
        )


async def _lock(session: DriverSession, clock: Clock, holder: str) -> None:
    """Become the only one to migrate; a holder that died is waited out."""
    deadline = clock.monotonic() + LOCK_SECONDS
    while not await session.decide(
        (
            _TAKE_LOCK,
            (LOCK, LOCK, holder),
        )
    ):
        if clock.monotonic() > deadline:
            raise Unavailable("Another process is migrating Cassandra, and does not end.")
        await clock.sleep(PAUSE_SECONDS)


async def _pending(session: DriverSession, package: str) -> Sequence[tuple[str, str, str]]:
    """Return what is to be applied: whose it is, its name, its text."""
    found: list[tuple[str, str, str]] = []
    for owner in (PLATFORM, package):
        folder = files(owner).joinpath(FOLDER)
        scripts = {entry.name: entry for entry in folder.iterdir() if entry.name.endswith(".cql")}
        rows = await session.read("SELECT name FROM migrations WHERE package = ?", owner)
        done = {name for (name,) in rows}
        if unknown := done - scripts.keys():
            raise RuntimeError(f"the keyspace is newer than this Kibble: {sorted(unknown)}")
        found += [
            (owner, name, scripts[name].read_text(encoding="utf-8"))
            for name in sorted(scripts.keys() - done)
        ]
    return found


def _statements(script: str) -> list[str]:
    """Return a script's statements; a comment has a line of its own."""
    lines = [line for line in script.splitlines() if not line.lstrip().startswith("--")]
    return [text for part in "\n".join(lines).split(";") if (text := part.strip())]

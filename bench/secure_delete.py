"""What it costs that SQLite overwrites what it deletes: ``python -m bench.secure_delete``.

The statements are of the size and number that an order makes: one row of 1.8 kB that is written six
times, nine events of 700 bytes, five marks, and the events' deletion. CPU is measured, not time, so
that a busy machine hardly matters; the disk is not waited for.
"""

from __future__ import annotations

import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path

ORDERS = 500
ROUNDS = 5
EVENTS = 9
MOVES = 5
KEPT = 50
"""How many orders' events are deleted at once."""


def cost(*, overwrites: bool) -> float:
    """Return the microseconds of CPU that SQLite takes for an order."""
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(sqlite3.connect(Path(folder) / "orders.db", isolation_level=None)) as database,
    ):
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = OFF")
        database.execute(f"PRAGMA secure_delete = {'ON' if overwrites else 'OFF'}")
        database.execute("CREATE TABLE orders (id TEXT PRIMARY KEY, document TEXT, version INT)")
        database.execute("CREATE TABLE outbox (position INTEGER PRIMARY KEY, body BLOB)")
        database.execute("CREATE TABLE inbox (id TEXT PRIMARY KEY)")
        began = time.process_time()
        for number in range(ORDERS):
            _order(database, number)
        return (time.process_time() - began) / ORDERS * 1e6


def _order(database: sqlite3.Connection, number: int) -> None:
    key, document = f"{number * 7919 % 100_003:08}", "x" * 1800
    database.execute("BEGIN IMMEDIATE")
    database.execute("INSERT INTO orders VALUES (?, ?, 1)", (key, document))
    database.executemany("INSERT INTO outbox (body) VALUES (?)", [(b"e" * 700,)] * EVENTS)
    database.execute("COMMIT")
    for move in range(MOVES):
        database.execute("BEGIN IMMEDIATE")
        changed = (document + "y" * 20 * move, key)
        database.execute(
            "UPDATE orders SET document = ?, version = version + 1 WHERE id = ?", changed
        )
        database.execute("INSERT INTO inbox VALUES (?)", (f"{key}{move}",))
        database.execute("COMMIT")
    if number % KEPT == KEPT - 1:
        database.execute("DELETE FROM outbox WHERE position <= ?", (number * EVENTS,))


def main() -> None:
    """Print the least of several rounds, with and without."""
    rounds = [(cost(overwrites=False), cost(overwrites=True)) for _ in range(ROUNDS)]
    without, with_it = (min(one) for one in zip(*rounds, strict=True))
    print(f"an order's statements take {without:.0f} us of CPU, overwriting {with_it:.0f} us")


if __name__ == "__main__":
    main()

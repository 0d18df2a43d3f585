"""Writing an aggregate's row with its version checked."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import LiteralString

from kibble.kernel.errors import StaleVersion


class Table:
    """A table whose first column is its key and whose last is ``version``; SQL is built once."""

    def __init__(self, name: LiteralString, *columns: LiteralString) -> None:
        """``columns`` are all but ``version``, the key first."""
        marks = ", ".join("?" * (len(columns) + 1))
        sets = ", ".join(f"{column} = ?" for column in (*columns[1:], "version"))
        self.columns = ", ".join((*columns, "version"))
        self._insert = f"INSERT INTO {name} ({self.columns}) VALUES ({marks})"
        self._update = f"UPDATE {name} SET {sets} WHERE {columns[0]} = ? AND version = ?"
        self._delete = f"DELETE FROM {name} WHERE {columns[0]} = ? AND version = ?"

    def save(self, connection: sqlite3.Connection, values: Sequence[object], expected: int) -> None:
        """Insert the row (``expected`` 0) or update the one that is at version ``expected``.

        ``values`` has the columns' order, without the version. Raises ``StaleVersion`` when the
        row is at another version, or when a unique column is taken: the use case, run again,
        finds out why.
        """
        try:
            if expected == 0:
                connection.execute(self._insert, (*values, 1))
                return
            row = (*values[1:], expected + 1, values[0], expected)
            changed = connection.execute(self._update, row).rowcount
        except sqlite3.IntegrityError as error:
            raise StaleVersion("A unique value was taken meanwhile.") from error
        if not changed:
            raise StaleVersion("The row changed after it was read.")

    def delete(self, connection: sqlite3.Connection, key: str, expected: int) -> None:
        """Delete the row that is at version ``expected``; raises ``StaleVersion`` for another."""
        if not connection.execute(self._delete, (key, expected)).rowcount:
            raise StaleVersion("The row changed after it was read.")

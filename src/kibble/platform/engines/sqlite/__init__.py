"""SQLite: group commit, migrations, and the store with outbox, inbox and idempotency records."""

from kibble.platform.engines.sqlite.database import Database, Durability
from kibble.platform.engines.sqlite.migrations import migrate
from kibble.platform.engines.sqlite.store import SqliteStore
from kibble.platform.engines.sqlite.table import Table

__all__ = ["Database", "Durability", "SqliteStore", "Table", "migrate"]

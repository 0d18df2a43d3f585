"""PostgreSQL: a schema a service, one statement a commit, and an outbox that relays share."""

from kibble.platform.engines.postgres.claims import PostgresClaims
from kibble.platform.engines.postgres.clause import Clause, Write
from kibble.platform.engines.postgres.connection import Postgres
from kibble.platform.engines.postgres.lookup import Lookup
from kibble.platform.engines.postgres.opening import open_postgres
from kibble.platform.engines.postgres.partitions import ensure_partitions
from kibble.platform.engines.postgres.store import PostgresStore
from kibble.platform.engines.postgres.table import (
    BOOLEAN,
    INTEGER,
    JSON,
    MONEY,
    TEXT,
    TIME,
    UUID,
    Kind,
    Rows,
    Table,
)

__all__ = [
    "BOOLEAN",
    "INTEGER",
    "JSON",
    "MONEY",
    "TEXT",
    "TIME",
    "UUID",
    "Clause",
    "Kind",
    "Lookup",
    "Postgres",
    "PostgresClaims",
    "PostgresStore",
    "Rows",
    "Table",
    "Write",
    "ensure_partitions",
    "open_postgres",
]

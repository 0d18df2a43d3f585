"""Cassandra: a session for asyncio, migrations, leases, and what a consumer keeps there."""

from kibble.platform.engines.cassandra.migrations import migrate
from kibble.platform.engines.cassandra.session import (
    DriverSession,
    Row,
    Session,
    Statement,
    keyspace_of,
)

__all__ = ["DriverSession", "Row", "Session", "Statement", "keyspace_of", "migrate"]

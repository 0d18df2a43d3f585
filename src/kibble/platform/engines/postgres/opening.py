"""Opening a service's schema, as its wiring does."""

from __future__ import annotations

from kibble.platform.config import Settings
from kibble.platform.engines.postgres.connection import Postgres
from kibble.platform.engines.postgres.migrations import migrate


async def open_postgres(settings: Settings, service: str, package: str) -> Postgres:
    """Connect to the schema of ``service``, brought up to date with the files of ``package``.

    Several processes may do so at once. Raises ``Unavailable``.
    """
    postgres = Postgres(settings.postgres_url, f"{settings.namespace}_{service}")
    await migrate(postgres, package)
    await postgres.open()
    return postgres

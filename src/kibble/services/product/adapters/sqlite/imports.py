"""Imports of feeds on SQLite."""

from __future__ import annotations

import msgspec

from kibble.kernel.clock import from_text, from_text_or_none
from kibble.kernel.ids import ProductId
from kibble.platform.engines.sqlite import Database
from kibble.services.product.adapters.sqlite.rows import Row
from kibble.services.product.adapters.sqlite.writers import IMPORTS
from kibble.services.product.model.imports import FeedStock, ImportJob, ImportStatus, Tally


class SqliteImports:
    """Implements ``Imports``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, import_id: str) -> ImportJob | None:
        """See ``Imports.get``."""
        row = self._database.read_one(
            f"SELECT {IMPORTS.columns} FROM imports WHERE id = ?", (import_id,)
        )
        return _job(row) if row else None

    async def unfinished(self) -> list[ImportJob]:
        """See ``Imports.unfinished``."""
        rows = self._database.read(
            f"SELECT {IMPORTS.columns} FROM imports"
            " WHERE status IN ('QUEUED', 'RUNNING') ORDER BY id"
        )
        return [_job(row) for row in rows]

    async def stock(self, limit: int) -> list[FeedStock]:
        """See ``Imports.stock``."""
        rows = self._database.read(
            "SELECT product_id, warehouse, on_hand FROM feed_stock LIMIT ?", (limit,)
        )
        return [FeedStock(ProductId(row[0]), row[1], row[2]) for row in rows]


def _job(row: Row) -> ImportJob:
    return ImportJob(
        id=row[0],
        name=row[1],
        size_bytes=row[2],
        digest=row[3],
        created_at=from_text(row[4]),
        status=ImportStatus(row[5]),
        tally=msgspec.json.decode(row[6], type=Tally),
        report_bytes=row[7],
        ignored=msgspec.json.decode(row[8], type=frozenset[str]),
        reason=row[9],
        started_at=from_text_or_none(row[10]),
        finished_at=from_text_or_none(row[11]),
        dry_run=bool(row[12]),
        version=row[13],
    )

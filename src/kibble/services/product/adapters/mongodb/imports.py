"""Imports of feeds on MongoDB."""

from __future__ import annotations

import msgspec

from kibble.kernel.clock import from_text, from_text_or_none
from kibble.kernel.ids import ProductId
from kibble.platform.engines.mongodb import Document, MongoStore
from kibble.services.product.adapters.mongodb.documents import FEED_STOCK, IMPORTS
from kibble.services.product.model.imports import FeedStock, ImportJob, ImportStatus, Tally

_UNFINISHED = [ImportStatus.QUEUED.value, ImportStatus.RUNNING.value]


class MongoImports:
    """Implements ``Imports``."""

    def __init__(self, store: MongoStore) -> None:
        self._store = store

    async def get(self, import_id: str) -> ImportJob | None:
        """See ``Imports.get``."""
        found = await self._store.one(IMPORTS, {"_id": import_id})
        return _job(found) if found else None

    async def unfinished(self) -> list[ImportJob]:
        """See ``Imports.unfinished``."""
        found = await self._store.many(IMPORTS, {"status": {"$in": _UNFINISHED}})
        return [_job(document) for document in found]

    async def stock(self, limit: int) -> list[FeedStock]:
        """See ``Imports.stock``."""
        found = await self._store.many(FEED_STOCK, {}, limit=limit)
        return [
            FeedStock(ProductId(one["product_id"]), one["warehouse"], one["on_hand"])
            for one in found
        ]


def _job(document: Document) -> ImportJob:
    started, finished = document.get("started_at"), document.get("finished_at")
    return ImportJob(
        id=document["_id"],
        name=document["name"],
        size_bytes=document["size_bytes"],
        digest=document["digest"],
        created_at=from_text(document["created_at"]),
        status=ImportStatus(document["status"]),
        tally=msgspec.convert(document["tally"], Tally),
        report_bytes=document["report_bytes"],
        ignored=frozenset(document["ignored"]),
        reason=document.get("reason"),
        started_at=from_text_or_none(started),
        finished_at=from_text_or_none(finished),
        dry_run=document.get("dry_run", False),
        version=document["version"],
    )

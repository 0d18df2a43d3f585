"""Intents: what is about to change, written before it does, so that no change goes untold.

Intents stand in buckets of a few seconds: those that are done with are deleted, and a bucket that
time has passed is not read again, so that nobody wades through what was deleted.
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass

from kibble.kernel.clock import Clock, from_text, to_text
from kibble.kernel.ids import OrderId, ProductId
from kibble.platform.engines.cassandra import Session, Statement

SHARDS = 4
BUCKET_SECONDS = 20
SLACK_SECONDS = 120
"""How long a bucket stays open after its time: for clocks that differ, and writers that hang."""
LATE_SECONDS = 20.0
"""A write that took longer than this announces itself once more, in a bucket of now."""
WINDOW = 30
"""How many buckets are read at once."""

PRODUCT = "product"
EXPIRED = "expired"
SOLD_OUT = "sold out"

_INSERT = "INSERT INTO intents (shard, bucket, at, subject, kind, target) VALUES (?, ?, ?, ?, ?, ?)"
_DELETE = (
    "DELETE FROM intents WHERE shard = ? AND bucket = ? AND at = ? AND subject = ? AND kind = ?"
    " AND target = ?"
)
_SELECT = (
    "SELECT bucket, at, subject, kind, target FROM intents WHERE shard = ? AND bucket IN ?"
    " PER PARTITION LIMIT ?"
)


@dataclass(frozen=True, slots=True)
class Intent:
    """That a subject should reach a target: a product a rev, an order's record a version."""

    shard: int
    bucket: int
    at: str
    subject: uuid.UUID
    kind: str
    target: int


class Intents:
    """Announces changes, and finds what was announced."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._clock = clock
        self.grown = asyncio.Event()

    def of_product(self, product_id: ProductId, rev: int) -> Statement:
        """Return the write that announces a product's change."""
        return self._announce(uuid.UUID(product_id), PRODUCT, rev)

    def of_order(self, order_id: OrderId, kind: str, version: int) -> Statement:
        """Return the write that announces what an order is to be told."""
        return self._announce(uuid.UUID(order_id), kind, version)

    def _announce(self, subject: uuid.UUID, kind: str, target: int) -> Statement:
        at = self._clock.now()
        bucket = int(at.timestamp()) // BUCKET_SECONDS
        return (_INSERT, (subject.int % SHARDS, bucket, to_text(at), subject, kind, target))

    async def confirm(self, product_id: ProductId, rev: int, began: float) -> None:
        """Wake the relay; announce again what took so long that the intent may be given up."""
        await self._confirm(self.of_product(product_id, rev), began)

    async def confirm_order(self, order_id: OrderId, kind: str, version: int, began: float) -> None:
        """As ``confirm``, for an order."""
        await self._confirm(self.of_order(order_id, kind, version), began)

    async def _confirm(self, statement: Statement, began: float) -> None:
        if self._clock.monotonic() - began > LATE_SECONDS:
            await self._session.write(statement)
        self.grown.set()

    def age(self, intent: Intent) -> float:
        """Return how many seconds ago something was announced."""
        return (self._clock.now() - from_text(intent.at)).total_seconds()

    async def find(self, shard: int, low: int, limit: int) -> list[Intent]:
        """Return intents of a shard from bucket ``low`` on, oldest first."""
        buckets = list(range(low, min(low + WINDOW, self.now_bucket() + 2)))
        rows = await self._session.read(_SELECT, shard, buckets, limit)
        found = [Intent(shard, *row) for row in rows]
        return sorted(found, key=lambda intent: intent.at)[:limit]

    def now_bucket(self) -> int:
        """Return the bucket of this moment."""
        return int(self._clock.now().timestamp()) // BUCKET_SECONDS

    def closed_before(self) -> int:
        """Return the first bucket that may still be written to."""
        return self.now_bucket() - SLACK_SECONDS // BUCKET_SECONDS

    def deletion(self, intent: Intent) -> Statement:
        """Return the write that forgets an intent."""
        place = (intent.shard, intent.bucket, intent.at, intent.subject, intent.kind, intent.target)
        return (_DELETE, place)

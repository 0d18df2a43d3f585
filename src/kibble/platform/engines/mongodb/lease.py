"""A lease: work that one process at a time does, of all that could."""

from __future__ import annotations

from datetime import timedelta

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from kibble.kernel.clock import Clock, to_text
from kibble.platform.engines.mongodb.client import Collection, Document

LIFE = timedelta(seconds=10)
RENEWALS = 5
"""How often a lease is renewed in its life by those who only ask whether they have it."""


class Lease:
    """One document that says who has the lease, until when, and the how manyth holder that is.

    ``token`` grows with each holder: a write that names the token in its condition is refused
    once somebody else has taken over, however long its sender slept.
    """

    def __init__(
        self, leases: Collection, name: str, owner: str, clock: Clock, life: timedelta = LIFE
    ) -> None:
        """``life`` is how long a holder that says nothing more keeps the lease."""
        self.name = name
        self._life = life
        self.token = 0
        self._leases = leases
        self._owner = owner
        self._clock = clock
        self._sure_until = float("-inf")

    async def keep(self) -> bool:
        """Tell whether this process has the lease; it is taken, or renewed in good time."""
        now = self._clock.monotonic()
        if now < self._sure_until:
            return True
        held = await self.hold() is not None
        if held:
            self._sure_until = now + self._life.total_seconds() / RENEWALS
        return held

    async def hold(self) -> Document | None:
        """Take or renew the lease; return its document, or None while somebody else has it."""
        now = self._clock.now()
        mine: Document = {"_id": self.name, "owner": self._owner, "until": {"$gte": to_text(now)}}
        until = to_text(now + self._life)
        held = await self._leases.find_one_and_update(
            mine, {"$set": {"until": until}}, return_document=ReturnDocument.AFTER
        )
        return self._noted(held or await self._take(to_text(now), until))

    async def _take(self, now: str, until: str) -> Document | None:
        """Take the lease when it is free or run out."""
        free: Document = {"_id": self.name, "until": {"$lt": now}}
        take: Document = {"$set": {"owner": self._owner, "until": until}, "$inc": {"token": 1}}
        try:
            return await self._leases.find_one_and_update(
                free, take, upsert=True, return_document=ReturnDocument.AFTER
            )
        except DuplicateKeyError:
            return None

    def _noted(self, document: Document | None) -> Document | None:
        self.token = document["token"] if document else 0
        return document

    @property
    def mine(self) -> Document:
        """The condition that nobody has taken over since ``hold``."""
        return {"_id": self.name, "owner": self._owner, "token": self.token}

    async def release(self) -> None:
        """Let somebody else go on at once."""
        self._sure_until = float("-inf")
        await self._leases.update_one(self.mine, {"$set": {"until": ""}})

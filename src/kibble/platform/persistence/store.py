"""The store port: commits the changes of a use case in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from kibble.platform.persistence.changes import Changes


@dataclass(frozen=True, slots=True)
class StoredReply:
    """An HTTP answer kept under an idempotency key (draft-ietf-httpapi-idempotency-key-header).

    ``key`` is scoped to caller, method and path; ``fingerprint`` identifies the request's body.
    """

    key: str
    fingerprint: str
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class InboxMark:
    """The event that these changes come from: a consumer applies each event id once."""

    consumer: str
    event_id: str


class DuplicateEvent(Exception):
    """The inbox has the event already: its changes are in the store."""


class Store(Protocol):
    """Where a service keeps its state."""

    async def commit(
        self,
        changes: Changes,
        *,
        reply: StoredReply | None = None,
        inbox: InboxMark | None = None,
    ) -> None:
        """Write everything or nothing, durably.

        Raises ``StaleVersion`` when an aggregate or the reply's key changed since it was read,
        ``DuplicateEvent`` when the inbox has the mark, ``Unavailable`` when the store is away.
        """
        ...

    async def find_reply(self, key: str) -> StoredReply | None:
        """Return the answer that is kept under an idempotency key, for 24 hours."""
        ...

"""How what identifies people is kept: whole, beside the few fields that it is found by.

The tables are alike: ``id``, ``lookup`` (unique), ``owner``, ``until`` and the document.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, LiteralString, TypeVar

import msgspec

from kibble.kernel.clock import to_text_or_none
from kibble.services.customer.model import (
    Ceremony,
    Client,
    Erasure,
    Factors,
    Grant,
    Revocation,
    Session,
    StaffMember,
    fold,
)

A = TypeVar("A")

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kept(Generic[A]):
    """How one type is kept in ``table``."""

    table: LiteralString
    type: type[A]
    lookup: Callable[[A], str | None]
    owner: Callable[[A], str | None]
    until: Callable[[A], datetime | None]

    def row(self, aggregate: A) -> Fields:
        """Return the columns of an aggregate, but for its version."""
        document: Fields = msgspec.to_builtins(aggregate)
        del document["version"]
        until = self.until(aggregate)
        return {
            "id": document["id"],
            "lookup": self.lookup(aggregate),
            "owner": self.owner(aggregate),
            "until": to_text_or_none(until),
            "document": document,
        }

    def aggregate(self, document: Mapping[str, Any], version: int) -> A:
        """Return the aggregate of a document at ``version``."""
        return msgspec.convert({**document, "version": version}, self.type)


STAFF: Kept[StaffMember] = Kept(
    "staff", StaffMember, lambda one: fold(one.username), lambda _: None, lambda _: None
)
SESSIONS: Kept[Session] = Kept(
    "sessions",
    Session,
    lambda one: one.handle,
    lambda one: one.account_id,
    lambda one: one.ends_at,
)
REVOCATIONS: Kept[Revocation] = Kept(
    "revocations", Revocation, lambda _: None, lambda _: None, lambda one: one.until
)
FACTORS: Kept[Factors] = Kept("factors", Factors, lambda _: None, lambda _: None, lambda _: None)
CLIENTS: Kept[Client] = Kept("clients", Client, lambda _: None, lambda _: None, lambda _: None)
GRANTS: Kept[Grant] = Kept(
    "grants",
    Grant,
    lambda _: None,
    lambda one: one.account_id,
    lambda one: one.remembered_until,
)
CEREMONIES: Kept[Ceremony] = Kept(
    "ceremonies", Ceremony, lambda _: None, lambda one: one.account_id, lambda one: one.until
)
ERASURES: Kept[Erasure] = Kept(
    "erasures", Erasure, lambda _: None, lambda _: None, lambda one: one.due_at
)
ALL: tuple[Kept[Any], ...] = (
    STAFF,
    SESSIONS,
    REVOCATIONS,
    FACTORS,
    CLIENTS,
    GRANTS,
    CEREMONIES,
    ERASURES,
)
EXPIRING = (SESSIONS, REVOCATIONS, GRANTS, CEREMONIES)
"""What is forgotten once its ``until`` has passed."""

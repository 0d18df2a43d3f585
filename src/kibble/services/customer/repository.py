"""The accounts, their tokens and their sessions: the port that Customer's store implements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from kibble.kernel.ids import CustomerId
from kibble.kernel.paging import Page
from kibble.platform.persistence.store import Store
from kibble.services.customer.model import (
    Ceremony,
    Client,
    Customer,
    Erasure,
    Factors,
    Grant,
    OneTimeToken,
    Revocation,
    Session,
    StaffMember,
)


class CustomerRepository(Store, Protocol):
    """Accounts of customers and staff, held usernames, one-time tokens and sessions.

    No two customers share a username or an e-mail address, nor two members of staff a username,
    whatever their case: a commit that would make them raises ``StaleVersion``.
    """

    async def customer(self, customer_id: CustomerId) -> Customer | None:
        """Return one account."""
        ...

    async def customer_by_username(self, username: str) -> Customer | None:
        """Return the account of a username, in any case."""
        ...

    async def customer_by_email(self, email: str) -> Customer | None:
        """Return the account that an address belongs to, in any case; a proposed one does not."""
        ...

    async def customers(
        self, terms: Sequence[str], limit: int, cursor: str | None
    ) -> Page[Customer]:
        """Return the accounts of which each term begins a word, newest first; all for no term."""
        ...

    async def is_held(self, username: str, now: datetime) -> bool:
        """Tell whether a username is held for nobody."""
        ...

    async def token(self, token_id: str) -> OneTimeToken | None:
        """Return one token, expired ones too."""
        ...

    async def token_by_digest(self, digest: str) -> OneTimeToken | None:
        """Return the token whose secret has this digest."""
        ...

    async def tokens_of(self, customer: Customer) -> list[OneTimeToken]:
        """Return all tokens of an account: its own, and those for its address."""
        ...

    async def staff_member(self, staff_id: str) -> StaffMember | None:
        """Return one member of staff."""
        ...

    async def staff_by_username(self, username: str) -> StaffMember | None:
        """Return the member of staff with a username, in any case."""
        ...

    async def staff(self) -> list[StaffMember]:
        """Return all members of staff, by username."""
        ...

    async def erasure(self, customer_id: CustomerId) -> Erasure | None:
        """Return the erasure of a customer."""
        ...

    async def erasures(self, limit: int) -> list[Erasure]:
        """Return the erasures of the customers who came last, those first."""
        ...

    async def erasures_due(self, now: datetime, limit: int) -> list[Erasure]:
        """Return erasures that are to be looked at by ``now``."""
        ...

    async def factors(self, account_id: str) -> Factors | None:
        """Return an account's second factors."""
        ...

    async def session(self, session_id: str) -> Session | None:
        """Return one session, also one that has ended and was not forgotten yet."""
        ...

    async def client(self, client_id: str) -> Client | None:
        """Return one client of the authorization server."""
        ...

    async def clients(self) -> list[Client]:
        """Return all clients, the oldest first."""
        ...

    async def grant(self, digest: str) -> Grant | None:
        """Return the authorization code with this digest, a used one too."""
        ...

    async def ceremony(self, digest: str) -> Ceremony | None:
        """Return the ceremony of the challenge with this digest, an ended one too."""
        ...

    async def session_by_handle(self, handle: str) -> Session | None:
        """Return the session whose refresh tokens begin with what has this digest."""
        ...

    async def sessions_of(self, account_id: str) -> list[Session]:
        """Return all sessions of an account, ended ones that were not forgotten yet too."""
        ...

    async def revocations(self, now: datetime) -> list[Revocation]:
        """Return all that was revoked and still matters at ``now``."""
        ...

    async def forget_expired(self, now: datetime) -> int:
        """Delete what is past its time; return how much there was.

        That is tokens, sessions, revocations, ceremonies, codes and held usernames.
        """
        ...

"""The accounts and their one-time tokens: the port that Customer's store implements."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from kibble.kernel.ids import CustomerId
from kibble.platform.persistence.store import Store
from kibble.services.customer.model import Customer, OneTimeToken


class CustomerRepository(Store, Protocol):
    """Accounts, held usernames and one-time tokens.

    No two customers share a username or an e-mail address, whatever their case: a commit that
    would make them raises ``StaleVersion``.
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

    async def forget_expired(self, now: datetime) -> int:
        """Delete tokens and held usernames that are past their time; return how many there were."""
        ...

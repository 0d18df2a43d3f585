"""Passwords, and links that prove that somebody reads a mailbox."""

from __future__ import annotations

from datetime import datetime

from kibble.contracts.customer import CustomerUpdated, OneTimeLink
from kibble.kernel.clock import Clock
from kibble.kernel.ids import CustomerId, IdSource, Randomness
from kibble.platform.persistence.changes import Changes, Outcome, unchanged
from kibble.services.customer.errors import TokenRefused
from kibble.services.customer.integration import PasswordHasher
from kibble.services.customer.model import (
    Customer,
    OneTimeToken,
    PasswordPolicy,
    Purpose,
    digest_of,
    new_secret,
)
from kibble.services.customer.repository import CustomerRepository
from kibble.services.customer.service.messages import ask_for_proof, tell


class CredentialService:
    """Checks and changes what proves who somebody is; a stranger learns nothing from it."""

    def __init__(
        self,
        customers: CustomerRepository,
        hasher: PasswordHasher,
        policy: PasswordPolicy,
        *,
        clock: Clock,
        ids: IdSource,
        randomness: Randomness,
    ) -> None:
        self._customers = customers
        self._hasher = hasher
        self._policy = policy
        self._clock = clock
        self._ids = ids
        self._randomness = randomness

    async def check_password(self, name: str, password: str) -> Outcome[CustomerId | None]:
        """Return whose username or e-mail address and password these are; None for any other pair.

        It takes as long for an unknown name as for a wrong password. A hash with outdated settings
        is renewed. Raises ``Unavailable`` under a flood.
        """
        customer = await self._customers.customer_by_username(name)
        if customer is None:
            customer = await self._customers.customer_by_email(name)
        known_hash = customer.password_hash if customer else None
        if not await self._hasher.verify(known_hash, password) or customer is None:
            return unchanged(None)
        changes = Changes()
        if self._hasher.is_outdated(customer.password_hash):
            customer.rehash(await self._hasher.hash(password))
            changes.save(customer)
        return Outcome(customer.id, changes)

    async def request_password_reset(self, email: str) -> Outcome[None]:
        """Mail a link to set a new password to ``email``, if an account has it."""
        customer = await self._customers.customer_by_email(email)
        return self._ask(Purpose.PASSWORD_RESET, email, customer)

    async def request_verification(self, email: str) -> Outcome[None]:
        """Mail a link to prove ``email``, if an account has it and has not proven it yet."""
        customer = await self._customers.customer_by_email(email)
        if customer is not None and customer.email_verified_at is not None:
            customer = None
        return self._ask(Purpose.VERIFY_EMAIL, email, customer)

    def _ask(self, purpose: Purpose, email: str, customer: Customer | None) -> Outcome[None]:
        token = OneTimeToken.ask(
            self._ids.new(),
            purpose,
            customer.email if customer else email,
            self._clock.now(),
            customer_id=customer.id if customer else None,
        )
        changes = Changes()
        ask_for_proof(changes, token)
        return Outcome(None, changes)

    async def mint(self, token_id: str) -> Outcome[OneTimeLink | None]:
        """Make the secret of a token, for its mail; None when the token is used or expired.

        Only its digest is kept, so a second call makes another secret, and the first is void.
        """
        token = await self._customers.token(token_id)
        if token is None or not token.is_live(self._clock.now()):
            return unchanged(None)
        secret = new_secret(self._randomness)
        token.mint(digest_of(secret))
        changes = Changes()
        changes.save(token)
        return Outcome(OneTimeLink(token=secret, email=token.email), changes)

    async def reset_password(self, secret: str, password: str) -> Outcome[None]:
        """Set a new password, which ends all sessions and voids all other links to do so.

        Raises ``TokenRefused``, ``PasswordRefused``, and ``Unavailable`` under a flood.
        """
        now = self._clock.now()
        customer, changes = await self._redeem(secret, Purpose.PASSWORD_RESET, now)
        self._policy.check(password, customer.username, customer.email)
        customer.change_password(await self._hasher.hash(password), now)
        self._save(customer, changes)
        tell(changes, customer, "password_changed", self._ids.new())
        return Outcome(None, changes)

    async def verify_email(self, secret: str) -> Outcome[None]:
        """Note that the customer reads the mailbox; a proposed address becomes the account's.

        Raises ``TokenRefused``, also when another account proved the address first.
        """
        customer, changes = await self._redeem(secret, Purpose.VERIFY_EMAIL, self._clock.now())
        self._save(customer, changes)
        return Outcome(None, changes)

    async def _redeem(
        self, secret: str, purpose: Purpose, now: datetime
    ) -> tuple[Customer, Changes]:
        """Return the token's customer, whose mailbox is now proven, and the use of the token."""
        token = await self._customers.token_by_digest(digest_of(secret))
        if token is None:
            raise TokenRefused
        customer = await self._customers.customer(token.redeem(purpose, now))
        owner = await self._customers.customer_by_email(token.email)
        if customer is None or (owner is not None and owner.id != customer.id):
            raise TokenRefused
        customer.prove_email(token.email, now)
        changes = Changes()
        for other in await self._customers.tokens_of(customer.id):
            if other.purpose is purpose:
                changes.remove(other)
        return customer, changes

    def _save(self, customer: Customer, changes: Changes) -> None:
        changes.save(customer)
        changes.publish(CustomerUpdated(customer_id=customer.id), sequence=customer.version)

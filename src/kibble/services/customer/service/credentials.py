"""Passwords, and links that prove that somebody reads a mailbox."""

from __future__ import annotations

from datetime import datetime

from kibble.contracts.customer import CustomerUpdated, OneTimeLink
from kibble.kernel.clock import Clock
from kibble.kernel.errors import InvalidInput
from kibble.kernel.ids import IdSource, Randomness
from kibble.kernel.languages import Language
from kibble.platform.persistence.changes import Changes, Outcome
from kibble.services.customer.errors import AccountNotFound, TokenRefused
from kibble.services.customer.integration import PasswordHasher, Throttle
from kibble.services.customer.model import (
    Customer,
    OneTimeToken,
    PasswordPolicy,
    Purpose,
    Tried,
    digest_of,
    new_secret,
)
from kibble.services.customer.repository import CustomerRepository
from kibble.services.customer.service.identities import Identities, Identity
from kibble.services.customer.service.messages import ask_for_proof, tell, warn_owner
from kibble.services.customer.service.sessions import SessionService


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
        identities: Identities,
        sessions: SessionService,
        throttle: Throttle,
    ) -> None:
        self._customers = customers
        self._hasher = hasher
        self._policy = policy
        self._clock = clock
        self._ids = ids
        self._randomness = randomness
        self._identities = identities
        self._sessions = sessions
        self._throttle = throttle

    async def ask_for_link(self, purpose: Purpose, email: str, language: Language) -> Outcome[None]:
        """Mail a one-time link to ``email``, should an account have it and need the link.

        Nothing is looked up here, so that nothing can be told from the answer or its time; hence
        ``language``, which is that of whoever asks.
        """
        changes = Changes()
        token = OneTimeToken.ask(self._ids.new(), purpose, email, self._clock.now())
        ask_for_proof(changes, token, language)
        return Outcome(None, changes)

    async def mint(self, token_id: str) -> Outcome[OneTimeLink | None]:
        """Make the secret of a token, for its mail; None when there is nobody to mail it to.

        Only its digest is kept, so a second call makes another secret, and the first is void. An
        address that another account proposes is warned instead.
        """
        now = self._clock.now()
        changes = Changes()
        token = await self._customers.token(token_id)
        if token is None or not token.is_live(now):
            return Outcome(None, changes)
        customer = await self._account(token)
        if customer is None:
            await self._warn_of_proposal(token, changes, now)
            return Outcome(None, changes)
        if token.purpose is Purpose.VERIFY_EMAIL and not customer.needs_proof(token.email):
            return Outcome(None, changes)
        secret = new_secret(self._randomness)
        token.mint(digest_of(secret))
        changes.save(token)
        return Outcome(OneTimeLink(token=secret, email=customer.spelled(token.email)), changes)

    async def _account(self, token: OneTimeToken) -> Customer | None:
        """Return the account that the token is for; None when there is none, or no longer."""
        owner = await self._customers.customer_by_email(token.email)
        if token.customer_id is None:
            return owner
        if owner is not None and owner.id != token.customer_id:
            return None
        return await self._customers.customer(token.customer_id)

    async def _warn_of_proposal(self, token: OneTimeToken, changes: Changes, now: datetime) -> None:
        owner = await self._customers.customer_by_email(token.email)
        if owner is not None:
            warn_owner(changes, owner, now)

    async def reset_password(self, secret: str, password: str) -> Outcome[None]:
        """Set a new password, which ends all sessions and voids all other links to do so.

        Raises ``TokenRefused``, ``PasswordRefused``, and ``Unavailable`` under a flood.
        """
        now = self._clock.now()
        customer, changes = await self._redeem(secret, Purpose.PASSWORD_RESET, now)
        self._policy.check(password, customer.username, customer.email)
        customer.change_password(await self._hasher.hash(password), now)
        self._save(customer, changes)
        await self._sessions.end_all(customer.id, changes)
        await self._throttle.forget(customer.id)
        tell(changes, customer, "password_changed", self._ids.new())
        return Outcome(None, changes)

    async def change_password(
        self, account_id: str, current: str, password: str, session_id: str | None
    ) -> Outcome[None]:
        """Set a new password for who knows the present one; all sessions but this one end.

        Raises ``AccountNotFound``, ``PasswordRefused``, ``TooManyTries``, ``InvalidInput`` for a
        wrong present password, and ``Unavailable`` under a flood.
        """
        identity = await self._identities.with_id(account_id)
        if identity is None:
            raise AccountNotFound
        await self._require_password(identity, current)
        account, now = identity.account, self._clock.now()
        email = account.email if isinstance(account, Customer) else account.username
        self._policy.check(password, account.username, email)
        password_hash = await self._hasher.hash(password)
        changes = Changes()
        if isinstance(account, Customer):
            account.change_password(password_hash, now)
            self._save(account, changes)
            tell(changes, account, "password_changed", self._ids.new())
        else:
            account.change_password(password_hash, now, handed_out=False)
            changes.save(account)
        await self._sessions.end_all(account_id, changes, but=session_id)
        return Outcome(None, changes)

    async def _require_password(self, identity: Identity, password: str) -> None:
        """Count a try at the present password like one to sign in."""
        tried = Tried(identity.id, "")
        await self._throttle.begin(tried)
        if not await self._hasher.verify(identity.account.password_hash, password):
            raise InvalidInput.at("/current", "is not the present password")
        await self._throttle.undo(tried)

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
        token.redeem(purpose, now)
        customer = await self._account(token)
        if customer is None:
            raise TokenRefused
        changes = Changes()
        for other in await self._customers.tokens_of(customer):
            if other.purpose is purpose:
                changes.remove(other)
        customer.prove_email(token.email, now)
        return customer, changes

    def _save(self, customer: Customer, changes: Changes) -> None:
        changes.save(customer)
        changes.publish(CustomerUpdated(customer_id=customer.id), sequence=customer.version)

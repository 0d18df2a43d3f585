"""Opening, reading, editing, exporting and erasing accounts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from kibble.contracts.customer import CustomerRegistered, CustomerUpdated
from kibble.kernel.clock import Clock
from kibble.kernel.ids import CustomerId, IdSource
from kibble.kernel.paging import Page
from kibble.kernel.words import terms
from kibble.platform.persistence.changes import Changes, Outcome, unchanged
from kibble.services.customer.errors import CustomerNotFound, UsernameTaken
from kibble.services.customer.integration import PasswordHasher, PersonalData
from kibble.services.customer.model import (
    Customer,
    Factors,
    HeldUsername,
    OneTimeToken,
    PasswordPolicy,
    Preferences,
    Profile,
    Purpose,
    Session,
    fold,
)
from kibble.services.customer.repository import CustomerRepository
from kibble.services.customer.service.erasures import ErasureService
from kibble.services.customer.service.messages import ask_for_proof, tell, warn_owner
from kibble.services.customer.service.sessions import SessionService


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What a customer wants the account to be."""

    username: str
    email: str
    profile: Profile


@dataclass(frozen=True, slots=True)
class Export:
    """All that is known about a customer: here, and by each neighbour's name."""

    customer: Customer
    sessions: Sequence[Session]
    factors: Factors | None
    neighbours: Mapping[str, Mapping[str, Sequence[object]]]
    made_at: datetime


class CustomerService:
    """Keeps the accounts."""

    def __init__(
        self,
        customers: CustomerRepository,
        hasher: PasswordHasher,
        policy: PasswordPolicy,
        *,
        clock: Clock,
        ids: IdSource,
        neighbours: Sequence[PersonalData],
        sessions: SessionService,
        erasures: ErasureService,
    ) -> None:
        """``neighbours`` are asked at each export: the list may still grow."""
        self._customers = customers
        self._hasher = hasher
        self._policy = policy
        self._clock = clock
        self._ids = ids
        self._neighbours = neighbours
        self._sessions = sessions
        self._erasures = erasures

    async def find(self, text: str, limit: int, cursor: str | None) -> Page[Customer]:
        """Return the accounts that ``text`` finds, newest first; all of them for no text."""
        return await self._customers.customers(terms(text), limit, cursor)

    async def register(
        self, username: str, email: str, password: str, profile: Profile
    ) -> Outcome[Customer]:
        """Open an account, or seem to when the e-mail address has one: its owner is told instead.

        Both cost the same and answer the same. Raises ``UsernameTaken``, ``PasswordRefused``, and
        ``Unavailable`` under a flood.
        """
        self._policy.check(password, username, email)
        now = self._clock.now()
        await self._require_free(username, now)
        password_hash = await self._hasher.hash(password)
        customer = Customer.register(
            CustomerId(self._ids.new()),
            username=username,
            email=email,
            password_hash=password_hash,
            profile=profile,
            now=now,
        )
        owner = await self._customers.customer_by_email(email)
        if owner is None:
            return Outcome(customer, self._open(customer, now))
        return Outcome(customer, self._pretend(customer, owner, now))

    def _open(self, customer: Customer, now: datetime) -> Changes:
        changes = Changes()
        changes.save(customer)
        registered = CustomerRegistered(
            customer_id=customer.id, **_moved(Preferences(), customer.profile.preferences)
        )
        changes.publish(registered, sequence=customer.version)
        tell(changes, customer, "welcome", self._ids.new())
        self._ask_for_proof(changes, customer, customer.email, now)
        return changes

    def _pretend(self, customer: Customer, owner: Customer, now: datetime) -> Changes:
        changes = Changes()
        changes.save(HeldUsername.hold(customer.id, customer.username, now))
        customer.version += 1
        warn_owner(changes, owner, now)
        return changes

    async def customer(self, customer_id: CustomerId) -> Customer:
        """Return one account; raises ``CustomerNotFound``."""
        customer = await self._customers.customer(customer_id)
        if customer is None:
            raise CustomerNotFound
        return customer

    async def revise(
        self, customer_id: CustomerId, edit: Callable[[Customer], Edit]
    ) -> Outcome[Customer]:
        """Make an account what ``edit`` says of its present state.

        A new e-mail address counts once it is proven; whether it is anybody's is not told.
        Raises ``CustomerNotFound``, ``UsernameTaken``, and whatever ``edit`` raises.
        """
        customer = await self.customer(customer_id)
        wanted = edit(customer)
        now = self._clock.now()
        if fold(wanted.username) != fold(customer.username):
            await self._require_free(wanted.username, now)
        before = customer.profile.preferences
        changed = customer.revise(wanted.username, wanted.profile, now)
        proposed = customer.propose_email(wanted.email, now)
        if not (changed or proposed):
            return unchanged(customer)
        changes = Changes()
        changes.save(customer)
        updated = CustomerUpdated(
            customer_id=customer.id, **_moved(before, customer.profile.preferences)
        )
        changes.publish(updated, sequence=customer.version)
        if proposed:
            tell(changes, customer, "email_changing", self._ids.new())
            self._ask_for_proof(changes, customer, wanted.email, now)
        return Outcome(customer, changes)

    async def erase(self, customer_id: CustomerId) -> Outcome[None]:
        """Forget a customer, and have the neighbours forget. Raises ``CustomerNotFound``."""
        customer = await self.customer(customer_id)
        changes = Changes()
        changes.remove(customer)
        tokens = await self._customers.tokens_of(customer)
        for token in tokens:
            changes.remove(token)
        sessions = await self._customers.sessions_of(customer_id)
        for session in sessions:
            self._sessions.end(session, changes)
        if (factors := await self._customers.factors(customer_id)) is not None:
            changes.remove(factors)
        own = {"account": 1, "tokens": len(tokens), "sessions": len(sessions)}
        await self._erasures.begin(customer, own, changes)
        return Outcome(None, changes)

    async def export(self, customer_id: CustomerId) -> Export:
        """Return all personal data of a customer, or nothing at all.

        Raises ``CustomerNotFound``, and ``Unavailable`` when a neighbour cannot answer.
        """
        customer = await self.customer(customer_id)
        parts = {
            neighbour.name: await neighbour.export(customer_id) for neighbour in self._neighbours
        }
        return Export(
            customer,
            await self._customers.sessions_of(customer_id),
            await self._customers.factors(customer_id),
            parts,
            self._clock.now(),
        )

    async def forget_expired(self) -> int:
        """Delete tokens and held usernames that are past their time."""
        return await self._customers.forget_expired(self._clock.now())

    async def _require_free(self, username: str, now: datetime) -> None:
        taken = await self._customers.customer_by_username(username) is not None
        taken = taken or await self._customers.staff_by_username(username) is not None
        if taken or await self._customers.is_held(username, now):
            raise UsernameTaken(username)

    def _ask_for_proof(
        self, changes: Changes, customer: Customer, email: str, now: datetime
    ) -> None:
        token = OneTimeToken.ask(
            self._ids.new(), Purpose.VERIFY_EMAIL, email, now, customer_id=customer.id
        )
        ask_for_proof(changes, token, customer.profile.preferences.language)


def _moved(before: Preferences, after: Preferences) -> dict[str, Any]:
    """Return the preferences as events tell them: None for one that did not move."""
    was, now = asdict(before), asdict(after)
    return {name: None if value == was[name] else value for name, value in now.items()}

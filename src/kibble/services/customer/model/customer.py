"""The customer's account: who it is, how to reach them, and what they told about their pets.

Every field of ``Customer`` and of what is inside it is personal data, except the few that
``NOT_PERSONAL`` names: the export shows all that is personal, and a test keeps it so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from kibble.kernel.ids import CustomerId
from kibble.kernel.languages import FALLBACK, Language
from kibble.kernel.personal import Personal, Secret
from kibble.services.customer.errors import TokenRefused
from kibble.services.customer.model.identity import Phone, fold

NOT_PERSONAL = frozenset({"version", "password_hash", "credentials_changed_at"})
"""Technical fields: the store's version, and what guards the account rather than describes it."""

HOLD = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address; ``zip_code`` as its country writes it."""

    street: Personal[str]
    city: Personal[str]
    state: Personal[str]
    zip_code: Personal[str]
    name: Personal[str | None] = None
    street2: Personal[str | None] = None
    country: Personal[str] = "US"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pet:
    """A pet of the household."""

    name: Personal[str]
    species: Personal[str]
    breed: Personal[str | None] = None
    birthday: Personal[date | None] = None
    weight_grams: Personal[int | None] = None
    allergies: Personal[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """The customer's switches for messages by e-mail and by SMS, and their language."""

    email_notifications: Personal[bool] = True
    sms_notifications: Personal[bool] = False
    language: Language = FALLBACK


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What customers edit freely: ``address`` is the usual one, ``addresses`` the address book."""

    name: Personal[str | None] = None
    address: Address | None = None
    addresses: tuple[Address, ...] = ()
    phone: Phone | None = None
    preferences: Preferences = field(default_factory=Preferences)
    pets: tuple[Pet, ...] = ()


@dataclass(slots=True, kw_only=True)
class Customer:
    """One account.

    ``email`` is where messages go; ``pending_email`` is an address that its owner has yet to prove.
    A session that began before ``credentials_changed_at`` is no longer valid.
    """

    id: CustomerId
    username: Personal[str]
    email: Personal[str]
    password_hash: Secret[str]
    profile: Profile
    created_at: datetime
    updated_at: datetime
    credentials_changed_at: datetime
    email_verified_at: Personal[datetime | None] = None
    pending_email: Personal[str | None] = None
    version: int = 0

    @classmethod
    def register(
        cls,
        customer_id: CustomerId,
        *,
        username: str,
        email: str,
        password_hash: str,
        profile: Profile,
        now: datetime,
    ) -> Customer:
        """Open an account; its e-mail address is not proven yet."""
        return cls(
            id=customer_id,
            username=username,
            email=email,
            password_hash=password_hash,
            profile=profile,
            created_at=now,
            updated_at=now,
            credentials_changed_at=now,
        )

    @property
    def display_name(self) -> str:
        """How to address the customer."""
        return self.profile.name or self.username

    def revise(self, username: str, profile: Profile, now: datetime) -> bool:
        """Take a new username and profile; tell whether anything changed."""
        if (username, profile) == (self.username, self.profile):
            return False
        self.username, self.profile, self.updated_at = username, profile, now
        return True

    def propose_email(self, email: str, now: datetime) -> bool:
        """Note an address that is still to be proven; tell whether its owner must be asked.

        The present address changes nothing; the same proposal again asks again.
        """
        if fold(email) == fold(self.email):
            return False
        self.pending_email, self.updated_at = email, now
        return True

    def spelled(self, email: str) -> str:
        """Return an address as the account spells it, whatever case it was asked for in."""
        return self.email if fold(email) == fold(self.email) else email

    def needs_proof(self, email: str) -> bool:
        """Tell whether ``email`` is the account's, or proposed, and nobody has proven it."""
        if fold(email) == fold(self.email):
            return self.email_verified_at is None
        return self.pending_email is not None and fold(email) == fold(self.pending_email)

    def prove_email(self, email: str, now: datetime) -> bool:
        """Note that the customer reads the mailbox ``email``; tell whether the address changed.

        Raises ``TokenRefused`` when the account no longer goes by the address.
        """
        if fold(email) == fold(self.email):
            self.email_verified_at = self.email_verified_at or now
            return False
        if self.pending_email is None or fold(email) != fold(self.pending_email):
            raise TokenRefused
        self.email, self.pending_email = email, None
        self.email_verified_at = self.updated_at = now
        return True

    def change_password(self, password_hash: str, now: datetime) -> None:
        """Take a new password, which ends all sessions."""
        self.password_hash = password_hash
        self.updated_at = self.credentials_changed_at = now

    def rehash(self, password_hash: str) -> None:
        """Keep the same password in a stronger form."""
        self.password_hash = password_hash


@dataclass(slots=True, kw_only=True)
class HeldUsername:
    """A username that a registration with somebody else's e-mail address seemed to get.

    It is held for a day, so that asking for it again is answered as after a true registration.
    """

    id: CustomerId
    username: Personal[str]
    until: datetime
    version: int = 0

    @classmethod
    def hold(cls, customer_id: CustomerId, username: str, now: datetime) -> HeldUsername:
        """Hold ``username`` for a day for an account that does not exist."""
        return cls(id=customer_id, username=username, until=now + HOLD)

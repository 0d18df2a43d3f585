"""An account as a document, in the owner's shape; SQLite keeps it as JSON, MongoDB as it is."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from kibble.kernel.ids import CustomerId
from kibble.kernel.languages import FALLBACK, Language
from kibble.services.customer.model import Address, Customer, Pet, Phone, Preferences, Profile


class AddressDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """A postal address."""

    street: str
    city: str
    state: str
    zipcode: str
    name: str | None = None
    street2: str | None = None
    country: str = "US"

    @classmethod
    def of(cls, address: Address) -> AddressDocument:
        """Return the document of ``address``."""
        return cls(
            address.street,
            address.city,
            address.state,
            address.zip_code,
            address.name,
            address.street2,
            address.country,
        )

    def address(self) -> Address:
        """Return the address."""
        return Address(
            street=self.street,
            city=self.city,
            state=self.state,
            zip_code=self.zipcode,
            name=self.name,
            street2=self.street2,
            country=self.country,
        )


class PreferencesDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """The switches for messages, and their language."""

    email_notifications: bool
    sms_notifications: bool
    language: Language = FALLBACK


class PetDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """A pet."""

    name: str
    species: str
    breed: str | None = None
    birthday: date | None = None
    weight_grams: int | None = None
    allergies: tuple[str, ...] = ()


class CustomerDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An account; the fields of the owner's schema come first, under his names."""

    customer_id: str
    name: str | None = None
    email: str
    address: AddressDocument | None = None
    phone: str | None = None
    preferences: PreferencesDocument
    phone_e164: str | None = None
    addresses: tuple[AddressDocument, ...] = ()
    pets: tuple[PetDocument, ...] = ()
    username: str
    password_hash: str
    created_at: datetime
    updated_at: datetime
    credentials_changed_at: datetime
    email_verified_at: datetime | None = None
    pending_email: str | None = None

    @classmethod
    def of(cls, customer: Customer) -> CustomerDocument:
        """Return the document of ``customer``; its version is kept beside it."""
        profile = customer.profile
        return cls(
            customer_id=customer.id,
            name=profile.name,
            email=customer.email,
            address=AddressDocument.of(profile.address) if profile.address else None,
            phone=profile.phone.given if profile.phone else None,
            preferences=msgspec.convert(
                profile.preferences, PreferencesDocument, from_attributes=True
            ),
            phone_e164=profile.phone.e164 if profile.phone else None,
            addresses=tuple(AddressDocument.of(address) for address in profile.addresses),
            pets=msgspec.convert(profile.pets, tuple[PetDocument, ...], from_attributes=True),
            username=customer.username,
            password_hash=customer.password_hash,
            created_at=customer.created_at,
            updated_at=customer.updated_at,
            credentials_changed_at=customer.credentials_changed_at,
            email_verified_at=customer.email_verified_at,
            pending_email=customer.pending_email,
        )

    def customer(self, version: int) -> Customer:
        """Return the account at ``version``."""
        return Customer(
            id=CustomerId(self.customer_id),
            username=self.username,
            email=self.email,
            password_hash=self.password_hash,
            profile=self._profile(),
            created_at=self.created_at,
            updated_at=self.updated_at,
            credentials_changed_at=self.credentials_changed_at,
            email_verified_at=self.email_verified_at,
            pending_email=self.pending_email,
            version=version,
        )

    def _profile(self) -> Profile:
        return Profile(
            name=self.name,
            address=self.address.address() if self.address else None,
            addresses=tuple(address.address() for address in self.addresses),
            phone=Phone(self.phone, self.phone_e164) if self.phone else None,
            preferences=msgspec.convert(self.preferences, Preferences, from_attributes=True),
            pets=msgspec.convert(self.pets, tuple[Pet, ...], from_attributes=True),
        )

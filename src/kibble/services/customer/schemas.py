"""What Customer's API takes and answers."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any, Literal, cast

import msgspec

from kibble.contracts.address import Address
from kibble.services.customer import model
from kibble.services.customer.model import (
    EMAIL_PATTERN,
    MAX_EMAIL,
    MAX_PASSWORD,
    MIN_PASSWORD,
    PHONE_PATTERN,
    USERNAME_PATTERN,
    Customer,
    Phone,
    Profile,
    StaffMember,
)
from kibble.services.customer.service import Edit, Export

Username = Annotated[str, msgspec.Meta(pattern=USERNAME_PATTERN, examples=["johndoe"])]
Email = Annotated[
    str, msgspec.Meta(pattern=EMAIL_PATTERN, max_length=MAX_EMAIL, examples=["johndoe@example.com"])
]
Password = Annotated[str, msgspec.Meta(min_length=MIN_PASSWORD, max_length=MAX_PASSWORD)]
PhoneNumber = Annotated[str, msgspec.Meta(pattern=PHONE_PATTERN, examples=["123-456-7890"])]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=50)]
Secret = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Json = dict[str, object]
Addresses = Annotated[list[Address], msgspec.Meta(max_length=20)]


class Request(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The base of what is taken: unknown fields are refused."""


class Answer(msgspec.Struct, frozen=True, rename="camel"):
    """The base of what is answered."""


class PreferencesBody(Request, frozen=True):
    """The switches for messages by e-mail and SMS."""

    email_notifications: bool = True
    sms_notifications: bool = False


class PetBody(Request, frozen=True, omit_defaults=True):
    """A pet of the household."""

    name: Word
    species: Word
    breed: Name | None = None
    birthday: date | None = None
    weight_grams: Annotated[int, msgspec.Meta(ge=1, le=2_000_000)] | None = None
    allergies: Annotated[list[Name], msgspec.Meta(max_length=20)] = []


class ProfileBody(Request, frozen=True, kw_only=True):
    """What customers edit freely."""

    name: Name | None = None
    address: Address | None = None
    addresses: Addresses = []
    phone: PhoneNumber | None = None
    preferences: PreferencesBody = PreferencesBody()
    pets: Annotated[list[PetBody], msgspec.Meta(max_length=50)] = []

    def profile(self) -> Profile:
        """Return the profile."""
        return Profile(
            name=self.name,
            address=_to_model(self.address) if self.address else None,
            addresses=tuple(_to_model(address) for address in self.addresses),
            phone=Phone.read(self.phone) if self.phone else None,
            preferences=msgspec.convert(self.preferences, model.Preferences, from_attributes=True),
            pets=msgspec.convert(self.pets, tuple[model.Pet, ...], from_attributes=True),
        )


class Register(ProfileBody, frozen=True, kw_only=True):
    """A new account."""

    username: Username
    email: Email
    password: Password


class EditCustomer(ProfileBody, frozen=True, kw_only=True):
    """An account's new state; what is left out is emptied."""

    username: Username
    email: Email

    @classmethod
    def of(cls, customer: Customer) -> EditCustomer:
        """Return the present state."""
        return cls(
            username=customer.username, email=customer.email, **_profile_fields(customer.profile)
        )

    def edit(self) -> Edit:
        """Return what the customer wants."""
        return Edit(username=self.username, email=self.email, profile=self.profile())


class AddressPatch(Request, frozen=True, omit_defaults=True):
    """Changes of an address; null takes a field away."""

    street: str | msgspec.UnsetType = msgspec.UNSET
    city: str | msgspec.UnsetType = msgspec.UNSET
    state: str | msgspec.UnsetType = msgspec.UNSET
    zip_code: str | msgspec.UnsetType = msgspec.UNSET
    name: str | msgspec.UnsetType | None = msgspec.UNSET
    street2: str | msgspec.UnsetType | None = msgspec.UNSET
    country: str | msgspec.UnsetType | None = msgspec.UNSET


class PreferencesPatch(Request, frozen=True, omit_defaults=True):
    """Changes of the switches; null sets one back to its default."""

    email_notifications: bool | msgspec.UnsetType | None = msgspec.UNSET
    sms_notifications: bool | msgspec.UnsetType | None = msgspec.UNSET


class PatchCustomer(Request, frozen=True, omit_defaults=True):
    """Changes of an account, as a JSON Merge Patch (RFC 7396): null empties, lists are replaced."""

    username: Username | msgspec.UnsetType = msgspec.UNSET
    email: Email | msgspec.UnsetType = msgspec.UNSET
    name: Name | msgspec.UnsetType | None = msgspec.UNSET
    address: AddressPatch | msgspec.UnsetType | None = msgspec.UNSET
    addresses: Addresses | msgspec.UnsetType | None = msgspec.UNSET
    phone: PhoneNumber | msgspec.UnsetType | None = msgspec.UNSET
    preferences: PreferencesPatch | msgspec.UnsetType | None = msgspec.UNSET
    pets: Annotated[list[PetBody], msgspec.Meta(max_length=50)] | msgspec.UnsetType | None = (
        msgspec.UNSET
    )

    def applied_to(self, customer: Customer) -> object:
        """Return the account's state with the changes, as JSON that is not checked yet."""
        return _merge(msgspec.to_builtins(EditCustomer.of(customer)), msgspec.to_builtins(self))


class PasswordReset(Request, frozen=True, kw_only=True):
    """Either ``email`` alone asks for a link, or ``token`` and ``password`` use one."""

    email: Email | None = None
    token: Secret | None = None
    password: Password | None = None


class EmailVerification(Request, frozen=True, kw_only=True):
    """Either ``email`` asks for a link, or ``token`` uses one."""

    email: Email | None = None
    token: Secret | None = None


class Accepted(Answer, frozen=True):
    """It will be done; the same whether there is anything to do or not."""

    message: str


class CustomerView(Answer, frozen=True, kw_only=True):
    """An account as its owner sees it; the owner's fields first."""

    id: str
    username: str
    email: str
    address: Address | None
    phone: str | None
    created_at: datetime
    updated_at: datetime
    name: str | None
    addresses: list[Address]
    preferences: PreferencesBody
    pets: list[PetBody]
    email_verified: bool
    pending_email: str | None

    @classmethod
    def of(cls, customer: Customer) -> CustomerView:
        """Return the view of ``customer``."""
        return cls(
            id=customer.id,
            username=customer.username,
            email=customer.email,
            created_at=customer.created_at,
            updated_at=customer.updated_at,
            email_verified=customer.email_verified_at is not None,
            pending_email=customer.pending_email,
            **_profile_fields(customer.profile),
        )


class ExportedCustomer(CustomerView, frozen=True, kw_only=True):
    """All that this service knows about a customer, but for the password's hash."""

    phone_e164: str | None
    email_verified_at: datetime | None


class ExportView(Answer, frozen=True, kw_only=True):
    """All personal data of a customer; ``services`` holds the other services' parts by name."""

    exported_at: datetime
    customer: ExportedCustomer
    services: dict[str, dict[str, Any]]

    @classmethod
    def of(cls, export: Export) -> ExportView:
        """Return the view of ``export``."""
        customer = export.customer
        phone = customer.profile.phone
        return cls(
            exported_at=export.made_at,
            customer=ExportedCustomer(
                **msgspec.structs.asdict(CustomerView.of(customer)),
                phone_e164=phone.e164 if phone else None,
                email_verified_at=customer.email_verified_at,
            ),
            services={name: dict(part) for name, part in export.neighbours.items()},
        )


def _profile_fields(profile: Profile) -> dict[str, Any]:
    return {
        "name": profile.name,
        "address": _from_model(profile.address) if profile.address else None,
        "addresses": [_from_model(address) for address in profile.addresses],
        "phone": profile.phone.given if profile.phone else None,
        "preferences": msgspec.convert(profile.preferences, PreferencesBody, from_attributes=True),
        "pets": msgspec.convert(profile.pets, list[PetBody], from_attributes=True),
    }


def _to_model(address: Address) -> model.Address:
    return model.Address(**msgspec.structs.asdict(address))


def _from_model(address: model.Address) -> Address:
    return Address(**asdict(address))


def _merge(target: object, patch: object) -> object:
    """Return ``target`` with a merge patch applied (RFC 7396, section 2)."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(cast("Json", target)) if isinstance(target, dict) else {}
    for name, value in cast("Json", patch).items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _merge(merged.get(name), value)
    return merged


Role = Literal["support", "merchandiser", "warehouse", "finance", "admin"]
Roles = Annotated[list[Role], msgspec.Meta(min_length=1, max_length=5)]


class HireStaff(Request, frozen=True, kw_only=True):
    """A new member of staff; without a password one is made and shown once."""

    username: Username
    roles: Roles
    name: Name | None = None
    password: Password | None = None


class ChangeStaff(Request, frozen=True, kw_only=True):
    """Changes of a member of staff; each of them ends the member's sessions."""

    roles: Roles | None = None
    disabled: bool | None = None
    new_password: bool = False


class StaffView(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A member of staff; ``password`` is there once, when it was made for them."""

    id: str
    username: str
    name: str
    roles: list[str]
    disabled: bool
    must_change_password: bool
    created_at: datetime
    updated_at: datetime
    password: str | None = None

    @classmethod
    def of(cls, member: StaffMember, password: str | None = None) -> StaffView:
        """Return the view of ``member``."""
        return cls(
            id=member.id,
            username=member.username,
            name=member.name,
            roles=list(member.roles),
            disabled=member.disabled,
            must_change_password=member.must_change_password,
            created_at=member.created_at,
            updated_at=member.updated_at,
            password=password,
        )

"""What Customer's API takes and answers."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any, Literal, Self, cast

import msgspec

from kibble.contracts.address import Address
from kibble.contracts.email import Email
from kibble.kernel.languages import FALLBACK, Language
from kibble.kernel.paging import DEFAULT_LIMIT, MAX_LIMIT
from kibble.kernel.personal import Personal
from kibble.platform.web.json import Instant
from kibble.services.customer import model
from kibble.services.customer.model import (
    MAX_PASSWORD,
    MIN_PASSWORD,
    PHONE_PATTERN,
    USERNAME_PATTERN,
    Client,
    Customer,
    Erasure,
    Factors,
    Passkey,
    Phone,
    Profile,
    Session,
    StaffMember,
)
from kibble.services.customer.service import Edit, Export

Username = Annotated[
    str,
    msgspec.Meta(
        pattern=USERNAME_PATTERN,
        description="3 to 50 letters, digits, dots, underscores and hyphens",
        examples=["johndoe"],
    ),
]
Password = Annotated[str, msgspec.Meta(min_length=MIN_PASSWORD, max_length=MAX_PASSWORD)]
PhoneNumber = Annotated[
    str,
    msgspec.Meta(
        pattern=PHONE_PATTERN,
        description="a phone number, such as 123-456-7890",
        examples=["123-456-7890"],
    ),
]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=50)]
Secret = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Base64url = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[A-Za-z0-9_-]+$(?!\n)",
        max_length=4096,
        description="base64url without padding (RFC 4648, section 5)",
    ),
]
Json = dict[str, object]
Addresses = Annotated[list[Address], msgspec.Meta(max_length=20)]


class Request(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The base of what is taken: unknown fields are refused."""


class Answer(msgspec.Struct, frozen=True, rename="camel"):
    """The base of what is answered."""


class PreferencesBody(Request, frozen=True):
    """The switches for messages by e-mail and SMS, and the language of all messages.

    At registration, Accept-Language chooses the language that is left out.
    """

    email_notifications: bool = True
    sms_notifications: bool = False
    language: Language | None = None


class PetBody(Request, frozen=True, omit_defaults=True):
    """A pet of the household."""

    name: Personal[Word]
    species: Personal[Word]
    breed: Personal[Name | None] = None
    birthday: date | None = None
    weight_grams: Annotated[int, msgspec.Meta(ge=1, le=2_000_000)] | None = None
    allergies: Personal[Annotated[list[Name], msgspec.Meta(max_length=20)]] = []


class ProfileBody(Request, frozen=True, kw_only=True):
    """What customers edit freely."""

    name: Personal[Name | None] = None
    address: Address | None = None
    addresses: Addresses = []
    phone: PhoneNumber | None = None
    preferences: PreferencesBody = PreferencesBody()
    pets: Annotated[list[PetBody], msgspec.Meta(max_length=50)] = []

    def profile(self, language: Language = FALLBACK) -> Profile:
        """Return the profile; ``language`` is the customer's who names none."""
        chosen = self.preferences
        return Profile(
            name=self.name,
            address=_to_model(self.address) if self.address else None,
            addresses=tuple(_to_model(address) for address in self.addresses),
            phone=Phone.read(self.phone) if self.phone else None,
            preferences=model.Preferences(
                email_notifications=chosen.email_notifications,
                sms_notifications=chosen.sms_notifications,
                language=chosen.language or language,
            ),
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

    street: Personal[str | msgspec.UnsetType] = msgspec.UNSET
    city: Personal[str | msgspec.UnsetType] = msgspec.UNSET
    state: Personal[str | msgspec.UnsetType] = msgspec.UNSET
    zip_code: Personal[str | msgspec.UnsetType] = msgspec.UNSET
    name: Personal[str | msgspec.UnsetType | None] = msgspec.UNSET
    street2: Personal[str | msgspec.UnsetType | None] = msgspec.UNSET
    country: Personal[str | msgspec.UnsetType | None] = msgspec.UNSET


class PreferencesPatch(Request, frozen=True, omit_defaults=True):
    """Changes of the switches and the language; null sets one back to its default."""

    email_notifications: bool | msgspec.UnsetType | None = msgspec.UNSET
    sms_notifications: bool | msgspec.UnsetType | None = msgspec.UNSET
    language: Language | msgspec.UnsetType | None = msgspec.UNSET


class PatchCustomer(Request, frozen=True, omit_defaults=True):
    """Changes of an account, as a JSON Merge Patch (RFC 7396): null empties, lists are replaced."""

    username: Username | msgspec.UnsetType = msgspec.UNSET
    email: Email | msgspec.UnsetType = msgspec.UNSET
    name: Personal[Name | msgspec.UnsetType | None] = msgspec.UNSET
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


class CustomersQuery(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Which accounts: those of which each word of ``q`` begins a word."""

    q: Personal[Annotated[str, msgspec.Meta(max_length=200)]] = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT
    cursor: str | None = None


class CustomerView(Answer, frozen=True, kw_only=True):
    """An account as its owner sees it."""

    id: str
    username: str
    email: str
    address: Address | None
    phone: str | None
    created_at: Instant
    updated_at: Instant
    name: Personal[str | None]
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
    email_verified_at: Instant | None


class ExportedSession(Answer, frozen=True, kw_only=True):
    """A sign-in: when, and what the browser called itself."""

    id: str
    agent: Personal[str]
    created_at: Instant
    renewed_at: Instant


class ExportedFactor(Answer, frozen=True, kw_only=True):
    """A second factor, by the name that its owner gave it; the authenticator has none."""

    name: Personal[str]
    since: Instant | None

    @classmethod
    def of(cls, factors: Factors | None) -> list[Self]:
        """Return the views of an account's factors."""
        if factors is None:
            return []
        found = [cls(name=key.name, since=key.created_at) for key in factors.passkeys]
        if factors.totp_secret is not None:
            found.append(cls(name="authenticator", since=factors.totp_since))
        return found


class ExportView(Answer, frozen=True, kw_only=True):
    """All personal data of a customer; ``services`` holds the other services' parts by name."""

    exported_at: Instant
    customer: ExportedCustomer
    sessions: list[ExportedSession]
    second_factors: list[ExportedFactor]
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
            sessions=msgspec.convert(export.sessions, list[ExportedSession], from_attributes=True),
            second_factors=ExportedFactor.of(export.factors),
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


class ErasuresQuery(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """How many erasures to show."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT


class ErasedPartView(Answer, frozen=True, kw_only=True):
    """What one service had of the person, by kind, and since when it is known to have no more.

    ``held`` is null where the service could not be asked.
    """

    service: str
    held: dict[str, int] | None
    erased_at: Instant | None


class ErasureView(Answer, frozen=True, kw_only=True):
    """The proof of an erasure. ``completed_at`` is when the last service had nothing more."""

    customer_id: str
    requested_at: Instant
    completed_at: Instant | None
    services: list[ErasedPartView]

    @classmethod
    def of(cls, erasure: Erasure) -> ErasureView:
        """Return the view of ``erasure``."""
        return cls(
            customer_id=erasure.id,
            requested_at=erasure.requested_at,
            completed_at=erasure.completed_at,
            services=[
                ErasedPartView(service=name, held=part.held, erased_at=part.erased_at)
                for name, part in erasure.parts.items()
            ],
        )


class HireStaff(Request, frozen=True, kw_only=True):
    """A new member of staff; without a password one is made and shown once."""

    username: Username
    roles: Roles
    name: Personal[Name | None] = None
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
    name: Personal[str]
    roles: list[str]
    disabled: bool
    must_change_password: bool
    created_at: Instant
    updated_at: Instant
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


class ChangePassword(Request, frozen=True, kw_only=True):
    """The present password, and the new one."""

    current: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_PASSWORD)]
    password: Password


class ConfirmCode(Request, frozen=True, kw_only=True):
    """A code that an authenticator app shows."""

    code: Annotated[str, msgspec.Meta(min_length=6, max_length=12, examples=["123456"])]


class AuthenticatorView(Answer, frozen=True, kw_only=True):
    """What an authenticator app needs; ``uri`` is what its QR code says."""

    secret: str
    uri: str


class RecoveryCodesView(Answer, frozen=True, kw_only=True):
    """Codes for the day when the authenticator is lost: shown once, each good for once."""

    recovery_codes: list[str]


class PasskeyView(Answer, frozen=True, kw_only=True):
    """A passkey; ``usedAt`` is null until somebody signs in with it."""

    id: str
    name: Personal[str]
    created_at: Instant
    used_at: Instant | None

    @classmethod
    def of(cls, passkey: Passkey) -> PasskeyView:
        """Return the view of ``passkey``."""
        return cls(
            id=passkey.credential_id,
            name=passkey.name,
            created_at=passkey.created_at,
            used_at=passkey.used_at,
        )


class NewPasskeyView(Answer, frozen=True, kw_only=True):
    """What a browser needs to have a device make a passkey (WebAuthn, section 5.4).

    ``accountId`` becomes the user handle; ``known`` are the account's passkeys, of which a device
    needs no second.
    """

    challenge: str
    rp_id: str
    rp_name: str
    account_id: str
    username: str
    name: Personal[str]
    known: list[str]


class AddPasskey(Request, frozen=True, kw_only=True):
    """A passkey that a device just made, and what its owner calls it; see ``Enrolment``."""

    name: Personal[Word]
    credential_id: Base64url
    client_data: Base64url
    authenticator_data: Base64url
    public_key: Base64url


class RenamePasskey(Request, frozen=True, kw_only=True):
    """What a passkey is called from now on."""

    name: Personal[Word]


class PasskeyAddedView(Answer, frozen=True, kw_only=True):
    """A new passkey; recovery codes, shown once, if the account had none."""

    passkey: PasskeyView
    recovery_codes: list[str]


class FactorsView(Answer, frozen=True, kw_only=True):
    """An account's second factors; ``totpSince`` is null without an authenticator app."""

    totp_since: Instant | None
    recovery_codes_left: int
    passkeys: list[PasskeyView]

    @classmethod
    def of(cls, factors: Factors) -> FactorsView:
        """Return the view of ``factors``."""
        return cls(
            totp_since=factors.totp_since,
            recovery_codes_left=len(factors.recovery),
            passkeys=[PasskeyView.of(one) for one in factors.passkeys],
        )


class SessionView(Answer, frozen=True, kw_only=True):
    """Where an account is signed in; ``current`` is the session that asks."""

    id: str
    client_id: str
    agent: str
    created_at: Instant
    used_at: Instant
    ends_at: Instant
    second_factor: bool
    current: bool

    @classmethod
    def of(cls, session: Session, present: str | None) -> SessionView:
        """Return the view of ``session``."""
        return cls(
            id=session.id,
            client_id=session.client_id,
            agent=session.agent,
            created_at=session.created_at,
            used_at=session.renewed_at,
            ends_at=session.ends_at,
            second_factor=session.second_factor,
            current=session.id == present,
        )


Scope = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Redirect = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class RegisterClient(Request, frozen=True, kw_only=True):
    """A new client of the authorization server; users of a ``firstParty`` one are not asked."""

    name: Name
    scopes: Annotated[list[Scope], msgspec.Meta(min_length=1, max_length=50)]
    redirect_uris: Annotated[list[Redirect], msgspec.Meta(max_length=10)] = []
    confidential: bool = False
    first_party: bool = False


class ClientView(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A client; ``secret`` is there once, when it was made."""

    id: str
    name: str
    redirect_uris: list[str]
    scopes: list[str]
    grants: list[str]
    confidential: bool
    first_party: bool
    created_at: Instant
    secret: str | None = None

    @classmethod
    def of(cls, client: Client, secret: str | None = None) -> ClientView:
        """Return the view of ``client``."""
        return cls(
            id=client.id,
            name=client.name,
            redirect_uris=list(client.redirect_uris),
            scopes=list(client.scopes),
            grants=list(client.grants),
            confidential=client.is_confidential,
            first_party=client.first_party,
            created_at=client.created_at,
            secret=secret,
        )


class AskToken(msgspec.Struct, frozen=True, kw_only=True):
    """What the token endpoint takes (RFC 6749, sections 4.1.3, 4.4.2 and 6; RFC 7636).

    A client with a secret shows it here or by HTTP Basic; one without names itself alone.
    """

    grant_type: Literal["authorization_code", "refresh_token", "client_credentials"]
    client_id: str | None = None
    client_secret: str | None = None
    scope: str | None = None
    code: str | None = None
    redirect_uri: str | None = None
    code_verifier: str | None = None
    refresh_token: str | None = None


class ShowToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token to revoke (RFC 7009) or to ask of (RFC 7662), and the client as for a new one."""

    token: str
    client_id: str | None = None
    client_secret: str | None = None


class TokenView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the token endpoint answers (RFC 6749, section 5.1)."""

    access_token: str
    scope: str
    token_type: Literal["Bearer"] = msgspec.field(default_factory=lambda: "Bearer")
    expires_in: int = msgspec.field(default_factory=lambda: 600)
    refresh_token: str | None = None
    id_token: str | None = None


class IntrospectionView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is told of a token (RFC 7662, section 2.2)."""

    active: bool
    token_type: str | None = None
    client_id: str | None = None
    sub: str | None = None
    scope: str | None = None
    exp: int | None = None
    iat: int | None = None
    nbf: int | None = None
    iss: str | None = None
    aud: str | None = None
    jti: str | None = None


class OAuthProblem(msgspec.Struct, frozen=True, kw_only=True):
    """What a client did wrong, in OAuth's words (RFC 6749, section 5.2)."""

    error: str
    error_description: str

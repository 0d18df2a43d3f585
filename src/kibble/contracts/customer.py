"""Customer: what it publishes, and what its client answers. Events carry no personal data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

import msgspec

from kibble.contracts.address import Address
from kibble.kernel.ids import CustomerId
from kibble.kernel.personal import Personal
from kibble.platform.messaging.event import Event
from kibble.platform.rpc import Ask, Neighbour, OfCustomer, Procedure, Reach

_FIELD = msgspec.Meta(min_length=1, max_length=4096)


class CustomerEvent(Event, frozen=True, kw_only=True):
    """An event about one customer."""

    topic: ClassVar[str] = "customer_events"
    subject_field: ClassVar[str] = "customer_id"

    customer_id: CustomerId


class CustomerRegistered(CustomerEvent, frozen=True, kw_only=True):
    """A customer opened an account; a preference is null where it is left at its default."""

    type: ClassVar[str] = "customer.registered"

    email_notifications: bool | None = None
    sms_notifications: bool | None = None
    language: str | None = None


class CustomerUpdated(CustomerEvent, frozen=True, kw_only=True):
    """A customer's profile changed; a preference is null where it did not move."""

    type: ClassVar[str] = "customer.updated"

    email_notifications: bool | None = None
    sms_notifications: bool | None = None
    language: str | None = None


class CustomerErased(CustomerEvent, frozen=True, kw_only=True):
    """A customer asked to be forgotten: drop what names the person, keep the figures."""

    type: ClassVar[str] = "customer.erased"


class Contact(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How to reach a customer; a phone number is in E.164 when it could be read."""

    customer_id: CustomerId
    name: Personal[str]
    email: Personal[str]
    phone: Personal[str | None] = None


class OneTimeLink(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The secret of a one-time link, and the mailbox that it must go to alone: never logged."""

    token: str
    email: Personal[str]


class AskContact(Ask, frozen=True, kw_only=True):
    """Which customer."""

    customer_id: CustomerId


class AskAddress(Ask, frozen=True, kw_only=True):
    """Which customer."""

    customer_id: CustomerId


class AskOneTimeLink(Ask, frozen=True, kw_only=True):
    """Which request for a link."""

    request_id: str


class AskExport(Ask, frozen=True, kw_only=True):
    """Whose personal data."""

    customer_id: CustomerId


CONTACT: Procedure[AskContact, Contact | None] = Procedure(
    "customer",
    "contact",
    AskContact,
    Contact | None,
    OfCustomer(frozenset({"customers:read", "notifications:write"}), frozenset({"notification"})),
)
ADDRESS: Procedure[AskAddress, Address | None] = Procedure(
    "customer",
    "address",
    AskAddress,
    Address | None,
    OfCustomer(frozenset({"customers:read", "orders:write"}), frozenset({"order"})),
)
ONE_TIME_LINK: Procedure[AskOneTimeLink, OneTimeLink | None] = Procedure(
    "customer", "one_time_link", AskOneTimeLink, OneTimeLink | None, Reach.PROOF
)


class SignedIn(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag="signed-in"):
    """A session that was begun or renewed: secrets for its owner alone, never logged.

    ``access_token`` ends after ``access_seconds``; the session ends after ``idle_seconds`` unless
    it is renewed by then. ``device`` is what marks the device as known, if it is to be marked.
    """

    access_token: str
    refresh_token: str
    access_seconds: int
    idle_seconds: int
    device: str | None = None


class Refused(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag="refused"):
    """No session: why, and for too many tries in how many seconds the next may be made."""

    code: str
    detail: str
    retry_after: int | None = None
    code_refused: bool | None = None


class WhoIs(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How an account is called, for its owner's own screen."""

    username: Personal[str]
    name: Personal[str]
    must_change_password: bool = False


class Revoked(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A session (``sid``) or a token (``jti``) whose tokens no longer hold.

    ``until`` is when the last of them ends by itself, in Unix seconds.
    """

    id: str
    until: int


class Whence(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Where somebody signs in: an address, what the browser calls itself, a known device's mark."""

    address: Personal[str]
    agent: Personal[str]
    device: str | None = None


class PasskeyChallenge(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a device is to sign, once and within five minutes, for the host that ``rpId`` names."""

    challenge: str
    rp_id: str


class Assertion(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True
):
    """What a device signed with a passkey (WebAuthn, section 5.2.2), in base64url.

    ``account_id`` is, as it is, the user handle that the device has beside the key.
    """

    credential_id: Annotated[str, _FIELD]
    account_id: Annotated[str, _FIELD]
    client_data: Annotated[str, _FIELD]
    authenticator_data: Annotated[str, _FIELD]
    signature: Annotated[str, _FIELD]


class AskSignIn(Ask, frozen=True, kw_only=True):
    """A name and a password, perhaps a code or a passkey's signature; and where from."""

    username: Personal[str]
    password: str
    code: str | None
    whence: Whence
    passkey: Assertion | None = None


class AskPasskeyChallenge(Ask, frozen=True, kw_only=True):
    """A challenge for whoever is about to sign in."""


class AskPasskeySignIn(Ask, frozen=True, kw_only=True):
    """What a device signed; and where from."""

    assertion: Assertion
    whence: Whence


class AskRenew(Ask, frozen=True, kw_only=True):
    """A refresh token."""

    refresh_token: str


class AskOpen(Ask, frozen=True, kw_only=True):
    """A session for who has a token of the command line: a customer, or a name with scopes."""

    subject: str
    customer_id: CustomerId | None
    scopes: list[str]
    seconds: int
    agent: str


class AskWho(Ask, frozen=True, kw_only=True):
    """Whose names: the subject of a token."""

    subject: str


class AskRevoked(Ask, frozen=True, kw_only=True):
    """What was revoked and still matters."""


SESSIONS = "sessions"
"""The group of procedures that begin and end sessions: for the gateway alone."""

SIGN_IN: Procedure[AskSignIn, SignedIn | Refused] = Procedure(
    "customer", "sign_in", AskSignIn, SignedIn | Refused, Reach.PROOF, SESSIONS
)
PASSKEY_CHALLENGE: Procedure[AskPasskeyChallenge, PasskeyChallenge] = Procedure(
    "customer", "passkey_challenge", AskPasskeyChallenge, PasskeyChallenge, Reach.PROOF, SESSIONS
)
SIGN_IN_WITH_PASSKEY: Procedure[AskPasskeySignIn, SignedIn | Refused] = Procedure(
    "customer", "sign_in_with_passkey", AskPasskeySignIn, SignedIn | Refused, Reach.PROOF, SESSIONS
)
RENEW: Procedure[AskRenew, SignedIn | Refused] = Procedure(
    "customer", "renew", AskRenew, SignedIn | Refused, Reach.PROOF, SESSIONS
)
SIGN_OUT: Procedure[AskRenew, None] = Procedure(
    "customer", "sign_out", AskRenew, None, Reach.PROOF, SESSIONS
)
OPEN_SESSION: Procedure[AskOpen, SignedIn | Refused] = Procedure(
    "customer", "open_session", AskOpen, SignedIn | Refused, Reach.PROOF, SESSIONS
)
WHO: Procedure[AskWho, WhoIs | None] = Procedure(
    "customer", "who", AskWho, WhoIs | None, Reach.PROOF, SESSIONS
)
REVOKED: Procedure[AskRevoked, list[Revoked]] = Procedure(
    "customer", "revoked", AskRevoked, list[Revoked], Reach.SHOP, "revocations"
)


KEEPERS = ("product", "order", "payment", "recommendation", "shipping", "notification")
"""The services beside Customer that keep personal data; Inventory keeps none."""


def export_of(service: str) -> Procedure[AskExport, dict[str, Any]]:
    """Return the procedure by which a service tells what it knows of a customer."""
    rights = OfCustomer(frozenset({"customers:read"}))
    return Procedure(service, "export", AskExport, dict[str, Any], rights, "exports")


def held_of(service: str) -> Procedure[AskExport, dict[str, int]]:
    """Return the procedure by which a service tells how much it has of a customer, and not what.

    An erasure is followed by it when there is no customer any more who could ask.
    """
    return Procedure(service, "held", AskExport, dict[str, int], Reach.SHOP, "exports")


def counted(exported: Mapping[str, Sequence[object]]) -> dict[str, int]:
    """Return how many records of each kind an export has, for the kinds that it has some of."""
    return {kind: len(records) for kind, records in exported.items() if records}


class RemoteCustomer:
    """Customer in another process; each method raises ``Unavailable`` when it is away."""

    def __init__(self, neighbour: Neighbour) -> None:
        self._neighbour = neighbour

    async def contact(self, customer_id: CustomerId) -> Contact | None:
        """Return how to reach a customer; None when there is no such customer (any more)."""
        return await self._neighbour.call(CONTACT, AskContact(customer_id=customer_id))

    async def address(self, customer_id: CustomerId) -> Address | None:
        """Return where a customer lives; None when there is no such address or customer."""
        return await self._neighbour.call(ADDRESS, AskAddress(customer_id=customer_id))

    async def one_time_link(self, request_id: str) -> OneTimeLink | None:
        """Return a new secret for the link that a request asked for; voids the one before."""
        return await self._neighbour.call(ONE_TIME_LINK, AskOneTimeLink(request_id=request_id))


class RemoteSessions:
    """Customer's sessions, in another process; each method raises ``Unavailable`` when it is away.

    The answers are those of ``Sessions`` in the gateway, whose use they are.
    """

    def __init__(self, neighbour: Neighbour) -> None:
        self._neighbour = neighbour

    async def sign_in(
        self,
        username: str,
        password: str,
        code: str | None,
        whence: Whence,
        passkey: Assertion | None = None,
    ) -> SignedIn | Refused:
        """Begin a session for who has this name and password."""
        ask = AskSignIn(
            username=username, password=password, code=code, whence=whence, passkey=passkey
        )
        return await self._neighbour.call(SIGN_IN, ask)

    async def passkey_challenge(self) -> PasskeyChallenge:
        """Return what a device is to sign, for a sign-in."""
        return await self._neighbour.call(PASSKEY_CHALLENGE, AskPasskeyChallenge())

    async def sign_in_with_passkey(
        self, assertion: Assertion, whence: Whence
    ) -> SignedIn | Refused:
        """Begin a session for who holds a passkey."""
        ask = AskPasskeySignIn(assertion=assertion, whence=whence)
        return await self._neighbour.call(SIGN_IN_WITH_PASSKEY, ask)

    async def renew(self, refresh_token: str) -> SignedIn | Refused:
        """Renew a session."""
        return await self._neighbour.call(RENEW, AskRenew(refresh_token=refresh_token))

    async def sign_out(self, refresh_token: str) -> None:
        """End a session, should there be one."""
        await self._neighbour.call(SIGN_OUT, AskRenew(refresh_token=refresh_token))

    async def open_session(
        self,
        subject: str,
        customer_id: CustomerId | None,
        scopes: list[str],
        seconds: int,
        agent: str,
    ) -> SignedIn | Refused:
        """Begin a session for the holder of a token of the command line."""
        ask = AskOpen(
            subject=subject, customer_id=customer_id, scopes=scopes, seconds=seconds, agent=agent
        )
        return await self._neighbour.call(OPEN_SESSION, ask)

    async def who(self, subject: str) -> WhoIs | None:
        """Return how an account is called; None when there is none (any more)."""
        return await self._neighbour.call(WHO, AskWho(subject=subject))

    async def revoked(self) -> list[Revoked]:
        """Return all that was revoked and has not ended by itself."""
        return await self._neighbour.call(REVOKED, AskRevoked())


class RemotePersonalData:
    """A service in another process that keeps personal data of customers."""

    def __init__(self, name: str, neighbour: Neighbour) -> None:
        self.name = name
        self._neighbour = neighbour

    async def export(self, customer_id: CustomerId) -> dict[str, Any]:
        """Return all that the service knows about a customer, ready for JSON."""
        return await self._neighbour.call(export_of(self.name), AskExport(customer_id=customer_id))

    async def held(self, customer_id: CustomerId) -> dict[str, int]:
        """Return how much the service has of a customer, by kind."""
        return await self._neighbour.call(held_of(self.name), AskExport(customer_id=customer_id))

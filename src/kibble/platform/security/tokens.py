"""Access tokens: JWTs signed with ES256 (RFC 7519, RFC 7518 section 3.4, RFC 9068).

Of what the security rules allow, it is what HAProxy can check at the door as well.

Verifying costs a third of a millisecond, so a verified token is remembered until it expires.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from typing import Protocol

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from kibble.kernel.clock import Clock
from kibble.kernel.errors import Unauthenticated
from kibble.kernel.ids import CustomerId, IdSource
from kibble.platform.security.identities import BEHALF
from kibble.platform.security.keys import ALGORITHM, KeyRing, SigningKey
from kibble.platform.security.principal import Principal

ISSUER = "kibble"
AUDIENCE = "kibble-api"
ACCESS_TOKEN = "at+jwt"  # noqa: S105 - the type of a token
LEEWAY_SECONDS = 60
MAX_REMEMBERED = 10_000
MAX_TOKEN_LENGTH = 4_096
_SECOND = frozenset({"otp", "mfa"})
"""What tells of a second factor among the ways in which somebody proved who they are."""


class Keys(Protocol):
    """The keys that tokens are checked with, and what each of their owners may say."""

    def find(self, kid: str | None) -> SigningKey | None:
        """Return the key of this name; None when there is none that is still taken."""
        ...

    def allows(self, key: SigningKey, kind: str, claims: Mapping[str, object]) -> bool:
        """Tell whether a key's owner may say what it signed, in a token of this ``kind``."""
        ...


class TokenIssuer:
    """Signs tokens for customers, clients and a guest's order."""

    def __init__(
        self, keys: ECKey | KeyRing | Callable[[], KeyRing], clock: Clock, ids: IdSource
    ) -> None:
        """``keys`` that are a function are opened when something is first signed."""
        self._given = keys
        self._clock = clock
        self._ids = ids

    @cached_property
    def _keys(self) -> KeyRing:
        given = self._given
        if isinstance(given, ECKey):
            return KeyRing.of(given, self._clock)
        return given if isinstance(given, KeyRing) else given()

    def for_customer(self, customer_id: str, lifetime: timedelta) -> str:
        """Return a token that reaches this customer's data alone."""
        return self._sign({"sub": customer_id, "customer_id": customer_id}, lifetime)

    def for_client(self, name: str, scopes: Sequence[str], lifetime: timedelta) -> str:
        """Return a token for a client (staff, a script, a service) with ``scopes``."""
        return self._sign({"sub": name, "client_id": name, "scope": " ".join(scopes)}, lifetime)

    def for_order(self, order_id: str, lifetime: timedelta) -> str:
        """Return a token that reaches one guest order alone."""
        return self._sign({"sub": f"order:{order_id}", "order_id": order_id}, lifetime)

    def for_behalf(self, service: str, customer_id: str, lifetime: timedelta) -> str:
        """Return what a service says of itself: for which customer it works."""
        return self._sign({"sub": customer_id, "client_id": service}, lifetime, BEHALF)

    def issue(self, claims: Mapping[str, object], lifetime: timedelta) -> str:
        """Return an access token with ``claims`` beside the standard ones (RFC 9068)."""
        return self._sign(claims, lifetime)

    def sign(self, kind: str, claims: Mapping[str, object], lifetime: timedelta) -> str:
        """Return a token of another ``kind`` (its ``typ``), which opens nothing."""
        return self._sign(claims, lifetime, kind)

    def read(self, kind: str, token: str) -> Mapping[str, object] | None:
        """Return the claims of a token of this ``kind``; None when it does not hold."""
        try:
            claims, expiry = _checked(token, kind, self._keys)
        except Unauthenticated:
            return None
        return claims if expiry > self._clock.now().timestamp() else None

    def _sign(
        self, claims: Mapping[str, object], lifetime: timedelta, kind: str = ACCESS_TOKEN
    ) -> str:
        now = int(self._clock.now().timestamp())
        standard: dict[str, object] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "iat": now,
            "nbf": now,
            "exp": now + int(lifetime.total_seconds()),
            "jti": self._ids.new(),
        }
        key = self._keys.signing()
        header = {"alg": ALGORITHM, "typ": kind, "kid": key.kid}
        return jwt.encode(header, {**standard, **claims}, key, algorithms=[ALGORITHM])

    def published_keys(self) -> dict[str, object]:
        """Return the public keys that tokens are checked with, as a JWK set."""
        return self._keys.published()


class Outside(Protocol):
    """An identity provider outside the shop whose access tokens are taken too."""

    def issued(self, token: str) -> bool:
        """Tell whether a token claims to be this provider's."""
        ...

    def check(self, token: str, now: float) -> tuple[Principal, float]:
        """Return whose token it is, and when it ends; raises ``Unauthenticated``."""
        ...


class TokenVerifier:
    """Checks tokens, and remembers those that it has checked until they expire."""

    def __init__(self, keys: ECKey | Keys, clock: Clock, outside: Outside | None = None) -> None:
        """``outside`` knows the tokens of another issuer, if any are taken."""
        self._keys = KeyRing.of(keys, clock) if isinstance(keys, ECKey) else keys
        self._clock = clock
        self._outside = outside
        self._known: dict[str, tuple[Principal, float]] = {}
        self._revoked: dict[str, float] = {}

    def verify(self, token: str) -> Principal:
        """Return the caller of ``token``; raises ``Unauthenticated`` when it does not hold."""
        now = self._clock.now().timestamp()
        if known := self._known.get(token):
            if known[1] > now:
                return known[0]
            del self._known[token]
        principal, expiry = self._check(token, now)
        if len(self._known) >= MAX_REMEMBERED:
            self._known.pop(next(iter(self._known)))
        self._known[token] = (principal, expiry)
        return principal

    def revoke(self, revoked: Iterable[tuple[str, float]]) -> None:
        """Refuse the tokens of sessions (``sid``), or tokens (``jti``), until a Unix time each.

        What is remembered of them is forgotten here, so that a remembered token needs no look
        at this list.
        """
        now = self._clock.now().timestamp()
        told = {one: until for one, until in revoked if until > now}
        fresh = told.keys() - self._revoked.keys()
        kept = {one: until for one, until in self._revoked.items() if until > now}
        self._revoked = kept | told
        if fresh:
            gone = [t for t, (who, _) in self._known.items() if fresh & {who.session_id, who.jti}]
            for token in gone:
                del self._known[token]

    def behalf(self, token: str) -> tuple[str, str] | None:
        """Return the service that says for which customer it works, and the customer.

        None for what is no such token, or does not hold.
        """
        try:
            claims, expiry = _checked(token, BEHALF, self._keys)
        except Unauthenticated:
            return None
        if expiry <= self._clock.now().timestamp():
            return None
        return str(claims.get("client_id")), str(claims["sub"])

    def subject_of(self, token: str) -> str | None:
        """Return whose ``token`` is, if it was checked before and still holds."""
        known = self._known.get(token)
        if known is None or known[1] <= self._clock.now().timestamp():
            return None
        return known[0].subject

    def _check(self, token: str, now: float) -> tuple[Principal, float]:
        if self._outside is not None and self._outside.issued(token):
            return self._outside.check(token, now)
        claims, expiry = _checked(token, ACCESS_TOKEN, self._keys)
        not_before = claims.get("nbf", 0)
        if not isinstance(not_before, int):
            raise invalid()
        if expiry <= now or not_before > now + LEEWAY_SECONDS:
            raise Unauthenticated("The token has expired.", code="token-expired")
        principal = _principal(claims)
        if self._revoked.keys() & {principal.session_id, principal.jti}:
            raise Unauthenticated("The token was revoked.", code="token-revoked")
        return principal, float(expiry)


def invalid() -> Unauthenticated:
    """Return what is raised for a token that does not hold, whatever it is that is wrong."""
    return Unauthenticated("The token is not valid.")


def _checked(token: str, kind: str, keys: Keys) -> tuple[Mapping[str, object], int]:
    """Return the claims and the end of a token that we signed; it may have ended.

    What its header says of keys (jwk, jku, x5u) is never looked at. Raises ``Unauthenticated``.
    """
    if len(token) > MAX_TOKEN_LENGTH:
        raise invalid()
    try:
        kid = part_of(token, 0).get("kid")
        key = keys.find(None if kid is None else str(kid))
        if key is None:
            raise invalid()
        decoded = jwt.decode(token, key.key, algorithms=[ALGORITHM])
    except (JoseError, ValueError, IndexError, RecursionError) as error:
        raise invalid() from error
    claims = decoded.claims
    expiry = claims.get("exp")
    if (
        decoded.header.get("typ") != kind
        or claims.get("iss") != ISSUER
        or claims.get("aud") != AUDIENCE
        or not isinstance(expiry, int)
        or not isinstance(claims.get("sub"), str)
        or not keys.allows(key, kind, claims)
    ):
        raise invalid()
    return claims, expiry


def part_of(token: str, at: int) -> Mapping[str, object]:
    """Return a token's header (0) or claims (1) as they are told, unchecked.

    Raises ``ValueError`` and ``IndexError`` for rubbish.
    """
    part = token.split(".")[at]
    told: object = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return told if isinstance(told, dict) else {}


def _principal(claims: Mapping[str, object]) -> Principal:
    customer = claims.get("customer_id")
    order = claims.get("order_id")
    roles = claims.get("roles")
    proven = claims.get("auth_time")
    methods = claims.get("amr")
    expires = claims.get("exp")
    return Principal(
        subject=str(claims["sub"]),
        scopes=frozenset(str(claims.get("scope", "")).split()),
        customer_id=CustomerId(customer) if isinstance(customer, str) else None,
        order_id=order if isinstance(order, str) else None,
        roles=tuple(str(role) for role in roles) if isinstance(roles, list) else (),
        client_id=_text(claims, "client_id"),
        session_id=_text(claims, "sid"),
        jti=_text(claims, "jti"),
        authenticated_at=proven if isinstance(proven, int) else None,
        second_factor=isinstance(methods, list) and not _SECOND.isdisjoint(methods),
        read_only=claims.get("read_only") is True,
        expires_at=expires if isinstance(expires, int) else None,
    )


def _text(claims: Mapping[str, object], name: str) -> str | None:
    value = claims.get(name)
    return value if isinstance(value, str) else None

"""Access tokens: JWTs signed with ES256 (RFC 7519, RFC 7518 section 3.4, RFC 9068).

Of what the security rules allow, it is what HAProxy can check at the door as well.

Verifying costs a third of a millisecond, so a verified token is remembered until it expires.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from kibble.kernel.clock import Clock
from kibble.kernel.errors import Unauthenticated
from kibble.kernel.ids import CustomerId, IdSource
from kibble.platform.security.principal import Principal

ISSUER = "kibble"
AUDIENCE = "kibble-api"
ALGORITHM = "ES256"
LEEWAY_SECONDS = 60
MAX_REMEMBERED = 10_000
MAX_TOKEN_LENGTH = 4_096


def load_or_make_key(path: Path) -> ECKey:
    """Return the signing key in ``path``, made on first use and readable by its owner alone."""
    if not path.exists():
        key = ECKey.generate_key("P-256", {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(key.as_dict(private=True), file)
    return ECKey.import_key(json.loads(path.read_text()))


class TokenIssuer:
    """Signs tokens for customers, clients and a guest's order."""

    def __init__(self, key: ECKey, clock: Clock, ids: IdSource) -> None:
        self._key = key
        self._clock = clock
        self._ids = ids

    def for_customer(self, customer_id: str, lifetime: timedelta) -> str:
        """Return a token that reaches this customer's data alone."""
        return self._sign({"sub": customer_id, "customer_id": customer_id}, lifetime)

    def for_client(self, name: str, scopes: Sequence[str], lifetime: timedelta) -> str:
        """Return a token for a client (staff, a script, a service) with ``scopes``."""
        return self._sign({"sub": name, "client_id": name, "scope": " ".join(scopes)}, lifetime)

    def for_order(self, order_id: str, lifetime: timedelta) -> str:
        """Return a token that reaches one guest order alone."""
        return self._sign({"sub": f"order:{order_id}", "order_id": order_id}, lifetime)

    def _sign(self, claims: dict[str, object], lifetime: timedelta) -> str:
        now = int(self._clock.now().timestamp())
        standard: dict[str, object] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "iat": now,
            "nbf": now,
            "exp": now + int(lifetime.total_seconds()),
            "jti": self._ids.new(),
        }
        header = {"alg": ALGORITHM, "typ": "at+jwt", "kid": self._key.kid}
        return jwt.encode(header, standard | claims, self._key, algorithms=[ALGORITHM])


class TokenVerifier:
    """Checks tokens, and remembers those that it has checked until they expire."""

    def __init__(self, key: ECKey, clock: Clock) -> None:
        self._key = key
        self._clock = clock
        self._known: dict[str, tuple[Principal, float]] = {}

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

    def knows(self, token: str) -> bool:
        """Tell whether ``token`` was checked before and still holds."""
        known = self._known.get(token)
        return known is not None and known[1] > self._clock.now().timestamp()

    def _check(self, token: str, now: float) -> tuple[Principal, float]:
        if len(token) > MAX_TOKEN_LENGTH:
            raise Unauthenticated("The token is not valid.")
        try:
            decoded = jwt.decode(token, self._key, algorithms=[ALGORITHM])
        except (JoseError, ValueError) as error:
            raise Unauthenticated("The token is not valid.") from error
        claims = decoded.claims
        expiry = claims.get("exp")
        if (
            decoded.header.get("typ") != "at+jwt"
            or claims.get("iss") != ISSUER
            or claims.get("aud") != AUDIENCE
            or not isinstance(expiry, int)
            or not isinstance(claims.get("sub"), str)
        ):
            raise Unauthenticated("The token is not valid.")
        if expiry <= now or claims.get("nbf", 0) > now + LEEWAY_SECONDS:
            raise Unauthenticated("The token has expired.", code="token-expired")
        return _principal(claims), float(expiry)


def _principal(claims: dict[str, object]) -> Principal:
    customer = claims.get("customer_id")
    order = claims.get("order_id")
    return Principal(
        subject=str(claims["sub"]),
        scopes=frozenset(str(claims.get("scope", "")).split()),
        customer_id=CustomerId(customer) if isinstance(customer, str) else None,
        order_id=order if isinstance(order, str) else None,
    )

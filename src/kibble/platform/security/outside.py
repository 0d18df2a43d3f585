"""An identity provider outside the shop (Keycloak, Entra ID, Okta, ...) whose tokens are taken too.

Its access tokens are checked as RFC 9068 says, and their claims say what the bearer may do, by
names that the operator gives. No key is ever taken from a token itself.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from kibble.kernel.clock import Clock
from kibble.kernel.errors import Unauthenticated
from kibble.kernel.ids import CustomerId
from kibble.platform.security.principal import Principal
from kibble.platform.security.roles import ROLES, scopes_of
from kibble.platform.security.tokens import LEEWAY_SECONDS, invalid, part_of

ALGORITHMS = ["ES256", "PS256", "RS256"]
KINDS = ("at+jwt", "application/at+jwt", "JWT", None)
OF_AN_ID_TOKEN = frozenset({"nonce", "at_hash", "c_hash"})
MAX_TOKEN_LENGTH = 16_384
REFRESH_SECONDS = 600.0
UNKNOWN_KEY_SECONDS = 60.0
"""How often an unknown key has the keys fetched again, at most."""

_KNOWN = frozenset(scope for scopes in ROLES.values() for scope in scopes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """What the operator says of it; a claim's name may lead inside objects, with dots.

    ``customer_claim`` is where a customer's id in this shop stands, if customers sign in there.
    """

    issuer: str
    audience: str
    keys_url: str
    scope_claim: str = "scope"
    roles_claim: str = "roles"
    customer_claim: str = ""


class OutsideProvider:
    """Implements ``Outside``."""

    def __init__(
        self,
        provider: Provider,
        clock: Clock,
        fetch: Callable[[str], Awaitable[bytes]],
    ) -> None:
        """``fetch`` returns what is at an address."""
        self._provider = provider
        self._clock = clock
        self._fetch = fetch
        self._keys = KeySet([])
        self._fetched_at = float("-inf")
        self._wanted = False

    async def refresh(self) -> None:
        """Fetch the keys when it is time, or when a token named one that is not known."""
        now = self._clock.monotonic()
        pause = UNKNOWN_KEY_SECONDS if self._wanted else REFRESH_SECONDS
        if now - self._fetched_at < pause:
            return
        self._fetched_at = now
        told: Any = json.loads(await self._fetch(self._provider.keys_url))
        self._keys = KeySet.import_key_set(told)
        self._wanted = False

    def issued(self, token: str) -> bool:
        """See ``Outside.issued``; nothing is taken for true by this."""
        try:
            claims = part_of(token, 1)
        except (ValueError, IndexError, RecursionError):
            return False
        return claims.get("iss") == self._provider.issuer

    def check(self, token: str, now: float) -> tuple[Principal, float]:
        """See ``Outside.check``."""
        claims = self._verified(token)
        ends = claims.get("exp")
        not_before = claims.get("nbf", 0)
        if not isinstance(ends, int) or not isinstance(not_before, int):
            raise invalid()
        if ends <= now or not_before > now + LEEWAY_SECONDS:
            raise Unauthenticated("The token has expired.", code="token-expired")
        return self._principal(claims, ends), float(ends)

    def _verified(self, token: str) -> Mapping[str, Any]:
        if len(token) > MAX_TOKEN_LENGTH:
            raise invalid()
        try:
            kid = part_of(token, 0).get("kid")
            if not any(key.kid == kid for key in self._keys.keys):
                self._wanted = True
                raise invalid()
            decoded = jwt.decode(token, self._keys, algorithms=ALGORITHMS)
        except (JoseError, ValueError, IndexError, RecursionError) as error:
            raise invalid() from error
        claims = decoded.claims
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        if (
            decoded.header.get("typ") not in KINDS
            or claims.get("iss") != self._provider.issuer
            or self._provider.audience not in audiences
            or not isinstance(claims.get("sub"), str)
            or OF_AN_ID_TOKEN & claims.keys()
        ):
            raise invalid()
        return claims

    def _principal(self, claims: Mapping[str, Any], ends: int) -> Principal:
        provider = self._provider
        roles = [role for role in _words(claims, provider.roles_claim) if role in ROLES]
        scopes = _KNOWN & set(_words(claims, provider.scope_claim))
        customer = _at(claims, provider.customer_claim) if provider.customer_claim else None
        return Principal(
            subject=f"outside:{claims['sub']}",
            scopes=scopes | scopes_of(roles),
            customer_id=CustomerId(customer) if isinstance(customer, str) else None,
            roles=tuple(roles),
            expires_at=ends,
        )


def _at(claims: Mapping[str, Any], path: str) -> Any:
    value: Any = claims
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _words(claims: Mapping[str, Any], path: str) -> list[str]:
    """Return a claim that is a list of texts, or one text with spaces."""
    value = _at(claims, path)
    if isinstance(value, str):
        return value.split()
    return [word for word in value if isinstance(word, str)] if isinstance(value, list) else []

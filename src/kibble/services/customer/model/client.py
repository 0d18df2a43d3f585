"""OAuth clients: programs that act for somebody, or for themselves."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from kibble.kernel.personal import Secret
from kibble.services.customer.model.token import base64url, digest_of

CODE_LIFE = timedelta(seconds=60)
REMEMBERED = timedelta(hours=1)
"""How long a used code is remembered, so that its second use is noticed."""

OPENID, PROFILE, EMAIL = "openid", "profile", "email"
ACCOUNT_READ, ACCOUNT_WRITE = "account:read", "account:write"
DELEGATED = frozenset({OPENID, PROFILE, EMAIL, ACCOUNT_READ, ACCOUNT_WRITE})
"""What anybody may let a client do of their own: know them, see their account, use it."""

AUTHORIZATION_CODE, REFRESH_TOKEN = "authorization_code", "refresh_token"
CLIENT_CREDENTIALS = "client_credentials"
GRANTS = (AUTHORIZATION_CODE, REFRESH_TOKEN, CLIENT_CREDENTIALS)

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


@dataclass(slots=True, kw_only=True)
class Client:
    """A registered client. One with a ``secret_digest`` is confidential, the others are public.

    ``first_party`` ones are the shop's own: their users are not asked for consent.
    """

    id: str
    name: str
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]
    grants: tuple[str, ...]
    created_at: datetime
    secret_digest: Secret[str | None] = None
    first_party: bool = False
    version: int = 0

    @property
    def is_confidential(self) -> bool:
        """Tell whether the client has a secret, and must show it."""
        return self.secret_digest is not None

    def has_secret(self, secret: str) -> bool:
        """Tell whether this is the client's secret; a plain digest will do, for 256 bits."""
        return hmac.compare_digest(self.secret_digest or "", digest_of(secret))


@dataclass(slots=True, kw_only=True)
class Grant:
    """An authorization code: the right to a session, to be used once, within a minute.

    ``id`` is the code's digest. ``session_id`` is the session that it was used for.
    """

    id: Secret[str]
    client_id: str
    account_id: str
    redirect_uri: str
    challenge: Secret[str]
    scopes: tuple[str, ...]
    nonce: Secret[str | None]
    authenticated_at: datetime
    second_factor: bool
    expires_at: datetime
    passkey: bool = False
    session_id: str | None = None
    version: int = 0

    @property
    def remembered_until(self) -> datetime:
        """When the code is forgotten."""
        return self.expires_at + REMEMBERED

    def fits(self, client_id: str, redirect_uri: str | None, verifier: str, now: datetime) -> bool:
        """Tell whether the code is this client's, still holds, and was asked for by its user."""
        return (
            self.session_id is None
            and self.client_id == client_id
            and redirect_uri in (None, self.redirect_uri)
            and now < self.expires_at
            and is_verifier(verifier)
            and hmac.compare_digest(challenge_of(verifier), self.challenge)
        )


def is_challenge(text: str) -> bool:
    """Tell whether ``text`` can be what S256 makes of a verifier (RFC 7636, section 4.2)."""
    return _CHALLENGE.fullmatch(text) is not None


def is_verifier(text: str) -> bool:
    """Tell whether ``text`` is a code verifier (RFC 7636, section 4.1)."""
    return _VERIFIER.fullmatch(text) is not None


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a verifier (RFC 7636, section 4.2)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64url(digest)

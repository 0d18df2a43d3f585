"""A session: the family of refresh tokens that follow one another from one sign-in.

A refresh token is ``HANDLE.SECRET``. The handle stays the same for the session's life and finds
it; the secret is replaced at every use (RFC 9700, section 4.14.2). Of both only digests are kept.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from kibble.kernel.ids import BROWSER, Randomness
from kibble.kernel.personal import Personal, Secret
from kibble.services.customer.errors import SessionEnded, TokenReused
from kibble.services.customer.model.token import base64url, digest_of, new_secret

GRACE = timedelta(seconds=10)
"""How long the token before still leads to the same successor: for an answer that was lost, and
for two tabs that renew at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetime:
    """How long a session lasts unused, and at most."""

    idle: timedelta
    absolute: timedelta


CUSTOMERS = Lifetime(idle=timedelta(minutes=30), absolute=timedelta(days=30))
STAFF = Lifetime(idle=timedelta(minutes=15), absolute=timedelta(hours=12))


@dataclass(slots=True, kw_only=True)
class Session:
    """One sign-in of an account by way of a client.

    ``scopes`` is what the client was granted of the account's rights; None is all of them.
    ``authenticated_at`` is when the person last proved who they are, ``second_factor`` whether
    with a second factor, ``passkey`` whether with a passkey. ``digest`` is of the valid secret,
    ``before`` of the one before it, which leads to the valid one by way of ``salt`` until a moment
    after ``renewed_at``.
    """

    id: str
    handle: Secret[str]
    account_id: str
    client_id: str
    digest: Secret[str]
    created_at: datetime
    authenticated_at: datetime
    renewed_at: datetime
    expires_at: datetime
    idle_seconds: int
    second_factor: bool = False
    passkey: bool = False
    scopes: tuple[str, ...] | None = None
    agent: Personal[str] = ""
    before: Secret[str | None] = None
    salt: Secret[str] = ""
    version: int = 0

    @classmethod
    def begin(
        cls,
        session_id: str,
        account_id: str,
        lifetime: Lifetime,
        now: datetime,
        randomness: Randomness,
        *,
        client_id: str = BROWSER,
        second_factor: bool = False,
        passkey: bool = False,
        scopes: tuple[str, ...] | None = None,
        agent: str = "",
        authenticated_at: datetime | None = None,
    ) -> tuple[Session, str]:
        """Return a new session and its first refresh token."""
        handle, secret = new_secret(randomness), new_secret(randomness)
        session = cls(
            id=session_id,
            handle=digest_of(handle),
            account_id=account_id,
            client_id=client_id,
            digest=digest_of(secret),
            created_at=now,
            authenticated_at=authenticated_at or now,
            renewed_at=now,
            expires_at=now + lifetime.absolute,
            idle_seconds=int(lifetime.idle.total_seconds()),
            second_factor=second_factor,
            passkey=passkey,
            scopes=scopes,
            agent=agent,
        )
        return session, f"{handle}.{secret}"

    @property
    def ends_at(self) -> datetime:
        """When the session ends unless it is renewed before."""
        return min(self.renewed_at + timedelta(seconds=self.idle_seconds), self.expires_at)

    @property
    def methods(self) -> list[str]:
        """How the person proved who they are: ``amr`` of RFC 8176."""
        if self.passkey:
            return ["pop", "mfa"]
        return ["pwd", "otp"] if self.second_factor else ["pwd"]

    def is_live(self, now: datetime) -> bool:
        """Tell whether the session can still be used."""
        return now < self.ends_at

    def renew(self, secret: str, now: datetime, randomness: Randomness) -> str:
        """Return the secret that follows ``secret``, which from now on is the valid one.

        The secret before leads to the same successor for ``GRACE``. Raises ``SessionEnded``, and
        ``TokenReused`` for an older secret: somebody has a copy, and the session must end.
        """
        if not self.is_live(now):
            raise SessionEnded
        presented = digest_of(secret)
        if hmac.compare_digest(presented, self.digest):
            self.salt = new_secret(randomness)
            successor = _successor(self.salt, secret)
            self.before, self.digest, self.renewed_at = presented, digest_of(successor), now
            return successor
        in_grace = self.before is not None and now - self.renewed_at <= GRACE
        if in_grace and hmac.compare_digest(presented, self.before or ""):
            return _successor(self.salt, secret)
        raise TokenReused

    def authenticate(self, now: datetime, *, passkey: bool) -> None:
        """Note that the person has just proven a second factor, perhaps a passkey."""
        self.authenticated_at = now
        self.second_factor = True
        self.passkey = self.passkey or passkey


def read_refresh_token(token: str) -> tuple[str, str]:
    """Return the digest of a refresh token's handle, and its secret."""
    handle, _, secret = token.partition(".")
    return digest_of(handle), secret


def _successor(salt: str, secret: str) -> str:
    """Return the secret that follows: only who has ``secret`` can make it, and only with the salt.

    So the store need not keep a secret to give the same one twice.
    """
    made = hmac.new(salt.encode(), secret.encode(), hashlib.sha256).digest()
    return base64url(made)


@dataclass(slots=True, kw_only=True)
class Revocation:
    """A session or a token whose access tokens no longer hold, until all of them have ended.

    ``id`` is a session's id (``sid``) or a token's (``jti``).
    """

    id: str
    revoked_at: datetime
    until: datetime
    version: int = 0

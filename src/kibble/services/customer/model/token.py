"""One-time tokens: a secret that proves that its bearer reads a mailbox."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from kibble.kernel.ids import CustomerId, Randomness
from kibble.kernel.personal import Personal, Secret
from kibble.services.customer.errors import TokenRefused

LIFETIME = timedelta(minutes=30)
SECRET_BITS = 256


class Purpose(Enum):
    """What a token is good for."""

    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of a purpose
    VERIFY_EMAIL = "verify_email"


def new_secret(randomness: Randomness) -> str:
    """Return a fresh secret of 256 bits, safe inside a link."""
    number = randomness.getrandbits(SECRET_BITS)
    return base64url(number.to_bytes(SECRET_BITS // 8))


def base64url(content: bytes) -> str:
    """Return ``content`` in the alphabet of addresses, without padding (RFC 4648, section 5)."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def digest_of(secret: str) -> str:
    """Return the form in which a secret is kept; a plain hash will do, for 256 bits of chance."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(slots=True, kw_only=True)
class OneTimeToken:
    """The right to act once for the mailbox ``email``, until ``expires_at``.

    ``customer_id`` is the account that goes by the address, or wants to. Without it somebody has
    only named the address; which account that is, if any, is found out when the mail is written:
    whoever asks learns nothing, not even from the time that it takes. The secret is made then,
    too, and only its ``digest`` is kept.
    """

    id: str
    purpose: Purpose
    email: Personal[str]
    expires_at: datetime
    customer_id: CustomerId | None = None
    digest: Secret[str | None] = None
    version: int = 0

    @classmethod
    def ask(
        cls,
        token_id: str,
        purpose: Purpose,
        email: str,
        now: datetime,
        *,
        customer_id: CustomerId | None = None,
    ) -> OneTimeToken:
        """Return a token for ``email`` whose secret is not made yet."""
        return cls(
            id=token_id,
            purpose=purpose,
            email=email,
            expires_at=now + LIFETIME,
            customer_id=customer_id,
        )

    def is_live(self, now: datetime) -> bool:
        """Tell whether the token can still be sent and used."""
        return now < self.expires_at

    def mint(self, digest: str) -> None:
        """Make the secret with this digest the valid one; an earlier secret no longer is."""
        self.digest = digest

    def redeem(self, purpose: Purpose, now: datetime) -> None:
        """Use the token; the caller removes it in the same commit.

        Raises ``TokenRefused`` when the token is for something else, or expired.
        """
        if self.purpose is not purpose or not self.is_live(now):
            raise TokenRefused

"""One-time tokens: a secret that proves that its bearer reads a mailbox."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from kibble.kernel.ids import CustomerId, Randomness
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
    return base64.urlsafe_b64encode(number.to_bytes(SECRET_BITS // 8)).decode().rstrip("=")


def digest_of(secret: str) -> str:
    """Return the form in which a secret is kept; a plain hash will do, for 256 bits of chance."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(slots=True)
class OneTimeToken:
    """The right to act once for a mailbox, until ``expires_at``.

    The secret itself is made when its mail is written, and only its ``digest`` is kept.
    Without a ``customer_id`` it is a decoy: somebody asked for an address that has no account, and
    nothing may tell the difference.
    """

    id: str
    purpose: Purpose
    customer_id: CustomerId | None
    email: str
    expires_at: datetime
    digest: str | None = None
    version: int = 0

    @classmethod
    def ask(
        cls,
        token_id: str,
        purpose: Purpose,
        email: str,
        now: datetime,
        *,
        customer_id: CustomerId | None,
    ) -> OneTimeToken:
        """Return a token for ``email`` whose secret is not made yet."""
        return cls(token_id, purpose, customer_id, email, now + LIFETIME)

    def is_live(self, now: datetime) -> bool:
        """Tell whether the token can still be sent and used."""
        return self.customer_id is not None and now < self.expires_at

    def mint(self, digest: str) -> None:
        """Make the secret with this digest the valid one; an earlier secret no longer is."""
        self.digest = digest

    def redeem(self, purpose: Purpose, now: datetime) -> CustomerId:
        """Return whose mailbox is proven; the caller removes the token in the same commit.

        Raises ``TokenRefused`` when the token is for something else, or expired.
        """
        if self.purpose is not purpose or self.customer_id is None or not self.is_live(now):
            raise TokenRefused
        return self.customer_id

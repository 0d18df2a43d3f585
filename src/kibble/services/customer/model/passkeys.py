"""Passkeys: key pairs that live in people's devices (WebAuthn, level 3)."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime, timedelta

from kibble.kernel.personal import Personal, Secret
from kibble.services.customer.errors import PasskeyRefused
from kibble.services.customer.model.token import digest_of

CEREMONY_LIFE = timedelta(minutes=5)
"""How long a person may take to find their device and unlock it."""

MAX_PASSKEYS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A key pair that lives in a device; ``credential_id`` and ``public_key`` are base64url.

    ``sign_count`` is the last that the device told, 0 from those that do not count.
    """

    credential_id: Secret[str]
    public_key: Secret[str]
    sign_count: int
    name: Personal[str]
    created_at: datetime
    used_at: datetime | None = None

    def used(self, count: int, now: datetime) -> Passkey:
        """Return the passkey after its use.

        Raises ``PasskeyRefused`` when its counter does not grow: there is a copy of the key
        (WebAuthn, section 6.1.1).
        """
        if (count or self.sign_count) and count <= self.sign_count:
            raise PasskeyRefused
        return dataclasses.replace(self, sign_count=count, used_at=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """What a browser tells of a passkey that a device just made; all of it is base64url.

    ``public_key`` is a SubjectPublicKeyInfo in DER.
    """

    credential_id: Secret[str]
    client_data: Secret[str]
    authenticator_data: Secret[str]
    public_key: Secret[str]


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A passkey that was made as it should be, and the count that its device told."""

    credential_id: Secret[str]
    public_key: Secret[str]
    sign_count: int


@dataclass(slots=True, kw_only=True)
class Ceremony:
    """A challenge that a device is to sign, once; ``id`` is its digest.

    ``account_id`` is whose a new passkey becomes; None for a sign-in, where that is yet to be told.
    """

    id: Secret[str]
    account_id: str | None
    until: datetime
    version: int = 0

    @classmethod
    def begin(cls, challenge: str, now: datetime, account_id: str | None = None) -> Ceremony:
        """Return the ceremony of a fresh challenge."""
        return cls(id=digest_of(challenge), account_id=account_id, until=now + CEREMONY_LIFE)

    def fits(self, account_id: str | None, now: datetime) -> bool:
        """Tell whether the ceremony is this account's (None: a sign-in), and still goes on."""
        return self.account_id == account_id and now < self.until

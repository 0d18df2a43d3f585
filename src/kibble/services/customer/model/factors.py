"""Second factors: codes of an authenticator app (RFC 6238), recovery codes, passkeys."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from kibble.kernel.ids import Randomness
from kibble.kernel.personal import Secret
from kibble.services.customer.model.passkeys import Passkey
from kibble.services.customer.model.token import digest_of

STEP_SECONDS = 30
DIGITS = 6
DRIFT = 1
"""By how many steps an authenticator's clock may be off, either way."""

SECRET_BITS = 160
"""As long as the digest that the secret is used with (RFC 4226, section 4, R6)."""

RECOVERY_CODES = 10
RECOVERY_BITS = 120
"""With 112 or more a plain digest will do to keep them (OWASP ASVS 5.0, 6.5.2)."""


def new_totp_secret(randomness: Randomness) -> str:
    """Return a fresh secret in base32, as authenticator apps take it."""
    return base64.b32encode(_bits(SECRET_BITS, randomness)).decode()


def totp(secret: str, step: int) -> str:
    """Return the code of a time step (RFC 4226, section 5.3; RFC 6238, section 4)."""
    made = hmac.new(base64.b32decode(secret), step.to_bytes(8), hashlib.sha1).digest()
    at = made[-1] & 0xF
    number = int.from_bytes(made[at : at + 4]) & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def provisioning_uri(secret: str, issuer: str, account: str) -> str:
    """Return what an authenticator app reads from a QR code (the ``otpauth`` key URI format)."""
    label = f"{quote(issuer, safe='')}:{quote(account, safe='')}"
    return f"otpauth://totp/{label}?secret={secret}&issuer={quote(issuer, safe='')}"


def new_recovery_codes(randomness: Randomness) -> list[str]:
    """Return fresh codes for the day when the authenticator is lost."""
    return [_recovery_code(randomness) for _ in range(RECOVERY_CODES)]


def _recovery_code(randomness: Randomness) -> str:
    text = base64.b32encode(_bits(RECOVERY_BITS, randomness)).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def _bits(count: int, randomness: Randomness) -> bytes:
    return randomness.getrandbits(count).to_bytes(count // 8)


@dataclass(slots=True, kw_only=True)
class Factors:
    """An account's second factors; ``id`` is the account's.

    ``totp_secret`` is sealed: a code is compared with what it opens to. ``pending_secret`` is of an
    authenticator that has yet to prove itself, sealed as well. ``last_step`` is that of
    the last code that was taken: none is taken twice. Of recovery codes only digests are kept.
    """

    id: str
    totp_secret: Secret[str | None] = None
    totp_since: datetime | None = None
    pending_secret: Secret[str | None] = None
    last_step: int = 0
    recovery: Secret[tuple[str, ...]] = ()
    passkeys: tuple[Passkey, ...] = ()
    version: int = 0

    @property
    def any(self) -> bool:
        """Tell whether there is a second factor at all."""
        return self.totp_secret is not None or bool(self.passkeys)

    def begin_totp(self, secret: str) -> None:
        """Take an authenticator that has yet to prove itself; one before it is forgotten."""
        self.pending_secret = secret

    def confirm_totp(self, secret: str | None, code: str, now: datetime) -> bool:
        """Make the new authenticator the account's; tell whether ``code`` is one of its codes.

        ``secret`` is what ``pending_secret`` opens to.
        """
        step = _step_of(secret, code, now)
        if step is None:
            return False
        self.totp_secret, self.pending_secret = self.pending_secret, None
        self.totp_since, self.last_step = now, step
        return True

    def take_code(self, secret: str | None, code: str, now: datetime) -> bool:
        """Use up a code of the authenticator, or a recovery code; tell whether it was one.

        ``secret`` is what ``totp_secret`` opens to; None when there is none, or its key is lost.
        """
        plain = code.replace(" ", "").replace("-", "").lower()
        step = _step_of(secret, plain, now)
        if step is not None and step > self.last_step:
            self.last_step = step
            return True
        return self._take_recovery_code(plain)

    def _take_recovery_code(self, code: str) -> bool:
        digest = digest_of(code)
        if digest not in self.recovery:
            return False
        self.recovery = tuple(kept for kept in self.recovery if kept != digest)
        return True

    def hand_out(self, codes: list[str]) -> None:
        """Take new recovery codes; those before no longer hold."""
        self.recovery = tuple(digest_of(code.replace("-", "")) for code in codes)

    def add_passkey(self, passkey: Passkey) -> None:
        """Take a passkey; the same one again takes its own place."""
        kept = {one.credential_id: one for one in self.passkeys}
        self.passkeys = tuple((kept | {passkey.credential_id: passkey}).values())

    def passkey(self, credential_id: str) -> Passkey | None:
        """Return one passkey."""
        found = [one for one in self.passkeys if one.credential_id == credential_id]
        return found[0] if found else None

    def remove_passkey(self, credential_id: str) -> bool:
        """Forget a passkey, as ``remove_totp`` does; tell whether it was there."""
        before = len(self.passkeys)
        self.passkeys = tuple(o for o in self.passkeys if o.credential_id != credential_id)
        self._forget_unneeded()
        return len(self.passkeys) < before

    def remove_totp(self) -> None:
        """Forget the authenticator, and the recovery codes when no factor is left."""
        self.totp_secret = self.totp_since = self.pending_secret = None
        self.last_step = 0
        self._forget_unneeded()

    def _forget_unneeded(self) -> None:
        if not self.any:
            self.recovery = ()


def _step_of(secret: str | None, code: str, now: datetime) -> int | None:
    """Return the step whose code this is, of those that a drifting clock may show; else None."""
    if secret is None or not code.isascii():
        return None
    present = int(now.timestamp()) // STEP_SECONDS
    for step in range(present - DRIFT, present + DRIFT + 1):
        if hmac.compare_digest(totp(secret, step), code):
            return step
    return None

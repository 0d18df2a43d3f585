"""The signature of an outgoing webhook, as the Standard Webhooks specification has it.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable

from kibble.kernel.ids import Randomness

PREFIX = "whsec_"
SECRET_BITS = 256


def new_secret(randomness: Randomness) -> str:
    """Return a fresh secret as receivers take it: ``whsec_`` and base64."""
    made = randomness.getrandbits(SECRET_BITS).to_bytes(SECRET_BITS // 8)
    return PREFIX + base64.b64encode(made).decode()


def signature(secrets: Iterable[str], message_id: str, timestamp: int, body: bytes) -> str:
    """Return the value of ``webhook-signature``: a ``v1`` signature for each secret.

    HMAC-SHA256 over ``id.timestamp.body``; ``timestamp`` is in Unix seconds.
    """
    signed = f"{message_id}.{timestamp}.".encode() + body
    return " ".join(f"v1,{_mac(secret, signed)}" for secret in secrets)


def _mac(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()

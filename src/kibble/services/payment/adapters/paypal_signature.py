"""Who wrote a webhook of PayPal's: an RSA signature, by a certificate that PayPal itself serves.

See https://developer.paypal.com/api/rest/webhooks/rest/#verify-the-webhook-signature: what is
signed is ``transmission id|transmission time|webhook id|CRC32 of the raw body``. The certificate's
address comes with the message, so a forger could name one of their own: it is only fetched from
PayPal's hosts, and only believed when a public authority vouches that it is PayPal's.
"""

from __future__ import annotations

import base64
import binascii
import ssl
import zlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import structlog
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from kibble.kernel.clock import Clock, from_text
from kibble.kernel.errors import InvalidInput

_log = structlog.get_logger()

REPLAY_SECONDS: Final = 300
ALGORITHM: Final = "SHA256withRSA"
HOSTS: Final = {
    "api.paypal.com": "messageverificationcerts.paypal.com",
    "api.sandbox.paypal.com": "messageverificationcerts.sandbox.paypal.com",
}
"""Where PayPal serves its certificates, and the name that each has to bear."""
PATH: Final = "/v1/notifications/certs/"
MOST_KEPT: Final = 16


class PayPalSignatures:
    """Checks who wrote a message. Certificates that were believed once are kept in memory.

    ``roots`` are the authorities that may vouch for PayPal: those of the system unless given.
    """

    def __init__(
        self,
        webhook_id: str,
        clock: Clock,
        fetch: Callable[[str], Awaitable[bytes]],
        roots: Sequence[x509.Certificate] | None = None,
    ) -> None:
        self._webhook_id = webhook_id
        self._clock = clock
        self._fetch = fetch
        self._roots = roots
        self._keys: dict[str, RSAPublicKey] = {}

    async def require(self, headers: Mapping[str, str], body: bytes) -> None:
        """Raise ``InvalidInput`` unless PayPal signed ``body`` within the last five minutes.

        Raises ``Unavailable`` when its certificate cannot be fetched: PayPal sends again later.
        """
        message_id = headers.get("paypal-transmission-id", "")
        sent_at = headers.get("paypal-transmission-time", "")
        if headers.get("paypal-auth-algo") != ALGORITHM:
            raise InvalidInput.at("", f"is not signed with {ALGORITHM}")
        self._require_fresh(sent_at)
        key = await self._key(headers.get("paypal-cert-url", ""))
        signed = f"{message_id}|{sent_at}|{self._webhook_id}|{zlib.crc32(body)}".encode()
        try:
            signature = base64.b64decode(headers.get("paypal-transmission-sig", ""), validate=True)
            key.verify(signature, signed, PKCS1v15(), SHA256())
        except (InvalidSignature, binascii.Error) as error:
            raise InvalidInput.at("", "is not signed by PayPal") from error

    def _require_fresh(self, sent_at: str) -> None:
        try:
            age = self._clock.now() - from_text(sent_at)
        except (ValueError, TypeError) as error:
            raise InvalidInput.at("", "has no time of transmission") from error
        if abs(age.total_seconds()) > REPLAY_SECONDS:
            raise InvalidInput.at("", "was sent more than five minutes ago, or ahead of time")

    async def _key(self, address: str) -> RSAPublicKey:
        if address in self._keys:
            return self._keys[address]
        name = _name_at(address)
        key = self._believed(await self._fetch(address), name)
        if len(self._keys) >= MOST_KEPT:
            self._keys.clear()
        self._keys[address] = key
        return key

    def _believed(self, pem: bytes, name: str) -> RSAPublicKey:
        """Return the key of a certificate, once the chain to an authority of ours is complete."""
        try:
            leaf, *between = x509.load_pem_x509_certificates(pem)
            roots = list(self._roots or _system_roots())
            policy = PolicyBuilder().store(Store(roots)).time(self._clock.now())
            policy.build_server_verifier(x509.DNSName(name)).verify(leaf, between)
        except (ValueError, VerificationError) as error:
            _log.warning("certificate refused", party="PayPal", reason=str(error))
            raise InvalidInput.at("", "is signed by a certificate that is not PayPal's") from error
        key = leaf.public_key()
        if not isinstance(key, RSAPublicKey):
            raise InvalidInput.at("", "is signed by a key that is not RSA")
        return key


def _name_at(address: str) -> str:
    """Return the name that a certificate must bear; raises ``InvalidInput`` for other hosts."""
    where = urlsplit(address)
    name = HOSTS.get(where.netloc)
    if where.scheme != "https" or name is None or not where.path.startswith(PATH):
        raise InvalidInput.at("", "names a certificate that PayPal does not serve")
    return name


def _system_roots() -> list[x509.Certificate]:
    """Return the authorities that this machine trusts; raises ``ValueError`` if it has none."""
    paths = ssl.get_default_verify_paths()
    for file in (paths.cafile, paths.openssl_cafile, "/etc/ssl/certs/ca-certificates.crt"):
        if file and Path(file).is_file():
            return x509.load_pem_x509_certificates(Path(file).read_bytes())
    raise ValueError("this machine has no certificates of authorities: install ca-certificates")

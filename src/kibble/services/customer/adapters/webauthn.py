"""Checks what a device says and signs: WebAuthn level 3, sections 7.1 and 7.2, without attestation.

Nothing is asked about the device's maker, so that of a registration only the public key counts,
which the browser hands over ready to use, and of a use 37 bytes and one signature.
"""

from __future__ import annotations

import base64
import hmac
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from kibble.contracts.customer import Assertion
from kibble.services.customer.errors import PasskeyRefused
from kibble.services.customer.model import Enrolled, Enrolment

_HASH_BYTES, _FLAGS, _COUNTER = 32, 32, slice(33, 37)
_ID_LENGTH, _ID_FROM = slice(53, 55), 55
_PRESENT, _VERIFIED, _HAS_KEY = 0x01, 0x04, 0x40
_MIN_RSA_BITS = 2048


class _ClientData(msgspec.Struct, frozen=True, rename="camel"):
    """What the browser says it had the device sign (section 5.8.1); it may say more."""

    type: str
    challenge: str
    origin: str
    cross_origin: bool = False


class WebAuthn:
    """Implements ``Devices`` for the shop at an address, whose host is the relying party's id."""

    def __init__(self, shop_url: str) -> None:
        parts = urlsplit(shop_url)
        self.rp_id = parts.hostname or ""
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._rp_hash = sha256(self.rp_id.encode()).digest()

    def challenge_of(self, client_data: str) -> str:
        """See ``Devices.challenge_of``."""
        return _client_data(client_data).challenge

    def enrol(self, told: Enrolment) -> Enrolled:
        """See ``Devices.enrol``."""
        self._check_client(told.client_data, "webauthn.create")
        said = _bytes(told.authenticator_data)
        count = self._check_device(said, _HAS_KEY)
        length = int.from_bytes(said[_ID_LENGTH])
        credential = _bytes(told.credential_id)
        if said[_ID_FROM : _ID_FROM + length] != credential or not credential:
            raise PasskeyRefused
        _key(told.public_key)
        return Enrolled(told.credential_id, told.public_key, count)

    def check(self, public_key: str, told: Assertion) -> int:
        """See ``Devices.check``."""
        self._check_client(told.client_data, "webauthn.get")
        said = _bytes(told.authenticator_data)
        count = self._check_device(said)
        signed = said + sha256(_bytes(told.client_data)).digest()
        try:
            _verify(_key(public_key), _bytes(told.signature), signed)
        except InvalidSignature as error:
            raise PasskeyRefused from error
        return count

    def _check_client(self, client_data: str, kind: str) -> None:
        told = _client_data(client_data)
        if (told.type, told.origin, told.cross_origin) != (kind, self._origin, False):
            raise PasskeyRefused

    def _check_device(self, said: bytes, also: int = 0) -> int:
        """Return the counter of a device that was touched, and knew who touched it."""
        wanted = _PRESENT | _VERIFIED | also
        if len(said) < _COUNTER.stop or said[_FLAGS] & wanted != wanted:
            raise PasskeyRefused
        if not hmac.compare_digest(said[:_HASH_BYTES], self._rp_hash):
            raise PasskeyRefused
        return int.from_bytes(said[_COUNTER])


def _client_data(text: str) -> _ClientData:
    try:
        return msgspec.json.decode(_bytes(text), type=_ClientData)
    except msgspec.MsgspecError as error:
        raise PasskeyRefused from error


def _bytes(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise PasskeyRefused from error


def _key(public_key: str) -> Any:
    """Return a key of a kind that is taken: P-256, Ed25519, or RSA of 2048 bits or more."""
    try:
        key = load_der_public_key(_bytes(public_key))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise PasskeyRefused from error
    is_taken = (
        (isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1))
        or isinstance(key, ed25519.Ed25519PublicKey)
        or (isinstance(key, rsa.RSAPublicKey) and key.key_size >= _MIN_RSA_BITS)
    )
    if not is_taken:
        raise PasskeyRefused
    return key


def _verify(key: Any, signature: bytes, signed: bytes) -> None:
    if isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, signed, ec.ECDSA(hashes.SHA256()))
    elif isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
    else:
        key.verify(signature, signed)

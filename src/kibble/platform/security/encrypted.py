"""A stream encrypted in chunks with AES-256-GCM, which opens with its key, whole and in order.

After a head of 8 + 32 + 16 bytes (what it is, a salt, a check of the key) come chunks of 1 MiB,
each with a tag. The keys of a stream follow from it and a salt by HKDF-SHA256 (RFC 5869), so that
numbers serve as nonces. A nonce says whether its chunk is the last (the STREAM construction,
https://eprint.iacr.org/2015/189): what is cut off, or put into another order, does not open.
"""

from __future__ import annotations

import base64
import hmac
import io
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kibble.kernel.ids import Randomness

MAGIC = b"KIBBLE-1"
KEY_BYTES, SALT_BYTES, CHECK_BYTES = 32, 32, 16
CHUNK, TAG_BYTES = 1 << 20, 16
_HEAD_BYTES = len(MAGIC) + SALT_BYTES + CHECK_BYTES
_NUMBER_BYTES = 11


class WrongKey(ValueError):
    """The stream was encrypted with another key."""


class Damaged(ValueError):
    """The stream was changed, or is cut off."""


def read_key(text: str) -> bytes:
    """Return a key of 256 bits in base64, of either alphabet; raises ``ValueError`` for another."""
    plain = text.strip().replace("-", "+").replace("_", "/")
    key = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    if len(key) != KEY_BYTES:
        raise ValueError("a key has 256 bits")
    return key


def is_encrypted(start: bytes) -> bool:
    """Tell whether what begins so was written by ``Encrypting``."""
    return start.startswith(MAGIC)


def _keys(key: bytes, salt: bytes) -> tuple[AESGCM, bytes]:
    """Return what encrypts a stream, and what tells in its head that this was the key."""
    made = HKDF(SHA256(), KEY_BYTES + CHECK_BYTES, salt, b"kibble encrypted stream").derive(key)
    return AESGCM(made[:KEY_BYTES]), made[KEY_BYTES:]


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(_NUMBER_BYTES) + bytes([last])


class Encrypting(io.RawIOBase):
    """Writes into a file what is written into it, encrypted; without ``close`` it does not open."""

    def __init__(self, file: IO[bytes], key: bytes, randomness: Randomness) -> None:
        super().__init__()
        salt = randomness.getrandbits(SALT_BYTES * 8).to_bytes(SALT_BYTES)
        self._cipher, check = _keys(key, salt)
        self._file = file
        self._head = MAGIC + salt + check
        self._number = 0
        self._waiting = bytearray()
        file.write(self._head)

    def writable(self) -> bool:
        """Tell that it is for writing."""
        return True

    def write(self, content: object, /) -> int:
        """Take bytes; whole chunks are written once it is known that they are not the last."""
        view = memoryview(content)  # type: ignore[arg-type]  # what RawIOBase gives is a buffer
        self._waiting += view
        while len(self._waiting) > CHUNK:
            self._put(bytes(self._waiting[:CHUNK]), last=False)
            del self._waiting[:CHUNK]
        return view.nbytes

    def _put(self, chunk: bytes, *, last: bool) -> None:
        nonce = _nonce(self._number, last=last)
        self._file.write(self._cipher.encrypt(nonce, chunk, self._head))
        self._number += 1

    def close(self) -> None:
        """Write the last chunk; the file itself stays open."""
        if not self.closed:
            self._put(bytes(self._waiting), last=True)
        super().close()


class Decrypting(io.RawIOBase):
    """Reads what ``Encrypting`` wrote, one checked chunk after the other."""

    def __init__(self, file: IO[bytes], key: bytes) -> None:
        """Raises ``WrongKey``, and ``Damaged`` for what has no head."""
        super().__init__()
        self._file = file
        self._head = file.read(_HEAD_BYTES)
        if len(self._head) < _HEAD_BYTES or not is_encrypted(self._head):
            raise Damaged("it has no head")
        salt = self._head[len(MAGIC) : -CHECK_BYTES]
        self._cipher, check = _keys(key, salt)
        if not hmac.compare_digest(check, self._head[-CHECK_BYTES:]):
            raise WrongKey("it was encrypted with another key")
        self._number = 0
        self._left = b""
        self._next: bytes | None = file.read(CHUNK + TAG_BYTES)

    def readable(self) -> bool:
        """Tell that it is for reading."""
        return True

    def readinto(self, buffer: object, /) -> int:
        """Fill a buffer, as far as there is something; raises ``Damaged``."""
        target = memoryview(buffer)  # type: ignore[arg-type]  # what RawIOBase gives is a buffer
        while not self._left and self._next is not None:
            self._left = self._take(self._next)
        part, self._left = self._left[: len(target)], self._left[len(target) :]
        target[: len(part)] = part
        return len(part)

    def _take(self, sealed: bytes) -> bytes:
        following = self._file.read(CHUNK + TAG_BYTES)
        nonce = _nonce(self._number, last=not following)
        try:
            chunk = self._cipher.decrypt(nonce, sealed, self._head)
        except (InvalidTag, ValueError) as error:
            raise Damaged(f"its part {self._number + 1} is not what was written") from error
        self._number += 1
        self._next = following or None
        return chunk

"""Secrets that must be read again, sealed with AES-256-GCM (NIST SP 800-38D) before they are kept.

What is sealed names its key, so that a new key can follow while the old one still opens what it
sealed. The keys are a file beside the signing keys, or a setting where processes share no folder.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kibble.kernel.ids import Randomness
from kibble.platform.config import Settings
from kibble.platform.security.keys import make_private, write_private

KEY_BITS = 256
NONCE_BITS = 96
_NONCE_BYTES = NONCE_BITS // 8


def sealing_key_path(data_dir: Path) -> Path:
    """Return where the sealing keys are: who can read them can open what is sealed."""
    return data_dir / "sealing-key.json"


class Seal:
    """Seals with the newest key, and opens with any."""

    def __init__(self, keys: Mapping[str, bytes], randomness: Randomness) -> None:
        """``keys`` are 256 bits each, by name, the newest last; there is at least one."""
        self._keys = {name: AESGCM(key) for name, key in keys.items()}
        self._newest = list(keys)[-1]
        self._randomness = randomness

    def seal(self, text: str, about: str) -> str:
        """Return ``text`` sealed for what it is about: it opens for nothing else."""
        nonce = self._randomness.getrandbits(NONCE_BITS).to_bytes(_NONCE_BYTES)
        sealed = self._keys[self._newest].encrypt(nonce, text.encode(), about.encode())
        return f"{self._newest}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, about: str) -> str | None:
        """Return what was sealed; None when it is of another key, of something else, or changed."""
        name, _, content = sealed.partition(".")
        key = self._keys.get(name)
        if key is None:
            return None
        try:
            packed = base64.urlsafe_b64decode(content)
            opened = key.decrypt(packed[:_NONCE_BYTES], packed[_NONCE_BYTES:], about.encode())
        except (ValueError, InvalidTag):
            return None
        return opened.decode()

    def is_outdated(self, sealed: str) -> bool:
        """Tell whether a newer key should seal this, now that it was opened."""
        return sealed.partition(".")[0] != self._newest


def read_sealing_keys(setting: str) -> dict[str, bytes]:
    """Return the keys of a setting: ``NAME:KEY``, separated by spaces, the newest last.

    A key is 256 bits in base64url. Raises ``ValueError`` for what is none.
    """
    return dict(_read(one) for one in setting.split())


def _read(told: str) -> tuple[str, bytes]:
    name, _, text = told.partition(":")
    key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if not name.isalnum() or len(key) * 8 != KEY_BITS:
        raise ValueError("KIBBLE_SEALING_KEYS: each is NAME:KEY, with a key of 256 bits")
    return name, key


def open_sealing_keys(path: Path, randomness: Randomness) -> dict[str, bytes]:
    """Return the keys in ``path``; one is made on first use, for its owner's eyes alone."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        make_private(path, {"keys": [_new("k1", randomness)]})
    return keys_in(path)


def keys_in(path: Path) -> dict[str, bytes]:
    """Return the keys in ``path``; raises ``ValueError`` with a sentence for a file of none."""
    try:
        return read_sealing_keys(" ".join(json.loads(path.read_text())["keys"]))
    except (ValueError, LookupError, TypeError) as error:
        raise ValueError(f"{path} has no keys that can be read: restore it.") from error


def add_sealing_key(path: Path, randomness: Randomness) -> str:
    """Add a key that seals from the next start on; return its name."""
    open_sealing_keys(path, randomness)
    kept: list[str] = json.loads(path.read_text())["keys"]
    name = f"k{len(kept) + 1}"
    write_private(path, {"keys": [*kept, _new(name, randomness)]})
    return name


def _new(name: str, randomness: Randomness) -> str:
    key = randomness.getrandbits(KEY_BITS).to_bytes(KEY_BITS // 8)
    return f"{name}:{base64.urlsafe_b64encode(key).decode()}"


def seal_in(data_dir: Path, randomness: Randomness) -> Seal:
    """Return what seals with the keys in a folder; one is made on first use."""
    return Seal(open_sealing_keys(sealing_key_path(data_dir), randomness), randomness)


def seal_of(settings: Settings, randomness: Randomness) -> Seal:
    """Return what seals with the keys of a setting, or of a folder that all processes share.

    Raises ``ValueError`` in production where there are none: a key that one process makes for
    itself is gone with its container, and what it sealed with it.
    """
    if settings.sealing_keys:
        return Seal(read_sealing_keys(settings.sealing_keys), randomness)
    if settings.production and not sealing_key_path(settings.data_dir).exists():
        raise ValueError("Secrets need KIBBLE_SEALING_KEYS, or sealing-key.json in the folder.")
    return seal_in(settings.data_dir, randomness)

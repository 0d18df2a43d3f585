"""The signing keys: several at a time, so that one can follow another without a refused token.

The file has one key, or a set ``{"keys": [...]}`` whose members say from when they sign
(``signs_from``) and until when what they signed is taken (``kept_until``), in Unix seconds. A key
is published long before it signs, and kept until the last token that it signed has ended.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from kibble.kernel.clock import Clock

ALGORITHM = "ES256"
LONGEST_TOKEN = timedelta(days=31)
"""No token lasts longer: a guest's, for an order, lasts 30 days."""

LEAD = timedelta(hours=24)
"""How long a key is published before it signs."""

LOOK_SECONDS = 60.0
"""How often a process looks whether the keys have changed, at most."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One key, from when it signs, and until when it is taken; both in Unix seconds.

    ``of`` is whose it is, where others have keys too.
    """

    key: ECKey
    signs_from: float = 0.0
    kept_until: float | None = None
    of: str = ""

    @property
    def kid(self) -> str:
        """The key's name."""
        return str(self.key.kid)

    def holds_at(self, now: float) -> bool:
        """Tell whether what it signed is still taken at a Unix time."""
        return self.kept_until is None or self.kept_until > now


def key_path(data_dir: Path) -> Path:
    """Return where the signing keys are: who can read them is the operator."""
    return data_dir / "signing-key.json"


def new_key() -> ECKey:
    """Return a fresh key."""
    return ECKey.generate_key("P-256", {"use": "sig", "alg": ALGORITHM}, auto_kid=True)


def read_keys(path: Path) -> list[SigningKey]:
    """Return the keys in ``path``, the one that signs last at the end.

    Raises ``ValueError`` with a sentence for a file that has none.
    """
    try:
        return parse_keys(path.read_text())
    except (ValueError, LookupError, TypeError, JoseError) as error:
        raise ValueError(
            f"{path} has no keys that can be read: restore it, or remove it to have a new one,"
            " with which everybody signs in again."
        ) from error


def parse_keys(text: str) -> list[SigningKey]:
    """Return the keys in the text of a file; see ``read_keys``."""
    told: dict[str, Any] = json.loads(text)
    if "keys" not in told:
        return [SigningKey(ECKey.import_key(told))]
    found = [_read(one) for one in told["keys"]]
    return sorted(found, key=lambda one: one.signs_from)


def _read(told: Mapping[str, Any]) -> SigningKey:
    bare = {name: v for name, v in told.items() if name not in ("signs_from", "kept_until")}
    return SigningKey(ECKey.import_key(bare), told.get("signs_from", 0.0), told.get("kept_until"))


def load_or_make_key(path: Path) -> ECKey:
    """Return the newest signing key in ``path``, made on first use, for its owner's eyes alone."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        make_private(path, new_key().as_dict(private=True))
    return read_keys(path)[-1].key


def rotate(path: Path, now: float, lead: timedelta = LEAD) -> SigningKey:
    """Add a key that signs from ``lead`` after ``now``; forget those whose tokens have ended.

    Returns the new key. Where several processes share the keys, ``lead`` has to be longer than
    ``LOOK_SECONDS``, or tokens are refused for as long.
    """
    load_or_make_key(path)
    signs_from = now + lead.total_seconds()
    until = signs_from + LONGEST_TOKEN.total_seconds()
    kept = [
        SigningKey(one.key, one.signs_from, one.kept_until or until)
        for one in read_keys(path)
        if one.holds_at(now)
    ]
    added = SigningKey(new_key(), signs_from)
    write_private(path, told_of([*kept, added], private=True))
    return added


def told_of(keys: Sequence[SigningKey], *, private: bool) -> dict[str, object]:
    """Return keys as a file has them, or their public halves."""
    told = [
        one.key.as_dict(private=private)
        | {"signs_from": one.signs_from}
        | ({"kept_until": one.kept_until} if one.kept_until else {})
        for one in keys
    ]
    return {"keys": told}


def make_private(path: Path, content: Mapping[str, Any]) -> None:
    """Make a file as ``write_private`` does, unless another process was quicker."""
    handle, draft = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w") as file:
        json.dump(content, file)
    with suppress(FileExistsError):
        os.link(draft, path)
    Path(draft).unlink()


def write_private(path: Path, content: Mapping[str, object]) -> None:
    """Replace a file as a whole by JSON that its owner alone reads."""
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


class KeyRing:
    """The keys as one process has them; it looks for changes at most once a minute."""

    def __init__(self, keys: Sequence[SigningKey], clock: Clock, path: Path | None = None) -> None:
        """Without a ``path`` the keys are these for ever."""
        self._clock = clock
        self._path = path
        self._looked_at = clock.monotonic()
        self._keys = list(keys)

    @classmethod
    def of(cls, key: ECKey, clock: Clock) -> KeyRing:
        """Return a ring of one key."""
        return cls([SigningKey(key)], clock)

    @classmethod
    def open(cls, path: Path, clock: Clock) -> KeyRing:
        """Return the keys in ``path``; one is made when there is none."""
        load_or_make_key(path)
        return cls(read_keys(path), clock, path)

    def signing(self) -> ECKey:
        """Return the key to sign with now."""
        return self._signing().key

    def _signing(self) -> SigningKey:
        self._look()
        now = self._clock.now().timestamp()
        ready = [one for one in self._keys if one.signs_from <= now]
        return (ready or self._keys)[-1]

    def find(self, kid: str | None) -> SigningKey | None:
        """Return the key of this name, without one that which signs; None when none is taken."""
        if kid is None:
            return self._signing()
        found = self._find(kid)
        if found is None:
            self._look()
            found = self._find(kid)
        return found

    def allows(self, key: SigningKey, kind: str, claims: Mapping[str, object]) -> bool:
        """Tell whether a key's owner may say what it signed: who has this ring's, may say all."""
        return True

    def _find(self, kid: str) -> SigningKey | None:
        now = self._clock.now().timestamp()
        return next((one for one in self._keys if one.kid == kid and one.holds_at(now)), None)

    def published(self) -> dict[str, object]:
        """Return the public halves as a JWK set, those that will sign soon too (RFC 7517)."""
        self._look()
        now = self._clock.now().timestamp()
        keys = [
            one.key.as_dict(private=False) | {"use": "sig", "alg": ALGORITHM}
            for one in self._keys
            if one.holds_at(now)
        ]
        return {"keys": keys}

    def _look(self) -> None:
        now = self._clock.monotonic()
        if self._path is None or now - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = now
        self._keys = read_keys(self._path)

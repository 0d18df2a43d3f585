"""Whose key is whose: each process signs with a key of its own, and is believed about itself alone.

In a data folder the shop's keys are ``signing-key.json``: Customer signs with them what people and
clients are given. A process's own are ``service-keys/NAME.json``. The public halves of all are in
``public-keys``, a file an owner, which is all that others need of a key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from kibble.kernel.clock import Clock
from kibble.platform.security.keys import (
    LOOK_SECONDS,
    KeyRing,
    SigningKey,
    key_path,
    load_or_make_key,
    parse_keys,
    read_keys,
    told_of,
    write_private,
)
from kibble.platform.security.principal import SERVICE_SCOPE

BEHALF = "behalf+jwt"
"""The type of what a service says of itself: for which customer it works while nobody waits."""

SHOP = "shop"
"""Whose the keys are that people's tokens are signed with."""

GUESTS = "order"
"""Who gives guests the tokens for their orders."""

_STANDARD = frozenset("iss aud iat nbf exp jti sub".split())
_OF_A_SERVICE = _STANDARD | {"client_id", "scope"}
_OF_A_GUEST = _STANDARD | {"order_id"}


def own_path(data_dir: Path, name: str) -> Path:
    """Return where a process's own keys are; the shop's are ``SHOP``'s."""
    return key_path(data_dir) if name == SHOP else data_dir / "service-keys" / f"{name}.json"


def public_folder(data_dir: Path) -> Path:
    """Return where everybody's public keys are."""
    return data_dir / "public-keys"


def prepare(data_dir: Path, names: Iterable[str]) -> None:
    """Make the keys that are missing, the shop's among them, and publish all."""
    for name in (SHOP, *names):
        load_or_make_key(own_path(data_dir, name))
        publish(data_dir, name)


def publish(data_dir: Path, name: str) -> None:
    """Write down the public halves of somebody's keys; for HAProxy also each as PEM."""
    folder = public_folder(data_dir)
    folder.mkdir(parents=True, exist_ok=True)
    keys = read_keys(own_path(data_dir, name))
    for old in folder.glob(f"{name}-*.pem"):
        old.unlink()
    write_private(folder / f"{name}.json", told_of(keys, private=False))
    if name in (SHOP, GUESTS):
        for number, one in enumerate(keys):
            (folder / f"{name}-{number}.pem").write_bytes(one.key.as_pem(private=False))


def own_ring(data_dir: Path, name: str, told: str, clock: Clock) -> KeyRing:
    """Return a process's own keys: those that it was ``told`` as JSON, or else its file's.

    A file that is missing is made and published, which a live shop does not come to: see
    ``require_own``.
    """
    if told:
        return KeyRing(parse_keys(told), clock)
    path = own_path(data_dir, name)
    load_or_make_key(path)
    if not (public_folder(data_dir) / f"{name}.json").exists():
        publish(data_dir, name)
    return KeyRing.open(path, clock)


def require_own(data_dir: Path, name: str, told: str, variable: str) -> None:
    """Raise ``ValueError`` unless a live shop's process was given its own keys, and all public."""
    path = own_path(data_dir, name)
    if not told and not path.exists():
        raise ValueError(f"{name} needs {variable}, or {path.name} of its own: kibble prepare.")
    if not any(public_folder(data_dir).glob("*.json")):
        raise ValueError(f"{name} needs the folder {public_folder(data_dir).name} in its own.")


class PublicKeys:
    """The public keys of a shop and its processes, and what each of these may say.

    The folder is read again when a name in it has changed, for a key that follows or a process that
    is new: looked at once a minute, and whenever a key is not known.
    """

    def __init__(self, folder: Path, scopes: Mapping[str, frozenset[str]], clock: Clock) -> None:
        """``scopes`` are those that each process's own token may have, by name."""
        self._folder = folder
        self._scopes = scopes
        self._clock = clock
        self._seen = 0
        self._looked_at = float("-inf")
        self._keys: dict[str, SigningKey] = {}

    def find(self, kid: str | None) -> SigningKey | None:
        """Return the key of this name; None when there is none that is still taken."""
        if kid is None:
            return None
        if kid not in self._keys or self._clock.monotonic() - self._looked_at > LOOK_SECONDS:
            self._look()
        found = self._keys.get(kid)
        return found if found and found.holds_at(self._clock.now().timestamp()) else None

    def allows(self, key: SigningKey, kind: str, claims: Mapping[str, object]) -> bool:
        """Tell whether a key's owner may say what it signed.

        The shop speaks for people and clients; a process for itself, with scopes that are its own;
        Order also for the guest whose order it took.
        """
        scopes = frozenset(str(claims.get("scope", "")).split())
        if key.of == SHOP:
            return kind != BEHALF and not any(one.startswith(SERVICE_SCOPE) for one in scopes)
        if key.of == GUESTS and claims.keys() <= _OF_A_GUEST:
            return str(claims.get("sub")).startswith("order:")
        if claims.get("client_id") != key.of or not claims.keys() <= _OF_A_SERVICE:
            return False
        own = claims.get("sub") == key.of and scopes <= self._scopes.get(key.of, frozenset())
        return kind == BEHALF or own

    def _look(self) -> None:
        self._looked_at = self._clock.monotonic()
        changed = self._folder.stat().st_mtime_ns if self._folder.exists() else 0
        if changed == self._seen:
            return
        self._seen = changed
        self._keys = {
            one.kid: replace(one, of=file.stem)
            for file in sorted(self._folder.glob("*.json"))
            for one in read_keys(file)
        }

"""Where the processes of a shop listen, and how they know one another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from kibble.platform.config import Settings
from kibble.platform.engines.http import HttpNeighbour
from kibble.platform.security.identities import SHOP, PublicKeys, public_folder, require_own
from kibble.platform.security.principal import SERVICE_SCOPE
from kibble.platform.security.tokens import TokenIssuer
from kibble.platform.service import World
from kibble.runtime.names import GATEWAY, OUTLETS, SERVED, SERVICES

TOKEN_LIFE = timedelta(minutes=10)
BEHALF_LIFE = timedelta(minutes=1)
RENEW_SECONDS = 300.0
OPERATOR = "operator"
"""What a command calls itself: who can read all keys may ask everything."""


ENGINES = (
    "postgres_url",
    "mongodb_url",
    "redis_url",
    "cassandra_url",
    "elasticsearch_url",
    "neo4j_url",
    "kafka_url",
)
"""The settings that say where engines are, and with which name and password."""


def refuse_known_passwords(settings: Settings) -> None:
    """Raise ``ValueError`` when a live shop would use an engine's password that is written here.

    Whoever has read Kibble's source knows it (OWASP ASVS 5.0, 13.2.3).
    """
    if not settings.production:
        return
    ours = Settings()
    known = {word for name in ENGINES if (word := urlsplit(getattr(ours, name)).password)}
    for name in ENGINES:
        if urlsplit(getattr(settings, name)).password in known:
            raise ValueError(f"KIBBLE_{name.upper()} has a password of Kibble's own: choose one.")


def port_of(service: str, settings: Settings) -> int:
    """Return the port that a service has where all of them share an address."""
    return settings.service_port + (*SERVED, OUTLETS).index(service)


def url_of(service: str, settings: Settings) -> str:
    """Return where a service is asked."""
    return settings.service_url.format(service=service, port=port_of(service, settings))


MAY_CALL: Mapping[str, tuple[str, ...]] = {
    "product": ("inventory",),
    "inventory": (),
    "order": ("product", "inventory", "availability", "payment", "shipping", "customer"),
    "payment": ("inventory",),
    "customer": ("exports",),
    "recommendation": ("product",),
    "shipping": ("product",),
    "notification": ("customer", "guest-links", "product", "availability"),
    GATEWAY: ("letters", "sessions"),
    OUTLETS: (),
    OPERATOR: (*SERVICES, "letters"),
}
"""Which groups of procedures each process calls; what was revoked, all may ask."""


def served(settings: Settings) -> list[str]:
    """Return the processes that a shop has."""
    return [*SERVED, OUTLETS] if settings.outlets else [*SERVED]


def keeps_letters(settings: Settings) -> list[str]:
    """Return the processes that may have events they could not apply."""
    return [name for name in served(settings) if name != GATEWAY]


def scopes_of(name: str) -> list[str]:
    """Return the scopes of a process's own token: what it calls, and no more."""
    return [SERVICE_SCOPE + group for group in (*MAY_CALL[name], "revocations")]


def public_keys(settings: Settings, world: World) -> PublicKeys:
    """Return what a process checks tokens with: everybody's public keys, and who may say what."""
    scopes = {name: frozenset(scopes_of(name)) for name in MAY_CALL}
    return PublicKeys(public_folder(settings.data_dir), scopes, world.clock)


def require_own_keys(name: str, settings: Settings) -> None:
    """Raise ``ValueError`` when a process of a live shop has no key of its own."""
    if not settings.production:
        return
    require_own(settings.data_dir, name, settings.service_keys, "KIBBLE_SERVICE_KEYS")
    if name == "customer":
        require_own(settings.data_dir, SHOP, settings.signing_keys, "KIBBLE_SIGNING_KEYS")


class OwnToken:
    """A process's own token, renewed well before it ends."""

    def __init__(self, name: str, issuer: TokenIssuer, world: World) -> None:
        self._name = name
        self._issuer = issuer
        self._clock = world.clock
        self._token = ""
        self._renewed_at = float("-inf")

    def behalf(self, customer_id: str) -> str:
        """Return what the process says of itself where nobody waits: for whom it works."""
        return self._issuer.for_behalf(self._name, customer_id, BEHALF_LIFE)

    def __call__(self) -> str:
        """Return the token."""
        now = self._clock.monotonic()
        if now - self._renewed_at > RENEW_SECONDS:
            self._token = self._issuer.for_client(self._name, scopes_of(self._name), TOKEN_LIFE)
            self._renewed_at = now
        return self._token


class Neighbours:
    """The other services, as one process reaches them; each has one pool of connections."""

    def __init__(self, name: str, settings: Settings, world: World, issuer: TokenIssuer) -> None:
        self._settings = settings
        self._world = world
        self._token = OwnToken(name, issuer, world)
        self._known: dict[str, HttpNeighbour] = {}

    def __getitem__(self, service: str) -> HttpNeighbour:
        """Return a neighbour by name."""
        if service not in self._known:
            url = url_of(service, self._settings)
            world = self._world
            self._known[service] = HttpNeighbour(
                service, url, world.clock, world.randomness, self._token, behalf=self._token.behalf
            )
        return self._known[service]

    async def close(self) -> None:
        """Close all connections."""
        for neighbour in self._known.values():
            await neighbour.close()

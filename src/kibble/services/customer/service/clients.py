"""Registering the clients of the authorization server."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from kibble.kernel.clock import Clock
from kibble.kernel.errors import FieldError, InvalidInput
from kibble.kernel.ids import BROWSER, IdSource, Randomness
from kibble.platform.persistence.changes import Changes, Outcome
from kibble.platform.security.roles import ROLES
from kibble.services.customer.errors import ClientNotFound
from kibble.services.customer.model import (
    AUTHORIZATION_CODE,
    CLIENT_CREDENTIALS,
    DELEGATED,
    REFRESH_TOKEN,
    Client,
    digest_of,
    new_secret,
)
from kibble.services.customer.repository import CustomerRepository

_LOCAL = ("localhost", "127.0.0.1", "[::1]", "::1")
_OWN_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")
"""A scheme that belongs to an app's maker: a domain's name turned round (RFC 8252, 7.1)."""

SCOPES = frozenset(scope for scopes in ROLES.values() for scope in scopes) | DELEGATED


@dataclass(frozen=True, slots=True)
class Registered:
    """A client, and its secret: shown once, never kept."""

    client: Client
    secret: str | None


class ClientService:
    """Keeps the clients."""

    def __init__(
        self,
        customers: CustomerRepository,
        *,
        clock: Clock,
        ids: IdSource,
        randomness: Randomness,
    ) -> None:
        self._customers = customers
        self._clock = clock
        self._ids = ids
        self._randomness = randomness

    async def register(
        self,
        name: str,
        redirect_uris: tuple[str, ...],
        scopes: tuple[str, ...],
        *,
        confidential: bool,
        first_party: bool,
    ) -> Outcome[Registered]:
        """Register a client; one with redirects asks users, a confidential one acts for itself too.

        Raises ``InvalidInput`` for a redirect that is no safe address, or an unknown scope.
        """
        _check(redirect_uris, scopes, confidential=confidential)
        asks_users = (AUTHORIZATION_CODE, REFRESH_TOKEN) if redirect_uris else ()
        secret = new_secret(self._randomness) if confidential else None
        client = Client(
            id=self._ids.new(),
            name=name,
            redirect_uris=redirect_uris,
            scopes=scopes,
            grants=(*asks_users, CLIENT_CREDENTIALS) if confidential else asks_users,
            created_at=self._clock.now(),
            secret_digest=digest_of(secret) if secret else None,
            first_party=first_party,
        )
        changes = Changes()
        changes.save(client)
        return Outcome(Registered(client, secret), changes)

    async def all(self) -> list[Client]:
        """Return all clients, the oldest first."""
        return await self._customers.clients()

    async def remove(self, client_id: str) -> Outcome[None]:
        """Forget a client: its refresh tokens no longer work. Raises ``ClientNotFound``."""
        client = await self._customers.client(client_id)
        if client is None or client_id == BROWSER:
            raise ClientNotFound
        changes = Changes()
        changes.remove(client)
        return Outcome(None, changes)


def _check(uris: tuple[str, ...], scopes: tuple[str, ...], *, confidential: bool) -> None:
    errors = [
        FieldError(f"/redirectUris/{at}", "must be https, local, or an app's own scheme")
        for at, uri in enumerate(uris)
        if not _is_safe(uri)
    ]
    unknown = set(scopes) - SCOPES
    if unknown or not scopes:
        errors.append(FieldError("/scopes", f"must be some of {', '.join(sorted(SCOPES))}"))
    if not uris and not confidential:
        errors.append(FieldError("/redirectUris", "is required for a public client"))
    if errors:
        raise InvalidInput(errors)


def _is_safe(uri: str) -> bool:
    """Tell whether codes may be sent there (RFC 9700, section 4.1; RFC 8252, section 7)."""
    try:
        parts = urlsplit(uri)
        local = parts.hostname in _LOCAL
    except ValueError:
        return False
    if parts.fragment or "#" in uri or not uri.isascii() or any(c.isspace() for c in uri):
        return False
    if parts.scheme in ("http", "https"):
        return bool(parts.hostname) and not parts.username and (parts.scheme == "https" or local)
    return _OWN_SCHEME.fullmatch(parts.scheme) is not None

"""The identity provider outside the shop, if the settings name one."""

from __future__ import annotations

import asyncio
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from kibble.kernel.clock import Clock
from kibble.kernel.errors import Unavailable
from kibble.platform.config import Settings
from kibble.platform.security.outside import OutsideProvider, Provider
from kibble.platform.tasks import Periodic

LOOK_SECONDS = 5.0
TIMEOUT_SECONDS = 5.0
MAX_BYTES = 1 << 20
_OK = 200
_LOCAL = ("localhost", "127.0.0.1", "::1")


def outside_provider(settings: Settings, clock: Clock) -> OutsideProvider | None:
    """Return it; None when there is none. Raises ``ValueError`` for half a provider."""
    if not settings.oidc_issuer:
        return None
    where = urlsplit(settings.oidc_keys_url)
    if where.scheme != "https" and where.hostname not in _LOCAL:
        raise ValueError("KIBBLE_OIDC_KEYS_URL: must be an https address")
    provider = Provider(
        issuer=settings.oidc_issuer,
        audience=settings.oidc_audience,
        keys_url=settings.oidc_keys_url,
        scope_claim=settings.oidc_scope_claim,
        roles_claim=settings.oidc_roles_claim,
        customer_claim=settings.oidc_customer_claim,
    )
    return OutsideProvider(provider, clock, fetch)


def following(provider: OutsideProvider | None, clock: Clock) -> list[Periodic]:
    """Return the task that keeps its keys fresh."""
    if provider is None:
        return []
    return [Periodic("follow the outside provider's keys", LOOK_SECONDS, provider.refresh, clock)]


async def fetch(url: str) -> bytes:
    """Return what is at an address; a redirect is not followed. Raises ``Unavailable``."""
    return await asyncio.to_thread(_fetch, url)


def _fetch(url: str) -> bytes:
    where = urlsplit(url)
    kind = HTTPSConnection if where.scheme == "https" else HTTPConnection
    connection = kind(where.netloc, timeout=TIMEOUT_SECONDS)
    try:
        target = where.path + (f"?{where.query}" if where.query else "")
        connection.request("GET", target or "/", headers={"accept": "application/json"})
        answer = connection.getresponse()
        content = answer.read(MAX_BYTES)
    except (OSError, HTTPException) as error:
        raise Unavailable(f"{url} cannot be reached: {error}") from error
    finally:
        connection.close()
    if answer.status != _OK:
        raise Unavailable(f"{url} answered {answer.status}.")
    return content

"""Reading the services' API over HTTP, for the pages that the gateway makes."""

from __future__ import annotations

import aiohttp

from kibble.gateway.storefront.reading import Answer
from kibble.platform.config import Settings
from kibble.runtime.distributed.addresses import url_of

PRODUCT = "product"
_OTHERS = {"/api/carts": "order", "/api/promotions": "order"}
"""Which service has what is not Product's, by how its paths begin."""
TIMEOUT_SECONDS = 2.0
_AWAY = 503


class RemoteReader:
    """Reads Product, which owns nearly all that a first view shows, and Order, which has carts."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._session: aiohttp.ClientSession | None = None

    async def get(self, address: str, cookie: str = "") -> Answer:
        """Return the answer to a GET; a page is shown without what does not come in time."""
        service = next(
            (name for path, name in _OTHERS.items() if address.startswith(path)), PRODUCT
        )
        url = f"{url_of(service, self._settings)}{address}"
        headers = {"cookie": cookie} if cookie else {}
        try:
            async with self._connections().get(
                url, headers=headers, allow_redirects=False
            ) as answer:
                return Answer(answer.status, await answer.read(), answer.headers.get("link"))
        except (aiohttp.ClientError, TimeoutError):
            return Answer(_AWAY, b"")

    def _connections(self) -> aiohttp.ClientSession:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
            self._session = aiohttp.ClientSession(timeout=timeout)
        return self._session

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

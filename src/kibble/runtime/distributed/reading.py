"""Reading the catalogue's API over HTTP, for the pages that the gateway makes."""

from __future__ import annotations

import aiohttp

from kibble.gateway.storefront.reading import Answer
from kibble.platform.config import Settings
from kibble.runtime.distributed.addresses import url_of

PRODUCT = "product"
TIMEOUT_SECONDS = 2.0
_AWAY = 503


class RemoteCatalogue:
    """Reads Product, which owns all that a page shows before anybody has signed in."""

    def __init__(self, settings: Settings) -> None:
        self._url = url_of(PRODUCT, settings)
        self._session: aiohttp.ClientSession | None = None

    async def get(self, address: str) -> Answer:
        """Return the answer to a GET; a page is shown without what does not come in time."""
        try:
            async with self._connections().get(f"{self._url}{address}") as answer:
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

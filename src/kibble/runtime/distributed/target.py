"""Filling a shop that runs in other processes: through its gateway, and its services' ports."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from kibble.contracts.inventory import RemoteInventory
from kibble.contracts.product import RemoteProduct
from kibble.kernel.ids import ProductId, WarehouseId
from kibble.platform.clock import SystemClock
from kibble.platform.security.tokens import TokenIssuer
from kibble.platform.web import json
from kibble.runtime.distributed.addresses import Neighbours
from kibble.runtime.loopback import CONFLICT, Refused
from kibble.runtime.target import REVIEWER_LIFE, SCOPES

TIMEOUT = aiohttp.ClientTimeout(total=60)
PAUSE_SECONDS = 0.25
_OK = range(200, 300)
_AWAY = (429, 503, 504)
_RUNNING = ("PENDING", "RUNNING", "QUEUED")


class RemoteTarget:
    """Implements ``Target`` for the shop behind ``url``."""

    def __init__(
        self,
        url: str,
        issuer: TokenIssuer,
        neighbours: Neighbours,
        session: aiohttp.ClientSession,
    ) -> None:
        self._url = url.rstrip("/")
        self._issuer = issuer
        self._session = session
        self._token = issuer.for_client("seeding", SCOPES, timedelta(hours=1))
        self._clock = SystemClock()
        self._products = RemoteProduct(neighbours["product"])
        self._inventory = RemoteInventory(neighbours["inventory"])

    async def post(self, path: str, body: object, *, customer: str | None = None) -> Any:
        """See ``Target.post``."""
        token = self._issuer.for_customer(customer, REVIEWER_LIFE) if customer else self._token
        return await self._send("POST", path, token, json.encode(body), "application/json")

    async def get(self, path: str) -> Any:
        """See ``Target.get``."""
        return await self._send("GET", path, self._token)

    async def put(self, path: str, body: object) -> Any:
        """See ``Target.put``."""
        return await self._send("PUT", path, self._token, json.encode(body), "application/json")

    def now(self) -> datetime:
        """See ``Target.now``."""
        return self._clock.now()

    async def _send(
        self, method: str, path: str, token: str, body: bytes | None = None, media: str = ""
    ) -> Any:
        """Ask until the shop answers: it may be busy with what it was given before."""
        headers = {"authorization": f"Bearer {token}"} | ({"content-type": media} if media else {})
        while True:
            async with self._session.request(
                method,
                self._url + path,
                data=body,
                headers=headers,
                timeout=TIMEOUT,
                allow_redirects=False,
            ) as answer:
                content = await answer.read()
            if answer.status in _OK:
                return msgspec.json.decode(content)
            if answer.status == CONFLICT and method == "POST":
                return None
            if answer.status not in _AWAY:
                raise Refused(f"{method} {path}: {answer.status} {content.decode()}")
            await self.settle()

    async def put_image(self, name: str, content: bytes) -> str:
        """See ``Target.put_image``."""
        return await self._products.put_image(name, content)

    async def ids_of(self, skus: Sequence[str]) -> dict[str, ProductId]:
        """See ``Target.ids_of``."""
        return await self._products.ids_of(skus)

    async def warehouse_ids(self) -> dict[str, WarehouseId]:
        """See ``Target.warehouse_ids``."""
        return await self._inventory.warehouse_ids()

    async def stock_up(
        self, levels: Mapping[ProductId, Mapping[WarehouseId, int]]
    ) -> list[ProductId]:
        """See ``Target.stock_up``."""
        return await self._inventory.stock_up(levels)

    async def import_feed(self, file: Path) -> None:
        """See ``Target.import_feed``."""
        path = "/api/products/imports"
        feed = await asyncio.to_thread(file.read_bytes)
        job = await self._send("POST", path, self._token, feed, "application/x-ndjson")
        while job["status"] in _RUNNING:
            await self.settle()
            job = await self.get(f"{path}/{job['id']}")
        if job["status"] != "COMPLETED":
            raise Refused(f"The import of {file.name} ended as {job['status']}.")

    async def settle(self) -> None:
        """Give events a moment; what depends on them asks again."""
        await self._clock.sleep(PAUSE_SECONDS)

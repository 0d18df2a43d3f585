"""A shop that can be filled, wherever it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console

from kibble.kernel.ids import ProductId, WarehouseId
from kibble.platform.security.keys import key_path, load_or_make_key
from kibble.platform.security.tokens import TokenIssuer
from kibble.runtime import feeds
from kibble.runtime.loopback import Loopback
from kibble.runtime.shop import Shop

SCOPES = ("catalog:write", "inventory:write", "orders:write")
REVIEWER_LIFE = timedelta(minutes=5)


class Target(Protocol):
    """A shop as whoever fills it needs it: its API, and what only an operator may do."""

    async def post(self, path: str, body: object, *, customer: str | None = None) -> Any:
        """Return the JSON of what was made, or None when it is there already.

        It is asked for as staff, unless as a customer.
        """
        ...

    async def get(self, path: str) -> Any:
        """Return the JSON of an answer."""
        ...

    async def put(self, path: str, body: object) -> Any:
        """Return the JSON of what was changed, asked for as staff."""
        ...

    def now(self) -> datetime:
        """Return what time it is there."""
        ...

    async def put_image(self, name: str, content: bytes) -> str:
        """Keep a picture of our own making as it is; return what a product shows it by."""
        ...

    async def ids_of(self, skus: Sequence[str]) -> dict[str, ProductId]:
        """Return the products of these SKUs."""
        ...

    async def warehouse_ids(self) -> dict[str, WarehouseId]:
        """Return all warehouses by code."""
        ...

    async def stock_up(
        self, levels: Mapping[ProductId, Mapping[WarehouseId, int]]
    ) -> list[ProductId]:
        """Set many levels at once; return the products that Inventory has not heard of yet."""
        ...

    async def import_feed(self, file: Path) -> None:
        """Import a feed to its end."""
        ...

    async def settle(self) -> None:
        """Let events that are on their way arrive, as far as one can wait for that."""
        ...


class ShopTarget:
    """Implements ``Target`` for a shop in this process, whose bus need not run."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        key = load_or_make_key(key_path(shop.settings.data_dir))
        self._issuer = TokenIssuer(key, shop.world.clock, shop.world.ids)
        self._api = Loopback(shop, self._issuer.for_client("seeding", SCOPES, timedelta(hours=1)))
        self._products = shop.services.product.client
        self._inventory = shop.services.inventory.client

    async def post(self, path: str, body: object, *, customer: str | None = None) -> Any:
        """See ``Target.post``."""
        token = self._issuer.for_customer(customer, REVIEWER_LIFE) if customer else None
        return await self._api.post(path, body, token=token)

    async def get(self, path: str) -> Any:
        """See ``Target.get``."""
        return await self._api.get(path)

    async def put(self, path: str, body: object) -> Any:
        """See ``Target.put``."""
        return await self._api.call("PUT", path, body)

    def now(self) -> datetime:
        """See ``Target.now``."""
        return self._shop.world.clock.now()

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
        await feeds.import_feed(self._shop, file, Console(quiet=True))

    async def settle(self) -> None:
        """See ``Target.settle``."""
        await self._shop.bus.drain()
        await self._products.index_now()

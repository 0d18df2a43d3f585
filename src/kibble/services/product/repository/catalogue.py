"""The catalogue: the port that Product's store implements."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Protocol

from kibble.kernel.ids import CategoryId, ProductId
from kibble.kernel.paging import Page
from kibble.platform.persistence.store import Store
from kibble.services.product.model.category import CategoryTree
from kibble.services.product.model.listing import Listing
from kibble.services.product.model.product import Product
from kibble.services.product.model.shortage import Shortage

Watcher = Callable[[Collection[ProductId]], None]
"""Told which products look different from now on, or are gone."""


class Catalogue(Store, Protocol):
    """Products with their standing, and categories.

    It saves ``Product``, ``Category``, ``StandingChange`` and all else that Product keeps, and
    removes products with what hangs on them, and categories. A save raises ``StaleVersion`` as
    well for a SKU or a category's name that is taken, and where something that it needs is gone.
    """

    def watch(self, watcher: Watcher) -> None:
        """Have ``watcher`` told after each commit, before its caller goes on.

        What shows a changed product is named too: bundles that hold it, its configurable product.
        """
        ...

    async def listing(self, product_id: ProductId) -> Listing | None:
        """Return a product as it is shown."""
        ...

    async def listings(self, product_ids: Sequence[ProductId]) -> dict[ProductId, Listing]:
        """Return those of the products that exist, as they are shown."""
        ...

    async def page(self, limit: int, cursor: str | None) -> Page[ProductId]:
        """Return all products but variants, newest first."""
        ...

    async def products(self, product_ids: Sequence[ProductId]) -> dict[ProductId, Product]:
        """Return those of the products that exist."""
        ...

    async def with_skus(self, skus: Sequence[str]) -> dict[str, Product]:
        """Return the products of these SKUs."""
        ...

    async def variants(self, parent_ids: Sequence[ProductId]) -> list[Product]:
        """Return the variants of configurable products, in the order they were made."""
        ...

    async def bundles_with(self, product_ids: Sequence[ProductId]) -> list[Product]:
        """Return the bundles that hold any of the products, each once."""
        ...

    async def in_category(self, category_id: CategoryId) -> list[Product]:
        """Return the products that stand right in a category, variants too."""
        ...

    async def sales_due(self, now: datetime, limit: int) -> list[Product]:
        """Return products whose sale has a step to take by ``now``, the longest due first."""
        ...

    async def running_low(self, below: int, limit: int, cursor: str | None) -> Page[Shortage]:
        """Return the products with fewer than ``below`` units, the scarcest first.

        Configurable products and bundles are left out: their stock is that of their parts.
        """
        ...

    async def categories(self) -> CategoryTree:
        """Return the tree of categories."""
        ...

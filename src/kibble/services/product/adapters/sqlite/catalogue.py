"""The catalogue on SQLite."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import LiteralString

import msgspec

from kibble.kernel.clock import to_text
from kibble.kernel.ids import CategoryId, ProductId
from kibble.kernel.paging import Page, decode_cursor, encode_cursor, page_of
from kibble.platform.engines.sqlite import Database, SqliteStore
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.persistence.changes import Changes
from kibble.platform.persistence.store import InboxMark, StoredReply
from kibble.services.product.adapters.changed import changed_products
from kibble.services.product.adapters.sqlite.rows import (
    CATEGORIES,
    PRODUCT,
    STANDING,
    Row,
    category,
    product,
    standing,
)
from kibble.services.product.adapters.sqlite.writers import REMOVERS, SAVERS
from kibble.services.product.model.category import CategoryTree, Shelf
from kibble.services.product.model.listing import Listing
from kibble.services.product.model.product import Kind, Product
from kibble.services.product.model.shortage import Shortage
from kibble.services.product.repository.catalogue import Watcher

FEED = "catalogue"
"""What the store's signal fires when the feed of changes has grown."""

_FROM = "FROM products p JOIN categories c ON c.id = p.category_id"
_LISTED = f"SELECT {PRODUCT}, {STANDING} {_FROM} LEFT JOIN standings s ON s.product_id = p.id"
_PRODUCTS = f"SELECT {PRODUCT} {_FROM}"
_IN = "IN (SELECT value FROM json_each(?))"
_COLUMNS_OF_PRODUCT = PRODUCT.count(",") + 1
_DEPENDANTS = (
    f"SELECT bundle_id FROM bundle_components WHERE component_id {_IN}"
    f" UNION SELECT parent_id FROM products WHERE id {_IN} AND parent_id IS NOT NULL"
)

_RUNNING_LOW = (
    "SELECT p.id, p.sku, p.name, coalesce(s.available, 0) AS units"
    " FROM products p LEFT JOIN standings s ON s.product_id = p.id"
    " WHERE p.kind IN ('simple', 'variant') AND units < ? AND (units, p.id) > (?, ?)"
    " ORDER BY units, p.id LIMIT ?"
)


class SqliteCatalogue(SqliteStore):
    """Implements ``Catalogue``."""

    def __init__(self, database: Database, envelopes: EnvelopeMaker) -> None:
        super().__init__(database, envelopes, SAVERS, REMOVERS)
        self.commits = 0
        """Counts the commits that were answered, for who keeps what it read until the next one."""
        self._watchers: list[Watcher] = []
        self._closing: list[Callable[[], None]] = []

    def watch(self, watcher: Watcher) -> None:
        """See ``Catalogue.watch``."""
        self._watchers.append(watcher)

    async def commit(
        self,
        changes: Changes,
        *,
        reply: StoredReply | None = None,
        inbox: InboxMark | None = None,
    ) -> None:
        """See ``Store.commit``."""
        await super().commit(changes, reply=reply, inbox=inbox)
        self.commits += 1
        if changed := set(changed_products(changes)):
            marks = _json(changed)
            shown_in = self.database.read(_DEPENDANTS, (marks, marks))
            changed.update(ProductId(product_id) for (product_id,) in shown_in)
            for watcher in self._watchers:
                watcher(changed)
            self.signal.fire({FEED})

    def on_close(self, hook: Callable[[], None]) -> None:
        """Have ``hook`` called when the store is closed, by what follows it."""
        self._closing.append(hook)

    def close(self) -> None:
        """End what follows the store, then close the database."""
        for hook in self._closing:
            hook()
        super().close()

    async def listing(self, product_id: ProductId) -> Listing | None:
        """See ``Catalogue.listing``."""
        row = self.database.read_one(f"{_LISTED} WHERE p.id = ?", (product_id,))
        return self._complete([_listing(row)])[product_id] if row else None

    async def listings(self, product_ids: Sequence[ProductId]) -> dict[ProductId, Listing]:
        """See ``Catalogue.listings``."""
        return self._complete(self._listed("p.id", product_ids))

    def _listed(self, column: LiteralString, values: Collection[str]) -> list[Listing]:
        rows = self.database.read(f"{_LISTED} WHERE {column} {_IN} ORDER BY p.id", (_json(values),))
        return [_listing(row) for row in rows]

    def _complete(self, listings: Iterable[Listing]) -> dict[ProductId, Listing]:
        """Return listings by id, with the variants and components that they show."""
        found = {listing.product.id: listing for listing in listings}
        parents = [id_ for id_, shown in found.items() if shown.product.kind is Kind.CONFIGURABLE]
        if parents:
            variants: dict[ProductId | None, list[Listing]] = {}
            for variant in self._listed("p.parent_id", parents):
                variants.setdefault(variant.product.parent_id, []).append(variant)
            for id_ in parents:
                parent = found[id_]
                found[id_] = Listing(parent.product, parent.standing, variants.get(id_, ()))
        return self._with_components(found)

    def _with_components(self, found: dict[ProductId, Listing]) -> dict[ProductId, Listing]:
        bundles = [shown for shown in found.values() if shown.product.components]
        if bundles:
            wanted = {part.product_id for shown in bundles for part in shown.product.components}
            parts = {part.product.id: part for part in self._listed("p.id", wanted)}
            for shown in bundles:
                own = {part.product_id: parts[part.product_id] for part in shown.product.components}
                found[shown.product.id] = Listing(shown.product, shown.standing, components=own)
        return found

    async def page(self, limit: int, cursor: str | None) -> Page[ProductId]:
        """See ``Catalogue.page``."""
        before = decode_cursor(cursor, str)[0] if cursor else "~"
        rows = self.database.read(
            "SELECT id FROM products WHERE id < ? AND parent_id IS NULL ORDER BY id DESC LIMIT ?",
            (before, limit + 1),
        )
        return page_of([ProductId(row[0]) for row in rows], limit, encode_cursor)

    async def products(self, product_ids: Sequence[ProductId]) -> dict[ProductId, Product]:
        """See ``Catalogue.products``."""
        return {found.id: found for found in self._products(f"p.id {_IN}", _json(product_ids))}

    async def with_skus(self, skus: Sequence[str]) -> dict[str, Product]:
        """See ``Catalogue.with_skus``."""
        return {found.sku: found for found in self._products(f"p.sku {_IN}", _json(skus))}

    async def variants(self, parent_ids: Sequence[ProductId]) -> list[Product]:
        """See ``Catalogue.variants``."""
        return self._products(f"p.parent_id {_IN} ORDER BY p.id", _json(parent_ids))

    async def bundles_with(self, product_ids: Sequence[ProductId]) -> list[Product]:
        """See ``Catalogue.bundles_with``."""
        bundles = f"SELECT bundle_id FROM bundle_components WHERE component_id {_IN}"
        return self._products(f"p.id IN ({bundles}) ORDER BY p.id", _json(product_ids))

    async def in_category(self, category_id: CategoryId) -> list[Product]:
        """See ``Catalogue.in_category``."""
        return self._products("p.category_id = ?", category_id)

    async def sales_due(self, now: datetime, limit: int) -> list[Product]:
        """See ``Catalogue.sales_due``."""
        return self._products("p.sale_due <= ? ORDER BY p.sale_due LIMIT ?", to_text(now), limit)

    def _products(self, where: LiteralString, *values: str | int) -> list[Product]:
        return [product(row) for row in self.database.read(f"{_PRODUCTS} WHERE {where}", values)]

    async def running_low(self, below: int, limit: int, cursor: str | None) -> Page[Shortage]:
        """See ``Catalogue.running_low``."""
        after = decode_cursor(cursor, int, str) if cursor else (-1, "")
        rows = self.database.read(_RUNNING_LOW, (below, *after, limit + 1))
        found = [Shortage(ProductId(id_), sku, name, left) for id_, sku, name, left in rows]
        return page_of(found, limit, lambda last: encode_cursor(last.available, last.product_id))

    async def categories(self) -> CategoryTree:
        """See ``Catalogue.categories``."""
        rows = self.database.read(f"SELECT {CATEGORIES.columns}, products FROM categories")
        return CategoryTree(Shelf(category(row), row[4]) for row in rows)


def _listing(row: Row) -> Listing:
    return Listing(product(row), standing(row[0], row[_COLUMNS_OF_PRODUCT:]))


def _json(values: Collection[str]) -> str:
    return msgspec.json.encode(list(values)).decode()

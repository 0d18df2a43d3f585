"""The catalogue on MongoDB."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from kibble.kernel.clock import to_text
from kibble.kernel.ids import CategoryId, ProductId
from kibble.kernel.paging import Page, decode_cursor, encode_cursor, page_of
from kibble.platform.engines.mongodb import LIVE, Database, Document, MongoStore, translated
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.persistence.changes import Changes
from kibble.platform.persistence.store import InboxMark, StoredReply
from kibble.services.product.adapters.changed import changed_products
from kibble.services.product.adapters.mongodb.documents import (
    CATEGORIES,
    PRODUCTS,
    listing,
    product,
    shelf,
)
from kibble.services.product.adapters.mongodb.kinds import INDEXES, Writers, sku_key
from kibble.services.product.model.category import CategoryTree
from kibble.services.product.model.listing import Listing
from kibble.services.product.model.product import Kind, Product
from kibble.services.product.model.shortage import Shortage
from kibble.services.product.repository.catalogue import Watcher

_ON_SHELVES = [Kind.SIMPLE.value, Kind.VARIANT.value]


class MongoCatalogue(MongoStore):
    """Implements ``Catalogue``.

    Watchers are told of this process's changes at once, and of others' by ``ForeignChanges``.
    """

    def __init__(self, database: Database, envelopes: EnvelopeMaker) -> None:
        super().__init__(database, envelopes, Writers(envelopes.ids).kinds(), INDEXES)
        self.clock = envelopes.clock
        self._watchers: list[Watcher] = []
        self._hooks: list[Callable[[], None]] = []

    def watch(self, watcher: Watcher) -> None:
        """See ``Catalogue.watch``."""
        self._watchers.append(watcher)

    def on_change(self, hook: Callable[[], None]) -> None:
        """Have ``hook`` called after each commit of this process, before its caller goes on."""
        self._hooks.append(hook)

    async def commit(
        self,
        changes: Changes,
        *,
        reply: StoredReply | None = None,
        inbox: InboxMark | None = None,
    ) -> None:
        """See ``Store.commit``."""
        await super().commit(changes, reply=reply, inbox=inbox)
        for hook in self._hooks:
            hook()
        if self._watchers and (changed := set(changed_products(changes))):
            self.tell(changed | await self.showing(changed))

    def tell(self, product_ids: Collection[ProductId]) -> None:
        """Tell the watchers of changed products."""
        for watcher in self._watchers:
            watcher(product_ids)

    async def showing(self, product_ids: Collection[ProductId]) -> set[ProductId]:
        """Return the bundles and configurable products that show any of the products."""
        ids = list(product_ids)
        bundles = await self.many(PRODUCTS, {"components": {"$in": ids}}, fields={"_id": 1})
        of_one: Document = {"_id": {"$in": ids}, "parent_id": {"$exists": True}}
        variants = await self.many(PRODUCTS, of_one, fields={"parent_id": 1})
        parents = {ProductId(variant["parent_id"]) for variant in variants}
        return parents | {ProductId(bundle["_id"]) for bundle in bundles}

    async def listing(self, product_id: ProductId) -> Listing | None:
        """See ``Catalogue.listing``."""
        return (await self.listings([product_id])).get(product_id)

    async def listings(self, product_ids: Sequence[ProductId]) -> dict[ProductId, Listing]:
        """See ``Catalogue.listings``."""
        found = await self._listed({"_id": {"$in": list(product_ids)}})
        return await self._complete({shown.product.id: shown for shown in found})

    async def _listed(self, wanted: Document) -> list[Listing]:
        return [listing(document) for document in await self.many(PRODUCTS, wanted)]

    async def _complete(self, found: dict[ProductId, Listing]) -> dict[ProductId, Listing]:
        """Return listings by id, with the variants and components that they show."""
        parents = [id_ for id_, shown in found.items() if shown.product.kind is Kind.CONFIGURABLE]
        if parents:
            variants: dict[ProductId | None, list[Listing]] = {}
            for variant in await self._listed({"parent_id": {"$in": parents}}):
                variants.setdefault(variant.product.parent_id, []).append(variant)
            for id_ in parents:
                parent = found[id_]
                found[id_] = Listing(parent.product, parent.standing, variants.get(id_, ()))
        return await self._with_components(found)

    async def _with_components(self, found: dict[ProductId, Listing]) -> dict[ProductId, Listing]:
        bundles = [shown for shown in found.values() if shown.product.components]
        if bundles:
            wanted = {part.product_id for shown in bundles for part in shown.product.components}
            parts = {p.product.id: p for p in await self._listed({"_id": {"$in": list(wanted)}})}
            for shown in bundles:
                ids = [part.product_id for part in shown.product.components]
                if all(id_ in parts for id_ in ids):
                    own = {id_: parts[id_] for id_ in ids}
                    found[shown.product.id] = Listing(shown.product, shown.standing, components=own)
                else:  # both went while they were read; a component never goes alone
                    del found[shown.product.id]
        return found

    async def page(self, limit: int, cursor: str | None) -> Page[ProductId]:
        """See ``Catalogue.page``."""
        before = decode_cursor(cursor, str)[0] if cursor else "~"
        wanted: Document = {"_id": {"$lt": before}, "parent_id": {"$exists": False}}
        found = await self.many(
            PRODUCTS, wanted, sort=("_id", -1), limit=limit + 1, fields={"_id": 1}
        )
        return page_of([ProductId(one["_id"]) for one in found], limit, encode_cursor)

    async def products(self, product_ids: Sequence[ProductId]) -> dict[ProductId, Product]:
        """See ``Catalogue.products``."""
        found = await self._products({"_id": {"$in": list(product_ids)}})
        return {one.id: one for one in found}

    async def with_skus(self, skus: Sequence[str]) -> dict[str, Product]:
        """See ``Catalogue.with_skus``."""
        keys = [sku_key(sku) for sku in skus]
        found = await self._products({"keys": {"$in": keys}, "sku": {"$in": list(skus)}})
        return {one.sku: one for one in found}

    async def variants(self, parent_ids: Sequence[ProductId]) -> list[Product]:
        """See ``Catalogue.variants``."""
        return await self._products({"parent_id": {"$in": list(parent_ids)}})

    async def bundles_with(self, product_ids: Sequence[ProductId]) -> list[Product]:
        """See ``Catalogue.bundles_with``."""
        return await self._products({"components": {"$in": list(product_ids)}})

    async def in_category(self, category_id: CategoryId) -> list[Product]:
        """See ``Catalogue.in_category``."""
        return await self._products({"category_id": category_id})

    async def sales_due(self, now: datetime, limit: int) -> list[Product]:
        """See ``Catalogue.sales_due``."""
        wanted: Document = {"sale_due": {"$lte": to_text(now)}}
        found = await self.many(PRODUCTS, wanted, sort=("sale_due", 1), limit=limit)
        return [product(document) for document in found]

    async def _products(self, wanted: Document) -> list[Product]:
        return [product(document) for document in await self.many(PRODUCTS, wanted)]

    async def running_low(self, below: int, limit: int, cursor: str | None) -> Page[Shortage]:
        """See ``Catalogue.running_low``."""
        units, product_id = decode_cursor(cursor, int, str) if cursor else (-1, "")
        wanted: list[Document] = [
            {"$match": {"kind": {"$in": _ON_SHELVES}, **LIVE}},
            {"$project": {"sku": 1, "name": 1, "units": {"$ifNull": ["$stock", 0]}}},
            {"$match": {"units": {"$lt": below}}},
            {
                "$match": {
                    "$or": [
                        {"units": {"$gt": units}},
                        {"units": units, "_id": {"$gt": product_id}},
                    ]
                }
            },
            {"$sort": {"units": 1, "_id": 1}},
            {"$limit": limit + 1},
        ]
        with translated():
            rows = await (await self.database[PRODUCTS].aggregate(wanted)).to_list()
        found = [Shortage(ProductId(r["_id"]), r["sku"], r["name"], r["units"]) for r in rows]
        return page_of(found, limit, lambda last: encode_cursor(last.available, last.product_id))

    async def categories(self) -> CategoryTree:
        """See ``Catalogue.categories``."""
        return CategoryTree(shelf(document) for document in await self.many(CATEGORIES, {}))

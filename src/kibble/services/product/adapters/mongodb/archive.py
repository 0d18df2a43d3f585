"""Product's state on MongoDB as rows, and back.

A product's standing and a bundle's components are in the product's document.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

import msgspec
from pymongo import UpdateOne

from kibble.kernel.clock import from_text, to_text, to_text_or_none
from kibble.kernel.ids import CategoryId, IdSource, ProductId
from kibble.kernel.money import Money
from kibble.platform.engines.mongodb import Document, translated
from kibble.platform.engines.mongodb.archive import Mapped, MongoArchive, kept
from kibble.platform.persistence.archive import BATCH, Row, Shape
from kibble.services.product.adapters import archive
from kibble.services.product.adapters.mongodb import documents
from kibble.services.product.adapters.mongodb.catalogue import MongoCatalogue
from kibble.services.product.adapters.mongodb.kinds import review_keys, sku_key
from kibble.services.product.model.product import CategoryRef, Product
from kibble.services.product.model.sale import Sale

_STANDING: Mapping[str, str] = {
    "stock": "available",
    "stock_sequence": "stock_sequence",
    "rating_total": "rating_total",
    "review_count": "review_count",
    "popularity": "popularity",
    "standing_version": "version",
}
"""A standing's columns by the fields of the product's document."""

_encode = msgspec.json.Encoder().encode


class MongoProductArchive(MongoArchive):
    """Implements ``Archive`` for Product; ``ids`` marks what the search index has to learn."""

    def __init__(
        self,
        name: str,
        store: MongoCatalogue,
        ids: IdSource,
        close: Callable[[], Awaitable[None]],
    ) -> None:
        mapped = {
            archive.CATEGORIES: Mapped(documents.CATEGORIES, _category_row, self._category),
            archive.PRODUCTS: Mapped(documents.PRODUCTS, _product_row, self._product),
            archive.STANDINGS: Mapped(documents.PRODUCTS, _standing_row, _standing),
            archive.REVIEWS: Mapped(
                documents.REVIEWS, kept(archive.REVIEWS, "id")[0], _review_document
            ),
            archive.PURCHASES: _pairs(archive.PURCHASES, documents.PURCHASES),
            archive.IMPORTS: Mapped(documents.IMPORTS, *kept(archive.IMPORTS, "id")),
            archive.FEED_STOCK: _pairs(archive.FEED_STOCK, documents.FEED_STOCK),
        }
        super().__init__(name, store, archive.MONGODB_SHAPES, mapped, close)
        self._products = store.database[documents.PRODUCTS]
        self._categories = store.database[documents.CATEGORIES]
        self._ids = ids
        self._names: dict[str, str] = {}

    async def rows(self, table: Shape) -> AsyncIterator[Sequence[Row]]:
        """See ``Archive.rows``."""
        if table is not archive.BUNDLE_COMPONENTS:
            async for rows in super().rows(table):
                yield rows
            return
        async for products in super().rows(archive.PRODUCTS):
            yield [component for one in products for component in _components(one)]

    async def load(self, table: Shape, rows: Sequence[Row]) -> None:
        """See ``Archive.load``; bundles come with their components."""
        if table is archive.STANDINGS:
            with translated():
                await self._products.bulk_write(
                    [
                        UpdateOne({"_id": row["product_id"]}, {"$set": _standing(row)})
                        for row in rows
                    ]
                )
        elif table is not archive.BUNDLE_COMPONENTS:
            await super().load(table, rows)

    async def finish(self) -> None:
        """See ``Archive.finish``: count what needs each product and each category."""
        products, categories = Counter[str](), Counter[str]()
        with translated():
            wanted = {"category_id": 1, "parent_id": 1, "components": 1}
            async for one in self._products.find({}, wanted, batch_size=BATCH):
                categories[one["category_id"]] += 1
                products.update([*one.get("components", ()), *_named(one, "parent_id")])
            async for one in self._categories.find({}, {"parent_id": 1}):
                categories.update(_named(one, "parent_id"))
            for collection, refs in ((self._products, products), (self._categories, categories)):
                counted = [
                    UpdateOne({"_id": id_}, {"$set": {"refs": n}}) for id_, n in refs.items()
                ]
                if counted:
                    await collection.bulk_write(counted, ordered=False)

    def _category(self, row: Row) -> Document:
        self._names[row["id"]] = row["name"]
        document = {name: value for name, value in row.items() if name != "id"}
        return document | {"_id": row["id"], "keys": [row["name"]]}

    def _product(self, row: Row) -> Document:
        """Return a product's document; its category's was made before."""
        product = _product_of(row, self._names[row["category_id"]])
        return documents.product_fields(product) | {
            "_id": product.id,
            "keys": [sku_key(product.sku)],
            "unfed": self._ids.new(),
            "version": product.version,
        }


def _named(document: Document, field: str) -> Sequence[str]:
    return [document[field]] if document.get(field) else []


def _pairs(shape: Shape, collection: str) -> Mapped:
    """Return how a table is kept whose rows are told apart by two columns."""
    row, document = kept(shape, "")
    one, other = shape.key
    return Mapped(
        collection,
        row,
        lambda given: document(given) | {"_id": f"{given[one]}/{given[other]}", "version": 1},
    )


def _category_row(document: Document) -> Row:
    shelf = documents.shelf(document)
    category = shelf.category
    return {
        "id": category.id,
        "name": category.name,
        "parent_id": category.parent_id,
        "products": shelf.products,
        "version": category.version,
    }


def _product_of(row: Row, category: str) -> Product:
    structure, sale = row["structure"], row["sale"]
    return Product(
        id=ProductId(row["id"]),
        sku=row["sku"],
        name=row["name"],
        category=CategoryRef(CategoryId(row["category_id"]), category),
        price=Money(row["price"], row["currency"]),
        created_at=from_text(row["created_at"]),
        updated_at=from_text(row["updated_at"]),
        description=row["description"],
        tags=tuple(row["tags"]),
        attributes=msgspec.json.decode(row["attributes"]),
        images=tuple(row["images"]),
        structure=structure and documents.structure(row["kind"], msgspec.json.decode(structure)),
        sale=msgspec.json.decode(sale, type=Sale) if sale else None,
        past_prices=row["past_prices"],
        version=row["version"],
    )


def _product_row(document: Document) -> Row:
    product = documents.product(document)
    return {
        "id": product.id,
        "sku": product.sku,
        "kind": product.kind.value,
        "parent_id": product.parent_id,
        "name": product.name,
        "description": product.description,
        "category_id": product.category.id,
        "currency": product.price.currency,
        "price": product.price.minor,
        "attributes": _encode(product.attributes).decode(),
        "structure": _encode(product.structure).decode() if product.structure else None,
        "sale": _encode(product.sale).decode() if product.sale else None,
        "sale_due": to_text_or_none(product.sale.due) if product.sale else None,
        "tags": list(product.tags),
        "images": list(product.images),
        "past_prices": dict(product.past_prices),
        "created_at": to_text(product.created_at),
        "updated_at": to_text(product.updated_at),
        "version": product.version,
    }


def _components(row: Row) -> Sequence[Row]:
    product = _product_of(row, "")
    return [
        {
            "bundle_id": product.id,
            "component_id": component.product_id,
            "quantity": component.quantity,
        }
        for component in product.components
    ]


def _standing_row(document: Document) -> Row | None:
    """Return a product's standing; None when nothing was ever told of it."""
    if "standing_version" not in document:
        return None
    columns = {column: document.get(field, 0) for field, column in _STANDING.items()}
    return {"product_id": document["_id"], **columns}


def _standing(row: Row) -> Document:
    return {field: row[column] for field, column in _STANDING.items()}


def _review_document(row: Row) -> Document:
    _, document = kept(archive.REVIEWS, "id")
    return document(row) | {"keys": review_keys(row["product_id"], row["customer_id"]) or None}

"""Products, standings and categories as documents, and back; the owner's fields by his names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, cast

import msgspec
from bson import Decimal128

from kibble.kernel.clock import from_text, to_text, to_text_or_none
from kibble.kernel.ids import CategoryId, ProductId
from kibble.kernel.money import Money
from kibble.platform.engines.mongodb import Document
from kibble.services.product.model.category import Category, Shelf
from kibble.services.product.model.listing import Listing
from kibble.services.product.model.pricing import Configuration
from kibble.services.product.model.product import (
    CategoryRef,
    Contents,
    Kind,
    Product,
    Selection,
    Structure,
)
from kibble.services.product.model.sale import Sale
from kibble.services.product.model.standing import Standing

PRODUCTS = "products"
CATEGORIES = "categories"
REVIEWS = "reviews"
PURCHASES = "purchases"
IMPORTS = "imports"
FEED_STOCK = "feed_stock"

_STRUCTURES: Mapping[str, type] = {
    Kind.CONFIGURABLE.value: Configuration,
    Kind.VARIANT.value: Selection,
    Kind.BUNDLE.value: Contents,
}


def product_fields(product: Product) -> Document:
    """Return what a product's document has of the product; its stock and standing are beside."""
    structure = product.structure
    return {
        "product_id": product.id,
        "name": product.name,
        "description": product.description,
        "category": product.category.name,
        "price": decimal_of(product.price.minor),
        "attributes": named(product.attributes, escaped),
        "images": list(product.images),
        "category_id": product.category.id,
        "currency": product.price.currency,
        "sku": product.sku,
        "kind": product.kind.value,
        "parent_id": product.parent_id,
        "tags": list(product.tags),
        "components": [part.product_id for part in product.components] or None,
        "structure": named(msgspec.to_builtins(structure), escaped) if structure else None,
        "created_at": to_text(product.created_at),
        "updated_at": to_text(product.updated_at),
        "sale": msgspec.to_builtins(product.sale) if product.sale else None,
        "sale_due": to_text_or_none(product.sale.due) if product.sale else None,
        "past_prices": dict(product.past_prices) or None,
        "text": _text(product),
    }


def _text(product: Product) -> str:
    """Return all that a plain search looks at, in lower case."""
    attributes = (f"{name} {value}" for name, value in product.attributes.items())
    parts = (product.name, product.description, *product.tags, *attributes, product.category.name)
    return "\n".join(parts).lower()


def product(document: Document) -> Product:
    """Return the product in a document."""
    kept, sale = document.get("structure"), document.get("sale")
    return Product(
        id=ProductId(document["_id"]),
        sku=document["sku"],
        name=document["name"],
        category=CategoryRef(CategoryId(document["category_id"]), document["category"]),
        price=Money(minor_of(document["price"]), document["currency"]),
        created_at=from_text(document["created_at"]),
        updated_at=from_text(document["updated_at"]),
        description=document["description"],
        tags=tuple(document["tags"]),
        attributes=named(document["attributes"], unescaped),
        images=tuple(document["images"]),
        structure=structure(document["kind"], named(kept, unescaped)) if kept else None,
        sale=msgspec.convert(sale, Sale) if sale else None,
        past_prices=document.get("past_prices") or {},
        version=document["version"],
    )


def structure(kind: str, value: object) -> Structure:
    """Return the structure of a product of a kind, from what JSON can hold."""
    found: Structure = msgspec.convert(value, _STRUCTURES[kind])
    return found


def standing(document: Document) -> Standing:
    """Return the standing in a product's document; what was never told of is 0."""
    return Standing(
        product_id=ProductId(document["_id"]),
        available=document.get("stock", 0),
        stock_sequence=document.get("stock_sequence", 0),
        rating_total=document.get("rating_total", 0),
        review_count=document.get("review_count", 0),
        popularity=document.get("popularity", 0),
        version=document.get("standing_version", 0),
    )


def listing(document: Document) -> Listing:
    """Return what a product's document alone shows."""
    return Listing(product(document), standing(document))


def shelf(document: Document) -> Shelf:
    """Return the category in a document, and how many products stand in it."""
    category = Category(
        CategoryId(document["_id"]),
        document["name"],
        document.get("parent_id"),
        document["version"],
    )
    return Shelf(category, document.get("products", 0))


def decimal_of(minor: int) -> Decimal128:
    """Return an amount in minor units as MongoDB keeps and compares it."""
    return Decimal128(Decimal(minor).scaleb(-2))


def minor_of(amount: Decimal128) -> int:
    """Return the minor units of an amount."""
    return int(amount.to_decimal().scaleb(2))


def named(value: Any, name: Callable[[str], str]) -> Any:
    """Return a value in which the keys of all objects were renamed."""
    if isinstance(value, Mapping):
        fields = cast("Mapping[str, Any]", value)
        return {name(key): named(inner, name) for key, inner in fields.items()}
    if isinstance(value, list | tuple):
        return [named(inner, name) for inner in cast("list[Any]", value)]
    return value


def escaped(key: str) -> str:
    """Return a key without the characters that mean something to MongoDB."""
    return key.replace("%", "%25").replace(".", "%2E").replace("$", "%24")


def unescaped(key: str) -> str:
    """Return the key that ``escaped`` wrote."""
    return key.replace("%24", "$").replace("%2E", ".").replace("%25", "%")

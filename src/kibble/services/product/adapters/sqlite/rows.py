"""Products, standings and categories as rows, and back."""

from __future__ import annotations

from typing import Any

import msgspec

from kibble.kernel.clock import from_text, to_text, to_text_or_none
from kibble.kernel.ids import CategoryId, ProductId
from kibble.kernel.money import Money
from kibble.platform.engines.sqlite import Table
from kibble.services.product.model.category import Category
from kibble.services.product.model.fields import Scalar
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

Row = tuple[Any, ...]

PRODUCTS = Table(
    "products",
    "id",
    "sku",
    "kind",
    "parent_id",
    "name",
    "description",
    "category_id",
    "price",
    "currency",
    "tags",
    "attributes",
    "images",
    "structure",
    "created_at",
    "updated_at",
    "sale",
    "sale_due",
    "past_prices",
)
CATEGORIES = Table("categories", "id", "name", "parent_id")

PRODUCT = ", ".join(f"p.{column}" for column in PRODUCTS.columns.split(", ")) + ", c.name"
"""What ``product`` reads: of products p and categories c."""

STANDING = ", ".join(
    f"s.{column}"
    for column in (
        "available",
        "stock_sequence",
        "rating_total",
        "review_count",
        "popularity",
        "version",
    )
)
"""What ``standing`` reads, of standings s, behind the product."""

_encode = msgspec.json.Encoder().encode
_texts = msgspec.json.Decoder(tuple[str, ...]).decode
_attributes = msgspec.json.Decoder(dict[str, Scalar]).decode
_past_prices = msgspec.json.Decoder(dict[str, int]).decode
_sale = msgspec.json.Decoder(Sale).decode
_structures: dict[str, msgspec.json.Decoder[Structure]] = {
    Kind.CONFIGURABLE.value: msgspec.json.Decoder(Configuration),
    Kind.VARIANT.value: msgspec.json.Decoder(Selection),
    Kind.BUNDLE.value: msgspec.json.Decoder(Contents),
}


def product_values(product: Product) -> Row:
    """Return a product's row, in the order of ``PRODUCTS`` and without the version."""
    structure = product.structure
    return (
        product.id,
        product.sku,
        product.kind.value,
        product.parent_id,
        product.name,
        product.description,
        product.category.id,
        product.price.minor,
        product.price.currency,
        _encode(product.tags).decode(),
        _encode(product.attributes).decode(),
        _encode(product.images).decode(),
        None if structure is None else _encode(structure).decode(),
        to_text(product.created_at),
        to_text(product.updated_at),
        None if product.sale is None else _encode(product.sale).decode(),
        None if product.sale is None else to_text_or_none(product.sale.due),
        _encode(product.past_prices).decode(),
    )


def product(row: Row) -> Product:
    """Return the product in a row that begins with ``PRODUCT``."""
    return Product(
        id=ProductId(row[0]),
        sku=row[1],
        name=row[4],
        category=CategoryRef(CategoryId(row[6]), row[19]),
        price=Money(row[7], row[8]),
        created_at=from_text(row[13]),
        updated_at=from_text(row[14]),
        description=row[5],
        tags=_texts(row[9]),
        attributes=_attributes(row[10]),
        images=_texts(row[11]),
        structure=_structures[row[2]].decode(row[12]) if row[12] is not None else None,
        sale=_sale(row[15]) if row[15] is not None else None,
        past_prices=_past_prices(row[17]),
        version=row[18],
    )


def standing(product_id: ProductId, row: Row) -> Standing:
    """Return the standing in ``STANDING``'s columns: a new one when there is no row."""
    return Standing(product_id) if row[0] is None else Standing(product_id, *row)


def category(row: Row) -> Category:
    """Return the category in a row of ``CATEGORIES``."""
    return Category(CategoryId(row[0]), row[1], row[2], row[3])

"""The demo shop's data files, typed. SKUs and codes are the keys; seeding makes the ids."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from importlib import resources
from typing import Literal

import msgspec

from kibble.contracts.address import Address
from kibble.runtime.demo.pictures import PictureSpec

Attributes = dict[str, str | int | float | bool]
Choices = dict[str, str]
Stock = dict[str, int]
"""Units on hand by the warehouse's code."""


class Row(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The base of what the files hold: unknown fields are refused."""


class DemoCategory(Row, frozen=True):
    """A category; ``parent`` is a category's name, None at the top. Parents come first."""

    name: str
    parent: str | None
    description: str


class DemoWarehouse(Row, frozen=True):
    """A warehouse; the lowest ``priority`` ships first."""

    code: str
    name: str
    address: Address
    priority: int


class DemoProduct(Row, frozen=True):
    """A product, as a line of Kibble's own feed format.

    In the files ``picture`` is called ``drawing``: a feed's picture is the name of one.
    """

    sku: str
    name: str
    description: str
    category: str
    price: Decimal
    tags: list[str]
    attributes: Attributes
    stock: Stock
    picture: PictureSpec = msgspec.field(name="drawing")


class DemoOption(Row, frozen=True):
    """Something to choose, with its values in the order shown."""

    name: str
    values: list[str]


class DemoPriceRule(Row, frozen=True):
    """What some choices mean for a variant's price: a surcharge, or a price instead."""

    when: Choices
    surcharge: Decimal | None = None
    price: Decimal | None = None


class DemoVariant(Row, frozen=True):
    """One combination of choices; ``price`` is what the rules come to."""

    sku: str
    options: Choices
    price: Decimal
    stock: Stock


class DemoConfigurable(Row, frozen=True):
    """A product with options; ``price`` is the base price, ``exclude`` what is not made."""

    sku: str
    name: str
    description: str
    category: str
    price: Decimal
    tags: list[str]
    attributes: Attributes
    picture: PictureSpec = msgspec.field(name="drawing")
    options: list[DemoOption]
    price_rules: list[DemoPriceRule]
    variants: list[DemoVariant]
    exclude: list[Choices] = []


class DemoComponent(Row, frozen=True):
    """So many of a product in one bundle."""

    sku: str
    quantity: int


class DemoBundle(Row, frozen=True):
    """Products sold together, ``percent_off`` the sum of their prices."""

    sku: str
    name: str
    description: str
    category: str
    tags: list[str]
    attributes: Attributes
    components: list[DemoComponent]
    percent_off: int
    picture: PictureSpec = msgspec.field(name="drawing")


class DemoPromotion(Row, frozen=True):
    """A code that takes something off; without ``starts_at`` it starts when the shop is seeded."""

    code: str
    kind: Literal["percent", "amount", "free_shipping", "buy_x_get_y"]
    description: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    percent: float | None = None
    amount: Decimal | None = None
    minimum: Decimal | None = None
    buy_sku: str | None = None
    buy_quantity: int = 1
    get_sku: str | None = None
    get_quantity: int = 1
    max_uses: int | None = None
    max_uses_per_customer: int | None = None
    audience: Literal["code", "everyone", "autoship", "first_autoship"] = "code"


class DemoSale(Row, frozen=True):
    """A lower price of a simple product, for so many days from the seeding on."""

    sku: str
    price: Decimal
    days: int


class DemoReview(Row, frozen=True):
    """What a customer called ``name`` says of a product; a name says one thing of each."""

    sku: str
    rating: int
    title: str
    text: str
    name: str


def load_categories() -> list[DemoCategory]:
    """Return the category tree, parents before their children."""
    return msgspec.json.decode(_read("categories.json"), type=list[DemoCategory])


def load_warehouses() -> list[DemoWarehouse]:
    """Return the warehouses."""
    return msgspec.json.decode(_read("warehouses.json"), type=list[DemoWarehouse])


def load_products() -> list[DemoProduct]:
    """Return the simple products, in the order of their categories."""
    return msgspec.json.Decoder(DemoProduct).decode_lines(_read("catalogue.jsonl"))


def load_configurables() -> list[DemoConfigurable]:
    """Return the products with options, and their variants."""
    return msgspec.json.decode(_read("configurable.json"), type=list[DemoConfigurable])


def load_bundles() -> list[DemoBundle]:
    """Return the bundles; their components are simple products."""
    return msgspec.json.decode(_read("bundles.json"), type=list[DemoBundle])


def load_promotions() -> list[DemoPromotion]:
    """Return the promotions; one of them is over."""
    return msgspec.json.decode(_read("promotions.json"), type=list[DemoPromotion])


def load_sales() -> list[DemoSale]:
    """Return the sales."""
    return msgspec.json.decode(_read("sales.json"), type=list[DemoSale])


def load_reviews() -> list[DemoReview]:
    """Return the reviews; a SKU is a simple product's, a configurable one's or a bundle's."""
    return msgspec.json.decode(_read("reviews.json"), type=list[DemoReview])


def _read(name: str) -> bytes:
    return resources.files("kibble.runtime.demo").joinpath(name).read_bytes()

"""Product: what it publishes, and what its client answers."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from kibble.kernel.ids import CustomerId, ProductId
from kibble.platform.messaging.event import Event


class Component(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A product inside a bundle, and how many of it one bundle takes."""

    product_id: ProductId
    quantity: int


class ProductEvent(Event, frozen=True, kw_only=True):
    """An event about one product."""

    topic: ClassVar[str] = "product_events"
    subject_field: ClassVar[str] = "product_id"

    product_id: ProductId


class ProductCreated(ProductEvent, frozen=True, kw_only=True):
    """A product exists; its whole public state. ``components`` are those of a bundle."""

    type: ClassVar[str] = "product.created"

    name: str
    category: str
    price: int
    currency: str
    image: str | None = None
    tags: list[str] = []
    species: str | None = None
    components: list[Component] = []


class ProductUpdated(ProductCreated, frozen=True, kw_only=True):
    """A product changed; its whole public state."""

    type: ClassVar[str] = "product.updated"


class ProductDeleted(ProductEvent, frozen=True, kw_only=True):
    """A product is gone."""

    type: ClassVar[str] = "product.deleted"


class ProductViewed(ProductEvent, frozen=True, kw_only=True):
    """A signed-in customer looked at a product."""

    type: ClassVar[str] = "product.viewed"

    customer_id: CustomerId


class Quote(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What an order needs to know of a product.

    ``price`` is in minor units, ``weight_grams`` of one unit.
    ``components`` of a bundle are what its stock is taken from; empty for any other product.
    """

    product_id: ProductId
    name: str
    price: int
    currency: str
    weight_grams: int
    image: str | None = None
    components: list[Component] = []

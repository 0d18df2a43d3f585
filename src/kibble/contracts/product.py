"""Product: what it publishes, and what its client answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

import msgspec

from kibble.kernel.ids import CustomerId, ProductId
from kibble.platform.messaging.event import Event
from kibble.platform.rpc import Ask, Neighbour, Procedure, Reach


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
    """A product exists; its whole public state.

    ``components`` are those of a bundle; ``parent_id`` is the configurable product of a variant.
    Amounts are in minor units; only what is on sale has a ``regular_price``.
    """

    type: ClassVar[str] = "product.created"

    name: str
    category: str
    price: int
    currency: str
    image: str | None = None
    tags: list[str] = []
    species: str | None = None
    components: list[Component] = []
    parent_id: ProductId | None = None
    regular_price: int | None = None


class ProductUpdated(ProductCreated, frozen=True, kw_only=True):
    """A product changed; its whole public state."""

    type: ClassVar[str] = "product.updated"


class PriceChanged(ProductEvent, frozen=True, kw_only=True):
    """A product costs something else than it did: a price was set, or a sale began or ended.

    Amounts are in minor units. ``regular_price`` is more than ``price`` while a sale is on.
    """

    type: ClassVar[str] = "product.price_changed"

    name: str
    price: int
    was: int
    currency: str
    regular_price: int
    sale_ends_at: datetime | None = None


class ProductDeleted(ProductEvent, frozen=True, kw_only=True):
    """A product is gone."""

    type: ClassVar[str] = "product.deleted"


class ProductViewed(ProductEvent, frozen=True, kw_only=True):
    """A signed-in customer looked at a product.

    A sign of taste, no count: looks within a minute are one, and in a crowd some are left out.
    It is no change of the product, so its sequence is always 1.
    """

    type: ClassVar[str] = "product.viewed"

    customer_id: CustomerId


class Quote(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What an order needs to know of a product.

    ``price`` is in minor units, and so is ``regular_price``, which only what is on sale has.
    ``weight_grams`` and ``size_mm`` (length, width, height; None where not known) are of one unit.
    ``cold_chain`` says that it spoils, ``hazardous`` that it may not fly. ``components`` of a
    bundle are what its stock is taken from; empty for any other product.
    """

    product_id: ProductId
    name: str
    price: int
    currency: str
    weight_grams: int
    size_mm: tuple[int, int, int] | None = None
    cold_chain: bool = False
    hazardous: bool = False
    image: str | None = None
    components: list[Component] = []
    regular_price: int | None = None


class AskQuotes(Ask, frozen=True, kw_only=True):
    """Which products; ``fresh`` reads the store itself."""

    product_ids: list[ProductId]
    fresh: bool = False


class AskNames(Ask, frozen=True, kw_only=True):
    """Which products."""

    product_ids: list[ProductId]


class AskNothing(Ask, frozen=True, kw_only=True):
    """No arguments."""


class AskIds(Ask, frozen=True, kw_only=True):
    """Which SKUs."""

    skus: list[str]


class AskPutImage(Ask, frozen=True, kw_only=True):
    """A picture of our own making, and its name."""

    name: str
    content: bytes


QUOTES: Procedure[AskQuotes, dict[ProductId, Quote]] = Procedure(
    "product", "quotes", AskQuotes, dict[ProductId, Quote], Reach.SHOP
)
NAMES: Procedure[AskNames, dict[ProductId, str]] = Procedure(
    "product", "names", AskNames, dict[ProductId, str], Reach.SHOP
)
IDS_OF: Procedure[AskIds, dict[str, ProductId]] = Procedure(
    "product", "ids_of", AskIds, dict[str, ProductId], Reach.SHOP
)
PUT_IMAGE: Procedure[AskPutImage, str] = Procedure(
    "product", "put_image", AskPutImage, str, Reach.SHOP
)
REINDEX: Procedure[AskNothing, None] = Procedure("product", "reindex", AskNothing, None, Reach.SHOP)


class RemoteProduct:
    """Product in another process; each method raises ``Unavailable`` when it is away."""

    def __init__(self, neighbour: Neighbour) -> None:
        self._neighbour = neighbour

    async def quotes(
        self, product_ids: Sequence[ProductId], *, fresh: bool = False
    ) -> dict[ProductId, Quote]:
        """Return what an order needs to know of those of the products that can be bought."""
        ask = AskQuotes(product_ids=list(product_ids), fresh=fresh)
        return await self._neighbour.call(QUOTES, ask)

    async def names(self, product_ids: Sequence[ProductId]) -> dict[ProductId, str]:
        """Return the names of those of the products that exist."""
        return await self._neighbour.call(NAMES, AskNames(product_ids=list(product_ids)))

    async def ids_of(self, skus: Sequence[str]) -> dict[str, ProductId]:
        """Return the products of these SKUs."""
        return await self._neighbour.call(IDS_OF, AskIds(skus=list(skus)))

    async def put_image(self, name: str, content: bytes) -> str:
        """Keep a picture of our own making as it is; return what a product shows it by."""
        return await self._neighbour.call(PUT_IMAGE, AskPutImage(name=name, content=content))

    async def reindex(self) -> None:
        """Have the search index built anew."""
        await self._neighbour.call(REINDEX, AskNothing())

"""A product: what staff and feeds say of it, and how it relates to other products."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

from kibble.kernel.ids import CategoryId, ProductId
from kibble.kernel.money import Money, total
from kibble.services.product.errors import TooManyImages
from kibble.services.product.model.fields import MAX_IMAGES, Fields, Scalar
from kibble.services.product.model.pricing import BundlePricing, Configuration, variant_price
from kibble.services.product.model.sale import PastPrices, Sale, lowest_of, with_past

ASSUMED_WEIGHT_GRAMS = 500
"""The weight of a product that does not tell its own."""


class Kind(Enum):
    """What a product is: one thing, one to configure, a configured one, or a set of others."""

    SIMPLE = "simple"
    CONFIGURABLE = "configurable"
    VARIANT = "variant"
    BUNDLE = "bundle"


@dataclass(frozen=True, slots=True)
class CategoryRef:
    """The category that a product stands in."""

    id: CategoryId
    name: str


@dataclass(frozen=True, slots=True)
class Selection:
    """What makes a product a variant: its configurable product, and a value of each option."""

    parent_id: ProductId
    choices: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Component:
    """So many of a product in one bundle."""

    product_id: ProductId
    quantity: int


@dataclass(frozen=True, slots=True)
class Contents:
    """What makes a product a bundle: its components, and how its price follows from theirs."""

    components: tuple[Component, ...]
    pricing: BundlePricing


Structure = Configuration | Selection | Contents | None

_KINDS: Mapping[type, Kind] = {
    Configuration: Kind.CONFIGURABLE,
    Selection: Kind.VARIANT,
    Contents: Kind.BUNDLE,
    type(None): Kind.SIMPLE,
}


@dataclass(slots=True)
class Product:
    """Something that the shop sells.

    ``sku`` is unique. ``updated_at`` and ``version`` are of what is kept here: stock, rating and
    popularity come and go without them. ``structure`` is None for a simple product. ``price`` is
    what it costs now: that of its ``sale`` while one is on.
    """

    id: ProductId
    sku: str
    name: str
    category: CategoryRef
    price: Money
    created_at: datetime
    updated_at: datetime
    description: str = ""
    tags: tuple[str, ...] = ()
    attributes: Mapping[str, Scalar] = field(default_factory=dict[str, Scalar])
    images: tuple[str, ...] = ()
    structure: Structure = None
    sale: Sale | None = None
    past_prices: PastPrices = field(default_factory=dict[str, int])
    version: int = 0

    @property
    def on_sale(self) -> bool:
        """Whether the price is that of a sale."""
        return self.sale is not None and self.sale.regular is not None

    @property
    def regular_price(self) -> Money:
        """What it costs when no sale is on."""
        return self.price if self.sale is None else self.sale.regular or self.price

    @property
    def kind(self) -> Kind:
        """What the product is."""
        return _KINDS[type(self.structure)]

    @property
    def parent_id(self) -> ProductId | None:
        """The configurable product that this one is a variant of."""
        return self.structure.parent_id if isinstance(self.structure, Selection) else None

    @property
    def components(self) -> tuple[Component, ...]:
        """What a bundle is made of; nothing for any other product."""
        return self.structure.components if isinstance(self.structure, Contents) else ()

    @property
    def weight_grams(self) -> int:
        """The weight of one unit, as its attribute tells, else an assumed one."""
        weight = self.attributes.get("weightGrams")
        if isinstance(weight, bool) or not isinstance(weight, int | float) or weight < 1:
            return ASSUMED_WEIGHT_GRAMS
        return round(weight)

    @property
    def size_mm(self) -> tuple[int, int, int] | None:
        """Length, width and height of one unit as it is packed, if attributes tell all three."""
        sides = [self.attributes.get(name) for name in ("lengthMm", "widthMm", "heightMm")]
        whole = [
            math.ceil(side)
            for side in sides
            if isinstance(side, int | float) and not isinstance(side, bool) and side > 0
        ]
        return (whole[0], whole[1], whole[2]) if len(whole) == len(sides) else None

    @property
    def cold_chain(self) -> bool:
        """Whether one unit spoils unless it stays cold."""
        return self.attributes.get("coldChain") is True

    @property
    def hazardous(self) -> bool:
        """Whether one unit must not go by air."""
        return self.attributes.get("hazardous") is True

    def revise(self, fields: Fields, category: CategoryRef | None, now: datetime) -> bool:
        """Take over checked ``fields`` and the category, if given; tell whether anything changed.

        A price is the regular one; set by hand on a bundle, it is fixed from then on.
        """
        before = self._content()
        self.sku = fields.get("sku", self.sku)
        self.name = fields.get("name", self.name)
        self.description = fields.get("description", self.description)
        self.tags = fields.get("tags", self.tags)
        self.attributes = fields.get("attributes", self.attributes)
        self.images = fields.get("images", self.images)
        self.category = category or self.category
        price = fields.get("price", self.regular_price)
        if price != self.regular_price and isinstance(self.structure, Contents):
            self.structure = Contents(self.structure.components, BundlePricing(fixed=price))
        self._cost(price, now)
        return self._touched(before, now)

    def add_image(self, image: str, now: datetime) -> bool:
        """Show one more picture, last; False when it is there. Raises ``TooManyImages``."""
        if image in self.images:
            return False
        if len(self.images) >= MAX_IMAGES:
            raise TooManyImages(
                f"A product may have {MAX_IMAGES} images.", details={"images": len(self.images)}
            )
        self.images = (*self.images, image)
        self.updated_at = now
        return True

    def recategorise(self, category: CategoryRef, now: datetime) -> bool:
        """Follow a category to its new name."""
        return self.revise({}, category, now)

    def follow(self, parent: Product, inherited: Mapping[str, Scalar], now: datetime) -> bool:
        """Take over, as a variant, what its parent says; tell whether anything changed.

        ``inherited`` are the parent's attributes before: they are replaced, its own are kept.
        """
        if not isinstance(self.structure, Selection):
            raise TypeError("only a variant follows a configurable product")
        before = self._content()
        choices = self.structure.choices
        own = {name: value for name, value in self.attributes.items() if name not in inherited}
        self.attributes = {**parent.attributes, **own, **choices}
        self.name = variant_name(parent.name, choices)
        self.description, self.tags = parent.description, parent.tags
        self.category = parent.category
        if isinstance(parent.structure, Configuration):
            self._cost(variant_price(parent.price, parent.structure.rules, choices), now)
        return self._touched(before, now)

    def reprice(self, prices: Mapping[ProductId, Money], now: datetime) -> bool:
        """Follow, as a bundle, its components' prices; tell whether its own changed."""
        if not isinstance(self.structure, Contents):
            raise TypeError("only a bundle follows its components")
        before = self._content()
        self._cost(self.structure.pricing.price(sum_of(self.components, prices)), now)
        return self._touched(before, now)

    def plan_sale(self, sale: Sale | None, now: datetime) -> bool:
        """Have this sale instead of any other, on at once if it is time; tell what ``revise`` does.

        None takes the sale back.
        """
        before = self._content()
        if sale is not None and self._goes_on(sale, now):
            self.sale = replace(self.sale or sale, ends_at=sale.ends_at)
        else:
            self._change_price(self.regular_price, now)
            self.sale = sale
        self._keep_time(now)
        return self._touched(before, now)

    def _goes_on(self, sale: Sale, now: datetime) -> bool:
        """Tell whether this is the sale that is on, with another end."""
        return self.on_sale and self.price == sale.price and sale.starts_at <= now

    def keep_time(self, now: datetime) -> bool:
        """Begin or end the sale if it is time to; tell whether anything changed."""
        before = self._content()
        self._keep_time(now)
        return self._touched(before, now)

    def _keep_time(self, now: datetime) -> None:
        sale = self.sale
        if sale is None:
            return
        if sale.is_over(now):
            self._change_price(self.regular_price, now)
            self.sale = None
        elif sale.regular is None and sale.starts_at <= now:
            lowest = lowest_of(self.past_prices, self.price, now)
            self.sale = replace(sale, regular=self.price, lowest=lowest)
            self._change_price(sale.price, now)

    def _cost(self, regular: Money, now: datetime) -> None:
        """Cost ``regular`` when no sale is on; a sale that would be dearer is over."""
        if self.sale is None or self.sale.regular is None:
            self._change_price(regular, now)
        elif regular > self.sale.price:
            self.sale = replace(self.sale, regular=regular)
        else:
            self.sale = None
            self._change_price(regular, now)

    def _change_price(self, price: Money, now: datetime) -> None:
        if price != self.price:
            self.past_prices = with_past(self.past_prices, self.price, now)
            self.price = price

    def _content(self) -> tuple[object, ...]:
        return (
            self.sku,
            self.name,
            self.description,
            self.category,
            self.price,
            self.tags,
            self.attributes,
            [type(value) for value in self.attributes.values()],  # since True == 1 == 1.0
            self.images,
            self.structure,
            self.sale,
        )

    def _touched(self, before: tuple[object, ...], now: datetime) -> bool:
        if self._content() == before:
            return False
        self.updated_at = now
        return True


def default_sku(product_id: ProductId) -> str:
    """Return the SKU of a product that was given none: the random end of its id."""
    return f"KB-{product_id[-12:].upper()}"


def variant_name(parent: str, choices: Mapping[str, str]) -> str:
    """Return a variant's name: its product's, and what was chosen."""
    return f"{parent}, {', '.join(choices.values())}"


def sum_of(components: tuple[Component, ...], prices: Mapping[ProductId, Money]) -> Money:
    """Return what the components of one bundle cost by themselves."""
    parts = [prices[component.product_id] * component.quantity for component in components]
    return total(parts, parts[0].currency)

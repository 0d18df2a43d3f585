"""Products as the API takes and answers them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Self

import msgspec

from kibble.platform.web import json
from kibble.platform.web.json import Amount, Instant
from kibble.services.product.model import plan
from kibble.services.product.model.fields import (
    MAX_ATTRIBUTE_TEXT,
    MAX_ATTRIBUTES,
    MAX_CATEGORY,
    MAX_DESCRIPTION,
    MAX_IMAGE,
    MAX_IMAGES,
    MAX_NAME,
    MAX_SKU,
    MAX_TAG,
    MAX_TAGS,
    Fields,
    Scalar,
)
from kibble.services.product.model.listing import Listing
from kibble.services.product.model.pricing import Configuration
from kibble.services.product.model.product import Component, Product, Selection
from kibble.services.product.schemas.base import Answer, PageQuery, Request

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_NAME)]
Sku = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_SKU)]
CategoryName = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_CATEGORY)]
Description = Annotated[str, msgspec.Meta(max_length=MAX_DESCRIPTION)]
Tag = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_TAG)]
Tags = Annotated[list[Tag], msgspec.Meta(max_length=MAX_TAGS)]
Text = Annotated[str, msgspec.Meta(max_length=MAX_ATTRIBUTE_TEXT)]
Value = Text | bool | int | float
Attributes = Annotated[dict[str, Value], msgspec.Meta(max_length=MAX_ATTRIBUTES)]
Image = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_IMAGE)]
Images = Annotated[list[Image], msgspec.Meta(max_length=MAX_IMAGES)]
Count = Annotated[int, msgspec.Meta(ge=1, le=plan.MAX_QUANTITY)]
Choices = dict[str, str]


class ProductsQuery(PageQuery, frozen=True):
    """Which part of the list, or the one product that has ``sku``."""

    sku: Sku | None = None


class NewProduct(Request, frozen=True):
    """A product, whole: to be made, or put in the place of what is there."""

    name: Name
    price: Amount
    category: CategoryName
    description: Description = ""
    sku: Sku | None = None
    tags: Tags = []
    attributes: Attributes = {}
    images: Images = []

    def fields(self, currency: str) -> Fields:
        """Return the product's fields; no SKU leaves the one that there is."""
        fields = Fields(
            name=self.name.strip(),
            price=self.price.money(currency),
            category=self.category.strip(),
            description=self.description,
            tags=unique(self.tags),
            attributes=self.attributes,
            images=unique(self.images),
        )
        if self.sku is not None:
            fields["sku"] = self.sku.strip()
        return fields


class ChangedProduct(Request, frozen=True):
    """A JSON Merge Patch of a product (RFC 7396): what is absent stays, null takes away."""

    name: Name | msgspec.UnsetType = msgspec.UNSET
    price: Amount | msgspec.UnsetType = msgspec.UNSET
    category: CategoryName | msgspec.UnsetType = msgspec.UNSET
    description: Description | msgspec.UnsetType | None = msgspec.UNSET
    sku: Sku | msgspec.UnsetType = msgspec.UNSET
    tags: Tags | msgspec.UnsetType | None = msgspec.UNSET
    attributes: dict[str, Value | None] | msgspec.UnsetType | None = msgspec.UNSET
    images: Images | msgspec.UnsetType | None = msgspec.UNSET

    def fields_of(self, currency: str) -> Callable[[Product], Fields]:
        """Return what makes the new fields from the product as it is."""

        def merged(product: Product) -> Fields:
            fields = self._texts()
            if self.price is not msgspec.UNSET:
                fields["price"] = self.price.money(currency)
            if self.tags is not msgspec.UNSET:
                fields["tags"] = unique(self.tags or [])
            if self.images is not msgspec.UNSET:
                fields["images"] = unique(self.images or [])
            if self.attributes is not msgspec.UNSET:
                fields["attributes"] = _patched(product, self.attributes)
            return fields

        return merged

    def _texts(self) -> Fields:
        fields = Fields()
        if self.name is not msgspec.UNSET:
            fields["name"] = self.name.strip()
        if self.category is not msgspec.UNSET:
            fields["category"] = self.category.strip()
        if self.sku is not msgspec.UNSET:
            fields["sku"] = self.sku.strip()
        if self.description is not msgspec.UNSET:
            fields["description"] = self.description or ""
        return fields


def _patched(product: Product, patch: dict[str, Value | None] | None) -> dict[str, Scalar]:
    if patch is None:
        return {}
    merged = {**product.attributes, **patch}
    return {name: value for name, value in merged.items() if value is not None}


def unique(texts: list[str]) -> tuple[str, ...]:
    """Return each text once, in the order of their first places."""
    return tuple(dict.fromkeys(texts))


class OptionView(Answer, frozen=True):
    """Something to choose of a configurable product."""

    name: str
    values: tuple[str, ...]


class SaleShown(Answer, frozen=True):
    """Why a price is lower than usual: the usual one, until when, and the least in 30 days before.

    ``endsAt`` is null for a sale without an end.
    """

    regular_price: Amount
    lowest_price: Amount
    ends_at: Instant | None

    @classmethod
    def of(cls, product: Product) -> Self | None:
        """Return what is shown of a product's sale; None when none is on."""
        sale = product.sale
        if sale is None or sale.regular is None:
            return None
        lowest = sale.lowest or sale.regular
        return cls(
            regular_price=Amount.of(sale.regular),
            lowest_price=Amount.of(lowest),
            ends_at=sale.ends_at,
        )


class VariantView(Answer, frozen=True):
    """One variant of a configurable product; ``options`` are its choices."""

    id: str
    sku: str
    name: str
    options: Choices
    price: Amount
    stock: int
    images: tuple[str, ...]
    sale: SaleShown | None = None


class ComponentView(Answer, frozen=True):
    """So many of a product in one bundle."""

    product_id: str
    quantity: int

    @classmethod
    def of(cls, part: Component) -> Self:
        """Return the view of a bundle's component."""
        return cls(product_id=part.product_id, quantity=part.quantity)


class LeastPrice(Answer, frozen=True):
    """The least that a variant costs, which one that is, and its sale, if one is on."""

    id: str
    price: Amount
    sale: SaleShown | None

    @classmethod
    def of(cls, listing: Listing) -> Self | None:
        """Return the least price of a configurable product; None for any other."""
        if not listing.variants:
            return None
        cheapest = listing.cheapest
        return cls(id=cheapest.id, price=Amount.of(cheapest.price), sale=SaleShown.of(cheapest))


class ProductEntry(Answer, frozen=True):
    """A product in a list: without its variants, of which there may be many.

    ``price`` of a configurable product is what its variants' are made from, ``from`` what shoppers
    are shown: the least price of them, by which search sorts and filters.
    """

    id: str
    name: str
    description: str
    price: Amount
    category: str
    tags: tuple[str, ...]
    attributes: dict[str, Scalar]
    stock: int
    images: tuple[str, ...]
    created_at: Instant
    updated_at: Instant
    sku: str
    kind: str
    rating: float
    review_count: int
    sale: SaleShown | None = None
    least: LeastPrice | None = msgspec.field(default=None, name="from")

    @classmethod
    def of(cls, listing: Listing) -> Self:
        """Return the entry of a product as it is shown."""
        product, standing = listing.product, listing.standing
        return cls(
            id=product.id,
            name=product.name,
            description=product.description,
            price=Amount.of(product.price),
            category=product.category.name,
            tags=product.tags,
            attributes=dict(product.attributes),
            stock=listing.available,
            images=product.images,
            created_at=product.created_at,
            updated_at=product.updated_at,
            sku=product.sku,
            kind=product.kind.value,
            rating=standing.rating,
            review_count=standing.review_count,
            sale=SaleShown.of(product),
            least=LeastPrice.of(listing),
        )


class ProductPage(ProductEntry, frozen=True):
    """A product by itself, with what can be chosen of it, or what is in it."""

    parent_id: str | None = None
    options: list[OptionView] = []
    variants: list[VariantView] = []
    components: list[ComponentView] = []

    @classmethod
    def of(cls, listing: Listing) -> Self:
        """Return the page of a product as it is shown."""
        entry = ProductEntry.of(listing)
        return cls(
            **msgspec.structs.asdict(entry),
            parent_id=listing.product.parent_id,
            options=_options(listing.product),
            variants=[_variant(variant) for variant in listing.variants],
            components=[ComponentView.of(part) for part in listing.product.components],
        )


def _options(product: Product) -> list[OptionView]:
    if not isinstance(product.structure, Configuration):
        return []
    return [OptionView(name=each.name, values=each.values) for each in product.structure.options]


def _variant(listing: Listing) -> VariantView:
    product = listing.product
    structure = product.structure
    return VariantView(
        id=product.id,
        sku=product.sku,
        name=product.name,
        options=dict(structure.choices) if isinstance(structure, Selection) else {},
        price=Amount.of(product.price),
        stock=listing.available,
        images=product.images,
        sale=SaleShown.of(product),
    )


def encode_page(listing: Listing) -> bytes:
    """Return a product's page as JSON."""
    return json.encode(ProductPage.of(listing))


def encode_entry(listing: Listing) -> bytes:
    """Return a product's entry in a list as JSON."""
    return json.encode(ProductEntry.of(listing))

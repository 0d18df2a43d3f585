"""Configurable products and bundles as the API takes them: what goes to the ProductBuilder."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import msgspec

from kibble.kernel.errors import InvalidInput
from kibble.kernel.ids import ProductId
from kibble.platform.web.json import Amount
from kibble.services.product.model import plan
from kibble.services.product.model.fields import Fields
from kibble.services.product.model.pricing import BundlePricing, Option, PriceRule
from kibble.services.product.schemas.base import Request
from kibble.services.product.schemas.products import (
    Attributes,
    CategoryName,
    Choices,
    Count,
    Description,
    Images,
    Name,
    NewProduct,
    Sku,
    Tags,
    Text,
    unique,
)
from kibble.services.product.service.products import Bundle, Configurable


class NewOption(Request, frozen=True):
    """Something to choose, with its values in the order shown."""

    name: Name
    values: Annotated[
        list[Annotated[Text, msgspec.Meta(min_length=1)]],
        msgspec.Meta(min_length=1, max_length=plan.MAX_VALUES),
    ]


class NewPriceRule(Request, frozen=True):
    """What some choices mean for a price: a surcharge on the base price, or a price instead."""

    when: Choices
    surcharge: Amount | None = None
    price: Amount | None = None

    def rule(self, currency: str) -> PriceRule:
        """Return the rule."""
        return PriceRule(
            self.when,
            surcharge=self.surcharge.money(currency) if self.surcharge else None,
            price=self.price.money(currency) if self.price else None,
        )


class NewVariant(Request, frozen=True):
    """The SKU of one combination of choices."""

    options: Choices
    sku: Sku


class NewConfigurable(NewProduct, frozen=True, kw_only=True):
    """A configurable product: every combination of its options' values becomes a variant.

    ``price`` is the base price. ``exclude`` leaves combinations out; ``variants`` gives some
    their SKU, the others get one from the product's.
    """

    options: Annotated[list[NewOption], msgspec.Meta(min_length=1, max_length=plan.MAX_OPTIONS)]
    price_rules: Annotated[list[NewPriceRule], msgspec.Meta(max_length=plan.MAX_RULES)] = []
    exclude: Annotated[list[Choices], msgspec.Meta(max_length=plan.MAX_VARIANTS)] = []
    variants: Annotated[list[NewVariant], msgspec.Meta(max_length=plan.MAX_VARIANTS)] = []

    def asked(self, currency: str) -> Configurable:
        """Return what is asked besides the fields."""
        return Configurable(
            options=[Option(option.name, tuple(option.values)) for option in self.options],
            rules=[rule.rule(currency) for rule in self.price_rules],
            excluded=self.exclude,
            skus=[(variant.options, variant.sku) for variant in self.variants],
        )


class NewComponent(Request, frozen=True):
    """So many of a product in one bundle."""

    product_id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    quantity: Count = 1


class NewBundle(Request, frozen=True):
    """A bundle: its price is ``price``, or its components' less ``percentOff`` or ``amountOff``."""

    name: Name
    category: CategoryName
    components: Annotated[
        list[NewComponent], msgspec.Meta(min_length=1, max_length=plan.MAX_COMPONENTS)
    ]
    price: Amount | None = None
    percent_off: Annotated[float, msgspec.Meta(ge=0, le=100)] | None = None
    amount_off: Amount | None = None
    description: Description = ""
    sku: Sku | None = None
    tags: Tags = []
    attributes: Attributes = {}
    images: Images = []

    def fields(self) -> Fields:
        """Return the bundle's fields, of which its price is none."""
        fields = Fields(
            name=self.name.strip(),
            category=self.category.strip(),
            description=self.description,
            tags=unique(self.tags),
            attributes=self.attributes,
            images=unique(self.images),
        )
        if self.sku is not None:
            fields["sku"] = self.sku.strip()
        return fields

    def asked(self, currency: str) -> Bundle:
        """Return what is asked besides the fields; raises ``InvalidInput``."""
        pricing = BundlePricing(
            percent_off=None if self.percent_off is None else _basis_points(self.percent_off),
            amount_off=self.amount_off.money(currency) if self.amount_off else None,
            fixed=self.price.money(currency) if self.price else None,
        )
        parts = [(ProductId(part.product_id.lower()), part.quantity) for part in self.components]
        return Bundle(parts, pricing)


def _basis_points(percent: float) -> int:
    points = Decimal(repr(percent)) * 100
    if points != points.to_integral_value():
        raise InvalidInput.at("/percentOff", "may have at most two decimals")
    return int(points)

"""The ProductBuilder: puts a product together step by step, and checks the whole at the end.

::

    assembly = (
        ProductBuilder(ids, now)
        .described_by(Fields(name="Harness", price=Money(19_99)))
        .in_category(harnesses)
        .option("Size", "S", "M", "L")
        .option("Colour", "Red", "Blue")
        .surcharge(Money(3_00), Size="L")
        .price_of(Money(24_99), Size="L", Colour="Blue")
        .build()
    )
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from kibble.kernel.errors import InvalidInput
from kibble.kernel.ids import IdSource, ProductId
from kibble.kernel.money import Money
from kibble.services.product.model.fields import Fields
from kibble.services.product.model.plan import Choices, Part, Plan
from kibble.services.product.model.pricing import (
    BundlePricing,
    Configuration,
    Option,
    PriceRule,
    variant_price,
)
from kibble.services.product.model.product import CategoryRef, Product, Selection, variant_name


@dataclass(frozen=True, slots=True)
class Assembly:
    """What was built: a product and, of a configurable one, its variants."""

    product: Product
    variants: tuple[Product, ...] = ()


class ProductBuilder:
    """Builds one product: a simple one, one with options and variants, or a bundle.

    Every step returns the builder. Nothing is checked before ``build``; its pointers are those of
    the API's requests.
    """

    def __init__(self, ids: IdSource, now: datetime, product_id: ProductId | None = None) -> None:
        """``product_id`` is the product's, when it has one already."""
        self._ids = ids
        self._now = now
        self._plan = Plan(product_id or ProductId(ids.new()))

    def described_by(self, fields: Fields) -> Self:
        """Set name, price, attributes and so on; a field that was set before is replaced."""
        self._plan.fields.update(fields)
        return self

    def in_category(self, category: CategoryRef) -> Self:
        """Set the category."""
        self._plan.category = category
        return self

    def option(self, name: str, *values: str) -> Self:
        """Add something to choose; every combination of values becomes a variant."""
        self._plan.options.append(Option(name, values))
        return self

    def surcharge(self, amount: Money, **when: str) -> Self:
        """Let variants with these options cost ``amount`` more than the base price."""
        return self.rule(PriceRule(when, surcharge=amount))

    def price_of(self, price: Money, **when: str) -> Self:
        """Let variants with these options have a price of their own."""
        return self.rule(PriceRule(when, price=price))

    def rule(self, rule: PriceRule) -> Self:
        """Add a price rule; of rules for the same options, a later price wins."""
        self._plan.rules.append(rule)
        return self

    def without(self, choices: Choices) -> Self:
        """Leave out the combinations that have all of ``choices``."""
        self._plan.excluded.append(choices)
        return self

    def variant_sku(self, choices: Choices, sku: str) -> Self:
        """Give one combination its SKU; the others get one from the product's and their options."""
        self._plan.skus.append((choices, sku))
        return self

    def component(self, product_id: ProductId, quantity: int, found: Product | None) -> Self:
        """Put so many of a product into the bundle; ``found`` is None when there is none."""
        self._plan.parts.append(Part(product_id, quantity, found))
        return self

    def priced(self, pricing: BundlePricing) -> Self:
        """Say how the bundle's price follows from its components'; the sum of them otherwise."""
        self._plan.pricing = pricing
        return self

    def build(self) -> Assembly:
        """Return the product; raises ``InvalidInput`` that names everything that is wrong."""
        if errors := list(self._plan.errors()):
            raise InvalidInput(errors)
        product = self._product()
        if self._plan.parts:
            product.structure = self._plan.contents
        if not self._plan.options:
            return Assembly(product)
        product.structure = Configuration(tuple(self._plan.options), tuple(self._plan.rules))
        variants = [self._variant(product, choices) for choices in self._plan.combinations()]
        return Assembly(product, tuple(variants))

    def _product(self) -> Product:
        plan = self._plan
        if plan.category is None:
            raise ValueError("no category was set")
        return Product(
            id=plan.id,
            sku=plan.sku,
            name=plan.fields.get("name", ""),
            category=plan.category,
            price=plan.price,
            created_at=self._now,
            updated_at=self._now,
            description=plan.fields.get("description", ""),
            tags=plan.fields.get("tags", ()),
            attributes=plan.fields.get("attributes", {}),
            images=plan.fields.get("images", ()),
        )

    def _variant(self, parent: Product, choices: Choices) -> Product:
        return Product(
            id=ProductId(self._ids.new()),
            sku=self._plan.sku_of(choices),
            name=variant_name(parent.name, choices),
            category=parent.category,
            price=variant_price(parent.price, self._plan.rules, choices),
            created_at=self._now,
            updated_at=self._now,
            description=parent.description,
            tags=parent.tags,
            attributes={**parent.attributes, **choices},
            images=parent.images,
            structure=Selection(parent.id, choices),
        )

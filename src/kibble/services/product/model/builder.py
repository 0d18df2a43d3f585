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

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import product as combinations
from math import prod
from typing import Self

from kibble.kernel.errors import FieldError, InvalidInput
from kibble.kernel.ids import IdSource, ProductId
from kibble.kernel.money import Money
from kibble.services.product.model.fields import (
    MAX_ATTRIBUTE_NAME,
    MAX_ATTRIBUTE_TEXT,
    MAX_SKU,
    Fields,
    check,
    check_amount,
    check_line,
)
from kibble.services.product.model.pricing import (
    WHOLE,
    BundlePricing,
    Configuration,
    Option,
    PriceRule,
    variant_price,
)
from kibble.services.product.model.product import (
    CategoryRef,
    Component,
    Contents,
    Kind,
    Product,
    Selection,
    default_sku,
    sum_of,
    variant_name,
)

MAX_OPTIONS = 5
MAX_VALUES = 50
MAX_VARIANTS = 250
MAX_RULES = 200
MAX_COMPONENTS = 50
MAX_QUANTITY = 10_000

Choices = Mapping[str, str]


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
        self._id = product_id or ProductId(ids.new())
        self._fields = Fields()
        self._category: CategoryRef | None = None
        self._options: list[Option] = []
        self._rules: list[PriceRule] = []
        self._excluded: list[Choices] = []
        self._skus: list[tuple[Choices, str]] = []
        self._components: list[tuple[ProductId, int, Product | None]] = []
        self._pricing = BundlePricing()

    def described_by(self, fields: Fields) -> Self:
        """Set name, price, attributes and so on; a field that was set before is replaced."""
        self._fields.update(fields)
        return self

    def in_category(self, category: CategoryRef) -> Self:
        """Set the category."""
        self._category = category
        return self

    def option(self, name: str, *values: str) -> Self:
        """Add something to choose; every combination of values becomes a variant."""
        self._options.append(Option(name, values))
        return self

    def surcharge(self, amount: Money, **when: str) -> Self:
        """Let variants with these options cost ``amount`` more than the base price."""
        return self.rule(PriceRule(when, surcharge=amount))

    def price_of(self, price: Money, **when: str) -> Self:
        """Let variants with these options have a price of their own."""
        return self.rule(PriceRule(when, price=price))

    def rule(self, rule: PriceRule) -> Self:
        """Add a price rule; of rules for the same options, a later price wins."""
        self._rules.append(rule)
        return self

    def without(self, choices: Choices) -> Self:
        """Leave out the combinations that have all of ``choices``."""
        self._excluded.append(choices)
        return self

    def variant_sku(self, choices: Choices, sku: str) -> Self:
        """Give one combination its SKU; the others get one from the product's and their options."""
        self._skus.append((choices, sku))
        return self

    def component(self, product_id: ProductId, quantity: int, found: Product | None) -> Self:
        """Put so many of a product into the bundle; ``found`` is None when there is none."""
        self._components.append((product_id, quantity, found))
        return self

    def priced(self, pricing: BundlePricing) -> Self:
        """Say how the bundle's price follows from its components'; the sum of them otherwise."""
        self._pricing = pricing
        return self

    def build(self) -> Assembly:
        """Return the product; raises ``InvalidInput`` that names everything that is wrong."""
        errors = list(self._errors())
        if errors:
            raise InvalidInput(errors)
        if self._components:
            return Assembly(self._bundle())
        if self._options:
            return self._configurable()
        return Assembly(self._product(self._price()))

    # Putting it together.

    def _product(self, price: Money) -> Product:
        if self._category is None:
            raise ValueError("no category was set")
        fields = self._fields
        return Product(
            id=self._id,
            sku=fields.get("sku") or default_sku(self._id),
            name=fields.get("name", ""),
            category=self._category,
            price=price,
            created_at=self._now,
            updated_at=self._now,
            description=fields.get("description", ""),
            tags=fields.get("tags", ()),
            attributes=fields.get("attributes", {}),
            images=fields.get("images", ()),
        )

    def _price(self) -> Money:
        return self._fields.get("price", Money(0))

    def _bundle(self) -> Product:
        contents = self._contents()
        bundle = self._product(self._bundle_price(contents))
        bundle.structure = contents
        return bundle

    def _contents(self) -> Contents:
        components = [Component(product_id, count) for product_id, count, _ in self._components]
        return Contents(tuple(components), self._pricing)

    def _bundle_price(self, contents: Contents) -> Money:
        prices = {product_id: found.price for product_id, _, found in self._components if found}
        return self._pricing.price(sum_of(contents.components, prices))

    def _configurable(self) -> Assembly:
        parent = self._product(self._price())
        parent.structure = Configuration(tuple(self._options), tuple(self._rules))
        variants = [self._variant(parent, choices) for choices in self._combinations()]
        return Assembly(parent, tuple(variants))

    def _combinations(self) -> Iterator[dict[str, str]]:
        """Yield the choices of every variant, the first option varying slowest."""
        names = [option.name for option in self._options]
        for values in combinations(*(option.values for option in self._options)):
            choices = dict(zip(names, values, strict=True))
            if not any(excluded.items() <= choices.items() for excluded in self._excluded):
                yield choices

    def _variant(self, parent: Product, choices: dict[str, str]) -> Product:
        return Product(
            id=ProductId(self._ids.new()),
            sku=self._sku_of(parent.sku, choices),
            name=variant_name(parent.name, choices),
            category=parent.category,
            price=variant_price(parent.price, self._rules, choices),
            created_at=self._now,
            updated_at=self._now,
            description=parent.description,
            tags=parent.tags,
            attributes={**parent.attributes, **choices},
            images=parent.images,
            structure=Selection(parent.id, choices),
        )

    def _sku_of(self, parent_sku: str, choices: Choices) -> str:
        for given, sku in self._skus:
            if given == choices:
                return sku
        return "-".join((parent_sku, *(_code(value) for value in choices.values())))

    # Checking the whole.

    def _errors(self) -> Iterator[FieldError]:
        yield from check(self._fields)
        required = ("name",) if self._components else ("name", "price")
        for name in required:
            if name not in self._fields:
                yield FieldError(f"/{name}", "is required")
        if self._category is None:
            yield FieldError("/category", "is required")
        if self._options and self._components:
            yield FieldError("/components", "a product has options or components, not both")
        elif self._options:
            yield from self._option_errors()
        elif self._components:
            yield from self._bundle_errors()

    def _option_errors(self) -> Iterator[FieldError]:
        errors = [*_check_options(self._options)]
        if not errors:
            errors += self._check_choices()
        yield from errors or self._check_variants()

    def _check_choices(self) -> Iterator[FieldError]:
        """Yield where a rule, an exclusion or a SKU speaks of options that there are not."""
        if len(self._rules) > MAX_RULES:
            yield FieldError("/priceRules", f"may have {MAX_RULES} rules at most")
        known = {option.name: option.values for option in self._options}
        for index, rule in enumerate(self._rules):
            yield from _check_rule(rule, f"/priceRules/{index}")
            yield from _check_known(rule.when, known, f"/priceRules/{index}/when")
        for index, excluded in enumerate(self._excluded):
            yield from _check_known(excluded, known, f"/exclude/{index}")
        for index, (choices, sku) in enumerate(self._skus):
            at = f"/variants/{index}"
            yield from _check_known(choices, known, f"{at}/options")
            yield from check_line(sku, f"{at}/sku", MAX_SKU)
            if known.keys() != choices.keys():
                yield FieldError(f"{at}/options", "must choose a value of every option")

    def _check_variants(self) -> Iterator[FieldError]:
        """Yield what is wrong with the variants as they would be."""
        sku = self._fields.get("sku") or default_sku(self._id)
        seen = {sku}
        count = 0
        for choices in self._combinations():
            count += 1
            own = self._sku_of(sku, choices)
            if own in seen:
                yield FieldError("/variants", f"two products would have the SKU {own}")
            seen.add(own)
            yield from check_line(own, "/variants", MAX_SKU)
            price = variant_price(self._price(), self._rules, choices)
            yield from check_amount(price, "/priceRules")
        if not count:
            yield FieldError("/exclude", "leaves no variant")

    def _bundle_errors(self) -> Iterator[FieldError]:
        errors = [*self._check_components(), *_check_pricing(self._pricing)]
        if not errors and self._pricing.fixed is None:
            price = self._bundle_price(self._contents())
            errors += check_amount(price, "/components")
        yield from errors

    def _check_components(self) -> Iterator[FieldError]:
        if len(self._components) > MAX_COMPONENTS:
            yield FieldError("/components", f"may have {MAX_COMPONENTS} components at most")
        seen: set[ProductId] = set()
        for index, (product_id, quantity, found) in enumerate(self._components):
            at = f"/components/{index}"
            if product_id in seen:
                yield FieldError(f"{at}/productId", "is in the bundle already; raise its quantity")
            seen.add(product_id)
            if not 1 <= quantity <= MAX_QUANTITY:
                yield FieldError(f"{at}/quantity", f"must be between 1 and {MAX_QUANTITY}")
            if (problem := self._problem_of(product_id, found)) is not None:
                yield FieldError(f"{at}/productId", problem)

    def _problem_of(self, product_id: ProductId, found: Product | None) -> str | None:
        if product_id == self._id:
            return "a bundle cannot contain itself"
        if found is None:
            return "there is no such product"
        if found.kind is Kind.BUNDLE:
            return "is a bundle; a bundle cannot contain another"
        if found.kind is Kind.CONFIGURABLE:
            return "is a configurable product; name one of its variants"
        return None


def _check_options(options: list[Option]) -> Iterator[FieldError]:
    if len(options) > MAX_OPTIONS:
        yield FieldError("/options", f"may have {MAX_OPTIONS} options at most")
    names: set[str] = set()
    for index, option in enumerate(options):
        at = f"/options/{index}"
        yield from check_line(option.name, f"{at}/name", MAX_ATTRIBUTE_NAME)
        if option.name in names:
            yield FieldError(f"{at}/name", "is another option's name")
        names.add(option.name)
        if not 1 <= len(option.values) <= MAX_VALUES:
            yield FieldError(f"{at}/values", f"must have 1 to {MAX_VALUES} values")
        yield from _check_values(option.values, f"{at}/values")
    count = prod(len(option.values) for option in options)
    if count > MAX_VARIANTS:
        yield FieldError("/options", f"would make {count} variants; {MAX_VARIANTS} is the most")


def _check_values(values: Iterable[str], at: str) -> Iterator[FieldError]:
    seen: set[str] = set()
    for index, value in enumerate(values):
        yield from check_line(value, f"{at}/{index}", MAX_ATTRIBUTE_TEXT)
        if value in seen:
            yield FieldError(f"{at}/{index}", "is there already")
        seen.add(value)


def _check_rule(rule: PriceRule, at: str) -> Iterator[FieldError]:
    if (rule.surcharge is None) == (rule.price is None):
        yield FieldError(at, "must have either a surcharge or a price")
    for name, amount in (("surcharge", rule.surcharge), ("price", rule.price)):
        if amount is not None:
            yield from check_amount(amount, f"{at}/{name}")


def _check_known(
    choices: Choices, known: Mapping[str, tuple[str, ...]], at: str
) -> Iterator[FieldError]:
    if not choices:
        yield FieldError(at, "must choose something")
    for name, value in choices.items():
        if value not in known.get(name, ()):
            yield FieldError(f"{at}/{name}", "is not one of the options")


def _check_pricing(pricing: BundlePricing) -> Iterator[FieldError]:
    if sum(x is not None for x in (pricing.percent_off, pricing.amount_off, pricing.fixed)) > 1:
        yield FieldError("/price", "give one of price, percentOff and amountOff")
    if pricing.percent_off is not None and not 0 <= pricing.percent_off <= WHOLE:
        yield FieldError("/percentOff", "must be between 0 and 100")
    for name, amount in (("amountOff", pricing.amount_off), ("price", pricing.fixed)):
        if amount is not None:
            yield from check_amount(amount, f"/{name}")


def _code(value: str) -> str:
    """Return an option's value as part of a SKU: letters and digits alone."""
    return "".join(letter for letter in value.upper() if letter.isalnum()) or "X"

"""What a product is to be put together from, and whether that can be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product as combinations
from math import prod

from kibble.kernel.errors import FieldError
from kibble.kernel.ids import ProductId
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
    default_sku,
    sum_of,
)

MAX_OPTIONS = 5
MAX_VALUES = 50
MAX_VARIANTS = 250
MAX_RULES = 200
MAX_COMPONENTS = 50
MAX_QUANTITY = 10_000

Choices = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Part:
    """So many of a product in a bundle; ``found`` is None when there is no such product."""

    product_id: ProductId
    quantity: int
    found: Product | None


@dataclass(slots=True)
class Plan:
    """The steps of a builder so far."""

    id: ProductId
    fields: Fields = field(default_factory=Fields)
    category: CategoryRef | None = None
    options: list[Option] = field(default_factory=list[Option])
    rules: list[PriceRule] = field(default_factory=list[PriceRule])
    excluded: list[Choices] = field(default_factory=list[Choices])
    skus: list[tuple[Choices, str]] = field(default_factory=list[tuple[Choices, str]])
    parts: list[Part] = field(default_factory=list[Part])
    pricing: BundlePricing = field(default_factory=BundlePricing)

    @property
    def sku(self) -> str:
        """The product's SKU."""
        return self.fields.get("sku") or default_sku(self.id)

    @property
    def price(self) -> Money:
        """The product's price: of a configurable product the base price."""
        if self.parts:
            prices = {part.product_id: part.found.price for part in self.parts if part.found}
            return self.pricing.price(sum_of(self.contents.components, prices))
        return self.fields.get("price", Money(0))

    @property
    def contents(self) -> Contents:
        """What a bundle is made of."""
        components = [Component(part.product_id, part.quantity) for part in self.parts]
        return Contents(tuple(components), self.pricing)

    def combinations(self) -> Iterator[dict[str, str]]:
        """Yield the choices of every variant, the first option varying slowest."""
        names = [option.name for option in self.options]
        for values in combinations(*(option.values for option in self.options)):
            choices = dict(zip(names, values, strict=True))
            if not any(excluded.items() <= choices.items() for excluded in self.excluded):
                yield choices

    def sku_of(self, choices: Choices) -> str:
        """Return a variant's SKU: the given one, or the product's with a code for each choice."""
        for given, sku in self.skus:
            if given == choices:
                return sku
        return "-".join((self.sku, *(_code(value) for value in choices.values())))

    def errors(self) -> Iterator[FieldError]:
        """Yield everything that is wrong; the pointers are those of the API's requests."""
        yield from check(self.fields)
        required = ("name",) if self.parts else ("name", "price")
        for name in required:
            if name not in self.fields:
                yield FieldError(f"/{name}", "is required")
        if self.category is None:
            yield FieldError("/category", "is required")
        if self.options and self.parts:
            yield FieldError("/components", "a product has options or components, not both")
        elif self.options:
            yield from self._option_errors()
        elif self.parts:
            yield from self._bundle_errors()

    def _option_errors(self) -> Iterator[FieldError]:
        errors = [*_check_options(self.options)]
        if not errors:
            errors += self._check_choices()
        yield from errors or self._check_variants()

    def _check_choices(self) -> Iterator[FieldError]:
        """Yield where a rule, an exclusion or a SKU speaks of options that there are not."""
        if len(self.rules) > MAX_RULES:
            yield FieldError("/priceRules", f"may have {MAX_RULES} rules at most")
        known = {option.name: option.values for option in self.options}
        for index, rule in enumerate(self.rules):
            yield from _check_rule(rule, f"/priceRules/{index}")
            yield from _check_known(rule.when, known, f"/priceRules/{index}/when")
        for index, excluded in enumerate(self.excluded):
            yield from _check_known(excluded, known, f"/exclude/{index}")
        for index, (choices, sku) in enumerate(self.skus):
            at = f"/variants/{index}"
            yield from _check_known(choices, known, f"{at}/options")
            yield from check_line(sku, f"{at}/sku", MAX_SKU)
            if known.keys() != choices.keys():
                yield FieldError(f"{at}/options", "must choose a value of every option")

    def _check_variants(self) -> Iterator[FieldError]:
        """Yield what is wrong with the variants as they would be."""
        seen = {self.sku}
        count = 0
        for choices in self.combinations():
            count += 1
            own = self.sku_of(choices)
            if own in seen:
                yield FieldError("/variants", f"two products would have the SKU {own}")
            seen.add(own)
            yield from check_line(own, "/variants", MAX_SKU)
            price = variant_price(self.price, self.rules, choices)
            yield from check_amount(price, "/priceRules")
        if not count:
            yield FieldError("/exclude", "leaves no variant")

    def _bundle_errors(self) -> Iterator[FieldError]:
        errors = [*self._check_parts(), *_check_pricing(self.pricing)]
        if not errors and self.pricing.fixed is None:
            errors += check_amount(self.price, "/components")
        yield from errors

    def _check_parts(self) -> Iterator[FieldError]:
        if len(self.parts) > MAX_COMPONENTS:
            yield FieldError("/components", f"may have {MAX_COMPONENTS} components at most")
        seen: set[ProductId] = set()
        for index, part in enumerate(self.parts):
            at = f"/components/{index}"
            if part.product_id in seen:
                yield FieldError(f"{at}/productId", "is in the bundle already; raise its quantity")
            seen.add(part.product_id)
            if not 1 <= part.quantity <= MAX_QUANTITY:
                yield FieldError(f"{at}/quantity", f"must be between 1 and {MAX_QUANTITY}")
            if (problem := self._problem_of(part)) is not None:
                yield FieldError(f"{at}/productId", problem)

    def _problem_of(self, part: Part) -> str | None:
        if part.product_id == self.id:
            return "a bundle cannot contain itself"
        if part.found is None:
            return "there is no such product"
        if part.found.kind is Kind.BUNDLE:
            return "is a bundle; a bundle cannot contain another"
        if part.found.kind is Kind.CONFIGURABLE:
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

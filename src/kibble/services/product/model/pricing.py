"""Price rules: what a variant costs by its options, and a bundle by its components."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kibble.kernel.money import Money, total

WHOLE = 10_000
"""One hundred per cent in basis points."""


@dataclass(frozen=True, slots=True)
class PriceRule:
    """What choosing some options means for a variant's price: a surcharge, or a price of its own.

    It holds for a variant that has all of ``when`` (option to value). Exactly one of ``surcharge``
    and ``price`` is set.
    """

    when: Mapping[str, str]
    surcharge: Money | None = None
    price: Money | None = None

    def holds(self, choices: Mapping[str, str]) -> bool:
        """Tell whether a variant of ``choices`` is meant."""
        return self.when.items() <= choices.items()


def variant_price(base: Money, rules: Sequence[PriceRule], choices: Mapping[str, str]) -> Money:
    """Return the price of a variant.

    Of the rules that set a price, the one with the most conditions wins (of equals, the last);
    without one it is the base price with all surcharges that hold.
    """
    holding = [rule for rule in rules if rule.holds(choices)]
    own = [(len(rule.when), rule.price) for rule in holding if rule.price is not None]
    if own:
        strongest = max(conditions for conditions, _ in own)
        return [price for conditions, price in own if conditions == strongest][-1]
    return total((rule.surcharge for rule in holding if rule.surcharge), base.currency) + base


@dataclass(frozen=True, slots=True)
class BundlePricing:
    """How a bundle's price follows from the sum of its components' prices.

    At most one field is set: a share off in basis points, an amount off, or a fixed price. None
    set is the sum itself.
    """

    percent_off: int | None = None
    amount_off: Money | None = None
    fixed: Money | None = None

    def price(self, components: Money) -> Money:
        """Return the bundle's price; it never falls below zero."""
        if self.fixed is not None:
            return self.fixed
        if self.percent_off is not None:
            return components - components.percentage(self.percent_off)
        if self.amount_off is not None:
            return max(components - self.amount_off, Money(0, components.currency))
        return components


@dataclass(frozen=True, slots=True)
class Option:
    """Something to choose of a configurable product, with its values in the order shown."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Configuration:
    """What makes a product configurable: its options, and the rules for its variants' prices."""

    options: tuple[Option, ...]
    rules: tuple[PriceRule, ...] = ()

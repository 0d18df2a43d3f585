"""What a basket costs: items, discount, shipping, tax. The same sums for the cart and the order."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from importlib.resources import files

from kibble.kernel.money import Money, total
from kibble.services.order.model.order import Charges
from kibble.services.order.model.promotion import Priced, Promotion


def charges(
    lines: Sequence[Priced],
    currency: str,
    *,
    promotion: Promotion | None,
    shipping: Money,
    tax_basis_points: int,
) -> Charges:
    """Return what the lines cost.

    The promotion, checked before, lowers the items or frees the shipping. Tax is on the items
    after the discount, rounded once on their sum (half up), so that line and total never disagree.
    """
    items = total((line.price * line.quantity for line in lines), currency)
    discount = Money(0, currency)
    if promotion is not None:
        discount = min(promotion.discount(lines, items), items)
        if promotion.frees_shipping:
            shipping = Money(0, currency)
    tax = (items - discount).percentage(tax_basis_points)
    return Charges(items, discount, shipping, tax)


def load_tax_rates() -> Mapping[str, int]:
    """Return the states' base sales tax rates in basis points, by two-letter code.

    Base rates alone, without local ones: see ``data/SOURCES.md``. No tax advice.
    """
    table = files("kibble.services.order").joinpath("data/state_tax.csv").read_text("utf-8")
    rates = {}
    for row in csv.DictReader(table.splitlines()):
        whole, _, fraction = row["rate_percent"].partition(".")
        rates[row["state"]] = int(whole) * 100 + int((fraction + "00")[:2])
    return rates

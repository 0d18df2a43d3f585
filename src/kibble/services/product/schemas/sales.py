"""Sale prices at the border: what staff plan, before, during and after."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from kibble.platform.web.json import Amount, Instant
from kibble.services.product.model.product import Product
from kibble.services.product.model.sale import Sale
from kibble.services.product.schemas.base import Answer, Request


class NewSale(Request, frozen=True):
    """A lower price from ``startsAt`` (or now) on, up to ``endsAt``, if there is one."""

    price: Amount
    starts_at: Instant | None = None
    ends_at: Instant | None = None

    def sale(self, currency: str, now: datetime) -> Sale:
        """Return the sale."""
        return Sale(self.price.money(currency), self.starts_at or now, self.ends_at)


class SaleView(Answer, frozen=True):
    """A sale; ``lowestPrice`` is the least that it cost in the 30 days before, once it is on."""

    product_id: str
    price: Amount
    regular_price: Amount
    starts_at: Instant
    ends_at: Instant | None
    is_on: bool
    lowest_price: Amount | None

    @classmethod
    def of(cls, product: Product, sale: Sale) -> Self:
        """Return the view of a product's sale."""
        return cls(
            product_id=product.id,
            price=Amount.of(sale.price),
            regular_price=Amount.of(product.regular_price),
            starts_at=sale.starts_at,
            ends_at=sale.ends_at,
            is_on=product.on_sale,
            lowest_price=Amount.of(sale.lowest) if sale.lowest is not None else None,
        )

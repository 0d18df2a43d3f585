"""Promotions: when they apply, and what they take off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from kibble.kernel.ids import CustomerId, OrderId, ProductId
from kibble.kernel.money import Money
from kibble.kernel.personal import Personal
from kibble.services.order.errors import PromotionRefused


class PromotionKind(Enum):
    """What a promotion gives."""

    PERCENT = "percent"
    AMOUNT = "amount"
    FREE_SHIPPING = "free_shipping"
    BUY_X_GET_Y = "buy_x_get_y"


class Audience(Enum):
    """Whom a promotion is for: who knows its code; by itself: all orders, or a subscription's."""

    CODE = "code"
    EVERYONE = "everyone"
    AUTOSHIP = "autoship"
    FIRST_AUTOSHIP = "first_autoship"


@dataclass(frozen=True, slots=True)
class Priced:
    """A line as promotions see it; ``price`` is of one unit."""

    product_id: ProductId
    quantity: int
    price: Money


@dataclass(slots=True)
class Promotion:
    """A code that takes something off.

    ``basis_points`` is the share of PERCENT, or what BUY_X_GET_Y takes off the free units (10,000:
    free); ``amount`` is what AMOUNT takes off. For BUY_X_GET_Y each ``buy_quantity`` of the product
    ``buy_product`` gives ``get_quantity`` of ``get_product``. Limits of None are no limits.
    An ``audience`` other than CODE needs no code: the best such promotion applies by itself.
    """

    code: str
    kind: PromotionKind
    description: str
    starts_at: datetime
    ends_at: datetime | None = None
    basis_points: int = 0
    amount: Money = Money(0)
    buy_product: ProductId | None = None
    buy_quantity: int = 1
    get_product: ProductId | None = None
    get_quantity: int = 1
    minimum: Money = Money(0)
    max_uses: int | None = None
    max_uses_per_customer: int | None = None
    uses: int = 0
    audience: Audience = Audience.CODE
    version: int = 0

    def check(self, items: Money, at: datetime, used_by_customer: int) -> None:
        """Raise ``PromotionRefused`` unless the promotion applies to a basket of ``items`` now."""
        if at < self.starts_at or (self.ends_at is not None and at >= self.ends_at):
            raise PromotionRefused(self.code, "This code is not valid today.")
        if self.max_uses is not None and self.uses >= self.max_uses:
            raise PromotionRefused(self.code, "This code has been used up.")
        limit = self.max_uses_per_customer
        if limit is not None and used_by_customer >= limit:
            raise PromotionRefused(self.code, "You have used this code before.")
        if items < self.minimum:
            raise PromotionRefused(
                self.code,
                f"This code needs a basket of {self.minimum.decimal} {self.minimum.currency}.",
            )

    def discount(self, lines: Sequence[Priced], items: Money) -> Money:
        """Return what is taken off ``items``: never more than they cost."""
        if self.kind is PromotionKind.PERCENT:
            return items.percentage(self.basis_points)
        if self.kind is PromotionKind.AMOUNT:
            return min(self.amount, items)
        if self.kind is PromotionKind.BUY_X_GET_Y:
            return self._free_units(lines, items.currency)
        return Money(0, items.currency)

    def worth(self, lines: Sequence[Priced], items: Money, shipping: Money) -> Money:
        """Return what is saved in all: on ``items``, and on ``shipping`` where it is freed."""
        saved = self.discount(lines, items)
        return saved + shipping if self.frees_shipping else saved

    def is_on(self, at: datetime) -> bool:
        """Tell whether the promotion runs at a moment, and is not used up."""
        begun = at >= self.starts_at and (self.ends_at is None or at < self.ends_at)
        return begun and (self.max_uses is None or self.uses < self.max_uses)

    @property
    def frees_shipping(self) -> bool:
        """Tell whether shipping costs nothing."""
        return self.kind is PromotionKind.FREE_SHIPPING

    def _free_units(self, lines: Sequence[Priced], currency: str) -> Money:
        """Return what the given units cost; of one product, a round needs bought and given."""
        bought = sum(line.quantity for line in lines if line.product_id == self.buy_product)
        given = [line for line in lines if line.product_id == self.get_product]
        if not given:
            return Money(0, currency)
        if self.buy_product == self.get_product:
            rounds = bought // (self.buy_quantity + self.get_quantity)
        else:
            rounds = bought // self.buy_quantity
        units = min(rounds * self.get_quantity, sum(line.quantity for line in given))
        return (given[0].price * units).percentage(self.basis_points)


@dataclass(slots=True)
class Redemption:
    """One use of a promotion, by one order.

    ``customer`` is None once the person was forgotten. ``version`` is only there for the store.
    """

    code: str
    order_id: OrderId
    customer: Personal[CustomerId | str | None]
    version: int = 0

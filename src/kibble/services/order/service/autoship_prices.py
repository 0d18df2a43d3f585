"""What Autoship would cost: for products that are looked at, before there is a subscription."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kibble.kernel.ids import CustomerId, ProductId
from kibble.kernel.money import Money
from kibble.services.order.model.promotion import Audience, Priced
from kibble.services.order.repository.subscriptions import SubscriptionRepository
from kibble.services.order.service.desk import Desk, PricedBasket
from kibble.services.order.service.subscriptions import is_first


@dataclass(frozen=True, slots=True)
class AutoshipPrice:
    """So many of a product as an Autoship of their own, without shipping and taxes.

    ``first`` is the customer's next order of it, ``later`` each after that.
    """

    line: Priced
    first: PricedBasket
    later: PricedBasket


class AutoshipPrices:
    """Says what Autoship would cost, by the same sums as its orders."""

    def __init__(self, desk: Desk, subscriptions: SubscriptionRepository) -> None:
        self._desk = desk
        self._subscriptions = subscriptions

    async def of(
        self, wanted: Sequence[tuple[ProductId, int]], customer_id: CustomerId | None
    ) -> list[AutoshipPrice]:
        """Return the prices for a customer (None: a guest) in the order asked for.

        What cannot be bought is left out. Raises ``Unavailable`` when nobody knows the prices.
        """
        quotes = await self._desk.quotes([product_id for product_id, _ in wanted])
        lines = [
            Priced(product_id, quantity, Money(quote.price, quote.currency))
            for product_id, quantity in wanted
            if (quote := quotes.get(product_id))
        ]
        later = await self._desk.alone(lines, Audience.AUTOSHIP, customer_id)
        first = later
        if await self._is_first(customer_id):
            first = await self._desk.alone(lines, Audience.FIRST_AUTOSHIP, customer_id)
        return [AutoshipPrice(*each) for each in zip(lines, first, later, strict=True)]

    async def _is_first(self, customer_id: CustomerId | None) -> bool:
        if customer_id is None:
            return True
        known = await self._subscriptions.subscriptions_of_customer(customer_id)
        return is_first(known)

"""Pricing a basket: quotes, shipping, promotion and tax put together. Shared by cart and order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import msgspec

from kibble.contracts.address import Address
from kibble.contracts.inventory import Demand
from kibble.contracts.product import Quote
from kibble.kernel.clock import Clock
from kibble.kernel.errors import InvalidInput
from kibble.kernel.ids import ProductId
from kibble.kernel.money import Money, total
from kibble.services.order.errors import PromotionRefused
from kibble.services.order.integration import Catalogue, ShippingDesk
from kibble.services.order.model.order import Charges
from kibble.services.order.model.pricing import charges
from kibble.services.order.model.promotion import Audience, Priced, Promotion
from kibble.services.order.repository.promotions import PromotionRepository


@dataclass(frozen=True, slots=True)
class Terms:
    """How a shop sells: its currency, and the method that ships when the buyer names none."""

    currency: str
    default_shipping: str
    tax_rates: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class PricedBasket:
    """A basket with its price."""

    charges: Charges
    promotion: Promotion | None
    shipping_method: str


class Desk:
    """Says what a basket costs."""

    def __init__(
        self,
        catalogue: Catalogue,
        shipping: ShippingDesk,
        promotions: PromotionRepository,
        terms: Terms,
        clock: Clock,
    ) -> None:
        self._catalogue = catalogue
        self._shipping = shipping
        self._promotions = promotions
        self._clock = clock
        self.terms = terms

    async def quotes(
        self, product_ids: Sequence[ProductId], *, fresh: bool = False
    ) -> dict[ProductId, Quote]:
        """Return the products' quotes; see ``Catalogue.quotes``."""
        return await self._catalogue.quotes(product_ids, fresh=fresh)

    async def price(
        self,
        lines: Sequence[Priced],
        quotes: Mapping[ProductId, Quote],
        *,
        address: Mapping[str, str] | None,
        shipping_method: str | None,
        promotion_code: str | None,
        customer: str | None,
        autoship: Audience | None = None,
    ) -> PricedBasket:
        """Return what the lines cost.

        An order of a subscription names its ``autoship`` audience: the best promotion of it
        applies by itself.

        Without a shipping method the shop's default ships, free and untaxed. Raises
        ``InvalidInput`` for a method that does not go to the address, and
        ``PromotionRefused``.
        """
        currency = self.terms.currency
        shipping, tax = Money(0, currency), 0
        if (
            shipping_method is not None
            and shipping_method != self.terms.default_shipping
            and address
        ):
            weight = sum(quotes[line.product_id].weight_grams * line.quantity for line in lines)
            shipping = await self._quote_shipping(shipping_method, address, weight)
            tax = self.terms.tax_rates.get(address["state"].upper(), 0)
        promotion = None
        if promotion_code is not None:
            items = total((line.price * line.quantity for line in lines), currency)
            promotion = await self._promotion(promotion_code, items, customer)
        elif autoship is not None:
            promotion = await self._best(autoship, lines, customer)
        cost = charges(
            lines, currency, promotion=promotion, shipping=shipping, tax_basis_points=tax
        )
        return PricedBasket(cost, promotion, shipping_method or self.terms.default_shipping)

    async def _quote_shipping(
        self, method: str, address: Mapping[str, str], weight_grams: int
    ) -> Money:
        parsed = msgspec.convert(address, Address)
        option = await self._shipping.quote(method, parsed, weight_grams)
        if option is None:
            raise InvalidInput.at("/shippingMethod", "does not ship to this address")
        return Money(option.cost, option.currency)

    async def _promotion(self, code: str, items: Money, customer: str | None) -> Promotion:
        promotion = await self._promotions.promotion(code)
        if promotion is None:
            raise PromotionRefused(code, "There is no such code.")
        if promotion.audience is not Audience.CODE:
            raise PromotionRefused(code, "This is for Autoship, where it applies by itself.")
        await self._check(promotion, items, customer)
        return promotion

    async def _check(self, promotion: Promotion, items: Money, customer: str | None) -> None:
        used = 0
        if customer is not None and promotion.max_uses_per_customer is not None:
            used = await self._promotions.uses_by(promotion.code, customer)
        promotion.check(items, self._clock.now(), used)

    async def _best(
        self, audience: Audience, lines: Sequence[Priced], customer: str | None
    ) -> Promotion | None:
        """Return the promotion of an audience, or of all Autoship, that takes off the most."""
        items = total((line.price * line.quantity for line in lines), self.terms.currency)
        found: list[Promotion] = []
        for one in dict.fromkeys((audience, Audience.AUTOSHIP)):
            for promotion in await self._promotions.promotions_for(one):
                with suppress(PromotionRefused):
                    await self._check(promotion, items, customer)
                    found.append(promotion)
        return max(found, key=lambda each: each.discount(lines, items), default=None)


def demands(quantities: Mapping[ProductId, int], quotes: Mapping[ProductId, Quote]) -> list[Demand]:
    """Return what the lines take from stock: a bundle takes its components."""
    wanted: dict[ProductId, int] = {}
    for product_id, quantity in quantities.items():
        parts = quotes[product_id].components
        if not parts:
            wanted[product_id] = wanted.get(product_id, 0) + quantity
        for part in parts:
            wanted[part.product_id] = wanted.get(part.product_id, 0) + part.quantity * quantity
    return [Demand(product_id=product_id, quantity=n) for product_id, n in sorted(wanted.items())]

"""Pricing a basket: quotes, shipping, promotion and tax put together. Shared by cart and order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import msgspec

from kibble.contracts.address import Address
from kibble.contracts.inventory import Demand
from kibble.contracts.product import Quote
from kibble.contracts.shipping import WeighedItem
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
    """A basket with its price.

    ``free_shipping_from`` is what the items must come to for free shipping, where there is that.
    """

    charges: Charges
    promotion: Promotion | None
    shipping_method: str
    free_shipping_from: Money | None = None


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

        The best promotion for everyone applies by itself; an order of a subscription names its
        ``autoship`` audience, whose promotions count among them. A code takes their place.

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
            goods = [_to_ship(quotes[line.product_id], line.quantity) for line in lines]
            shipping = await self._quote_shipping(shipping_method, address, goods)
            tax = self.terms.tax_rates.get(address["state"].upper(), 0)
        promotion = None
        by_themselves = await self._for(autoship)
        if promotion_code is not None:
            items = total((line.price * line.quantity for line in lines), currency)
            promotion = await self._promotion(promotion_code, items, customer)
        elif lines:
            promotion = await self._best(by_themselves, lines, shipping, customer)
        cost = charges(
            lines, currency, promotion=promotion, shipping=shipping, tax_basis_points=tax
        )
        method = shipping_method or self.terms.default_shipping
        return PricedBasket(cost, promotion, method, self._free_shipping_from(by_themselves))

    async def alone(
        self, lines: Sequence[Priced], autoship: Audience, customer: str | None
    ) -> list[PricedBasket]:
        """Return what each line costs as a subscription's order of its own.

        Without shipping and taxes; see ``price``.
        """
        by_themselves, nothing = await self._for(autoship), Money(0, self.terms.currency)
        baskets: list[PricedBasket] = []
        for line in lines:
            best = await self._best(by_themselves, [line], nothing, customer)
            cost = charges(
                [line], nothing.currency, promotion=best, shipping=nothing, tax_basis_points=0
            )
            baskets.append(PricedBasket(cost, best, self.terms.default_shipping))
        return baskets

    async def _quote_shipping(
        self, method: str, address: Mapping[str, str], items: Sequence[WeighedItem]
    ) -> Money:
        parsed = msgspec.convert(address, Address)
        weight = sum(item.weight_grams * item.quantity for item in items)
        option = await self._shipping.quote(method, parsed, weight, items)
        if option is None:
            raise InvalidInput.at("/shippingMethod", "does not ship these to this address")
        return Money(option.cost, option.currency)

    async def _promotion(self, code: str, items: Money, customer: str | None) -> Promotion:
        promotion = await self._promotions.promotion(code)
        if promotion is None:
            raise PromotionRefused(code, "There is no such code.")
        if promotion.audience is not Audience.CODE:
            raise PromotionRefused(code, "This applies by itself, to what it is for.")
        await self._check(promotion, items, customer)
        return promotion

    async def _check(self, promotion: Promotion, items: Money, customer: str | None) -> None:
        used = 0
        if customer is not None and promotion.max_uses_per_customer is not None:
            used = await self._promotions.uses_by(promotion.code, customer)
        promotion.check(items, self._clock.now(), used)

    async def _for(self, autoship: Audience | None) -> list[Promotion]:
        """Return what applies by itself: to everyone, and to a subscription's order."""
        subscribed = () if autoship is None else (autoship, Audience.AUTOSHIP)
        return await self._promotions.promotions_for(*subscribed, Audience.EVERYONE)

    async def _best(
        self,
        promotions: Sequence[Promotion],
        lines: Sequence[Priced],
        shipping: Money,
        customer: str | None,
    ) -> Promotion | None:
        """Return the promotion that saves the most of those that apply."""
        items = total((line.price * line.quantity for line in lines), self.terms.currency)
        found: list[Promotion] = []
        for promotion in promotions:
            with suppress(PromotionRefused):
                await self._check(promotion, items, customer)
                found.append(promotion)
        return max(found, key=lambda each: each.worth(lines, items, shipping), default=None)

    def _free_shipping_from(self, promotions: Sequence[Promotion]) -> Money | None:
        now = self._clock.now()
        least = (one.minimum for one in promotions if one.frees_shipping and one.is_on(now))
        return min(least, default=None)


def _to_ship(quote: Quote, quantity: int) -> WeighedItem:
    return WeighedItem(
        product_id=quote.product_id,
        quantity=quantity,
        weight_grams=quote.weight_grams,
        size_mm=quote.size_mm,
        cold_chain=quote.cold_chain,
        hazardous=quote.hazardous,
    )


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

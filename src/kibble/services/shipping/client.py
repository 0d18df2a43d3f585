"""Shipping as its neighbours see it, in process: contract types in and out."""

from __future__ import annotations

from collections.abc import Sequence

from kibble.contracts.address import Address
from kibble.contracts.shipping import QUOTE, ShippingOption, WeighedItem
from kibble.platform.rpc import Offer, offer
from kibble.services.shipping.model.handling import Handling
from kibble.services.shipping.model.packing import Item, Parcel, split_weight
from kibble.services.shipping.model.tariff import Rate
from kibble.services.shipping.service import RateService, destination

POINTER = "/shippingAddress"
"""Where the address stands in the requests that neighbours ask for."""


class ShippingClient:
    """Calls the use cases directly."""

    def __init__(self, rates: RateService) -> None:
        self._rates = rates

    async def options(self, address: Address, items: Sequence[WeighedItem]) -> list[ShippingOption]:
        """Return every way to ship the items, the cheapest first.

        Raises ``InvalidInput`` for an address that no carrier of ours knows.
        """
        rates = await self._rates.options(destination(address), self._packed(items), POINTER)
        return [_option(rate) for rate in rates]

    async def quote(
        self,
        method: str,
        address: Address,
        weight_grams: int,
        items: Sequence[WeighedItem] = (),
    ) -> ShippingOption | None:
        """Return what a method costs to an address; None when it does not exist or go there.

        Where the items are known they are packed; else there is only a weight to go by. Raises as
        ``options`` does.
        """
        parcels = self._packed(items) if items else split_weight(weight_grams)
        rate = await self._rates.quote(method, destination(address), parcels, POINTER)
        return _option(rate) if rate else None

    def _packed(self, items: Sequence[WeighedItem]) -> tuple[Parcel, ...]:
        return self._rates.pack(
            Item(
                item.product_id,
                item.quantity,
                item.weight_grams,
                item.size_mm,
                Handling.of(cold_chain=item.cold_chain, hazardous=item.hazardous),
            )
            for item in items
        )


def _option(rate: Rate) -> ShippingOption:
    return ShippingOption(
        method=rate.method.code,
        carrier=rate.method.carrier,
        name=rate.method.name,
        cost=rate.cost.minor,
        currency=rate.cost.currency,
        estimated_delivery=rate.estimated_delivery,
    )


def offers(client: ShippingClient) -> list[Offer]:
    """Return what Shipping offers to services in other processes."""
    return [offer(QUOTE, client.quote)]

"""Shipping as its neighbours see it, in process: contract types in and out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import msgspec

from kibble.contracts.address import Address
from kibble.contracts.customer import counted, export_of, held_of
from kibble.contracts.shipping import QUOTE, ShippingOption, WeighedItem
from kibble.kernel.ids import CustomerId
from kibble.platform.rpc import Offer, offer
from kibble.services.shipping.model.handling import Handling
from kibble.services.shipping.model.packing import Item, Parcel, split_weight
from kibble.services.shipping.model.shipment import Shipment
from kibble.services.shipping.model.tariff import Rate
from kibble.services.shipping.schemas import ShipmentView
from kibble.services.shipping.service import RateService, ShipmentService, destination

POINTER = "/shippingAddress"
"""Where the address stands in the requests that neighbours ask for."""


class ShippingClient:
    """Calls the use cases directly."""

    name = "shipping"

    def __init__(self, rates: RateService, shipments: ShipmentService) -> None:
        self._rates = rates
        self._shipments = shipments

    async def export(self, customer_id: CustomerId) -> dict[str, Sequence[object]]:
        """Return a customer's shipments and where they went, ready for JSON."""
        shipments = await self._shipments.of_customer(customer_id)
        return {"shipments": [_exported(shipment) for shipment in shipments]}

    async def held(self, customer_id: CustomerId) -> dict[str, int]:
        """Return how much is kept about a customer, by kind."""
        return counted(await self.export(customer_id))

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


def _exported(shipment: Shipment) -> dict[str, object]:
    address = Address(**asdict(shipment.address))
    return {
        **msgspec.to_builtins(ShipmentView.of(shipment)),
        "address": msgspec.to_builtins(address),
    }


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
    return [
        offer(export_of(client.name), client.export),
        offer(held_of(client.name), client.held),
        offer(QUOTE, client.quote),
    ]

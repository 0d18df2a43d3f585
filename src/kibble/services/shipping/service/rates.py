"""What shipping costs: the carriers' rates, or the shop's own table when a carrier is away."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain

import structlog

from kibble.kernel.clock import Clock
from kibble.kernel.errors import InvalidInput, Unavailable
from kibble.kernel.ids import ProductId
from kibble.services.shipping.errors import UnknownZipCode
from kibble.services.shipping.integration import Carrier, Products
from kibble.services.shipping.model.packing import Item, Parcel, total_weight
from kibble.services.shipping.model.shipment import Address
from kibble.services.shipping.model.tariff import (
    FREE,
    METHODS,
    TABLE_OF,
    Method,
    Rate,
    by_cost,
    carrier_methods,
    rate,
)
from kibble.services.shipping.model.zones import ZoneMap

_log = structlog.get_logger()

HOME = "US"


class RateService:
    """Quotes methods for a destination and a weight.

    ``default_method`` is the shop's; free shipping is offered only where it is that.
    """

    def __init__(
        self,
        carriers: Mapping[str, Carrier],
        zones: ZoneMap,
        products: Products,
        clock: Clock,
        default_method: Method,
    ) -> None:
        self._carriers = carriers
        self._zones = zones
        self._products = products
        self._clock = clock
        self._default_method = default_method

    async def weigh(self, quantities: Sequence[tuple[ProductId, int]]) -> list[Item]:
        """Return the items of a request with what they weigh.

        Raises ``InvalidInput`` naming each product that does not exist.
        """
        quotes = await self._products.quotes([product_id for product_id, _ in quantities])
        unknown = [
            error
            for place, (product_id, _) in enumerate(quantities)
            if product_id not in quotes
            for error in InvalidInput.at(f"/items/{place}/productId", "is not a product").errors
        ]
        if unknown:
            raise InvalidInput(unknown)
        return [
            Item(product_id, quantity, quotes[product_id].weight_grams)
            for product_id, quantity in quantities
        ]

    async def options(
        self, address: Address, parcels: Sequence[Parcel], pointer: str = "/address"
    ) -> list[Rate]:
        """Return every method of every carrier, the cheapest first.

        Raises ``UnknownZipCode``, and ``InvalidInput`` for another country, under ``pointer``.
        """
        self._check(address, pointer)
        found = await asyncio.gather(
            *(self._rates_of(carrier, address, parcels) for carrier in self._carriers.values())
        )
        free = [self._by_table(FREE, address, parcels)] if self._default_method is FREE else []
        return by_cost(chain(free, *found))

    async def quote(
        self, code: str, address: Address, parcels: Sequence[Parcel], pointer: str = "/address"
    ) -> Rate | None:
        """Return what one method costs; None when it does not exist or does not go there.

        Raises as ``options`` does.
        """
        self._check(address, pointer)
        method = METHODS.get(code)
        if method is None or method is FREE:
            return self._by_table(method, address, parcels) if method else None
        carrier = self._carriers.get(method.carrier)
        rates = await self._rates_of(carrier, address, parcels) if carrier else []
        return next((found for found in rates if found.method is method), None)

    async def _rates_of(
        self, carrier: Carrier, address: Address, parcels: Sequence[Parcel]
    ) -> list[Rate]:
        try:
            return await carrier.rates(address, parcels)
        except Unavailable as error:
            _log.warning("built-in rates used", carrier=carrier.name, error=error.message)
            methods = carrier_methods(carrier.name)
            built_in = [self._by_table(method, address, parcels) for method in methods]
            return [replace(one, table_of=TABLE_OF) for one in built_in]

    def _by_table(self, method: Method, address: Address, parcels: Sequence[Parcel]) -> Rate:
        zone = self._zones.zone(address.zip_code)
        return rate(method, zone, total_weight(parcels), self._clock.now())

    def _check(self, address: Address, pointer: str) -> None:
        if address.country != HOME:
            raise InvalidInput.at(f"{pointer}/country", "must be US: nothing is shipped abroad")
        if not self._zones.knows(address.zip_code):
            raise UnknownZipCode(f"{pointer}/zipCode")

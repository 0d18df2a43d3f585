"""What shipping costs: the carriers' rates, or the shop's own table when a carrier is away."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain

import structlog

from kibble.contracts.product import Quote
from kibble.kernel.clock import Clock
from kibble.kernel.errors import InvalidInput, Unavailable
from kibble.kernel.ids import ProductId
from kibble.kernel.money import Money, total
from kibble.services.shipping.errors import UnknownZipCode
from kibble.services.shipping.integration import Carrier, Products
from kibble.services.shipping.model.calendar import delivery_time
from kibble.services.shipping.model.cartons import Box
from kibble.services.shipping.model.handling import Handling, hastened, leaves_at, method_for
from kibble.services.shipping.model.packing import Item, Parcel, by_handling, pack
from kibble.services.shipping.model.shipment import Address
from kibble.services.shipping.model.tariff import (
    FREE,
    METHODS,
    TABLE_OF,
    Method,
    Rate,
    billable_grams,
    by_cost,
    carrier_methods,
    rate,
)
from kibble.services.shipping.model.zones import ZoneMap

_log = structlog.get_logger()

HOME = "US"


def item_of(quote: Quote, quantity: int, weight_grams: int) -> Item:
    """Return so many units of a product, with what Product tells of it."""
    return Item(
        quote.product_id,
        quantity,
        weight_grams,
        quote.size_mm,
        Handling.of(cold_chain=quote.cold_chain, hazardous=quote.hazardous),
    )


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
        *,
        default_method: Method,
        boxes: Sequence[Box],
    ) -> None:
        self._carriers = carriers
        self._zones = zones
        self._products = products
        self._clock = clock
        self._default_method = default_method
        self._boxes = boxes

    def pack(self, items: Iterable[Item]) -> tuple[Parcel, ...]:
        """Return the parcels that items travel in."""
        return pack(items, self._boxes)

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
            item_of(quotes[product_id], quantity, quotes[product_id].weight_grams)
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
        free = [self._free(address, parcels)] if self._default_method is FREE else []
        return by_cost(chain([one for one in free if one], *found))

    async def quote(
        self, code: str, address: Address, parcels: Sequence[Parcel], pointer: str = "/address"
    ) -> Rate | None:
        """Return what one method costs; None when it does not exist or does not go there.

        Raises as ``options`` does.
        """
        self._check(address, pointer)
        method = METHODS.get(code)
        if method is None or method is FREE:
            return self._free(address, parcels) if method else None
        carrier = self._carriers.get(method.carrier)
        rates = await self._rates_of(carrier, address, parcels) if carrier else []
        return next((found for found in rates if found.method is method), None)

    async def _rates_of(
        self, carrier: Carrier, address: Address, parcels: Sequence[Parcel]
    ) -> list[Rate]:
        """Return what a carrier's methods cost, each for all parcels: see ``_put_together``."""
        groups = by_handling(parcels)
        asked = await asyncio.gather(
            *(self._ask(carrier, address, group) for group in groups.values())
        )
        told = dict(zip(groups, asked, strict=True))
        rates = (
            self._put_together(method, address, told) for method in carrier_methods(carrier.name)
        )
        return [one for one in rates if one is not None]

    async def _ask(
        self, carrier: Carrier, address: Address, parcels: Sequence[Parcel]
    ) -> list[Rate]:
        try:
            return await carrier.rates(address, parcels)
        except Unavailable as error:
            _log.warning("built-in rates used", carrier=carrier.name, error=error.message)
            built_in = self._by_table(carrier_methods(carrier.name), address, parcels)
            return [replace(one, table_of=TABLE_OF) for one in built_in]

    def _by_table(
        self, methods: Iterable[Method], address: Address, parcels: Sequence[Parcel]
    ) -> list[Rate]:
        zone = self._zones.zone(address.zip_code)
        billable = [billable_grams(parcel.weight_grams, parcel.size_mm) for parcel in parcels]
        return [rate(method, zone, billable, self._clock.now()) for method in methods]

    def _free(self, address: Address, parcels: Sequence[Parcel]) -> Rate | None:
        """Return free shipping, also where the shop pays for something better than ground."""
        methods = [FREE, *carrier_methods(FREE.carrier)]
        told = {
            handling: self._by_table(methods, address, group)
            for handling, group in by_handling(parcels).items()
        }
        found = self._put_together(FREE, address, told)
        return replace(found, cost=Money(0)) if found else None

    def _put_together(
        self, method: Method, address: Address, told: Mapping[Handling, Sequence[Rate]]
    ) -> Rate | None:
        """Return what an order costs whose things go by ``method``, or by what suits them.

        None where nothing goes by the method itself, or something by none.
        """
        zone = self._zones.zone(address.zip_code)
        ways = {handling: method_for(method, handling, zone) for handling in told}
        rates = [
            self._held(found, handling, zone)
            for handling, listed in told.items()
            for found in listed
            if found.method is ways[handling]
        ]
        if len(rates) < len(told) or not (method is FREE or method in ways.values()):
            return None
        return Rate(
            method,
            total((one.cost for one in rates), rates[0].cost.currency),
            max(one.estimated_delivery for one in rates),
            max((one.table_of for one in rates if one.table_of), default=None),
        )

    def _held(self, found: Rate, handling: Handling, zone: int) -> Rate:
        """Return a rate with the day on which what waits for a Monday arrives.

        Where it would wait too long it goes by a faster method, at the same price.
        """
        now = self._clock.now()
        days = hastened(found.method, handling, zone, now).days(zone)
        leaves = leaves_at(now, handling, days)
        if leaves == now and days == found.method.days(zone):
            return found
        return replace(found, estimated_delivery=delivery_time(leaves, days))

    def _check(self, address: Address, pointer: str) -> None:
        if address.country != HOME:
            raise InvalidInput.at(f"{pointer}/country", "must be US: nothing is shipped abroad")
        if not self._zones.knows(address.zip_code):
            raise UnknownZipCode(f"{pointer}/zipCode")

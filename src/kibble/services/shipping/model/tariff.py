"""The shop's own table of methods, prices and transit days.

It is what the sandbox carriers charge, and the fallback when a carrier is slow or down. Prices
depend on zone and total weight only, so that a quote is the same however the order is packed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from kibble.kernel.money import Money
from kibble.services.shipping.errors import UnknownMethod
from kibble.services.shipping.model.calendar import delivery_time
from kibble.services.shipping.model.packing import MAX_PARCEL_GRAMS

TABLE_OF: Final = date(2026, 11, 1)
"""When the prices of the table were last looked at."""

_NEAREST_ZONE = 2
_STEP_GRAMS = 500

_GROUND_UPS = (1, 2, 2, 3, 4, 4, 5, 7)
_GROUND_FEDEX = (1, 2, 3, 3, 4, 5, 5, 7)
_TWO_DAYS = (2, 2, 2, 2, 2, 2, 2, 3)
_OVERNIGHT = (1, 1, 1, 1, 1, 1, 1, 2)


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a method costs, in cents, and how long it takes.

    Each started 30 kg costs ``base``, each started 500 g beyond the first ``step``; both grow by
    their ``per_zone`` with every zone beyond the nearest. ``days`` are business days by zone.
    """

    base: int
    base_per_zone: int
    step: int
    step_per_zone: int
    days: tuple[int, ...]

    def cost(self, zone: int, weight_grams: int) -> Money:
        """Return the price of ``weight_grams`` to ``zone``."""
        far = zone - _NEAREST_ZONE
        parcels = -(-weight_grams // MAX_PARCEL_GRAMS) or 1
        steps = max(0, -(-weight_grams // _STEP_GRAMS) - 1)
        base = self.base + self.base_per_zone * far
        step = self.step + self.step_per_zone * far
        return Money(parcels * base + steps * step)


@dataclass(frozen=True, slots=True)
class Method:
    """A way to ship: the code that orders name, the carrier, the name that customers read."""

    code: str
    carrier: str
    name: str
    tariff: Tariff

    def days(self, zone: int) -> int:
        """Return the business days in transit."""
        return self.tariff.days[zone - _NEAREST_ZONE]


@dataclass(frozen=True, slots=True)
class Rate:
    """What a method costs for one destination and weight, and when the parcel would arrive."""

    method: Method
    cost: Money
    estimated_delivery: datetime
    table_of: date | None = None
    """The day of the shop's own table, where that stands in for a carrier that did not answer."""


UPS: Final = "UPS"
FEDEX: Final = "FedEx"

FREE: Final = Method("standard", UPS, "Free standard shipping", Tariff(0, 0, 0, 0, _GROUND_UPS))
"""Ground shipping that costs the customer nothing: for shops that make it their default."""

METHODS: Final = {
    method.code: method
    for method in (
        Method("ups-standard", UPS, "UPS Ground", Tariff(799, 45, 25, 4, _GROUND_UPS)),
        Method("ups-expedited", UPS, "UPS 2nd Day Air", Tariff(1499, 150, 60, 12, _TWO_DAYS)),
        Method("ups-overnight", UPS, "UPS Next Day Air", Tariff(2999, 350, 110, 18, _OVERNIGHT)),
        Method("fedex-standard", FEDEX, "FedEx Ground", Tariff(829, 42, 24, 4, _GROUND_FEDEX)),
        Method("fedex-expedited", FEDEX, "FedEx 2Day", Tariff(1449, 155, 62, 12, _TWO_DAYS)),
        Method("fedex-overnight", FEDEX, "FedEx Overnight", Tariff(3049, 340, 108, 18, _OVERNIGHT)),
        FREE,
    )
}


def method_of(code: str) -> Method:
    """Return the method of a code. Raises ``UnknownMethod``."""
    if (method := METHODS.get(code)) is None:
        raise UnknownMethod(list(METHODS))
    return method


def rate(method: Method, zone: int, weight_grams: int, now: datetime) -> Rate:
    """Return what the table says of ``method``, for a parcel ordered ``now``."""
    return Rate(
        method,
        method.tariff.cost(zone, weight_grams),
        delivery_time(now, method.days(zone)),
    )


def carrier_methods(carrier: str) -> list[Method]:
    """Return what ``carrier`` offers at a price."""
    return [m for m in METHODS.values() if m.carrier == carrier and m is not FREE]


def by_cost(rates: Iterable[Rate]) -> list[Rate]:
    """Sort rates: the cheapest first, then the fastest."""
    return sorted(rates, key=lambda r: (r.cost, r.estimated_delivery, r.method.code))

"""The shop's own table of methods, prices and transit days.

It is what the sandbox carriers charge, and the fallback when a carrier is slow or down. Each parcel
costs by its zone and its billable weight.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from kibble.kernel.money import Money, total
from kibble.services.shipping.errors import UnknownMethod
from kibble.services.shipping.model.calendar import delivery_time
from kibble.services.shipping.model.cartons import Size

TABLE_OF: Final = date(2026, 11, 1)
"""When the prices of the table were last looked at."""

CUBIC_INCHES_PER_POUND: Final = 139
_TENTHS_OF_MM_PER_INCH = 254
_MILLIGRAMS_PER_POUND = 453_592
_NEAREST_ZONE = 2
_STEP_GRAMS = 500

_GROUND_UPS = (1, 2, 2, 3, 4, 4, 5, 7)
_GROUND_FEDEX = (1, 2, 3, 3, 4, 5, 5, 7)
_TWO_DAYS = (2, 2, 2, 2, 2, 2, 2, 3)
_OVERNIGHT = (1, 1, 1, 1, 1, 1, 1, 2)


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a method costs, in cents, and how long it takes.

    A parcel costs ``base``, each started 500 g beyond its first ``step``; both grow by their
    ``per_zone`` with every zone beyond the nearest. ``days`` are business days by zone.
    """

    base: int
    base_per_zone: int
    step: int
    step_per_zone: int
    days: tuple[int, ...]

    def cost(self, zone: int, weight_grams: int) -> Money:
        """Return the price of a parcel of a billable weight to ``zone``."""
        far = zone - _NEAREST_ZONE
        steps = max(0, -(-weight_grams // _STEP_GRAMS) - 1)
        base = self.base + self.base_per_zone * far
        step = self.step + self.step_per_zone * far
        return Money(base + steps * step)


@dataclass(frozen=True, slots=True)
class Method:
    """A way to ship: the code that orders name, the carrier, the name that customers read.

    ``by_air`` says that parcels fly: what is hazardous must not.
    """

    code: str
    carrier: str
    name: str
    tariff: Tariff
    by_air: bool = False

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
        Method(
            "ups-expedited",
            UPS,
            "UPS 2nd Day Air",
            Tariff(1499, 150, 60, 12, _TWO_DAYS),
            by_air=True,
        ),
        Method(
            "ups-overnight",
            UPS,
            "UPS Next Day Air",
            Tariff(2999, 350, 110, 18, _OVERNIGHT),
            by_air=True,
        ),
        Method("fedex-standard", FEDEX, "FedEx Ground", Tariff(829, 42, 24, 4, _GROUND_FEDEX)),
        Method(
            "fedex-expedited",
            FEDEX,
            "FedEx 2Day",
            Tariff(1449, 155, 62, 12, _TWO_DAYS),
            by_air=True,
        ),
        Method(
            "fedex-overnight",
            FEDEX,
            "FedEx Overnight",
            Tariff(3049, 340, 108, 18, _OVERNIGHT),
            by_air=True,
        ),
        FREE,
    )
}


def method_of(code: str) -> Method:
    """Return the method of a code. Raises ``UnknownMethod``."""
    if (method := METHODS.get(code)) is None:
        raise UnknownMethod(list(METHODS))
    return method


def billable_grams(weight_grams: int, size_mm: Size | None) -> int:
    """Return the weight by which a parcel is paid for: its own, or that of its size if it is more.

    Both carriers divide the cubic inches of the outside, each side rounded up, by 139 for pounds,
    and round those up: UPS for daily rates
    (https://www.ups.com/us/en/support/shipping-support/shipping-dimensions-weight), FedEx
    (https://www.fedex.com/en-us/shipping/packaging/what-is-dimensional-weight.html). Sides are
    rounded up since August 18, 2025.
    """
    if size_mm is None:
        return weight_grams
    inches = [-(-side * 10 // _TENTHS_OF_MM_PER_INCH) for side in size_mm]
    pounds = -(-inches[0] * inches[1] * inches[2] // CUBIC_INCHES_PER_POUND)
    return max(weight_grams, -(-pounds * _MILLIGRAMS_PER_POUND // 1000))


def rate(method: Method, zone: int, billable: Iterable[int], now: datetime) -> Rate:
    """Return what the table says of ``method``, for parcels of billable weights ordered ``now``."""
    costs = (method.tariff.cost(zone, grams) for grams in billable)
    return Rate(method, total(costs, Money(0).currency), delivery_time(now, method.days(zone)))


def carrier_methods(carrier: str) -> list[Method]:
    """Return what ``carrier`` offers at a price."""
    return [m for m in METHODS.values() if m.carrier == carrier and m is not FREE]


def by_cost(rates: Iterable[Rate]) -> list[Rate]:
    """Sort rates: the cheapest first, then the fastest."""
    return sorted(rates, key=lambda r: (r.cost, r.estimated_delivery, r.method.code))

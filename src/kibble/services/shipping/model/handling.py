"""What must not travel as everything does: what spoils, and what may not fly."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import Enum

from kibble.services.shipping.model.calendar import start_without_a_weekend
from kibble.services.shipping.model.tariff import Method, carrier_methods

COLD_DAYS = 2
"""How long cold packs last in a parcel, in days."""

LONGEST_WAIT = timedelta(days=5)
"""How long what spoils may wait for days that follow one another: over a weekend, no more."""


class Handling(Enum):
    """How a parcel is to be handled; things of different handling travel in different parcels."""

    PLAIN = "plain"
    COLD = "cold"
    HAZARDOUS = "hazardous"
    COLD_HAZARDOUS = "cold-hazardous"

    @classmethod
    def of(cls, *, cold_chain: bool, hazardous: bool) -> Handling:
        """Return the handling that a product's flags ask for."""
        if cold_chain:
            return cls.COLD_HAZARDOUS if hazardous else cls.COLD
        return cls.HAZARDOUS if hazardous else cls.PLAIN

    @property
    def is_cold(self) -> bool:
        """Whether it has to arrive within two days, with no weekend in between."""
        return self in {Handling.COLD, Handling.COLD_HAZARDOUS}

    @property
    def is_hazardous(self) -> bool:
        """Whether it must not go by air (49 CFR 173.185 and the carriers' own rules for ground)."""
        return self in {Handling.HAZARDOUS, Handling.COLD_HAZARDOUS}


def method_for(method: Method, handling: Handling, zone: int) -> Method | None:
    """Return by which method things go whose order asks for ``method``.

    The same, where it suits; else the slowest of its carrier's that does; None when none does.
    Ground replaces free shipping for nothing but what spoils: its price is the shop's to bear.
    """
    candidates = [method, *sorted(carrier_methods(method.carrier), key=lambda m: -m.days(zone))]
    for candidate in candidates:
        if handling.is_hazardous and candidate.by_air:
            continue
        if not handling.is_cold or candidate.days(zone) <= COLD_DAYS:
            return candidate
    return None


def way_of(method: Method, handling: Handling, zone: int) -> Method:
    """Return by which method things are sent, come what may.

    Where nothing suits what both spoils and may not fly, it does not fly: that is the law.
    """
    found = method_for(method, handling, zone) or method_for(method, Handling.HAZARDOUS, zone)
    return found or method


def leaves_at(asked_at: datetime, handling: Handling, days: int) -> datetime:
    """Return from when a parcel may leave that takes so many business days.

    What spoils waits until no weekend or holiday comes between.
    """
    if handling.is_cold and days <= COLD_DAYS:
        return start_without_a_weekend(asked_at, days)
    return asked_at


def hastened(way: Method, handling: Handling, zone: int, asked_at: datetime) -> Method:
    """Return by which method things leave soon enough: ``way``, or a faster one of its carrier.

    Around holidays, what spoils would wait for weeks for two days that follow one another; a night
    comes sooner.
    """

    def wait(method: Method) -> timedelta:
        return leaves_at(asked_at, handling, method.days(zone)) - asked_at

    if wait(way) <= LONGEST_WAIT:
        return way
    faster = [
        method
        for method in carrier_methods(way.carrier)
        if method.days(zone) < way.days(zone) and not (handling.is_hazardous and method.by_air)
    ]
    return min([way, *sorted(faster, key=lambda method: -method.days(zone))], key=wait)


def strictest(handlings: Iterable[Handling]) -> Handling:
    """Return the handling that suits all of several."""
    listed = list(handlings)
    return Handling.of(
        cold_chain=any(one.is_cold for one in listed),
        hazardous=any(one.is_hazardous for one in listed),
    )

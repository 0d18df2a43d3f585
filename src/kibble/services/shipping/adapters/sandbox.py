"""The built-in carriers: a stand-in for the paid interfaces of UPS and FedEx.

They need no account and no network, and move no parcel. Nothing is stored: a label follows from
the shipment that it is bought for, and its scans from the label and the clock. A street that
contains the word ``Exception`` has one failed delivery attempt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

import msgspec

from kibble.kernel.clock import Clock
from kibble.kernel.errors import InvalidInput
from kibble.services.shipping.adapters.label import draw_label
from kibble.services.shipping.adapters.tracking_numbers import fedex_number, ups_number
from kibble.services.shipping.integration import Purchase, Tracking
from kibble.services.shipping.model.calendar import (
    add_business_days,
    delivery_time,
    pick_up_day,
)
from kibble.services.shipping.model.handling import leaves_at
from kibble.services.shipping.model.packing import Parcel
from kibble.services.shipping.model.shipment import (
    Address,
    Label,
    LabelImage,
    Scan,
    Shipment,
    Status,
)
from kibble.services.shipping.model.tariff import (
    UPS,
    Rate,
    billable_grams,
    carrier_methods,
    method_of,
    rate,
)
from kibble.services.shipping.model.zones import ZoneMap

PICK_UP_HOUR = 20
FAST_STEP = timedelta(seconds=1)
_UPS_SERVICES = {"ups-overnight": "01", "ups-expedited": "02"}
_UPS_GROUND = "03"
_MISHAP = "exception"

_Step = tuple[Status, str, str | None]


class Trip(msgspec.Struct, frozen=True, array_like=True):
    """What a label's reference holds: all that its scans follow from."""

    ordered_at: datetime
    days: int
    state: str
    mishap: bool


class SandboxCarrier:
    """Implements ``Carrier``.

    ``zones`` are those around the place that parcels are sent from; ``fast`` moves a parcel one
    scan a second.
    """

    def __init__(self, name: str, zones: ZoneMap, clock: Clock, *, fast: bool = False) -> None:
        self.name = name
        self._zones = zones
        self._clock = clock
        self._fast = fast

    async def rates(self, address: Address, parcels: Sequence[Parcel]) -> list[Rate]:
        """See ``Carrier.rates``."""
        zone, now = self._zones.zone(address.zip_code), self._clock.now()
        billable = [billable_grams(parcel.weight_grams, parcel.size_mm) for parcel in parcels]
        return [rate(method, zone, billable, now) for method in carrier_methods(self.name)]

    async def buy_label(self, shipment: Shipment) -> Purchase:
        """See ``Carrier.buy_label``."""
        days = method_of(shipment.method).days(self._zones.zone(shipment.address.zip_code))
        trip = Trip(
            ordered_at=leaves_at(shipment.created_at, shipment.handling, days),
            days=days,
            state=shipment.address.state,
            mishap=_MISHAP in shipment.address.street.lower(),
        )
        label = Label(self._number(shipment), msgspec.json.encode(trip).decode())
        return Purchase(label, self._estimate(trip), self._scans(trip)[0].at)

    async def void_label(self, shipment: Shipment) -> bool:
        """See ``Carrier.void_label``."""
        return shipment.label is None or not (await self.track(shipment.label)).scans

    async def track(self, label: Label) -> Tracking:
        """See ``Carrier.track``."""
        now = self._clock.now()
        scans = self._scans(msgspec.json.decode(label.reference, type=Trip))
        done = [scan for scan in scans if scan.at <= now]
        rest = scans[len(done) :]
        late = any(scan.status is Status.EXCEPTION for scan in done)
        return Tracking(done, scans[-1].at if late else None, rest[0].at if rest else None)

    async def print_label(self, shipment: Shipment, parcel: int) -> LabelImage:
        """See ``Carrier.print_label``."""
        return LabelImage(draw_label(self.name, shipment, parcel), "image/png")

    def notices(self, headers: Mapping[str, str], body: bytes) -> Sequence[str]:
        """See ``Carrier.notices``: the sandbox sends none, so none is genuine."""
        raise InvalidInput.at("", "the sandbox sends no webhooks")

    async def check(self) -> None:
        """See ``Carrier.check``: nothing can be wrong."""

    async def close(self) -> None:
        """See ``Carrier.close``: nothing was opened."""

    def _number(self, shipment: Shipment) -> str:
        if self.name == UPS:
            return ups_number(shipment.id, _UPS_SERVICES.get(shipment.method, _UPS_GROUND))
        return fedex_number(shipment.id)

    def _estimate(self, trip: Trip) -> datetime:
        """Return when the parcel should arrive: nobody foresees a mishap."""
        if self._fast:
            return self._scans(trip)[-1].at
        return delivery_time(trip.ordered_at, trip.days)

    def _scans(self, trip: Trip) -> list[Scan]:
        if self._fast:
            return [
                Scan(trip.ordered_at + FAST_STEP * number, *step)
                for number, (_, step) in enumerate(_itinerary(trip), 1)
            ]
        return [Scan(at, *step) for at, step in _itinerary(trip)]


def _itinerary(trip: Trip) -> list[tuple[datetime, _Step]]:
    """Return the scans of a trip in order: a pick-up, one a day on the road, the delivery."""
    left = pick_up_day(trip.ordered_at)
    days = [add_business_days(left, day) for day in range(trip.days + 1)]
    steps = [(_at(left, PICK_UP_HOUR), (Status.IN_TRANSIT, "Picked up", None))]
    steps += [
        (_at(day, 6), (Status.IN_TRANSIT, "Departed a facility on the way", None))
        for day in days[1:-1]
    ]
    return steps + _delivery(trip, days[-1])


def _delivery(trip: Trip, day: date) -> list[tuple[datetime, _Step]]:
    out: _Step = (Status.OUT_FOR_DELIVERY, "Out for delivery", trip.state)
    steps: list[tuple[datetime, _Step]] = [(_at(day, 13), out)]
    if trip.mishap:
        failed: _Step = (Status.EXCEPTION, "Delivery attempted, nobody was there", trip.state)
        steps.append((_at(day, 19), failed))
        day = add_business_days(day, 1)
        steps.append((_at(day, 13), out))
    return [*steps, (_at(day, 21), (Status.DELIVERED, "Delivered", trip.state))]


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), UTC)

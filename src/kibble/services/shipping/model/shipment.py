"""The shipment: what leaves one warehouse for one order, from request to delivery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum

from kibble.kernel.ids import CustomerId, OrderId, ShipmentId, WarehouseId
from kibble.kernel.personal import Personal
from kibble.kernel.state_machine import StateMachine
from kibble.services.shipping.errors import NoLabel
from kibble.services.shipping.model.handling import Handling, strictest
from kibble.services.shipping.model.packing import Parcel


class Status(Enum):
    """Where a shipment stands."""

    REQUESTED = "REQUESTED"
    LABELLED = "LABELLED"
    IN_TRANSIT = "IN_TRANSIT"
    OUT_FOR_DELIVERY = "OUT_FOR_DELIVERY"
    EXCEPTION = "EXCEPTION"
    DELIVERED = "DELIVERED"
    VOIDED = "VOIDED"


_ON_THE_WAY = frozenset({Status.IN_TRANSIT, Status.OUT_FOR_DELIVERY, Status.DELIVERED})

MOVES = StateMachine(
    "shipment",
    {
        # Carriers miss scans, so a parcel may skip steps forward; back, only by way of EXCEPTION.
        Status.REQUESTED: frozenset({Status.LABELLED, Status.VOIDED}),
        Status.LABELLED: _ON_THE_WAY | {Status.EXCEPTION, Status.VOIDED},
        Status.IN_TRANSIT: frozenset({Status.OUT_FOR_DELIVERY, Status.DELIVERED, Status.EXCEPTION}),
        Status.OUT_FOR_DELIVERY: frozenset({Status.DELIVERED, Status.EXCEPTION}),
        Status.EXCEPTION: _ON_THE_WAY,
        Status.DELIVERED: frozenset(),
        Status.VOIDED: frozenset(),
    },
    Status.REQUESTED,
)

_BEFORE_PICK_UP = frozenset({Status.REQUESTED, Status.LABELLED})
_FIRST_RETRY_SECONDS = 1
_LAST_RETRY_SECONDS = 600
ERASED = "(erased)"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a shipment goes."""

    street: Personal[str]
    city: Personal[str]
    state: Personal[str]
    zip_code: Personal[str]
    name: Personal[str | None] = None
    street2: Personal[str | None] = None
    country: Personal[str] = "US"


@dataclass(frozen=True, slots=True)
class Label:
    """What a carrier sold: ``reference`` is the carrier's own, opaque to us."""

    tracking_number: str
    reference: str


@dataclass(frozen=True, slots=True)
class LabelImage:
    """A label that can be printed, 4 x 6 inches."""

    content: Personal[bytes]
    media_type: str


@dataclass(slots=True)
class PrintedLabels:
    """The labels of a shipment's parcels, as its carrier sent them with the purchase.

    They name the customer, and are dropped once the carrier has the parcels.
    """

    shipment_id: ShipmentId
    images: tuple[LabelImage, ...]
    version: int = 0


@dataclass(frozen=True, slots=True)
class Scan:
    """One entry of a carrier's tracking history; ``place`` is as the carrier prints it."""

    at: datetime
    status: Status
    text: str
    place: Personal[str | None] = None


@dataclass(slots=True)
class Shipment:
    """One or more parcels under one tracking number.

    ``due_at`` is when Shipping next has something to do for it (buy, void, ask the carrier); None
    when nothing is left. ``failures`` counts the tries that failed since the last one that worked.
    ``request_key`` is the key of the request that asked for it, if it was not an order's event.
    """

    id: ShipmentId
    order_id: OrderId
    customer_id: CustomerId | None
    warehouse_id: WarehouseId | None
    method: str
    address: Address
    parcels: tuple[Parcel, ...]
    estimated_delivery: datetime
    created_at: datetime
    updated_at: datetime
    due_at: datetime | None
    status: Status = Status.REQUESTED
    label: Label | None = None
    void_wanted: bool = False
    erase_wanted: bool = False
    failures: int = 0
    request_key: str | None = None
    history: list[Scan] = field(default_factory=list[Scan])
    version: int = 0

    @property
    def handling(self) -> Handling:
        """How all of its parcels are to be handled."""
        return strictest(parcel.handling for parcel in self.parcels)

    def record_label(
        self, label: Label, estimate: datetime, now: datetime, next_look: datetime
    ) -> bool:
        """Keep the label that was bought; tell whether the status changed.

        A second answer for the same purchase changes nothing. A label that comes after the void
        has to be voided as well.
        """
        if self.label is not None:
            return False
        self.label, self.estimated_delivery = label, estimate
        too_late = self.status is Status.VOIDED
        if too_late:
            self.void_wanted = True
        else:
            self._enter(Scan(now, Status.LABELLED, "Label created"))
        self._succeeded(now, due_at=now if self.void_wanted else next_look)
        self._erase_if_wanted()
        return not too_late

    def record_scans(
        self,
        scans: Sequence[Scan],
        now: datetime,
        next_look: datetime,
        new_estimate: datetime | None = None,
    ) -> bool:
        """Take over the carrier's scans up to the first that changes the status; tell if one did.

        One move at a time, so that each is published; a rest makes the shipment due at once.
        A scan that would be an illegal move is kept in the history and moves nothing.
        """
        self.estimated_delivery = new_estimate or self.estimated_delivery
        told = (self._shown(scan) for scan in scans)
        news = sorted((s for s in told if s not in self.history), key=lambda scan: scan.at)
        for index, scan in enumerate(news):
            if self._enter(scan):
                rest = index + 1 < len(news)
                self._succeeded(now, due_at=now if rest else next_look)
                return True
        self._succeeded(now, due_at=next_look)
        return False

    def hand_over(self, now: datetime) -> bool:
        """Note that the shop sent the parcels, before any scan; tell whether the status changed."""
        if self.status is not Status.LABELLED or self.void_wanted:
            return False
        self.updated_at = now
        return self._enter(Scan(now, Status.IN_TRANSIT, "Handed over, as the shop noted"))

    def request_void(self, now: datetime) -> bool:
        """Have the label voided, unless the carrier has the parcels; tell if that is news."""
        if self.status not in _BEFORE_PICK_UP or self.void_wanted:
            return False
        self.void_wanted = True
        self._succeeded(now, due_at=now)
        return True

    def record_void(self, now: datetime) -> bool:
        """Note that no label is open any more; tell whether the status changed."""
        self.void_wanted = False
        changed = MOVES.allows(self.status, Status.VOIDED)
        if changed:
            self._enter(Scan(now, Status.VOIDED, "Shipment cancelled"))
        self._succeeded(now, due_at=now)
        return changed

    def record_void_refused(self, now: datetime) -> bool:
        """Note that the carrier was faster: the parcels travel, and are tracked."""
        self.void_wanted = False
        self._succeeded(now, due_at=now)
        return False

    def record_failure(self, now: datetime) -> bool:
        """Note that the carrier could not be asked; the next try is later each time."""
        delay = min(_LAST_RETRY_SECONDS, _FIRST_RETRY_SECONDS << min(self.failures, 16))
        self.failures += 1
        self.due_at = now + timedelta(seconds=delay)
        return False

    def erase(self, now: datetime) -> None:
        """Drop what names the customer: now, or as soon as the label no longer needs it."""
        self.erase_wanted = True
        self.updated_at = now
        self._erase_if_wanted()

    @property
    def awaits_pick_up(self) -> bool:
        """Tell whether the parcels are still to be handed over, under their labels."""
        return self.status in _BEFORE_PICK_UP

    def look_now(self, now: datetime) -> bool:
        """Have the carrier asked at once where the parcels are; tell whether they travel."""
        if self.label is None or MOVES.is_final(self.status):
            return False
        self.due_at = now
        return True

    def printable_label(self) -> Label:
        """Return the label. Raises ``NoLabel`` when there is none to print."""
        if self.label is None or self.status is Status.VOIDED:
            raise NoLabel(self.id, self.status.value)
        return self.label

    def _enter(self, scan: Scan) -> bool:
        self.history.append(scan)
        if not MOVES.allows(self.status, scan.status):
            return False
        self.status = scan.status
        if MOVES.is_final(self.status):
            self._erase_if_wanted()
        return True

    def _succeeded(self, now: datetime, due_at: datetime | None) -> None:
        finished = MOVES.is_final(self.status) and not self.void_wanted
        self.due_at = None if finished else due_at
        self.failures = 0
        self.updated_at = now

    def _erase_if_wanted(self) -> None:
        if self.erase_wanted and (self.label is not None or MOVES.is_final(self.status)):
            self.customer_id = None
            self.address = replace(
                self.address, street=ERASED, street2=None, name=None, city=ERASED
            )
            self.history = [self._shown(scan) for scan in self.history]
            self.erase_wanted = False

    def _shown(self, scan: Scan) -> Scan:
        """Return a scan as it may be kept: without its place once the customer was erased."""
        return replace(scan, place=None) if self.address.street == ERASED else scan


@dataclass(slots=True)
class CancelledOrder:
    """That an order was cancelled: nothing of it is to be shipped any more."""

    order_id: OrderId
    at: datetime
    version: int = 0

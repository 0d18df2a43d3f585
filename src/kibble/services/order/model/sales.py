"""Sales figures: what was sold in each hour or day, and what waits for somebody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kibble.kernel.errors import InvalidInput
from kibble.kernel.money import Money
from kibble.services.order.model.order import UNPAID, OrderStatus, PaymentStatus

LONGEST = timedelta(days=366)
HOURLY_UP_TO = timedelta(days=7)
"""Longer periods are told day by day."""

_GONE = frozenset({OrderStatus.CANCELLED})
_SENT = frozenset({OrderStatus.SHIPPED, OrderStatus.DELIVERED, OrderStatus.RETURNED})
_ARRIVED = frozenset({OrderStatus.DELIVERED, OrderStatus.RETURNED})


@dataclass(frozen=True, slots=True)
class Cell:
    """Orders that were placed in the hour or day that begins at ``start`` and stand alike now.

    ``due`` is what their customers pay in all, ``refunded`` what went back; minor units.
    """

    start: datetime
    status: OrderStatus
    payment_status: PaymentStatus
    orders: int
    due: int
    refunded: int

    @property
    def is_paid(self) -> bool:
        """Tell whether the money came in, whatever became of it."""
        return self.payment_status not in UNPAID


@dataclass(slots=True)
class Slot:
    """An hour or a day: minor units of the shop's currency."""

    start: datetime
    orders: int = 0
    paid: int = 0
    cancelled: int = 0
    payments_failed: int = 0
    revenue: int = 0
    refunded: int = 0

    def add(self, cell: Cell) -> None:
        """Count the orders of a cell."""
        self.orders += cell.orders
        self.refunded += cell.refunded
        if cell.is_paid:
            self.paid += cell.orders
            self.revenue += cell.due
        if cell.status in _GONE:
            self.cancelled += cell.orders
        if cell.payment_status is PaymentStatus.FAILED:
            self.payments_failed += cell.orders


@dataclass(frozen=True, slots=True)
class Waiting:
    """Orders that wait, whenever they were placed.

    ``unpaid`` wait for money, ``to_ship`` for the parcel; ``overdue`` are the latter that were
    placed before a given time.
    """

    unpaid: int
    to_ship: int
    overdue: int


@dataclass(slots=True)
class Sales:
    """A period in slots, and the way of its orders: placed, paid, shipped, delivered."""

    since: datetime
    before: datetime
    step: timedelta
    currency: str
    waiting: Waiting
    slots: list[Slot] = field(default_factory=list[Slot])
    by_status: dict[OrderStatus, int] = field(default_factory=dict[OrderStatus, int])
    shipped: int = 0
    delivered: int = 0

    @property
    def total(self) -> Slot:
        """All slots in one."""
        sums = Slot(self.since)
        for slot in self.slots:
            for name in ("orders", "paid", "cancelled", "payments_failed", "revenue", "refunded"):
                setattr(sums, name, getattr(sums, name) + getattr(slot, name))
        return sums

    @property
    def average_basket(self) -> Money:
        """What a paid order came to, rounded down; nothing when there was none."""
        total = self.total
        return Money(total.revenue // total.paid if total.paid else 0, self.currency)

    def count(self, cells: Iterable[Cell]) -> None:
        """Fill the slots; those without an order are there too."""
        start = self.since
        while start < self.before:
            self.slots.append(Slot(start))
            start += self.step
        found = {slot.start: slot for slot in self.slots}
        for cell in cells:
            found[cell.start].add(cell)
            self.by_status[cell.status] = self.by_status.get(cell.status, 0) + cell.orders
            self.shipped += cell.orders if cell.status in _SENT else 0
            self.delivered += cell.orders if cell.status in _ARRIVED else 0


def period(since: datetime, before: datetime) -> tuple[datetime, datetime, timedelta]:
    """Return a period widened to whole hours (or days, when it is long), and the step.

    Raises ``InvalidInput`` for one that is empty or longer than ``LONGEST``.
    """
    if not since < before:
        raise InvalidInput.at("/before", "must be later than since")
    if before - since > LONGEST:
        raise InvalidInput.at("/since", f"must be at most {LONGEST.days} days before the end")
    hourly = before - since <= HOURLY_UP_TO
    step = timedelta(hours=1) if hourly else timedelta(days=1)
    first = since.replace(minute=0, second=0, microsecond=0)
    if not hourly:
        first = first.replace(hour=0)
    return first, before, step

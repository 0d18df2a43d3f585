"""What a search for orders asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kibble.kernel.ids import CustomerId
from kibble.services.order.model.order import OrderStatus, PaymentStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilter:
    """Which orders: those that meet all that is given.

    Each of ``terms`` begins a word of the order. ``since`` is included, ``before`` is not: both are
    of the order's placing. ``updated_since`` is of its latest change, and included; it also orders
    the list.
    ``least`` and ``most`` bound what the customer pays, in minor units, both included.
    """

    customer_id: CustomerId | None = None
    status: OrderStatus | None = None
    payment_status: PaymentStatus | None = None
    terms: tuple[str, ...] = ()
    since: datetime | None = None
    before: datetime | None = None
    updated_since: datetime | None = None
    least: int | None = None
    most: int | None = None

"""Sales figures as the API answers them."""

from __future__ import annotations

from typing import Self

import msgspec

from kibble.platform.web.json import Amount, Instant
from kibble.services.order.model.sales import Sales, Slot
from kibble.services.order.schemas.common import Answer


class SalesQuery(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Which period: the last day unless said otherwise."""

    since: Instant | None = None
    before: Instant | None = None


class SlotView(Answer, frozen=True):
    """An hour or a day, by when its orders were placed."""

    start: Instant
    orders: int
    paid: int
    cancelled: int
    payments_failed: int
    revenue: Amount
    refunded: Amount

    @classmethod
    def of(cls, slot: Slot) -> Self:
        """Return the view of ``slot``."""
        return cls(
            start=slot.start,
            orders=slot.orders,
            paid=slot.paid,
            cancelled=slot.cancelled,
            payments_failed=slot.payments_failed,
            revenue=Amount(slot.revenue),
            refunded=Amount(slot.refunded),
        )


class WaitingOrdersView(Answer, frozen=True):
    """Orders that wait, whenever they were placed; ``overdue`` are among ``to_ship``."""

    unpaid: int
    to_ship: int
    overdue: int


class SalesView(Answer, frozen=True):
    """A period in hours (up to a week) or days of UTC, and its sums.

    ``paid``, ``shipped`` and ``delivered`` count orders that came at least so far.
    """

    since: Instant
    before: Instant
    step_seconds: int
    currency: str
    total: SlotView
    average_basket: Amount
    shipped: int
    delivered: int
    by_status: dict[str, int]
    waiting: WaitingOrdersView
    slots: list[SlotView]

    @classmethod
    def of(cls, sales: Sales) -> Self:
        """Return the view of ``sales``."""
        return cls(
            since=sales.since,
            before=sales.before,
            step_seconds=int(sales.step.total_seconds()),
            currency=sales.currency,
            total=SlotView.of(sales.total),
            average_basket=Amount.of(sales.average_basket),
            shipped=sales.shipped,
            delivered=sales.delivered,
            by_status={status.value: orders for status, orders in sales.by_status.items()},
            waiting=WaitingOrdersView(
                unpaid=sales.waiting.unpaid,
                to_ship=sales.waiting.to_ship,
                overdue=sales.waiting.overdue,
            ),
            slots=[SlotView.of(slot) for slot in sales.slots],
        )

"""Figures of the business, counted where an event changes a service's state for the first time.

Delivery is at least once, an effect happens once: so each order, payment and refund counts once,
in whichever process applied it. Amounts are in the currency's minor units.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from prometheus_client import Counter, Histogram

from kibble.contracts.inventory import ReservationExpired
from kibble.contracts.order import OrderCancelled, OrderPlaced
from kibble.contracts.payment import PaymentFailed, PaymentProcessed, PaymentRefunded
from kibble.contracts.shipping import ShipmentDelivered
from kibble.kernel.clock import Clock
from kibble.kernel.ids import OrderId
from kibble.platform.messaging.consumer import Observer
from kibble.platform.telemetry.metrics import registry

_steps = Counter(
    "kibble_saga_orders_total",
    "Orders that came to a step of the purchase.",
    ("step",),
    registry=registry,
)
_baskets = Histogram(
    "kibble_basket_minor_units",
    "Amounts due of placed orders, in minor units of the currency.",
    ("currency",),
    registry=registry,
    buckets=(1_000, 2_000, 3_500, 5_000, 7_500, 10_000, 15_000, 25_000, 50_000, 100_000),
)
_units = Counter("kibble_units_ordered_total", "Units in placed orders.", registry=registry)
_revenue = Counter(
    "kibble_revenue_minor_units_total", "Money that came in.", ("currency",), registry=registry
)
_refunds = Counter(
    "kibble_refunds_minor_units_total", "Money that went back.", ("currency",), registry=registry
)
_settled = Histogram(
    "kibble_order_settled_seconds",
    "From placing an order to knowing whether it is paid.",
    ("outcome",),
    registry=registry,
    buckets=(0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0),
)

STEPS = ("placed", "paid", "payment_failed", "delivered", "cancelled", "expired", "refunded")
OUTCOMES = ("paid", "payment_failed")

for _step in STEPS:
    _steps.labels(_step)
for _outcome in OUTCOMES:
    _settled.labels(_outcome)


class Business:
    """Turns applied events into figures."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def observers(self) -> Mapping[tuple[str, str], Callable[[Any], None]]:
        """Return what to call, by the consumer and the type of event that it applied.

        One consumer counts each type, so that an event that several apply counts once.
        """
        return {
            ("payment", OrderPlaced.type): self._placed,
            ("order", PaymentProcessed.type): self._paid,
            ("order", PaymentFailed.type): self._not_paid,
            ("order", PaymentRefunded.type): self._refunded,
            ("order", ReservationExpired.type): self._expired,
            ("order", ShipmentDelivered.type): self._delivered,
            ("inventory", OrderCancelled.type): self._cancelled,
        }

    def _placed(self, event: OrderPlaced) -> None:
        _steps.labels("placed").inc()
        _baskets.labels(event.currency).observe(event.amount_due)
        _units.inc(sum(line.quantity for line in event.lines))

    def _paid(self, event: PaymentProcessed) -> None:
        _steps.labels("paid").inc()
        _revenue.labels(event.currency).inc(event.amount)
        _settled.labels("paid").observe(self._since(event.order_id))

    def _not_paid(self, event: PaymentFailed) -> None:
        _steps.labels("payment_failed").inc()
        _settled.labels("payment_failed").observe(self._since(event.order_id))

    def _refunded(self, event: PaymentRefunded) -> None:
        _steps.labels("refunded").inc()
        _refunds.labels(event.currency).inc(event.amount)

    def _expired(self, event: ReservationExpired) -> None:
        _steps.labels("expired").inc()

    def _delivered(self, event: ShipmentDelivered) -> None:
        if event.shipments_delivered == event.shipments_total:
            _steps.labels("delivered").inc()

    def _cancelled(self, event: OrderCancelled) -> None:
        _steps.labels("cancelled").inc()

    def _since(self, order_id: OrderId) -> float:
        """Return the seconds since an order's id was made, which the id tells (RFC 9562, 5.7)."""
        made = datetime.fromtimestamp(int(order_id.replace("-", "")[:12], 16) / 1000, UTC)
        return max(0.0, (self._clock.now() - made).total_seconds())


def observers(consumer: str, clock: Clock) -> Mapping[str, Observer]:
    """Return who is told of the events that ``consumer`` applied, by type."""
    table = Business(clock).observers()
    return {kind: observe for (name, kind), observe in table.items() if name == consumer}

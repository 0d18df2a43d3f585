"""Figures of the business, told by the events that services applied."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kibble.contracts.order import Line, OrderPlaced
from kibble.contracts.payment import PaymentProcessed, PaymentRefunded
from kibble.contracts.shipping import ShipmentDelivered
from kibble.kernel.ids import OrderId, PaymentId, ProductId, ShipmentId
from kibble.platform.messaging.event import Event
from kibble.platform.telemetry.metrics import registry
from kibble.runtime.business import observers
from tests.fixtures.doubles import FakeClock, fake_ids


class Shop:
    """What a shop's consumers tell, and the figures that came of it since the test began."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.order_id = OrderId(fake_ids(self.clock).new())
        self._before: dict[str, float] = {}
        self._before = {
            name: self.since(name)
            for name in ("placed", "paid", "refunded", "delivered", "revenue", "refunds", "units")
        }

    def apply(self, consumer: str, event: Event) -> None:
        observers(consumer, self.clock)[event.type](event)

    def since(self, name: str) -> float:
        """Return by how much a figure grew."""
        currency = {"currency": "USD"}
        match name:
            case "revenue" | "refunds":
                value = registry.get_sample_value(f"kibble_{name}_minor_units_total", currency)
            case "units":
                value = registry.get_sample_value("kibble_units_ordered_total")
            case _:
                value = registry.get_sample_value("kibble_saga_orders_total", {"step": name})
        return (value or 0) - self._before.get(name, 0)


@pytest.fixture
def shop() -> Shop:
    return Shop()


def placed(shop: Shop) -> OrderPlaced:
    line = Line(product_id=ProductId("p"), quantity=2, price=500, name="Bone", weight_grams=100)
    return OrderPlaced(
        order_id=shop.order_id,
        customer_id=None,
        amount_due=1_500,
        currency="USD",
        payment_method="CreditCard",
        hold_expires_at=shop.clock.now(),
        lines=[line, line],
    )


class TestOrders:
    def test_are_counted_with_their_units_when_payment_takes_them_over(self, shop: Shop) -> None:
        shop.apply("payment", placed(shop))
        assert (shop.since("placed"), shop.since("units")) == (1, 4)

    def test_are_counted_by_one_consumer_alone(self, shop: Shop) -> None:
        assert OrderPlaced.type not in observers("notification", shop.clock)
        assert observers("shipping", shop.clock) == {}

    def test_bring_revenue_and_the_time_it_took_once_they_are_paid(self, shop: Shop) -> None:
        name, paid = "kibble_order_settled_seconds_sum", {"outcome": "paid"}
        before = registry.get_sample_value(name, paid) or 0
        shop.clock.advance(3)
        shop.apply("order", payment(shop))
        assert (shop.since("paid"), shop.since("revenue")) == (1, 1_500)
        assert (registry.get_sample_value(name, paid) or 0) - before == pytest.approx(3, abs=0.01)

    def test_are_delivered_with_their_last_parcel(self, shop: Shop) -> None:
        shop.apply("order", delivered(shop, 1))
        assert shop.since("delivered") == 0
        shop.apply("order", delivered(shop, 2))
        assert shop.since("delivered") == 1


class TestRefunds:
    def test_are_counted_by_what_went_back_each_time(self, shop: Shop) -> None:
        for amount in (200, 300):
            shop.apply("order", refund(shop, amount))
        assert (shop.since("refunded"), shop.since("refunds")) == (2, 500)


def payment(shop: Shop) -> PaymentProcessed:
    return PaymentProcessed(
        payment_id=PaymentId("x"), order_id=shop.order_id, amount=1_500, currency="USD"
    )


def refund(shop: Shop, amount: int) -> PaymentRefunded:
    return PaymentRefunded(
        payment_id=PaymentId("x"),
        order_id=shop.order_id,
        amount=amount,
        currency="USD",
        refund_id="r",
        refunded_total=amount,
        paid_total=1_500,
    )


def delivered(shop: Shop, number: int) -> ShipmentDelivered:
    return ShipmentDelivered(
        shipment_id=ShipmentId("s"),
        order_id=shop.order_id,
        carrier="UPS",
        tracking_number="1Z",
        status="DELIVERED",
        estimated_delivery=shop.clock.now() + timedelta(days=1),
        shipments_total=2,
        shipments_delivered=number,
    )

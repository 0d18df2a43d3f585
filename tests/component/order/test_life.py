"""An order's life after it was placed: what events and people do to it."""

from __future__ import annotations

import pytest

from kibble.contracts.inventory import ReservationExpired
from kibble.contracts.payment import RefundInitiated
from kibble.contracts.shipping import ShipmentCreated, ShipmentDelivered, ShipmentUpdated
from kibble.kernel.ids import OrderId, PaymentId, ShipmentId
from tests.component.order.shop import STRANGER, Shop

STATUSES = ["LABELLED", "IN_TRANSIT", "DELIVERED"]


async def _shipment(shop: Shop, order_id: str, status: str, times: int = 1, total: int = 1) -> None:
    kinds = {"LABELLED": ShipmentCreated, "DELIVERED": ShipmentDelivered}
    event = kinds.get(status, ShipmentUpdated)(
        shipment_id=ShipmentId("0193c1a0-0000-7000-8000-0000000000e1"),
        order_id=OrderId(order_id),
        carrier="UPS",
        tracking_number="1Z999AA10123456784",
        status=status,
        estimated_delivery=shop.clock.now(),
        shipments_total=total,
        shipments_delivered=int(status == "DELIVERED"),
    )
    await shop.tell(event, STATUSES.index(status), times)


class TestPayment:
    async def test_confirms_the_order_and_tells_everybody_once(self, shop: Shop) -> None:
        order = await shop.placed()
        await shop.pay(order, times=2)
        shown = await shop.order(order["id"])
        assert (shown["status"], shown["paymentStatus"]) == ("CONFIRMED", "PAID")
        assert "holdExpiresAt" not in shown
        assert shop.published() == ["order.placed", "order.confirmed"]
        assert shop.messages() == ["order_confirmed"]

    async def test_that_failed_leaves_the_order_pending_and_tells_the_customer(
        self, shop: Shop
    ) -> None:
        order = await shop.placed()
        await shop.decline(order)
        shown = await shop.order(order["id"])
        assert (shown["status"], shown["paymentStatus"]) == ("PENDING", "FAILED")
        assert shop.messages() == ["payment_failed"]

    async def test_may_succeed_after_one_that_failed(self, shop: Shop) -> None:
        order = await shop.placed()
        await shop.decline(order)
        await shop.pay(order)
        assert (await shop.order(order["id"]))["status"] == "CONFIRMED"

    async def test_that_failed_is_ignored_when_a_later_one_was_paid(self, shop: Shop) -> None:
        order = await shop.placed()
        earlier = shop.ids.new()
        await shop.pay(order)
        await shop.decline(order, earlier)
        assert (await shop.order(order["id"]))["paymentStatus"] == "PAID"

    async def test_for_an_unknown_order_is_tried_again_and_never_lost(self, shop: Shop) -> None:
        await shop.pay({"id": shop.ids.new(), "amountDue": 1})
        (parked,) = await shop.built.store.parked("order")
        assert (parked.status, parked.attempts) == ("retrying", 1)


class TestExpiry:
    async def test_cancels_an_order_that_was_not_paid(self, shop: Shop) -> None:
        order = await shop.placed()
        await shop.tell(ReservationExpired(order_id=order["id"]), times=2)
        assert (await shop.order(order["id"]))["status"] == "CANCELLED"
        assert shop.published() == ["order.placed", "order.cancelled"]

    async def test_cancels_a_paid_order_whose_stock_is_gone(self, shop: Shop) -> None:
        order = await shop.placed()
        await shop.pay(order)
        await shop.tell(ReservationExpired(order_id=order["id"], sold_out=True))
        assert (await shop.order(order["id"]))["status"] == "CANCELLED"
        assert shop.published()[-1] == "order.cancelled"

    async def test_money_that_comes_late_is_noted_and_confirms_nothing(self, shop: Shop) -> None:
        order = await shop.placed()
        await shop.tell(ReservationExpired(order_id=order["id"]))
        await shop.pay(order)
        shown = await shop.order(order["id"])
        assert (shown["status"], shown["paymentStatus"]) == ("CANCELLED", "PAID")
        assert "order.confirmed" not in shop.published()


class TestParcels:
    async def test_ship_and_deliver_the_order(self, shop: Shop) -> None:
        order = await shop.placed()
        await shop.pay(order)
        await _shipment(shop, order["id"], "LABELLED", times=2)
        assert (await shop.order(order["id"]))["status"] == "CONFIRMED"
        await _shipment(shop, order["id"], "IN_TRANSIT", times=2)
        assert (await shop.order(order["id"]))["status"] == "SHIPPED"
        await _shipment(shop, order["id"], "DELIVERED", times=2)
        shown = await shop.order(order["id"])
        assert shown["status"] == "DELIVERED"
        assert shown["parcels"][0]["trackingNumber"] == "1Z999AA10123456784"
        assert shop.messages() == ["order_confirmed", "order_shipped", "order_delivered"]

    async def test_of_an_order_that_staff_shipped_tell_the_customer_nothing_twice(
        self, shop: Shop
    ) -> None:
        order = await shop.placed()
        await shop.pay(order)
        await _shipment(shop, order["id"], "LABELLED")
        await shop.staff.patch(f"/api/orders/{order['id']}", {"status": "SHIPPED"})
        await _shipment(shop, order["id"], "IN_TRANSIT", times=2)
        assert shop.messages() == ["order_confirmed", "order_shipped"]
        assert shop.published().count("order.updated") == 1

    async def test_deliver_the_order_only_when_all_of_them_have_arrived(self, shop: Shop) -> None:
        order = await shop.placed()
        await shop.pay(order)
        await _shipment(shop, order["id"], "IN_TRANSIT", total=2)
        await _shipment(shop, order["id"], "DELIVERED", total=2)
        assert (await shop.order(order["id"]))["status"] == "SHIPPED"

    async def test_news_for_a_cancelled_order_only_goes_to_the_timeline(self, shop: Shop) -> None:
        order = await shop.placed()
        await shop.customer.post(f"/api/orders/{order['id']}/cancel")
        await _shipment(shop, order["id"], "IN_TRANSIT")
        assert (await shop.order(order["id"]))["status"] == "CANCELLED"
        timeline = (await shop.customer.get(f"/api/orders/{order['id']}/events")).json()
        assert [entry["type"] for entry in timeline] == [
            "order.placed",
            "order.cancelled",
            "shipment.updated",
        ]


class TestRefunds:
    async def test_in_part_changes_the_payment_status_alone(self, shop: Shop) -> None:
        order = await shop.placed()
        await shop.pay(order)
        await shop.refund(order, 1000, times=2)
        shown = await shop.order(order["id"])
        assert (shown["status"], shown["paymentStatus"]) == ("CONFIRMED", "PARTIALLY_REFUNDED")
        assert shown["refundedAmount"] == 10.0
        assert shop.messages() == ["order_confirmed", "order_refunded"]

    async def test_stand_in_the_timeline_as_numbers(self, shop: Shop) -> None:
        order = await shop.placed()
        await shop.pay(order)
        event = RefundInitiated(
            payment_id=PaymentId(shop.ids.new()),
            order_id=order["id"],
            amount=1000,
            currency="USD",
            refund_id=shop.ids.new(),
        )
        await shop.tell(event)
        await shop.refund(order, 1000)
        timeline = (await shop.customer.get(f"/api/orders/{order['id']}/events")).json()
        told = {entry["type"]: entry["details"] for entry in timeline}
        assert told["order.placed"]["amountDue"] == order["amountDue"]
        assert told["payment.refund_initiated"]["amount"] == 10
        assert told["payment.refunded"]["refunded"] == 10

    async def test_in_full_end_the_order(self, shop: Shop) -> None:
        order = await shop.placed()
        await shop.pay(order)
        await shop.refund(order, 5998)
        shown = await shop.order(order["id"])
        assert (shown["status"], shown["paymentStatus"]) == ("REFUNDED", "REFUNDED")

    async def test_in_full_call_off_what_has_not_left(self, shop: Shop) -> None:
        order = await shop.placed()
        await shop.pay(order)
        await shop.refund(order, 5998)
        assert shop.published()[-2:] == ["order.updated", "order.cancelled"]
        assert shop.messages() == ["order_confirmed", "order_refunded"]

    async def test_in_full_leave_alone_what_has_left(self, shop: Shop) -> None:
        order = await shop.placed()
        await shop.pay(order)
        await shop.staff.patch(f"/api/orders/{order['id']}", {"status": "SHIPPED"})
        await shop.refund(order, 5998)
        assert (await shop.order(order["id"]))["status"] == "REFUNDED"
        assert "order.cancelled" not in shop.published()

    async def test_of_a_cancelled_order_leave_it_cancelled(self, shop: Shop) -> None:
        order = await shop.placed()
        await shop.pay(order)
        await shop.customer.post(f"/api/orders/{order['id']}/cancel")
        await shop.refund(order, 5998)
        shown = await shop.order(order["id"])
        assert (shown["status"], shown["paymentStatus"]) == ("CANCELLED", "REFUNDED")


class TestCustomers:
    async def test_cancel_before_shipping(self, shop: Shop) -> None:
        order = await shop.placed()
        answer = await shop.customer.post(
            f"/api/orders/{order['id']}/cancel", {"reason": "wrong size"}
        )
        assert (answer.status, answer.json()["status"]) == (200, "CANCELLED")
        assert shop.messages() == ["order_cancelled"]

    async def test_are_said_to_have_no_reason_when_they_gave_none(self, shop: Shop) -> None:
        cancelled, returned = await shop.placed(), await shop.placed()
        await shop.customer.post(f"/api/orders/{cancelled['id']}/cancel", {})
        await shop.pay(returned)
        await _shipment(shop, returned["id"], "IN_TRANSIT")
        await _shipment(shop, returned["id"], "DELIVERED")
        await shop.customer.post(f"/api/orders/{returned['id']}/returns", {})
        for order in (cancelled, returned):
            told = (await shop.customer.get(f"/api/orders/{order['id']}/events")).json()[-1]
            assert told["details"] == {}, told
        messages = shop.built.store.read_log("notification_events", 0, 1000)
        assert not any(b"reason" in entry.envelope for entry in messages)

    async def test_cannot_cancel_what_has_shipped(self, shop: Shop) -> None:
        order = await shop.placed()
        await shop.pay(order)
        await _shipment(shop, order["id"], "IN_TRANSIT")
        answer = await shop.customer.post(f"/api/orders/{order['id']}/cancel")
        assert (answer.status, answer.json()["currentStatus"]) == (409, "SHIPPED")
        assert (await shop.order(order["id"]))["status"] == "SHIPPED"

    async def test_return_what_was_delivered(self, shop: Shop) -> None:
        order = await shop.placed()
        await shop.pay(order)
        await _shipment(shop, order["id"], "IN_TRANSIT")
        await _shipment(shop, order["id"], "DELIVERED")
        answer = await shop.customer.post(f"/api/orders/{order['id']}/returns")
        assert (answer.status, answer.json()["status"]) == (200, "RETURNED")
        assert shop.published()[-1] == "order.returned"

    async def test_see_their_own_orders_alone(self, shop: Shop) -> None:
        order = await shop.placed()
        stranger = shop.web.as_customer(STRANGER)
        assert (await stranger.get(f"/api/orders/{order['id']}")).status == 404
        assert (await stranger.post(f"/api/orders/{order['id']}/cancel")).status == 404
        assert (await stranger.get("/api/orders")).json() == []
        assert (await stranger.get(f"/api/orders?userId={order['userId']}")).status == 403

    async def test_page_through_their_history_newest_first(self, shop: Shop) -> None:
        placed = [(await shop.placed(quantity=1))["id"] for _ in range(5)]
        seen: list[str] = []
        url: str | None = "/api/orders?limit=2"
        while url:
            answer = await shop.customer.get(url)
            seen += [order["id"] for order in answer.json()]
            link = answer.headers.get("link")
            url = link.split(">")[0].strip("<") if link else None
        assert seen == placed[::-1]


class TestStaff:
    @pytest.mark.parametrize("status", ["CONFIRMED", "REFUNDED", "PENDING", "LOST", "SHIPPED"])
    async def test_cannot_set_what_events_decide_or_what_is_illegal(
        self, shop: Shop, status: str
    ) -> None:
        order = await shop.placed()
        answer = await shop.staff.patch(f"/api/orders/{order['id']}", {"status": status})
        assert answer.status == 409
        assert answer.json()["code"] == "illegal-move"

    async def test_ship_and_deliver_by_hand(self, shop: Shop) -> None:
        order = await shop.placed()
        await shop.pay(order)
        url = f"/api/orders/{order['id']}"
        assert (await shop.staff.patch(url, {"status": "SHIPPED"})).json()["status"] == "SHIPPED"
        assert (await shop.staff.patch(url, {"status": "DELIVERED"})).json()[
            "status"
        ] == "DELIVERED"

    async def test_needs_the_scope(self, shop: Shop) -> None:
        order = await shop.placed()
        url = f"/api/orders/{order['id']}"
        assert (await shop.customer.patch(url, {"status": "SHIPPED"})).status == 403

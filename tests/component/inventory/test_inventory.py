"""Inventory as a whole: HTTP, events, races."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from kibble.contracts.address import Address
from kibble.contracts.inventory import Allocation, Demand, Reservation
from kibble.contracts.order import OrderCancelled, OrderConfirmed, OrderReturned
from kibble.contracts.product import ProductCreated, ProductDeleted
from kibble.kernel.ids import OrderId, ProductId, WarehouseId
from kibble.platform.messaging.consumer import Consumer
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.messaging.event import Event
from kibble.services.inventory.wiring import build_embedded
from tests.fixtures.doubles import FakeClock, fake_ids
from tests.fixtures.http import Client

FOOD = ProductId("0193c1a0-0000-7000-8000-0000000000a1")
UNKNOWN = ProductId("0193c1a0-0000-7000-8000-00000000dead")
ORDER = OrderId("0193c1a0-0000-7000-8000-0000000000b1")
ADDRESS = {"street": "1 Depot Rd", "city": "Columbus", "state": "OH", "zipCode": "43215"}


class Depot:
    """Inventory with one product that it knows, and one warehouse."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self.ids = fake_ids(self.clock)
        self.built = build_embedded(folder, self.clock, self.ids, timedelta(minutes=15))
        self.client = self.built.client
        self.web = Client(self.built.routes, self.clock)
        self.staff = self.web.with_scopes("inventory:write")
        self._consumer = Consumer(
            "inventory", self.built.subscriptions, self.built.store, self.clock
        )
        self._envelopes = EnvelopeMaker("elsewhere", self.clock, self.ids)
        self.warehouse_id = ""

    async def open(self, level: int) -> None:
        await self.tell(
            ProductCreated(product_id=FOOD, name="x", category="y", price=1, currency="USD")
        )
        body = {"code": "OH1", "name": "Ohio", "address": ADDRESS, "priority": 1}
        self.warehouse_id = (await self.staff.post("/api/inventory/warehouses", body)).json()["id"]
        body = {"stockLevel": level, "warehouseId": self.warehouse_id}
        assert (await self.staff.put(f"/api/inventory/{FOOD}", body)).status == 200

    async def tell(self, event: Event, times: int = 1) -> None:
        _, body = self._envelopes.make(event, 1)
        for _ in range(times):
            await self._consumer.receive(body, event.topic)

    async def hold(self, order_id: OrderId, quantity: int) -> bool:
        demand = [Demand(product_id=FOOD, quantity=quantity)]
        until = self.clock.now() + timedelta(minutes=15)
        return isinstance(await self.client.reserve(order_id, demand, until), Reservation)

    async def figures(self) -> tuple[int, int, int]:
        shown = (await self.web.get(f"/api/inventory/{FOOD}")).json()
        return shown["onHand"], shown["reserved"], shown["available"]

    def confirmed(self, order_id: OrderId) -> OrderConfirmed:
        allocation = Allocation(
            product_id=FOOD, warehouse_id=WarehouseId(self.warehouse_id), quantity=1
        )
        return OrderConfirmed(
            order_id=order_id,
            customer_id=None,
            lines=[],
            allocations=[allocation],
            shipping_address=Address(street="x", city="y", state="NY", zip_code="10001"),
            shipping_method="standard",
        )

    def published(self) -> list[str]:
        return [entry.type for entry in self.built.store.read_log("inventory_events", 0, 1000)]


@pytest.fixture
def depot(tmp_path: Path) -> Iterator[Depot]:
    """Inventory over files of the test's own."""
    depot = Depot(tmp_path)
    yield depot
    depot.built.store.close()


class TestLevels:
    async def test_set_answers_with_the_owners_fields(self, depot: Depot) -> None:
        await depot.open(10)
        body = {"stockLevel": 150, "warehouseId": depot.warehouse_id}
        answer = await depot.staff.put(f"/api/inventory/{FOOD}", body)
        assert answer.json().items() >= {"productId": FOOD, **body}.items()
        assert answer.json()["updatedAt"].endswith("Z")
        assert await depot.figures() == (150, 0, 150)

    @pytest.mark.parametrize("level", [-1, 1.5, "3", None, 2**31])
    async def test_refuse_what_is_no_level(self, depot: Depot, level: object) -> None:
        await depot.open(10)
        body = {"stockLevel": level, "warehouseId": depot.warehouse_id}
        answer = await depot.staff.put(f"/api/inventory/{FOOD}", body)
        assert (answer.status, answer.pointers()) == (400, {"/stockLevel"})
        assert await depot.figures() == (10, 0, 10)

    async def test_of_unknown_products_and_warehouses_are_404(self, depot: Depot) -> None:
        await depot.open(10)
        body = {"stockLevel": 1, "warehouseId": depot.warehouse_id}
        assert (await depot.staff.put(f"/api/inventory/{UNKNOWN}", body)).status == 404
        assert (await depot.staff.put("/api/inventory/nonsense", body)).status == 404
        body["warehouseId"] = UNKNOWN
        assert (await depot.staff.put(f"/api/inventory/{FOOD}", body)).status == 404

    async def test_cannot_fall_below_what_is_reserved(self, depot: Depot) -> None:
        await depot.open(10)
        await depot.hold(ORDER, 4)
        body = {"stockLevel": 3, "warehouseId": depot.warehouse_id}
        answer = await depot.staff.put(f"/api/inventory/{FOOD}", body)
        assert (answer.status, answer.json()["reserved"]) == (409, 4)

    async def test_are_set_only_as_they_were_read_with_if_match(self, depot: Depot) -> None:
        await depot.open(10)
        url, read = f"/api/inventory/{FOOD}", await depot.web.get(f"/api/inventory/{FOOD}")
        body = {"stockLevel": 3, "warehouseId": depot.warehouse_id}
        await depot.hold(ORDER, 1)
        stale = {"if-match": read.headers["etag"]}
        assert (await depot.staff.put(url, body, stale)).status == 412
        assert await depot.figures() == (10, 1, 9)
        fresh = {"if-match": (await depot.web.get(url)).headers["etag"]}
        answer = await depot.staff.put(url, body, fresh)
        assert answer.headers["etag"] == (await depot.web.get(url)).headers["etag"]
        assert await depot.figures() == (3, 1, 2)

    async def test_are_changed_by_staff_alone(self, depot: Depot) -> None:
        await depot.open(10)
        body = {"stockLevel": 1, "warehouseId": depot.warehouse_id}
        assert (await depot.web.put(f"/api/inventory/{FOOD}", body)).status == 401
        wrong = depot.web.with_scopes("catalog:write")
        assert (await wrong.put(f"/api/inventory/{FOOD}", body)).status == 403

    async def test_adjust_once_a_key_and_keep_the_reason(self, depot: Depot) -> None:
        await depot.open(10)
        body = {"warehouseId": depot.warehouse_id, "delta": -3, "reason": "torn bags"}
        key = {"idempotency-key": "a"}
        url = f"/api/inventory/{FOOD}"
        for _ in range(2):
            answer = await depot.staff.post(f"{url}/adjustments", body, key)
            assert (answer.status, answer.json()["onHand"]) == (201, 7)
        movements = (await depot.staff.get(f"{url}/movements")).json()
        assert [(m["delta"], m["reason"]) for m in movements] == [
            (-3, "torn bags"),
            (10, "counted"),
        ]

    async def test_an_adjustment_by_nothing_is_refused_and_moves_nothing(
        self, depot: Depot
    ) -> None:
        await depot.open(10)
        url = f"/api/inventory/{FOOD}"
        before = (await depot.staff.get(f"{url}/movements")).json()
        body = {"warehouseId": depot.warehouse_id, "delta": 0, "reason": "nothing"}
        answer = await depot.staff.post(f"{url}/adjustments", body)
        assert answer.status == 400
        assert answer.json()["errors"] == [{"pointer": "/delta", "detail": "must not be 0"}]
        assert (await depot.staff.get(f"{url}/movements")).json() == before

    async def test_taking_too_much_away_says_what_is_on_hand_and_held(self, depot: Depot) -> None:
        await depot.open(10)
        body = {"warehouseId": depot.warehouse_id, "delta": -11, "reason": "torn bags"}
        answer = await depot.staff.post(f"/api/inventory/{FOOD}/adjustments", body)
        assert (answer.status, answer.json()["detail"]) == (
            409,
            "10 units are on hand, 0 of them held for orders; fewer cannot remain.",
        )

    async def test_availability_tells_what_is_left_of_each_line(self, depot: Depot) -> None:
        await depot.open(5)
        items = [{"productId": FOOD, "quantity": 6}, {"productId": UNKNOWN, "quantity": 1}]
        answer = await depot.web.post("/api/inventory/availability", {"items": items})
        assert [(line["available"], line["left"]) for line in answer.json()] == [
            (False, 5),
            (False, 0),
        ]

    async def test_availability_takes_lines_of_one_product_as_one_demand(
        self, depot: Depot
    ) -> None:
        await depot.open(5)
        items = [{"productId": FOOD, "quantity": 3}] * 2
        answer = await depot.web.post("/api/inventory/availability", {"items": items})
        assert [(line["available"], line["left"]) for line in answer.json()] == [(False, 5)] * 2


class TestWarehouses:
    async def test_are_changed_only_as_they_were_read_with_if_match(self, depot: Depot) -> None:
        await depot.open(1)
        url = f"/api/inventory/warehouses/{depot.warehouse_id}"
        read = {"if-match": (await depot.web.get(url)).headers["etag"]}
        body = {"name": "Ohio North", "address": ADDRESS, "priority": 2}
        assert (await depot.staff.put(url, body, read)).status == 200
        assert (await depot.staff.put(url, body, read)).status == 412


class TestHolds:
    async def test_of_fifty_buyers_of_ten_units_exactly_ten_succeed(self, depot: Depot) -> None:
        await depot.open(10)
        orders = [OrderId(depot.ids.new()) for _ in range(50)]
        held = await asyncio.gather(*(depot.hold(order, 1) for order in orders))
        assert sum(held) == 10
        assert await depot.figures() == (10, 10, 0)

    async def test_become_deductions_once_however_often_the_event_comes(self, depot: Depot) -> None:
        await depot.open(10)
        await depot.hold(ORDER, 4)
        await depot.tell(depot.confirmed(ORDER), times=2)
        await depot.tell(depot.confirmed(ORDER))
        assert await depot.figures() == (6, 0, 6)

    async def test_are_released_by_a_cancellation_before_or_after_payment(
        self, depot: Depot
    ) -> None:
        await depot.open(10)
        await depot.hold(ORDER, 4)
        await depot.tell(depot.confirmed(ORDER))
        cancelled = OrderCancelled(order_id=ORDER, customer_id=None, reason="x")
        await depot.tell(cancelled, times=2)
        await depot.tell(cancelled)
        assert await depot.figures() == (10, 0, 10)

    async def test_come_back_with_a_return(self, depot: Depot) -> None:
        await depot.open(10)
        await depot.hold(ORDER, 4)
        await depot.tell(depot.confirmed(ORDER))
        returned = OrderReturned(order_id=ORDER, customer_id=None, reason="x", allocations=[])
        await depot.tell(returned, times=2)
        assert await depot.figures() == (10, 0, 10)

    async def test_that_ran_out_make_room_before_the_sweep_comes_by(self, depot: Depot) -> None:
        await depot.open(10)
        await depot.hold(ORDER, 10)
        assert not await depot.hold(OrderId(depot.ids.new()), 1)
        depot.clock.advance(901)
        assert await depot.hold(OrderId(depot.ids.new()), 10)
        assert "inventory.reservation_expired" in depot.published()

    async def test_last_longer_when_they_are_extended(self, depot: Depot) -> None:
        await depot.open(10)
        await depot.hold(ORDER, 10)
        assert await depot.client.extend(ORDER, depot.clock.now() + timedelta(minutes=60))
        depot.clock.advance(901)
        assert not await depot.hold(OrderId(depot.ids.new()), 1)

    async def test_that_are_gone_are_taken_anew_for_a_paid_order(self, depot: Depot) -> None:
        await depot.open(10)
        await depot.hold(ORDER, 4)
        await self._run_out(depot, sold_meanwhile=6)
        await depot.tell(depot.confirmed(ORDER))
        assert await depot.figures() == (6, 6, 0)

    async def test_that_are_gone_with_the_stock_are_reported_for_a_paid_order(
        self, depot: Depot
    ) -> None:
        await depot.open(10)
        await depot.hold(ORDER, 4)
        await self._run_out(depot, sold_meanwhile=7)
        before = depot.published().count("inventory.reservation_expired")
        await depot.tell(depot.confirmed(ORDER))
        assert depot.published().count("inventory.reservation_expired") == before + 1
        assert await depot.figures() == (10, 7, 3)

    async def _run_out(self, depot: Depot, sold_meanwhile: int) -> None:
        depot.clock.advance(901)
        sweep = depot.built.tasks[0].work  # type: ignore[attr-defined]  # the periodic task's work
        assert await sweep() == 1
        assert await depot.hold(OrderId(depot.ids.new()), sold_meanwhile)

    async def test_are_for_service_identities_alone(self, depot: Depot) -> None:
        await depot.open(10)
        body = {"orderId": ORDER, "items": [{"productId": FOOD, "quantity": 1}]}
        assert (await depot.staff.post("/api/inventory/reservations", body)).status == 403
        service = depot.web.with_scopes("inventory:reserve")
        assert (await service.post("/api/inventory/reservations", body)).status == 201
        assert (await service.delete(f"/api/inventory/reservations/{ORDER}")).status == 204
        assert await depot.figures() == (10, 0, 10)


class TestEvents:
    async def test_tell_the_new_state_and_when_it_sells_out(self, depot: Depot) -> None:
        await depot.open(1)
        await depot.hold(ORDER, 1)
        assert depot.published() == [
            "inventory.stock_updated",
            "inventory.availability_changed",
            "inventory.stock_updated",
            "inventory.availability_changed",
        ]

    async def test_a_deleted_product_cannot_be_sold_but_its_orders_are_kept(
        self, depot: Depot
    ) -> None:
        await depot.open(5)
        await depot.hold(ORDER, 2)
        await depot.tell(ProductDeleted(product_id=FOOD))
        assert (await depot.web.get(f"/api/inventory/{FOOD}")).status == 404
        await depot.tell(depot.confirmed(ORDER))
        assert await depot.built.store.parked("inventory") == []

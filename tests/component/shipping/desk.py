"""Shipping as a whole, with its neighbours doubled: built, killed and built again at will."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import msgspec

from kibble.contracts.address import Address
from kibble.contracts.customer import CustomerErased
from kibble.contracts.inventory import Allocation
from kibble.contracts.order import Line, OrderCancelled, OrderConfirmed, OrderUpdated
from kibble.contracts.product import Quote
from kibble.contracts.shipping import (
    ShipmentCreated,
    ShipmentDelivered,
    ShipmentEvent,
    ShipmentUpdated,
)
from kibble.kernel.clock import Clock
from kibble.kernel.ids import CustomerId, IdSource, OrderId, ProductId, WarehouseId
from kibble.platform.clock import SystemClock, Uuid7Ids
from kibble.platform.messaging.consumer import Consumer
from kibble.platform.messaging.envelope import EnvelopeMaker, open_envelope
from kibble.platform.messaging.event import Event
from kibble.platform.service import Built, LocalStore
from kibble.platform.tasks import Worker
from kibble.services.shipping.client import ShippingClient
from kibble.services.shipping.integration import Carrier
from kibble.services.shipping.wiring import build_embedded
from tests.fixtures.doubles import FakeClock
from tests.fixtures.http import Client

CUSTOMER = CustomerId("0193c1a0-0000-7000-8000-0000000000c1")
EAST = WarehouseId("0193c1a0-0000-7000-8000-0000000000e1")
WEST = WarehouseId("0193c1a0-0000-7000-8000-0000000000e2")
KIBBLE = ProductId("0193c1a0-0000-7000-8000-0000000000a1")
LEASH = ProductId("0193c1a0-0000-7000-8000-0000000000a2")
BUNDLE = ProductId("0193c1a0-0000-7000-8000-0000000000a3")
INSULIN = ProductId("0193c1a0-0000-7000-8000-0000000000a4")
SPRAY = ProductId("0193c1a0-0000-7000-8000-0000000000a5")
PILLOW = ProductId("0193c1a0-0000-7000-8000-0000000000a6")
WEIGHTS = {KIBBLE: 14_000, LEASH: 300, BUNDLE: 14_300, INSULIN: 200, SPRAY: 400, PILLOW: 900}
SIZES = {PILLOW: (550, 420, 400)}
HOME = Address(
    street="123 Main St", city="Anytown", state="CA", zip_code="94105", name="Ann Example"
)
DAY = 86_400.0

_TYPES: Mapping[str, type[ShipmentEvent]] = {
    event.type: event for event in (ShipmentCreated, ShipmentUpdated, ShipmentDelivered)
}


class FakeProducts:
    """Knows what the test's products weigh."""

    async def quotes(self, product_ids: Sequence[ProductId]) -> dict[ProductId, Quote]:
        return {
            product_id: Quote(
                product_id=product_id,
                name="A product",
                price=1_999,
                currency="USD",
                weight_grams=WEIGHTS[product_id],
                size_mm=SIZES.get(product_id),
                cold_chain=product_id == INSULIN,
                hazardous=product_id == SPRAY,
            )
            for product_id in product_ids
            if product_id in WEIGHTS
        }


PATIENCE_SECONDS = 60.0
"""How long a busy machine may take for a carrier's rates; each fault ends by itself."""


class Desk:
    """Shipping over the files in a folder."""

    def __init__(
        self,
        folder: Path,
        clock: Clock | None = None,
        *,
        carriers: Sequence[Carrier] | None = None,
        default_method: str = "standard",
        fast: bool = False,
        rates_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self.clock = clock or SystemClock()
        self.ids: IdSource = Uuid7Ids(self.clock, random.Random(7))
        self._folder = folder
        self._carriers = carriers
        self._default_method = default_method
        self._fast = fast
        self._rates_seconds = rates_seconds
        self._order = EnvelopeMaker("order", self.clock, self.ids)
        self._built: list[Built[ShippingClient, LocalStore]] = []
        self.start()

    def start(self) -> None:
        """Build the service; what was built before is dropped as a killed process drops it."""
        built = build_embedded(
            self._folder,
            self.clock,
            self.ids,
            random.Random(3),
            FakeProducts(),
            carriers=self._carriers,
            default_method=self._default_method,
            fast=self._fast,
            rates_seconds=self._rates_seconds,
        )
        self._built.append(built)
        self.client = built.client
        self.http = Client(built.routes, self.clock)
        self._consumer = Consumer(built.name, built.subscriptions, built.store, self.clock)

    kill_and_start = start

    @property
    def customer(self) -> Client:
        """The customer, with a token that holds now: a test may pass days."""
        return self.http.as_customer(CUSTOMER)

    @property
    def staff(self) -> Client:
        """Staff, likewise."""
        return self.http.with_scopes("shipping:write")

    def close(self) -> None:
        for built in self._built:
            built.store.close()

    async def work(self) -> None:
        """Do everything that is due."""
        for task in self._built[-1].tasks:
            if isinstance(task, Worker):
                await task.drain()

    async def pass_days(self, days: int) -> None:
        """Let days pass, an hour at a time, and do what falls due."""
        assert isinstance(self.clock, FakeClock)
        for _ in range(days * 24):
            self.clock.advance(3_600)
            await self.work()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the background tasks."""
        tasks = [asyncio.create_task(task.run()) for task in self._built[-1].tasks]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def confirmed(
        self,
        order_id: OrderId | None = None,
        *,
        lines: Mapping[ProductId, int] | None = None,
        allocations: Sequence[tuple[ProductId, WarehouseId, int]] = ((KIBBLE, EAST, 1),),
        customer: CustomerId | None = CUSTOMER,
        address: Address = HOME,
        method: str = "standard",
    ) -> OrderConfirmed:
        """Return the event of a paid order."""
        ordered = lines or {product_id: quantity for product_id, _, quantity in allocations}
        return OrderConfirmed(
            order_id=order_id or OrderId(self.ids.new()),
            customer_id=customer,
            lines=[
                Line(
                    product_id=product_id,
                    quantity=quantity,
                    price=1_999,
                    name="A product",
                    weight_grams=WEIGHTS[product_id],
                )
                for product_id, quantity in ordered.items()
            ],
            allocations=[
                Allocation(product_id=product_id, warehouse_id=warehouse_id, quantity=quantity)
                for product_id, warehouse_id, quantity in allocations
            ],
            shipping_address=address,
            shipping_method=method,
        )

    async def confirm(self, order_id: OrderId | None = None, **order: Any) -> OrderId:
        """Do what Order does when an order is paid."""
        event = self.confirmed(order_id, **order)
        await self.deliver(event)
        return event.order_id

    async def ship(self, **order: Any) -> OrderId:
        """Confirm an order, and have its labels bought."""
        order_id = await self.confirm(**order)
        await self.work()
        return order_id

    async def cancel(self, order_id: OrderId) -> None:
        await self.deliver(OrderCancelled(order_id=order_id, customer_id=CUSTOMER, reason="test"))

    async def tell_shipped(self, order_id: OrderId) -> None:
        """Do what Order does when an order became SHIPPED, by staff or by a scan."""
        event = OrderUpdated(
            order_id=order_id, customer_id=CUSTOMER, status="SHIPPED", payment_status="PAID"
        )
        await self.deliver(event)

    async def erase(self, customer: CustomerId) -> None:
        await self.deliver(CustomerErased(customer_id=customer))

    async def deliver(self, event: Event, times: int = 2) -> None:
        """Deliver an event under several ids, twice each."""
        for _ in range(times):
            _, body = self._order.make(event, 1)
            await self._consumer.receive(body, event.topic)
            await self._consumer.receive(body, event.topic)
        parked = await self._built[-1].store.parked()
        assert not parked, parked

    def state(self) -> list[Any]:
        """Return every row that Shipping keeps about orders."""
        with closing(sqlite3.connect(self._folder / "shipping.db")) as database:
            return [
                database.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()  # noqa: S608 - two names
                for table in ("shipping", "cancelled_orders", "outbox")
            ]

    async def shipments(self, order_id: OrderId) -> list[dict[str, Any]]:
        """Return an order's shipments as staff sees them, oldest first."""
        answer = await self.staff.get(f"/api/shipping?orderId={order_id}")
        assert answer.status == 200, answer.body
        seen: list[dict[str, Any]] = answer.json()
        return seen

    async def shipment(self, order_id: OrderId) -> dict[str, Any]:
        """Return an order's only shipment."""
        (only,) = await self.shipments(order_id)
        return only

    def published(self) -> list[ShipmentEvent]:
        """Return all events that Shipping published, in order."""
        entries = self._built[-1].store.read_log("shipping_events", 0, 10_000)
        return [
            msgspec.json.decode(open_envelope(entry.envelope).data, type=_TYPES[entry.type])
            for entry in entries
        ]

    def sequences(self) -> list[tuple[str, int]]:
        """Return subject and sequence of every event, in order."""
        entries = self._built[-1].store.read_log("shipping_events", 0, 10_000)
        envelopes = [open_envelope(entry.envelope) for entry in entries]
        return [(envelope.subject, envelope.sequence) for envelope in envelopes]

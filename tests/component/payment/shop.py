"""Payment as a whole, with Order and Inventory doubled: built, killed and built again at will."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from kibble.contracts.customer import CustomerErased
from kibble.contracts.order import OrderCancelled, OrderPlaced, OrderReturned
from kibble.contracts.payment import (
    PaymentDisputed,
    PaymentEvent,
    PaymentFailed,
    PaymentProcessed,
    PaymentRefunded,
    RefundInitiated,
)
from kibble.kernel.clock import Clock
from kibble.kernel.errors import Unavailable
from kibble.kernel.ids import CustomerId, IdSource, OrderId
from kibble.kernel.money import Money
from kibble.platform.clock import SystemClock, Uuid7Ids
from kibble.platform.messaging.consumer import Consumer
from kibble.platform.messaging.envelope import EnvelopeMaker, open_envelope
from kibble.platform.messaging.event import Event
from kibble.platform.service import Built, LocalStore
from kibble.platform.tasks import Periodic, Worker
from kibble.platform.web import json
from kibble.services.payment.client import PaymentClient
from kibble.services.payment.integration import PaymentProvider, Providers
from kibble.services.payment.wiring import build_embedded
from tests.fixtures.doubles import FakeClock
from tests.fixtures.eventually import eventually
from tests.fixtures.http import Client

CUSTOMER = CustomerId("0193c1a0-0000-7000-8000-0000000000c1")
HOLD = timedelta(minutes=15)
EVENTS: Sequence[type[PaymentEvent]] = (
    PaymentProcessed,
    PaymentDisputed,
    PaymentFailed,
    RefundInitiated,
    PaymentRefunded,
)


class FakeHolds:
    """Holds stock for every order that has not expired; remembers who asked for more."""

    def __init__(self) -> None:
        self.gone: set[OrderId] = set()
        self.extended: list[tuple[OrderId, datetime]] = []
        self.is_away = False

    async def extend(self, order_id: OrderId, until: datetime) -> bool:
        if self.is_away:
            raise Unavailable("Inventory is away.")
        self.extended.append((order_id, until))
        return order_id not in self.gone


class Shop:
    """Payment over the files in a folder."""

    def __init__(
        self,
        folder: Path,
        clock: Clock | None = None,
        provider: PaymentProvider | None = None,
        name: str = "sandbox",
    ) -> None:
        self.clock = clock or SystemClock()
        self.ids: IdSource = Uuid7Ids(self.clock, random.Random(7))
        self.holds = FakeHolds()
        self._folder = folder
        self._providers = Providers.only(provider, name) if provider else None
        self._order = EnvelopeMaker("order", self.clock, self.ids)
        self._built: list[Built[PaymentClient, LocalStore]] = []
        self.start()

    def start(self) -> None:
        """Build the service; what was built before is dropped as a killed process drops it."""
        built = build_embedded(
            self._folder,
            self.clock,
            self.ids,
            random.Random(3),
            self.holds,
            providers=self._providers,
        )
        self._built.append(built)
        self.client = built.client
        self.http = Client(built.routes)
        self.customer = self.http.as_customer(CUSTOMER)
        self.staff = self.http.with_scopes("payments:read", "payments:write")
        self._consumer = Consumer(built.name, built.subscriptions, built.store, self.clock)

    kill_and_start = start

    @property
    def store(self) -> LocalStore:
        """Where the service that was built last keeps everything."""
        return self._built[-1].store

    def close(self) -> None:
        for built in self._built:
            built.store.close()

    async def work(self) -> None:
        """Take one look at every payment that waits for something, due or not."""
        for task in self._built[-1].tasks:
            if isinstance(task, Worker):
                await task.drain()

    async def forget_abandoned(self) -> None:
        """Do what is done from time to time with what was never placed."""
        for task in self._built[-1].tasks:
            if isinstance(task, Periodic) and "abandoned" in task.name:
                await task.work()

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

    async def prepare(
        self,
        cents: int = 4_599,
        token: str | None = None,
        customer: str | None = CUSTOMER,
        *,
        off_session: bool = False,
    ) -> OrderId:
        """Do what Order does before it places an order."""
        order_id = OrderId(self.ids.new())
        owner = CustomerId(customer) if customer else None
        await self.client.prepare(
            order_id, owner, Money(cents), "CreditCard", token, off_session=off_session
        )
        return order_id

    async def place(
        self,
        cents: int = 4_599,
        token: str | None = None,
        customer: str | None = CUSTOMER,
        hold: timedelta = HOLD,
    ) -> OrderId:
        """Do what Order does when it places an order."""
        order_id = await self.prepare(cents, token, customer)
        await self.deliver(self.placed(order_id, cents, customer, hold))
        return order_id

    def placed(
        self,
        order_id: OrderId,
        cents: int = 4_599,
        customer: str | None = CUSTOMER,
        hold: timedelta = HOLD,
    ) -> OrderPlaced:
        """Return the event of a placed order."""
        return OrderPlaced(
            order_id=order_id,
            customer_id=CustomerId(customer) if customer else None,
            amount_due=cents,
            currency="USD",
            payment_method="CreditCard",
            hold_expires_at=self.clock.now() + hold,
            lines=[],
        )

    async def cancel(self, order_id: OrderId) -> None:
        await self.deliver(OrderCancelled(order_id=order_id, customer_id=CUSTOMER, reason="test"))

    async def take_back(self, order_id: OrderId) -> None:
        event = OrderReturned(
            order_id=order_id, customer_id=CUSTOMER, reason="test", allocations=[]
        )
        await self.deliver(event)

    async def erase(self, customer: CustomerId) -> None:
        await self.deliver(CustomerErased(customer_id=customer))

    async def deliver(self, event: Event) -> None:
        """Deliver an event twice: as the same event, and again under another id."""
        for _ in range(2):
            _, body = self._order.make(event, 1)
            await self._consumer.receive(body, event.topic)
            await self._consumer.receive(body, event.topic)
        parked = await self._built[-1].store.parked()
        assert not parked, parked

    async def payments(self, order_id: OrderId) -> list[dict[str, Any]]:
        """Return an order's payments as staff sees them, newest first."""
        answer = await self.staff.get(f"/api/payments?orderId={order_id}")
        assert answer.status == 200, answer.body
        seen: list[dict[str, Any]] = answer.json()
        return seen

    async def payment(self, order_id: OrderId) -> dict[str, Any]:
        """Return an order's latest payment."""
        return (await self.payments(order_id))[0]

    async def until_status(self, order_id: OrderId, status: str) -> dict[str, Any]:
        """Wait until an order's latest payment has a status; return it."""
        return await eventually(
            lambda: self.payment(order_id), until=lambda seen: seen["status"] == status
        )

    def published(self) -> list[PaymentEvent]:
        """Return all events that Payment published, in order."""
        types = {event.type: event for event in EVENTS}
        events = []
        for entry in self._built[-1].store.read_log("payment_events", 0, 10_000):
            envelope = open_envelope(entry.envelope)
            events.append(msgspec.json.decode(envelope.data, type=types[entry.type]))
        return events

    async def books(self) -> dict[str, Any]:
        """Return the reconciliation as ``kibble reconcile --json --no-repair`` shows it."""
        seen: dict[str, Any] = msgspec.json.decode(json.encode(await self.client.reconcile()))
        return seen

    async def repair(self) -> dict[str, Any]:
        """Return the reconciliation as ``kibble reconcile --json`` shows it."""
        view = await self.client.reconcile(repair=True)
        seen: dict[str, Any] = msgspec.json.decode(json.encode(view))
        return seen

    def tick(self, seconds: float) -> None:
        """Let time pass, on a fake clock."""
        assert isinstance(self.clock, FakeClock)
        self.clock.advance(seconds)

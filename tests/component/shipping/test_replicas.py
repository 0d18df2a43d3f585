"""Shipping as several processes on one PostgreSQL."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count

import pytest

from kibble.contracts.order import OrderCancelled
from kibble.kernel.ids import OrderId
from kibble.platform.config import Settings
from kibble.platform.messaging.consumer import Consumer
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.messaging.event import Event
from kibble.platform.messaging.log import OutboxEvent
from kibble.platform.service import Built, ServiceStore, World
from kibble.platform.tasks import Worker
from kibble.services.shipping.adapters.sandbox import SandboxCarrier
from kibble.services.shipping.client import ShippingClient
from kibble.services.shipping.integration import Purchase
from kibble.services.shipping.model.shipment import Shipment
from kibble.services.shipping.service.dispatch import CLAIM
from kibble.services.shipping.wiring import build_distributed
from tests.component.shipping.carriers import ZONES, FaultyCarrier
from tests.component.shipping.desk import CUSTOMER, Desk, FakeProducts
from tests.fixtures.doubles import FakeClock, fake_ids
from tests.fixtures.engines import Space
from tests.fixtures.eventually import eventually
from tests.fixtures.http import Client
from tests.fixtures.spaces.postgres import postgres

__all__ = ["postgres"]

pytestmark = pytest.mark.engine

_namespaces = count()


class SlowCarrier(FaultyCarrier):
    """Takes an order for a label, and answers once ``gate`` is open."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__("UPS", clock)
        self.gate = asyncio.Event()
        self.asked = 0

    async def buy_label(self, shipment: Shipment) -> Purchase:
        self.asked += 1
        await self.gate.wait()
        return await super().buy_label(shipment)


@dataclass
class Replica:
    """One process of Shipping."""

    built: Built[ShippingClient, ServiceStore]
    carrier: SlowCarrier
    consumer: Consumer[ServiceStore]
    http: Client
    order: EnvelopeMaker

    @property
    def staff(self) -> Client:
        return self.http.with_scopes("shipping:write")

    async def deliver(self, event: Event) -> None:
        """Have the bus deliver an event of Order's."""
        _, body = self.order.make(event, 1)
        await self.consumer.receive(body, event.topic)
        assert await self.built.store.parked() == []

    async def work(self) -> None:
        """Do everything that is due."""
        (worker,) = (task for task in self.built.tasks if isinstance(task, Worker))
        await worker.drain()

    async def status(self, order_id: OrderId) -> str:
        (shipment,) = (await self.staff.get(f"/api/shipping?orderId={order_id}")).json()
        return str(shipment["status"])

    async def pending(self) -> list[OutboxEvent]:
        (outbox,) = self.built.outboxes
        return list(await outbox.pending(100))


async def replica(settings: Settings, clock: FakeClock, seed: int) -> Replica:
    world = World(clock, fake_ids(clock, seed), random.Random(seed))
    carrier = SlowCarrier(clock)
    built = await build_distributed(
        settings,
        world,
        products=FakeProducts(),
        carriers=[carrier, SandboxCarrier("FedEx", ZONES, clock)],
    )
    consumer = Consumer(built.name, built.subscriptions, built.store, clock)
    order = EnvelopeMaker("order", clock, fake_ids(clock, 10 + seed))
    return Replica(built, carrier, consumer, Client(built.routes, clock), order)


@pytest.fixture
async def replicas(postgres: Space, clock: FakeClock) -> AsyncIterator[list[Replica]]:
    namespace = f"{postgres.namespace}_{next(_namespaces)}"
    settings = Settings(postgres_url=postgres.url, namespace=namespace)
    made = [await replica(settings, clock, seed) for seed in (1, 2)]
    yield made
    for each in made:
        for close in each.built.closing:
            await close()


async def test_a_label_is_bought_by_one_of_them(replicas: list[Replica], desk: Desk) -> None:
    one, other = replicas
    order = desk.confirmed()
    await one.deliver(order)
    at_work = asyncio.ensure_future(one.work())
    await eventually(lambda: asked(one))
    await other.work()
    assert other.carrier.asked == 0
    one.carrier.gate.set()
    await at_work
    await other.work()
    assert (one.carrier.asked, other.carrier.asked) == (1, 0)
    assert await other.status(order.order_id) == "LABELLED"
    assert [event.type for event in await other.pending()] == ["shipment.created"]


async def test_what_a_dead_one_was_at_is_taken_over_and_bought_once(
    replicas: list[Replica], clock: FakeClock, desk: Desk
) -> None:
    paused, other = replicas
    order = desk.confirmed()
    await paused.deliver(order)
    at_work = asyncio.ensure_future(paused.work())
    await eventually(lambda: asked(paused))
    clock.advance(CLAIM.total_seconds())
    other.carrier.gate.set()
    await other.work()
    assert await other.status(order.order_id) == "LABELLED"
    paused.carrier.gate.set()
    await at_work
    assert paused.carrier.sold == other.carrier.sold
    assert [event.type for event in await other.pending()] == ["shipment.created"]


async def test_a_label_that_one_buys_while_another_learns_of_the_cancellation_is_voided(
    replicas: list[Replica], desk: Desk
) -> None:
    one, other = replicas
    order = desk.confirmed()
    await one.deliver(order)
    at_work = asyncio.ensure_future(one.work())
    await eventually(lambda: asked(one))
    cancelled = OrderCancelled(order_id=order.order_id, customer_id=CUSTOMER, reason="test")
    await other.deliver(cancelled)
    one.carrier.gate.set()
    await at_work
    await other.work()
    assert await other.status(order.order_id) == "VOIDED"
    assert [*one.carrier.voided, *other.carrier.voided] != []


async def asked(replica: Replica) -> int:
    return replica.carrier.asked

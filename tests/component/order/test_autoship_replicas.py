"""Autoship as several processes over one PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from kibble.kernel.ids import CustomerId, OrderId
from kibble.platform.config import Settings
from kibble.platform.service import Built, ServiceStore, World
from kibble.platform.tasks import Worker
from kibble.services.order.client import OrderClient
from kibble.services.order.wiring import build_distributed
from tests.component.order.shop import (
    CHEW_TOY,
    KIBBLE_BAG,
    FakeAddresses,
    FakeCashier,
    FakeCatalogue,
    FakeShipping,
    FakeStock,
    FakeTokens,
    subscription_body,
)
from tests.fixtures.doubles import FakeClock, fake_ids
from tests.fixtures.engines import Space
from tests.fixtures.http import Client
from tests.fixtures.spaces.postgres import postgres

__all__ = ["postgres"]

pytestmark = pytest.mark.engine

CUSTOMERS = 12


class YieldingCashier(FakeCashier):
    """Lets others go on at the worst moment: stock is held, and nothing is committed."""

    async def prepare(self, *arguments: object, off_session: bool = False) -> None:
        await asyncio.sleep(0)
        await super().prepare(*arguments, off_session=off_session)  # type: ignore[arg-type]  # handed on as they came


async def _place(built: Built[OrderClient, ServiceStore]) -> None:
    for task in built.tasks:
        if isinstance(task, Worker):
            await task.drain()


async def test_a_due_order_is_placed_once_by_processes_that_look_together(postgres: Space) -> None:
    """Three processes look at the same moment."""
    clock, stock, cashier = FakeClock(), FakeStock(), YieldingCashier()
    stock.left = {KIBBLE_BAG: 100, CHEW_TOY: 100}
    ids = fake_ids(clock)
    settings = Settings(postgres_url=postgres.url, namespace=postgres.namespace)
    replicas = [
        await build_distributed(
            settings,
            World(clock, ids, None),  # type: ignore[arg-type]  # Order draws no lots
            catalogue=FakeCatalogue(),
            stock=stock,
            cashier=cashier,
            shipping=FakeShipping(),
            addresses=FakeAddresses(),
            tokens=FakeTokens(),
        )
        for _ in range(3)
    ]
    web = Client(replicas[0].routes, clock)
    customers = [CustomerId(ids.new()) for _ in range(CUSTOMERS)]
    for customer in customers:
        body = subscription_body(userId=customer, nextDate="2026-03-20")
        answer = await web.as_customer(customer).post("/api/subscriptions", body)
        assert answer.status == 201, answer.body
    clock.advance(timedelta(days=19).total_seconds())
    for _ in range(3):
        await asyncio.gather(*(_place(replica) for replica in replicas))
        clock.advance(60)
    for customer in customers:
        (order,) = (await web.as_customer(customer).get("/api/orders")).json()
        assert cashier.prepared[OrderId(order["id"])][1] == "tok_saved"
    assert len(cashier.prepared) == CUSTOMERS
    assert stock.left[KIBBLE_BAG] == 100 - 2 * CUSTOMERS
    for replica in replicas:
        for close in replica.closing:
            await close()

"""Recommendation over Neo4j: several replicas, and the graph away and back."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import count
from urllib.parse import urlsplit

import pytest

from kibble.contracts.order import Line, OrderConfirmed
from kibble.contracts.product import ProductCreated
from kibble.kernel.ids import CustomerId, OrderId, ProductId
from kibble.platform.clock import Uuid7Ids
from kibble.platform.config import Settings
from kibble.platform.messaging.consumer import Consumer
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.messaging.event import Event
from kibble.platform.service import Built, ServiceStore, World
from kibble.platform.tasks import Periodic
from kibble.services.recommendation.client import RecommendationClient
from kibble.services.recommendation.wiring import build_distributed
from tests.component.recommendation.shop import ADDRESS, FakeCatalogue
from tests.fixtures import line as wire
from tests.fixtures.doubles import FakeClock
from tests.fixtures.engines import Space
from tests.fixtures.http import Client
from tests.fixtures.spaces.neo4j import neo4j

__all__ = ["neo4j"]

pytestmark = pytest.mark.engine

_NUMBERS = count()


@dataclass
class Replica:
    """One process of the service."""

    built: Built[RecommendationClient, ServiceStore]
    http: Client

    async def work(self) -> None:
        """Do once what is done again and again."""
        for task in self.built.tasks:
            assert isinstance(task, Periodic)
            await task.work()

    async def shown(self, path: str) -> list[tuple[str, str]]:
        """Return the names and reasons of what is recommended."""
        answer = await self.http.get(f"/api/recommendations/{path}")
        assert answer.status == 200
        return [(one["name"], one["reason"]["code"]) for one in answer.json()]


class Shop:
    """Replicas of Recommendation over one graph, and what their neighbours tell."""

    def __init__(self, space: Space, name: str) -> None:
        self.clock = FakeClock()
        self.space = space
        self._namespace = f"{space.namespace}_{name}"
        self._ids = Uuid7Ids(self.clock, random.Random(7))
        self._envelopes = EnvelopeMaker("neighbours", self.clock, self._ids)
        self._stack = AsyncExitStack()

    async def replica(self, port: int | None = None) -> Replica:
        """Start one more process; ``port`` is that of a line to the graph."""
        place = urlsplit(self.space.url)
        url = self.space.url.replace(f":{place.port}", f":{port or place.port}")
        settings = Settings(neo4j_url=url, namespace=self._namespace)
        world = World(self.clock, self._ids, random.Random(1))
        built = await build_distributed(settings, world, catalogue=FakeCatalogue())
        for close in built.closing:
            self._stack.push_async_callback(close)
        return Replica(built, Client(built.routes, self.clock))

    async def tell(self, replica: Replica, event: Event, times: int = 1) -> None:
        """Have a replica receive an event."""
        built = replica.built
        consumer = Consumer("recommendation", built.subscriptions, built.store, self.clock)
        _, body = self._envelopes.make(event, 1)
        for _ in range(times):
            await consumer.receive(body, event.topic)
        assert await built.store.parked() == []

    async def sell(self, replica: Replica, order: str, *names: str) -> None:
        """Tell of an order, twice, as the bus may."""
        lines = [
            Line(product_id=ProductId(name), quantity=1, price=100, name=name, weight_grams=1)
            for name in names
        ]
        event = OrderConfirmed(
            order_id=OrderId(order),
            customer_id=CustomerId(f"c{order}"),
            lines=lines,
            allocations=[],
            shipping_address=ADDRESS,
            shipping_method="standard",
        )
        await self.tell(replica, event, times=2)

    async def close(self) -> None:
        await self._stack.aclose()


@pytest.fixture
async def shop(neo4j: Space) -> AsyncIterator[Shop]:
    made = Shop(neo4j, f"shop{next(_NUMBERS)}")
    yield made
    await made.close()


async def stocked(shop: Shop, replica: Replica) -> None:
    for name in ("food", "bowl", "toy"):
        created = ProductCreated(
            product_id=ProductId(name), name=name, category="things", price=100, currency="USD"
        )
        await shop.tell(replica, created, times=2)


async def test_replicas_give_the_same_advice(shop: Shop) -> None:
    one, other = await shop.replica(), await shop.replica()
    await stocked(shop, one)
    for order in range(4):
        await shop.sell((one, other)[order % 2], str(order), "food", "bowl")
    await one.work()
    await other.work()
    shown = await one.shown("trending")
    assert shown == await other.shown("trending")
    assert [name for name, reason in shown if reason == "trending"] == ["food", "bowl"]


async def test_without_the_graph_what_is_trending_is_shown(shop: Shop) -> None:
    line = wire.Line(shop.space.url)
    await line.connect()
    replica = await shop.replica(line.port)
    await stocked(shop, replica)
    for order in range(4):
        await shop.sell(replica, str(order), "food", "bowl")
    await replica.work()
    before = await replica.shown("trending")
    await line.hang_up()
    assert await replica.shown("trending") == before
    await line.connect()
    assert await replica.shown("trending") == before
    await line.close()

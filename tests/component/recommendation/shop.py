"""Recommendation as a whole, fed with its neighbours' events, its model built in the loop."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from kibble.contracts.address import Address
from kibble.contracts.customer import CustomerErased
from kibble.contracts.order import Line, OrderConfirmed
from kibble.contracts.product import (
    ProductCreated,
    ProductDeleted,
    ProductUpdated,
    ProductViewed,
)
from kibble.kernel.clock import Clock
from kibble.kernel.ids import CustomerId, OrderId, ProductId
from kibble.platform.clock import Uuid7Ids
from kibble.platform.messaging.consumer import Consumer
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.messaging.event import Event
from kibble.platform.service import LocalStore
from kibble.platform.tasks import Periodic
from kibble.services.recommendation.adapters.sqlite import SqliteGraph
from kibble.services.recommendation.wiring import build_embedded
from tests.fixtures.doubles import FakeClock
from tests.fixtures.http import Answer, Client

ADDRESS = Address(street="1 Bark St", city="Austin", state="TX", zip_code="78701")
GRAPH = {
    "products": "SELECT * FROM products",
    "customers": "SELECT * FROM customers",
    "orders": "SELECT * FROM orders",
    "purchases": "SELECT * FROM purchases",
    "bought": "SELECT * FROM bought",
    "viewed": "SELECT * FROM viewed",
}
"""All that there is to know of the graph's state."""


class FakeCatalogue:
    """Product, which knows some products before their events arrive."""

    def __init__(self) -> None:
        self.known: set[ProductId] = set()

    async def names(self, product_ids: Sequence[ProductId]) -> dict[ProductId, str]:
        return {product_id: "New" for product_id in product_ids if product_id in self.known}


class Shop:
    """Recommendation over the files in a folder. Products are known by their names."""

    def __init__(self, folder: Path, clock: Clock | None = None, *, inline: bool = True) -> None:
        self.clock = clock or FakeClock()
        self.ids = Uuid7Ids(self.clock, random.Random(7))
        self.catalogue = FakeCatalogue()
        self.built = build_embedded(folder, self.clock, self.ids, self.catalogue, inline=inline)
        self.http = Client(self.built.routes, self.clock)
        self.products: dict[str, ProductId] = {}
        self._envelopes = EnvelopeMaker("neighbours", self.clock, self.ids)
        self._consumer = self._new_consumer("recommendation")
        self._sequence = 0

    def _new_consumer(self, name: str) -> Consumer[LocalStore]:
        return Consumer(name, self.built.subscriptions, self.built.store, self.clock)

    def close(self) -> None:
        self.built.store.close()

    async def publish(self, event: Event, *, sequence: int | None = None) -> bytes:
        """Deliver an event; its sequence is the next one unless given."""
        self._sequence += 1
        _, body = self._envelopes.make(event, sequence or self._sequence)
        await self._consumer.receive(body, event.topic)
        assert await self.built.store.parked() == []
        return body

    async def deliver_to_another_group(self, body: bytes, topic: str) -> None:
        """Deliver an event to the same handlers and store, past the inbox that has seen it."""
        await self._new_consumer(self.ids.new()).receive(body, topic)
        assert await self.built.store.parked() == []

    async def sell(
        self,
        name: str,
        category: str = "Food",
        species: str | None = None,
        price: int = 1299,
        of: str | None = None,
    ) -> ProductId:
        """Publish a new product; ``of`` names the configurable one that it is a variant of."""
        self.products[name] = product_id = ProductId(self.ids.new())
        await self.publish(
            ProductCreated(
                product_id=product_id,
                name=name,
                category=category,
                price=price,
                currency="USD",
                image=f"/images/{name}.webp",
                species=species,
                parent_id=self.products[of] if of else None,
            )
        )
        return product_id

    async def rename(
        self, name: str, new: str, price: int, *, regular_price: int | None = None
    ) -> None:
        """Publish a product's change."""
        await self.publish(
            ProductUpdated(
                product_id=self.products[name],
                name=new,
                category="Food",
                price=price,
                currency="USD",
                regular_price=regular_price,
            )
        )

    async def join(self, name: str, of: str, *, sequence: int | None = None) -> None:
        """Publish that a product is a variant, which an older Product did not tell."""
        await self.publish(
            ProductUpdated(
                product_id=self.products[name],
                name=name,
                category="Food",
                price=1299,
                currency="USD",
                parent_id=self.products[of],
            ),
            sequence=sequence,
        )

    async def withdraw(self, name: str) -> None:
        """Publish a product's end."""
        await self.publish(ProductDeleted(product_id=self.products[name]))

    async def buy(self, customer: CustomerId | None, *names: str) -> bytes:
        """Publish a paid order with one unit of each product."""
        lines = [
            Line(
                product_id=self.products[name], quantity=1, price=1299, name=name, weight_grams=500
            )
            for name in names
        ]
        return await self.publish(
            OrderConfirmed(
                order_id=OrderId(self.ids.new()),
                customer_id=customer,
                lines=lines,
                allocations=[],
                shipping_address=ADDRESS,
                shipping_method="standard",
            )
        )

    async def view(self, customer: CustomerId, name: str) -> bytes:
        """Publish that a customer looked at a product."""
        return await self.publish(
            ProductViewed(product_id=self.products[name], customer_id=customer)
        )

    async def erase(self, customer: CustomerId) -> bytes:
        """Publish that a customer is to be forgotten."""
        return await self.publish(CustomerErased(customer_id=customer))

    def new_customer(self) -> CustomerId:
        return CustomerId(self.ids.new())

    async def learn(self) -> None:
        """Build the item model."""
        await self.built.client.refresh()

    async def tick(self) -> None:
        """Do what is done from time to time."""
        for task in self.built.tasks:
            assert isinstance(task, Periodic)
            await task.work()

    def later(self, **span: float) -> None:
        """Move the clock on."""
        assert isinstance(self.clock, FakeClock)
        self.clock.advance(timedelta(**span).total_seconds())

    async def for_customer(self, customer: CustomerId, query: str = "") -> list[Any]:
        """Return what the customer is shown."""
        client = self.http.as_customer(customer)
        return ok(await client.get(f"/api/recommendations/customers/{customer}{query}"))

    async def for_product(self, name: str, query: str = "") -> list[Any]:
        """Return what is shown beside a product."""
        url = f"/api/recommendations/products/{self.products[name]}{query}"
        return ok(await self.http.get(url))

    async def trending(self, query: str = "") -> list[Any]:
        """Return what is shown as popular."""
        return ok(await self.http.get(f"/api/recommendations/trending{query}"))

    def state(self) -> dict[str, list[Any]]:
        """Return all rows of the graph."""
        assert isinstance(self.built.store, SqliteGraph)
        read = self.built.store.database.read
        return {table: sorted(read(query), key=repr) for table, query in GRAPH.items()}


def ok(answer: Answer) -> list[Any]:
    """Return the suggestions of an answer, which must be sorted, distinct and scored."""
    assert answer.status == 200, answer.body
    suggestions: list[Any] = answer.json()
    scores = [suggestion["score"] for suggestion in suggestions]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)
    assert len({suggestion["productId"] for suggestion in suggestions}) == len(suggestions)
    return suggestions


def names(suggestions: Sequence[Any]) -> list[str]:
    return [suggestion["name"] for suggestion in suggestions]


def codes(suggestions: Sequence[Any]) -> list[str]:
    return [suggestion["reason"]["code"] for suggestion in suggestions]

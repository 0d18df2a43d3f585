"""Product as a whole, over files of the test's own: called over HTTP, told by events."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from kibble.contracts.address import Address
from kibble.contracts.customer import CustomerErased
from kibble.contracts.inventory import StockUpdated
from kibble.contracts.order import Line, OrderConfirmed
from kibble.kernel.ids import CustomerId, IdSource, OrderId, ProductId
from kibble.platform.messaging.consumer import Consumer
from kibble.platform.messaging.envelope import EnvelopeMaker, open_envelope
from kibble.platform.messaging.event import Event
from kibble.platform.service import Built, ServiceStore
from kibble.platform.tasks import Periodic
from kibble.services.product.adapters.sqlite.catalogue import SqliteCatalogue
from kibble.services.product.client import ProductClient
from kibble.services.product.wiring import build_embedded
from tests.fixtures.doubles import FakeClock, fake_ids
from tests.fixtures.http import Answer, Client

HOME = Address(street="1 Main St", city="Boston", state="MA", zip_code="02118")


class AnyCounter:
    """A running Product service. Its background work is done when the test says so."""

    def __init__(
        self, built: Built[ProductClient, ServiceStore], clock: FakeClock, ids: IdSource
    ) -> None:
        self.clock = clock
        self.ids = ids
        self.client = built.client
        self.anyone = Client(built.routes, clock)
        self.staff = self.anyone.with_scopes("catalog:write")
        self._store = built.store
        self._tasks = built.tasks
        self._consumer = Consumer("product", built.subscriptions, built.store, clock)
        self._neighbours = EnvelopeMaker("neighbour", clock, ids)

    async def keep_time(self) -> None:
        """Begin and end sales, as is done every second."""
        (task,) = (task for task in self._tasks if task.name == "begin and end sales")
        assert isinstance(task, Periodic)
        await task.work()

    async def tell(self, event: Event, sequence: int = 1) -> bytes:
        """Deliver an event; return its envelope, to be delivered again."""
        _, body = self._neighbours.make(event, sequence)
        await self.redeliver(body, event.topic)
        return body

    async def redeliver(self, body: bytes, topic: str) -> None:
        """Deliver an envelope; the event must be applied."""
        await self._consumer.receive(body, topic)
        assert not await self._store.parked()

    async def stock(self, product_id: str, available: int, sequence: int) -> None:
        """Have Inventory tell a product's stock."""
        event = StockUpdated(
            product_id=ProductId(product_id), on_hand=available, reserved=0, available=available
        )
        await self.tell(event, sequence)

    async def sell(self, product_id: str, quantity: int, customer_id: str | None) -> bytes:
        """Have Order tell that an order is paid."""
        line = Line(
            product_id=ProductId(product_id), quantity=quantity, price=1, name="?", weight_grams=1
        )
        event = OrderConfirmed(
            order_id=OrderId(self.ids.new()),
            customer_id=CustomerId(customer_id) if customer_id else None,
            lines=[line],
            allocations=[],
            shipping_address=HOME,
            shipping_method="standard",
        )
        return await self.tell(event)

    async def erase(self, customer_id: str) -> None:
        """Have Customer tell that a customer is to be forgotten."""
        await self.tell(CustomerErased(customer_id=CustomerId(customer_id)))

    async def add(self, **fields: object) -> Any:
        """Add a product for 19.99, and return its answer; only what matters is spelled out."""
        return created(await self.staff.post("/api/products", product(**fields)))

    async def add_bundle(self, *parts: tuple[str, int], **fields: object) -> Any:
        """Add a bundle, and return its answer."""
        components = [{"productId": part, "quantity": quantity} for part, quantity in parts]
        body = {"name": "Starter Set", "category": "Sets", "components": components, **fields}
        return created(await self.staff.post("/api/products/bundles", body))

    async def add_harness(self, **fields: object) -> Any:
        """Add a configurable harness for 20.00 in two sizes, large for 3.00 more."""
        body = product(
            name="Harness",
            price=20.00,
            options=[{"name": "Size", "values": ["S", "L"]}],
            priceRules=[{"when": {"Size": "L"}, "surcharge": 3.00}],
        )
        return created(await self.staff.post("/api/products/configurable", body | fields))

    async def product(self, product_id: str) -> Any:
        """Return a product's answer."""
        answer = await self.anyone.get(f"/api/products/{product_id}")
        assert answer.status == 200
        return answer.json()

    async def run_feed(self, content: bytes) -> Any:
        """Import a feed, and return how it ended."""
        job = await self.client.receive_feed("feed", content)
        await self.client.run_import(job.id)
        answer = await self.staff.get(f"/api/products/imports/{job.id}")
        assert answer.status == 200
        return answer.json()

    async def try_feed(self, content: bytes) -> Any:
        """Run a feed dry, and return how it ended."""
        sent = {"content-type": "text/csv"}
        answer = await self.staff.send("POST", "/api/products/imports?dryRun=true", content, sent)
        assert answer.status == 202
        job = answer.json()
        await self.client.run_import(job["id"])
        return (await self.staff.get(f"/api/products/imports/{job['id']}")).json()


class Counter(AnyCounter):
    """A running Product service on files of the test's own."""

    def __init__(self, folder: Path, clock: FakeClock) -> None:
        self._folder = folder
        ids = fake_ids(clock)
        self.built = build_embedded(folder, clock, ids, inline=True)
        super().__init__(self.built, clock, ids)
        store = self.built.store
        assert isinstance(store, SqliteCatalogue)
        self.catalogue = store

    def events(self) -> list[tuple[str, str, int]]:
        """Return what was published: type, product, sequence."""
        log = self.built.store.read_log("product_events", 0, 10_000)
        envelopes = [open_envelope(entry.envelope) for entry in log]
        return [(each.type, each.subject, each.sequence) for each in envelopes]

    def states(self) -> list[Any]:
        """Return the data of what was published."""
        log = self.built.store.read_log("product_events", 0, 10_000)
        return [json.loads(entry.envelope)["data"] for entry in log]

    def database_bytes(self, *, without: str) -> bytes:
        """Return everything that is in the database but for one table."""
        with closing(sqlite3.connect(self._folder / "product.db")) as connection:
            dump = [line for line in connection.iterdump() if f'"{without}"' not in line]
        return "\n".join(dump).encode()

    def close(self) -> None:
        """Stop the service, as a restart would."""
        self.built.store.close()


def product(**fields: object) -> dict[str, object]:
    """Return the body of a product for 19.99."""
    return {"name": "Chicken Kibble", "price": 19.99, "category": "Dog Food", **fields}


def created(answer: Answer) -> Any:
    """Return the body of a 201."""
    assert answer.status == 201, answer.body
    return answer.json()

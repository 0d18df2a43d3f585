"""Every event of a shop's life, delivered once more to everybody who wants it: nothing changes.

A shop lives through purchases, refusals, refunds, returns, an expired hold and an erased customer.
Then its logs are delivered again: first as a bus does that lost its place, under the inbox; and
then with the inbox emptied, which shows what the handlers hold to by themselves.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from kibble.contracts.inventory import StockUpdated
from kibble.platform.clock import SystemClock, Uuid7Ids
from kibble.platform.config import Settings
from kibble.platform.messaging.log import LogEntry
from kibble.platform.service import World
from kibble.runtime.shop import Shop as BuiltShop
from tests.fixtures.eventually import eventually
from tests.fixtures.live import calling
from tests.fixtures.process import ShopProcess
from tests.fixtures.shopping import Buyer, Json, Shop, open_shop

HOLD_MINUTES = "0.1"
OWN_BOOKS = ("inbox", "offsets", "parked_events", "idempotency", "sqlite_sequence")
"""The platform's notes of what was delivered, which are no state of a service."""

NEVER_HAPPENED = {
    "product.viewed": "views are recorded through Recommendation's own route so far",
    "order.subscription_unpaid": "a saved way to pay is good when a subscription begins",
    "payment.disputed": "nobody disputes what the sandbox took",
}
"""What no life of a shop here tells of, and why."""

Pair = tuple[str, str]
"""A consumer, and a type of event that it wants."""


async def live_through(shop: Shop) -> None:
    """Have everything happen that any service tells of, and an endpoint note all of it."""
    await note_for_an_endpoint(shop)
    product = await shop.product(stock=50)
    await shop.staff.patch(f"/api/products/{product['id']}", {"price": 17.5})
    product["price"] = 17.5
    gone = await shop.product(stock=None)
    await shop.staff.delete(f"/api/products/{gone['id']}")
    buyer, leaver = await shop.register(), await shop.register()
    await subscribe(buyer, product)
    await buyer.live.patch(f"/api/customers/{buyer.id}", {"name": "Sam"})
    await buyer.live.post("/api/recommendations/views", {"productId": product["id"]})
    expired = await shop.placed(buyer, (product, 3), paymentToken="tok_declined")
    returned = await shop.paid(buyer, (product, 1))
    refunded = await shop.paid(buyer, (product, 2))
    cancelled = await shop.placed(buyer, (product, 1), paymentToken="tok_declined")
    await shop.order_when(cancelled["id"], lambda o: o["paymentStatus"] == "FAILED")
    await buyer.live.post(f"/api/orders/{cancelled['id']}/cancel")
    await shop.paid(leaver, (product, 1))
    await shop.order_is(returned["id"], "DELIVERED", within=60)
    await buyer.live.post(f"/api/orders/{returned['id']}/returns")
    (payment,) = await shop.payments(refunded["id"])
    for amount in (5.0, 30.0):
        await shop.staff.post(f"/api/payments/{payment['id']}/refund", {"amount": amount})
    await leaver.live.delete(f"/api/customers/{leaver.id}")
    for order in (returned, refunded):
        await shop.order_when(order["id"], lambda o: o["paymentStatus"] == "REFUNDED", 60)
    await shop.order_is(expired["id"], "CANCELLED", within=60)
    await shop.inbox_has(buyer, {"order_confirmed", "order_cancelled", "order_refunded"})


async def note_for_an_endpoint(shop: Shop) -> None:
    """Have a webhook told of everything, which is off: what it would be told waits.

    Not of what later events supersede: how many of those it is told depends on the pace.
    """
    told = (await shop.staff.get("/api/webhooks/events")).json()
    events = {event["type"] for event in told} - {StockUpdated.type}
    wanted = {"url": "https://erp.example/", "events": sorted(events)}
    made = (await shop.staff.post("/api/webhooks", wanted)).json()
    await shop.staff.patch(f"/api/webhooks/{made['id']}", {"enabled": False})


async def subscribe(buyer: Buyer, product: Json) -> None:
    """Begin a subscription, have an order of it placed, change it, end it."""
    terms = {
        "userId": buyer.id,
        "items": [{"productId": product["id"], "quantity": 1}],
        "interval": {"every": 4, "unit": "week"},
        "nextDate": (datetime.now(UTC) + timedelta(days=30)).date().isoformat(),
        "paymentMethod": "CreditCard",
    }
    made = (await buyer.live.post("/api/subscriptions", terms)).json()
    path = f"/api/subscriptions/{made['id']}"
    assert (await buyer.live.post(f"{path}/order-now")).status == 200

    async def ordered() -> int:
        return len((await buyer.live.get(f"/api/orders?userId={buyer.id}")).json())

    await eventually(ordered, until=bool, within=15)
    assert (await buyer.live.patch(path, {"name": "For Rex"})).status == 200
    assert (await buyer.live.delete(path)).status == 204


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def life(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of a shop that lived, and was stopped; each test takes a copy."""
    environment = {"KIBBLE_HOLD_MINUTES": HOLD_MINUTES}
    process = ShopProcess(tmp_path_factory.mktemp("life") / "data", environment)
    process.start()
    try:
        await process.ready()
        async with calling(process) as live:
            await live_through(await open_shop(live))
        assert process.stop() == 0
    finally:
        process.kill()
    return process.data_dir


@pytest.fixture
async def lived(life: Path, tmp_path: Path) -> AsyncIterator[BuiltShop]:
    """A shop after its life, built again on its data and not running: all is delivered."""
    data_dir = shutil.copytree(life, tmp_path / "data")
    clock = SystemClock()
    world = World(clock, Uuid7Ids(clock, random.Random(1)), random.Random(2))
    shop = BuiltShop(Settings(data_dir=data_dir, seed=False, sandbox_fast=True), world, inline=True)
    await shop.bus.drain()
    yield shop
    shop.close()


def state(data_dir: Path) -> dict[str, list[Any]]:
    """Return every row of every table of every service; what was published is among them."""
    found: dict[str, list[Any]] = {}
    for file in sorted(data_dir.glob("*.db")):
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
            names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            for (table,) in names.fetchall():
                if table not in OWN_BOOKS:
                    rows = database.execute(f"SELECT * FROM {table}")  # noqa: S608 - its own name
                    found[f"{file.stem}.{table}"] = sorted(map(repr, rows))
    return found


def changes(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Return the rows that are new or otherwise now, by table."""
    return {
        table: sorted(set(rows) ^ set(before[table]))
        for table, rows in after.items()
        if rows != before[table]
    }


def logs(shop: BuiltShop) -> list[tuple[str, LogEntry]]:
    """Return everything that was ever published, with its topic."""
    return [
        (topic, entry)
        for built in shop.services.all()
        for topic in sorted(built.publishes)
        for entry in built.store.read_log(topic, 0, 100_000)
    ]


async def deliver_again(shop: BuiltShop) -> set[Pair]:
    """Deliver all events to all who want them; return who got what."""
    delivered: set[Pair] = set()
    for topic, entry in logs(shop):
        for consumer in shop.consumers:
            if topic in consumer.topics and consumer.wants(entry.type):
                await consumer.receive(entry.envelope, topic)
                delivered.add((consumer.name, entry.type))
    return delivered


def wanted(shop: BuiltShop) -> set[Pair]:
    """Return every row of every event processor."""
    return {
        (name, row.event.type)
        for built in shop.services.all()
        for name, rows in {built.name: built.subscriptions, **built.consumers}.items()
        for row in rows
    }


async def parked(shop: BuiltShop) -> list[tuple[str, str, str]]:
    """Return the events that a consumer could not apply."""
    return [
        (consumer.name, event.type, event.error)
        for consumer in shop.consumers
        for event in await consumer.store.parked(consumer.name)
    ]


def forget_the_inbox(data_dir: Path) -> None:
    """Make every consumer forget which events it has applied."""
    for file in data_dir.glob("*.db"):
        with closing(sqlite3.connect(file)) as database:
            if database.execute("SELECT 1 FROM sqlite_master WHERE name = 'inbox'").fetchone():
                database.execute("DELETE FROM inbox")
                database.commit()


@pytest.mark.slow
@pytest.mark.xdist_group("a shop's life")  # one worker lives it, for both
async def test_every_event_delivered_twice_changes_nothing(lived: BuiltShop) -> None:
    assert await parked(lived) == []
    before = state(lived.settings.data_dir)
    delivered = await deliver_again(lived)
    assert delivered == {pair for pair in wanted(lived) if pair[1] not in NEVER_HAPPENED}
    await lived.bus.drain()
    assert changes(before, state(lived.settings.data_dir)) == {}
    assert await parked(lived) == []


RELY_ON_THE_INBOX = {
    "product.standings": "a sale is counted once an event",
    "product.catalogue_feed": "tells the search index of the counts above",
    "notification.messages": "what an erased customer was told is forgotten, with its request",
}
"""Tables that a second delivery would change without the inbox, and why that is no loss."""


@pytest.mark.slow
@pytest.mark.xdist_group("a shop's life")  # one worker lives it, for both
async def test_handlers_move_neither_money_nor_stock_twice_even_without_the_inbox(
    lived: BuiltShop,
) -> None:
    before = state(lived.settings.data_dir)
    forget_the_inbox(lived.settings.data_dir)
    await deliver_again(lived)
    found = changes(before, state(lived.settings.data_dir))
    assert set(found) <= set(RELY_ON_THE_INBOX), found

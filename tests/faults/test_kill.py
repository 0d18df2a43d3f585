"""kill -9 at random moments: nothing that was acknowledged is lost, nothing is charged twice."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from kibble.platform.clock import SystemClock, Uuid7Ids, system_randomness
from tests.fixtures.eventually import eventually
from tests.fixtures.process import ShopProcess

ORDERS = 500
BUYERS = 8
STAFF = "catalog:write inventory:write orders:read payments:read events:admin"
RECEIVED = 400
ADDRESS = {"street": "123 Main St", "city": "New York", "state": "NY", "zipCode": "10001"}
TOKENS = ["tok_ok"] * 7 + ["tok_timeout", "tok_error", "tok_declined"]


@dataclass
class Shelf:
    """What is for sale, and what the buyers know to have ordered: order id by key."""

    products: list[str] = field(default_factory=list)
    acknowledged: dict[str, str] = field(default_factory=dict)
    declined: set[str] = field(default_factory=set)


class Store(ShopProcess):
    """A shop that is asked while it dies: no answer is an answer."""

    session: aiohttp.ClientSession

    def staff(self) -> str:
        return self.issuer.for_client("tests", STAFF.split(), timedelta(hours=1))

    def customer(self, customer_id: str) -> str:
        return self.issuer.for_customer(customer_id, timedelta(hours=1))

    async def ask(
        self, method: str, path: str, body: object = None, *, token: str = "", key: str = ""
    ) -> tuple[int, Any]:
        """Return the status and the JSON of an answer; status 0 when there was none."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        if key:
            headers["idempotency-key"] = key
        try:
            url = self.url + path
            async with self.session.request(method, url, json=body, headers=headers) as answer:
                return answer.status, await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ConnectionError):
            return 0, None


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """A store that is running."""
    store = Store(tmp_path / "data")
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as store.session:
        store.start()
        await store.ready()
        yield store
    store.kill()


async def _stock_up(store: Store) -> Shelf:
    staff = store.staff()
    warehouse = {"code": "OH1", "name": "Ohio", "address": ADDRESS, "priority": 1}
    _, opened = await store.ask("POST", "/api/inventory/warehouses", warehouse, token=staff)
    shelf = Shelf()
    for number in range(5):
        body = {"name": f"Salmon kibble {number}", "price": 19.99, "category": "Dog Food"}
        status, product = await store.ask("POST", "/api/products", body, token=staff)
        assert status == 201, product
        shelf.products.append(product["id"])
        level = {"stockLevel": RECEIVED, "warehouseId": opened["id"]}

        async def put(path: str = f"/api/inventory/{product['id']}", body: object = level) -> int:
            return (await store.ask("PUT", path, body, token=staff))[0]

        await eventually(put, until=lambda status: status == 200)
    return shelf


async def _buy(store: Store, shelf: Shelf, number: int, customer: str, seed: int) -> None:
    """Order until the store says 201, with one key; what else it says means: ask again."""
    chance = random.Random(seed * 10_000 + number)
    key = f"purchase-{number}"
    token = chance.choice(TOKENS)
    lines = [
        {"productId": product, "quantity": 1, "price": 19.99}
        for product in chance.sample(shelf.products, 2)
    ]
    body = {
        "userId": customer,
        "items": lines,
        "totalAmount": 39.98,
        "shippingAddress": ADDRESS,
        "paymentMethod": "CreditCard",
        "paymentToken": token,
    }
    while True:
        status, answer = await store.ask(
            "POST",
            "/api/orders",
            body,
            token=store.customer(customer),
            key=key,
        )
        if status == 201:
            break
        assert status in (0, 409, 503), (status, answer)
        await asyncio.sleep(0.05)
    shelf.acknowledged[key] = answer["id"]
    if token == "tok_declined":
        shelf.declined.add(answer["id"])


async def _kill_now_and_then(store: Store, chance: random.Random, done: asyncio.Event) -> int:
    kills = 0
    while not done.is_set():
        await asyncio.sleep(chance.uniform(0.1, 0.7))
        if done.is_set():
            break
        store.kill()
        kills += 1
        store.start()
        await store.ready()
    return kills


@pytest.mark.slow
async def test_kill_at_random_moments_loses_no_order_and_charges_none_twice(store: Store) -> None:
    seed = random.SystemRandom().randrange(1_000_000)
    print(f"seed {seed}")  # noqa: T201 - shown when the test fails
    ids = Uuid7Ids(SystemClock(), system_randomness())
    customers = [ids.new() for _ in range(20)]
    shelf = await _stock_up(store)
    done = asyncio.Event()
    killer = asyncio.create_task(_kill_now_and_then(store, random.Random(seed), done))
    numbers = iter(range(ORDERS))

    async def buyer() -> None:
        for number in numbers:
            await _buy(store, shelf, number, customers[number % len(customers)], seed)

    await asyncio.gather(*(buyer() for _ in range(BUYERS)))
    done.set()
    kills = await killer
    assert kills >= 3
    assert len(set(shelf.acknowledged.values())) == ORDERS
    await _audit(store, shelf)


async def _audit(store: Store, shelf: Shelf) -> None:
    """The books balance: orders, money and stock agree, and nothing is stuck."""
    staff = store.staff()

    async def unsettled() -> list[str]:
        return [
            order_id
            for order_id in shelf.acknowledged.values()
            if not _is_settled(
                (await store.ask("GET", f"/api/orders/{order_id}", token=staff))[1], shelf
            )
        ]

    await eventually(unsettled, until=lambda left: not left, within=90)
    await _audit_stock(store, shelf)
    await _audit_money(store, shelf)
    status, parked = await store.ask("GET", "/api/events/parked", token=staff)
    assert (status, parked) == (200, [])


def _is_settled(order: dict[str, Any], shelf: Shelf) -> bool:
    if order["id"] in shelf.declined:
        return bool(order["paymentStatus"] == "FAILED")
    return order["paymentStatus"] == "PAID" and order["status"] in (
        "CONFIRMED",
        "SHIPPED",
        "DELIVERED",
    )


async def _audit_stock(store: Store, shelf: Shelf) -> None:
    sold, held = dict.fromkeys(shelf.products, 0), dict.fromkeys(shelf.products, 0)
    for order_id in shelf.acknowledged.values():
        _, order = await store.ask("GET", f"/api/orders/{order_id}", token=store.staff())
        for line in order["items"]:
            count = held if order_id in shelf.declined else sold
            count[line["productId"]] += line["quantity"]

    async def figures() -> dict[str, tuple[int, int]]:
        levels = {}
        for product in shelf.products:
            _, stock = await store.ask("GET", f"/api/inventory/{product}")
            levels[product] = (stock["onHand"], stock["reserved"])
        return levels

    expected = {p: (RECEIVED - sold[p], held[p]) for p in shelf.products}
    await eventually(figures, until=lambda seen: seen == expected, within=90)


async def _audit_money(store: Store, shelf: Shelf) -> None:
    paid = 0
    for order_id in shelf.acknowledged.values():
        _, payments = await store.ask(
            "GET", f"/api/payments?orderId={order_id}", token=store.staff()
        )
        charged = [payment for payment in payments if payment["status"] == "PAID"]
        assert len(charged) == (0 if order_id in shelf.declined else 1), payments
        paid += len(charged)
    assert paid == ORDERS - len(shelf.declined)
    reconciled = await store.command("reconcile", "--json")
    assert reconciled.code == 0, reconciled.out

"""The stream of clicks: what people do in a shop, and nobody's name."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kibble.platform.config import Settings
from kibble.platform.messaging.event import Envelope
from kibble.platform.service import World
from kibble.runtime import clicks
from kibble.runtime.clicks import Pseudonyms
from kibble.runtime.shop import Shop
from kibble.runtime.target import ShopTarget
from tests.fixtures.aws import REGION, Aws
from tests.fixtures.doubles import FakeClock, fake_ids
from tests.fixtures.http import Client
from tests.fixtures.shopping import ADDRESS, order

STREAM = "clicks"


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    server = Aws()
    server.client("kinesis").create_stream(StreamName=STREAM, ShardCount=1)
    yield server
    server.stop()


def told(aws: Aws) -> list[Any]:
    """Return what the stream was told, in order."""
    client = aws.client("kinesis")
    shard = client.list_shards(StreamName=STREAM)["Shards"][0]["ShardId"]
    start = client.get_shard_iterator(
        StreamName=STREAM, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
    )
    records = client.get_records(ShardIterator=start["ShardIterator"])["Records"]
    return [json.loads(one["Data"]) | {"key": one["PartitionKey"]} for one in records]


async def test_is_told_of_carts_and_orders_and_of_nobody(aws: Aws, tmp_path: Path) -> None:
    clock = FakeClock()
    settings = Settings(data_dir=tmp_path, seed=False, outlets=aws.url("kinesis", REGION, STREAM))
    world = World(clock, fake_ids(clock), random.Random(1))
    shop = Shop(settings, world, inline=True)
    target = ShopTarget(shop)
    await target.post("/api/inventory/warehouses", {"code": "A", "name": "A", "address": ADDRESS})
    food = {"name": "Kibble", "price": 19.99, "category": "Dog Food", "sku": "K-1"}
    product = (await target.post("/api/products", food))["id"]
    await shop.bus.drain()
    (warehouse,) = (await target.warehouse_ids()).values()
    await target.stock_up({product: {warehouse: 9}})
    await shop.bus.drain()
    customer = world.ids.new()
    jane = Client(shop.services.order.routes, clock).as_customer(customer)
    cart = (await jane.post("/api/carts", {})).json()["id"]
    item = f"/api/carts/{cart}/items/{product}"
    for quantity in (2, 2):  # the second changes nothing
        assert (await jane.put(item, {"quantity": quantity})).status == 200
    assert (await jane.delete(item)).status == 200
    objecting = {"sec-gpc": "1"}
    assert (await jane.put(item, {"quantity": 5}, objecting)).status == 200
    placed = await target.post(
        "/api/orders", order(customer, ({"id": product, "price": 19.99}, 1)), customer=customer
    )
    await shop.bus.drain()
    await shop.end()
    # Keys are in order, each for itself.
    found = told(aws)
    added, removed = (one for one in found if one["type"] == "cart.changed")
    (ordered,) = (one for one in found if one["type"] == "order.placed")
    assert added["data"]["items"] == [{"productId": product, "quantity": 2, "before": 0}]
    assert removed["data"]["items"] == [{"productId": product, "quantity": 0, "before": 2}]
    assert ordered["data"]["lines"] == [{"productId": product, "quantity": 1, "price": 1_999}]
    assert len({one["data"]["visitor"] for one in (added, removed, ordered)}) == 1
    assert added["data"]["cart"] == removed["data"]["cart"] == added["key"]
    everything = json.dumps([added, removed, ordered])
    for hidden in (customer, cart, placed["id"], "Kibble"):
        assert hidden not in everything


def viewed(customer: str, time: str) -> Envelope:
    data = msgspec.json.encode({"productId": "p", "customerId": customer})
    return Envelope(
        id="e",
        source="product",
        type="product.viewed",
        subject="p",
        time=time,
        dataschema="x",
        sequence=1,
        partitionkey="p",
        data=msgspec.Raw(data),
    )


def visitor(key: bytes, customer: str, time: str) -> str:
    told = clicks.letter(Pseudonyms(key), viewed(customer, time))
    name: str = json.loads(told.body)["data"]["visitor"]
    return name


def test_a_visitor_is_one_for_a_month_under_one_key() -> None:
    early, late, next_month = (f"2026-{day}T10:00:00Z" for day in ("03-01", "03-31", "04-01"))
    one = visitor(bytes(32), "c1", early)
    assert visitor(bytes(32), "c1", late) == one
    others = {
        visitor(bytes(32), "c1", next_month),
        visitor(bytes(32), "c2", early),
        visitor(bytes(range(32)), "c1", early),
    }
    assert one not in others
    assert len(others) == 3


def test_whatever_an_event_gains_later_does_not_leave() -> None:
    envelope = msgspec.structs.replace(
        viewed("c1", "2026-03-01T10:00:00Z"),
        data=msgspec.Raw(b'{"productId": "p", "customerId": "c1", "email": "jane@example.com"}'),
    )
    assert "jane" not in clicks.letter(Pseudonyms(bytes(32)), envelope).body

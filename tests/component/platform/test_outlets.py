"""Outlets as a shop has them: told of what it does, in order, once, and after an outage."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kibble.platform.config import Settings
from kibble.platform.security.keys import key_path, load_or_make_key
from kibble.platform.security.tokens import TokenIssuer
from kibble.platform.service import World
from kibble.runtime.loopback import Loopback
from kibble.runtime.shop import Shop
from kibble.runtime.target import ShopTarget
from tests.fixtures.aws import REGION, Aws
from tests.fixtures.doubles import FakeClock, fake_ids

FOOD = {"price": 19.99, "category": "Dog Food"}


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    server = Aws()
    yield server
    server.stop()


class Counter:
    """A shop in this process that tells a queue of its products."""

    def __init__(self, folder: Path, aws: Aws, queue: str) -> None:
        self.clock = FakeClock()
        self.aws = aws
        self.queue = queue
        url = aws.url("sqs", REGION, queue, types="product.*")
        settings = Settings(data_dir=folder, seed=False, outlets=url)
        world = World(self.clock, fake_ids(self.clock), random.Random(1))
        self.shop = Shop(settings, world, inline=True)
        self.target = ShopTarget(self.shop)

    async def make(self, *names: str) -> list[str]:
        """Make products; return their ids."""
        made = [await self.target.post("/api/products", FOOD | {"name": name}) for name in names]
        return [one["id"] for one in made]

    async def change(self, product_id: str, name: str) -> None:
        """Give a product another name."""
        key = load_or_make_key(key_path(self.shop.settings.data_dir))
        issuer = TokenIssuer(key, self.clock, self.shop.world.ids)
        token = issuer.for_client("x", ["catalog:write"], timedelta(hours=1))
        change = {"name": name}
        await Loopback(self.shop, token).call("PATCH", f"/api/products/{product_id}", change)

    def open_queue(self) -> None:
        """Make the queue."""
        self.aws.client("sqs").create_queue(QueueName=self.queue, Attributes={"FifoQueue": "true"})

    def received(self) -> list[Any]:
        """Empty the queue; return the events, as they came."""
        sqs = self.aws.client("sqs")
        url = sqs.get_queue_url(QueueName=self.queue)["QueueUrl"]
        found: list[Any] = []
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for one in messages:
                found.append(json.loads(one["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
        return found

    @property
    def consumer(self) -> Any:
        """The outlet's consumer."""
        (found,) = (one for one in self.shop.consumers if one.name.startswith("outlet."))
        return found

    async def end(self) -> None:
        """Close the shop."""
        await self.shop.end()


@pytest.fixture
async def opened(aws: Aws, tmp_path: Path) -> AsyncIterator[Callable[[str], Counter]]:
    made: list[Counter] = []

    def make(queue: str) -> Counter:
        made.append(Counter(tmp_path / f"data{len(made)}", aws, queue))
        return made[-1]

    yield make
    for one in made:
        await one.end()


async def test_an_event_leaves_as_it_was_published(opened: Callable[[str], Counter]) -> None:
    counter = opened("told.fifo")
    counter.open_queue()
    (product_id,) = await counter.make("Kibble")
    await counter.shop.bus.drain()
    (event,) = counter.received()
    assert event["specversion"] == "1.0"
    assert (event["type"], event["subject"]) == ("product.created", product_id)
    assert event["data"]["name"] == "Kibble"
    (entry,) = counter.shop.services.product.store.read_log("product_events", 0, 10)
    assert event.items() >= json.loads(entry.envelope).items()
    assert event["datacontenttype"] == "application/json"


async def test_an_event_that_is_delivered_again_is_told_under_the_same_id(
    opened: Callable[[str], Counter],
) -> None:
    counter = opened("again.fifo")
    counter.open_queue()
    await counter.make("Kibble")
    await counter.shop.bus.drain()
    (first,) = counter.received()
    (entry,) = counter.shop.services.product.store.read_log("product_events", 0, 10)
    await counter.consumer.receive(entry.envelope, "product_events")
    assert {one["id"] for one in counter.received()} <= {first["id"]}
    assert await counter.consumer.store.parked() == []


async def test_what_happens_while_it_is_away_is_told_later_and_in_order(
    opened: Callable[[str], Counter],
) -> None:
    counter = opened("away.fifo")
    first, second = await counter.make("One", "Two")
    await counter.shop.bus.drain()
    await counter.change(first, "One, but better")
    await counter.shop.bus.drain()
    parked = await counter.consumer.store.parked(counter.consumer.name)
    assert [one.status for one in parked] == ["retrying"] * 3
    counter.open_queue()
    counter.clock.advance(60)
    await counter.consumer.retry_parked()
    assert await counter.consumer.store.parked() == []
    received = counter.received()
    assert sorted(one["subject"] for one in received) == sorted([first, first, second])
    of_first = [one["type"] for one in received if one["subject"] == first]
    assert of_first == ["product.created", "product.updated"]


async def test_a_shop_that_nobody_listens_to_has_no_outlets(tmp_path: Path) -> None:
    clock = FakeClock()
    world = World(clock, fake_ids(clock), random.Random(1))
    shop = Shop(Settings(data_dir=tmp_path, seed=False), world, inline=True)
    assert not [one for one in shop.consumers if one.name.startswith("outlet")]
    assert not (tmp_path / "outlets.db").exists()
    await shop.end()


async def test_wrong_credentials_end_the_start_with_a_sentence(
    opened: Callable[[str], Counter], aws: Aws
) -> None:
    counter = opened("refused.fifo")
    with pytest.raises(ValueError, match=r"KIBBLE_OUTLETS: Amazon SQS has nothing of that name\."):
        await counter.shop.check()
    counter.open_queue()
    await counter.shop.check()
    with aws.refusing(), pytest.raises(ValueError, match="Amazon SQS refuses the credentials"):
        await counter.shop.check()

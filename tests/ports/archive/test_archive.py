"""What every service's archive is held to, over the engine of either profile."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from kibble.platform.clock import SystemClock, Uuid7Ids, system_randomness
from kibble.platform.config import Settings
from kibble.platform.persistence.archive import (
    BATCH,
    IDEMPOTENCY,
    PARKED_EVENTS,
    Archive,
    Row,
    Shape,
    line,
    packed,
)
from kibble.platform.service import World
from kibble.runtime.shop import Shop
from kibble.services.customer import wiring as customer
from kibble.services.inventory import wiring as inventory
from kibble.services.notification import wiring as notification
from kibble.services.notification.adapters.choice import choose_store
from kibble.services.order import wiring as order
from kibble.services.payment import wiring as payment
from kibble.services.product import wiring as product
from kibble.services.recommendation import wiring as recommendation
from kibble.services.shipping import wiring as shipping
from tests.fixtures.aws import REGION, Aws
from tests.fixtures.spaces.cassandra import cassandra
from tests.fixtures.spaces.mongodb import mongodb
from tests.fixtures.spaces.neo4j import neo4j
from tests.fixtures.spaces.postgres import postgres

__all__ = ["cassandra", "mongodb", "neo4j", "postgres"]

clock, randomness = SystemClock(), system_randomness()
world = World(clock, Uuid7Ids(clock, randomness), randomness)
AT = "2026-03-02T15:00:00.000001Z"

SERVICES: dict[str, tuple[Any, str]] = {
    "product": (product, "mongodb"),
    "inventory": (inventory, "cassandra"),
    "order": (order, "postgres"),
    "payment": (payment, "postgres"),
    "customer": (customer, "mongodb"),
    "recommendation": (recommendation, "neo4j"),
    "shipping": (shipping, "postgres"),
    "notification": (notification, "postgres"),
}
DISTRIBUTED = [
    pytest.param((name, engine), id=f"{name} on {engine}", marks=pytest.mark.engine)
    for name, (_, engine) in SERVICES.items()
]
_namespaces = count()


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    server = Aws()
    server.client("dynamodb").list_tables()  # moto loads it at the first call, for a while
    yield server
    server.stop()


@pytest.fixture(
    params=[
        *((name, "sqlite") for name in SERVICES),
        *DISTRIBUTED,
        pytest.param(("notification", "dynamodb"), id="notification on dynamodb"),
    ],
    ids=" on ".join,
)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Settings | None]:
    """A service, and the settings that lead to its engine; None for a folder."""
    name, engine = request.param
    if engine == "sqlite":
        return name, None
    if engine == "dynamodb":
        aws: Aws = request.getfixturevalue("aws")
        url = aws.url("dynamodb", REGION, f"table-{next(_namespaces)}", create="yes")
        return name, Settings(data_dir=tmp_path, notification_store=url)
    space = request.getfixturevalue(engine)
    told = {f"{engine}_url": space.url, "namespace": f"{space.namespace}_{next(_namespaces)}"}
    return name, Settings(data_dir=tmp_path, **told)


@pytest.fixture
async def archive(place: tuple[str, Settings | None], tmp_path: Path) -> AsyncIterator[Archive]:
    """The archive of each service over an engine without a shop."""
    name, settings = place
    wiring, _ = SERVICES[name]
    if settings is None:
        Shop(Settings(data_dir=tmp_path), world).close()
        made: Archive = wiring.archive_embedded(tmp_path)
    else:
        if settings.notification_store:
            chosen = choose_store(settings.notification_store, clock, "one")
            for step in (*chosen.checks, *chosen.closing):
                await step()
        made = await wiring.archive_distributed(settings, world)
    yield made
    await made.close()


def answer(number: int) -> Row:
    return {
        "key": f"customer POST /api/orders ä{number}",
        "fingerprint": "print",
        "status": 201,
        "headers": {"location": "/x", "etag": '"1"'},
        "body": packed(b'\x00{"a": "\xc3\xa4"}\xff'),
        "created_at": AT,
    }


def parked(place: int) -> Row:
    return {
        "consumer": "one",
        "topic": "order_events",
        "key": "k",
        "type": "order.placed",
        "event_id": f"event {100 - place}",
        "envelope": packed(b"\x00\xff"),
        "error": "“no”",
        "attempts": 3,
        "status": "retrying",
        "due_at": AT,
        "parked_at": AT,
        "place": place,
    }


async def rows(archive: Archive, table: Shape) -> Sequence[bytes]:
    return sorted([line(row) async for batch in archive.rows(table) for row in batch])


async def fill(archive: Archive, table: Shape, given: Sequence[Row]) -> None:
    """Load a table as an import does, with all the others empty."""
    await archive.begin()
    for one in archive.shapes:
        if one is table:
            await archive.load(one, given)
    await archive.finish()


async def test_has_no_rows_where_there_is_no_shop(archive: Archive) -> None:
    assert await archive.is_empty()
    assert await archive.unfinished() == 0
    for table in archive.shapes:
        assert await rows(archive, table) == []


@pytest.mark.parametrize(
    ("table", "given"),
    [
        (IDEMPOTENCY, [answer(number) for number in range(BATCH)]),
        (PARKED_EVENTS, [parked(place) for place in range(1, 13)]),
    ],
    ids=["answers", "parked events"],
)
async def test_gives_the_rows_that_it_was_given_also_when_they_are_given_twice(
    archive: Archive, table: Shape, given: Sequence[Row]
) -> None:
    for _ in range(2):
        await fill(archive, table, given)
        assert await rows(archive, table) == sorted(map(line, given))
    assert not await archive.is_empty()
    assert await archive.unfinished() == 0

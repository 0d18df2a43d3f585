"""A distributed shop whose processes and servers die in turn, while people buy."""

from __future__ import annotations

import asyncio
import random
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from kibble.runtime.names import SERVICES
from tests.fixtures.audit import check_events, check_money, check_stock, settled
from tests.fixtures.buying import Purchases, buy
from tests.fixtures.cluster import ClusterProcess, free_ports
from tests.fixtures.engines import missing
from tests.fixtures.eventually import eventually
from tests.fixtures.live import calling
from tests.fixtures.shopping import Shop, open_shop
from tools.engines import fleet
from tools.engines.engine import Engine
from tools.engines.places import Places

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.xdist_group("cluster faults")]

ENGINES = ("postgres", "mongodb", "redis", "kafka", "cassandra", "opensearch", "neo4j")
ORDERS = 60
BUYERS = 6
UNITS = 500
FAULT_AFTER = 10
AWAY_SECONDS = 4.0
HEALED_WITHIN = 60.0


@dataclass
class Ground:
    """A distributed shop on servers that nobody else uses."""

    cluster: ClusterProcess
    engines: dict[str, Engine]


def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="kibble-faults-"))
    folder.chmod(0o755)  # PostgreSQL and OpenSearch run as users of their own
    return folder


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ground(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ground]:
    """Servers and a shop for this file; two replicas of each service."""
    folder = _folder()
    first = free_ports()
    ports = {name: first + 2 * number for number, name in enumerate(ENGINES)}
    places = Places(Places.of().cache, folder / "engines", ports)
    engines = {engine.name: engine for engine in fleet.engines(places, ENGINES)}
    if absent := [name for name, engine in engines.items() if not engine.provisioned()]:
        missing(f"{', '.join(absent)} were not provisioned: make engines")
    failures = await asyncio.to_thread(fleet.up, places, ENGINES)
    assert failures == []
    settings = {engine.variable: engine.url for engine in engines.values()}
    cluster = ClusterProcess(tmp_path_factory.mktemp("faults") / "data", settings, replicas=2)
    try:
        await cluster.start()
        yield Ground(cluster, engines)
    finally:
        await cluster.stop()
        await asyncio.to_thread(fleet.down, places, ENGINES)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def shop(ground: Ground) -> AsyncIterator[Shop]:
    """The shop, called through its gateway."""
    async with calling(ground.cluster) as live:
        yield await open_shop(live)


async def buy_through(shop: Shop, fault: Callable[[], Awaitable[None]]) -> Purchases:
    """Have people buy while ``fault`` comes and goes; return what they know to have ordered."""
    seed = random.SystemRandom().randrange(1_000_000)
    print(f"seed {seed}")  # noqa: T201 - shown when the test fails
    purchases = Purchases([await shop.product(stock=UNITS) for _ in range(4)], seed)
    numbers = iter(range(ORDERS))

    async def buyer() -> None:
        person = shop.buyer()
        for number in numbers:
            await buy(purchases, number, person)

    async def acknowledged() -> int:
        return len(purchases.acknowledged)

    async with asyncio.TaskGroup() as group:
        for _ in range(BUYERS):
            group.create_task(buyer())
        await eventually(acknowledged, until=FAULT_AFTER.__le__, within=HEALED_WITHIN)
        await fault()
    return purchases


async def audit(shop: Shop, purchases: Purchases) -> None:
    """See that every acknowledged order ended well or was refused, and that the books balance."""
    order_ids = set(purchases.acknowledged.values())
    assert len(order_ids) == ORDERS
    orders = await settled(shop, order_ids, within=HEALED_WITHIN)
    for placed in orders:
        expected = "FAILED" if placed["id"] in purchases.declined else "PAID"
        assert placed["paymentStatus"] == expected, placed
    await check_stock(shop, {p["id"]: UNITS for p in purchases.products}, orders, HEALED_WITHIN)
    await check_money(shop, orders)
    await eventually(lambda: no_event_is_parked(shop), within=HEALED_WITHIN)


async def no_event_is_parked(shop: Shop) -> bool:
    try:
        await check_events(shop)
    except AssertionError:
        return False
    return True


@pytest.mark.parametrize("service", SERVICES)
async def test_nothing_is_lost_when_a_process_is_killed(
    ground: Ground, shop: Shop, service: str
) -> None:
    async def fault() -> None:
        for member in ground.cluster.members(service):
            member.kill()
            await asyncio.sleep(AWAY_SECONDS / 4)
            member.start()

    await audit(shop, await buy_through(shop, fault))


@pytest.mark.parametrize("name", ENGINES)
async def test_nothing_is_lost_when_a_server_dies(ground: Ground, shop: Shop, name: str) -> None:
    engine = ground.engines[name]
    # The stand-in for MongoDB does not sync its file on every write, as the real one does.
    how = signal.SIGTERM if name == "mongodb" else signal.SIGKILL

    async def fault() -> None:
        await asyncio.to_thread(engine.process.stop, how)
        await asyncio.sleep(AWAY_SECONDS)
        await asyncio.to_thread(fleet.start, engine)

    await audit(shop, await buy_through(shop, fault))


@pytest.mark.parametrize("service", ["order", "payment", "inventory"])
async def test_nothing_is_lost_when_a_process_stands_still(
    ground: Ground, shop: Shop, service: str
) -> None:
    member = ground.cluster.members(service)[0]

    async def fault() -> None:
        member.send(signal.SIGSTOP)
        await asyncio.sleep(2 * AWAY_SECONDS)
        member.send(signal.SIGCONT)

    await audit(shop, await buy_through(shop, fault))

"""A distributed shop whose processes, servers and links fail in turn, while people buy.

After each fault all orders so far have to come to their end within a minute; after the last one of
a test, every order, all stock and all money are audited.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
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
from tests.fixtures.line import Line, Switchboard
from tests.fixtures.live import calling
from tests.fixtures.shopping import Shop, open_shop
from tools.engines import fleet
from tools.engines.engine import Engine
from tools.engines.places import Places

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.xdist_group("cluster faults")]

ENGINES = ("postgres", "mongodb", "redis", "kafka", "cassandra", "opensearch", "neo4j")
LINKED = ("postgres", "mongodb", "redis", "kafka", "cassandra")
"""The servers of which every way a link can break is tried while people buy."""
LINED = (*LINKED, "opensearch")
"""The servers that the shop reaches by lines, which can break."""
BUYERS = 4
BREATH_SECONDS = 1.0
"""How long a buyer rests: what counts is that some buy at each moment, not how many."""
UNITS = 5_000
FAULT_AFTER = 2 * BUYERS
"""Orders from one fault to the next: each buyer has had a turn, and is at the next."""
AWAY_SECONDS = 4.0
SLOW_SECONDS = 2.0
HEALED_WITHIN = 60.0

Fault = Callable[[], Awaitable[None]]


@dataclass
class Ground:
    """A distributed shop on servers that nobody else uses."""

    cluster: ClusterProcess
    engines: dict[str, Engine]
    switchboard: Switchboard
    lines: dict[str, Line]


def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="kibble-faults-"))
    folder.chmod(0o755)  # PostgreSQL and OpenSearch run as users of their own
    return folder


def _places(folder: Path, first: int) -> tuple[Places, dict[str, int]]:
    """Return where the servers are, and the ports of the lines to them."""
    ports = {name: first + 2 * number for number, name in enumerate(ENGINES)}
    lines = {name: first + 20 + number for number, name in enumerate(LINED)}
    ports["kafka_advertised"] = lines["kafka"]
    return Places(Places.of().cache, folder / "engines", ports), lines


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ground(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ground]:
    """Servers and a shop for this file; two replicas of each service."""
    folder = _folder()
    places, ports = _places(folder, free_ports())
    engines = {engine.name: engine for engine in fleet.engines(places, ENGINES)}
    if absent := [name for name, engine in engines.items() if not engine.provisioned()]:
        missing(f"{', '.join(absent)} were not provisioned: make engines")
    failures = await asyncio.to_thread(fleet.up, places, ENGINES)
    assert failures == []
    switchboard = Switchboard()
    switchboard.start()
    lines = {name: switchboard.open(engines[name].url, port) for name, port in ports.items()}
    settings = {
        engine.variable: lines[name].url if name in lines else engine.url
        for name, engine in engines.items()
    }
    cluster = ClusterProcess(tmp_path_factory.mktemp("faults") / "data", settings, replicas=2)
    try:
        await cluster.start()
        yield Ground(cluster, engines, switchboard, lines)
    finally:
        try:
            await cluster.stop()
        finally:  # seven servers must not outlive a test, whatever went wrong
            await asyncio.to_thread(fleet.down, places, ENGINES)
        switchboard.close()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def shop(ground: Ground) -> AsyncIterator[Shop]:
    """The shop, called through its gateway."""
    async with calling(ground.cluster) as live:
        yield await open_shop(live)


async def buy_through(shop: Shop, faults: Mapping[str, Fault]) -> None:
    """Have people buy while one fault after the other comes and goes; then audit the shop."""
    seed = random.SystemRandom().randrange(1_000_000)
    print(f"seed {seed}")  # noqa: T201 - shown when the test fails
    purchases = Purchases([await shop.product(stock=UNITS) for _ in range(4)], seed)
    numbers = itertools.count()
    is_over = asyncio.Event()

    async def buyer() -> None:
        person = shop.buyer()
        while not is_over.is_set():
            await buy(purchases, next(numbers), person)
            await asyncio.sleep(BREATH_SECONDS)

    async with asyncio.TaskGroup() as group:
        for _ in range(BUYERS):
            group.create_task(buyer())
        ended: set[str] = set()
        for name, fault in faults.items():
            print(name)  # noqa: T201 - shown when the test fails
            await more_are_bought(purchases)
            await fault()
            ended |= await all_come_to_an_end(shop, purchases, ended)
        is_over.set()
    await audit(shop, purchases)


async def more_are_bought(purchases: Purchases) -> None:
    """Wait until some more orders are acknowledged."""
    wanted = len(purchases.acknowledged) + FAULT_AFTER

    async def acknowledged() -> int:
        return len(purchases.acknowledged)

    await eventually(acknowledged, until=wanted.__le__, within=HEALED_WITHIN)


async def all_come_to_an_end(shop: Shop, purchases: Purchases, ended: set[str]) -> set[str]:
    """Wait until all orders so far have ended well or were refused; return their ids."""
    order_ids = set(purchases.acknowledged.values()) - ended
    await settled(shop, order_ids, within=HEALED_WITHIN)
    return order_ids


async def audit(shop: Shop, purchases: Purchases) -> None:
    """See that every acknowledged order ended well or was refused, and that the books balance."""
    order_ids = set(purchases.acknowledged.values())
    assert len(order_ids) == len(purchases.acknowledged), "two purchases became one order"
    orders = await settled(shop, order_ids, within=HEALED_WITHIN)
    for placed in orders:
        expected = "FAILED" if placed["id"] in purchases.declined else "PAID"
        assert placed["paymentStatus"] == expected, placed
    await check_stock(shop, {p["id"]: UNITS for p in purchases.products}, orders, HEALED_WITHIN)
    await check_money(shop, orders)
    await eventually(lambda: no_event_is_parked(shop), within=HEALED_WITHIN)
    paid = sum(placed["paymentStatus"] == "PAID" for placed in orders)
    print(f"{len(orders)} orders, {paid} of them paid: all there, stock and money add up")  # noqa: T201 - with -rP


async def no_event_is_parked(shop: Shop) -> bool:
    try:
        await check_events(shop)
    except AssertionError:
        return False
    return True


@pytest.mark.parametrize("services", [SERVICES[:4], SERVICES[4:]], ids=" ".join)
async def test_nothing_is_lost_when_processes_are_killed(
    ground: Ground, shop: Shop, services: Sequence[str]
) -> None:
    def killed(service: str) -> Fault:
        async def fault() -> None:
            for member in ground.cluster.members(service):
                member.kill()
                await asyncio.sleep(AWAY_SECONDS / 4)
                member.start()

        return fault

    await buy_through(shop, {service: killed(service) for service in services})


QUICK = ("postgres", "mongodb", "redis", "kafka")
"""The servers that start within seconds; the others have a test each."""


@pytest.mark.parametrize(
    "names", [QUICK, *((name,) for name in ENGINES if name not in QUICK)], ids=" ".join
)
async def test_nothing_is_lost_when_servers_die(
    ground: Ground, shop: Shop, names: Sequence[str]
) -> None:
    def dead(name: str) -> Fault:
        engine = ground.engines[name]
        # The stand-in for MongoDB does not sync its file on every write, as the real one does.
        how = signal.SIGTERM if name == "mongodb" else signal.SIGKILL

        async def fault() -> None:
            await asyncio.to_thread(engine.process.stop, how)
            await asyncio.sleep(AWAY_SECONDS)
            await asyncio.to_thread(fleet.start, engine)

        return fault

    await buy_through(shop, {name: dead(name) for name in names})


async def test_nothing_is_lost_when_processes_stand_still(ground: Ground, shop: Shop) -> None:
    def still(service: str) -> Fault:
        async def fault() -> None:
            member = ground.cluster.members(service)[0]
            member.send(signal.SIGSTOP)
            await asyncio.sleep(2 * AWAY_SECONDS)
            member.send(signal.SIGCONT)

        return fault

    await buy_through(shop, {name: still(name) for name in ("order", "payment", "inventory")})


@pytest.mark.parametrize("name", LINKED)
async def test_nothing_is_lost_when_a_link_breaks(ground: Ground, shop: Shop, name: str) -> None:
    line, do = ground.lines[name], ground.switchboard.do

    async def cut() -> None:
        await do(line.hang_up())
        await asyncio.sleep(AWAY_SECONDS)
        await do(line.connect())

    async def slow() -> None:
        await do(line.slow_down(SLOW_SECONDS))
        await asyncio.sleep(AWAY_SECONDS)
        await do(line.mend())

    async def silent() -> None:
        await do(line.fall_silent())
        await asyncio.sleep(AWAY_SECONDS)
        await do(line.mend())

    await buy_through(shop, {"cut": cut, "slow": slow, "silent": silent})


async def test_a_search_finds_by_the_store_though_the_index_is_silent(
    ground: Ground, shop: Shop
) -> None:
    line, do = ground.lines["opensearch"], ground.switchboard.do
    product = await shop.product(stock=UNITS)
    path = f"/api/products/search?q={product['name'].split()[-1]}"

    async def finds(limit: int) -> bool:  # no two searches are the same: none is kept somewhere
        found = await shop.nobody.get(f"{path}&limit={limit}")
        return found.status == 200 and [one["id"] for one in found.json()] == [product["id"]]

    await eventually(lambda: finds(100), within=HEALED_WITHIN)
    await do(line.fall_silent())
    try:
        for limit in range(1, 11):  # the index has not heard of the change, and says nothing
            changed = await shop.staff.patch(
                f"/api/products/{product['id']}", {"price": 10 + limit}
            )
            assert changed.status == 200
            assert await finds(limit)
    finally:
        await do(line.mend())
    await eventually(lambda: finds(99), within=HEALED_WITHIN)


async def test_a_price_is_true_though_redis_is_away_and_comes_back(
    ground: Ground, shop: Shop
) -> None:
    line, do = ground.lines["redis"], ground.switchboard.do
    product = await shop.product(stock=UNITS)
    path = f"/api/products/{product['id']}"

    async def price() -> float:
        shown: float = (await shop.nobody.get(path)).json()["price"]
        return shown

    await price()
    await do(line.hang_up())
    try:
        assert (await shop.staff.patch(path, {"price": 17.5})).status == 200
        await eventually(price, until=lambda shown: shown == 17.5, within=HEALED_WITHIN)
    finally:
        await do(line.connect())
    for _ in range(20):
        assert await price() == 17.5
        await asyncio.sleep(BREATH_SECONDS / 5)

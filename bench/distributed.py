"""A distributed shop under load: orders a second, how far behind events run, memory, start.

::

    make bench ARGS=distributed
    make engines && python -m bench.distributed [--seconds 20] [--buyers 32] [--replicas 1]
    python -m bench.distributed --requests     # reads, searches and carts alone

Buyers order one of 40 products over HTTP through HAProxy, as fast as they are answered; then it is
counted how long all orders take to be paid, and whether stock and orders agree. Everything (load,
gateway, services, engines) shares this machine. CPU is told by process, idle and under load; memory
as RSS and as PSS, where a page that several processes share counts once among them. The lag is that
of the oldest event of a service which the broker does not have, or which a group is at, once a
second while people buy. Reads, searches and carts are asked of their service without HAProxy, which
keeps what many ask for. Writes bench/results/distributed.json, and beside what is known of the
embedded profile bench/results/distributed.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import tempfile
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from time import monotonic, perf_counter
from typing import Any

import aiohttp

from bench.kit.process import TICKS, all_stats
from bench.side_by_side import write_page
from kibble.platform.clock import SystemClock, Uuid7Ids, system_randomness
from kibble.platform.security.keys import load_or_make_key
from kibble.platform.security.tokens import TokenIssuer
from tools.distributed.shop import DistributedShop, Plan
from tools.engines import fleet
from tools.engines.places import Places

RESULTS = Path(__file__).parent / "results" / "distributed.json"
STAFF = "catalog:write inventory:write orders:read payments:read events:admin".split()
ADDRESS = {"street": "123 Main St", "city": "New York", "state": "NY", "zipCode": "10001"}
PRODUCTS = 40
UNITS = 100_000
SETTLE_SECONDS = 120.0
AT_ONCE = 32
ASKED_OF_EACH, ASKED_AT_ONCE, ASKED_SECONDS = 320, 4, 90.0
"""Reads, searches and carts: so many, so many at a time, and no longer than that for each."""
IDLE_SECONDS = 10.0
HOUR = timedelta(hours=1)

Json = dict[str, Any]


class Load:
    """Whoever asks: staff who fill the shelves, buyers who order."""

    def __init__(self, shop: DistributedShop, session: aiohttp.ClientSession) -> None:
        clock = SystemClock()
        self._ids = Uuid7Ids(clock, system_randomness())
        self._issuer = TokenIssuer(
            load_or_make_key(shop.folder / "signing-key.json"), clock, self._ids
        )
        self._staff = self._issuer.for_client("bench", STAFF, HOUR)
        self._url = shop.url
        self._session = session
        self.products: list[Json] = []
        self.orders: list[str] = []
        self.times: list[float] = []
        self.refused: dict[int, int] = {}

    async def ask(self, method: str, path: str, token: str, body: Json | None = None) -> Any:
        """Return the status and the JSON of an answer."""
        headers = {"authorization": f"Bearer {token}"}
        async with self._session.request(
            method, self._url + path, json=body, headers=headers
        ) as answer:
            return answer.status, await answer.json(content_type=None)

    async def fill(self) -> None:
        """Open a warehouse, and put products on its shelves."""
        place = {"code": "OH1", "name": "Ohio", "address": ADDRESS, "priority": 1}
        _, warehouse = await self.ask("POST", "/api/inventory/warehouses", self._staff, place)
        for number in range(PRODUCTS):
            body = {"name": f"Salmon kibble {number}", "price": 19.99, "category": "Dog Food"}
            _, product = await self.ask("POST", "/api/products", self._staff, body)
            self.products.append(product)
        for product in self.products:
            level = {"stockLevel": UNITS, "warehouseId": warehouse["id"]}
            path = f"/api/inventory/{product['id']}"
            await self._put(path, level)

    async def _put(self, path: str, level: Json) -> None:
        """Set a level, once Inventory has heard of the product."""
        for _ in range(300):
            status, _ = await self.ask("PUT", path, self._staff, level)
            if status == 200:
                return
            await asyncio.sleep(0.1)
        raise TimeoutError(f"{path} cannot be set")

    async def buy(self, until: float, buyer: int) -> None:
        """Order one product after the other until the time is up."""
        customer = self._ids.new()
        token = self._issuer.for_customer(customer, HOUR)
        number = buyer
        while monotonic() < until:
            product = self.products[number % PRODUCTS]
            number += 7
            body = {
                "userId": customer,
                "items": [{"productId": product["id"], "quantity": 1, "price": 19.99}],
                "totalAmount": 19.99,
                "shippingAddress": ADDRESS,
                "paymentMethod": "CreditCard",
            }
            began = perf_counter()
            status, order = await self.ask("POST", "/api/orders", token, body)
            if status == 201:
                self.times.append(perf_counter() - began)
                self.orders.append(order["id"])
            else:
                self.refused[status] = self.refused.get(status, 0) + 1

    async def browse(self, kind: str, port: int, number: int) -> bool:
        """Ask a service for a page, search it, or put something into a cart of one's own.

        Returns whether it was answered: on a machine that others use, not all are in time.
        """
        try:
            await self._browse(kind, f"http://127.0.0.1:{port}", number)
        except (TimeoutError, aiohttp.ClientError):
            return False
        return True

    async def _browse(self, kind: str, service: str, number: int) -> None:
        product = self.products[number % PRODUCTS]["id"]
        if kind == "cart":
            async with self._session.post(f"{service}/api/carts", json={}) as answer:
                answer.raise_for_status()
                path = f"/api/carts/{(await answer.json())['id']}/items/{product}"
            answer = await self._session.put(service + path, json={"quantity": 1})
        elif kind == "search":
            answer = await self._session.get(f"{service}/api/products/search?q=kibble+{number}")
        else:
            answer = await self._session.get(f"{service}/api/products/{product}")
        async with answer:
            await answer.read()
            answer.raise_for_status()

    async def settled(self) -> tuple[float, int]:
        """Wait until every order is paid; return the seconds, and how many were not."""
        began, left = monotonic(), list(self.orders)
        while left and monotonic() - began < SETTLE_SECONDS:
            states = await asyncio.gather(*(self._is_paid(order_id) for order_id in left[:AT_ONCE]))
            left = [o for o, paid in zip(left[:AT_ONCE], states, strict=True) if not paid] + left[
                AT_ONCE:
            ]
        return monotonic() - began, len(left)

    async def _is_paid(self, order_id: str) -> bool:
        status, order = await self.ask("GET", f"/api/orders/{order_id}", self._staff)
        return bool(status == 200 and order["paymentStatus"] == "PAID")

    async def units_gone(self) -> int:
        """Return how many units are no longer available."""
        found = [
            (await self.ask("GET", f"/api/inventory/{p['id']}", self._staff))[1]
            for p in self.products
        ]
        return sum(UNITS - stock["available"] for stock in found)


def memory(shop: DistributedShop) -> dict[str, list[float]]:
    """Return the memory of each process in MB: RSS, and PSS."""
    return {
        name: [_rolled_up(member.pid, kind) for kind in ("Rss:", "Pss:")]
        for name, member in shop.members.items()
    }


def _rolled_up(pid: int, kind: str) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith(kind):
            return round(int(line.split()[1]) / 1024, 1)
    raise ValueError(kind)


def cpu(pids: Mapping[str, int]) -> dict[str, float]:
    """Return the CPU seconds so far of each process, with those that it started."""
    seconds = dict.fromkeys(pids, 0.0)
    stats = list(all_stats())
    parents = {stat.pid: stat.parent for stat in stats}
    owners = {pid: name for name, pid in pids.items()}
    for stat in stats:
        pid = stat.pid
        while pid not in owners and pid in parents:
            pid = parents[pid]
        if pid in owners:
            seconds[owners[pid]] += stat.ticks / TICKS
    return seconds


def spent(before: Mapping[str, float], after: Mapping[str, float], by: float) -> dict[str, float]:
    """Return the milliseconds of CPU between two looks, divided by a number of something."""
    return {name: round((after[name] - before[name]) / by * 1e3, 2) for name in after}


async def measure_requests(shop: DistributedShop, engines: Mapping[str, int]) -> Json:
    """Return the CPU of each process for a read, a search, and a cart with something in it.

    What the processes use at rest is left out: it would count for more, the slower the machine is.
    """
    everything = {name: member.pid for name, member in shop.members.items()} | {**engines}
    figures: Json = {"load_average": os.getloadavg()[0], "commit": _commit(), "answered": {}}
    async with aiohttp.ClientSession() as session:
        load = Load(shop, session)
        await load.fill()
        await asyncio.sleep(IDLE_SECONDS)
        before = cpu(everything)
        await asyncio.sleep(IDLE_SECONDS)
        resting = spent(before, cpu(everything), IDLE_SECONDS)
        for kind, service in (("read", "product-1"), ("search", "product-1"), ("cart", "order-1")):
            port, before, began = shop.members[service].port, cpu(everything), monotonic()
            answered = await _asked(load, kind, port, began + ASKED_SECONDS)
            waited = (monotonic() - began) / answered
            found = spent(before, cpu(everything), answered)
            figures["answered"][kind] = answered
            figures[kind] = {
                name: round(max(0.0, one - resting[name] * waited), 2)
                for name, one in found.items()
            }
    return figures


async def _asked(load: Load, kind: str, port: int, until: float) -> int:
    """Ask for something again and again; return how often it was answered.

    Raises ``TimeoutError`` if it was answered for too few to say anything.
    """
    answered = 0
    for first in range(0, ASKED_OF_EACH, ASKED_AT_ONCE):
        if monotonic() > until:
            break
        numbers = range(first, first + ASKED_AT_ONCE)
        answers = await asyncio.gather(*(load.browse(kind, port, number) for number in numbers))
        answered += sum(answers)
    if answered < ASKED_OF_EACH / 4:
        raise TimeoutError(f"only {answered} of {ASKED_OF_EACH} were answered: {kind}")
    return answered


class Lags:
    """What the services say of their lag, once a second."""

    def __init__(self, shop: DistributedShop, session: aiohttp.ClientSession) -> None:
        self.seen: list[float] = []
        self._ports = [member.port for member in shop.members.values()]
        self._session = session

    async def watch(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.sleep(1.0)
            for port in self._ports:
                async with self._session.get(f"http://127.0.0.1:{port}/metrics") as answer:
                    text = await answer.text()
                self.seen += [
                    float(line.rpartition(" ")[2])
                    for line in text.splitlines()
                    if line.startswith("kibble_event_lag_seconds{")
                ]


def share(times: Sequence[float], part: float) -> float:
    """Return a percentile in milliseconds."""
    ordered = sorted(times)
    return round(ordered[min(len(ordered) - 1, int(part * len(ordered)))] * 1e3, 1)


async def measure(
    shop: DistributedShop, engines: Mapping[str, int], seconds: float, buyers: int
) -> Json:
    """Return the figures of one load; ``engines`` are their processes by name."""
    pids = {name: member.pid for name, member in shop.members.items()}
    pids |= {"haproxy": shop.haproxy.pid}
    everything = {**pids, **engines}
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        load, lags = Load(shop, session), Lags(shop, session)
        await load.fill()
        await asyncio.sleep(IDLE_SECONDS / 2)
        idle, before = memory(shop), cpu(everything)
        await asyncio.sleep(IDLE_SECONDS)
        resting = spent(before, cpu(everything), IDLE_SECONDS)
        watching = asyncio.create_task(lags.watch())
        before, began = cpu(everything), monotonic()
        await asyncio.gather(*(load.buy(began + seconds, buyer) for buyer in range(buyers)))
        took = monotonic() - began
        watching.cancel()
        waited, unpaid = await load.settled()
        busy = spent(before, cpu(everything), len(load.orders))
        gone = await load.units_gone()
    return {
        "buyers": buyers,
        "orders": len(load.orders),
        "orders_a_second": round(len(load.orders) / took, 1),
        "post_p50_ms": share(load.times, 0.5),
        "post_p99_ms": share(load.times, 0.99),
        "refused": load.refused,
        "all_paid_seconds_after_the_last": round(waited, 1),
        "not_paid": unpaid,
        "units_gone_less_orders": gone - len(load.orders),
        "lag_p99_seconds": round(share(lags.seen, 0.99) / 1e3, 2) if lags.seen else 0.0,
        "cpu_ms_an_order_without_engines": _sum(busy, pids),
        "cpu_ms_an_order_of_engines": _sum(busy, engines),
        "cpu_ms_an_order": busy,
        "cpu_ms_a_second_idle_without_engines": _sum(resting, pids),
        "cpu_ms_a_second_idle_of_engines": _sum(resting, engines),
        "memory_mb_rss_pss_idle": idle,
        "memory_mb_rss_pss_after": memory(shop),
    }


def _sum(figures: Mapping[str, float], names: Iterable[str]) -> float:
    return round(sum(figures[name] for name in names), 1)


def main() -> None:
    """Start a shop of its own, load it, stop it, keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--buyers", type=int, default=32)
    parser.add_argument("--replicas", type=int, default=1)
    parser.add_argument("--requests", action="store_true")
    chosen = parser.parse_args()
    places = Places.of()
    names = [kind.name for kind in fleet.KINDS if kind.variable]
    engines = fleet.engines(places, names)
    settings = {engine.variable: engine.url for engine in engines}
    settings |= {
        "KIBBLE_NAMESPACE": f"bench{uuid.uuid4().hex[:8]}",
        "KIBBLE_RATE_LIMITS": "off",
        "KIBBLE_SANDBOX_FAST": "1",
        "KIBBLE_LOG_LEVEL": "ERROR",
    }
    kept: Json = json.loads(RESULTS.read_text())
    with tempfile.TemporaryDirectory() as folder:
        shop = DistributedShop(
            Plan(Path(folder), 19000, 19010, chosen.replicas, 0, environment=settings)
        )
        try:
            began = monotonic()
            shop.start()
            figures: Json = {
                "started_seconds": round(monotonic() - began, 1),
                "replicas": chosen.replicas,
                "load_average": os.getloadavg()[0],
                "commit": _commit(),
            }
            running = {engine.name: engine.process.pid() or 0 for engine in engines}
            if chosen.requests:
                requests = asyncio.run(measure_requests(shop, running))
                figures = {**kept, "cpu_ms_a_request": requests}
            else:
                figures |= asyncio.run(measure(shop, running, chosen.seconds, chosen.buyers))
                figures["cpu_ms_a_request"] = kept.get("cpu_ms_a_request")
        finally:
            shop.stop()
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n")
    print(write_page())


def _commit() -> str:
    words = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603 - our own words


if __name__ == "__main__":
    main()

"""A real Prometheus beside a real Kibble: every query of every dashboard has to find something."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from socket import socket
from typing import Any
from urllib.parse import quote

from bench.kit.process import free_port
from kibble.platform.clock import SystemClock, Uuid7Ids, system_randomness
from kibble.platform.security.keys import key_path, load_or_make_key
from kibble.platform.security.tokens import TokenIssuer
from kibble.runtime.names import SERVED
from tools.deploy import dashboards, programs
from tools.distributed.processes import Member, await_ready, kibble
from tools.distributed.shop import REPLICA_PORTS, DistributedShop, Plan
from tools.engines.places import Places

HOST = "127.0.0.1"
READY_SECONDS = 300.0
PATIENCE_SECONDS = 40.0
ORDERS = 3
NAMED = (
    *("kibble_http_request_seconds", "kibble_saga_orders", "kibble_order_settled_seconds"),
    *("kibble_outbox_events", "kibble_outbox_age_seconds", "kibble_event_lag_seconds"),
    *("kibble_parked_events", "kibble_stock_products", "kibble_stock_units"),
    *("kibble_stock_low_products", "kibble_upstream_calls", "kibble_breaker_open"),
    *("kibble_shared_cache_reads", "kibble_pool_connections", "kibble_pool_limit"),
    *("kibble_revenue_minor_units", "kibble_refunds_minor_units", "kibble_basket_minor_units"),
    "kibble_units_ordered",
)
"""Figures that a shop on the engines has too, whoever of its processes tells them."""
ADDRESS = {"street": "123 Main St", "city": "Boston", "state": "MA", "zipCode": "02118"}
WAREHOUSE = {"code": "OH1", "name": "Ohio", "address": ADDRESS, "priority": 1}
PRODUCT = {"name": "Kibble for every dog", "price": 19.99, "category": "Dog Food"}
STAFF = ["catalog:write", "inventory:write"]
UNITS = 1_000


def embedded() -> list[str]:
    """Check the dashboards against ``kibble run``, after some orders."""
    with tempfile.TemporaryDirectory(prefix="kibble-live-") as name:
        folder, port = Path(name), free_port()
        command = kibble("run", "--port", str(port), "--data-dir", str(folder / "data"))
        shop = Member("kibble", command, {}, folder / "kibble.log", port)
        with running([shop]), _prometheus(folder, [port]) as prometheus:
            _shop(port)
            return _unanswered(prometheus, list(dashboards.queries("embedded")))


def distributed() -> list[str]:
    """Check the dashboards against a process a service, after some orders through HAProxy."""
    with tempfile.TemporaryDirectory(prefix="kibble-live-") as name:
        folder = Path(name)
        settings = engines() | {"KIBBLE_NAMESPACE": "deploycheck", "KIBBLE_SEED": "off"}
        first = _ports_in_a_row(len(SERVED) + REPLICA_PORTS + 12)
        shop = DistributedShop(Plan(folder, first, first + 2, environment=settings))
        ports = [member.port for member in shop.members.values()]
        try:
            shop.start()
            with _prometheus(folder, ports) as prometheus:
                _stock(shop)
                _shop(first)
                unanswered = _unanswered(prometheus, list(dashboards.queries("distributed")))
            return [*_untold(ports), *unanswered]
        finally:
            shop.stop()


def _ports_in_a_row(count: int) -> int:
    """Return the first of so many ports that nobody listens on."""
    for first in range(21_000 + os.getpid() % 40 * 150, 29_000, 150):
        if not any(_listens(port) for port in range(first, first + count)):
            return first
    raise programs.Missing(f"no {count} ports in a row are free")


def _listens(port: int) -> bool:
    with closing(socket()) as probe:
        return probe.connect_ex((HOST, port)) == 0


def _stock(shop: DistributedShop) -> None:
    """Put a product on a shelf, and wait until it can be found and bought."""
    clock = SystemClock()
    issuer = TokenIssuer(
        load_or_make_key(key_path(shop.folder)), clock, Uuid7Ids(clock, system_randomness())
    )
    token = issuer.for_client("check", STAFF, timedelta(hours=1))

    def staff(method: str, path: str, body: object = None) -> Any:
        return ask(shop.plan.port, method, path, body, {"authorization": f"Bearer {token}"})

    def warehouses() -> Any:
        staff("POST", "/api/inventory/warehouses", WAREHOUSE)  # refused once it is there
        return staff("GET", "/api/inventory/warehouses")

    warehouse = _until(warehouses, lambda found: isinstance(found, list) and bool(found))[0]["id"]
    product = staff("POST", "/api/products", PRODUCT)["id"]
    level = {"stockLevel": UNITS, "warehouseId": warehouse}
    path = f"/api/inventory/{product}"
    _until(lambda: staff("PUT", path, level), lambda answer: "code" not in answer)
    _until(lambda: ask(shop.plan.port, "GET", "/api/products/search?q=dog&limit=1"), bool)


def _until(asked: Callable[[], Any], reached: Callable[[Any], bool]) -> Any:
    """Ask until an answer will do, and return it; raises ``TimeoutError`` with the last one."""
    deadline = time.monotonic() + READY_SECONDS
    while not reached(answer := asked()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"the product is not for sale: {answer}")
        time.sleep(0.2)
    return answer


def _untold(ports: Iterable[int]) -> Iterator[str]:
    """Yield the named figures that none of some processes tells."""
    told = {name for port in ports for name in _families(port)}
    for name in NAMED:
        if name not in told:
            yield f"distributed: no process tells {name}"


def _families(port: int) -> Iterator[str]:
    connection = HTTPConnection(HOST, port, timeout=20)
    try:
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
    finally:
        connection.close()
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            yield line.split()[2].removesuffix("_total")


def engines() -> dict[str, str]:
    """Return the settings of the engines that run here; raises ``Missing``."""
    settings = Places.of().state / "env"
    if not settings.exists():
        raise programs.Missing("the engines do not run: make engines")
    pairs = (line.split("=", 1) for line in settings.read_text().splitlines() if "=" in line)
    return dict(pairs)


@contextmanager
def running(members: Sequence[Member]) -> Iterator[None]:
    """Run processes, and wait until they are ready."""
    try:
        for member in members:
            member.start()
        await_ready(members, READY_SECONDS)
        yield
    finally:
        for member in members:
            member.stop()


@contextmanager
def _prometheus(folder: Path, ports: Sequence[int]) -> Iterator[int]:
    """Run Prometheus on some targets, with the rules, evaluated every second; yield its port."""
    port = free_port()
    rules = folder / "rules"
    rules.mkdir()
    for path in (dashboards.FOLDER / "rules").glob("*.yml"):
        text = re.sub(r"interval: \d+s", "interval: 1s", path.read_text())
        (rules / path.name).write_text(text)
    config = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(rules / "*.yml")],
        "scrape_configs": [
            {
                "job_name": "kibble",
                "static_configs": [{"targets": [f"{HOST}:{one}" for one in ports]}],
            }
        ],
    }
    (folder / "prometheus.yml").write_text(json.dumps(config))
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - Debian's prometheus
            [
                str(programs.of_debian("prometheus")),
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'tsdb'}",
                f"--web.listen-address={HOST}:{port}",
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield port
    finally:
        process.terminate()
        process.wait(30)


def buy(port: int, orders: int) -> None:
    """Buy a few things as a guest."""
    for _ in range(orders):
        found = ask(port, "GET", "/api/products/search?q=dog&limit=1")
        for _ in range(2):
            ask(port, "GET", f"/api/products/{found[0]['id']}")
        cart = ask(port, "POST", "/api/carts", {})["id"]
        ask(port, "PUT", f"/api/carts/{cart}/items/{found[0]['id']}", {"quantity": 1})
        buyer = {"email": "sam@example.com", "paymentMethod": "CreditCard"}
        ask(port, "POST", f"/api/carts/{cart}/checkout", buyer | {"shippingAddress": ADDRESS})
        time.sleep(1)


def _shop(port: int) -> None:
    """Buy a few things, and be refused for asking too often."""
    buy(port, ORDERS)
    for _ in range(70):
        ask(port, "POST", "/api/customers/password-reset", {"email": "nobody@example.com"})


def ask(
    port: int, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
) -> Any:
    """Send a request to a port of this machine; return the JSON of its answer, if it has any."""
    connection = HTTPConnection(HOST, port, timeout=20)
    try:
        sent = None if body is None else json.dumps(body)
        kind = {"content-type": "application/json"} if sent else {}
        connection.request(method, path, sent, {**kind, **(headers or {})})
        content = connection.getresponse().read()
    finally:
        connection.close()
    return json.loads(content) if content else None


def _unanswered(prometheus: int, wanted: Sequence[dashboards.Query]) -> list[str]:
    """Return the queries that find nothing, however often they are asked."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    left = list(wanted)
    while left and time.monotonic() < deadline:
        left = [query for query in left if not _finds_something(prometheus, query.expression)]
        time.sleep(1 if left else 0)
    return [
        f"{query.dashboard}: {query.panel!r} finds no series: {query.expression}" for query in left
    ]


def _finds_something(prometheus: int, expression: str) -> bool:
    try:
        answer = ask(prometheus, "GET", f"/api/v1/query?query={quote(expression)}")
    except (OSError, json.JSONDecodeError):  # it is still reading its own log
        return False
    if answer["status"] != "success":
        raise ValueError(f"{expression}: {answer['error']}")
    return bool(answer["data"]["result"])


def main() -> int:
    """Check both profiles; for use by hand."""
    os.environ.setdefault("KIBBLE_LOG_LEVEL", "WARNING")
    found = [*embedded(), *distributed()]
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

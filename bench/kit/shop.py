"""A shop under measurement: ``kibble run`` as a process, and what a workload needs of its API."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import Any, Self

from bench.kit.process import Process, free_port
from kibble.platform.clock import SystemClock, Uuid7Ids, system_randomness
from kibble.platform.security.keys import key_path, load_or_make_key
from kibble.platform.security.tokens import TokenIssuer

KIBBLE = (sys.executable, "-m", "kibble.runtime")
RUN = (*KIBBLE, "run")
STILL = (sys.executable, "-m", "bench.kit.still_shop")
PROFILE = Path(tempfile.gettempdir()) / "kibble-bench.profile"
TOKEN_LIFE = timedelta(hours=2)
START_SECONDS = 180.0
STAFF = "catalog:write inventory:write orders:read payments:read"


class Refused(RuntimeError):
    """The shop said no to something that must succeed."""


@dataclass(frozen=True)
class Customer:
    """Somebody who buys."""

    id: str
    token: str


class Shop:
    """A running shop on a data folder of its own."""

    def __init__(
        self,
        folder: Path,
        *,
        command: Sequence[str] = RUN,
        environment: Mapping[str, str] | None = None,
        start_seconds: float = START_SECONDS,
    ) -> None:
        """Start it, and return once it is ready; an empty folder becomes the demo shop first.

        Raises ``TimeoutError`` when that takes more than ``start_seconds``.
        """
        self.folder = folder
        self.port = free_port()
        folder.mkdir(parents=True, exist_ok=True)
        settings = {
            "KIBBLE_DATA_DIR": str(folder),
            "KIBBLE_PORT": str(self.port),
            "KIBBLE_RATE_LIMITS": "off",
            "KIBBLE_LOG_LEVEL": "WARNING",
        }
        began = time.perf_counter()
        log = folder.with_suffix(".log")
        self.process = Process(_profiled(command), log, {**settings, **(environment or {})})
        try:
            self._wait_until_ready(start_seconds)
        except BaseException:
            self.process.stop()
            raise
        self.seconds_to_ready = time.perf_counter() - began
        ids = Uuid7Ids(SystemClock(), system_randomness())
        self._issuer = TokenIssuer(load_or_make_key(key_path(folder)), SystemClock(), ids)
        self.new_id = ids.new
        self._staff = self._issuer.for_client("bench", STAFF.split(), TOKEN_LIFE)

    def __enter__(self) -> Self:
        """Do nothing: it runs since it was made."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.process.stop()
        if PROFILE.exists():
            print(PROFILE.read_text())
            PROFILE.unlink()

    def _wait_until_ready(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while True:
            self.process.require_alive()
            try:
                if self.ask("GET", "/health/ready")[0] == 200:
                    return
            except (OSError, HTTPException):
                pass
            if time.monotonic() > deadline:
                raise TimeoutError(f"the shop is not ready after {seconds:g} s")
            time.sleep(0.02)

    def ask(
        self, method: str, path: str, body: object = None, token: str | None = None
    ) -> tuple[int, Any]:
        """Make one request; return its status and its JSON (None when it has none)."""
        response, raw = exchange(self.port, request(method, path, body, token))
        known = response.getheader("content-type", "").partition(";")[0]
        is_json = known in {"application/json", "application/problem+json"}
        return response.status, json.loads(raw) if raw and is_json else None

    def get(self, path: str) -> Any:
        """Return the JSON of a read."""
        return self._require("GET", path, None, None)

    def write(self, method: str, path: str, body: object, token: str | None = None) -> Any:
        """Return the JSON of a write, made as staff unless a token is given."""
        return self._require(method, path, body, token or self._staff)

    def _require(self, method: str, path: str, body: object, token: str | None) -> Any:
        status, answer = self.ask(method, path, body, token)
        if not 200 <= status < 300:
            raise Refused(f"{method} {path}: {status} {answer}")
        return answer

    def customer(self) -> Customer:
        """Return a stranger: an id and a token are all that an order asks for."""
        customer_id = self.new_id()
        return Customer(customer_id, self._issuer.for_customer(customer_id, TOKEN_LIFE))

    def register(self, number: int) -> Customer:
        """Open an account, so that messages have somebody to go to."""
        body = {
            "username": f"buyer{number}",
            "email": f"buyer{number}@kibble.example",
            "password": f"correct horse {number}",
            "address": ADDRESS,
            "phone": "123-456-7890",
        }
        customer_id = self._require("POST", "/api/customers", body, None)["id"]
        return Customer(customer_id, self._issuer.for_customer(customer_id, TOKEN_LIFE))

    def products(self, count: int) -> list[dict[str, Any]]:
        """Return simple products, the newest first."""
        page = self.get("/api/products/search?sort=newest&limit=100")
        simple = [product for product in page if product.get("kind", "simple") == "simple"]
        if len(simple) < count:
            raise Refused(f"the shop has {len(simple)} simple products of {count}")
        return simple[:count]

    def stock_up(self, product_id: str, units: int) -> None:
        """Put ``units`` of a product into the first warehouse, and none into the others."""
        first, *others = [w["id"] for w in self.get("/api/inventory/warehouses")]
        for warehouse_id in others:
            self._set_level(product_id, warehouse_id, 0)
        self._set_level(product_id, first, units)

    def _set_level(self, product_id: str, warehouse_id: str, units: int) -> None:
        body = {"stockLevel": units, "warehouseId": warehouse_id}
        self.write("PUT", f"/api/inventory/{product_id}", body)


def _profiled(command: Sequence[str]) -> Sequence[str]:
    """Return the command that also writes a profile, when ``BENCH_PROFILE`` asks for it."""
    if not os.environ.get("BENCH_PROFILE"):
        return command
    python, dash_m, *module = command
    return (python, dash_m, "bench.kit.sampler", str(PROFILE), *module)


ADDRESS = {
    "street": "1 Main Street",
    "city": "New York",
    "state": "NY",
    "zipCode": "10001",
}


def request(
    method: str, path: str, body: object = None, token: str | None = None, key: str | None = None
) -> bytes:
    """Return an HTTP/1.1 request as it goes over the wire; ``key`` is its Idempotency-Key."""
    lines = [f"{method} {path} HTTP/1.1", "host: localhost"]
    payload = b""
    if token:
        lines.append(f"authorization: Bearer {token}")
    if key:
        lines.append(f"idempotency-key: {key}")
    if body is not None:
        payload = json.dumps(body, separators=(",", ":")).encode()
        lines += ["content-type: application/json", f"content-length: {len(payload)}"]
    return "\r\n".join([*lines, "", ""]).encode() + payload


def exchange(port: int, wire: bytes) -> tuple[HTTPResponse, bytes]:
    """Send a request over a connection of its own; return the answer and its body."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.connect()
    try:
        connection.sock.sendall(wire)
        response = HTTPResponse(connection.sock, method=wire.split(b" ", 1)[0].decode())
        response.begin()
        return response, response.read()
    finally:
        connection.close()


def import_products(folder: Path, file: Path, log: Path) -> Process:
    """Start ``kibble import`` of a supplier's feed into a data folder."""
    return Process((*KIBBLE, "import", str(file), "--data-dir", str(folder)), log, dict(os.environ))

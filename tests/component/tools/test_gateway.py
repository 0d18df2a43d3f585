"""HAProxy with the shop's own settings, in front of services that tell what reached them."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
import uvicorn
from joserfc.jwk import ECKey
from starlette.types import Receive, Scope, Send

from kibble.platform.clock import SystemClock, Uuid7Ids, system_randomness
from kibble.platform.security import identities
from kibble.platform.security.keys import key_path, load_or_make_key
from kibble.platform.security.tokens import TokenIssuer
from kibble.runtime.names import SERVICES
from kibble.runtime.tls import development_certificate
from tests.fixtures.engines import missing
from tests.fixtures.eventually import eventually
from tests.fixtures.process import free_port
from tools.distributed.gateway import Backend, render
from tools.distributed.processes import Member
from tools.distributed.shop import HAPROXY

pytestmark = pytest.mark.engine

HOUR = timedelta(hours=1)
LIMIT = 20


class Upstream:
    """A service that answers with its name and counts.

    ``broken`` answers 503 to all but its health check, ``gone`` to that as well.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.port = free_port()
        self.asked: list[str] = []
        self.headers: dict[str, str] = {}
        self.broken = False
        self.gone = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        healthy = scope["path"] == "/health/ready"
        if not healthy:  # the gateway asks for health at any moment
            self.asked.append(f"{scope['method']} {scope['path']}")
            self.headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        status = 503 if self.gone or (self.broken and not healthy) else 200
        body = json.dumps(self.name).encode()
        length = str(len(body)).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", length),
            (b"etag", b'"1"'),
        ]
        if scope["path"].startswith("/api/products"):
            headers.append((b"cache-control", b"public, s-maxage=2"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        config = uvicorn.Config(self, port=self.port, lifespan="off", log_level="error")
        server = uvicorn.Server(config)

        async def is_started() -> bool:
            return server.started

        serving = asyncio.create_task(server.serve())
        await eventually(is_started)
        yield
        server.should_exit = True
        await serving


class Door:
    """The gateway, the services behind it, and who may sign tokens."""

    def __init__(self, folder: Path, session: aiohttp.ClientSession) -> None:
        self.session = session
        self.port = free_port()
        self.product = [Upstream("product one"), Upstream("product two")]
        self.rest = Upstream("rest")
        clock = SystemClock()
        self.ids = Uuid7Ids(clock, system_randomness())
        identities.prepare(folder, ["order"])
        self.issuer = TokenIssuer(load_or_make_key(key_path(folder)), clock, self.ids)
        self.order = TokenIssuer(
            load_or_make_key(identities.own_path(folder, "order")), clock, self.ids
        )
        self.stranger = TokenIssuer(ECKey.generate_key("P-256", auto_kid=True), clock, self.ids)
        config = folder / "haproxy.cfg"
        self.tls_port = free_port()
        self.certificate, key = development_certificate(folder, clock)
        both = folder / "both.pem"
        both.write_bytes(self.certificate.read_bytes() + key.read_bytes())
        figures = free_port()
        config.write_text(
            render(
                bind=f"127.0.0.1:{self.port}",
                figures=f"127.0.0.1:{figures}",
                socket=folder / "socket",
                public_keys=sorted(identities.public_folder(folder).glob("*.pem")),
                services=[self._backend(name) for name in SERVICES],
                gateway=[f"127.0.0.1:{self.rest.port}"],
                inner=False,
                rate_limits=LIMIT,
                trusted_proxies="192.0.2.1",
                allowed_hosts="127.0.0.1 shop.example",
                certificate=both,
                tls_bind=f"127.0.0.1:{self.tls_port}",
            )
        )
        command = [HAPROXY, "-W", "-db", "-f", str(config)]
        self.process = Member("haproxy", command, {}, folder / "log", figures, "/health")

    def _backend(self, name: str) -> Backend:
        upstreams = self.product if name == "product" else [self.rest]
        return Backend(name, [f"127.0.0.1:{one.port}" for one in upstreams])

    async def ask(
        self,
        method: str,
        path: str,
        token: str | None = None,
        *,
        cookie: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, str, dict[str, str]]:
        sent = dict(headers or {})
        if token:
            sent["authorization"] = f"Bearer {token}"
        if cookie is not None:
            sent["cookie"] = f"theme=dark; __Host-kibble={cookie}"
        url = f"http://127.0.0.1:{self.port}{path}"
        async with self.session.request(method, url, headers=sent) as answer:
            told = {str(name): value for name, value in answer.headers.items()}
            return answer.status, await answer.text(), told

    def customer(self, lifetime: timedelta = HOUR) -> str:
        return self.issuer.for_customer(self.ids.new(), lifetime)


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    """A gateway that serves."""
    if shutil.which(HAPROXY) is None:
        missing("haproxy is not installed: make engines ARGS=haproxy")
    async with aiohttp.ClientSession() as session:
        door = Door(tmp_path, session)
        async with door.product[0].open(), door.product[1].open(), door.rest.open():
            door.process.start()
            await eventually(lambda: asyncio.to_thread(door.process.is_ready), within=30)
            try:
                yield door
            finally:
                await asyncio.to_thread(door.process.stop)


class TestTokens:
    async def test_that_hold_reach_the_service(self, door: Door) -> None:
        status, told, _ = await door.ask("GET", "/api/orders", door.customer())
        assert (status, json.loads(told)) == (200, "rest")

    async def test_of_guests_which_order_signs_reach_the_service(self, door: Door) -> None:
        status, _, _ = await door.ask("GET", "/api/orders/o1", door.order.for_order("o1", HOUR))
        assert status == 200

    @pytest.mark.parametrize("kind", ["forged", "expired", "none", "rubbish"])
    async def test_that_do_not_hold_go_no_further(self, door: Door, kind: str) -> None:
        head = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0"
        good = door.customer()
        token = {
            "forged": door.stranger.for_customer(door.ids.new(), HOUR),
            "expired": door.customer(timedelta(seconds=-1)),
            "none": f"{head}.{good.split('.')[1]}.",
            "rubbish": "rubbish",
        }[kind]
        status, told, headers = await door.ask("GET", "/api/orders", token)
        assert (status, json.loads(told)["status"]) == (401, 401)
        assert headers["Content-Type"] == "application/problem+json"
        status, told, _ = await door.ask("GET", "/api/orders", cookie=token)
        assert (status, json.loads(told)["code"]) == (401, "token-expired")
        assert door.rest.asked == []

    async def test_of_a_browser_reach_the_service(self, door: Door) -> None:
        status, told, _ = await door.ask("GET", "/api/orders", cookie=door.customer())
        assert (status, json.loads(told)) == (200, "rest")

    async def test_of_a_browser_do_not_matter_where_everybody_reads_the_same(
        self, door: Door
    ) -> None:
        old = door.customer(timedelta(seconds=-1))
        for path in ("/api/products/search?q=x", "/images/x.webp", "/session", "/"):
            status, _, _ = await door.ask("GET", path, cookie=old)
            assert status == 200


class TestPaths:
    async def test_of_services_among_themselves_are_not_there(self, door: Door) -> None:
        token = door.issuer.for_client("thief", ["service:product"], HOUR)
        for path in ("/internal/product/quotes", "/internal"):
            status, _, _ = await door.ask("POST", path, token)
            assert status == 404
        assert door.rest.asked == []

    async def test_lead_to_their_service(self, door: Door) -> None:
        _, told, _ = await door.ask("GET", "/images/x.webp")
        assert json.loads(told) in ("product one", "product two")
        _, told, _ = await door.ask("GET", "/openapi.json")
        assert json.loads(told) == "rest"


class TestReads:
    async def test_of_the_catalogue_are_kept_for_a_moment(self, door: Door) -> None:
        for _ in range(5):
            await door.ask("GET", "/api/products/search?q=kept")
        assert len(door.product[0].asked + door.product[1].asked) == 1

    async def test_that_the_service_wants_fresh_are_not_kept(self, door: Door) -> None:
        for _ in range(3):
            await door.ask("GET", "/api/categories")
        assert len(door.product[0].asked + door.product[1].asked) == 3

    async def test_with_a_token_are_never_kept(self, door: Door) -> None:
        token = door.customer()
        for _ in range(3):
            await door.ask("GET", "/api/products/search?q=mine", token)
        assert len(door.product[0].asked + door.product[1].asked) == 3

    async def test_go_to_another_replica_when_one_fails(self, door: Door) -> None:
        door.product[0].broken = True
        answers = [await door.ask("GET", f"/api/products/search?q={n}") for n in range(8)]
        assert {status for status, _, _ in answers} == {200}


class TestWrites:
    async def test_are_sent_once(self, door: Door) -> None:
        door.product[0].broken = door.product[1].broken = True
        status, _, _ = await door.ask("POST", "/api/products", door.customer())
        assert status == 503
        assert len(door.product[0].asked + door.product[1].asked) == 1


class TestErrors:
    async def test_of_the_gateway_itself_are_problem_details(self, door: Door) -> None:
        door.rest.broken = True
        status, told, headers = await door.ask("GET", "/api/orders", door.customer())
        assert (status, told) == (503, '"rest"')
        for upstream in door.product:
            upstream.gone = True
        await eventually(lambda: self._status(door), until=(503, 503).__eq__, within=20)
        _, _, headers = await door.ask("GET", "/api/products/x", door.customer())
        assert headers["Content-Type"] == "application/problem+json"
        assert headers["Retry-After"] == "2"

    async def _status(self, door: Door) -> tuple[int, int]:
        status, told, _ = await door.ask("GET", "/api/products/x", door.customer())
        try:
            return status, json.loads(told)["status"]
        except (ValueError, TypeError):
            return status, 0


class TestWhatComesIn:
    async def test_brings_no_forwarding_headers_of_its_own(self, door: Door) -> None:
        forged = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
        await door.ask("GET", "/openapi.json", headers=forged)
        assert door.rest.headers["x-forwarded-for"] == "127.0.0.1"
        assert "x-forwarded-proto" not in door.rest.headers

    async def test_is_for_a_name_of_the_shop(self, door: Door) -> None:
        for host, expected in (("shop.example", 200), ("SHOP.example:8443", 200), ("evil", 400)):
            status, _, _ = await door.ask("GET", "/openapi.json", headers={"host": host})
            assert status == expected

    async def test_is_not_too_long(self, door: Door) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        writer.write(
            b"POST /api/orders HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 1048577\r\n\r\n"
        )
        assert (await reader.readline()).split()[1] == b"413"
        writer.close()
        assert door.rest.asked == []

    async def test_asks_for_no_figures(self, door: Door) -> None:
        assert (await door.ask("GET", "/metrics"))[0] == 404


class TestWhatGoesOut:
    async def test_has_the_headers_that_protect_a_browser_whoever_answers(self, door: Door) -> None:
        for path in ("/openapi.json", "/internal/x", "/api/products/search?q=headers"):
            _, _, headers = await door.ask("GET", path)
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Content-Security-Policy"].startswith("default-src 'none'")
            assert headers["X-Frame-Options"] == "DENY"


class TestTls:
    def shaken(self, door: Door, ciphers: str) -> str | None:
        """Shake hands by TLS 1.2 with these ciphers; return which was taken, if any."""
        context = ssl.create_default_context(cafile=str(door.certificate))
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(ciphers)
        with socket.create_connection(("127.0.0.1", door.tls_port), timeout=10) as line:
            try:
                with context.wrap_socket(line, server_hostname="127.0.0.1") as secured:
                    taken = secured.cipher()
                    return taken[0] if taken else None
            except ssl.SSLError:
                return None

    async def test_has_forward_secrecy_and_authenticated_ciphers_alone(self, door: Door) -> None:
        good = "ECDHE-ECDSA-AES128-GCM-SHA256"
        assert await asyncio.to_thread(self.shaken, door, good) == good
        assert await asyncio.to_thread(self.shaken, door, "ECDHE-ECDSA-AES128-SHA") is None


class TestLimits:
    async def test_hold_for_one_caller_and_not_for_another(self, door: Door) -> None:
        busy, calm = door.customer(), door.customer()
        answers = [await door.ask("GET", "/api/orders", busy) for _ in range(LIMIT + 5)]
        refused = [headers for status, _, headers in answers if status == 429]
        assert len(refused) == 5
        assert refused[0]["Retry-After"] == "10"
        assert (await door.ask("GET", "/api/orders", calm))[0] == 200

"""The edge of a shop as a process: what comes before any route is found."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import closing
from http.client import HTTPSConnection
from pathlib import Path
from time import monotonic

import pytest
import pytest_asyncio

from kibble.platform.clock import SystemClock
from kibble.runtime.http import HEAD_SECONDS, MAX_HEAD_BYTES, sweep
from kibble.runtime.tls import development_certificate
from tests.fixtures.eventually import eventually
from tests.fixtures.http import Answer
from tests.fixtures.live import Live, calling, raw
from tests.fixtures.process import ShopProcess

PRODUCTION = {
    "KIBBLE_ENV": "production",
    "KIBBLE_SHOP_URL": "https://shop.example",
    "KIBBLE_RATE_LIMITS": "on",
    "KIBBLE_TRUSTED_PROXIES": "10.1.0.0/16",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def production(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ShopProcess]:
    """A live shop, which no proxy stands before that it trusts."""
    process = ShopProcess(tmp_path_factory.mktemp("live") / "data", PRODUCTION)
    process.start()
    await process.ready()
    yield process
    process.stop()


@pytest.fixture
async def live_shop(production: ShopProcess) -> AsyncIterator[Live]:
    """The live shop, and a client of this test's own."""
    async with calling(production) as live:
        yield live


async def look(live: Live, **headers: str) -> Answer:
    """Guess a coupon at the shop's own name."""
    sent = {"host": "shop.example"} | {n.replace("_", "-"): v for n, v in headers.items()}
    return await live.get("/api/promotions/GUESS", sent)


async def test_a_live_shop_answers_to_its_name_and_believes_no_strangers_headers(
    live_shop: Live,
) -> None:
    assert (await look(live_shop, host="evil.example")).status == 400
    assert (await live_shop.get("/health/ready")).status == 200
    seen = [
        (await look(live_shop, x_forwarded_for=f"203.0.113.{n}", x_real_ip=f"198.51.100.{n}"))
        for n in range(32)
    ]
    assert {answer.status for answer in seen} == {404, 429}
    assert seen[-1].headers["retry-after"]
    secure = await look(live_shop, x_forwarded_proto="https")
    assert "strict-transport-security" not in secure.headers


async def test_a_head_that_is_too_long_is_refused_however_it_comes(live_shop: Live) -> None:
    for head in (
        b"X-Long: " + b"a" * (MAX_HEAD_BYTES + 1) + b"\r\n",
        b"X-Many: 1\r\n" * 101,
    ):
        answer = await raw(live_shop.process, b"GET /health/live HTTP/1.1\r\n" + head + b"\r\n")
        assert answer.startswith(b"HTTP/1.1 431 ")
        assert b"x-content-type-options: nosniff" in answer
    endless = b"GET /health/live HTTP/1.1\r\nX-Endless: " + b"a" * (2 * MAX_HEAD_BYTES)
    assert (await raw(live_shop.process, endless)).startswith(b"HTTP/1.1 431 ")


async def test_what_is_no_http_is_answered_as_the_shop_answers(live_shop: Live) -> None:
    answer = await raw(live_shop.process, b"\x16\x03\x01 hello\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in answer
    assert b"content-security-policy: default-src 'none'" in answer


async def test_a_large_body_beside_a_short_head_is_no_long_head(live_shop: Live) -> None:
    body = b"x" * (MAX_HEAD_BYTES + 1000)
    head = (
        b"POST /api/customers HTTP/1.1\r\nHost: shop.example\r\nContent-Type: text/plain\r\n"
        b"Content-Length: " + str(len(body)).encode() + b"\r\n\r\n"
    )
    assert (await raw(live_shop.process, head + body)).startswith(b"HTTP/1.1 415 ")


class Waiting:
    """A connection whose head has been awaited since a moment."""

    def __init__(self, since: float | None) -> None:
        self.head_since = since
        self.status = 0

    def refuse(self, status: int, detail: str, code: str) -> None:
        self.status = status


def test_a_head_that_does_not_come_to_its_end_is_waited_for_no_longer() -> None:
    now = monotonic()
    slow, quick, at_work = Waiting(now - HEAD_SECONDS - 1), Waiting(now - 1), Waiting(None)
    sweep([slow, quick, at_work], now)
    assert [slow.status, quick.status, at_work.status] == [408, 0, 0]


async def test_a_live_shop_without_a_name_does_not_start(tmp_path: Path) -> None:
    process = ShopProcess(tmp_path / "data", {"KIBBLE_ENV": "production"})
    ended = await process.command("run")
    assert ended.code == 2
    assert "KIBBLE_SHOP_URL" in ended.err


async def test_a_live_shop_answers_the_commands_of_its_own_machine(
    production: ShopProcess,
) -> None:
    made = await production.command("staff", "add", "olive", "--role", "admin")
    assert (made.code, made.err) == (0, "")
    assert (await production.command("staff", "list")).out == "olive  admin\n"


async def test_commands_find_a_shop_with_a_certificate_wherever_it_listens(tmp_path: Path) -> None:
    certificate, key = development_certificate(tmp_path / "tls", SystemClock())
    environment = {"KIBBLE_TLS_CERT": str(certificate), "KIBBLE_TLS_KEY": str(key)}
    process = ShopProcess(tmp_path / "data", environment)
    process.start()

    async def listens() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", process.port)) == 0

    try:
        await eventually(listens, within=60)
        assert (await process.command("staff", "list")).code == 0
    finally:
        process.stop()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
async def test_serves_https_of_tls_1_2_and_newer_alone(tmp_path: Path) -> None:
    certificate, key = development_certificate(tmp_path / "tls", SystemClock())
    environment = {"KIBBLE_TLS_CERT": str(certificate), "KIBBLE_TLS_KEY": str(key)}
    process = ShopProcess(tmp_path / "data", environment)
    process.start()

    def ask(context: ssl.SSLContext) -> tuple[int, str | None]:
        with closing(
            HTTPSConnection("localhost", process.port, timeout=5, context=context)
        ) as connection:
            connection.request("GET", "/health/live")
            answer = connection.getresponse()
            return answer.status, answer.getheader("strict-transport-security")

    def context_of(newest: ssl.TLSVersion) -> ssl.SSLContext:
        made = ssl.create_default_context(cafile=str(certificate))
        made.minimum_version, made.maximum_version = ssl.TLSVersion.MINIMUM_SUPPORTED, newest
        made.set_ciphers("ALL:@SECLEVEL=0")
        return made

    async def is_up() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", process.port)) == 0

    try:
        await eventually(is_up, within=60)
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            status, transport = await asyncio.to_thread(ask, context_of(version))
            assert (status, transport) == (200, "max-age=31536000; includeSubDomains")
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asyncio.to_thread(ask, context_of(ssl.TLSVersion.TLSv1_1))
    finally:
        process.stop()

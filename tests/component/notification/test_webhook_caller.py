"""The way out to endpoints: where it leads, where it never does, and what it takes back."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kibble.platform.clock import SystemClock
from kibble.platform.security.addresses import networks
from kibble.runtime.tls import development_certificate
from kibble.services.notification.adapters.webhook_caller import (
    MAX_HEAD_BYTES,
    DirectWebhookCaller,
    Reach,
)
from kibble.services.notification.errors import DeliveryFailed
from kibble.services.notification.integration import WebhookRequest

HERE = Reach(networks("127.0.0.0/8"), clear=True)
OK = b"HTTP/1.1 204 No Content\r\nx: y\r\n\r\n"


@dataclass
class Names:
    """Tells the addresses of names, another list on every look; counts the looks."""

    told: list[Sequence[str]]
    looks: int = 0

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.looks += 1
        return self.told.pop(0) if len(self.told) > 1 else self.told[0]


@dataclass
class Endpoint:
    """A server on this machine that answers everything in one way."""

    port: int = 0
    heads: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)


@asynccontextmanager
async def endpoint(
    answer: bytes = OK, *, hang: bool = False, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Endpoint]:
    seen = Endpoint()
    done = asyncio.Event()
    open_: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_.append(writer)
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = int(head.lower().partition("content-length: ")[2].partition("\r")[0])
        seen.heads.append(head)
        seen.bodies.append(await reader.readexactly(length))
        writer.write(answer)
        if hang:
            await done.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    seen.port = server.sockets[0].getsockname()[1]
    try:
        yield seen
    finally:
        done.set()
        server.close()
        for writer in open_:
            writer.transport.abort()
        await server.wait_closed()
        await asyncio.sleep(0)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    """A certificate of localhost, and a server's side with it."""
    file, key = development_certificate(tmp_path_factory.mktemp("tls"), SystemClock())
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file, key)
    return file, context


def caller(reach: Reach = HERE, *told: Sequence[str], seconds: float = 5.0) -> DirectWebhookCaller:
    return DirectWebhookCaller(
        reach, lookup=Names([*told] or [["127.0.0.1"]]), timeout_seconds=seconds
    )


def request(url: str) -> WebhookRequest:
    return WebhookRequest(url=url, headers={"webhook-id": "e1"}, body=b'{"a": 1}')


class TestACall:
    async def test_posts_the_body_as_it_is(self) -> None:
        async with endpoint() as there:
            url = f"http://hooks.example:{there.port}/in?key=1"
            assert await caller().call(request(url)) == 204
        assert there.bodies == [b'{"a": 1}']
        assert there.heads[0].startswith("POST /in?key=1 HTTP/1.1\r\n")
        assert f"host: hooks.example:{there.port}\r\n" in there.heads[0]
        assert "webhook-id: e1\r\n" in there.heads[0]

    async def test_follows_no_redirect(self) -> None:
        async with endpoint() as inside:
            away = f"HTTP/1.1 307 X\r\nlocation: http://127.0.0.1:{inside.port}/\r\n\r\n"
            async with endpoint(away.encode()) as there:
                assert await caller().call(request(f"http://a.example:{there.port}/")) == 307
        assert inside.heads == []

    async def test_passes_over_an_interim_answer(self) -> None:
        async with endpoint(b"HTTP/1.1 103 Early Hints\r\n\r\n" + OK) as there:
            assert await caller().call(request(f"http://a.example:{there.port}/")) == 204

    async def test_reads_nothing_behind_the_head(self) -> None:
        endless = b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n" + b"x" * 100_000
        async with endpoint(endless, hang=True) as there:
            assert await caller().call(request(f"http://a.example:{there.port}/")) == 200

    @pytest.mark.parametrize(
        "answer",
        [
            b"HTTP/1.1 200 OK\r\n" + b"x: " + b"y" * MAX_HEAD_BYTES + b"\r\n\r\n",
            b"220 mail.example ESMTP\r\n\r\n",
            b"HTTP/1.1 2000 OK\r\n\r\n",
            b"HTTP/1.1 200 OK\r\n",
            b"",
        ],
        ids=["a head without end", "no HTTP", "a long status", "half a head", "nothing"],
    )
    async def test_fails_where_the_answer_is_none(self, answer: bytes) -> None:
        async with endpoint(answer) as there:
            with pytest.raises(DeliveryFailed, match="answer"):
                await caller().call(request(f"http://a.example:{there.port}/"))

    async def test_fails_where_the_answer_takes_too_long(self) -> None:
        async with endpoint(b"HTTP/1.1 200 OK\r\n", hang=True) as there:
            with pytest.raises(DeliveryFailed, match="in time"):
                await caller(seconds=0.1).call(request(f"http://a.example:{there.port}/"))

    async def test_fails_where_the_certificate_is_not_trusted(
        self, certificate: tuple[Path, ssl.SSLContext]
    ) -> None:
        async with endpoint(tls=certificate[1]) as there:
            with pytest.raises(DeliveryFailed, match="certificate is not valid"):
                await caller().call(request(f"https://localhost:{there.port}/"))
        assert there.heads == []

    async def test_is_secured_for_the_name_and_not_for_the_address(
        self, certificate: tuple[Path, ssl.SSLContext]
    ) -> None:
        file, context = certificate
        trusting = DirectWebhookCaller(
            HERE,
            lookup=Names([["127.0.0.1"]]),
            tls=ssl.create_default_context(cafile=str(file)),
        )
        async with endpoint(tls=context) as there:
            assert await trusting.call(request(f"https://localhost:{there.port}/")) == 204
            with pytest.raises(DeliveryFailed, match="certificate is not valid"):
                await trusting.call(request(f"https://bank.example:{there.port}/"))


INSIDE = [
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://0177.0.0.1/",
    "https://0/",
    "https://10.0.0.1/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[fd00:ec2::254]/",
    "https://[fe80::1%25eth0]/",
]


class TestAnAddress:
    @pytest.mark.parametrize("url", INSIDE)
    def test_that_leads_inside_is_refused_at_once(self, url: str) -> None:
        assert DirectWebhookCaller(Reach()).objection(url)

    @pytest.mark.parametrize(
        "url",
        [
            "http://erp.example/",
            "ftp://erp.example/",
            "file:///etc/passwd",
            "gopher://erp.example/",
            "//erp.example/",
            "erp.example",
            "https://",
            "https:///path",
            "https://user:password@erp.example/",
            "https://erp.example/#part",
            "https://erp.example:0/",
            "https://erp.example:99999/",
            "https://erp.example/a b",
            "https://erp.example/\r\nx: y",
            "https://erp.example/\u00e4",
            "https://[::1",
            "https://\0.example/",
            "https://xn--\r.example/",
            "https://erp.example/" + "x" * 2_000,
        ],
    )
    def test_that_is_no_plain_https_address_is_refused(self, url: str) -> None:
        assert DirectWebhookCaller(Reach()).objection(url)

    @pytest.mark.parametrize(
        "url", ["https://erp.example/hooks?key=1", "https://erp.example:8443", "https://8.8.8.8/"]
    )
    def test_of_the_public_internet_is_taken(self, url: str) -> None:
        assert DirectWebhookCaller(Reach()).objection(url) is None


class TestANameThatLeadsInside:
    @pytest.mark.parametrize(
        "addresses",
        [
            ["127.0.0.1"],
            ["169.254.169.254"],
            ["10.0.0.8"],
            ["100.64.1.1"],
            ["::1"],
            ["::ffff:127.0.0.1"],
            ["64:ff9b::a9fe:a9fe"],
            ["fe80::1%2"],
            ["8.8.8.8", "127.0.0.1"],
            [],
        ],
        ids=str,
    )
    async def test_is_never_called(self, addresses: list[str]) -> None:
        async with endpoint() as there:
            with pytest.raises(DeliveryFailed, match="none of the public internet"):
                await caller(Reach(clear=True), addresses).call(
                    request(f"http://rebind.example:{there.port}/")
                )
        assert there.heads == []

    async def test_a_moment_later_is_of_no_use(self) -> None:
        """The name is looked up once: the connection goes to what was checked."""
        names = Names([["127.0.0.1"], ["169.254.169.254"]])
        async with endpoint() as there:
            url = f"http://rebind.example:{there.port}/"
            assert await DirectWebhookCaller(HERE, lookup=names).call(request(url)) == 204
        assert names.looks == 1

    async def test_is_called_where_the_network_is_the_shops_own(self) -> None:
        async with endpoint() as there:
            assert await caller(HERE).call(request(f"http://erp.local:{there.port}/")) == 204

    async def test_in_every_way_of_writing_it_resolves_to_what_is_refused(self) -> None:
        """The machine's own resolver, which reads numbers as addresses."""
        for host in ("localhost", "2130706433", "0x7f000001"):
            with pytest.raises(DeliveryFailed):
                await DirectWebhookCaller(Reach(clear=True)).call(request(f"http://{host}:1/"))

"""The client of Elasticsearch against a server that does what it is told."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from kibble.kernel.errors import TimedOut, Unavailable
from kibble.platform.engines.elasticsearch import REST_SECONDS, Elasticsearch
from kibble.platform.resilience.breaker import COOL_SECONDS, MIN_CALLS, PROBES
from tests.fixtures.doubles import FakeClock


@dataclass
class Server:
    """Answers every request with ``status`` and ``body``."""

    status: int = 200
    body: str = "{}"
    asked: list[tuple[str, str, str, str]] = field(default_factory=list[tuple[str, str, str, str]])
    asked_body: str = ""
    url: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        kind = request.content_type
        who = request.headers.get("authorization", "")
        self.asked.append((request.method, request.path_qs, kind, who))
        self.asked_body = await request.text()
        return web.Response(status=self.status, text=self.body)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.answer)
    async with TestServer(app) as running:
        made.url = str(running.make_url("")).rstrip("/")
        yield made


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def engine(server: Server, clock: FakeClock) -> AsyncIterator[Elasticsearch]:
    made = Elasticsearch(server.url, clock, read_seconds=30)
    yield made
    await made.close()


async def test_sends_json_and_reads_it(engine: Elasticsearch, server: Server) -> None:
    server.body = '{"hits": [1]}'
    answer = await engine.call("POST", "/a/_search", {"size": 1}, params={"preference": "x"})
    assert (answer.status, answer.body) == (200, {"hits": [1]})
    assert server.asked == [("POST", "/a/_search?preference=x", "application/json", "")]
    assert server.asked_body == '{"size":1}'


async def test_sends_bulk_lines(engine: Elasticsearch, server: Server) -> None:
    server.body = '{"items": [{"index": {"status": 201}}]}'
    items = await engine.bulk("a", [{"index": {}}, {"name": "x"}])
    assert items == [{"index": {"status": 201}}]
    assert server.asked_body == '{"index":{}}\n{"name":"x"}\n'
    assert server.asked[0][:3] == ("POST", "/a/_bulk", "application/x-ndjson")


async def test_gives_a_password_in_the_header_and_nowhere_else(
    server: Server, clock: FakeClock
) -> None:
    engine = Elasticsearch(server.url.replace("//", "//shop:secret@"), clock, read_seconds=30)
    await engine.call("GET", "/a")
    server.status = 500
    with pytest.raises(Unavailable) as refused:
        await engine.call("GET", "/a")
    await engine.close()
    assert server.asked[0][3].startswith("Basic ")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
async def test_is_unavailable_when_the_engine_refuses(
    engine: Elasticsearch, server: Server, status: int
) -> None:
    server.status, server.body = status, '{"error": {"reason": "for a reason"}}'
    with pytest.raises(Unavailable, match="for a reason"):
        await engine.call("GET", "/a")
    assert (await engine.call("GET", "/a", accept={status})).status == status


async def test_is_unavailable_when_nobody_is_there(clock: FakeClock) -> None:
    engine = Elasticsearch(f"http://127.0.0.1:{unused_port()}", clock)
    with pytest.raises(Unavailable):
        await engine.call("GET", "/a")
    await engine.close()


async def test_does_not_wait_for_ever(clock: FakeClock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, and says nothing
        engine = Elasticsearch(
            f"http://127.0.0.1:{silent.getsockname()[1]}", clock, read_seconds=0.05
        )
        with pytest.raises(TimedOut):
            await engine.call("GET", "/a")
        await engine.close()


async def test_asks_the_next_node_when_one_is_gone(server: Server, clock: FakeClock) -> None:
    gone = f"http://127.0.0.1:{unused_port()}"
    engine = Elasticsearch(f"{gone},{server.url}", clock, read_seconds=30)
    for _ in range(4):
        assert (await engine.call("GET", "/a")).status == 200
    clock.advance(REST_SECONDS + 1)
    assert (await engine.call("GET", "/a")).status == 200
    await engine.close()


async def test_stops_asking_an_engine_that_keeps_failing_until_it_is_back(
    engine: Elasticsearch, server: Server, clock: FakeClock
) -> None:
    server.status = 503
    for _ in range(MIN_CALLS + 5):
        with pytest.raises(Unavailable):
            await engine.call("GET", "/a")
    assert len(server.asked) == MIN_CALLS
    server.status = 200
    clock.advance(COOL_SECONDS + 1)
    for _ in range(PROBES + 1):
        await engine.call("GET", "/a")
    assert not engine.breaker.is_open


async def test_a_missing_index_does_not_look_like_a_missing_engine(
    engine: Elasticsearch, server: Server
) -> None:
    server.status = 404
    for _ in range(MIN_CALLS + 5):
        with pytest.raises(Unavailable):
            await engine.call("GET", "/a")
    assert len(server.asked) == MIN_CALLS + 5


async def test_refuses_what_is_no_text(engine: Elasticsearch, server: Server) -> None:
    with pytest.raises(Unavailable):
        await engine.call("POST", "/a", {"name": "\ud800"})
    assert server.asked == []

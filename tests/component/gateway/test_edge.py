"""The edge: request ids, headers, limits, cache, 304, shedding, and what is no route."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec
import pytest
from joserfc.jwk import ECKey
from starlette.types import Message

from kibble.gateway.cache import MAX_ENTRIES, EdgeCache
from kibble.gateway.edge import Edge, Limits
from kibble.gateway.limits import Limiter, Policy
from kibble.gateway.shedding import Shedder
from kibble.kernel.errors import TooManyRequests
from kibble.platform.security.tokens import TokenVerifier
from kibble.platform.telemetry.metrics import registry
from kibble.platform.web.app import WebApp
from kibble.platform.web.call import Call
from kibble.platform.web.reply import Reply, created, ok
from kibble.platform.web.route import ANYONE, SIGNED_IN, get, write
from kibble.platform.web.router import Router
from tests.fixtures.doubles import FakeClock, fake_ids


class Note(msgspec.Struct, forbid_unknown_fields=True):
    """A body with one field."""

    text: str


@dataclass
class Answer:
    """An answer as a browser sees it."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class Site:
    """A service with one product, behind the edge."""

    def __init__(self, burst: int = 1000) -> None:
        self.clock = FakeClock()
        self.price = 1
        self.reads = 0
        self.lag = 0.0
        self.cache = EdgeCache(self.clock)
        routes = [
            get("/api/products/{productId}", self._read, "A product", ANYONE, cached=True),
            get("/api/private", self._private, "A secret", SIGNED_IN),
            write("PUT", "/api/products/{productId}", self._write, "Write", ANYONE, body=Note),
            write("POST", "/api/orders", self._order, "Order", ANYONE, status=201),
            write("POST", "/api/boom", self._boom, "A bug", ANYONE),
        ]
        key = ECKey.generate_key("P-256", auto_kid=True)
        policy = Policy("test", per_second=1, burst=burst)
        self.edge = Edge(
            WebApp(routes, TokenVerifier(key, self.clock)),
            router=Router(routes),
            cache=self.cache,
            shedder=Shedder(lambda: self.lag, self.clock),
            ids=fake_ids(self.clock),
            limits=Limits(Limiter(policy, self.clock), Limiter(policy, self.clock)),
        )

    async def _read(self, call: Call[None, None]) -> Reply:
        self.reads += 1
        return ok({"price": self.price}, etag=f"{self.price}.0")

    async def _private(self, call: Call[None, None]) -> Reply:
        return ok({})

    async def _write(self, call: Call[Note, None]) -> Reply:
        self.price += 1
        return ok({"price": self.price})

    async def _order(self, call: Call[None, None]) -> Reply:
        return created({}, "/api/orders/1")

    async def _boom(self, call: Call[None, None]) -> Reply:
        raise ZeroDivisionError("the secret inside")

    async def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        answer = Answer()
        path, _, query = path.partition("?")
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if body:
            sent = {"content-type": "application/json", "content-length": str(len(body))} | sent
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
            "client": ("127.0.0.1", 1),
        }

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                answer.headers = {n.decode(): v.decode() for n, v in message["headers"]}
            else:
                answer.body += message["body"]

        await self.edge(scope, receive, send)
        return answer


PRODUCT = "/api/products/0193c1a0-0000-7000-8000-0000000000a1"


class TestEveryAnswer:
    async def test_has_a_request_id_and_security_headers(self) -> None:
        site = Site()
        for method, path in (
            ("GET", PRODUCT),
            ("GET", PRODUCT),
            ("GET", "/nowhere"),
            ("POST", "/api/boom"),
        ):
            headers = (await site.ask(method, path)).headers
            assert headers["x-request-id"]
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["content-security-policy"].startswith("default-src 'none'")

    async def test_keeps_the_callers_request_id_when_it_is_harmless(self) -> None:
        site = Site()
        assert (await site.ask("GET", PRODUCT, x_request_id="abc-1")).headers[
            "x-request-id"
        ] == "abc-1"
        odd = await site.ask("GET", PRODUCT, x_request_id="a\tb")
        assert odd.headers["x-request-id"] != "a\tb"


class TestTheCache:
    async def test_answers_without_asking_the_service(self) -> None:
        site = Site()
        first, second = [await site.ask("GET", PRODUCT) for _ in range(2)]
        assert first.body == second.body
        assert site.reads == 1

    async def test_forgets_everything_at_a_write_before_it_is_answered(self) -> None:
        site = Site()
        await site.ask("GET", PRODUCT)
        await site.ask("PUT", PRODUCT, b'{"text":"x"}')
        assert (await site.ask("GET", PRODUCT)).body == b'{"price":2}'

    async def test_forgets_after_a_quarter_of_a_second(self) -> None:
        site = Site()
        await site.ask("GET", PRODUCT)
        site.price = 5
        site.clock.advance(0.3)
        assert (await site.ask("GET", PRODUCT)).body == b'{"price":5}'

    async def test_is_not_asked_when_a_token_comes_along(self) -> None:
        site = Site()
        await site.ask("GET", PRODUCT)
        assert (await site.ask("GET", PRODUCT, authorization="Bearer nonsense")).status == 401

    async def test_tells_queries_apart(self) -> None:
        site = Site()
        await site.ask("GET", PRODUCT)
        await site.ask("GET", f"{PRODUCT}?x=1")
        assert site.reads == 2

    @pytest.mark.parametrize("cached", [False, True])
    async def test_or_the_service_answers_304_to_a_known_etag(self, *, cached: bool) -> None:
        site = Site()
        if cached:
            await site.ask("GET", PRODUCT)
        answer = await site.ask("GET", PRODUCT, if_none_match='"0.0", W/"1.0"')
        assert (answer.status, answer.body) == (304, b"")
        assert answer.headers["etag"] == '"1.0"'

    async def test_answers_head_without_a_body(self) -> None:
        site = Site()
        for _ in range(2):
            answer = await site.ask("HEAD", PRODUCT)
            assert (answer.status, answer.body) == (200, b"")
            assert answer.headers["content-length"] == str(len(b'{"price":1}'))
        assert (await site.ask("GET", PRODUCT)).body == b'{"price":1}'


NAME = ("product", "get_product")


class TestKeptAnswers:
    def test_leave_memory_at_the_next_one_once_they_ended(self) -> None:
        clock = FakeClock()
        cache = EdgeCache(clock)
        cache.keep(b"a", 0, [], b"1", name=NAME)
        cache.keep(b"b", 0, [], b"2", name=NAME)
        assert len(cache) == 2
        clock.advance(0.3)
        cache.keep(b"c", 0, [], b"3", name=NAME)
        assert len(cache) == 1
        assert cache.find(b"c") is not None

    def test_are_a_limited_number(self) -> None:
        cache = EdgeCache(FakeClock())
        for number in range(MAX_ENTRIES + 10):
            cache.keep(str(number).encode(), 0, [], b"", name=NAME)
        assert len(cache) == MAX_ENTRIES
        assert cache.find(b"0") is None
        assert cache.find(b"10") is not None


class TestFigures:
    async def test_tell_how_many_reads_never_reached_a_service(self) -> None:
        site = Site()
        for _ in range(3):
            await site.ask("GET", PRODUCT)
        outcomes = {figure.labels[2]: figure.value for figure in site.cache.figures()}
        assert outcomes == {"hit": 2, "miss": 1}

    async def test_tell_what_was_refused_at_the_door(self) -> None:
        site = Site(burst=1)
        refused = {"code": TooManyRequests.code}
        before = registry.get_sample_value("kibble_refused_total", refused) or 0
        for _ in range(3):
            await site.ask("GET", PRODUCT)
        assert (registry.get_sample_value("kibble_refused_total", refused) or 0) - before == 2


class TestLimits:
    async def test_refuse_with_the_time_to_wait_and_let_in_again(self) -> None:
        site = Site(burst=3)
        answers = [await site.ask("GET", PRODUCT) for _ in range(4)]
        assert [answer.status for answer in answers] == [200, 200, 200, 429]
        assert answers[0].headers["ratelimit"] == '"test";r=2;t=1'
        assert answers[3].headers["retry-after"] == "1"
        site.clock.advance(1)
        assert (await site.ask("GET", PRODUCT)).status == 200


class TestShedding:
    async def test_refuses_new_orders_while_events_are_old(self) -> None:
        site = Site()
        assert (await site.ask("POST", "/api/orders")).status == 201
        site.lag = 6.0
        site.clock.advance(1)
        answer = await site.ask("POST", "/api/orders")
        assert (answer.status, answer.headers["retry-after"]) == (503, "2")
        assert (await site.ask("GET", PRODUCT)).status == 200
        site.lag = 0.0
        site.clock.advance(1)
        assert (await site.ask("POST", "/api/orders")).status == 201


class TestWhatIsWrong:
    async def test_an_unknown_path_is_404_in_problem_details(self) -> None:
        answer = await Site().ask("GET", "/api/nowhere")
        assert answer.status == 404
        assert answer.headers["content-type"] == "application/problem+json"

    async def test_an_unknown_method_is_405_and_says_what_there_is(self) -> None:
        answer = await Site().ask("DELETE", PRODUCT)
        assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, PUT, OPTIONS")

    async def test_a_bug_is_500_and_tells_nothing(self) -> None:
        answer = await Site().ask("POST", "/api/boom")
        assert answer.status == 500
        assert b"secret" not in answer.body

    @pytest.mark.parametrize(
        ("body", "headers", "status"),
        [
            (b'{"text":"x"}', {"content_type": "text/plain"}, 415),
            (b"", {}, 400),
            (b'{"text":', {}, 400),
            (b'{"text":1}', {}, 400),
            (b'{"text":"x","role":"admin"}', {}, 400),
            (b"[" * 100_000, {}, 400),
            (b'{"text":"' + b"x" * 2_000_000 + b'"}', {}, 413),
            (b'{"text":"\xff"}', {}, 400),
        ],
    )
    async def test_a_bad_body_changes_nothing(
        self, body: bytes, headers: dict[str, str], status: int
    ) -> None:
        site = Site()
        answer = await site.ask("PUT", PRODUCT, body, **headers)
        assert answer.status == status
        assert site.price == 1

    async def test_no_token_or_a_bad_one_is_401_with_a_challenge(self) -> None:
        site = Site()
        tokens: list[dict[str, str]] = [
            {},
            {"authorization": "Basic eDp5"},
            {"authorization": "Bearer x.y.z"},
        ]
        for headers in tokens:
            answer = await site.ask("GET", "/api/private", b"", **headers)
            assert answer.status == 401
            assert answer.headers["www-authenticate"].startswith("Bearer")

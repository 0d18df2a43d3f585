"""The edge: request ids, headers, limits, cache, 304, shedding, and what is no route."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field
from datetime import timedelta

import msgspec
import pytest
from joserfc.jwk import ECKey
from starlette.types import Message

from kibble.gateway import reports
from kibble.gateway.cache import MAX_ENTRIES, EdgeCache
from kibble.gateway.edge import Edge
from kibble.gateway.flows import Flow
from kibble.gateway.limits import Limiter, Limits, Policy
from kibble.gateway.shedding import Shedder
from kibble.kernel.errors import TooManyRequests
from kibble.platform.security.tokens import TokenIssuer, TokenVerifier
from kibble.platform.telemetry.metrics import registry
from kibble.platform.web.app import WebApp
from kibble.platform.web.call import Call
from kibble.platform.web.ownership import OWN
from kibble.platform.web.reply import Reply, created, event_stream, ok
from kibble.platform.web.route import ANYONE, get, write
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

    def __init__(
        self, burst: int = 1000, *, hosts: Collection[str] = (), deadline_seconds: float = 10.0
    ) -> None:
        self.clock = FakeClock()
        self.price = 1
        self.reads = 0
        self.lag = 0.0
        self.takes = 0.0
        self.cache = EdgeCache(self.clock)
        routes = [
            get("/api/products/{productId}", self._read, "A product", ANYONE, cached=True),
            get("/api/private", self._private, "A secret", OWN),
            write("PUT", "/api/products/{productId}", self._write, "Write", ANYONE, body=Note),
            write("POST", "/api/orders", self._order, "Order", ANYONE, status=201),
            write("POST", "/api/boom", self._boom, "A bug", ANYONE),
            write("POST", "/api/customers", self._order, "Register", ANYONE, status=201),
            write("POST", "/api/sleepy", self._sleepy, "Takes for ever", ANYONE),
            write("POST", "/api/orders/notes", self._note, "A note", ANYONE, body=Note, status=201),
            get("/health/live", self._private, "Alive", ANYONE),
            get("/events", self._events, "A stream", ANYONE, gives=("text/event-stream",)),
            *reports.routes(reports.ReportController()),
        ]
        key = ECKey.generate_key("P-256", auto_kid=True)
        verifier = TokenVerifier(key, self.clock)
        self.tokens = TokenIssuer(key, self.clock, fake_ids(self.clock))
        self.shedder = Shedder(lambda: self.lag, self.clock)
        self.edge = Edge(
            WebApp(routes, verifier),
            router=Router(routes),
            cache=self.cache,
            shedder=self.shedder,
            ids=fake_ids(self.clock),
            limits=Limits(
                lambda policy: Limiter(policy, self.clock),
                Policy("test", per_second=1, burst=burst),
                {
                    Flow.CHECKOUT: Policy("checkout", per_second=1, burst=2),
                    Flow.ACCOUNTS: Policy("accounts", per_second=1, burst=2),
                },
            ),
            subject_of=verifier.subject_of,
            hosts=hosts,
            deadline_seconds=deadline_seconds,
        )

    async def _read(self, call: Call[None, None]) -> Reply:
        self.reads += 1
        return ok({"price": self.price}, etag=f"{self.price}.0")

    async def _private(self, call: Call[None, None]) -> Reply:
        self.clock.advance(self.takes)
        return ok({})

    async def _write(self, call: Call[Note, None]) -> Reply:
        self.price += 1
        return ok({"price": self.price})

    async def _order(self, call: Call[None, None]) -> Reply:
        self.clock.advance(self.takes)
        return created({}, "/api/orders/1")

    async def _sleepy(self, call: Call[None, None]) -> Reply:
        await asyncio.Event().wait()
        return ok({})

    async def _events(self, call: Call[None, None]) -> Reply:
        async def two() -> AsyncIterator[bytes]:
            yield b"data: 1\n\n"
            await asyncio.sleep(0.05)
            yield b"data: 2\n\n"

        return event_stream(two())

    async def _note(self, call: Call[Note, None]) -> Reply:
        return created({}, "/api/orders/notes/1")

    async def _boom(self, call: Call[None, None]) -> Reply:
        raise ZeroDivisionError("the secret inside")

    def customer(self, name: str = "0193c1a0-0000-7000-8000-0000000000b1") -> str:
        """Return the Authorization header of a customer."""
        return f"Bearer {self.tokens.for_customer(name, timedelta(hours=1))}"

    async def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        client: str = "127.0.0.1",
        scheme: str = "http",
        **headers: str,
    ) -> Answer:
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
            "client": (client, 1),
            "scheme": scheme,
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

    async def test_over_tls_binds_the_browser_to_it(self) -> None:
        site = Site()
        for path in (PRODUCT, PRODUCT, "/nowhere"):
            sure = await site.ask("GET", path, scheme="https")
            assert sure.headers["strict-transport-security"].startswith("max-age=31536000")
            plain = await site.ask("GET", path)
            assert "strict-transport-security" not in plain.headers


class TestHosts:
    async def test_that_are_not_the_shops_get_nothing(self) -> None:
        site = Site(hosts=["shop.example"])
        assert (await site.ask("GET", PRODUCT, host="SHOP.example:8000")).status == 200
        for host in ("evil.example", "shop.example.evil.example", "", "127.0.0.1", "[::1]:80"):
            assert (await site.ask("GET", PRODUCT, host=host)).status == 400
        assert (await site.ask("GET", PRODUCT)).status == 400

    async def test_do_not_matter_to_a_probe(self) -> None:
        site = Site(hosts=["shop.example"])
        assert (await site.ask("GET", "/health/live", host="10.0.0.7")).status == 200


class TestTheDeadline:
    async def test_ends_what_takes_too_long_and_says_that_it_is_unknown(self) -> None:
        answer = await Site(deadline_seconds=0.05).ask("POST", "/api/sleepy")
        assert (answer.status, answer.headers["retry-after"]) == (504, "1")
        assert b"not known" in answer.body

    async def test_does_not_end_a_stream(self) -> None:
        answer = await Site(deadline_seconds=0.01).ask("GET", "/events")
        assert answer.body == b"data: 1\n\ndata: 2\n\n"


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

    async def test_are_told_with_a_refusal_too(self) -> None:
        site = Site(burst=1)
        await site.ask("GET", PRODUCT)
        refused = await site.ask("GET", PRODUCT)
        assert refused.headers["ratelimit"] == '"test";r=0;t=1'
        assert refused.headers["ratelimit-policy"] == '"test";q=1;w=1'

    async def test_of_a_costly_flow_are_narrower(self) -> None:
        site = Site()
        answers = [await site.ask("POST", "/api/orders") for _ in range(3)]
        assert [answer.status for answer in answers] == [201, 201, 429]
        assert answers[0].headers["ratelimit"] == '"checkout";r=1;t=1'
        assert (await site.ask("GET", PRODUCT)).status == 200

    async def test_are_not_escaped_by_tokens_that_do_not_hold(self) -> None:
        site = Site(burst=3)
        answers = [
            await site.ask("GET", "/api/private", authorization=f"Bearer x.y.{number}")
            for number in range(5)
        ]
        assert [answer.status for answer in answers] == [401, 401, 401, 429, 429]

    async def test_count_a_user_wherever_they_are_and_apart_from_the_address(self) -> None:
        site = Site(burst=3)
        one, two = site.customer(), site.customer("0193c1a0-0000-7000-8000-0000000000b2")
        for token in (one, two):
            assert (await site.ask("GET", "/api/private", authorization=token)).status == 200
        seen = [
            (await site.ask("GET", "/api/private", client=f"10.0.0.{n}", authorization=one)).status
            for n in range(4)
        ]
        assert seen == [200, 200, 200, 429]
        assert (await site.ask("GET", "/api/private", authorization=two)).status == 200

    async def test_on_guessing_count_the_address_whoever_has_signed_in(self) -> None:
        site = Site()
        token = site.customer()
        await site.ask("GET", "/api/private", authorization=token)
        seen = [
            (await site.ask("POST", "/api/customers", authorization=token)).status for _ in range(3)
        ]
        assert seen == [201, 201, 429]
        elsewhere = await site.ask("POST", "/api/customers", client="10.0.0.9")
        assert elsewhere.status == 201

    async def test_do_not_count_probes(self) -> None:
        site = Site(burst=1)
        for _ in range(3):
            assert (await site.ask("GET", "/health/live")).status == 200


class TestReports:
    async def test_of_browsers_are_taken_in_both_forms(self) -> None:
        site = Site()
        old = b'{"csp-report":{"document-uri":"http://x/?t=1","violated-directive":"img-src a"}}'
        new = b'[{"type":"csp-violation","body":{"blockedURL":"inline"}},{"type":"x","body":{}}]'
        for body, kind in ((old, "application/csp-report"), (new, "application/reports+json")):
            assert (await site.ask("POST", "/csp-reports", body, content_type=kind)).status == 204

    @pytest.mark.parametrize(
        "body", [b"{}", b"[1]", b"\xff", b'{"csp-report":{"line-number":"x"}}']
    )
    async def test_that_are_none_are_refused(self, body: bytes) -> None:
        assert (await Site().ask("POST", "/csp-reports", body)).status == 400


class TestShedding:
    async def test_lets_orders_in_while_it_refuses_browsing(self) -> None:
        site = Site()
        site.takes = 0.6
        mine = site.customer()
        answers = await asyncio.gather(
            site.ask("GET", "/api/private", authorization=mine),
            site.ask("GET", "/api/private", authorization=mine),
            site.ask("POST", "/api/orders"),
            site.ask("GET", "/api/private", authorization=mine),
            site.ask("POST", "/api/orders"),
            site.ask("GET", "/health/live"),
        )
        at_once, waited, order, late, other_order, health = answers
        assert [order.status, other_order.status, health.status] == [201, 201, 200]
        assert [at_once.status, waited.status, late.status] == [200, 200, 503]
        assert late.headers["retry-after"] == "2"
        assert (await site.ask("GET", "/api/private", authorization=mine)).status == 200

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
            (b'{"text":"x"}', {"content_type": "application/merge-patch+json"}, 415),
            (b"\x1f\x8b", {"content_encoding": "gzip"}, 415),
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

    @pytest.mark.parametrize(
        ("text", "status"),
        [
            ("my card is 4242 4242 4242 4242", 400),
            ("5555555555554444", 400),
            ("0193c1a0-0000-7000-8000-0000000000a1", 201),
            ("4242 4242 4242 4241", 201),
            ("call 617 555 0123", 201),
        ],
    )
    async def test_a_card_number_in_a_customers_words_is_refused(
        self, text: str, status: int
    ) -> None:
        answer = await Site().ask("POST", "/api/orders/notes", msgspec.json.encode(Note(text)))
        assert answer.status == status
        assert text.encode() not in answer.body

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

    async def test_shown_and_refused_is_in_the_log_whether_header_or_cookie(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        site = Site()
        for shown in (
            {"authorization": "Bearer x.y.z"},
            {"cookie": "__Host-kibble=x.y.z", "sec-fetch-site": "cross-site"},
        ):
            method = "GET" if "authorization" in shown else "POST"
            path = "/api/private" if method == "GET" else "/api/orders"
            answer = await site.ask(method, path, b"", **shown)
            assert answer.status in (401, 403)
            captured = capsys.readouterr()
            assert "access refused" in captured.out + captured.err
        await site.ask("GET", "/api/private", b"")
        captured = capsys.readouterr()
        assert "access refused" not in captured.out + captured.err


class TestWhatIsShownToSomebody:
    async def test_is_kept_by_no_browser(self) -> None:
        site = Site()
        answer = await site.ask("GET", "/api/private", b"", authorization=site.customer())
        assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")

    async def test_is_kept_where_everybody_is_shown_the_same(self) -> None:
        site = Site()
        signed_in: dict[str, str] = {"authorization": site.customer()}
        nobody: dict[str, str] = {}
        for headers in (nobody, signed_in):
            answer = await site.ask("GET", "/api/products/1", b"", **headers)
            assert "no-store" not in answer.headers.get("cache-control", "")


class TestOtherOrigins:
    @pytest.mark.parametrize("method", ["GET", "OPTIONS", "POST"])
    async def test_are_never_told_that_they_may_read(self, method: str) -> None:
        site = Site()
        for path in ("/api/private", "/api/orders", "/api/products/1", "/nowhere"):
            answer = await site.ask(
                method,
                path,
                b"",
                origin="https://evil.example",
                access_control_request_method="POST",
                access_control_request_headers="x-kibble",
                authorization=site.customer(),
            )
            assert not [name for name in answer.headers if name.startswith("access-control")]

"""The edge as one ASGI layer: request id, host, limits, edge cache, shedding, headers, 304."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Collection

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kibble.gateway.cache import EdgeCache, Entry, Headers
from kibble.gateway.flows import Work, is_placing, work_of
from kibble.gateway.headers import API_POLICY, CONTENT_POLICY, SECURITY_HEADERS, STRICT_TRANSPORT
from kibble.gateway.limits import Limits
from kibble.gateway.shedding import Shedder, busy
from kibble.kernel.errors import InvalidInput, KibbleError, TimedOut, TooManyRequests
from kibble.kernel.ids import IdSource
from kibble.platform.telemetry import metrics
from kibble.platform.telemetry.trace import continue_trace
from kibble.platform.web import problem
from kibble.platform.web.browser import ACCESS_COOKIE
from kibble.platform.web.route import Route
from kibble.platform.web.router import Router

FOR_A_PROXY = (b"cache-control", b"public, s-maxage=2")
"""What a cache in front of the service may keep: two seconds, since no event tells it to drop.

Without max-age=0, which HAProxy takes for a ban on keeping it at all.
"""
DEADLINE_SECONDS = 10.0
"""How long a request may take, its body included."""
UPLOAD_SECONDS = 300.0
"""The same for a picture or a feed."""
_REQUEST_ID = re.compile(rb"[A-Za-z0-9_.:-]{1,128}")
_READS = ("GET", "HEAD")
_ACCESS_COOKIE = f"{ACCESS_COOKIE}=".encode()
_OK = 200
_OF_A_BODY = (b"content-length", b"content-type")
_AMONG_US = ("/internal/", "/health/", "/metrics")
"""What services and probes ask by an address: no limit counts it, no host is looked at."""


class Edge:
    """Wraps the services' application."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        router: Router,
        cache: EdgeCache | None,
        shedder: Shedder,
        ids: IdSource,
        limits: Limits | None,
        subject_of: Callable[[str], str | None] = lambda _: None,
        hosts: Collection[str] = (),
        deadline_seconds: float = DEADLINE_SECONDS,
    ) -> None:
        """``limits`` is None when they are switched off, ``cache`` where another stands before.

        ``subject_of`` tells whose a token is that is known to hold; ``hosts`` are the names that
        the shop answers to, none for any.
        """
        self._app = app
        self._router = router
        self._cache = cache
        self._shedder = shedder
        self._ids = ids
        self._limits = limits
        self._subject_of = subject_of
        self._hosts = frozenset(host.lower() for host in hosts)
        self._deadline_seconds = deadline_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        asked = _Asked(scope)
        added = [(b"x-request-id", self._request_id(asked))]
        if scope.get("scheme") == "https":
            added.append(STRICT_TRANSPORT)
        try:
            if not asked.path.startswith(_AMONG_US):
                self._check_host(asked)
                if self._limits is not None:
                    await self._limit(self._limits, asked, added)
            if (entry := self._kept(asked)) is not None:
                await _answer(send, entry, added, asked)
                return
            if not await self._has_turn(asked):
                metrics.request_refused(_BUSY.code)
                await _BUSY.tell(send, added)
                return
            structlog.contextvars.bind_contextvars(request_id=added[0][1].decode())
            continue_trace(asked.traceparent)
            await self._serve(scope, receive, send, asked, [*SECURITY_HEADERS, *added])
        except KibbleError as error:
            metrics.request_refused(error.code)
            await _Refusal(error).tell(send, added)

    async def _has_turn(self, asked: _Asked) -> bool:
        """Wait until it is a request's turn; orders are counted instead (see ``_write``)."""
        work = work_of(asked.path)
        if work is Work.ESSENTIAL or is_placing(asked.method, asked.path):
            return True
        return await self._shedder.admits(work)

    def _kept(self, asked: _Asked) -> Entry | None:
        if self._cache is None or asked.key is None:
            return None
        return self._cache.find(asked.key)

    def _request_id(self, asked: _Asked) -> bytes:
        given = asked.request_id
        return given if given and _REQUEST_ID.fullmatch(given) else self._ids.new().encode()

    def _check_host(self, asked: _Asked) -> None:
        if self._hosts and _name_of(asked.host) not in self._hosts:
            raise InvalidInput.at("/headers/Host", "is no name of this shop")

    async def _limit(self, limits: Limits, asked: _Asked, added: Headers) -> None:
        token = asked.token
        subject = None if token is None else self._subject_of(token)
        verdict = await limits.check(asked.method, asked.path, asked.address, subject)
        added += verdict.headers
        if not verdict.allowed:
            raise TooManyRequests("Too many requests.", retry_after=verdict.retry_after)

    async def _serve(
        self, scope: Scope, receive: Receive, send: Send, asked: _Asked, added: Headers
    ) -> None:
        found = self._router.find(asked.method, asked.path)
        route = found[0] if found else None
        if asked.method not in _READS:
            await self._write(scope, receive, send, asked, route=route, added=added)
            return
        cache = self._cache
        if asked.key is None or route is None or not route.cached:
            sender = _Sender(send, added, asked.if_none_match)
            await self._run(scope, receive, sender, route)
            return
        if cache is None:
            sender = _Sender(send, added, asked.if_none_match, freshness=FOR_A_PROXY)
            await self._run(scope, receive, sender, route)
            return
        sender = _Sender(send, added, asked.if_none_match, keeps=asked.method == "GET")
        generation = cache.generation
        await self._run(scope, receive, sender, route)
        if sender.kept is not None:
            headers, body = sender.kept
            whole = [*headers, API_POLICY, *SECURITY_HEADERS]
            name = (route.service, route.operation)
            cache.keep(asked.key, generation, whole, body, name=name)

    async def _write(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        asked: _Asked,
        *,
        route: Route | None,
        added: Headers,
    ) -> None:
        """Pass a write on; the entries it made stale end before its answer leaves."""
        sender = _Sender(send, added, None)
        if self._cache is not None and asked.path.startswith(("/api/products", "/api/categories")):
            sender.before_start = self._cache.drop_all
        if not is_placing(asked.method, asked.path):
            await self._run(scope, receive, sender, route)
            return
        with self._shedder.placing():
            await self._run(scope, receive, sender, route)

    async def _run(
        self, scope: Scope, receive: Receive, sender: _Sender, route: Route | None
    ) -> None:
        """Have a request answered in time; what took too long may have been done or not."""
        if route is not None and "text/event-stream" in route.gives:
            await self._app(scope, receive, sender)
            return
        seconds = UPLOAD_SECONDS if route is not None and route.takes else self._deadline_seconds
        try:
            async with asyncio.timeout(seconds):
                await self._app(scope, receive, sender)
        except TimeoutError as error:
            if sender.began:
                raise
            raise TimedOut("This took too long; whether it was done is not known.") from error


def _name_of(host: bytes | None) -> str:
    """Return a Host header without its port, in lower case."""
    text = (host or b"").decode("latin-1").lower()
    return text.partition("]")[0] + "]" if text.startswith("[") else text.partition(":")[0]


class _Asked:
    """What the edge reads of a request's head, in one pass.

    ``key`` is what a kept answer to it is found by; None for a write, and for who has a token.
    """

    __slots__ = (
        "address",
        "host",
        "if_none_match",
        "key",
        "method",
        "path",
        "request_id",
        "token",
        "traceparent",
    )

    def __init__(self, scope: Scope) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.request_id: bytes | None = None
        self.if_none_match: bytes | None = None
        self.traceparent: str | None = None
        self.token: str | None = None
        self.host: bytes | None = None
        self.key: bytes | None = None
        if self.method in _READS:
            self.key = scope["raw_path"] + b"?" + scope["query_string"]
        client = scope.get("client")
        self.address: str = client[0] if client else ""
        for name, value in scope["headers"]:
            if name == b"authorization":
                self.key = None
                self.token = value.decode("latin-1").partition(" ")[2].strip()
            elif name == b"cookie" and _ACCESS_COOKIE in value and self.token is None:
                found = value.partition(_ACCESS_COOKIE)[2].partition(b";")[0]
                self.token = found.strip().decode("latin-1")
            elif name == b"host":
                self.host = value
            elif name == b"if-none-match":
                self.if_none_match = value
            elif name == b"x-request-id":
                self.request_id = value
            elif name == b"traceparent":
                self.traceparent = value.decode("latin-1")


class _Sender:
    """Adds headers to an answer, turns a match into 304, and keeps the answer if it is asked to."""

    def __init__(
        self,
        send: Send,
        added: Headers,
        if_none_match: bytes | None,
        *,
        keeps: bool = False,
        freshness: tuple[bytes, bytes] | None = None,
    ) -> None:
        """``freshness`` is the Cache-Control of an answer that has none of its own."""
        self._send = send
        self._added = added
        self._if_none_match = if_none_match
        self._keeps = keeps
        self._freshness = freshness
        self._start: Message = {}
        self._silent = False
        self.began = False
        self.kept: tuple[Headers, bytes] | None = None
        self.before_start: Callable[[], None] | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._begin(message)
            return
        if self._keeps and self._start["status"] == _OK and not message.get("more_body"):
            self.kept = (self._start["headers"], message.get("body", b""))
        await self._send({**message, "body": b""} if self._silent else message)

    async def _begin(self, message: Message) -> None:
        if self.before_start is not None:
            self.before_start()
        self._start = message
        self.began = True
        headers: Headers = message["headers"]
        status = message["status"]
        etag = None
        has_policy = False
        for name, value in headers:
            if name == b"etag":
                etag = value
            has_policy |= name == CONTENT_POLICY
        if status == _OK and _matches(self._if_none_match, etag):
            self._silent = True
            status = 304
            headers = [pair for pair in headers if pair[0] not in _OF_A_BODY]
        policy: Headers = [] if has_policy else [API_POLICY]
        if self._freshness and not any(name == b"cache-control" for name, _ in headers):
            policy.append(self._freshness)
        await self._send({**message, "status": status, "headers": headers + policy + self._added})


def _matches(if_none_match: bytes | None, etag: bytes | None) -> bool:
    """Compare weakly, as If-None-Match asks (RFC 9110, section 13.1.2)."""
    if if_none_match is None or etag is None:
        return False
    return if_none_match.strip() == b"*" or etag in (
        tag.strip().removeprefix(b"W/") for tag in if_none_match.split(b",")
    )


async def _answer(send: Send, entry: Entry, added: Headers, asked: _Asked) -> None:
    headers = entry.headers + added
    status, body = _OK, entry.body
    if asked.if_none_match is not None and _matches(asked.if_none_match, entry.etag):
        headers = [pair for pair in headers if pair[0] not in _OF_A_BODY]
        status, body = 304, b""
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if asked.method == "HEAD" else body})


class _Refusal:
    """An error as it is sent."""

    def __init__(self, error: KibbleError) -> None:
        self.code = error.code
        self._status, headers, self._body = problem.render(error)
        self._headers = [(name.encode(), value.encode()) for name, value in headers.items()]
        length = (b"content-length", str(len(self._body)).encode())
        self._headers += [length, API_POLICY, *SECURITY_HEADERS]

    async def tell(self, send: Send, added: Headers) -> None:
        """Send it, with what is added to every answer."""
        headers = self._headers + added
        await send({"type": "http.response.start", "status": self._status, "headers": headers})
        await send({"type": "http.response.body", "body": self._body})


_BUSY = _Refusal(busy())
"""Made once: when there is too much to do, most answers are this one."""

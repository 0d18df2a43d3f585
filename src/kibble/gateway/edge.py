"""The edge as one ASGI layer: request id, rate limit, edge cache, shedding, headers, 304."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kibble.gateway.cache import EdgeCache, Entry, Headers
from kibble.gateway.limits import Limiter, Verdict
from kibble.gateway.shedding import Shedder
from kibble.kernel.errors import KibbleError, TooManyRequests
from kibble.kernel.ids import IdSource
from kibble.platform.telemetry import metrics
from kibble.platform.telemetry.trace import continue_trace
from kibble.platform.web import problem
from kibble.platform.web.route import Route
from kibble.platform.web.router import Router

SECURITY_HEADERS: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
]
API_POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
FOR_A_PROXY = (b"cache-control", b"public, s-maxage=2")
"""What a cache in front of the service may keep: two seconds, since no event tells it to drop.

Without max-age=0, which HAProxy takes for a ban on keeping it at all.
"""
_REQUEST_ID = re.compile(rb"[A-Za-z0-9_.:-]{1,128}")
_READS = ("GET", "HEAD")
_STRICT = frozenset({"/api/customers", "/api/customers/password-reset"})
_OK = 200
_OF_A_BODY = (b"content-length", b"content-type")


@dataclass(frozen=True, slots=True)
class Limits:
    """The limiters: for every request, and for what is costly to answer or to guess."""

    general: Limiter
    strict: Limiter

    def check(self, method: str, path: str, caller: str) -> Verdict:
        """Count a request against its limit."""
        strict = method == "POST" and path in _STRICT
        return (self.strict if strict else self.general).check(caller)


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
    ) -> None:
        """``limits`` is None when they are switched off, ``cache`` where another stands before."""
        self._app = app
        self._router = router
        self._cache = cache
        self._shedder = shedder
        self._ids = ids
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        asked = _Asked(scope)
        added = [(b"x-request-id", self._request_id(asked))]
        try:
            added += self._limit(scope, asked)
            if (entry := self._kept(asked)) is not None:
                await _answer(send, entry, added, asked)
                return
            structlog.contextvars.bind_contextvars(request_id=added[0][1].decode())
            continue_trace(asked.traceparent)
            await self._serve(scope, receive, send, asked, [*SECURITY_HEADERS, *added])
        except KibbleError as error:
            metrics.request_refused(error.code)
            await _refuse(error, send, [*SECURITY_HEADERS, *added])

    def _kept(self, asked: _Asked) -> Entry | None:
        if self._cache is None or asked.key is None:
            return None
        return self._cache.find(asked.key)

    def _request_id(self, asked: _Asked) -> bytes:
        given = asked.request_id
        return given if given and _REQUEST_ID.fullmatch(given) else self._ids.new().encode()

    def _limit(self, scope: Scope, asked: _Asked) -> Headers:
        if self._limits is None:
            return []
        verdict = self._limits.check(scope["method"], scope["path"], asked.caller)
        if not verdict.allowed:
            raise TooManyRequests("Too many requests.", retry_after=verdict.retry_after)
        return [
            (b"ratelimit", verdict.header),
            (b"ratelimit-policy", self._limits.general.policy.header),
        ]

    async def _serve(
        self, scope: Scope, receive: Receive, send: Send, asked: _Asked, added: Headers
    ) -> None:
        if asked.method not in _READS:
            await self._write(scope, receive, send, added)
            return
        cache = self._cache
        route = self._cached(scope["path"]) if asked.key is not None else None
        if asked.key is None or route is None:
            await self._app(scope, receive, _Sender(send, added, asked.if_none_match))
            return
        if cache is None:
            sender = _Sender(send, added, asked.if_none_match, freshness=FOR_A_PROXY)
            await self._app(scope, receive, sender)
            return
        sender = _Sender(send, added, asked.if_none_match, keeps=asked.method == "GET")
        generation = cache.generation
        await self._app(scope, receive, sender)
        if sender.kept is not None:
            headers, body = sender.kept
            whole = [*headers, API_POLICY, *SECURITY_HEADERS]
            name = (route.service, route.operation)
            cache.keep(asked.key, generation, whole, body, name=name)

    def _cached(self, path: str) -> Route | None:
        """Return the route of a read whose answers may be kept."""
        found = self._router.find("GET", path)
        return found[0] if found is not None and found[0].cached else None

    async def _write(self, scope: Scope, receive: Receive, send: Send, added: Headers) -> None:
        """Pass a write on; the entries it made stale end before its answer leaves."""
        path: str = scope["path"]
        sender = _Sender(send, added, None)
        if self._cache is not None and path.startswith(("/api/products", "/api/categories")):
            sender.before_start = self._cache.drop_all
        if path != "/api/orders" and not path.endswith("/checkout"):
            await self._app(scope, receive, sender)
            return
        self._shedder.check()
        self._shedder.in_flight += 1
        try:
            await self._app(scope, receive, sender)
        finally:
            self._shedder.in_flight -= 1


class _Asked:
    """What the edge reads of a request's head, in one pass.

    ``key`` is what a kept answer to it is found by; None for a write, and for who has a token.
    """

    __slots__ = ("caller", "if_none_match", "key", "method", "request_id", "traceparent")

    def __init__(self, scope: Scope) -> None:
        self.method: str = scope["method"]
        self.request_id: bytes | None = None
        self.if_none_match: bytes | None = None
        self.traceparent: str | None = None
        self.key: bytes | None = None
        if self.method in _READS:
            self.key = scope["raw_path"] + b"?" + scope["query_string"]
        client = scope.get("client")
        self.caller: str = client[0] if client else ""
        for name, value in scope["headers"]:
            if name == b"authorization":
                self.key = None
                self.caller = value.decode("latin-1")
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
        headers: Headers = message["headers"]
        status = message["status"]
        etag = None
        has_policy = False
        for name, value in headers:
            if name == b"etag":
                etag = value
            has_policy |= name == b"content-security-policy"
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


async def _refuse(error: KibbleError, send: Send, added: Headers) -> None:
    status, headers, body = problem.render(error)
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    encoded += [(b"content-length", str(len(body)).encode()), API_POLICY, *added]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})

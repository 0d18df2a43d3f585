"""The ASGI application of services: find the route, check the caller, decode, answer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any

import msgspec
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from kibble.kernel.errors import (
    FieldError,
    Forbidden,
    InvalidInput,
    KibbleError,
    NotFound,
    TooLarge,
    Unauthenticated,
    UnsupportedMedia,
)
from kibble.platform.rpc.rights import NOBODY, acting_for
from kibble.platform.security.principal import Principal
from kibble.platform.security.sensitive import card_number_in
from kibble.platform.security.tokens import TokenVerifier
from kibble.platform.telemetry import metrics
from kibble.platform.telemetry.spans import span
from kibble.platform.web import browser, json, problem
from kibble.platform.web.auditing import Auditor
from kibble.platform.web.call import Call
from kibble.platform.web.idempotency import IdempotencyKeys
from kibble.platform.web.ownership import Claim, Owned, declared_or_raise
from kibble.platform.web.reply import JSON, Reply, send_reply
from kibble.platform.web.route import Route
from kibble.platform.web.router import Router

_log = structlog.get_logger()
_NONE = type(None)
_OF_CUSTOMERS = (
    "/api/orders",
    "/api/carts",
    "/api/customers",
    "/api/payments",
    "/api/subscriptions",
)
_PATCHES = (JSON, "application/merge-patch+json")
_LONG_NUMBER = re.compile(rb"\d(?:[ -]?\d){12}")

SLOW_SECONDS = 1.0
"""A request that takes longer is in the log: the objective for a checkout is a second."""


class WebApp:
    """Serves a table of routes over ASGI (https://asgi.readthedocs.io)."""

    def __init__(
        self, routes: Sequence[Route], verifier: TokenVerifier, auditor: Auditor | None = None
    ) -> None:
        """``auditor`` writes down what staff do; without one nobody does.

        Raises ``ValueError`` when a route reaches what is somebody's and does not declare whose.
        """
        for route in routes:
            declared_or_raise(route.access, route.path, route.query, route.body)
        self._auditor = auditor
        self.routes = routes
        self._router = Router(routes)
        self._names = {id(route): (route.service, route.operation) for route in routes}
        self._verifier = verifier
        self._keys = IdempotencyKeys()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        started = perf_counter()
        request = Request(scope, receive)
        found = None if _hides_a_slash(scope) else self._router.find(scope["method"], scope["path"])
        if found is None:
            reply = self._no_route(scope)
            metrics.request_answered("none", "none", reply.status, perf_counter() - started)
        else:
            service, operation = self._names[id(found[0])]
            with span(operation, "server") as told:
                answered = await self._answer(*found, request)
                if answered is None:
                    return
                told.tell("http.request.method", scope["method"])
                told.tell("http.route", found[0].path)
                told.tell("http.response.status_code", answered.status)
            reply = answered
            seconds = perf_counter() - started
            metrics.request_answered(service, operation, reply.status, seconds)
            if seconds > SLOW_SECONDS:
                _log.warning(
                    "slow request",
                    operation=operation,
                    path=scope["path"],
                    status=reply.status,
                    seconds=seconds,
                )
        await send_reply(reply, send, head=scope["method"] == "HEAD")

    def _no_route(self, scope: Scope) -> Reply:
        methods = [] if _hides_a_slash(scope) else self._router.methods(scope["path"])
        if not methods:
            return _problem(NotFound("There is nothing at this path."))
        headers = {"allow": ", ".join([*methods, "OPTIONS"])}
        if scope["method"] == "OPTIONS":
            return Reply(status=204, headers=headers)
        body = {
            "type": problem.TYPE_BASE + "method-not-allowed",
            "title": "Method not allowed",
            "status": 405,
            "detail": f"This path takes {headers['allow']}.",
            "code": "method-not-allowed",
        }
        headers["content-type"] = problem.MEDIA_TYPE
        return Reply(json.encode(body), 405, headers)

    async def _answer(self, route: Route, path: dict[str, str], request: Request) -> Reply | None:
        """Answer, also when it fails; None when the caller has gone."""
        try:
            caller = self._caller(route, request)
            call = await self._read(route, path, request, caller)
            with acting_for(_token_of(caller, request)):
                reply = await self._watched(route, caller, call)
            return reply if caller is None or route.cached else _kept_nowhere(reply)
        except KibbleError as error:
            if isinstance(error, Unauthenticated | Forbidden):
                _log_refusal(error, route, request)
            return _problem(error)
        except ClientDisconnect:
            return None
        except Exception:  # noqa: BLE001 - the edge of HTTP: a bug is logged, and tells the caller nothing
            _log.exception("request failed", operation=route.operation, path=request.url.path)
            status, headers, body = problem.bug()
            return Reply(body, status, headers)

    async def _watched(self, route: Route, caller: Principal | None, call: Call[Any, Any]) -> Reply:
        if self._auditor is None or not self._auditor.wants(route, caller):
            return await _handled(route, call)
        return await self._audited(self._auditor, route, call)

    async def _audited(self, auditor: Auditor, route: Route, call: Call[Any, Any]) -> Reply:
        async def answer() -> Reply:
            try:
                return await _handled(route, call)
            except KibbleError as error:
                return _problem(error)

        async def look() -> Mapping[str, Any] | None:
            return await self._look(call)

        return await auditor.watch(route, call.request, call.caller, look=look, answer=answer)

    async def _look(self, call: Call[Any, Any]) -> Mapping[str, Any] | None:
        """Return what the API shows at a call's path, before it is changed; None when nothing."""
        found = self._router.find("GET", call.request.url.path)
        if found is None or found[0].query is not _NONE or found[0].takes:
            return None
        claim = _claim(found[0], call.caller)
        read: Call[Any, Any] = Call(
            call.request, None, None, found[1], call.caller, b"", self._keys, claim
        )
        try:
            reply = await _handled(found[0], read)
        except KibbleError:
            return None
        if reply.stream is not None or reply.headers.get("content-type") != JSON:
            return None
        value = msgspec.json.decode(reply.body)
        return value if isinstance(value, dict) else None

    def _caller(self, route: Route, request: Request) -> Principal | None:
        """Return who is calling, checked against what the route asks for."""
        if route.own_login:
            return None
        header = request.headers.get("authorization")
        if header is None:
            principal = self._browser(route, request)
            if principal is None:
                if route.needs_token:
                    raise Unauthenticated("This needs a token.")
                return None
        else:
            scheme, _, token = header.partition(" ")
            if scheme.lower() != "bearer":
                raise Unauthenticated("The token must be a bearer token.")
            principal = self._verifier.verify(token.strip())
        if principal.read_only and not browser.is_safe(request):
            raise Forbidden("This token may only read.", code="missing-scope")
        if isinstance(route.access, str):
            principal.require_scope(route.access)
        return principal

    def _browser(self, route: Route, request: Request) -> Principal | None:
        """Return who calls by the cookie of a browser; None when it has none.

        What anybody may read and the edge keeps is the same for everybody. A token that does not
        hold any more, for whatever reason, is one to be renewed.
        """
        if route.cached or not request.scope["path"].startswith("/api/"):
            return None
        token = browser.cookie_of(request, browser.ACCESS_COOKIE)
        if token is None:
            return None
        if not browser.is_safe(request):
            browser.require_own_page(request)
        try:
            return self._verifier.verify(token)
        except Unauthenticated as error:
            raise Unauthenticated("The session has to be renewed.", code="token-expired") from error

    async def _read(
        self, route: Route, path: dict[str, str], request: Request, caller: Principal | None
    ) -> Call[Any, Any]:
        query = None
        if route.query is not _NONE:
            # A filter that is misspelt would list everything. What anyone may read is linked to,
            # with parameters that others add (utm_source).
            query = json.decode_query(request.query_params, route.query, exactly=route.needs_token)
        raw, body = b"", None
        if route.body is not _NONE and _is_empty(request) and route.body_optional:
            body = route.body()
        elif route.body is not _NONE:
            _require_media(request, _PATCHES if route.method == "PATCH" else (JSON,))
            _require_plain(request)
            raw = await read_body(request, route.max_bytes)
            body = json.decode(raw, route.body)
            _refuse_cards(request.scope["path"], raw)
        elif route.takes:
            _require_media(request, route.takes)
            raw = await read_body(request, route.max_bytes)
        return Call(request, body, query, path, caller, raw, self._keys, _claim(route, caller))


async def _handled(route: Route, call: Call[Any, Any]) -> Reply:
    """Return the handler's answer, once it is settled that the caller may have it."""
    call.claim.settle(call.path, call.query, call.body)
    reply = await route.handler(call)
    call.claim.require_settled()
    return reply


def _claim(route: Route, caller: Principal | None) -> Claim:
    return Claim(route.access if isinstance(route.access, Owned) else None, caller)


def _kept_nowhere(reply: Reply) -> Reply:
    """Have no browser keep what somebody in particular was shown (OWASP ASVS 5.0, 14.3.2)."""
    reply.headers.setdefault("cache-control", "no-store")
    return reply


def _token_of(caller: Principal | None, request: Request) -> str:
    """Return the token of the person who calls; ``NOBODY`` for a guest, and for a service."""
    if caller is None or caller.is_service:
        return NOBODY
    header = request.headers.get("authorization")
    if header is not None:
        return header.partition(" ")[2].strip()
    return browser.cookie_of(request, browser.ACCESS_COOKIE) or NOBODY


def _log_refusal(error: KibbleError, route: Route, request: Request) -> None:
    """Log that somebody showed credentials that do not do, or do not reach so far.

    A browser's session that has to be renewed is none of that: it happens every ten minutes.
    """
    shown = "authorization" in request.headers or browser.cookie_of(request, browser.ACCESS_COOKIE)
    if not shown or error.code == "token-expired":
        return
    _log.info(
        "access refused",
        category="authentication" if isinstance(error, Unauthenticated) else "iam",
        action=error.code,
        outcome="failure",
        operation=route.operation,
        path=request.url.path,
        address=request.client.host if request.client else "",
    )


def _refuse_cards(path: str, raw: bytes) -> None:
    """Raise ``InvalidInput`` when a customer's words have a card number, which nothing here takes.

    It would be kept, logged and mailed with the rest (PCI DSS 4.0.1, SAQ A). Not asked of the
    catalogue, whose barcodes are long numbers too.
    """
    asked = path.startswith(_OF_CUSTOMERS) or path.endswith("/reviews")
    if not asked or _LONG_NUMBER.search(raw) is None:
        return
    if card_number_in(raw.decode("utf-8", "replace")) is not None:
        found = [pointer for pointer, text in json.scalars(raw) if card_number_in(text)]
        message = "has what looks like a card number; no card number is taken here"
        raise InvalidInput([FieldError(pointer, message) for pointer in found or [""]])


def _hides_a_slash(scope: Scope) -> bool:
    """Tell whether the path has a slash that a proxy in front took for a letter (RFC 3986, 2.2)."""
    raw: bytes = scope.get("raw_path") or b""
    return b"%" in raw and b"%2f" in raw.lower()


async def read_body(request: Request, max_bytes: int) -> bytes:
    """Return the whole body; raises ``TooLarge`` as soon as it is longer than ``max_bytes``."""
    announced = request.headers.get("content-length")
    if announced is not None and int(announced) > max_bytes:
        raise TooLarge(f"The body may have {max_bytes:,} bytes at most.")
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > max_bytes:
            raise TooLarge(f"The body may have {max_bytes:,} bytes at most.")
        chunks.append(chunk)
    return b"".join(chunks)


def _is_empty(request: Request) -> bool:
    headers = request.headers
    return headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers


def _require_media(request: Request, allowed: Sequence[str]) -> None:
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given not in allowed:
        if not given and _is_empty(request):
            raise InvalidInput.at("", "a body is required")
        raise UnsupportedMedia(f"The body must be {' or '.join(allowed)}.")


def _require_plain(request: Request) -> None:
    """Raise ``UnsupportedMedia`` for a body that is compressed (RFC 9110, section 8.4)."""
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise UnsupportedMedia("The body must not be compressed.")


def _problem(error: KibbleError) -> Reply:
    status, headers, body = problem.render(error)
    return Reply(body, status, headers)

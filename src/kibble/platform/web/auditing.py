"""Writes down what staff change, and what touches anybody's security, before it is answered.

A change is written down before it is made and again when it has ended, so that a process that is
killed between the two leaves the first entry. While the log cannot be written, such calls are
refused.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from starlette.requests import Request

from kibble.kernel.clock import Clock, to_text
from kibble.kernel.ids import IdSource
from kibble.platform.audit.entry import Act, AuditLog
from kibble.platform.security.principal import Principal
from kibble.platform.security.sensitive import IN_WORDS, shielded
from kibble.platform.web.browser import SAFE
from kibble.platform.web.reply import Reply
from kibble.platform.web.route import Route

_REFUSED = 400
_JSON = ("application/json", "application/problem+json")
MAX_JSON_BYTES = 64 * 1024
"""Larger answers are told by their size alone."""

NOBODY = "nobody"
_OF_SECURITY = (
    "/session",
    "/session/token",
    "/session/passkey",
    "/oauth2/revoke",
    "/api/customers/password-reset",
    "/api/customers/verify-email",
)
_SECURITY_SEGMENTS = frozenset("export export.csv password password-reset factors sessions".split())


def is_security(route: Route) -> bool:
    """Tell whether a route touches the security or the whole of the data of whoever calls it."""
    if route.path in _OF_SECURITY:
        return route.method not in SAFE
    segments = route.path.split("/")
    if route.path.startswith("/api/customers/{") and _SECURITY_SEGMENTS & {*segments}:
        return route.method not in SAFE or segments[-1].startswith("export")
    return (route.method, route.path) == ("DELETE", "/api/customers/{customerId}")


def is_staff(caller: Principal | None) -> bool:
    """Tell whether a caller acts for the shop: with a scope, and as no service."""
    return caller is not None and bool(caller.scopes) and not caller.is_service


class Auditor:
    """Decides what is written down, and does."""

    def __init__(self, log: AuditLog, clock: Clock, ids: IdSource) -> None:
        self._log = log
        self._clock = clock
        self._ids = ids

    def wants(self, route: Route, caller: Principal | None) -> bool:
        """Tell whether a call is to be written down."""
        return (route.method not in SAFE and is_staff(caller)) or is_security(route)

    async def watch(
        self,
        route: Route,
        request: Request,
        caller: Principal | None,
        *,
        look: Callable[[], Awaitable[Mapping[str, Any] | None]],
        answer: Callable[[], Awaitable[Reply]],
    ) -> Reply:
        """Have a call answered, and write down what became of it.

        ``look`` returns what there is now at the path, as far as the API shows it.
        """
        about = self._about(route, request, caller)
        private = is_security(route)
        before = await look() if not private else None
        if caller is not None:
            await self._log.append(msgspec.structs.replace(about, outcome="begun"))
        reply = await answer()
        is_refused = reply.status >= _REFUSED
        # What such an answer has (a secret to be scanned, all data of a person) is for the caller.
        told = None if private and not is_refused else _told(reply)
        was, became = _differences(before, told, is_refused=is_refused)
        await self._log.append(
            msgspec.structs.replace(
                about,
                at=to_text(self._clock.now()),
                actor=_signed_in(reply) or about.actor,
                outcome="refused" if is_refused else "done",
                status=reply.status,
                before=was,
                after=became,
            )
        )
        return reply

    def _about(self, route: Route, request: Request, caller: Principal | None) -> Act:
        client = request.client
        return Act(
            act=self._ids.new(),
            at=to_text(self._clock.now()),
            actor=caller.subject if caller else NOBODY,
            roles=caller.roles if caller else (),
            address=client.host if client else "",
            request_id=request.headers.get("x-request-id", "")[:128],
            action=route.operation,
            target=request.url.path[:500],
            outcome="begun",
        )


def _told(reply: Reply) -> dict[str, Any] | None:
    """Return an answer's JSON object; what is personal or secret in it is not there."""
    media = reply.headers.get("content-type", "").partition(";")[0]
    if not reply.body or media not in _JSON or reply.stream is not None:
        return None
    if len(reply.body) > MAX_JSON_BYTES:
        return {"bytes": len(reply.body)}
    value = msgspec.json.decode(reply.body)
    return value if isinstance(value, dict) else {"items": len(value) if value else 0}


def _differences(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, *, is_refused: bool
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Return the members of both that differ; of a refusal, what was said."""
    if is_refused:
        return None, shielded({name: (after or {}).get(name) for name in ("code", "detail")})
    if before is None or after is None:
        return (
            None if before is None else _kept(before),
            None if after is None else _kept(after),
        )
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return (
        _kept({name: before[name] for name in names if name in before}),
        _kept({name: after[name] for name in names if name in after}),
    )


def _kept(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what may be kept of members, for ever: the words that somebody wrote are not."""
    kept: dict[str, Any] = shielded(told, also=IN_WORDS)
    return kept


def _signed_in(reply: Reply) -> str | None:
    """Return who a session is of that was just begun."""
    if not reply.cookies or not reply.body:
        return None
    value = msgspec.json.decode(reply.body)
    account = value.get("accountId") if isinstance(value, dict) else None
    return account if isinstance(account, str) else None

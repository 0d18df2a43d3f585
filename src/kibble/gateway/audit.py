"""The audit log over HTTP: look things up, and check that nothing was altered."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from kibble.kernel.clock import from_text, to_text
from kibble.kernel.paging import DEFAULT_LIMIT, MAX_LIMIT, decode_cursor
from kibble.platform.audit.entry import AuditLog, Entry, Wanted, verify
from kibble.platform.web.call import Call
from kibble.platform.web.json import Instant
from kibble.platform.web.reply import Reply, listed, ok
from kibble.platform.web.route import Route, get

READ = "audit:read"

_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class AuditQuery(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Which entries; all of what is given must hold. ``since`` is included, ``until`` is not."""

    actor: _Text | None = None
    action: _Text | None = None
    target: _Text | None = None
    since: Instant | None = None
    until: Instant | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT
    cursor: str | None = None


class AuditView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """An entry: who did what, when, from where, and what it changed.

    ``outcome`` is begun (of a change that is under way, or was cut off), done or refused; ``act``
    is the same for both entries of one change.
    """

    sequence: int
    act: str
    at: Instant
    actor: str
    roles: list[str]
    address: str
    request_id: str
    action: str
    target: str
    outcome: str
    status: int
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    hash: str

    @classmethod
    def of(cls, entry: Entry) -> AuditView:
        """Return the view of ``entry``."""
        act = entry.act
        return cls(
            sequence=entry.sequence,
            act=act.act,
            at=from_text(act.at),
            actor=act.actor,
            roles=list(act.roles),
            address=act.address,
            request_id=act.request_id,
            action=act.action,
            target=act.target,
            outcome=act.outcome,
            status=act.status,
            before=act.before,
            after=act.after,
            hash=entry.hash,
        )


class VerificationView(msgspec.Struct, frozen=True, rename="camel"):
    """Whether the chain holds: how many entries do, the last one's hash, what is wrong after it."""

    holds: bool
    entries: int
    last_hash: str
    problem: str | None


class AuditController:
    """One method a route."""

    def __init__(self, log: AuditLog) -> None:
        self._log = log

    async def list_audit(self, call: Call[None, AuditQuery]) -> Reply:
        """GET /api/audit."""
        query = call.query
        below = decode_cursor(query.cursor, int)[0] if query.cursor else None
        page = await self._log.find(
            Wanted(
                actor=query.actor,
                action=query.action,
                target=query.target,
                since=to_text(query.since) if query.since else None,
                until=to_text(query.until) if query.until else None,
                below=below if isinstance(below, int) else None,
                limit=query.limit,
            )
        )
        return listed(page, AuditView.of, call.next_url)

    async def verify_audit(self, call: Call[None, None]) -> Reply:
        """GET /api/audit/verification."""
        told = await verify(self._log)
        return ok(
            VerificationView(told.problem is None, told.entries, told.last_hash, told.problem)
        )


def routes(controller: AuditController) -> list[Route]:
    """Return the table of the audit log's routes."""
    c = controller
    return [
        get(
            "/api/audit",
            c.list_audit,
            "Who changed what, newest first",
            READ,
            query=AuditQuery,
            answer=list[AuditView],
        ),
        get(
            "/api/audit/verification",
            c.verify_audit,
            "Whether the audit log is whole",
            READ,
            answer=VerificationView,
        ),
    ]

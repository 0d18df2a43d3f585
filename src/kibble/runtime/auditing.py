"""``kibble audit``: who changed what, and whether the log of it is whole."""

from __future__ import annotations

import sys
from typing import Annotated

from cyclopts import App, Group, Parameter

from kibble.kernel.paging import MAX_LIMIT
from kibble.platform.audit.entry import AuditLog, Entry, Verdict, Wanted, verify
from kibble.platform.web.json import encode
from kibble.runtime.console import write
from kibble.runtime.people import DataDir, settings_of
from kibble.runtime.recording import with_audit_log

audit = App(name="audit", help="The audit log: look things up, and check that it is whole.")

Distributed = Annotated[
    bool,
    Parameter(group=Group("Where"), help="The shop runs as a process a service."),
]


@audit.command(name="list")
def list_entries(
    *,
    actor: Annotated[str | None, Parameter(help="Who did it: an account's id.")] = None,
    action: Annotated[str | None, Parameter(help="An operation's name, such as sign_in.")] = None,
    target: Annotated[str | None, Parameter(help="The path that it was asked of.")] = None,
    limit: Annotated[int, Parameter(help="How many at most.")] = 20,
    json: Annotated[bool, Parameter(help="Print JSON.")] = False,
    distributed: Distributed = False,
    data_dir: DataDir = None,
) -> None:
    """List entries, newest first."""
    wanted = Wanted(actor=actor, action=action, target=target, limit=min(limit, MAX_LIMIT))

    async def work(log: AuditLog) -> list[Entry]:
        return list((await log.find(wanted)).items)

    entries = with_audit_log(settings_of(data_dir), work, distributed=distributed)
    if json:
        write(encode(entries).decode())
        return
    for entry in entries:
        act = entry.act
        write(
            f"{entry.sequence}  {act.at}  {act.actor}  {act.action}  {act.target}"
            f"  {act.outcome}{f' {act.status}' if act.status else ''}"
        )


@audit.command(name="verify")
def verify_chain(*, distributed: Distributed = False, data_dir: DataDir = None) -> None:
    """Check that no entry was altered, taken out or put in; exit 1 when one was.

    Keep the last hash elsewhere: it tells of a log that was replaced as a whole.
    """

    async def work(log: AuditLog) -> Verdict:
        return await verify(log)

    told = with_audit_log(settings_of(data_dir), work, distributed=distributed)
    write(f"{told.entries} entries hold; the last hash is {told.last_hash}")
    if told.problem is not None:
        write(told.problem)
        sys.exit(1)

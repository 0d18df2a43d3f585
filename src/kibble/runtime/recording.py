"""What operators do past the API is in the audit log too: commands write it down themselves."""

from __future__ import annotations

import asyncio
import getpass
import platform
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from typing import TypeVar

from kibble.kernel.clock import to_text
from kibble.platform.audit.entry import Act, AuditLog
from kibble.platform.clock import SystemClock, Uuid7Ids, system_randomness
from kibble.platform.config import Settings
from kibble.runtime.console import fail, no_shop_in

T = TypeVar("T")


@contextmanager
def recorded(
    settings: Settings, action: str, target: str, *, distributed: bool = False
) -> Generator[None]:
    """Write down that an operator does something past the API, and what became of it.

    Nothing is done that cannot be written down. The actor is ``operator``, as in what a command
    asks of the API; the address is the account of the machine that it runs under.
    """
    act_id = _new_id()

    def write(outcome: str) -> None:
        record(settings, action, target, outcome, act_id=act_id, distributed=distributed)

    write("begun")
    try:
        yield
    except BaseException:
        write("refused")
        raise
    write("done")


def record(
    settings: Settings,
    action: str,
    target: str,
    outcome: str,
    *,
    act_id: str | None = None,
    distributed: bool = False,
) -> None:
    """Write one entry about what an operator does."""
    if not distributed:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    act = Act(
        act=act_id or _new_id(),
        at=to_text(SystemClock().now()),
        actor="operator",
        address=f"{getpass.getuser()}@{platform.node()}",
        action=action,
        target=target,
        outcome=outcome,
    )
    with_audit_log(settings, lambda log: log.append(act), distributed=distributed)


def _new_id() -> str:
    return Uuid7Ids(SystemClock(), system_randomness()).new()


def with_audit_log(
    settings: Settings, work: Callable[[AuditLog], Awaitable[T]], *, distributed: bool
) -> T:
    """Run ``work`` on the audit log; ends with a sentence where there is none."""

    async def here() -> T:
        from kibble.platform.engines.sqlite.audit import SqliteAuditLog, audit_path

        log = SqliteAuditLog(audit_path(settings.data_dir))
        try:
            return await work(log)
        finally:
            log.close()

    async def there() -> T:
        from kibble.platform.engines.postgres.audit import PostgresAuditLog

        log = PostgresAuditLog(settings)
        try:
            return await work(log)
        finally:
            await log.close()

    if not distributed and not settings.data_dir.exists():
        fail(no_shop_in(settings.data_dir))
    return asyncio.run(there() if distributed else here())

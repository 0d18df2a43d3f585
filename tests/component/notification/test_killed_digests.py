"""Digests in a process of its own that is killed again and again: each is one all the same."""

from __future__ import annotations

import asyncio
import random
import signal
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from kibble.kernel.ids import CustomerId, NotificationId
from kibble.platform.persistence.changes import Changes
from kibble.services.notification.model import Channel, Copy, Message
from kibble.services.notification.repository.messages import NotificationRepository
from tests.component.notification.conftest import office_in
from tests.fixtures.doubles import START

CUSTOMERS, EACH, KILLS = 100, 3, 3
SCRIPT = """
import asyncio
import random
import sys
from pathlib import Path

from kibble.contracts.customer import Contact
from kibble.platform.clock import SystemClock, Uuid7Ids, system_randomness
from kibble.platform.security.keys import new_key
from kibble.platform.security.tokens import TokenIssuer
from kibble.services.notification.wiring import Neighbours, build_embedded


class Everybody:
    async def contact(self, customer_id):
        return Contact(customer_id=customer_id, name="Sam", email=f"{customer_id}@example.com")

    async def one_time_link(self, request_id):
        return None


async def main(folder: Path) -> None:
    clock = SystemClock()
    ids = Uuid7Ids(clock, system_randomness())
    around = Neighbours(Everybody(), None, None, None, TokenIssuer(new_key(), clock, ids))
    built = build_embedded(folder, clock, ids, random.Random(), around)
    tasks = {task.name: task for task in built.tasks if hasattr(task, "work")}
    for name in ("write digests", "send notifications") * 4:
        print(name, flush=True)
        await tasks[name].work()
    built.store.close()


asyncio.run(main(Path(sys.argv[1])))
"""


def collected() -> Iterator[Message]:
    """Return what waits for the e-mail of the day, of many customers."""
    for number in range(CUSTOMERS * EACH):
        yield Message(
            id=NotificationId(f"0193a7f0-0000-7000-8000-{number:012x}"),
            request_id=f"r{number}",
            kind="promotion",
            channel=Channel.EMAIL,
            customer_id=CustomerId(f"0193a7f0-0000-7000-9000-{number // EACH:012x}"),
            email=None,
            copy=Copy("An offer", f"Offer {number}."),
            due_at=START - timedelta(days=300),
            created_at=START,
            collected=True,
        )


async def fill(store: NotificationRepository) -> None:
    changes = Changes()
    for message in collected():
        changes.save(message)
    await store.commit(changes)


async def run(script: Path, folder: Path, kill_at: int | None) -> int:
    """Let the process work; kill it in the middle of its step ``kill_at``."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(script), str(folder), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(120):
        steps = 0
        async for _ in process.stdout:
            steps += 1
            if steps == kill_at:
                process.send_signal(signal.SIGKILL)
                break
        return await process.wait()


async def test_a_digest_is_one_and_has_all_of_its_parts_whenever_its_process_is_killed(
    tmp_path: Path,
) -> None:
    script, folder = tmp_path / "digests.py", tmp_path / "data"
    folder.mkdir()
    script.write_text(SCRIPT)
    office = office_in(folder)
    await fill(office.built.store)  # type: ignore[arg-type]  # the store behind the port
    office.built.store.close()
    chance = random.Random(11)
    for _ in range(KILLS):
        assert await run(script, folder, chance.randint(1, 3)) == -signal.SIGKILL
    assert await run(script, folder, None) == 0
    with closing(sqlite3.connect(folder / "notification.db")) as connection:
        rows = connection.execute(
            "SELECT customer_id, count(*) FROM messages WHERE kind = 'digest' GROUP BY 1"
        ).fetchall()
        parts = connection.execute(
            "SELECT count(*) FROM messages WHERE collected AND status = 'SUPPRESSED'"
            " AND reason = 'digest'"
        ).fetchone()
        sent = connection.execute(
            "SELECT count(*) FROM messages WHERE kind = 'digest' AND status = 'SENT'"
        ).fetchone()
    assert len(rows) == CUSTOMERS
    assert {count for _, count in rows} == {1}
    assert (parts, sent) == ((CUSTOMERS * EACH,), (CUSTOMERS,))
    mails = [mail.read_text() for mail in (folder / "outbox" / "email").rglob("*.eml")]
    assert len(mails) == CUSTOMERS

"""The restore drill: a shop that sold is backed up, lost, and brought back; every row is compared.

Embedded: a backup of the running shop, kill -9, the folder removed, the backup restored.
PostgreSQL: the rows of the four services that are kept there are moved in, their schemas dumped,
dropped and restored. Both are compared as an export's manifest does: rows and checksums of every
table.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tarfile
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec

from bench.kit.process import free_port
from kibble.platform.clock import SystemClock, Uuid7Ids, system_randomness
from kibble.platform.config import Settings, read_settings
from kibble.platform.persistence.archive import Archive, batches
from kibble.platform.service import World
from kibble.runtime.moving.manifest import TableEntry, read_manifest
from kibble.runtime.moving.writing import tables_of
from kibble.runtime.unpacking import unpack
from kibble.services.notification import wiring as notification
from kibble.services.order import wiring as order
from kibble.services.payment import wiring as payment
from kibble.services.shipping import wiring as shipping
from tools.deploy import programs
from tools.deploy.live import buy, engines
from tools.distributed.processes import Member, await_ready, kibble

READY_SECONDS = 300.0
SETTLE_SECONDS = 4.0
"""What follows from an order is done by then: nothing changes between the backup and the end."""
NAMESPACE = "deploydrill"
ON_POSTGRES = {
    "order": order.archive_distributed,
    "payment": payment.archive_distributed,
    "shipping": shipping.archive_distributed,
    "notification": notification.archive_distributed,
}
Tables = dict[str, TableEntry]
"""What is in each table: how many rows, and a digest of them."""


def check(*, with_postgres: bool = True) -> Iterator[str]:
    """Run the drill, and yield what was lost or failed."""
    with tempfile.TemporaryDirectory(prefix="kibble-drill-") as name:
        folder = Path(name)
        yield from _embedded(folder)
        if with_postgres:
            yield from _postgres(folder)


def _embedded(folder: Path) -> Iterator[str]:
    data, port = folder / "data", free_port()
    command = kibble("run", "--port", str(port), "--data-dir", str(data))
    shop = Member("kibble", command, {}, folder / "log", port)
    try:
        shop.start()
        await_ready([shop], READY_SECONDS)
        buy(port, orders=3)
        time.sleep(SETTLE_SECONDS)
        yield from _done("backup", folder / "backup.tar.gz", data)
    finally:
        shop.kill()
    shutil.copytree(
        data, folder / "kept"
    )  # what the drill compares with; the disaster has the rest
    shutil.rmtree(data)
    yield from _done("restore", folder / "backup.tar.gz", data)
    yield from _done("export", folder / "before.tar.gz", folder / "kept")
    yield from _done("export", folder / "after.tar.gz", data)
    if (folder / "before.tar.gz").is_file() and (folder / "after.tar.gz").is_file():
        was, now = _tables(folder / "before.tar.gz"), _tables(folder / "after.tar.gz")
        yield from _differences("embedded", was, now)


def _postgres(folder: Path) -> Iterator[str]:
    """Lose and restore the schemas of the four services on PostgreSQL."""
    exported = folder / "after.tar.gz"
    if not exported.is_file():
        return
    settings = read_settings({**os.environ, **engines(), "KIBBLE_NAMESPACE": NAMESPACE})
    url, dump = settings.postgres_url, folder / "shop.dump"
    schemas = [f"--schema={NAMESPACE}_{service}" for service in ON_POSTGRES]
    yield from _drop(url)
    try:
        with tarfile.open(exported) as tar:
            for member in tar:
                unpack(tar, member, folder / "rows" / member.name, folder / "rows")
        was = asyncio.run(_moved_in(settings, folder / "rows"))
        yield from _ran(_tool("pg_dump"), "--format=custom", f"--file={dump}", *schemas, url)
        yield from _drop(url)
        yield from _ran(_tool("pg_restore"), "--exit-on-error", f"--dbname={url}", str(dump))
        wanted = {name: entry for name, entry in _tables(exported).items() if name in was}
        yield from _differences("moved to PostgreSQL", wanted, was)
        yield from _differences("PostgreSQL", was, asyncio.run(_there(settings)))
    finally:
        yield from _drop(url)


async def _moved_in(settings: Settings, rows: Path) -> Tables:
    """Load the exported rows of the four services; return what is there then."""
    async with AsyncExitStack() as stack:
        archives = await _opened(settings, stack)
        for archive in archives:
            await archive.begin()
            for shape in archive.shapes:
                lines = (rows / archive.name / f"{shape.name}.jsonl").read_bytes().splitlines()
                for batch in batches(map(msgspec.json.decode, lines)):
                    await archive.load(shape, batch)
            await archive.finish()
        return await tables_of(archives)


async def _there(settings: Settings) -> Tables:
    async with AsyncExitStack() as stack:
        return await tables_of(await _opened(settings, stack))


async def _opened(settings: Settings, stack: AsyncExitStack) -> Sequence[Archive]:
    clock, randomness = SystemClock(), system_randomness()
    world = World(clock, Uuid7Ids(clock, randomness), randomness)
    opened = []
    for archive in ON_POSTGRES.values():
        opened.append(await archive(settings, world))
        stack.push_async_callback(opened[-1].close)
    return opened


def _tool(name: str) -> str:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    if not found:
        raise programs.Missing(f"{name} is not there: make engines ARGS=postgres installs it")
    return str(found[-1])


def _drop(url: str) -> Iterator[str]:
    drops = [f'DROP SCHEMA IF EXISTS "{NAMESPACE}_{service}" CASCADE' for service in ON_POSTGRES]
    yield from _ran(_tool("psql"), "--quiet", "--command", "; ".join(drops), url)


def _done(task: str, file: Path, data: Path) -> Iterator[str]:
    """Run a command of ``kibble`` on a file and a data folder."""
    command = kibble(task, str(file), "--data-dir", str(data))
    yield from programs.problems(f"kibble {task}", programs.run(*command))


def _ran(*command: str) -> Iterator[str]:
    yield from programs.problems(Path(command[0]).name, programs.run(*command))


def _differences(label: str, was: Tables, now: Tables) -> Iterator[str]:
    if not was["order/orders"].rows:
        yield f"{label}: the shop had sold nothing"
    for table, entry in was.items():
        if now.get(table) != entry:
            yield f"{label}: {table} had {entry.rows} rows, and has {now.get(table)}"


def _tables(exported: Path) -> Tables:
    with tarfile.open(exported) as tar:
        return read_manifest(tar).tables

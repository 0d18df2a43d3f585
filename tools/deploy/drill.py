"""The restore drill: a shop that sold is backed up, lost, and brought back; every row is compared.

Embedded: a backup of the running shop, kill -9, the folder removed, the backup restored.
PostgreSQL: the shop's rows moved into engines, its schemas dumped, dropped and restored. Both are
compared by the manifests of exports: rows and checksums of every table.
"""

from __future__ import annotations

import shutil
import tarfile
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench.kit.process import free_port
from kibble.runtime.moving.manifest import Manifest, read_manifest
from tools.deploy import programs
from tools.deploy.live import buy, engines
from tools.distributed.processes import Member, await_ready, kibble

READY_SECONDS = 300.0
SETTLE_SECONDS = 4.0
"""What follows from an order is done by then: nothing changes between the backup and the end."""
NAMESPACE = "deploydrill"
ON_POSTGRES = ("order", "payment", "shipping", "notification")


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
    yield from _differences("embedded", folder / "before.tar.gz", folder / "after.tar.gz")


def _postgres(folder: Path) -> Iterator[str]:
    """Lose and restore the schemas of the four services on PostgreSQL."""
    settings = engines() | {"KIBBLE_NAMESPACE": NAMESPACE}
    url = settings["KIBBLE_POSTGRES_URL"]
    yield from _drop(url)
    there = folder / "there"
    distributed = ("--distributed",)
    yield from _done("import", folder / "after.tar.gz", there, *distributed, settings=settings)
    dump = folder / "shop.dump"
    schemas = [f"--schema={NAMESPACE}_{service}" for service in ON_POSTGRES]
    yield from _ran(_tool("pg_dump"), "--format=custom", f"--file={dump}", *schemas, url)
    yield from _drop(url)
    yield from _ran(_tool("pg_restore"), "--exit-on-error", f"--dbname={url}", str(dump))
    target = folder / "restored.tar.gz"
    yield from _done("export", target, there, *distributed, settings=settings)
    yield from _differences("PostgreSQL", folder / "after.tar.gz", target)


def _tool(name: str) -> str:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    if not found:
        raise programs.Missing(f"{name} is not there: make engines ARGS=postgres installs it")
    return str(found[-1])


def _drop(url: str) -> Iterator[str]:
    drops = [f'DROP SCHEMA IF EXISTS "{NAMESPACE}_{service}" CASCADE' for service in ON_POSTGRES]
    yield from _ran(_tool("psql"), "--quiet", "--command", "; ".join(drops), url)


def _done(
    task: str, file: Path, data: Path, *more: str, settings: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Run a command of ``kibble`` on a file and a data folder."""
    command = kibble(task, str(file), "--data-dir", str(data), *more)
    yield from programs.problems(f"kibble {task}", programs.run(*command, environment=settings))


def _ran(*command: str) -> Iterator[str]:
    yield from programs.problems(Path(command[0]).name, programs.run(*command))


def _differences(label: str, before: Path, after: Path) -> Iterator[str]:
    if not (before.is_file() and after.is_file()):
        yield f"{label}: there is nothing to compare"
        return
    was, now = _manifest(before), _manifest(after)
    if not was.tables["order/orders"].rows:
        yield f"{label}: the shop had sold nothing"
    for table, entry in was.tables.items():
        if now.tables.get(table) != entry:
            yield f"{label}: {table} had {entry.rows} rows, and has {now.tables.get(table)}"


def _manifest(path: Path) -> Manifest:
    with tarfile.open(path) as tar:
        return read_manifest(tar)

"""The restore drill: a shop that sold is backed up, lost, and brought back; every row is compared.

Embedded: backups of the running shop to a file and, encrypted, to S3 (by moto's server), kill -9,
the folder removed, each backup restored, and the shop started from the one of S3, which opens with
its key alone. PostgreSQL: the rows of the
four services that are kept there are moved in, their schemas dumped, dropped and restored. All are
compared as an export's manifest does: rows and checksums of every table.

``python -m tools.deploy.drill`` tells how long each step took: the figures of
docs/runbooks/disaster-recovery.md.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import os
import secrets
import shutil
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

import boto3
import msgspec
from moto.server import ThreadedMotoServer

from bench.kit.process import free_port
from kibble.platform.clock import SystemClock, Uuid7Ids, system_randomness
from kibble.platform.config import Settings, read_settings
from kibble.platform.persistence.archive import Archive, batches
from kibble.platform.security.encrypted import KEY_BYTES
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
REGION = "us-east-1"
ON_POSTGRES = {
    "order": order.archive_distributed,
    "payment": payment.archive_distributed,
    "shipping": shipping.archive_distributed,
    "notification": notification.archive_distributed,
}
KEY = "KIBBLE_BACKUP_KEY"
LOG = "audit/entries"
"""Not compared, but verified: each backup, export and restore is an entry more."""
Tables = dict[str, TableEntry]
"""What is in each table: how many rows, and a digest of them."""


Seconds = MutableMapping[str, float]
"""How long each step took, by its name."""


def check(seconds: Seconds | None = None) -> Iterator[str]:
    """Run the drill, and yield what was lost or failed; ``seconds`` is told what it took."""
    took = {} if seconds is None else seconds
    with tempfile.TemporaryDirectory(prefix="kibble-drill-") as name, _bucket() as bucket:
        folder = Path(name)
        yield from _embedded(folder, {"KIBBLE_BACKUP_TO": bucket, KEY: _key()}, took)
        yield from _postgres(folder, took)


@contextmanager
def _bucket() -> Iterator[str]:
    """Run an S3 with a bucket; yield where in it backups go."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it would tell of every request
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}
        client = boto3.client("s3", region_name=REGION, endpoint_url=endpoint, **keys)
        client.create_bucket(Bucket="backups")
        yield f"s3://key:secret@backups/drill?region={REGION}&endpoint={endpoint}"
    finally:
        server.stop()


def _embedded(folder: Path, bucket: Mapping[str, str], took: Seconds) -> Iterator[str]:
    """Lose and restore a shop of one process: by a file, then by S3."""
    data, file = folder / "data", folder / "backup.tar.gz"
    shop = _shop(data, folder / "log")
    try:
        shop.start()
        await_ready([shop], READY_SECONDS)
        buy(shop.port, orders=3)
        time.sleep(SETTLE_SECONDS)
        yield from _done("backup to a file", took, "backup", str(file), data=data)
        encrypt = ("backup", "--encrypt")
        yield from _done("encrypted backup to S3", took, *encrypt, data=data, settings=bucket)
    finally:
        shop.kill()
    shutil.copytree(
        data, folder / "kept"
    )  # what the drill compares with: the disaster has the rest
    yield from _done("export", took, "export", str(folder / "before.tar.gz"), data=folder / "kept")
    shutil.rmtree(data)
    yield from _done("restore of a file", took, "restore", str(file), data=data)
    yield from _kept(folder, "after.tar.gz", data, took)
    shutil.rmtree(data)
    yield from _kept_shut(data, bucket)
    yield from _done("restore of S3's newest", took, "restore", data=data, settings=bucket)
    yield from _kept(folder, "after-s3.tar.gz", data, took)
    with _timed("start of what was restored", took):
        shop = _shop(data, folder / "log")
        try:
            shop.start()
            await_ready([shop], READY_SECONDS)
        finally:
            shop.kill()


def _key() -> str:
    """Return a new key for backups, as ``openssl rand -base64 32`` makes one."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _kept_shut(data: Path, bucket: Mapping[str, str]) -> Iterator[str]:
    """Try to restore the encrypted backup without its key, and with another."""
    for key, says in (("", "is encrypted"), (_key(), "another key")):
        restore = kibble("restore", "--data-dir", str(data))
        ran = programs.run(*restore, environment={**bucket, KEY: key})
        if ran.code == 0 or says not in " ".join(ran.said.split()):
            yield f"kibble restore does not say that the backup {says}: {ran.code}, {ran.said}"
        if any(data.glob("*.db")):
            yield f"a backup that {says} was restored all the same"


def _shop(data: Path, log: Path) -> Member:
    port = free_port()
    return Member(
        "kibble", kibble("run", "--port", str(port), "--data-dir", str(data)), {}, log, port
    )


def _kept(folder: Path, name: str, data: Path, took: Seconds) -> Iterator[str]:
    """Compare every row of what was restored with what there was, and its log with itself."""
    yield from _done("check of the audit log", took, "audit", "verify", data=data)
    yield from _done("export", took, "export", str(folder / name), data=data)
    if (folder / "before.tar.gz").is_file() and (folder / name).is_file():
        was, now = _tables(folder / "before.tar.gz"), _tables(folder / name)
        yield from _differences(f"embedded ({name})", was, now)


def _postgres(folder: Path, took: Seconds) -> Iterator[str]:
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
        with _timed("dump of PostgreSQL", took):
            yield from _ran(_tool("pg_dump"), "--format=custom", f"--file={dump}", *schemas, url)
        yield from _drop(url)
        with _timed("restore of PostgreSQL", took):
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


def _done(
    what: str,
    took: Seconds,
    *command: str,
    data: Path,
    settings: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """Run a command of ``kibble`` on a data folder, and tell how long it took."""
    with _timed(what, took):
        ran = programs.run(*kibble(*command, "--data-dir", str(data)), environment=settings)
    yield from programs.problems(f"kibble {what}", ran)


@contextmanager
def _timed(what: str, took: Seconds) -> Iterator[None]:
    began = time.monotonic()
    yield
    took[what] = time.monotonic() - began


def _ran(*command: str) -> Iterator[str]:
    yield from programs.problems(Path(command[0]).name, programs.run(*command))


def _differences(label: str, was: Tables, now: Tables) -> Iterator[str]:
    if not was["order/orders"].rows:
        yield f"{label}: the shop had sold nothing"
    for table, entry in was.items():
        if table != LOG and now.get(table) != entry:
            yield f"{label}: {table} had {entry.rows} rows, and has {now.get(table)}"


def _tables(exported: Path) -> Tables:
    with tarfile.open(exported) as tar:
        return read_manifest(tar).tables


def main() -> int:
    """Run the drill, and print what each step took."""
    took: dict[str, float] = {}
    found = list(check(took))
    print(f"load average {os.getloadavg()[0]:.1f}")
    for what, seconds in took.items():
        print(f"{seconds:>7.1f} s  {what}")
    print("\n".join(found) or "nothing was lost")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

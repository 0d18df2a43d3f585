"""``kibble backup``, ``backups``, ``verify``, ``restore`` and ``files``: nothing is to be lost."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

from cyclopts import App, Parameter, validators

from kibble.platform.clock import SystemClock
from kibble.platform.config import Settings
from kibble.platform.security.encrypted import read_key
from kibble.runtime import archive, safekeeping
from kibble.runtime.console import fail, say, write
from kibble.runtime.people import DataDir, require_shop, settings_of
from kibble.runtime.recording import recorded
from kibble.runtime.server import exclusive

T = TypeVar("T")

files = App(name="files", help="Pictures and feeds: from the data folder to S3, and back.")
Place = Annotated[
    str | None,
    Parameter(help="A file, a folder, or s3://BUCKET/PREFIX (KIBBLE_BACKUP_TO)."),
]


def backup(
    to: Place = None,
    *,
    keep: Annotated[
        int | None,
        Parameter(
            help="How many backups stay there; older ones are removed.",
            validator=validators.Number(gte=1),
        ),
    ] = None,
    encrypt: Annotated[
        bool, Parameter(negative=(), help="Not without a key (KIBBLE_BACKUP_KEY).")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Write all state at one moment into one archive; the shop may be running.

    Where KIBBLE_BACKUP_KEY has a key of 256 bits in base64, the archive is encrypted with it.
    """
    settings = settings_of(data_dir)
    folder = settings.data_dir
    require_shop(settings)
    key = _key(data_dir)
    if encrypt and key is None:
        fail("KIBBLE_BACKUP_KEY has no key: openssl rand -base64 32 makes one.")
    now, place = SystemClock().now(), _place(to, data_dir)
    with recorded(settings, "back_up_shop", safekeeping.shown(place)):
        name, taken = _await(safekeeping.take(folder, place, now, keep, key))
    say(f"{len(taken.files)} files, {taken.bytes:,} bytes: {name}")


def backups(
    where: Place = None,
    *,
    links: Annotated[
        bool, Parameter(negative=(), help="With addresses to fetch each at, for an hour (S3).")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """List the backups in a folder or a bucket, oldest first."""
    for one, link in _await(safekeeping.listed(_place(where, data_dir), links=links)):
        line = f"{one.name}  {one.size_bytes:,} bytes"
        write(f"{line}  {link}" if link else line)


def verify(source: Place = None, *, data_dir: DataDir = None) -> None:
    """Read a backup to its end, and see that it is whole; of a place, the newest."""
    key = _key(data_dir)

    async def work() -> archive.Backup:
        async with safekeeping.incoming(_place(source, data_dir)) as file:
            return archive.verify(file, key)

    taken = _await(work())
    say(f"Whole: {len(taken.files)} files as of {taken.taken_at:%Y-%m-%d %H:%M:%S} UTC.")


def restore(source: Place = None, *, data_dir: DataDir = None) -> None:
    """Unpack a backup into an empty data folder, once it is known to be whole.

    Of a place, the newest is taken; s3://BUCKET/PREFIX/NAME.tar.gz names another.
    """
    folder, key = settings_of(data_dir).data_dir, _key(data_dir)

    async def work() -> archive.Backup:
        async with safekeeping.incoming(_place(source, data_dir)) as file:
            return archive.restore(file, folder, key)

    try:
        with exclusive(folder):
            taken = _await(work())
    except archive.NotEmpty as error:
        fail(str(error))
    say(f"The shop is as of {taken.taken_at:%Y-%m-%d %H:%M:%S} UTC.")


@files.command
def push(*, data_dir: DataDir = None) -> None:
    """Copy pictures and feeds from the data folder into the store that KIBBLE_FILES_URL names."""
    settings = _with_store(data_dir)
    copied = _await(safekeeping.push(settings.files_url, settings.data_dir))
    say(f"{copied} files copied.")


@files.command
def pull(*, data_dir: DataDir = None) -> None:
    """Copy pictures and feeds from that store into the data folder."""
    settings = _with_store(data_dir)
    copied = _await(safekeeping.pull(settings.files_url, settings.data_dir))
    say(f"{copied} files copied.")


@files.command
def offer(name: str, to: str) -> None:
    """Print a command that sends one feed to a bucket, for a supplier: it holds for an hour.

    NAME is what it will be called there, TO the bucket (s3://BUCKET/PREFIX); 64 MiB at most.
    """
    form = _await(safekeeping.offered(to, name))
    if form is None:
        fail("Only a bucket takes files from others: s3://BUCKET/PREFIX.")
    fields = [f"-F {shlex.quote(f'{key}={value}')}" for key, value in form.fields.items()]
    write(" ".join(["curl -f", *fields, "-F file=@FILE", shlex.quote(form.url)]))


def _with_store(data_dir: Path | None) -> Settings:
    settings = settings_of(data_dir)
    if not settings.files_url:
        fail("KIBBLE_FILES_URL names no store: pictures and feeds are in the data folder alone.")
    return settings


def _place(given: str | None, data_dir: Path | None) -> str:
    address = given or settings_of(data_dir).backup_to
    if not address:
        fail("Say where: a file, a folder or s3://BUCKET/PREFIX, here or in KIBBLE_BACKUP_TO.")
    return address


def _key(data_dir: Path | None) -> bytes | None:
    """Return the key that backups are encrypted with, if there is one."""
    text = settings_of(data_dir).backup_key
    try:
        return read_key(text) if text else None
    except ValueError:
        fail("KIBBLE_BACKUP_KEY must be 256 bits in base64: openssl rand -base64 32 makes one.")


def _await(work: Coroutine[Any, Any, T]) -> T:
    """Run ``work``; what is wrong with a backup is told in a sentence."""
    try:
        return asyncio.run(work)
    except archive.BadBackup as error:
        fail(str(error))

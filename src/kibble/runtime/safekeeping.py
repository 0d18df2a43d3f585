"""Backups and exports outside the data folder: in a folder, or in a bucket of S3.

A place is a folder or ``s3://BUCKET/PREFIX`` (see ``kibble.platform.engines.storing``). In it a
backup is called by the moment at which it was taken, so that their order is that of their names.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from kibble.platform.engines.storing import S3, choose_files
from kibble.platform.files import Files, SignedForm, Stored, copy
from kibble.runtime import archive
from kibble.runtime.archive import Backup, BadBackup

ENCRYPTED = ".enc"
ENDS = (".tar.gz", ".tgz", f".tar.gz{ENCRYPTED}")
MOVED = ("images/", "imports/")
"""What a shop has among its files, wherever they are."""
LINK_SECONDS = 3600
MOST_OFFERED_BYTES = 64 << 20
"""What an import takes."""
_OURS = re.compile(r"kibble-\d{8}T\d{6}Z\.tar\.gz(\.enc)?")


@asynccontextmanager
async def _place(address: str) -> AsyncGenerator[Files]:
    """Open a place, once it is known to be ours; raises ``ValueError`` with a sentence."""
    files = choose_files("The place", address, Path())
    try:
        await files.check()
        yield files
    finally:
        await files.close()


def is_file(address: str) -> bool:
    """Tell whether an address is that of one file on this machine."""
    return not address.startswith(S3) and address.endswith(ENDS)


async def take(
    data_dir: Path, address: str, now: datetime, keep: int | None, key: bytes | None = None
) -> tuple[str, Backup]:
    """Back a shop up to a file or into a place, where the ``keep`` newest stay; return its name.

    With a ``key`` it is encrypted before it leaves.

    Only what a backup of ours is called like is ever removed, and only once the new one is there.
    """
    if is_file(address):
        return address, archive.backup(data_dir, Path(address), now, key)
    name = f"kibble-{now:%Y%m%dT%H%M%SZ}.tar.gz{ENCRYPTED if key else ''}"
    async with _place(address) as place:
        with tempfile.TemporaryDirectory() as scratch:
            taken = archive.backup(data_dir, Path(scratch) / name, now, key)
            await place.put(name, Path(scratch) / name)
        if keep is not None:
            for old in (await _backups(place))[: -max(keep, 1)]:
                await place.remove(old.name)
    return name, taken


async def _backups(place: Files) -> list[Stored]:
    """Return the backups in a place, oldest first."""
    return [one for one in await place.names("kibble-") if _OURS.fullmatch(one.name)]


async def listed(address: str, *, links: bool) -> list[tuple[Stored, str | None]]:
    """Return the backups in a place, oldest first, with links that hold for an hour if wanted."""
    async with _place(address) as place:
        return [
            (one, await place.link(one.name, LINK_SECONDS) if links else None)
            for one in await _backups(place)
        ]


@asynccontextmanager
async def incoming(address: str) -> AsyncGenerator[Path]:
    """Give a file on this machine: the one at an address, or the newest backup of a place.

    Raises ``BadBackup`` when there is none.
    """
    if not _is_place(address):
        yield Path(address)
        return
    place_address, name = _split(address)
    async with _place(place_address) as place:
        wanted = name or next((one.name for one in reversed(await _backups(place))), None)
        with tempfile.TemporaryDirectory() as scratch:
            target = Path(scratch) / (wanted or "none")
            if wanted is None or not await place.fetch(wanted, target):
                raise BadBackup(f"There is no {name or 'backup'} in {shown(place_address)}.")
            yield target


@asynccontextmanager
async def outgoing(address: str) -> AsyncGenerator[Path]:
    """Give a file to write; afterwards it is at the address."""
    if not address.startswith(S3):
        yield Path(address)
        return
    place_address, name = _split(address)
    if name is None:
        raise ValueError("The address must end with the name of a file: s3://BUCKET/shop.tar.gz")
    async with _place(place_address) as place:
        with tempfile.TemporaryDirectory() as scratch:
            yield Path(scratch) / name
            await place.put(name, Path(scratch) / name)


def _is_place(address: str) -> bool:
    return address.startswith(S3) or Path(address).is_dir()


def _split(address: str) -> tuple[str, str | None]:
    """Part an address into that of a place and the name of a file in it, if it names one."""
    path, mark, options = address.partition("?")
    place, _, last = path.rpartition("/")
    if not last.endswith(ENDS):
        return address, None
    return f"{place}{mark}{options}", last


def shown(address: str) -> str:
    """Return an address without its credentials and options."""
    start, _, rest = address.partition("?")[0].rpartition("@")
    return f"{S3}{rest}" if start else rest


async def offered(address: str, name: str) -> SignedForm | None:
    """Return how somebody without an account may send one file to a place, within an hour."""
    async with _place(address) as place:
        return await place.form(name, MOST_OFFERED_BYTES, LINK_SECONDS)


async def push(files_url: str, data_dir: Path) -> int:
    """Copy a data folder's pictures and feeds into the shop's store of files; count what is new."""
    return await _move(files_url, data_dir, out=True)


async def pull(files_url: str, data_dir: Path) -> int:
    """Copy the pictures and feeds in the shop's store of files into a data folder."""
    return await _move(files_url, data_dir, out=False)


async def _move(files_url: str, data_dir: Path, *, out: bool) -> int:
    if not files_url:
        return 0
    here = choose_files("", "", data_dir)
    there = choose_files("KIBBLE_FILES_URL", files_url, data_dir)
    source, target = (here, there) if out else (there, here)
    try:
        await there.check()
        with tempfile.TemporaryDirectory() as scratch:
            part = Path(scratch) / "part"
            return sum([await copy(source, target, prefix, part) for prefix in MOVED])
    finally:
        await there.close()

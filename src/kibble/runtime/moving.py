"""Moving house: all state as rows in an archive that says what it holds, and back.

Unlike a backup, which copies files, an archive is independent of the engine: a JSON object a row,
a file a table, with counts and checksums. It is a gzipped tar::

    manifest.json           {"kibble": version, "tables": {"order/orders": {"rows", "sha256"}}}
    order/orders.jsonl      {"order_id": ..., ...} a line; bytes as {"$base64": ...}
    files/images/...        pictures as they are, and the signing key
"""

from __future__ import annotations

import base64
import hashlib
import io
import sqlite3
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec

from kibble import __version__
from kibble.runtime.archive import unpack

MANIFEST = "manifest.json"
FILES = "files"
KEPT = ("images", "outbox", "signing-key.json")
"""What beside the databases belongs to the shop; the search index is built anew."""
LEFT_OUT = frozenset({"migrations"})
_BYTES = "$base64"


class BadArchive(ValueError):
    """The file is no archive of a shop, or is damaged."""


class TableEntry(msgspec.Struct, frozen=True):
    """What the manifest says of one table."""

    rows: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """What an archive holds."""

    kibble: str
    tables: dict[str, TableEntry]


def is_archive(path: Path) -> bool:
    """Tell whether a file is an archive that ``export`` wrote."""
    if not tarfile.is_tarfile(path):
        return False
    with tarfile.open(path) as tar:
        first = tar.next()
        return first is not None and first.name == MANIFEST


def export(data_dir: Path, file: Path) -> Manifest:
    """Write all of a shop that is not running into ``file``; return what it holds."""
    tables = {
        f"{path.stem}/{table}": content
        for path in sorted(data_dir.glob("*.db"))
        for table, content in _dump(path)
    }
    manifest = Manifest(__version__, {name: _entry(content) for name, content in tables.items()})
    with tarfile.open(file, "w:gz", compresslevel=6) as tar:
        _add(tar, MANIFEST, msgspec.json.encode(manifest))
        for name, content in tables.items():
            _add(tar, f"{name}.jsonl", content)
        for kept in KEPT:
            if (data_dir / kept).exists():
                tar.add(data_dir / kept, arcname=f"{FILES}/{kept}")
    return manifest


def _entry(content: bytes) -> TableEntry:
    return TableEntry(content.count(b"\n"), hashlib.sha256(content).hexdigest())


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    tar.addfile(info, io.BytesIO(content))


def _dump(path: Path) -> Iterator[tuple[str, bytes]]:
    with closing(sqlite3.connect(path)) as connection:
        for table in _tables(connection):
            cursor = connection.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            rows = (dict(zip(names, map(_plain, row), strict=True)) for row in cursor)
            lines = sorted(msgspec.json.encode(row) + b"\n" for row in rows)
            yield table, b"".join(lines)


def _tables(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        " ORDER BY name"
    )
    return [name for (name,) in rows if name not in LEFT_OUT]


def _plain(value: object) -> object:
    return {_BYTES: base64.b64encode(value).decode()} if isinstance(value, bytes) else value


def _value(value: Any) -> Any:
    return base64.b64decode(value[_BYTES]) if isinstance(value, dict) else value


def load(file: Path, data_dir: Path) -> Manifest:
    """Load an archive into databases that were just made and are empty; return what it held.

    Raises ``BadArchive`` when the archive is damaged, before a database is changed.
    """
    with tarfile.open(file) as tar:
        manifest, contents = _read(tar)
        for member in tar.getmembers():
            if member.name.startswith(f"{FILES}/"):
                target = data_dir / member.name.removeprefix(f"{FILES}/")
                unpack(tar, member, target, data_dir)
    for service, tables in groupby(contents, key=lambda name: name.split("/")[0]):
        with closing(sqlite3.connect(data_dir / f"{service}.db")) as connection:
            _load_tables(connection, {name.split("/")[1]: contents[name] for name in tables})
    return manifest


def _read(tar: tarfile.TarFile) -> tuple[Manifest, dict[str, bytes]]:
    try:
        manifest = msgspec.json.decode(_member(tar, MANIFEST), type=Manifest)
    except (KeyError, msgspec.MsgspecError) as error:
        raise BadArchive("The file is no archive of a shop.") from error
    contents = {name: _member(tar, f"{name}.jsonl") for name in manifest.tables}
    for name, content in contents.items():
        if _entry(content) != manifest.tables[name]:
            raise BadArchive(f"The archive is damaged: {name} is not what its manifest says.")
    return manifest, contents


def _member(tar: tarfile.TarFile, name: str) -> bytes:
    member = tar.extractfile(name)
    if member is None:
        raise KeyError(name)
    return member.read()


def _load_tables(connection: sqlite3.Connection, tables: Mapping[str, bytes]) -> None:
    """Load a database in one transaction, its triggers put aside: what they would add is there."""
    with connection:
        triggers = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        for name, _ in triggers:
            connection.execute(f'DROP TRIGGER "{name}"')
        for table, content in tables.items():
            _load_table(connection, table, content.splitlines())
        for _, sql in triggers:
            connection.execute(sql)


def _load_table(connection: sqlite3.Connection, table: str, lines: Sequence[bytes]) -> None:
    connection.execute(f'DELETE FROM "{table}"')
    for line in lines:
        row = msgspec.json.decode(line)
        columns = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join("?" * len(row))
        connection.execute(
            f'INSERT INTO "{table}" ({columns}) VALUES ({marks})',
            [_value(value) for value in row.values()],
        )

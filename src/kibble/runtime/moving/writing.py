"""Writing an archive."""

from __future__ import annotations

import io
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from kibble import __version__
from kibble.platform.persistence.archive import Archive
from kibble.runtime.moving.manifest import (
    FILES,
    FORMAT,
    KEPT,
    MANIFEST,
    Manifest,
    TableEntry,
    file_entry,
    table_entry,
)
from kibble.runtime.moving.spool import lines, spooled


async def export(archives: Sequence[Archive], data_dir: Path, file: Path) -> Manifest:
    """Write a shop to which nothing is written meanwhile into ``file``; return what it holds.

    Its files are in ``data_dir``. Needs as much room for temporary files as its rows take. Nobody
    else may read ``file``, which is there as a whole or not at all.
    """
    files = {str(path.relative_to(data_dir)): path for path in _files(data_dir)}
    with tempfile.TemporaryDirectory() as scratch:
        tables = await _tables(archives, Path(scratch), keep=True)
        entries = {name: file_entry(path) for name, path in files.items()}
        manifest = Manifest(FORMAT, __version__, tables, entries)
        arriving = file.with_name(f"{file.name}.part")
        arriving.touch(mode=0o600)
        with tarfile.open(arriving, "w:gz", compresslevel=6) as tar:
            _add(tar, MANIFEST, msgspec.json.encode(manifest))
            for name in tables:
                tar.add(_content(Path(scratch), name), arcname=f"{name}.jsonl")
            for name, path in files.items():
                tar.add(path, arcname=f"{FILES}/{name}")
        arriving.replace(file)
    return manifest


async def tables_of(archives: Sequence[Archive]) -> dict[str, TableEntry]:
    """Return what a manifest would say of the tables."""
    with tempfile.TemporaryDirectory() as scratch:
        return await _tables(archives, Path(scratch), keep=False)


async def _tables(
    archives: Sequence[Archive], scratch: Path, *, keep: bool
) -> dict[str, TableEntry]:
    """Read all tables; ``keep`` their lines in files, see ``_content``."""
    found: dict[str, TableEntry] = {}
    for archive in archives:
        for shape in archive.shapes:
            name = f"{archive.name}/{shape.name}"
            database = await spooled(shape, archive.rows(shape), scratch / "spool")
            sorted_lines = lines(database)
            if keep:
                sorted_lines = _kept(sorted_lines, _content(scratch, name))
            found[name] = table_entry(sorted_lines)
    return dict(sorted(found.items()))


def _content(scratch: Path, name: str) -> Path:
    return scratch / f"{name.replace('/', '.')}.jsonl"


def _kept(content: Iterator[bytes], path: Path) -> Iterator[bytes]:
    with path.open("wb") as file:
        for line in content:
            file.write(line)
            yield line


def _files(data_dir: Path) -> Iterator[Path]:
    for kept in KEPT:
        path = data_dir / kept
        found = path.rglob("*") if path.is_dir() else [path]
        yield from sorted(one for one in found if one.is_file())


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    tar.addfile(info, io.BytesIO(content))

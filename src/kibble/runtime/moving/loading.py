"""Loading an archive into engines that are empty.

What an interrupted import has written is there when the same archive is imported again, and stays:
a note in the data folder tells which archive it was.
"""

from __future__ import annotations

import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from kibble.platform.persistence.archive import Archive, Row, batches
from kibble.runtime.moving.manifest import (
    FILES,
    BadArchive,
    FileEntry,
    Manifest,
    TableEntry,
    file_entry,
    read_manifest,
    table_entry,
)
from kibble.runtime.moving.writing import tables_of
from kibble.runtime.unpacking import unpack

BEGUN = "moving-in.json"


class NotThere(RuntimeError):
    """The house cannot be moved into; says why."""


async def load(file: Path, archives: Sequence[Archive], data_dir: Path) -> Manifest:
    """Load an archive, with its files into ``data_dir``; return what it held.

    Raises ``BadArchive`` when it is damaged, before anything is written, and ``NotThere`` when
    there is a shop already, or when what was read back is not what the archive has.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        manifest = _unpack(file, folder)
        _check_tables(manifest, archives)
        await _check_empty(manifest, archives, data_dir)
        _note(manifest, data_dir)
        for archive in archives:
            await _load(archive, folder)
        for name in manifest.files:
            _place(folder / FILES / name, data_dir / name)
    _check_same(manifest.tables, await tables_of(archives))
    (data_dir / BEGUN).unlink()
    return manifest


def _check_same(expected: dict[str, TableEntry], found: dict[str, TableEntry]) -> None:
    """Raise ``NotThere`` unless two shops have the same rows."""
    differing = [
        f"{name} has {found[name].rows} rows, {expected[name].rows} were expected"
        for name in expected
        if found[name] != expected[name]
    ]
    if differing:
        raise NotThere(f"Not everything has arrived as it was: {'; '.join(differing)}.")


def is_begun(data_dir: Path) -> bool:
    """Tell whether an import was begun that is not finished."""
    return (data_dir / BEGUN).exists()


def _unpack(file: Path, folder: Path) -> Manifest:
    """Unpack an archive, and check that it is what its manifest says."""
    with tarfile.open(file) as tar:
        manifest = read_manifest(tar)
        for member in tar:
            unpack(tar, member, folder / member.name, folder)
    for name, table in manifest.tables.items():
        path = folder / f"{name}.jsonl"
        if not path.is_file() or table_entry(_lines(path)) != table:
            raise BadArchive(f"The archive is damaged: {name} is not what its manifest says.")
    for name, entry in manifest.files.items():
        if _entry(folder / FILES / name) != entry:
            raise BadArchive(f"The archive is damaged: {name} is not what its manifest says.")
    return manifest


def _entry(path: Path) -> FileEntry | None:
    return file_entry(path) if path.is_file() else None


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from file


def _check_tables(manifest: Manifest, archives: Sequence[Archive]) -> None:
    ours = {f"{archive.name}/{shape.name}" for archive in archives for shape in archive.shapes}
    if differing := ours ^ manifest.tables.keys():
        raise BadArchive(f"The archive has other tables than this Kibble: {sorted(differing)}.")


async def _check_empty(manifest: Manifest, archives: Sequence[Archive], data_dir: Path) -> None:
    note = data_dir / BEGUN
    if note.exists():
        if msgspec.json.decode(note.read_bytes(), type=Manifest) != manifest:
            raise NotThere("The import of another archive was begun here, and did not end.")
        return
    if taken := [archive.name for archive in archives if not await archive.is_empty()]:
        raise NotThere(f"There is a shop already: {', '.join(taken)} have data.")


def _note(manifest: Manifest, data_dir: Path) -> None:
    data_dir.mkdir(parents=True, exist_ok=True)
    arriving = (data_dir / BEGUN).with_suffix(".part")
    arriving.write_bytes(msgspec.json.encode(manifest))
    arriving.replace(data_dir / BEGUN)


async def _load(archive: Archive, folder: Path) -> None:
    await archive.begin()
    for shape in archive.shapes:
        for rows in batches(_rows(folder / archive.name / f"{shape.name}.jsonl")):
            await archive.load(shape, rows)
    await archive.finish()


def _rows(path: Path) -> Iterator[Row]:
    decode = msgspec.json.decode
    for line in _lines(path):
        yield decode(line)


def _place(source: Path, target: Path) -> None:
    """Copy a file, whole or not at all, with the rights that it had."""
    target.parent.mkdir(parents=True, exist_ok=True)
    arriving = target.with_name(f"{target.name}.part")
    arriving.write_bytes(source.read_bytes())
    arriving.chmod(source.stat().st_mode)
    arriving.replace(target)

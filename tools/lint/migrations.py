"""Migrations run in the order of their numbers: one missing or twice is one forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tools.lint.source import Finding

_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")


def check(folder: Path) -> Iterator[Finding]:
    """Find migrations below ``folder`` whose names or numbers are out of line.

    A folder ``migrations`` has those of SQLite, its subfolders those of an engine each.
    """
    for migrations in sorted([*_folders(folder, "migrations"), *_folders(folder, "migrations/*")]):
        expected = 1
        for file in sorted(migrations.glob("*.sql")):
            match = _NAME.fullmatch(file.name)
            if match is None:
                yield Finding(file, 1, "is not named like 0001_what_it_does.sql")
            elif int(match[1]) != expected:
                yield Finding(file, 1, f"comes where {expected:04} should")
            expected += 1


def _folders(folder: Path, pattern: str) -> list[Path]:
    return [path for path in folder.rglob(pattern) if path.is_dir()]

"""Known weaknesses of what is locked, in a copy of OSV records (https://ossf.github.io/osv-schema).

The folder is named by ``KIBBLE_ADVISORIES``: JSON files, as https://osv.dev/data has them for PyPI
and npm. Without it nothing is looked at, and that is what is said; a copy that is too old fails.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

SETTING = "KIBBLE_ADVISORIES"
MAX_AGE = timedelta(days=14)

Locked = Mapping[tuple[str, str], str]
"""The version that is locked, by ecosystem (PyPI, npm) and name."""


def records(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the advisories of a folder."""
    for path in sorted(folder.rglob("*.json")):
        yield json.loads(path.read_text(encoding="utf-8"))


def too_old(found: list[dict[str, Any]], now: datetime) -> str | None:
    """Return when the newest advisory was changed, if that is too long ago to be a fresh copy."""
    newest = max((record.get("modified", "") for record in found), default="")
    if not newest:
        return "never"
    changed = datetime.fromisoformat(newest).astimezone(UTC)
    return newest if now - changed > MAX_AGE else None


def findings(locked: Locked, found: list[dict[str, Any]]) -> Iterator[str]:
    """Yield each locked version that an advisory names."""
    for record in found:
        if record.get("withdrawn"):
            continue
        for affected in record.get("affected", []):
            package = affected.get("package", {})
            key = (package.get("ecosystem", ""), package.get("name", "").lower())
            version = locked.get(key)
            if version is not None and _is_affected(version, affected):
                yield f"{key[1]} {version}: {record['id']} {record.get('summary', '')}".rstrip()


def _is_affected(version: str, affected: Mapping[str, Any]) -> bool:
    if version in affected.get("versions", []):
        return True
    spans = [span for span in affected.get("ranges", []) if span.get("type") != "GIT"]
    return any(_is_within(version, span.get("events", [])) for span in spans)


def _is_within(version: str, events: list[Mapping[str, str]]) -> bool:
    """Tell whether a version is in a range; one that cannot be read is taken to be."""
    try:
        mine, inside = Version(version), False
        for event in events:
            if "introduced" in event:
                inside = (
                    inside or event["introduced"] == "0" or mine >= Version(event["introduced"])
                )
            elif "fixed" in event:
                inside = inside and mine < Version(event["fixed"])
            elif "last_affected" in event:
                inside = inside and mine <= Version(event["last_affected"])
    except InvalidVersion:
        return True
    return inside

"""The licences of what is locked: none may oblige those who are given a shop to more than ours.

Weak copyleft (LGPL, MPL) is taken for what is imported and not changed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

_NAME = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==", re.MULTILINE)
_REFUSED = re.compile(
    r"\bAGPL|\bSSPL|Business Source|Commons Clause|(?<![L])GPL|(?<!Lesser )General Public",
    re.IGNORECASE,
)


def locked(lock: Path) -> list[str]:
    """Return the names of what a lock file pins."""
    return _NAME.findall(lock.read_text(encoding="utf-8"))


def licence_of(found: Distribution) -> str:
    """Return what a distribution says of its licence, in one line."""
    told = found.metadata
    classified = [
        value for value in told.get_all("Classifier") or [] if value.startswith("License ::")
    ]
    expression = " ".join(told.get_all("License-Expression") or [])
    said = expression or " ".join(classified)
    return said or (told.get_all("License") or [""])[0].split("\n")[0]


def is_refused(licence: str) -> bool:
    """Tell whether a licence obliges too much; one that is not told does."""
    return not licence or (
        _REFUSED.search(licence) is not None
        and not re.search(r"\b(MIT|BSD|Apache)", licence)
        and "Lesser" not in licence
    )


def findings(lock: Path) -> Iterator[str]:
    """Yield what is locked, installed, and under a licence that is not taken."""
    for name in locked(lock):
        try:
            licence = licence_of(distribution(name))
        except PackageNotFoundError:
            continue  # of another platform or Python
        if is_refused(licence):
            yield f"{lock.name}: {name} is under {licence or 'no licence that it tells'}"


def npm_findings(lock: Path) -> Iterator[str]:
    """Yield what npm's lock file pins for the pages, under a licence that is not taken."""
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    for path, told in packages.items():
        if not path.startswith("node_modules/") or told.get("link") or told.get("dev"):
            continue
        licence = told.get("license", "")
        if is_refused(licence):
            yield f"{lock.name}: {path} is under {licence or 'no licence that it tells'}"

"""``python -m tools.locks`` checks that the lock files are complete, fresh, and free of hosts.

Works offline: it compares pyproject.toml with the pins, and asks no registry. A pin may only be
in a lock file because a requirement or another pin brought it (``# via``).
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

_PIN = re.compile(r"^(?P<name>[\w.-]+)(?:\[[^]]*\])?==(?P<version>[^\s;\\]+)")
_LOCKS: dict[str, tuple[list[str], list[str] | None]] = {
    # groups and extras of each; None for one that locks the groups alone
    "requirements.lock": (["build"], []),
    "requirements-distributed.lock": (["build"], ["distributed", "tracing"]),
    "requirements-dev.lock": (["build", "dev"], ["distributed", "tracing"]),
    "requirements-extras.lock": (
        ["build"],
        ["aws", "distributed", "http", "smtp", "stripe", "tracing"],
    ),
    "requirements-node.lock": (["node"], None),
    "requirements-go.lock": (["go"], None),
    "requirements-deploy.lock": (["deploy"], None),
}
_APART = {"requirements-deploy.lock", "requirements-go.lock"}
"""Locks of environments that have nothing to do with Kibble's own."""
_DIRECT = "kibble (pyproject.toml"


@dataclass(slots=True)
class Pin:
    """One pinned package: its version, how many hashes it has, and who needs it."""

    name: str
    version: str
    hashes: int = 0
    via: list[str] = field(default_factory=list)


def read_lock(text: str) -> dict[str, Pin]:
    """Return the pins of a lock file by normalized name."""
    pins: dict[str, Pin] = {}
    pin = Pin("", "")
    for line in text.splitlines():
        if match := _PIN.match(line):
            pin = Pin(canonicalize_name(match["name"]), match["version"])
            pins[pin.name] = pin
        elif "--hash=" in line:
            pin.hashes += 1
        elif line.startswith("    #"):
            via = line.removeprefix("    #").removeprefix(" via").strip()
            pin.via += [via] if via else []
    return pins


def requirements(
    project: dict[str, Any], groups: Iterable[str], extras: Iterable[str] | None
) -> list[Requirement]:
    """Return what pyproject.toml asks for, with the dependency groups and extras that are named.

    Without extras (None) the project's own dependencies are left out too.
    """
    lines: list[str] = [] if extras is None else [*project["project"]["dependencies"]]
    for group in groups:
        lines += project["dependency-groups"][group]
    for extra in extras or ():
        lines += project["project"]["optional-dependencies"][extra]
    return [Requirement(line) for line in lines]


def problems(wanted: Iterable[Requirement], text: str) -> Iterator[str]:
    """Say what is wrong with a lock file, for the requirements that it was made from."""
    pins = read_lock(text)
    names = {canonicalize_name(requirement.name): requirement for requirement in wanted}
    for name, requirement in names.items():
        if name not in pins:
            yield f"{name} is not locked"
        elif not requirement.specifier.contains(Version(pins[name].version), prereleases=True):
            yield f"{name} {pins[name].version} is locked, and {requirement} is asked for"
    for pin in pins.values():
        if not pin.hashes:
            yield f"{pin.name} has no hash"
        if pin.name not in names and all(via.startswith((_DIRECT, "-c ")) for via in pin.via):
            yield f"{pin.name} is locked, and nothing asks for it"
    for match in re.finditer(r"https?://\S+|--(?:extra-)?index-url.*|--find-links.*", text):
        yield f"{match[0]} names a host: the lock must work behind any mirror"


def differences(runtime: str, development: str) -> Iterator[str]:
    """Say where a lock file would install other versions than the one for development."""
    ours = read_lock(development)
    for name, pin in read_lock(runtime).items():
        if name not in ours or ours[name].version != pin.version:
            yield f"{name} {pin.version} is not what requirements-dev.lock has"


def main(folder: Path) -> int:
    """Check the lock files in ``folder`` and print what is wrong."""
    project = tomllib.loads((folder / "pyproject.toml").read_text())
    texts = {name: (folder / name).read_text() for name in _LOCKS}
    found = [
        f"{name}: {problem}"
        for name, sections in _LOCKS.items()
        for problem in problems(requirements(project, *sections), texts[name])
    ]
    found += [
        f"{name}: {difference}"
        for name, text in texts.items()
        if name not in _APART
        for difference in differences(text, texts["requirements-dev.lock"])
    ]
    for line in found:
        print(line)
    if found:
        print("run: make lock")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path()))

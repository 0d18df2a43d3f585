"""Find a Java that an engine can run on, and the options that keep a server small."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.engines import debian
from tools.engines.errors import EngineError

SMALL = (
    "-XX:+UseSerialGC",  # no regions, no remembered sets, no threads of G1: heaps are small
    "-XX:TieredStopAtLevel=1",  # boots for less CPU; the second compiler pays after minutes of load
    "-XX:+ExitOnOutOfMemoryError",  # a half-dead server is worse than a dead one
)


DEBIANS_JAVA = 17
"""What Debian 12 has; Cassandra runs on no other."""


def provide_java() -> None:
    """Install Debian's JDK where there is none of its version; raises EngineError if it cannot.

    It has to be the JDK: the stand-in for MongoDB is compiled as it starts.
    """
    try:
        find_java(range(DEBIANS_JAVA, DEBIANS_JAVA + 1))
    except EngineError:
        debian.install([f"openjdk-{DEBIANS_JAVA}-jdk-headless"])


def find_java(versions: range, *variables: str, environ: Mapping[str, str] = os.environ) -> str:
    """Return the oldest ``java`` whose major version is in ``versions``.

    Looked at: the homes that ``variables`` and JAVA_HOME name, /usr/lib/jvm, and the PATH. Raises
    EngineError, which says what to install.
    """
    found: dict[int, Path] = {}
    for home in _homes((*variables, "JAVA_HOME"), environ):
        version = major_version(home)
        if version is not None and version in versions:
            found[version] = home
    if not found:
        wanted = f"{versions[0]}" if len(versions) == 1 else f"{versions[0]} to {versions[-1]}"
        named = " or ".join((*variables, "JAVA_HOME"))
        raise EngineError(f"it needs a JDK of version {wanted}: install one, or name it by {named}")
    return str(found[min(found)] / "bin" / "java")


def major_version(home: Path) -> int | None:
    """Return the version of the JDK in a folder as its ``release`` file has it, without a start."""
    try:
        text = (home / "release").read_text()
    except OSError:
        return None
    match = re.search(r'^JAVA_VERSION="(\d+)', text, re.MULTILINE)
    return int(match[1]) if match and (home / "bin" / "java").exists() else None


def _homes(variables: tuple[str, ...], environ: Mapping[str, str]) -> Iterator[Path]:
    """Yield what may be a JDK; what comes later counts more."""
    yield from sorted(Path("/usr/lib/jvm").glob("*"))
    if java := shutil.which("java", path=environ.get("PATH")):
        yield Path(java).resolve().parents[1]
    yield from (Path(environ[name]) for name in reversed(variables) if environ.get(name))

"""Servers that Debian packages: installed when they are missing, without becoming services."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.engines.errors import EngineError

_POLICY = Path("/usr/sbin/policy-rc.d")
_NO_START = "#!/bin/sh\nexit 101\n"
"""What invoke-rc.d takes for: this is not allowed."""


_ONE_AT_A_TIME = threading.Lock()


def install(packages: Iterable[str]) -> None:
    """Install Debian packages and start nothing.

    Raises EngineError, with the command to run, without root's rights or without apt-get.
    """
    names = sorted(packages)
    if not names:
        return
    by_hand = f"apt-get install --no-install-recommends {' '.join(names)}"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise EngineError(f"it is not installed: sudo {by_hand}")
    command = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *names]
    with _ONE_AT_A_TIME, _without_services():
        if _run(command) is not None:  # the lists may be missing, or older than the packages
            _run(["apt-get", "update", "--quiet"])
            if (failure := _run(command)) is not None:
                raise EngineError(f"{by_hand} failed:\n{failure}")


def _run(command: list[str]) -> str | None:
    """Run a command; return the end of what it said if it failed."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    ended = subprocess.run(  # noqa: S603 - apt-get, from the PATH
        command, env=environment, capture_output=True, text=True, check=False
    )
    if ended.returncode == 0:
        return None
    return "\n".join((ended.stdout + ended.stderr).splitlines()[-10:])


@contextmanager
def _without_services() -> Iterator[None]:
    """Keep packages from starting services, by Debian's policy file; one that is there stays."""
    if _POLICY.exists():
        yield
        return
    _POLICY.write_text(_NO_START)
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink()

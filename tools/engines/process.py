"""One server process: start it, find it again by its pid file, signal it, stop it."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tools.engines.errors import EngineError

PAUSE_SECONDS = 0.05
TAIL_LINES = 25


@dataclass(frozen=True, slots=True)
class Process:
    """What runs, or ran, in one engine's folder: ``pid`` and ``log`` are files there."""

    home: Path

    @property
    def log(self) -> Path:
        """Where the server's output goes; the run before is in ``log.before``."""
        return self.home / "log"

    def pid(self) -> int | None:
        """Return the id of the running process; None when there is none.

        The file also holds when the process started, since ids are used again.
        """
        try:
            pid, started = (self.home / "pid").read_text().split()
        except (FileNotFoundError, ValueError):
            return None
        return int(pid) if _started(int(pid)) == started else None

    def start(
        self,
        command: Sequence[str],
        *,
        user: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start ``command`` in the folder, apart from the terminal, as ``user`` if given.

        Raises EngineError when there is no such program.
        """
        if self.log.exists():
            self.log.replace(self.home / "log.before")
        try:
            with self.log.open("wb") as log:
                started = subprocess.Popen(  # noqa: S603 - the engines' own commands
                    command,
                    cwd=self.home,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env={**os.environ, **(environment or {})},
                    user=user,
                    group=user and _group_of(user),
                    extra_groups=[] if user else None,
                    start_new_session=True,
                )
        except FileNotFoundError as missing:
            raise EngineError(f"there is no program {missing.filename}") from missing
        (self.home / "pid").write_text(f"{started.pid} {_started(started.pid)}\n")
        started.returncode = 0  # it may outlive this program: no warning that it still runs

    def send(self, number: signal.Signals) -> None:
        """Send a signal; raises EngineError when nothing runs."""
        pid = self.pid()
        if pid is None:
            raise EngineError(f"nothing runs in {self.home}")
        os.kill(pid, number)

    def stop(self, number: signal.Signals, within: float = 60.0) -> None:
        """Send the signal that ends it and wait; nothing happens when nothing runs.

        Raises EngineError when it still runs after ``within`` seconds.
        """
        if self.pid() is None:
            return
        self.send(number)
        deadline = time.monotonic() + within
        while self.pid() is not None:
            if time.monotonic() > deadline:
                raise EngineError(
                    f"process {self.pid()} did not end in {within:g} s\n{self.tail()}"
                )
            time.sleep(PAUSE_SECONDS)
        (self.home / "pid").unlink(missing_ok=True)

    def memory(self) -> int:
        """Return the resident memory in bytes, children included; 0 when nothing runs.

        What processes share is divided among them (Pss), or PostgreSQL's would count many times.
        """
        pid = self.pid()
        if pid is None:
            return 0
        return sum(_resident(each) for each in (pid, *_children(pid)))

    def tail(self) -> str:
        """Return the end of the log, headed by where the whole of it is."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join([f"--- the end of {self.log}", *lines[-TAIL_LINES:], "---"])


def _started(pid: int) -> str | None:
    """Return when a process started, in clock ticks since boot; None if it is gone.

    Of a killed process the first thread is a zombie while others still hold its sockets and files:
    it is gone when it has no other thread. Our own children are asked how they ended, or they
    would stay.
    """
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat.rpartition(")")[2].split()
    state, threads, started = fields[0], int(fields[17]), fields[19]
    return None if state in "ZX" and threads <= 1 else started


def _children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [int(child) for child in text.split()]


def _resident(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (OSError, ProcessLookupError):
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def _group_of(user: str) -> int:
    return pwd.getpwnam(user).pw_gid

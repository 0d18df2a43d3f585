"""A program in processes of its own: its CPU and memory as Linux counts them in ``/proc``."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Self

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
STOP_SECONDS = 20.0


class Died(RuntimeError):
    """The program ended by itself; its last words are in the message."""


class _Stat(NamedTuple):
    """What is read of ``/proc/PID/stat``: ticks of CPU, also of ended children; pages of memory."""

    pid: int
    parent: int
    ticks: int
    pages: int


class Process:
    """A program, and whatever processes it starts."""

    def __init__(
        self, command: Sequence[str | Path], log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        """Start it; what it prints goes to ``log``."""
        self._log = log
        self._name = " ".join(str(word) for word in command)
        with log.open("ab") as output:
            self._popen = subprocess.Popen(  # noqa: S603 - a program of this project
                [str(word) for word in command],
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
            )

    def __enter__(self) -> Self:
        """Do nothing: it runs since it was made."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.stop()

    def cpu(self) -> float:
        """Return the seconds of CPU so far, user and system, of all its processes."""
        return sum(stat.ticks for stat in self._tree()) / TICKS

    def memory(self) -> int:
        """Return the resident bytes of all its processes, shared pages counted for each."""
        return sum(stat.pages for stat in self._tree()) * PAGE

    def is_running(self) -> bool:
        """Tell whether it runs; raises ``Died`` when it has failed."""
        if self._popen.poll():
            self.require_alive()
        return self._popen.returncode is None

    def require_alive(self) -> None:
        """Raise ``Died`` when it has ended."""
        if self._popen.poll() is not None:
            words = self._log.read_text(errors="replace")[-2_000:]
            raise Died(f"{self._name} ended with {self._popen.returncode}:\n{words}")

    def wait_for_port(self, port: int, seconds: float = 30.0) -> None:
        """Wait until it listens on ``port``; raises ``TimeoutError``, ``Died``."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.require_alive()
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.02)
        raise TimeoutError(f"nothing listens on {port} after {seconds:g} s")

    def stop(self) -> None:
        """End it as an operator would, and wait; kill it, and what it left, when it does not."""
        family = [stat.pid for stat in self._tree()]
        self._popen.terminate()
        try:
            self._popen.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
        for pid in family[1:]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _tree(self) -> Iterator[_Stat]:
        stats = {stat.pid: stat for stat in all_stats()}
        children = defaultdict(list)
        for stat in stats.values():
            children[stat.parent].append(stat.pid)
        left = [self._popen.pid]
        while left:
            pid = left.pop()
            left += children[pid]
            if pid in stats:
                yield stats[pid]


def all_stats() -> Iterator[_Stat]:
    """Yield what is known of each process of this machine."""
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        try:
            text = Path(entry.path, "stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        fields = text.rpartition(")")[2].split()  # a program's name may contain blanks
        ticks = sum(int(field) for field in fields[11:15])
        yield _Stat(int(entry.name), int(fields[1]), ticks, int(fields[21]))


def cpu_of_ended() -> float:
    """Return the seconds of CPU of all processes that we started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

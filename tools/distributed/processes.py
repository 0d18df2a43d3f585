"""The processes of a distributed shop on this machine: started, killed, brought back, stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from kibble.runtime.names import GATEWAY

HOST = "127.0.0.1"
STOP_SECONDS = 20.0
STARTS = 3
"""How often a process is started that ends before it serves."""
NO_BYTE_CODE = "PYTHONDONTWRITEBYTECODE"
"""The variable that makes each process compile all that it imports, every time."""


@dataclass
class Member:
    """One process: a replica of a service, or HAProxy; what it says goes to ``log``."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    port: int
    health: str = "/health/ready"
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process, if it does not run."""
        if self.is_running:
            return
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own command
                self.command,
                env=inherited() | {**self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def is_running(self) -> bool:
        """Tell whether the process is there."""
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self) -> int:
        """The process's id; 0 when it is not running."""
        return self.process.pid if self.process is not None and self.is_running else 0

    def is_ready(self) -> bool:
        """Ask the process whether it serves."""
        connection = HTTPConnection(HOST, self.port, timeout=2)
        try:
            connection.request("GET", self.health)
            return connection.getresponse().status == 200  # noqa: PLR2004 - OK
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def send(self, number: signal.Signals) -> None:
        """Send the process a signal, if it runs."""
        if self.process is not None and self.is_running:
            self.process.send_signal(number)

    def kill(self) -> None:
        """End the process as a power cut would."""
        self.send(signal.SIGKILL)
        self._wait()

    def stop(self) -> None:
        """End the process as an operator would; kill it when it does not end."""
        self.send(signal.SIGTERM)
        try:
            self._wait()
        except subprocess.TimeoutExpired:
            self.kill()

    def _wait(self) -> None:
        if self.process is not None:
            self.process.wait(timeout=STOP_SECONDS)

    def tail(self) -> str:
        """Return the end of what it said."""
        return self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""


class StartFailed(RuntimeError):
    """A process ended again and again while it was starting, or did not get ready in time."""


def await_ready(members: Sequence[Member], within: float) -> None:
    """Wait until all serve; raises ``StartFailed`` with the end of the log of one that does not.

    One that ends is started anew, as Kubernetes does: its store may have been too busy for it.
    """
    deadline = time.monotonic() + within
    for member in members:
        starts = 1
        while not member.is_ready():
            if not member.is_running:
                if starts == STARTS:
                    raise StartFailed(f"{member.name} ended while starting\n{member.tail()}")
                starts += 1
                member.start()
            if time.monotonic() > deadline:
                raise StartFailed(f"{member.name} is not ready in {within:g} s\n{member.tail()}")
            time.sleep(0.1)


def inherited() -> dict[str, str]:
    """Return the environment for a process of ours: byte code is kept, for the next one's sake."""
    return {name: value for name, value in os.environ.items() if name != NO_BYTE_CODE}


def kibble(*arguments: str) -> list[str]:
    """Return the command line of ``kibble``."""
    return [sys.executable, "-m", "kibble.runtime", *arguments]


def serve(service: str) -> list[str]:
    """Return the command line that serves a service, with the settings of its environment.

    It is what ``kibble serve`` becomes after a second of CPU, in which it learns of all other
    commands: on one machine, that adds up. The gateway alone is served by the command.
    """
    if service == GATEWAY:
        return kibble("serve", service)
    return [sys.executable, "-m", "kibble.runtime.distributed", service]

"""Run a command beside a shop that is made for it: ``python -m tools.with_shop COMMAND...``.

The shop is the demo shop in a new data folder, on a free port, with the sandbox's fast clock (but
for ``KIBBLE_SANDBOX_FAST=0``) and without rate limits. The command finds it in its environment:
``E2E_PORT`` and ``KIBBLE_DATA_DIR``.
Shop and folder are gone when the command has ended, whatever ended it; what the shop printed is
kept in ``build/with-shop.log``. Returns the command's status.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.kit.shop import Shop

BUILD = Path(__file__).parent.parent / "build"
READY_SECONDS = 300.0
STOP_SECONDS = 20.0


def _leave(number: int, _: object) -> None:
    sys.exit(128 + number)


def run(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Return the status of a command, which ends when we have to."""
    with subprocess.Popen(command, env={**os.environ, **environment}) as child:  # noqa: S603 - as the caller wrote it
        try:
            return child.wait()
        finally:
            if child.poll() is None:
                child.terminate()
                try:
                    child.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    child.kill()


def main(command: Sequence[str]) -> int:
    """Start the shop, run the command, stop the shop."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    BUILD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="kibble-shop-") as folder:
        data = Path(folder) / "data"
        try:
            with Shop(
                data,
                environment={"KIBBLE_SANDBOX_FAST": os.environ.get("KIBBLE_SANDBOX_FAST", "1")},
                start_seconds=READY_SECONDS,
            ) as shop:
                print(f"The shop is ready after {shop.seconds_to_ready:.0f} s", flush=True)
                found = {"E2E_PORT": str(shop.port), "KIBBLE_DATA_DIR": str(data)}
                return run(command, found)
        finally:
            log = data.with_suffix(".log")
            if log.exists():
                shutil.copy(log, BUILD / "with-shop.log")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

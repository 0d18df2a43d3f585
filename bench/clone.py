"""From a clone to the first page: what ``make run`` costs somebody who has nothing yet.

The repository as committed is copied to a folder of its own, where ``make run`` makes ``.venv``,
installs what the lock file names, makes the demo shop and serves. Not part of ``make bench``: it
asks the package index for some 30 packages.
"""

from __future__ import annotations

import os
import subprocess
import time
from urllib.error import URLError
from urllib.request import urlopen

from bench.kit.measure import Bench
from bench.kit.process import Process, free_port
from bench.kit.report import PROJECT

MOST_CPU = 60.0
LONGEST_SECONDS = 600.0


def run(bench: Bench) -> None:
    """Measure CPU and time until ``/`` is answered."""
    clone, port = bench.folder / "clone", free_port()
    subprocess.run(  # noqa: S603 - fixed words
        ["git", "clone", "--quiet", "--no-hardlinks", str(PROJECT), str(clone)],  # noqa: S607
        check=True,
    )
    environment = {"KIBBLE_PORT": str(port), "PWD": str(clone)}
    began = time.monotonic()
    outside = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    command = ("make", "-C", str(clone), "run", f"PORT={port}", f"DATA={clone / 'data'}")
    with Process(command, bench.folder / "make.log", {**outside, **environment}) as process:
        while not _answers(port):
            process.require_alive()
            if time.monotonic() - began > LONGEST_SECONDS:
                raise TimeoutError("make run takes too long")
            time.sleep(0.1)
        bench.figure("clone to first page: CPU", process.cpu(), "s", most=MOST_CPU)
        bench.figure("clone to first page: time", time.monotonic() - began, "s")


def _answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/", timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False

"""Every measurement by name.

::

    make bench                       # the shop as a process, beside a raw reference; the parts
    make bench ARGS="orders race"    # these
    make bench ARGS="orders distributed"     # both profiles; starts the engines if need be
    BENCH_SECONDS=2 make bench       # quicker and coarser; the default is 6
    BENCH_PROFILE=1 make bench ARGS=orders   # also shows where the CPU of the shop goes

Workloads run the shop and end in ``bench/results/README.md``; programs measure a part of it
without HTTP, in files of their own.
"""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.kit import report
from bench.kit.load import Generator
from bench.kit.measure import Bench, default_seconds
from bench.kit.shop import Shop
from tools.engines import fleet
from tools.engines.places import Places

WORKLOADS = ("products", "carts", "orders", "race", "overload", "catalogue")
PROGRAMS = {
    "search": ["--quick"],
    "import_feed": [],
    "recommendation": ["--quick"],
    "autoship": ["--quick"],
}
"""What they are told when nothing is asked for by name."""
ON_DEMAND = "clone"
ON_ENGINES = ("distributed", "postgres", "mongodb", "cassandra", "elasticsearch")
"""Programs that need the servers of the distributed profile; they run when they are asked for."""


class Run:
    """One call of ``make bench``: the folder that ends with it, and what workloads share."""

    def __init__(self, folder: Path, generator: Generator) -> None:
        self._folder = folder
        self._generator = generator

    def demo(self) -> Path:
        """Return the data folder of a demo shop; the first to ask has it made."""
        folder = self._folder / "demo"
        if not folder.exists():
            print("  making the demo shop", flush=True)
            with Shop(folder):
                pass
        return folder

    def measure(self, workload: str) -> report.Result:
        """Run one workload, and keep its result."""
        folder = self._folder / workload
        folder.mkdir()
        bench = Bench(folder, self.demo, self._generator, default_seconds())
        began = report.conditions()
        importlib.import_module(f"bench.{workload}").run(bench)
        shutil.rmtree(folder)
        result = report.Result(workload, began, bench.loads, bench.figures, bench.findings)
        report.keep(result)
        return result


def run_program(name: str, arguments: Sequence[str]) -> int:
    """Run a program of this folder; return its exit code, 1 when it misses a bar."""
    command = [sys.executable, "-m", f"bench.{name}", *arguments]
    return subprocess.run(command, check=False).returncode  # noqa: S603 - our own program


def run_on_engines(name: str) -> int:
    """Run a program on the servers, which are started and told to it; they run on afterwards."""
    kinds = [kind.name for kind in fleet.KINDS if kind.variable]
    places = Places.of()
    if failures := fleet.up(places, kinds):
        print(*failures, sep="\n")
        return 1
    told = {engine.variable: engine.url for engine in fleet.engines(places, kinds)}
    command = [sys.executable, "-m", f"bench.{name}"]
    return subprocess.run(command, check=False, env=told | os.environ).returncode  # noqa: S603 - our own program


def main(names: Sequence[str]) -> int:
    """Run what was named, or all; 1 when an audit found something or a program failed."""
    known = (*WORKLOADS, *PROGRAMS, ON_DEMAND, *ON_ENGINES)
    if unknown := sorted(set(names) - set(known)):
        print(f"There is no {' or '.join(unknown)}; there are {', '.join(known)}.")
        return 2
    began, wrong = time.monotonic(), False
    with Generator() as generator, tempfile.TemporaryDirectory(prefix="kibble-bench-") as folder:
        run = Run(Path(folder), generator)
        for name in names or (*WORKLOADS, *PROGRAMS):
            print(name, flush=True)
            if name in PROGRAMS:
                wrong |= run_program(name, [] if names else PROGRAMS[name]) != 0
            elif name in ON_ENGINES:
                wrong |= run_on_engines(name) != 0
            else:
                wrong |= bool(run.measure(name).findings)
    report.write_page((*WORKLOADS, ON_DEMAND))
    page = report.PAGE.relative_to(report.PROJECT)
    print(f"{time.monotonic() - began:.0f} s; the tables are in {page}")
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

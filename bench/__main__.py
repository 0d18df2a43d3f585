"""Every measurement by name; ``make bench`` runs those that take seconds or a few minutes.

::

    make bench                       # all but "clone"
    make bench ARGS="orders race"    # these
    BENCH_SECONDS=2 make bench       # quicker and coarser; the default is 6
"""

from __future__ import annotations

import importlib
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.kit import report
from bench.kit.load import Generator
from bench.kit.measure import Bench, default_seconds
from bench.kit.shop import Shop

WORKLOADS = ("products", "carts", "orders", "race")
ON_DEMAND = ("clone",)


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
        importlib.import_module(f"bench.{workload}").run(bench)
        shutil.rmtree(folder)
        result = bench.result(workload)
        report.keep(result)
        return result


def main(names: Sequence[str]) -> int:
    """Run the workloads; 1 when an audit found something."""
    known = (*WORKLOADS, *ON_DEMAND)
    if unknown := sorted(set(names) - set(known)):
        print(f"There is no {' or '.join(unknown)}; there are {', '.join(known)}.")
        return 2
    began, findings = time.monotonic(), []
    with Generator() as generator, tempfile.TemporaryDirectory(prefix="kibble-bench-") as folder:
        run = Run(Path(folder), generator)
        for name in names or WORKLOADS:
            print(name, flush=True)
            findings += run.measure(name).findings
    report.write_page(known)
    print(f"{time.monotonic() - began:.0f} s; the table is {report.PAGE.relative_to(report.PROJECT)}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

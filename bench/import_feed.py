"""What each step of a feed's import costs: reading it, applying it, applying it again.

The feed is ``bench/data/complete-journey.csv.gz``, the catalogue an empty one of Product alone:
``bench.catalogue`` measures the whole, with index and consumers.

::

    python -m bench.import_feed
"""

from __future__ import annotations

import asyncio
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from typing import Any

from bench.complete_journey import DATA
from kibble.platform.clock import SystemClock, Uuid7Ids, system_randomness
from kibble.services.product.adapters.feeds.folder import FolderFeeds
from kibble.services.product.wiring import build_embedded

Step = Callable[[Path], Coroutine[Any, Any, int]]
WORKERS = 2


def cpu_seconds() -> float:
    """Return what this process and its ended children have used."""
    return sum(
        usage.ru_utime + usage.ru_stime for usage in map(getrusage, (RUSAGE_SELF, RUSAGE_CHILDREN))
    )


async def read_in_loop(folder: Path) -> int:
    """Read and check the feed in this process."""
    return await _read(folder, 0)


async def read_in_workers(folder: Path) -> int:
    """Read and check the feed in worker processes."""
    return await _read(folder, WORKERS)


async def _read(folder: Path, workers: int) -> int:
    feeds = FolderFeeds(folder / "feeds", "USD", workers=workers)
    await feeds.keep("feed", DATA)
    return sum([len(batch.rows) async for batch in feeds.read("feed", 0)])


async def apply(folder: Path) -> int:
    """Import the feed into what is in ``folder``."""
    clock = SystemClock()
    built = build_embedded(folder / "shop", clock, Uuid7Ids(clock, system_randomness()))
    job = await built.client.receive_feed("feed", DATA)
    job = await built.client.run_import(job.id)
    built.store.close()
    return job.tally.created + job.tally.updated + job.tally.unchanged


def measure(name: str, step: Step, folder: Path) -> None:
    """Run a step and print what a product of it costs."""
    began, cpu = time.perf_counter(), cpu_seconds()
    rows = asyncio.run(step(folder))
    for child in multiprocessing.active_children():
        child.join()
    seconds, cpu = time.perf_counter() - began, cpu_seconds() - cpu
    peak = getrusage(RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{name:24} {cpu / rows * 1e6:6.1f} us CPU a row"
        f" {rows / seconds:9,.0f} rows/s {peak:5.0f} MB"
    )


def main() -> None:
    """Measure every step."""
    with tempfile.TemporaryDirectory(prefix="kibble-import-") as name:
        folder = Path(name)
        measure("read, in the loop", read_in_loop, folder)
        measure(f"read, {WORKERS} workers", read_in_workers, folder)
        measure("apply to nothing", apply, folder)
        measure("apply again", apply, folder)


if __name__ == "__main__":
    main()

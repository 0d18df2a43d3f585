"""An import in a process of its own that is killed again and again, with its worker processes."""

from __future__ import annotations

import asyncio
import random
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.component.product.counter import Counter
from tests.fixtures.doubles import FakeClock

ROWS = 20_000
KILLS = 4
SCRIPT = """
import asyncio
import sys
from pathlib import Path

from kibble.platform.clock import SystemClock, Uuid7Ids, system_randomness
from kibble.services.product.wiring import build_embedded


async def main(folder: Path, feed: Path) -> None:
    clock = SystemClock()
    built = build_embedded(folder, clock, Uuid7Ids(clock, system_randomness()))
    job = await built.client.receive_feed("feed", feed)
    await built.client.run_import(job.id, lambda job: print(job.tally.read, flush=True))
    built.store.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
"""


async def _import(script: Path, folder: Path, feed: Path, until: int | None) -> int | None:
    """Run the import; kill it once it has read ``until`` rows. Return its exit code.

    It is over only when its worker processes are: they hold its output open.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(script), str(folder), str(feed), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        async for line in process.stdout:
            if until is not None and int(line) >= until:
                process.send_signal(signal.SIGKILL)
                break
        return await process.wait()


def _read(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "product.db")) as connection:
        (count,) = connection.execute(
            "SELECT json_extract(tally, '$.read') FROM imports"
        ).fetchone()
    return int(count)


@pytest.mark.slow
async def test_an_import_killed_at_random_ends_as_if_it_never_was(tmp_path: Path) -> None:
    script, feed, folder = tmp_path / "import.py", tmp_path / "feed.csv", tmp_path / "data"
    script.write_text(SCRIPT)
    lines = [f"S-{n},Product {n},Category {n % 9},{n % 90}.50,{n}" for n in range(1, ROWS)]
    feed.write_text("sku,name,category,price,stock\n" + "\n".join([*lines, "BAD,,,,"]))
    chance = random.Random(7)
    behind = 0
    for _ in range(KILLS):
        until = behind + chance.randint(1, (ROWS - behind) // 3)
        assert await _import(script, folder, feed, until) == -signal.SIGKILL
        assert _read(folder) >= behind
        behind = _read(folder)
    assert 0 < behind < ROWS
    assert await _import(script, folder, feed, None) == 0
    counter = Counter(folder, FakeClock())
    with closing(sqlite3.connect(folder / "product.db")) as connection:
        (products,) = connection.execute("SELECT count(*) FROM products").fetchone()
        (stock,) = connection.execute("SELECT sum(on_hand) FROM feed_stock").fetchone()
        ((status, created, failed, report),) = connection.execute(
            "SELECT status, json_extract(tally, '$.created'), json_extract(tally, '$.failed'),"
            " report_bytes FROM imports"
        )
    assert (status, products, created, failed) == ("COMPLETED", ROWS - 1, ROWS - 1, 1)
    assert stock == ROWS * (ROWS - 1) // 2
    assert report > 0
    published = counter.events()
    assert len({subject for _, subject, _ in published}) == len(published) == 10_000
    tree = (await counter.anyone.get("/api/categories")).json()
    assert sum(each["productCount"] for each in tree) == ROWS - 1
    counter.close()

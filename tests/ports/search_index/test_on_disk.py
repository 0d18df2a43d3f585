"""What an index on disk survives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from kibble.kernel.errors import Unavailable
from kibble.services.product.adapters.tantivy import TantivySearchIndex
from kibble.services.product.repository.search import FeedBatch
from tests.fixtures.search import entry, fill, found, query, tantivy

ENDLESS_WRITER = textwrap.dedent(
    """
    import asyncio, sys
    from pathlib import Path
    from kibble.services.product.repository.search import FeedBatch
    from tests.fixtures.search import entry, tantivy

    async def write():
        index = tantivy(Path(sys.argv[1]))
        while True:
            number = await index.position() + 1
            toy = entry(number, "Toy", attributes={"brand": f"b{number}"})
            await index.add(FeedBatch(number, [toy]))
            await index.refresh()
            print(await index.position(), flush=True)

    asyncio.run(write())
    """
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "search"


async def filled(folder: Path) -> TantivySearchIndex:
    index = tantivy(folder)
    await fill(index, entry(1, "Salmon kibble", attributes={"flavour": "Salmon"}))
    await fill(index, entry(2, "Salmon treats", attributes={"brand": "Acme"}))
    return index


async def test_opens_where_it_was_closed(folder: Path) -> None:
    (await filled(folder)).close()
    index = tantivy(folder)
    assert await index.position() == 2
    assert sorted(await found(index, query("salmon"))) == [1, 2]
    facets = await index.facets(query())
    assert [one.value for one in facets.brands] == ["Acme"]
    assert list(facets.attributes) == ["flavour"]


async def test_goes_back_to_the_last_commit_when_it_was_not_closed(folder: Path) -> None:
    index = await filled(folder)
    await index.add(FeedBatch(3, [entry(3, "Salmon oil")]))
    index.close()
    index = tantivy(folder)
    assert await index.position() == 2
    assert sorted(await found(index, query("salmon"))) == [1, 2]


async def test_is_begun_anew_when_its_format_is_another(folder: Path) -> None:
    (await filled(folder)).close()
    (folder / "position").write_text("0 2 0")
    assert await found(tantivy(folder), query()) == []


@pytest.mark.parametrize("damage", ["", "x", "1", "1 2", "1 2 999"])
async def test_is_begun_anew_when_its_position_is_unreadable(folder: Path, damage: str) -> None:
    (await filled(folder)).close()
    (folder / "position").write_text(damage)
    index = tantivy(folder)
    assert await index.position() == 0
    assert await found(index, query()) == []


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_text("{")])
@pytest.mark.parametrize("name", ["meta.json", "labels.json"])
async def test_is_begun_anew_when_a_file_is_damaged_or_gone(
    folder: Path, name: str, damage: Callable[[Path], object]
) -> None:
    (await filled(folder)).close()
    damage(folder / name)
    index = tantivy(folder)
    assert await index.position() == 0
    await fill(index, entry(1, "Salmon kibble"))
    assert await found(index, query("salmon")) == [1]


async def test_is_begun_anew_when_a_segment_is_gone(folder: Path) -> None:
    (await filled(folder)).close()
    remove_one(folder, "*.term")
    assert await tantivy(folder).position() == 0


def remove_one(folder: Path, pattern: str) -> None:
    next(folder.glob(pattern)).unlink()


async def test_refuses_to_write_while_another_process_writes(folder: Path) -> None:
    index = await filled(folder)
    other = tantivy(folder)
    with pytest.raises(Unavailable):
        await other.add(FeedBatch(3, [entry(3, "Salmon oil")]))
    with pytest.raises(Unavailable):
        await other.clear()
    assert sorted(await found(other, query("salmon"))) == [1, 2]
    index.close()
    await other.add(FeedBatch(3, [entry(3, "Salmon oil")]))
    await other.refresh()
    assert sorted(await found(other, query("salmon"))) == [1, 2, 3]


def write_until_killed(folder: Path) -> int:
    """Have another process write, kill it in the middle, and return what it had committed."""
    command = [sys.executable, "-c", ENDLESS_WRITER, str(folder)]
    path = os.pathsep.join(filter(None, sys.path))
    with subprocess.Popen(  # noqa: S603 - our own program
        command,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
        env={**os.environ, "PYTHONPATH": path},
    ) as writer:
        assert writer.stdout is not None
        committed = [int(writer.stdout.readline()) for _ in range(5)]
        writer.send_signal(signal.SIGKILL)
    return committed[-1]


async def test_keeps_what_was_committed_when_it_is_killed(folder: Path) -> None:
    before = 0
    for _ in range(3):
        committed = write_until_killed(folder)
        assert committed == before + 5
        index = tantivy(folder)
        before = await index.position()
        assert before >= committed
        numbers = await found(index, query("toy", limit=100))
        assert set(range(1, before + 1)) <= set(numbers)
        facets = await index.facets(query())
        assert {one.count for one in facets.brands} == {1}

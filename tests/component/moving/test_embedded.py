"""Moving an embedded shop: nothing is lost, and nothing is written where it should not be."""

from __future__ import annotations

import sqlite3
import tarfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, closing
from pathlib import Path

import pytest

from kibble.kernel.errors import Unavailable
from kibble.platform.clock import SystemClock, Uuid7Ids, system_randomness
from kibble.platform.config import Settings
from kibble.platform.engines.sqlite.archive import SqliteArchive
from kibble.platform.messaging.log import ParkedEvent
from kibble.platform.persistence.archive import Archive, Row, Shape, shape
from kibble.platform.persistence.changes import Changes
from kibble.platform.persistence.store import InboxMark, StoredReply
from kibble.platform.service import World
from kibble.runtime.moving import BadArchive, NotThere, embedded, load
from kibble.runtime.shop import Shop
from kibble.runtime.target import ShopTarget
from tests.fixtures.process import ShopProcess

clock, randomness = SystemClock(), system_randomness()
world = World(clock, Uuid7Ids(clock, randomness), randomness)
REPLY = StoredReply("key", "print", 201, {"etag": "1"}, b"\x00answer\xff")


def parked(event_id: str) -> ParkedEvent:
    return ParkedEvent(
        consumer="order",
        topic="payment_events",
        key="one",
        type="payment.paid",
        event_id=event_id,
        envelope=b"\x00\xff{}",
        error="it did not fit",
        attempts=3,
        status="dead",
        due_at="2026-03-02T15:00:00.000000Z",
        parked_at="2026-03-02T14:00:00.000000Z",
    )


def settings(folder: Path) -> Settings:
    return Settings(data_dir=folder)


def opened(folder: Path) -> Shop:
    return Shop(settings(folder), world)


async def write(folder: Path, *, name: str) -> Path:
    """Write the archive of a shop with a product, an answer and parked events."""
    shop = opened(folder / name)
    product = {"name": name, "price": 1.5, "category": "Toys", "attributes": {"b": 1, "a": "ä"}}
    await ShopTarget(shop).post("/api/products", product)
    order = shop.services.order.store
    for event_id in ("first", "applied", "last"):
        await order.park(parked(event_id))
    await order.commit(Changes(), inbox=InboxMark("order", "applied"))
    await order.commit(Changes(), reply=REPLY)
    shop.close()
    file = folder / f"{name}.tar.gz"
    await embedded.move_out(settings(folder / name), world, file)
    return file


@pytest.fixture
async def file(tmp_path: Path) -> Path:
    return await write(tmp_path, name="old")


async def test_answers_and_parked_events_move_in_order_but_for_what_was_applied(
    file: Path, tmp_path: Path
) -> None:
    await embedded.move_in(settings(tmp_path / "new"), world, file)
    shop = opened(tmp_path / "new")
    assert await shop.services.order.store.parked() == [parked("first"), parked("last")]
    assert await shop.services.order.store.find_reply(REPLY.key) == REPLY
    shop.close()


async def test_events_that_wait_are_delivered_before_a_shop_moves(file: Path) -> None:
    with tarfile.open(file) as tar:
        lines = tar.extractfile("recommendation/products.jsonl")
        assert lines is not None
        assert lines.read().count(b'"name":"old"') == 1


async def test_the_moved_shop_makes_the_same_archive(file: Path, tmp_path: Path) -> None:
    first = await embedded.move_in(settings(tmp_path / "new"), world, file)
    second = await embedded.move_out(settings(tmp_path / "new"), world, tmp_path / "second.tar.gz")
    assert second == first
    assert first.tables["product/products"].rows == 1


async def test_a_folder_with_a_shop_is_not_moved_into(file: Path, tmp_path: Path) -> None:
    with pytest.raises(NotThere, match="has a shop already"):
        await embedded.move_in(settings(tmp_path / "old"), world, file)


async def test_there_is_nothing_to_move_out_of_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(NotThere, match="no shop"):
        await embedded.move_out(settings(tmp_path / "none"), world, tmp_path / "x.tar.gz")


def tampered(file: Path, member: str, content: bytes) -> Path:
    """Return the archive with one member replaced."""
    target = file.with_name("tampered.tar.gz")
    scratch = file.with_name("scratch")
    scratch.write_bytes(content)
    with tarfile.open(file) as source, tarfile.open(target, "w:gz") as tar:
        for one in source:
            if one.name == member:
                tar.add(scratch, arcname=member)
            else:
                tar.addfile(one, source.extractfile(one))
    return target


@pytest.mark.parametrize("member", ["order/idempotency.jsonl", "files/signing-key.json"])
async def test_a_damaged_archive_is_refused_and_writes_nothing(
    file: Path, tmp_path: Path, member: str
) -> None:
    damaged = tampered(file, member, b"{}\n")
    with pytest.raises(BadArchive, match="damaged"):
        await embedded.move_in(settings(tmp_path / "new"), world, damaged)
    shop = opened(tmp_path / "new")
    assert await shop.services.order.store.find_reply(REPLY.key) is None
    shop.close()


async def test_a_file_that_is_no_archive_is_refused(file: Path, tmp_path: Path) -> None:
    with pytest.raises(BadArchive, match="no archive"):
        await embedded.move_in(
            settings(tmp_path / "new"), world, tampered(file, "manifest.json", b"{}")
        )


class Breaking:
    """An archive that breaks when one of its tables is loaded."""

    def __init__(self, archive: Archive, table: str) -> None:
        self._archive = archive
        self._table = table
        self.name = archive.name
        self.shapes = archive.shapes

    async def unfinished(self) -> int:
        return await self._archive.unfinished()

    async def is_empty(self) -> bool:
        return await self._archive.is_empty()

    def rows(self, table: Shape) -> AsyncIterator[Sequence[Row]]:
        return self._archive.rows(table)

    async def begin(self) -> None:
        await self._archive.begin()

    async def load(self, table: Shape, rows: Sequence[Row]) -> None:
        await self._archive.load(table, rows)
        if table.name == self._table:
            raise Unavailable("The server went away.")

    async def finish(self) -> None:
        await self._archive.finish()

    async def close(self) -> None:
        await self._archive.close()


async def interrupt(file: Path, folder: Path, table: str) -> None:
    """Move in until a table is loaded, and no further."""
    opened(folder).close()
    async with AsyncExitStack() as stack:
        archives = [
            Breaking(one, table) for one in embedded.archives(Settings(data_dir=folder), world)
        ]
        for archive in archives:
            stack.push_async_callback(archive.close)
        with pytest.raises(Unavailable):
            await load(file, archives, folder)


@pytest.mark.parametrize("table", ["products", "idempotency", "parked_events"])
async def test_an_import_that_was_interrupted_is_repeated(
    file: Path, tmp_path: Path, table: str
) -> None:
    folder = tmp_path / "new"
    await interrupt(file, folder, table)
    first = await embedded.move_in(settings(folder), world, file)
    second = await embedded.move_out(settings(folder), world, tmp_path / "second.tar.gz")
    assert second == first


async def test_an_import_that_was_interrupted_is_not_ended_by_another(
    file: Path, tmp_path: Path
) -> None:
    other = await write(tmp_path, name="other")
    await interrupt(file, tmp_path / "new", "products")
    with pytest.raises(NotThere, match="another archive"):
        await embedded.move_in(settings(tmp_path / "new"), world, other)


async def test_a_shop_of_which_only_a_part_arrived_does_not_run(file: Path, tmp_path: Path) -> None:
    await interrupt(file, tmp_path / "new", "products")
    ended = await ShopProcess(tmp_path / "new").command("run")
    assert ended.code == 2
    assert "did not end" in ended.err


@pytest.mark.parametrize(
    "shapes",
    [
        [shape("dogs", "name", text="name")],
        [shape("dogs", "name", text="name breed"), shape("cats", "name", text="name")],
        [],
    ],
    ids=["a column more", "a table less", "a table more"],
)
def test_a_store_with_other_tables_than_an_archive_has_is_refused(
    tmp_path: Path, shapes: Sequence[Shape]
) -> None:
    path = tmp_path / "kennel.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE dogs (name TEXT PRIMARY KEY, breed TEXT)")
    with pytest.raises(ValueError, match="kennel"):
        SqliteArchive(path, shapes)

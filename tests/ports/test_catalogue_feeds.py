"""The behaviour of ``Feeds``: in a folder, with worker processes and without, and among files on
S3; and of ``ImageStore``."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import pytest

from kibble.platform.engines.folder import FolderFiles
from kibble.platform.engines.storing import choose_files
from kibble.services.product.adapters.feeds.folder import CHUNKS_IN_LOOP, FolderFeeds
from kibble.services.product.adapters.feeds.records import CHUNK
from kibble.services.product.adapters.feeds.stored import StoredFeeds
from kibble.services.product.adapters.images import StoredImages
from kibble.services.product.errors import FeedBroken
from kibble.services.product.integration import Feeds, ImageStore
from kibble.services.product.model.imports import FeedBatch, RowError
from tests.fixtures.aws import Aws

LONG = CHUNK * (CHUNKS_IN_LOOP + 3) + 7


def csv(count: int) -> bytes:
    lines = [f"S-{number},P {number},C,{number % 50}.99" for number in range(1, count + 1)]
    return ("sku,name,category,price\n" + "\n".join(lines)).encode()


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    server = Aws()
    yield server
    server.stop()


@pytest.fixture(params=["in the loop", "in workers", "on S3"])
async def feeds(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Feeds]:
    workers = 2 if request.param == "in workers" else 0
    here = FolderFeeds(tmp_path / "feeds", "USD", workers=workers)
    if request.param != "on S3":
        yield here
        return
    aws: Aws = request.getfixturevalue("aws")
    files = choose_files("KIBBLE_FILES_URL", aws.files_url(aws.bucket()), tmp_path)
    yield StoredFeeds(files, here)
    await files.close()


async def batches(feeds: Feeds, after: int = 0) -> list[FeedBatch]:
    return [batch async for batch in feeds.read("f", after)]


def numbers(found: list[FeedBatch]) -> list[int]:
    """Return which records of a CSV were read, from 1: its header is row 1."""
    return [row.number - 1 for batch in found for row in batch.rows]


class TestFeeds:
    @pytest.mark.parametrize("count", [1, CHUNK, CHUNK + 1, LONG])
    async def test_come_in_order_and_whole(self, feeds: Feeds, count: int) -> None:
        await feeds.keep("f", csv(count))
        found = await batches(feeds)
        assert numbers(found) == list(range(1, count + 1))
        assert [batch.last for batch in found][-1] == count
        assert found[-1].rows[-1].fields["sku"] == f"S-{count}"

    async def test_go_on_after_any_row(self, feeds: Feeds) -> None:
        await feeds.keep("f", gzip.compress(csv(LONG)))
        for after in (1, CHUNK, LONG - 1):
            assert numbers(await batches(feeds, after)) == list(range(after + 1, LONG + 1))
        assert await batches(feeds, LONG) == []

    async def test_yield_all_that_comes_before_a_failure(self, feeds: Feeds) -> None:
        await feeds.keep("f", csv(LONG) + b'\nX,"' + b"x\n" * (1 << 20))
        found: list[FeedBatch] = []

        async def read() -> None:
            async for batch in feeds.read("f", 0):
                found.append(batch)  # noqa: PERF401 - what came before the error is kept

        with pytest.raises(FeedBroken):
            await read()
        assert numbers(found) == list(range(1, LONG + 1))

    async def test_are_the_same_whether_a_file_or_its_content(
        self, feeds: Feeds, tmp_path: Path
    ) -> None:
        path = tmp_path / "spring.csv"
        path.write_bytes(csv(3))
        kept = await feeds.keep("f", path)
        assert kept == await feeds.keep("g", csv(3))
        assert kept.size_bytes == len(csv(3))
        assert kept.digest != (await feeds.keep("h", csv(4))).digest
        assert numbers(await batches(feeds)) == [1, 2, 3]

    async def test_are_forgotten_but_for_their_report(self, feeds: Feeds) -> None:
        await feeds.keep("f", csv(1))
        end = await feeds.report("f", 0, [RowError(1, "/sku", "is required")])
        await feeds.discard("f")
        await feeds.discard("f")
        assert await feeds.report_of("f", end)
        with pytest.raises(FeedBroken, match="not there"):
            await batches(feeds)

    async def test_reports_grow_and_lose_what_was_not_finished(self, feeds: Feeds) -> None:
        first = await feeds.report("f", 0, [RowError(1, "/a", "one", "S")])
        await feeds.report("f", first, [RowError(2, "/b", "never finished, and longer")])
        second = await feeds.report("f", first, [RowError(2, "/b", "two")])
        lines = (await feeds.report_of("f", second)).splitlines()
        assert [msgspec.json.decode(line)["message"] for line in lines] == ["one", "two"]
        assert await feeds.report_of("f", second + 1_000) == await feeds.report_of("f", second)
        assert await feeds.report_of("other", 10) == b""


async def test_a_feed_is_read_by_a_process_that_did_not_take_it_in(
    aws: Aws, tmp_path: Path
) -> None:
    files = choose_files("KIBBLE_FILES_URL", aws.files_url(aws.bucket()), tmp_path)
    first = StoredFeeds(files, FolderFeeds(tmp_path / "one", "USD", workers=0))
    second = StoredFeeds(files, FolderFeeds(tmp_path / "two", "USD", workers=0))
    await first.keep("f", csv(3))
    end = await first.report("f", 0, [RowError(1, "/a", "one", "S")])
    assert numbers(await batches(second, 1)) == [2, 3]
    end = await second.report("f", end, [RowError(2, "/b", "two")])
    await second.discard("f")
    lines = (await first.report_of("f", end)).splitlines()
    assert [msgspec.json.decode(line)["message"] for line in lines] == ["one", "two"]
    assert [one.name for one in await files.names("")] == ["imports/f.errors.ndjson"]
    await files.close()


@pytest.fixture
def images(tmp_path: Path) -> ImageStore:
    return StoredImages(FolderFiles(tmp_path))


class TestImageStore:
    async def test_keeps_what_was_put(self, images: ImageStore) -> None:
        await images.put("abc-200.webp", b"1")
        await images.put("abc-200.webp", b"1")
        assert await images.get("abc-200.webp") == b"1"
        assert await images.get("abd.webp") is None

    @pytest.mark.parametrize("name", ["../a.png", "/etc/a.png", "a/b.png", ".hid.png", "a", ""])
    async def test_knows_no_names_that_lead_elsewhere(self, images: ImageStore, name: str) -> None:
        assert await images.get(name) is None
        with pytest.raises(ValueError, match="not the name"):
            await images.put(name, b"1")

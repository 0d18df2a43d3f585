"""What Product keeps in memory is never older than the store."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from kibble.kernel.ids import CategoryId, ProductId
from kibble.kernel.money import Money
from kibble.platform.caching import SharedCache
from kibble.services.product.cache import ProductCache, Shelf
from kibble.services.product.model.builder import ProductBuilder
from kibble.services.product.model.fields import Fields
from kibble.services.product.model.listing import Listing
from kibble.services.product.model.product import CategoryRef
from kibble.services.product.model.standing import Standing
from kibble.services.product.repository.catalogue import Watcher
from kibble.services.product.service.reading import CatalogueReader, Encoding
from tests.fixtures.doubles import START, FakeClock, fake_ids
from tests.fixtures.eventually import eventually

P, Q = ProductId("p"), ProductId("q")


def listing(price: int) -> Listing:
    build = ProductBuilder(fake_ids(FakeClock()), START, P)
    build.described_by(Fields(name="Kibble", price=Money(price)))
    product = build.in_category(CategoryRef(CategoryId("c"), "Food")).build().product
    return Listing(product, Standing(P))


class SlowCatalogue:
    """Reads what is there at once, and answers when it is let go."""

    def __init__(self) -> None:
        self.price = 1
        self.reads = 0
        self.go = asyncio.Event()
        self.go.set()

    def watch(self, watcher: Watcher) -> None:
        self.tell = watcher

    async def asked(self) -> int:
        return self.reads

    async def listing(self, _: ProductId) -> Listing:
        self.reads += 1
        found = listing(self.price)
        await self.go.wait()
        return found

    async def listings(self, ids: Sequence[ProductId]) -> dict[ProductId, Listing]:
        return {P: await self.listing(P)} if P in ids else {}


def reader_of(catalogue: SlowCatalogue, shared: SharedCache | None = None) -> CatalogueReader:
    def encode(listing: Listing) -> bytes:
        return str(listing.product.price.minor).encode()

    return CatalogueReader(
        catalogue,  # type: ignore[arg-type]  # the part of a catalogue that is read
        ProductCache(shared),
        Encoding(encode, encode),
    )


def test_a_shelf_forgets_what_was_not_asked_for_longest() -> None:
    shelf = Shelf[int](most=2)
    shelf.put(P, 1)
    shelf.put(Q, 2)
    assert shelf.get(P) == 1
    shelf.put(ProductId("r"), 3)
    assert (shelf.get(P), shelf.get(Q)) == (1, None)


def test_a_shelf_holds_so_many_bytes_of_answers() -> None:
    shelf = Shelf[bytes](10, len)
    shelf.put(P, b"12345")
    shelf.put(P, b"1234")  # in the place of the one before
    shelf.put(Q, b"123456")
    assert (shelf.get(P), shelf.get(Q)) == (b"1234", b"123456")
    shelf.drop(P)
    shelf.put(ProductId("r"), b"1234")
    assert (shelf.get(Q), shelf.get(ProductId("r"))) == (b"123456", b"1234")
    shelf.put(ProductId("s"), b"12345678901")
    assert shelf.get(ProductId("s")) is None


async def test_a_page_is_read_once_until_it_changes() -> None:
    catalogue = SlowCatalogue()
    reader = reader_of(catalogue)
    assert [(await reader.page(P)).body for _ in range(3)] == [b"1"] * 3
    assert catalogue.reads == 1
    catalogue.price = 2
    catalogue.tell([P])
    assert (await reader.page(P)).body == b"2"


async def test_a_page_that_many_ask_for_is_made_once() -> None:
    catalogue = SlowCatalogue()
    reader = reader_of(catalogue)
    catalogue.go.clear()
    pages = [asyncio.create_task(reader.page(P)) for _ in range(10)]
    await eventually(catalogue.asked)
    catalogue.go.set()
    assert {(await page).body for page in pages} == {b"1"}
    assert catalogue.reads == 1


async def test_who_asks_after_a_change_does_not_get_what_was_read_before_it() -> None:
    catalogue = SlowCatalogue()
    reader = reader_of(catalogue)
    catalogue.go.clear()
    before = asyncio.create_task(reader.page(P))
    await eventually(catalogue.asked)
    catalogue.price = 2
    catalogue.tell([P])
    after = asyncio.create_task(reader.page(P))
    await eventually(catalogue.asked, until=lambda reads: reads >= 2)
    catalogue.go.set()
    assert ((await before).body, (await after).body) == (b"1", b"2")


async def test_a_page_whose_reader_left_is_made_for_the_others() -> None:
    catalogue = SlowCatalogue()
    reader = reader_of(catalogue)
    catalogue.go.clear()
    left, stays = (asyncio.create_task(reader.page(P)) for _ in range(2))
    await eventually(catalogue.asked)
    left.cancel()
    catalogue.go.set()
    assert (await stays).body == b"1"
    assert left.cancelled()


async def test_a_change_of_another_product_leaves_a_page() -> None:
    catalogue = SlowCatalogue()
    reader = reader_of(catalogue)
    await reader.page(P)
    catalogue.tell([Q])
    await reader.page(P)
    assert catalogue.reads == 1


async def test_a_slow_read_does_not_bring_back_what_changed_meanwhile() -> None:
    catalogue = SlowCatalogue()
    reader = reader_of(catalogue)
    catalogue.go.clear()
    page = asyncio.create_task(reader.page(P))
    entries = asyncio.create_task(reader.encoded([P]))
    quotes = asyncio.create_task(reader.quotes([P]))
    await eventually(catalogue.asked, until=lambda reads: reads >= 3)
    catalogue.price = 2
    catalogue.tell([P])
    catalogue.go.set()
    await asyncio.gather(page, entries, quotes)
    assert (await reader.page(P)).body == b"2"
    assert await reader.encoded([P]) == [b"2"]
    assert (await reader.quotes([P]))[P].price == 2


async def test_entries_come_in_the_order_asked_for_without_those_that_are_gone() -> None:
    reader = reader_of(SlowCatalogue())
    assert await reader.encoded([Q, P, P]) == [b"1", b"1"]


async def test_a_fresh_quote_comes_from_the_store() -> None:
    catalogue = SlowCatalogue()
    reader = reader_of(catalogue)
    await reader.quotes([P])
    catalogue.price = 2  # and nobody told
    assert (await reader.quotes([P]))[P].price == 1
    assert (await reader.quotes([P], fresh=True))[P].price == 2

"""What every ``Catalogue`` does, with ``Reviews`` and ``Imports`` beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from kibble.contracts.product import ProductDeleted
from kibble.kernel.errors import InvalidInput, StaleVersion
from kibble.kernel.ids import CategoryId, CustomerId, ProductId
from kibble.kernel.money import Money
from kibble.platform.engines.sqlite import Database, Durability, migrate
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.persistence.changes import Aggregate, Changes
from kibble.services.product import adapters
from kibble.services.product.adapters.mongodb.catalogue import MongoCatalogue
from kibble.services.product.adapters.mongodb.imports import MongoImports
from kibble.services.product.adapters.mongodb.reviews import MongoReviews
from kibble.services.product.adapters.sqlite.catalogue import SqliteCatalogue
from kibble.services.product.adapters.sqlite.imports import SqliteImports
from kibble.services.product.adapters.sqlite.reviews import SqliteReviews
from kibble.services.product.model.builder import Assembly, ProductBuilder
from kibble.services.product.model.category import Category
from kibble.services.product.model.fields import Fields
from kibble.services.product.model.imports import (
    FeedBatch,
    FeedStock,
    ImportJob,
    ImportStatus,
    Tally,
)
from kibble.services.product.model.pricing import BundlePricing
from kibble.services.product.model.product import Product
from kibble.services.product.model.review import Purchase, Review
from kibble.services.product.model.sale import Sale
from kibble.services.product.model.standing import StandingChange, Stock
from kibble.services.product.repository.catalogue import Catalogue
from kibble.services.product.repository.imports import Imports
from kibble.services.product.repository.reviews import Reviews
from tests.fixtures.doubles import START, FakeClock, fake_ids
from tests.fixtures.engines import Space
from tests.fixtures.mongo import fresh_database
from tests.fixtures.spaces.mongodb import mongodb

__all__ = ["mongodb"]

ANN = CustomerId("0193c1a0-0000-7000-8000-0000000000c1")
NOW = START + timedelta(microseconds=123_456)


@dataclass(frozen=True)
class Kept:
    """The ports of one store, and builders of what goes into it."""

    catalogue: Catalogue
    reviews: Reviews
    imports: Imports
    events: Callable[[], Awaitable[list[str]]]
    """Returns the types of the events that were published."""

    ids = fake_ids(FakeClock())
    food = Category(CategoryId("food"), "Food")

    async def save(self, *aggregates: Aggregate) -> None:
        changes = Changes()
        for aggregate in aggregates:
            changes.save(aggregate)
        await self.catalogue.commit(changes)

    async def remove(self, *aggregates: Aggregate) -> None:
        changes = Changes()
        for aggregate in aggregates:
            changes.remove(aggregate)
        await self.catalogue.commit(changes)

    def builder(self, **fields: object) -> ProductBuilder:
        build = ProductBuilder(self.ids, NOW).in_category(self.food.ref)
        build.described_by(Fields(name="Kibble", price=Money(10_00)))
        return build.described_by(fields)  # type: ignore[arg-type]  # tests know the names

    def product(self, **fields: object) -> Product:
        return self.builder(**fields).build().product

    def harness(self) -> Assembly:
        return self.builder(sku="H").option("Size", "S", "L").build()

    def bundle(self, *parts: tuple[Product, int]) -> Product:
        build = self.builder().priced(BundlePricing(percent_off=1_000))
        for part, quantity in parts:
            build.component(part.id, quantity, part)
        return build.build().product

    async def get(self, product_id: ProductId) -> Product:
        return (await self.catalogue.products([product_id]))[product_id]


def envelopes() -> EnvelopeMaker:
    clock = FakeClock()
    return EnvelopeMaker("product", clock, fake_ids(clock))


async def _sqlite(folder: Path, *, inline: bool) -> AsyncIterator[Kept]:
    database = Database(folder / "product.db", Durability.NORMAL, inline=inline)
    migrate(database, adapters.__name__)
    store = SqliteCatalogue(database, envelopes())

    async def events() -> list[str]:
        return [entry.type for entry in store.read_log("product_events", 0, 100)]

    kept = Kept(store, SqliteReviews(database), SqliteImports(database), events)
    await kept.save(replace(kept.food))
    yield kept
    store.close()


@pytest.fixture
async def sqlite_kept(tmp_path: Path) -> AsyncIterator[Kept]:
    async for made in _sqlite(tmp_path, inline=True):
        yield made


@pytest.fixture
async def sqlite_thread_kept(tmp_path: Path) -> AsyncIterator[Kept]:
    async for made in _sqlite(tmp_path, inline=False):
        yield made


@pytest.fixture
async def mongodb_kept(mongodb: Space) -> AsyncIterator[Kept]:
    async with fresh_database(mongodb) as database:
        store = MongoCatalogue(database, envelopes())
        await store.migrate()

        async def events() -> list[str]:
            return [event.type for event in await store.pending(100)]

        kept = Kept(store, MongoReviews(store), MongoImports(store), events)
        await kept.save(replace(kept.food))
        yield kept


@pytest.fixture(
    params=["sqlite", "sqlite_thread", pytest.param("mongodb", marks=pytest.mark.engine)]
)
def kept(request: pytest.FixtureRequest) -> Kept:
    """Each store in turn, with one category in it."""
    made: Kept = request.getfixturevalue(f"{request.param}_kept")
    return made


class TestProducts:
    async def test_come_back_as_they_were_saved(self, kept: Kept) -> None:
        simple = kept.product(
            sku="A",
            description="Ünïcode\n🐕",
            tags=("a", "b"),
            images=("x.jpg",),
            attributes={"brand": "A", "weightGrams": 12.5, "count": 3, "wet": False},
        )
        built = kept.builder(sku="H").option("Size", "S", "L")
        harness = built.surcharge(Money(1_00), Size="S").price_of(Money(0), Size="L").build()
        bundle = kept.bundle((simple, 2), (harness.variants[0], 1))
        saved = [simple, harness.product, *harness.variants, bundle]
        await kept.save(*saved)
        for product in saved:
            assert await kept.get(product.id) == product
        found = await kept.catalogue.with_skus(["A", "H-L", "nothing"])
        assert found == {"A": simple, "H-L": harness.variants[1]}
        assert await kept.catalogue.variants([harness.product.id]) == [*harness.variants]
        assert await kept.catalogue.bundles_with([simple.id, harness.variants[0].id]) == [bundle]

    async def test_keep_their_sale_and_what_they_cost_before(self, kept: Kept) -> None:
        ends = NOW + timedelta(days=2)
        planned, running = kept.product(), kept.product()
        planned.plan_sale(Sale(Money(1), NOW + timedelta(days=1), None), NOW)
        running.plan_sale(Sale(Money(2), NOW, ends), NOW)
        await kept.save(planned, running, kept.product())
        assert await kept.get(planned.id) == planned
        assert await kept.get(running.id) == running
        assert running.past_prices

    async def test_with_a_sale_that_is_due_come_first_due_first(self, kept: Kept) -> None:
        products = [kept.product() for _ in range(4)]
        for product, days in zip(products, (3, 1, 2), strict=False):
            product.plan_sale(Sale(Money(1), NOW + timedelta(days=days), None), NOW)
        await kept.save(*products)
        due = kept.catalogue.sales_due
        assert await due(NOW + timedelta(days=1) - timedelta(microseconds=1), 9) == []
        assert await due(NOW + timedelta(days=9), 2) == [products[1], products[2]]
        begun = await kept.get(products[1].id)
        begun.keep_time(NOW + timedelta(days=1))
        await kept.save(begun)
        assert [one.id for one in await due(NOW + timedelta(days=9), 9)] == [
            products[2].id,
            products[0].id,
        ]

    async def test_are_saved_at_the_version_that_was_read(self, kept: Kept) -> None:
        await kept.save(product := kept.product())
        mine, theirs = await kept.get(product.id), await kept.get(product.id)
        theirs.name = "Theirs"
        await kept.save(theirs)
        mine.name = "Mine"
        with pytest.raises(StaleVersion):
            await kept.save(mine)
        with pytest.raises(StaleVersion):
            await kept.remove(product)
        assert (await kept.get(product.id)).name == "Theirs"

    async def test_have_a_sku_each(self, kept: Kept) -> None:
        await kept.save(kept.product(sku="A"))
        with pytest.raises(StaleVersion):
            await kept.save(kept.product(sku="A"))

    async def test_stand_in_a_category_that_exists(self, kept: Kept) -> None:
        await kept.remove((await kept.catalogue.categories()).get(kept.food.id))
        with pytest.raises(StaleVersion):
            await kept.save(kept.product())

    async def test_need_their_category_and_components_to_stay(self, kept: Kept) -> None:
        part = kept.product()
        await kept.save(part, bundle := kept.bundle((part, 1)))
        with pytest.raises(StaleVersion):
            await kept.remove(await kept.get(part.id))
        with pytest.raises(StaleVersion):
            await kept.remove((await kept.catalogue.categories()).get(kept.food.id))
        await kept.remove(bundle)
        await kept.remove(part)
        with pytest.raises(StaleVersion):
            await kept.save(kept.bundle((part, 1)))

    async def test_go_with_all_that_hangs_on_them(self, kept: Kept) -> None:
        await kept.save(product := kept.product())
        await kept.save(
            StandingChange(product.id, sold=1),
            Review("r", product.id, ANN, 5, "", "", NOW),
            Purchase(product.id, ANN),
            FeedStock(product.id, "", 3),
        )
        await kept.remove(product)
        assert await kept.catalogue.listing(product.id) is None
        assert await kept.reviews.by_customer(ANN) == []
        assert await kept.reviews.bought_by(ANN) == []
        assert await kept.imports.stock(10) == []

    async def test_are_listed_newest_first_without_variants(self, kept: Kept) -> None:
        harness = kept.harness()
        products = [harness.product, kept.product(), kept.product()]
        await kept.save(*products, *harness.variants)
        page = await kept.catalogue.page(2, None)
        rest = await kept.catalogue.page(2, page.cursor)
        assert [*page.items, *rest.items] == [product.id for product in reversed(products)]
        assert rest.cursor is None
        with pytest.raises(InvalidInput):
            await kept.catalogue.page(2, "nonsense")


class TestListings:
    async def test_show_stock_variants_and_components(self, kept: Kept) -> None:
        part, harness = kept.product(), kept.harness()
        bundle = kept.bundle((part, 2), (harness.variants[0], 1))
        await kept.save(part, harness.product, *harness.variants, bundle)
        await kept.save(
            StandingChange(part.id, stock=Stock(5, 1)),
            StandingChange(harness.variants[0].id, stock=Stock(9, 1)),
        )
        ids = [bundle.id, harness.product.id, part.id, ProductId("nothing")]
        found = await kept.catalogue.listings(ids)
        assert {id_: shown.available for id_, shown in found.items()} == {
            bundle.id: 2,
            harness.product.id: 9,
            part.id: 5,
        }
        assert [each.product for each in found[harness.product.id].variants] == [*harness.variants]
        for product_id, shown in found.items():
            assert await kept.catalogue.listing(product_id) == shown

    async def test_sum_up_changes_that_never_conflict(self, kept: Kept) -> None:
        await kept.save(product := kept.product())
        await kept.save(StandingChange(product.id, stock=Stock(5, 2), sold=3, rating=4))
        await kept.save(StandingChange(product.id, stock=Stock(9, 1)))
        await kept.save(StandingChange(product.id, sold=2, rating=5))
        await kept.save(StandingChange(ProductId("nothing"), sold=1))
        shown = await kept.catalogue.listing(product.id)
        assert shown is not None
        standing = shown.standing
        assert (standing.available, standing.popularity, standing.rating) == (5, 5, 4.5)
        assert (standing.version, shown.etag) == (2, "1.2")


class TestWatchers:
    async def test_are_told_of_a_product_and_of_what_shows_it(self, kept: Kept) -> None:
        part, harness = kept.product(), kept.harness()
        bundle = kept.bundle((part, 2), (harness.variants[0], 1))
        await kept.save(part, harness.product, *harness.variants, bundle)
        told: list[Collection[ProductId]] = []
        kept.catalogue.watch(told.append)
        await kept.save(StandingChange(harness.variants[0].id, stock=Stock(1, 1)))
        await kept.save(await kept.get(part.id))
        await kept.save(Purchase(part.id, ANN))
        assert told == [
            {harness.variants[0].id, harness.product.id, bundle.id},
            {part.id, bundle.id},
        ]

    async def test_are_told_of_a_variant_that_is_gone(self, kept: Kept) -> None:
        harness = kept.harness()
        await kept.save(harness.product, *harness.variants)
        told: list[Collection[ProductId]] = []
        kept.catalogue.watch(told.append)
        await kept.remove(harness.variants[0])
        assert told == [{harness.variants[0].id, harness.product.id}]

    async def test_are_not_told_of_what_was_not_kept(self, kept: Kept) -> None:
        await kept.save(product := kept.product())
        told: list[Collection[ProductId]] = []
        kept.catalogue.watch(told.append)
        with pytest.raises(StaleVersion):
            await kept.save(replace(product, version=0))
        assert told == []


class TestRunningLow:
    async def test_tells_the_scarcest_first_page_by_page(self, kept: Kept) -> None:
        few, none, plenty = kept.product(), kept.product(), kept.product()
        bundle = kept.bundle((few, 1))
        await kept.save(few, none, plenty, bundle)
        await kept.save(StandingChange(few.id, stock=Stock(3, 1)))
        await kept.save(StandingChange(plenty.id, stock=Stock(10, 1)))
        first = await kept.catalogue.running_low(10, 1, None)
        second = await kept.catalogue.running_low(10, 1, first.cursor)
        found = [*first.items, *second.items]
        assert [(one.product_id, one.available) for one in found] == [(none.id, 0), (few.id, 3)]
        assert (found[1].sku, found[1].name) == (few.sku, few.name)
        assert second.cursor is None


class TestCategories:
    async def test_count_their_products_through_every_change(self, kept: Kept) -> None:
        treats = Category(CategoryId("treats"), "Treats", kept.food.id)
        harness = kept.harness()
        await kept.save(treats, product := kept.product(), harness.product, *harness.variants)

        async def counts() -> tuple[int, int]:
            tree = await kept.catalogue.categories()
            return tree.count(kept.food.id), tree.count(treats.id)

        assert await counts() == (2, 0)
        product.category = treats.ref
        await kept.save(product)
        assert await counts() == (2, 1)
        await kept.remove(product)
        assert await counts() == (1, 0)
        assert len(await kept.catalogue.in_category(kept.food.id)) == 3

    async def test_have_a_name_each(self, kept: Kept) -> None:
        with pytest.raises(StaleVersion):
            await kept.save(Category(CategoryId("other"), "Food"))

    async def test_come_back_as_they_were_saved(self, kept: Kept) -> None:
        treats = Category(CategoryId("treats"), "Treats", kept.food.id)
        await kept.save(treats)
        tree = await kept.catalogue.categories()
        assert tree.named("Treats") == tree.get(treats.id) == treats
        await kept.remove(treats)
        assert (await kept.catalogue.categories()).named("Treats") is None


class TestReviews:
    async def test_come_back_as_they_were_saved(self, kept: Kept) -> None:
        await kept.save(product := kept.product(), other := kept.product())
        first = Review("1", product.id, ANN, 5, "Good", "He\nlikes it", NOW, verified=True)
        second = Review("2", other.id, ANN, 1, "", "", NOW)
        await kept.save(first, second)
        assert await kept.reviews.by_customer(ANN) == [first, second]
        assert await kept.reviews.by_customer(ANN, [other.id]) == [second]
        assert (await kept.reviews.page(product.id, 10, None)).items == [first]
        first.customer_id = None
        await kept.save(first)
        assert await kept.reviews.by_customer(ANN) == [second]

    async def test_are_one_a_customer_and_product(self, kept: Kept) -> None:
        await kept.save(product := kept.product())
        await kept.save(Review("1", product.id, ANN, 5, "", "", NOW))
        with pytest.raises(StaleVersion):
            await kept.save(Review("2", product.id, ANN, 5, "", "", NOW))
        nobody = [Review(str(n), product.id, None, 5, "", "", NOW) for n in (3, 4)]
        await kept.save(*nobody)

    async def test_purchases_are_remembered_once(self, kept: Kept) -> None:
        await kept.save(product := kept.product())
        bought = Purchase(product.id, ANN, version=1)
        await kept.save(Purchase(product.id, ANN))
        await kept.save(Purchase(product.id, ANN))
        assert await kept.reviews.has_bought(ANN, product.id)
        assert not await kept.reviews.has_bought(ANN, ProductId("nothing"))
        assert len(await kept.reviews.bought_by(ANN)) == 1
        await kept.remove(bought)
        assert not await kept.reviews.has_bought(ANN, product.id)


class TestImports:
    async def test_come_back_as_they_were_saved(self, kept: Kept) -> None:
        job = ImportJob("1", "spring.csv", 10, "digest", NOW, dry_run=True)
        await kept.save(job)
        assert await kept.imports.get("1") == job
        assert await kept.imports.unfinished() == [job]
        job.start(NOW)
        job.record(FeedBatch(5, [], ignored=frozenset({"b", "a"})), Tally(created=4, failed=1), 77)
        await kept.save(job)
        assert await kept.imports.get("1") == job
        job.fail("broken", NOW)
        await kept.save(job)
        found = await kept.imports.get("1")
        assert found == job
        assert (found.status, found.tally.read) == (ImportStatus.FAILED, 5)
        assert await kept.imports.unfinished() == []
        assert await kept.imports.get("2") is None

    async def test_keep_the_latest_stock_until_it_is_taken(self, kept: Kept) -> None:
        a, b = ProductId("a"), ProductId("b")
        await kept.save(FeedStock(a, "", 1), FeedStock(a, "EAST", 2), FeedStock(b, "", 3))
        taken = await kept.imports.stock(10)
        assert len(taken) == 3
        assert len(await kept.imports.stock(2)) == 2
        await kept.save(FeedStock(a, "", 9))
        await kept.remove(*taken)
        (left,) = await kept.imports.stock(10)
        assert (left.product_id, left.warehouse, left.on_hand) == (a, "", 9)


async def test_everything_or_nothing_is_kept(kept: Kept) -> None:
    changes = Changes()
    await kept.save(product := kept.product())
    changes.save(other := kept.product())
    changes.publish(ProductDeleted(product_id=other.id), 1)
    changes.save(replace(product, version=0))
    with pytest.raises(StaleVersion):
        await kept.catalogue.commit(changes)
    assert await kept.catalogue.listing(other.id) is None
    assert await kept.events() == []

"""Following the feed."""

from __future__ import annotations

import pytest

from kibble.kernel.errors import Unavailable
from kibble.services.product.repository.search import FeedBatch, SearchIndex
from tests.fixtures.search import entry, fill, found, product_id, query


async def test_starts_empty_at_position_zero(index: SearchIndex) -> None:
    assert await index.position() == 0
    assert await found(index, query()) == []


async def test_shows_what_was_added_after_the_commit(index: SearchIndex) -> None:
    await index.add(FeedBatch(7, [entry(1, "Salmon kibble")]))
    assert await found(index, query("salmon")) == []
    await index.refresh()
    assert await found(index, query("salmon")) == [1]
    assert await index.position() == 7


async def test_replaces_a_product_that_changed(index: SearchIndex) -> None:
    await fill(index, entry(1, "Salmon kibble"))
    await fill(index, entry(1, "Turkey kibble"))
    assert await found(index, query("salmon")) == []
    assert await found(index, query("turkey")) == [1]


async def test_forgets_a_product_that_is_gone(index: SearchIndex) -> None:
    await fill(index, entry(1, "Salmon kibble"), entry(2, "Salmon treats"))
    await index.add(FeedBatch(3, gone=[product_id(1)]))
    await index.refresh()
    assert await found(index, query("salmon")) == [2]


async def test_applies_a_batch_twice_without_harm(index: SearchIndex) -> None:
    batch = FeedBatch(1, [entry(1, "Salmon kibble")], gone=[product_id(2)])
    for _ in range(2):
        await index.add(batch)
        await index.refresh()
    assert await found(index, query("salmon")) == [1]


async def test_ends_with_the_last_of_several_changes_before_a_commit(index: SearchIndex) -> None:
    await fill(index, entry(1, "Salmon kibble"))
    await index.add(FeedBatch(2, [entry(1, "Turkey kibble")]))
    await index.add(FeedBatch(3, [entry(1, "Salmon kibble")]))
    await index.refresh()
    assert await found(index, query("salmon")) == [1]
    assert await found(index, query("turkey")) == []


async def test_takes_back_a_product_that_was_gone_before_the_commit(index: SearchIndex) -> None:
    await fill(index, entry(1, "Salmon kibble"))
    await index.add(FeedBatch(2, gone=[product_id(1)]))
    await index.add(FeedBatch(3, [entry(1, "Salmon kibble")]))
    await index.refresh()
    assert await found(index, query("salmon")) == [1]


async def test_is_empty_at_position_zero_after_clear(index: SearchIndex) -> None:
    await fill(index, entry(1, "Salmon kibble"))
    await index.clear()
    assert await index.position() == 0
    await index.refresh()
    assert await index.position() == 0
    assert await found(index, query()) == []
    await fill(index, entry(2, "Salmon treats"))
    assert await found(index, query("salmon")) == [2]


async def test_goes_on_from_the_last_refresh_after_a_product_that_cannot_be_taken_in(
    index: SearchIndex,
) -> None:
    await fill(index, entry(1, "Salmon kibble"))
    broken = entry(3, "Broken", price=-1)
    with pytest.raises(Unavailable):
        await index.add(FeedBatch(3, [entry(2, "Salmon treats"), broken]))
    assert await index.position() == 1
    await fill(index, entry(4, "Salmon oil"))
    assert sorted(await found(index, query("salmon"))) == [1, 4]


async def test_goes_on_after_a_large_load(index: SearchIndex) -> None:
    many = 5_001
    await fill(index, *(entry(number, "Toy") for number in range(many)))
    await fill(index, entry(many, "Salmon kibble"), gone=[0])
    assert await found(index, query("salmon")) == [many]
    assert sum(one.count for one in (await index.facets(query())).popularity) == many

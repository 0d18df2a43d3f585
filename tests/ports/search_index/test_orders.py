"""Orders and pages."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kibble.kernel.errors import InvalidInput
from kibble.kernel.paging import encode_cursor
from kibble.services.product.model.search import Sort
from kibble.services.product.repository.search import FeedBatch, SearchIndex
from tests.fixtures.search import entry, every_page, fill, found, product_id, query, tantivy

CAT = ("Cat",)
PRODUCTS = (
    entry(1, "Cat bed", price=3000, popularity=5, rating=4.5),
    entry(2, "cat bed deluxe", price=9900, popularity=70, rating=2.0),
    entry(3, "Älter dog bed", price=100, popularity=0, rating=0.0),
    entry(4, "Dog bed", price=3000, popularity=900, rating=5.0),
    entry(5, "Bird bed", price=2999, popularity=1, rating=3.9),
)
ORDERS = {
    Sort.PRICE: [3, 5, 1, 4, 2],
    Sort.PRICE_DOWN: [2, 1, 4, 5, 3],
    Sort.NAME: [5, 1, 2, 4, 3],
    Sort.NEWEST: [5, 4, 3, 2, 1],
    Sort.POPULARITY: [4, 2, 1, 5, 3],
    Sort.RATING: [4, 1, 5, 2, 3],
}


async def test_sorts(index: SearchIndex, subtests: pytest.Subtests) -> None:
    await fill(index, *PRODUCTS)
    for sort, numbers in ORDERS.items():
        seen, wanted = await found(index, query(sort=sort)), numbers
        if sort in (Sort.PRICE, Sort.PRICE_DOWN):  # two have one price: their order is their ids'
            seen = [1 if n == 4 else n for n in seen]
            wanted = [1 if n == 4 else n for n in numbers]
        with subtests.test(sort=sort):
            assert seen == wanted


async def test_shows_what_sells_first_when_nothing_was_typed(index: SearchIndex) -> None:
    await fill(
        index,
        entry(1, "A", popularity=5),
        entry(2, "B", popularity=900),
        entry(3, "C", popularity=90_000, in_stock=False),
    )
    assert await found(index, query()) == [2, 1, 3]


async def test_orders_only_what_holds_all_words(index: SearchIndex) -> None:
    await fill(
        index,
        entry(1, "Cat food", price=100, categories=CAT),
        entry(2, "Dog food", price=900),
        entry(3, "Dog food", price=500),
    )
    assert await found(index, query("dog food", sort=Sort.PRICE)) == [3, 2]


async def test_orders_what_holds_any_word_when_none_holds_all(index: SearchIndex) -> None:
    await fill(index, entry(1, "Cat food", price=900), entry(2, "Dog bed", price=100))
    assert await found(index, query("food bed", sort=Sort.PRICE)) == [2, 1]


async def test_pages_show_each_product_once(index: SearchIndex, subtests: pytest.Subtests) -> None:
    names = ("Rope toy", "Rope", "Toy", "Toy made of rope")
    await fill(index, *(entry(n, names[n % 4], price=100 * (n % 3)) for n in range(45)))
    all_words = [n for n in range(45) if n % 4 in (0, 3)]
    for sort, text in product(Sort, (None, "rope toy")):
        with subtests.test(sort=sort, text=text):
            whole = await every_page(index, text, sort, 100)
            everything = text is None or sort is Sort.RELEVANCE
            assert sorted(whole) == (list(range(45)) if everything else all_words)
            for limit in (1, 7, 22, 44, 45):
                assert await every_page(index, text, sort, limit) == whole


async def test_pages_go_on_after_products_came_and_went(index: SearchIndex) -> None:
    await fill(index, *(entry(n, "Toy", price=100 * n) for n in range(10)))
    first = await index.find(query("toy", sort=Sort.PRICE, limit=4))
    await index.add(FeedBatch(99, [entry(50, "Toy", price=50)], gone=[product_id(3)]))
    await index.refresh()
    second = query("toy", sort=Sort.PRICE, limit=4, cursor=first.cursor)
    assert await found(index, second) == [4, 5, 6, 7]


async def test_pages_are_the_same_after_the_index_was_written_anew(index: SearchIndex) -> None:
    entries = [entry(n, "Toy") for n in range(30)]
    await fill(index, *entries)
    before = await every_page(index, "toy", Sort.RELEVANCE, 7)
    await index.clear()
    for one in reversed(entries):
        await fill(index, one)
    assert await every_page(index, "toy", Sort.RELEVANCE, 7) == before


async def test_refuses_a_cursor_that_is_none(index: SearchIndex, subtests: pytest.Subtests) -> None:
    await fill(index, entry(1, "Toy"))
    for sort, cursor in product(Sort, ("", "x", "W10", "WyJwcmljZSIsMCwwLDEsMl0", "%00")):
        with subtests.test(sort=sort, cursor=cursor), pytest.raises(InvalidInput):
            await index.find(query("toy", sort=sort, cursor=cursor))


async def test_refuses_the_cursor_of_another_order(index: SearchIndex) -> None:
    await fill(index, entry(1, "Toy"), entry(2, "Toy"))
    cursor = (await index.find(query("toy", sort=Sort.PRICE, limit=1))).cursor
    for sort in set(Sort) - {Sort.PRICE}:
        with pytest.raises(InvalidInput):
            await index.find(query("toy", sort=sort, cursor=cursor))


@settings(max_examples=50)
@given(
    sort=st.sampled_from(Sort),
    stage=st.integers(-1, 4),
    served=st.integers(-1, 20_000),
    rank=st.one_of(st.integers(), st.from_regex(r"k[\w.]*-[0-9a-f-]{36}", fullmatch=True)),
    found_id=st.text(),
)
async def test_answers_a_forged_cursor_or_refuses_it(
    *, sort: Sort, stage: int, served: int, rank: int | str, found_id: str
) -> None:
    index = tantivy(None)
    await fill(index, entry(1, "Toy"), entry(2, "Toy"))
    cursor = encode_cursor(sort.value, stage, served, rank, found_id)
    for text in (None, "toy"):
        with suppress(InvalidInput):
            page = await index.find(query(text, sort=sort, cursor=cursor))
            assert len(page.items) <= 2


async def test_refuses_a_rank_that_no_column_has(
    index: SearchIndex, subtests: pytest.Subtests
) -> None:
    await fill(index, entry(1, "Toy"))
    ranks = (-(10**30), -1, 1, 1 << 63, 10**30)
    for rank, sort in product(ranks, (Sort.PRICE, Sort.PRICE_DOWN)):
        possible = {Sort.PRICE: rank == 1, Sort.PRICE_DOWN: rank == -1}[sort]
        cursor = encode_cursor(sort.value, 0, 0, rank, "")
        refused = nullcontext() if possible else pytest.raises(InvalidInput)
        with subtests.test(sort=sort, rank=rank), refused:
            await index.find(query(sort=sort, cursor=cursor))


@pytest.mark.parametrize("name", ["猫砂" * 100, "Ж" * 200, "a " * 100, "🐶" * 200, "İ" * 200])
async def test_pages_by_name_go_on_after_any_name(index: SearchIndex, name: str) -> None:
    await fill(index, *(entry(n, name) for n in range(3)))
    assert await every_page(index, None, Sort.NAME, 1) == [0, 1, 2]

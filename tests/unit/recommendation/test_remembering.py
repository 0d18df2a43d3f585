"""Advice while the graph is away."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from kibble.kernel.errors import Unavailable
from kibble.kernel.ids import CustomerId, ProductId
from kibble.kernel.money import Money
from kibble.services.recommendation.model import Card, ProductNumber, Profile
from kibble.services.recommendation.service import RememberedGraph

ANNA = CustomerId("anna")


def card(number: int, category: str = "things") -> Card:
    return Card(
        ProductId(f"p{number}"), f"P{number}", category, Money(100), number=ProductNumber(number)
    )


@dataclass
class StoredGraph:
    """Holds cards, and a profile of whoever asks; ``away`` makes it fail."""

    known: dict[int, Card] = field(default_factory=dict[int, Card])
    away: bool = False

    async def card(self, product_id: ProductId) -> Card | None:
        self._check()
        return next((one for one in self.known.values() if one.product_id == product_id), None)

    async def cards(self, products: Collection[ProductNumber]) -> dict[ProductNumber, Card]:
        self._check()
        return {number: self.known[number] for number in products if number in self.known}

    async def newest(self, category: str | None, count: int) -> list[Card]:
        self._check()
        return [self.known[number] for number in sorted(self.known, reverse=True)][:count]

    async def profile(self, customer_id: CustomerId) -> Profile:
        self._check()
        return Profile(bought={ProductNumber(1): 1})

    def _check(self) -> None:
        if self.away:
            raise Unavailable("The graph is away.")


def numbers(*values: int) -> list[ProductNumber]:
    return [ProductNumber(value) for value in values]


async def test_answers_what_the_graph_says_while_it_is_there() -> None:
    graph = RememberedGraph(StoredGraph({1: card(1)}))
    assert await graph.card(ProductId("p1")) == card(1)
    assert await graph.cards(numbers(1, 2)) == {1: card(1)}
    assert await graph.newest(None, 5) == [card(1)]
    assert (await graph.profile(ANNA)).bought == {1: 1}


async def test_shows_products_as_they_were_last_seen_when_it_is_away() -> None:
    stored = StoredGraph({1: card(1), 2: card(2, "toys"), 3: card(3)})
    graph = RememberedGraph(stored)
    await graph.newest(None, 5)
    stored.away = True
    assert await graph.cards(numbers(1, 9)) == {1: card(1)}
    assert await graph.card(ProductId("p2")) == card(2, "toys")
    assert await graph.card(ProductId("p9")) is None
    assert await graph.newest(None, 2) == [card(3), card(2, "toys")]
    assert await graph.newest("things", 5) == [card(3), card(1)]
    assert await graph.profile(ANNA) == Profile()


async def test_a_variant_is_remembered_but_is_no_new_arrival() -> None:
    variant = replace(card(2), parent=ProductNumber(1))
    stored = StoredGraph({1: card(1), 2: variant})
    graph = RememberedGraph(stored)
    await graph.cards(numbers(1, 2))
    stored.away = True
    assert await graph.cards(numbers(2)) == {2: variant}
    assert await graph.newest(None, 5) == [card(1)]


async def test_forgets_a_product_that_is_not_sold_any_more() -> None:
    stored = StoredGraph({1: card(1)})
    graph = RememberedGraph(stored)
    await graph.cards(numbers(1))
    del stored.known[1]
    await graph.cards(numbers(1))
    stored.away = True
    assert await graph.cards(numbers(1)) == {}


async def test_remembers_so_many_the_last_ones() -> None:
    stored = StoredGraph({number: card(number) for number in range(1, 6)})
    graph = RememberedGraph(stored, most=2)
    for number in range(1, 6):
        await graph.cards(numbers(number))
    stored.away = True
    assert sorted(await graph.cards(numbers(1, 2, 3, 4, 5))) == [4, 5]


async def test_is_itself_again_when_the_graph_is_back() -> None:
    stored = StoredGraph({1: card(1)}, away=True)
    graph = RememberedGraph(stored)
    assert await graph.newest(None, 5) == []
    stored.away = False
    assert await graph.newest(None, 5) == [card(1)]

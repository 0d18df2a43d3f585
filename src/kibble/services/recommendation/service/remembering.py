"""The graph as it was last seen, for when it is away: advice is then what is trending."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable

from kibble.kernel.errors import Unavailable
from kibble.kernel.ids import CustomerId, ProductId
from kibble.services.recommendation.model import Card, ProductNumber, Profile
from kibble.services.recommendation.repository import GraphReader

MAX_CARDS = 10_000
"""Cards that are kept, those shown lately: some 5 MB."""


class RememberedGraph:
    """Implements ``GraphReader`` over another one, and never raises ``Unavailable``.

    While the graph is away, products are as they were last shown, and customers are nobody: the
    item model in memory still says what goes with a product and what is trending.
    """

    def __init__(self, graph: GraphReader, most: int = MAX_CARDS) -> None:
        self._graph = graph
        self._most = most
        self._cards: OrderedDict[ProductNumber, Card] = OrderedDict()

    async def card(self, product_id: ProductId) -> Card | None:
        """See ``GraphReader.card``."""
        try:
            card = await self._graph.card(product_id)
        except Unavailable:
            known = (card for card in self._cards.values() if card.product_id == product_id)
            return next(known, None)
        self._remember([card] if card else [])
        return card

    async def cards(self, products: Collection[ProductNumber]) -> dict[ProductNumber, Card]:
        """See ``GraphReader.cards``."""
        try:
            found = await self._graph.cards(products)
        except Unavailable:
            return {one: self._cards[one] for one in products if one in self._cards}
        for product in products:
            self._cards.pop(product, None)
        self._remember(found.values())
        return found

    async def newest(self, category: str | None, count: int) -> list[Card]:
        """See ``GraphReader.newest``."""
        try:
            found = await self._graph.newest(category, count)
        except Unavailable:
            known = sorted(self._cards, reverse=True)
            cards = (self._cards[number] for number in known)
            return [
                card for card in cards if category in (None, card.category) and card.parent is None
            ][:count]
        self._remember(found)
        return found

    async def profile(self, customer_id: CustomerId) -> Profile:
        """See ``GraphReader.profile``."""
        try:
            return await self._graph.profile(customer_id)
        except Unavailable:
            return Profile()

    def _remember(self, cards: Iterable[Card]) -> None:
        for card in cards:
            if card.number is not None:
                self._cards[card.number] = card
                self._cards.move_to_end(card.number)
        while len(self._cards) > self._most:
            self._cards.popitem(last=False)

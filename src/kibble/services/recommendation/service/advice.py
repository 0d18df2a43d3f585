"""Giving advice: what goes with a product, what a customer may like, what is trending."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import Enum

from kibble.kernel.ids import CustomerId, ProductId
from kibble.services.recommendation.errors import ProductNotFound
from kibble.services.recommendation.integration import Catalogue
from kibble.services.recommendation.model import (
    Card,
    Pick,
    ProductNumber,
    Reason,
    Suggestion,
    below,
    rank,
)
from kibble.services.recommendation.repository import GraphReader
from kibble.services.recommendation.service.refreshing import ModelKeeper

SPARE = 20
"""So many more than asked for are picked, as some may not be sold any more or be for other pets."""


class SuggestionKind(Enum):
    """What a customer wants to be shown: products never bought, or those to buy again first."""

    DISCOVER = "discover"
    BUY_AGAIN = "buy_again"


class RecommendationService:
    """Answers from the item model in memory; names, prices and profiles are as of now."""

    def __init__(self, graph: GraphReader, catalogue: Catalogue, keeper: ModelKeeper) -> None:
        self._graph = graph
        self._catalogue = catalogue
        self._keeper = keeper

    async def for_customer(
        self, customer_id: CustomerId, kind: SuggestionKind, limit: int
    ) -> list[Suggestion]:
        """Return up to ``limit`` products for a customer, the best first.

        What was bought a moment ago counts. Products for other species than the customer's sink.
        Variants are shown to be bought again; what is new is a family's configurable product.
        """
        profile = await self._graph.profile(customer_id)
        model = self._keeper.model
        pick = model.discover if kind is SuggestionKind.DISCOVER else model.buy_again
        picks = pick(profile, limit + SPARE)
        return await self._answer(limit, picks, profile.species, seen=profile.families())

    async def for_product(self, product_id: ProductId, limit: int) -> list[Suggestion]:
        """Return up to ``limit`` products that go with one; raises ``ProductNotFound``.

        None of them is of its own family.
        """
        card = await self._graph.card(product_id)
        if card is None or card.family is None:
            await self._require_new(product_id)
            return await self._answer(limit)
        picks = await self._keeper.related(card.family, limit + SPARE)
        species = {card.species} if card.species else ()
        return await self._answer(limit, picks, species, card.category, seen=[card.family])

    async def trending(self, category: str | None, limit: int) -> list[Suggestion]:
        """Return up to ``limit`` popular products, of one category or of all, then the newest."""
        return await self._answer(limit, category=category)

    async def _require_new(self, product_id: ProductId) -> None:
        """Raise ``ProductNotFound`` unless Product has it: its event is still on the way then."""
        if product_id not in await self._catalogue.names([product_id]):
            raise ProductNotFound(product_id)

    async def _answer(
        self,
        limit: int,
        picks: Sequence[Pick] = (),
        species: Collection[str] = (),
        category: str | None = None,
        seen: Iterable[ProductNumber] = (),
    ) -> list[Suggestion]:
        """Return ``picks`` as suggestions; when they are few, what is trending or new follows."""
        answer = rank(await self._shown(picks), species, limit)
        hidden = {*seen, *(suggestion.family for suggestion in answer)}
        for fill in (self._popular, self._new):
            if len(answer) < limit:
                found = await fill(category, limit + SPARE, hidden)
                answer += below(answer, rank(found, species, limit - len(answer)))
                hidden |= {suggestion.family for suggestion in answer}
        return answer

    async def _popular(
        self, category: str | None, count: int, hidden: Collection[object]
    ) -> list[Suggestion]:
        picks = self._keeper.model.trending(category, count, hidden)
        found = await self._shown(picks)
        return [one for one in found if category is None or one.card.category == category]

    async def _new(
        self, category: str | None, count: int, hidden: Collection[object]
    ) -> list[Suggestion]:
        cards = await self._graph.newest(category, count + len(hidden))
        fresh = [card for card in cards if card.number not in hidden]
        return [Suggestion(card, 1.0, Reason.NEW_ARRIVAL) for card in fresh]

    async def _shown(self, picks: Sequence[Pick]) -> list[Suggestion]:
        """Return those of ``picks`` that are sold, with their names.

        A variant is shown to be bought again only. The model picks one for another reason when it
        was built before the variant was known as such.
        """
        causes = {pick.because for pick in picks if pick.because is not None}
        cards = await self._graph.cards(causes | {pick.product for pick in picks})
        return [
            Suggestion(card, pick.score, pick.reason, _name(pick.because, cards))
            for pick in picks
            if (card := cards.get(pick.product))
            and (card.parent is None or pick.reason is Reason.BUY_AGAIN)
        ]


def _name(number: ProductNumber | None, cards: Mapping[ProductNumber, Card]) -> str | None:
    card = cards.get(number) if number is not None else None
    return card.name if card else None

"""The item model: an immutable snapshot of arrays that answers look-ups from memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kibble.services.recommendation.model.arrays import Arrays, Indexes, Names, Weights
from kibble.services.recommendation.model.behaviour import BOUGHT_WEIGHT, VIEWED_WEIGHT, Profile
from kibble.services.recommendation.model.neighbours import Neighbours
from kibble.services.recommendation.model.products import ProductNumber
from kibble.services.recommendation.model.suggestion import Pick, Reason

Scores = npt.NDArray[np.float64]

RELATION_SHARES = {
    Reason.BOUGHT_TOGETHER: 0.9,
    Reason.VIEWED_TOGETHER: 0.6,
    Reason.ALSO_LIKED: 0.5,
}
"""How much the best neighbour of each relation counts on a product's page."""

NEW_AFTER_BOUGHT = 0.9
"""Keeps what is new below what was bought, which scores 1 or more an order."""


@dataclass(frozen=True, slots=True)
class ItemModel:
    """What goes with what, and how popular each product is.

    Its products are families: a configurable product stands for its variants.
    Holds the products with at least one edge, by ascending number; arrays are by their index.
    ``popularity`` decays with time; ``ranking`` are the indexes by it, the most popular first.
    ``category`` is a place in ``categories``, -1 for a product that is not sold any more.
    ``affinity`` scores a customer's taste; ``together`` is by order, ``viewed`` by customer.
    """

    products: Indexes
    popularity: Weights
    ranking: Indexes
    category: Indexes
    categories: Names
    affinity: Neighbours
    together: Neighbours
    viewed: Neighbours

    def related(self, product: ProductNumber, count: int) -> list[Pick]:
        """Return up to ``count`` products that go with one, the best first.

        Each relation counts from its best neighbour down; what several relations name counts
        more (noisy or), and gives the strongest one as its reason.
        """
        (index,) = self._indexes([product])
        if index < 0:
            return []
        doubt: dict[int, float] = {}
        strongest: dict[int, tuple[float, Reason]] = {}
        for reason, neighbours in self._relations():
            found, weights = neighbours.near(int(index), count)
            share = RELATION_SHARES[reason]
            for other, weight in zip(found.tolist(), weights.tolist(), strict=True):
                score = share * weight / float(weights[0])
                doubt[other] = doubt.get(other, 1.0) * (1.0 - score)
                strongest[other] = max(
                    strongest.get(other, (0.0, reason)), (score, reason), key=lambda pair: pair[0]
                )
        order = sorted(doubt, key=lambda other: (doubt[other], other))[:count]
        return [
            Pick(self._number(other), 1.0 - doubt[other], strongest[other][1], product)
            for other in order
        ]

    def discover(self, profile: Profile, count: int) -> list[Pick]:
        """Return up to ``count`` products that a customer has not bought and may like."""
        taste = self._taste(profile.families(), profile.viewed)
        return list(self._explained(taste, _best(taste.scores, count)))

    def buy_again(self, profile: Profile, count: int) -> list[Pick]:
        """Return up to ``count`` products to buy next: bought ones first, then new ones.

        The very products that were bought, which may be variants. They come by the number of
        orders, then by popularity, which predicts the next order better than affinity does
        (``bench/recommendation.py``).
        """
        numbers = list(profile.bought)
        scores = self._habit(profile)
        best = _best(scores, count).tolist()
        top = float(scores[best[0]]) if best else 1.0
        picks = [
            Pick(numbers[place], float(scores[place]) / top, Reason.BUY_AGAIN) for place in best
        ]
        new = self.discover(profile, count - len(picks))
        scale = NEW_AFTER_BOUGHT / top
        return picks + [pick._replace(score=pick.score * scale) for pick in new]

    def trending(
        self, category: str | None, count: int, hidden: Collection[object] = ()
    ) -> list[Pick]:
        """Return the ``count`` most popular products of one category or of all, less ``hidden``."""
        ranking = self.ranking
        if category is not None:
            (places,) = np.nonzero(self.categories == category)
            ranking = ranking[np.isin(self.category[ranking], places)]
        ranking = ranking[: count + len(hidden)]
        popularity = self.popularity[ranking].astype(np.float64)
        picks = (
            Pick(self._number(index), score, Reason.TRENDING)
            for index, score in zip(
                ranking.tolist(), (popularity / popularity[:1]).tolist(), strict=True
            )
        )
        return [pick for pick in picks if pick.product not in hidden][:count]

    def _relations(self) -> Iterator[tuple[Reason, Neighbours]]:
        yield Reason.BOUGHT_TOGETHER, self.together
        yield Reason.VIEWED_TOGETHER, self.viewed
        yield Reason.ALSO_LIKED, self.affinity

    def _habit(self, profile: Profile) -> Scores:
        """Return for each bought product its orders, and its family's popularity below 1."""
        indexes = self._indexes(profile.family(product) for product in profile.bought)
        known = indexes >= 0
        scores = np.fromiter(profile.bought.values(), np.float64)
        top = float(self.popularity.max(initial=0.0)) + 1.0
        scores[known] += self.popularity[indexes[known]] / top
        return scores

    def _taste(self, bought: Sequence[ProductNumber], viewed: Sequence[ProductNumber]) -> _Taste:
        liked = [*bought, *viewed]
        sources = self._indexes(liked)
        strengths = np.repeat(
            np.array([BOUGHT_WEIGHT, VIEWED_WEIGHT], np.float32), [len(bought), len(viewed)]
        )
        known = np.flatnonzero(sources >= 0).astype(np.int32)
        targets, gains, origins = self.affinity.step(sources[known], strengths[known])
        scores: Scores = np.bincount(targets, gains, len(self.products)).astype(np.float64)
        scores[sources[known[known < len(bought)]]] = 0.0
        return _Taste(liked, len(bought), scores, targets, gains, known[origins])

    def _explained(self, taste: _Taste, best: Indexes) -> Iterator[Pick]:
        """Yield the picks ``best``, each with the product of the profile that gains it the most."""
        sources = taste.causes(best).tolist()
        top = float(taste.scores[best[0]]) if len(best) else 1.0
        for index, source in zip(best.tolist(), sources, strict=True):
            yield Pick(
                self._number(index),
                float(taste.scores[index]) / top,
                Reason.BECAUSE_YOU_BOUGHT if source < taste.bought else Reason.BECAUSE_YOU_VIEWED,
                taste.liked[source],
            )

    def _indexes(self, numbers: Iterable[int]) -> Indexes:
        """Return the index of each product number, -1 for one without edges."""
        wanted = np.fromiter(numbers, np.int32)
        if not len(self.products):
            return np.full(len(wanted), -1, np.int32)
        places = np.minimum(np.searchsorted(self.products, wanted), len(self.products) - 1)
        return np.where(self.products[places] == wanted, places, -1).astype(np.int32)

    def _number(self, index: int) -> ProductNumber:
        return ProductNumber(int(self.products[index]))

    def arrays(self) -> Arrays:
        """Return the model as named arrays."""
        return {
            **{name: getattr(self, name) for name in _PLAIN},
            **self.affinity.arrays("affinity"),
            **self.together.arrays("together"),
            **self.viewed.arrays("viewed"),
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> ItemModel:
        """Return the model that ``arrays`` returned."""
        return cls(
            **{name: arrays[name] for name in _PLAIN},
            affinity=Neighbours.from_arrays(arrays, "affinity"),
            together=Neighbours.from_arrays(arrays, "together"),
            viewed=Neighbours.from_arrays(arrays, "viewed"),
        )

    @classmethod
    def empty(cls) -> ItemModel:
        """Return the model of a shop without customers."""
        none = np.array([], np.int32)
        nothing = Neighbours.of([])
        names = np.array([], np.str_)
        return cls(none, np.array([], np.float32), none, none, names, nothing, nothing, nothing)


_PLAIN = ("products", "popularity", "ranking", "category", "categories")


@dataclass(frozen=True, slots=True)
class _Taste:
    """A profile's scores by product index, and the steps that make them up.

    ``sources`` are places in ``liked``: the first ``bought`` of it were bought, the others viewed.
    """

    liked: Sequence[ProductNumber]
    bought: int
    scores: Scores
    targets: Indexes
    gains: Weights
    sources: Indexes

    def causes(self, best: Indexes) -> Indexes:
        """Return for each of ``best`` the place in the profile that adds the most to its score."""
        chosen = np.zeros(len(self.scores), np.bool_)
        chosen[best] = True
        (places,) = np.nonzero(chosen[self.targets])
        order = places[np.lexsort((self.gains[places], self.targets[places]))]
        last = np.searchsorted(self.targets[order], best, side="right") - 1
        causes: Indexes = self.sources[order[last]]
        return causes


def _best(scores: Scores, count: int) -> Indexes:
    """Return the indexes of the ``count`` highest scores above 0; equals by ascending index."""
    if count <= 0:
        return np.array([], np.int32)
    (found,) = np.nonzero(scores > 0)
    if len(found) > count:
        found = found[np.argpartition(-scores[found], count - 1)[:count]]
    return found[np.lexsort((found, -scores[found]))].astype(np.int32)

"""Suggestions: what is recommended, how strongly, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import NamedTuple

from kibble.services.recommendation.model.products import Card, ProductNumber

FOREIGN_SPECIES_FACTOR = 0.2
"""What is left of a score when the product is for another species than the customer's pets."""


class Reason(Enum):
    """Why a product is recommended: a stable code."""

    BOUGHT_TOGETHER = "bought_together"
    VIEWED_TOGETHER = "viewed_together"
    ALSO_LIKED = "also_liked"
    BECAUSE_YOU_BOUGHT = "because_you_bought"
    BECAUSE_YOU_VIEWED = "because_you_viewed"
    BUY_AGAIN = "buy_again"
    TRENDING = "trending"
    NEW_ARRIVAL = "new_arrival"


_TEXTS: Mapping[Reason, tuple[str, str]] = {
    Reason.BOUGHT_TOGETHER: ("Bought together with {}", "Often bought together"),
    Reason.VIEWED_TOGETHER: ("Viewed together with {}", "Often viewed together"),
    Reason.ALSO_LIKED: ("Liked by customers who chose {}", "Liked by similar customers"),
    Reason.BECAUSE_YOU_BOUGHT: ("Because you bought {}", "Because of what you bought"),
    Reason.BECAUSE_YOU_VIEWED: ("Because you viewed {}", "Because of what you viewed"),
    Reason.BUY_AGAIN: ("You bought {} before", "You bought this before"),
    Reason.TRENDING: ("Popular right now", "Popular right now"),
    Reason.NEW_ARRIVAL: ("New in the shop", "New in the shop"),
}
"""A sentence for people: with the name of the product that is the cause, and without."""


class Pick(NamedTuple):
    """A product that the item model picked; ``because`` is the product that led to it."""

    product: ProductNumber
    score: float
    reason: Reason
    because: ProductNumber | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A recommended product with its reason.

    ``score`` is above 0 and at most 1, and compares the suggestions of one answer only.
    ``because`` is the name of the product that led to it.
    """

    card: Card
    score: float
    reason: Reason
    because: str | None = None

    @property
    def family(self) -> ProductNumber | None:
        """The number of what the product counts as."""
        return self.card.family

    @property
    def text(self) -> str:
        """The reason in a sentence."""
        named, unnamed = _TEXTS[self.reason]
        return named.format(self.because) if self.because else unnamed


def rank(
    suggestions: Iterable[Suggestion], species: Collection[str], limit: int
) -> list[Suggestion]:
    """Return up to ``limit`` suggestions, the best first.

    Those for another species than ``species`` sink; nothing sinks when either side's is unknown.
    """
    fitting = [_fit(suggestion, species) for suggestion in suggestions]
    return sorted(fitting, key=lambda suggestion: -suggestion.score)[:limit]


def below(answer: Sequence[Suggestion], suggestions: Iterable[Suggestion]) -> list[Suggestion]:
    """Return ``suggestions`` with scores that let them follow ``answer``."""
    ceiling = answer[-1].score if answer else 1.0
    return [replace(suggestion, score=suggestion.score * ceiling) for suggestion in suggestions]


def _fit(suggestion: Suggestion, species: Collection[str]) -> Suggestion:
    own = suggestion.card.species
    if own is None or not species or own in species:
        return suggestion
    return replace(suggestion, score=suggestion.score * FOREIGN_SPECIES_FACTOR)

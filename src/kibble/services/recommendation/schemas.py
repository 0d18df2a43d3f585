"""What Recommendation's API takes and answers."""

from __future__ import annotations

from typing import Annotated

import msgspec

from kibble.kernel.paging import DEFAULT_LIMIT, MAX_LIMIT
from kibble.platform.web.json import Amount, Instant
from kibble.services.recommendation.model import Suggestion, View
from kibble.services.recommendation.service import SuggestionKind

Limit = Annotated[int, msgspec.Meta(ge=1, le=MAX_LIMIT)]


class Request(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The base of what is taken: unknown fields are refused."""


class Answer(msgspec.Struct, frozen=True, rename="camel"):
    """The base of what is answered."""


class NewView(Request, frozen=True):
    """A product that the caller looks at."""

    product_id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class ProductQuery(msgspec.Struct, frozen=True, rename="camel"):
    """How many products to suggest beside one."""

    limit: Limit = DEFAULT_LIMIT


class CustomerQuery(msgspec.Struct, frozen=True, rename="camel"):
    """How many products to suggest, and whether new ones or those to buy again first."""

    limit: Limit = DEFAULT_LIMIT
    kind: SuggestionKind = SuggestionKind.DISCOVER


class TrendingQuery(msgspec.Struct, frozen=True, rename="camel"):
    """How many popular products to name, and of which category."""

    limit: Limit = DEFAULT_LIMIT
    category: str | None = None


class ReasonView(Answer, frozen=True):
    """Why a product is recommended: a stable code, and a sentence for people."""

    code: str
    text: str


class SuggestionView(Answer, frozen=True):
    """A recommended product; ``score`` is above 0, at most 1, and compares within one answer.

    Only what is on sale has a ``regularPrice``.
    """

    product_id: str
    name: str
    price: Amount
    image: str | None
    category: str
    score: float
    reason: ReasonView
    regular_price: Amount | None = None

    @classmethod
    def of(cls, suggestion: Suggestion) -> SuggestionView:
        """Return the view of ``suggestion``."""
        card = suggestion.card
        return cls(
            card.product_id,
            card.name,
            Amount.of(card.price),
            card.image,
            card.category,
            round(suggestion.score, 6),
            ReasonView(suggestion.reason.value, suggestion.text),
            Amount.of(card.regular_price) if card.regular_price else None,
        )


class ViewRecorded(Answer, frozen=True):
    """A view as it was recorded."""

    product_id: str
    viewed_at: Instant

    @classmethod
    def of(cls, view: View) -> ViewRecorded:
        """Return the view of ``view``."""
        return cls(view.product_id, view.viewed_at)

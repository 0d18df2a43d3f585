"""Reviews as the API takes and answers them."""

from __future__ import annotations

from typing import Annotated, Self

import msgspec

from kibble.kernel.personal import Personal
from kibble.platform.web.json import Instant
from kibble.services.product.model.review import BEST_RATING, MAX_TEXT, MAX_TITLE, Review
from kibble.services.product.schemas.base import Answer, Request


class NewReview(Request, frozen=True):
    """What a customer says of a product."""

    rating: Annotated[int, msgspec.Meta(ge=1, le=BEST_RATING)]
    title: Personal[Annotated[str, msgspec.Meta(max_length=MAX_TITLE)]] = ""
    text: Personal[Annotated[str, msgspec.Meta(max_length=MAX_TEXT)]] = ""


class ReviewView(Answer, frozen=True):
    """A review. It does not tell who wrote it, only whether they bought the product."""

    id: str
    product_id: str
    rating: int
    title: Personal[str]
    text: Personal[str]
    verified_buyer: bool
    created_at: Instant

    @classmethod
    def of(cls, review: Review) -> Self:
        """Return the view of a review."""
        return cls(
            id=review.id,
            product_id=review.product_id,
            rating=review.rating,
            title=review.title,
            text=review.text,
            verified_buyer=review.verified,
            created_at=review.created_at,
        )

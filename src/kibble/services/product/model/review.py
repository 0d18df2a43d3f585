"""What customers say of a product."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kibble.kernel.errors import InvalidInput
from kibble.kernel.ids import CustomerId, ProductId
from kibble.kernel.personal import Personal
from kibble.services.product.model.fields import check_text

MAX_TITLE = 120
MAX_TEXT = 5_000
BEST_RATING = 5


@dataclass(slots=True)
class Review:
    """A customer's opinion of a product, one at most.

    ``verified`` tells that the customer bought it. ``customer_id`` is None once the customer was
    erased: the rating stays, the person is gone.
    """

    id: str
    product_id: ProductId
    customer_id: CustomerId | None
    rating: int
    title: Personal[str]
    text: Personal[str]
    created_at: datetime
    verified: bool = False
    version: int = 0

    def forget_person(self) -> None:
        """Drop who said it, and the words; the rating stays."""
        self.customer_id = None
        self.title = self.text = ""

    def check(self) -> None:
        """Raise ``InvalidInput`` for a rating outside 1 to 5, or a text that is none."""
        errors = [
            *check_text(self.title, "/title", MAX_TITLE),
            *check_text(self.text, "/text", MAX_TEXT),
        ]
        if errors:
            raise InvalidInput(errors)
        if not 1 <= self.rating <= BEST_RATING:
            raise InvalidInput.at("/rating", "must be between 1 and 5")


@dataclass(slots=True)
class Purchase:
    """That a customer bought a product, at least once."""

    product_id: ProductId
    customer_id: CustomerId
    version: int = 0

"""What customers say of products."""

from __future__ import annotations

from kibble.kernel.clock import Clock
from kibble.kernel.ids import CustomerId, IdSource, ProductId
from kibble.kernel.paging import Page
from kibble.platform.persistence.changes import Changes, Outcome
from kibble.services.product.errors import ReviewedAlready, UnknownProduct
from kibble.services.product.model.review import Review
from kibble.services.product.model.standing import StandingChange
from kibble.services.product.repository.catalogue import Catalogue
from kibble.services.product.repository.reviews import Reviews


class ReviewService:
    """Keeps reviews, and sums them up in the product's standing."""

    def __init__(self, catalogue: Catalogue, reviews: Reviews, clock: Clock, ids: IdSource) -> None:
        self._catalogue = catalogue
        self._reviews = reviews
        self._clock = clock
        self._ids = ids

    async def of_product(
        self, product_id: ProductId, limit: int, cursor: str | None
    ) -> Page[Review]:
        """Return a product's reviews, newest first; raises ``UnknownProduct``."""
        await self._check_product(product_id)
        return await self._reviews.page(product_id, limit, cursor)

    async def add(
        self, product_id: ProductId, customer_id: CustomerId, rating: int, title: str, text: str
    ) -> Outcome[Review]:
        """Review a product, once.

        Raises ``UnknownProduct``, ``ReviewedAlready``, ``InvalidInput``.
        """
        await self._check_product(product_id)
        for earlier in await self._reviews.by_customer(customer_id, [product_id]):
            raise ReviewedAlready(earlier.id)
        review = Review(
            id=self._ids.new(),
            product_id=product_id,
            customer_id=customer_id,
            rating=rating,
            title=title,
            text=text,
            created_at=self._clock.now(),
            verified=await self._reviews.has_bought(customer_id, product_id),
        )
        review.check()
        changes = Changes()
        changes.save(review)
        changes.save(StandingChange(product_id, rating=rating))
        return Outcome(review, changes)

    async def _check_product(self, product_id: ProductId) -> None:
        if not await self._catalogue.products([product_id]):
            raise UnknownProduct(product_id)

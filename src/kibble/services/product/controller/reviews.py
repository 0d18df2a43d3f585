"""Reviews over HTTP."""

from __future__ import annotations

from kibble.kernel.ids import ProductId
from kibble.platform.persistence.store import Store
from kibble.platform.web.call import Call
from kibble.platform.web.ownership import OWN
from kibble.platform.web.reply import Reply, created, listed
from kibble.platform.web.route import ANYONE, Route, get, write
from kibble.services.product.schemas.base import PageQuery
from kibble.services.product.schemas.reviews import NewReview, ReviewView
from kibble.services.product.service.reviews import ReviewService

PATH = "/api/products/{productId}/reviews"


class ReviewController:
    """One method a route."""

    def __init__(self, service: ReviewService, store: Store) -> None:
        self._service = service
        self._store = store

    async def list_reviews(self, call: Call[None, PageQuery]) -> Reply:
        """GET /api/products/{productId}/reviews."""
        product_id = ProductId(call.id("productId"))
        page = await self._service.of_product(product_id, call.query.limit, call.query.cursor)
        return listed(page, ReviewView.of, call.next_url)

    async def add_review(self, call: Call[NewReview, None]) -> Reply:
        """POST /api/products/{productId}/reviews."""
        product_id = ProductId(call.id("productId"))
        customer_id = call.customer_id
        body = call.body
        location = PATH.format(productId=product_id)
        return await call.transact(
            self._store,
            lambda: self._service.add(product_id, customer_id, body.rating, body.title, body.text),
            lambda review: created(ReviewView.of(review), location),
        )


def routes(controller: ReviewController) -> list[Route]:
    """Return the table of reviews."""
    c = controller
    return [
        get(
            PATH,
            c.list_reviews,
            "A product's reviews, newest first",
            ANYONE,
            query=PageQuery,
            answer=list[ReviewView],
        ),
        write(
            "POST",
            PATH,
            c.add_review,
            "Review a product",
            OWN,
            body=NewReview,
            answer=ReviewView,
            status=201,
        ),
    ]

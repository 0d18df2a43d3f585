"""Recommendation over HTTP."""

from __future__ import annotations

from collections.abc import Iterable

from kibble.kernel.ids import CustomerId, ProductId
from kibble.platform.persistence.store import Store
from kibble.platform.web.call import Call
from kibble.platform.web.ownership import OWN, By, owned
from kibble.platform.web.reply import Reply, accepted, ok
from kibble.platform.web.route import ANYONE, Route, get, write
from kibble.services.recommendation.model import Suggestion
from kibble.services.recommendation.schemas import (
    CustomerQuery,
    NewView,
    ProductQuery,
    SuggestionView,
    TrendingQuery,
    ViewRecorded,
)
from kibble.services.recommendation.service import RecommendationService, Recorder

READ = "customers:read"


class RecommendationController:
    """One method a route."""

    def __init__(self, service: RecommendationService, recorder: Recorder, store: Store) -> None:
        self._service = service
        self._recorder = recorder
        self._store = store

    async def recommend_for_customer(self, call: Call[None, CustomerQuery]) -> Reply:
        """GET /api/recommendations/customers/{customerId}."""
        customer_id = CustomerId(call.id("customerId"))
        query = call.query
        return _listed(await self._service.for_customer(customer_id, query.kind, query.limit))

    async def recommend_for_product(self, call: Call[None, ProductQuery]) -> Reply:
        """GET /api/recommendations/products/{productId}."""
        product_id = ProductId(call.id("productId"))
        return _listed(await self._service.for_product(product_id, call.query.limit))

    async def list_trending(self, call: Call[None, TrendingQuery]) -> Reply:
        """GET /api/recommendations/trending."""
        return _listed(await self._service.trending(call.query.category, call.query.limit))

    async def record_view(self, call: Call[NewView, None]) -> Reply:
        """POST /api/recommendations/views."""
        customer_id = call.customer_id
        product_id = ProductId(call.body.product_id)
        if not call.may_be_followed:  # no answer is kept under an Idempotency-Key either
            seen = await self._recorder.look(customer_id, product_id)
            return accepted(ViewRecorded.of(seen))
        return await call.transact(
            self._store,
            lambda: self._recorder.record_view(customer_id, product_id),
            lambda view: accepted(ViewRecorded.of(view)),
        )


def _listed(suggestions: Iterable[Suggestion]) -> Reply:
    return ok([SuggestionView.of(suggestion) for suggestion in suggestions])


def routes(controller: RecommendationController) -> list[Route]:
    """Return Recommendation's table of routes."""
    c = controller
    base = "/api/recommendations"
    answer = list[SuggestionView]
    return [
        get(
            f"{base}/customers/{{customerId}}",
            c.recommend_for_customer,
            "What a customer may like, or buy again",
            owned(By.PATH, READ),
            query=CustomerQuery,
            answer=answer,
        ),
        get(
            f"{base}/products/{{productId}}",
            c.recommend_for_product,
            "What goes with a product",
            ANYONE,
            query=ProductQuery,
            answer=answer,
        ),
        get(
            f"{base}/trending",
            c.list_trending,
            "What is popular now",
            ANYONE,
            query=TrendingQuery,
            answer=answer,
        ),
        write(
            "POST",
            f"{base}/views",
            c.record_view,
            "Record that the caller looks at a product",
            OWN,
            body=NewView,
            answer=ViewRecorded,
            status=202,
        ),
    ]

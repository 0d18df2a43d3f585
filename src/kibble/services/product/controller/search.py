"""Search over HTTP."""

from __future__ import annotations

from kibble.platform.web.call import Call
from kibble.platform.web.reply import Reply, ok
from kibble.platform.web.route import ANYONE, Route, get
from kibble.services.product.controller.products import joined
from kibble.services.product.schemas.products import ProductEntry
from kibble.services.product.schemas.search import (
    FacetParameters,
    FacetsView,
    SearchParameters,
    SuggestionView,
    SuggestParameters,
)
from kibble.services.product.service.search import SearchService


class SearchController:
    """One method a route."""

    def __init__(self, service: SearchService) -> None:
        self._service = service

    async def search_products(self, call: Call[None, SearchParameters]) -> Reply:
        """GET /api/products/search."""
        page = await self._service.search(call.query.query(call.request.query_params.multi_items()))
        reply = ok(joined(page.items))
        if page.cursor is not None:
            reply.headers["link"] = f'<{call.next_url(page.cursor)}>; rel="next"'
        return reply

    async def count_facets(self, call: Call[None, FacetParameters]) -> Reply:
        """GET /api/products/search/facets."""
        query = call.query.query(call.request.query_params.multi_items())
        return ok(FacetsView.of(await self._service.facets(query)))

    async def suggest(self, call: Call[None, SuggestParameters]) -> Reply:
        """GET /api/products/search/suggest."""
        suggestions = await self._service.suggest(call.query.q)
        return ok([SuggestionView.of(suggestion) for suggestion in suggestions])


def routes(controller: SearchController) -> list[Route]:
    """Return the table of search's routes."""
    c = controller
    search = "/api/products/search"
    return [
        get(
            search,
            c.search_products,
            "Search products; attr.NAME=VALUE filters by an attribute",
            ANYONE,
            query=SearchParameters,
            answer=list[ProductEntry],
            cached=True,
        ),
        get(
            f"{search}/facets",
            c.count_facets,
            "What a search can be narrowed down to, with counts",
            ANYONE,
            query=FacetParameters,
            answer=FacetsView,
            cached=True,
        ),
        get(
            f"{search}/suggest",
            c.suggest,
            "Complete what is being typed",
            ANYONE,
            query=SuggestParameters,
            answer=list[SuggestionView],
            cached=True,
        ),
    ]

"""Products that run low, over HTTP."""

from __future__ import annotations

from kibble.platform.web.call import Call
from kibble.platform.web.reply import Reply, listed
from kibble.platform.web.route import Route, get
from kibble.services.product.schemas.shortages import ShortagesQuery, ShortageView
from kibble.services.product.service.shortages import ShortageService

READ = "inventory:write"
"""Who looks after the stock."""


class ShortageController:
    """One method a route."""

    def __init__(self, service: ShortageService) -> None:
        self._service = service

    async def list_low_stock(self, call: Call[None, ShortagesQuery]) -> Reply:
        """GET /api/products/low-stock."""
        query = call.query
        page = await self._service.running_low(query.below, query.limit, query.cursor)
        return listed(page, ShortageView.of, call.next_url)


def routes(controller: ShortageController) -> list[Route]:
    """Return the table of what runs low."""
    return [
        get(
            "/api/products/low-stock",
            controller.list_low_stock,
            "Products that run low, the scarcest first",
            READ,
            query=ShortagesQuery,
            answer=list[ShortageView],
        )
    ]

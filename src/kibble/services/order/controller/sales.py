"""Sales figures over HTTP."""

from __future__ import annotations

from kibble.platform.web.call import Call
from kibble.platform.web.reply import Reply, ok
from kibble.platform.web.route import Route, get
from kibble.services.order.controller.orders import READ
from kibble.services.order.schemas.sales import SalesQuery, SalesView
from kibble.services.order.service.sales import SalesService


class SalesController:
    """One method a route."""

    def __init__(self, service: SalesService) -> None:
        self._service = service

    async def get_sales(self, call: Call[None, SalesQuery]) -> Reply:
        """GET /api/orders/sales."""
        since, before = call.query.since, call.query.before
        return ok(SalesView.of(await self._service.sales(since, before)))


def routes(controller: SalesController) -> list[Route]:
    """Return the table of the sales figures."""
    return [
        get(
            "/api/orders/sales",
            controller.get_sales,
            "What was sold, by the hour or the day, and what waits",
            READ,
            query=SalesQuery,
            answer=SalesView,
        )
    ]

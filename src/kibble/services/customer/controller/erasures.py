"""Erasures over HTTP: the proof, for staff, that a customer was forgotten everywhere."""

from __future__ import annotations

from kibble.kernel.ids import CustomerId
from kibble.platform.web.call import Call
from kibble.platform.web.reply import Reply, ok
from kibble.platform.web.route import Route, get
from kibble.services.customer.schemas import ErasuresQuery, ErasureView
from kibble.services.customer.service import ErasureService

READ = "customers:read"
PATH = "/api/customers"


class ErasureController:
    """One method a route."""

    def __init__(self, erasures: ErasureService) -> None:
        self._erasures = erasures

    async def list_erasures(self, call: Call[None, ErasuresQuery]) -> Reply:
        """GET /api/customers/erasures."""
        found = await self._erasures.erasures(call.query.limit)
        return ok([ErasureView.of(erasure) for erasure in found])

    async def get_erasure(self, call: Call[None, None]) -> Reply:
        """GET /api/customers/{customerId}/erasure."""
        erasure = await self._erasures.erasure(CustomerId(call.id("customerId")))
        return ok(ErasureView.of(erasure))


def erasure_routes(controller: ErasureController) -> list[Route]:
    """Return the erasures' table of routes."""
    c = controller
    return [
        get(
            f"{PATH}/erasures",
            c.list_erasures,
            "Customers who were erased, the latest account first",
            READ,
            query=ErasuresQuery,
            answer=list[ErasureView],
        ),
        get(
            f"{PATH}/{{customerId}}/erasure",
            c.get_erasure,
            "What each service had of an erased customer, and since when it has nothing more",
            READ,
            answer=ErasureView,
        ),
    ]

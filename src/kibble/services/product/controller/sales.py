"""Sale prices over HTTP, for staff; what shoppers see of them stands in products."""

from __future__ import annotations

from kibble.kernel.ids import ProductId
from kibble.kernel.paging import Page
from kibble.platform.persistence.store import Store
from kibble.platform.web.call import Call
from kibble.platform.web.reply import Reply, listed, no_content, ok
from kibble.platform.web.route import Route, get, write
from kibble.services.product.errors import NoSale
from kibble.services.product.model.product import Product
from kibble.services.product.schemas.sales import NewSale, SaleView
from kibble.services.product.service.sales import SaleService

WRITE = "catalog:write"
PATH = "/api/products/{productId}/sale"


class SaleController:
    """One method a route."""

    def __init__(self, service: SaleService, store: Store, *, currency: str) -> None:
        self._service = service
        self._store = store
        self._currency = currency

    async def list_planned(self, call: Call[None, None]) -> Reply:
        """GET /api/products/sales."""
        page = Page(await self._service.planned())
        return listed(page, _view, call.next_url)

    async def get_sale(self, call: Call[None, None]) -> Reply:
        """GET /api/products/{productId}/sale."""
        product = await self._service.product(ProductId(call.id("productId")))
        return no_content() if product.sale is None else _shown(product)

    async def put_sale(self, call: Call[NewSale, None]) -> Reply:
        """PUT /api/products/{productId}/sale."""
        product_id = ProductId(call.id("productId"))
        return await call.transact(
            self._store,
            lambda: self._service.plan(
                product_id, lambda now: call.body.sale(self._currency, now), call.require_version
            ),
            _shown,
        )

    async def delete_sale(self, call: Call[None, None]) -> Reply:
        """DELETE /api/products/{productId}/sale."""
        product_id = ProductId(call.id("productId"))
        return await call.transact(
            self._store,
            lambda: self._service.withdraw(product_id, call.require_version),
            lambda _: no_content(),
        )


def _view(product: Product) -> SaleView:
    if product.sale is None:
        raise NoSale(product.id)
    return SaleView.of(product, product.sale)


def _shown(product: Product) -> Reply:
    return ok(_view(product))


def routes(controller: SaleController) -> list[Route]:
    """Return the table of sales."""
    c = controller
    return [
        get(
            "/api/products/sales",
            c.list_planned,
            "Sales that are planned, the next to begin first",
            WRITE,
            answer=list[SaleView],
        ),
        get(
            PATH,
            c.get_sale,
            "A product's sale, on or planned; 204 when it has none",
            WRITE,
            answer=SaleView,
            also=((204, None),),
        ),
        write(
            "PUT",
            PATH,
            c.put_sale,
            "Plan a sale, or have it now; it takes the place of any other",
            WRITE,
            body=NewSale,
            answer=SaleView,
            conditional=True,
        ),
        write(
            "DELETE",
            PATH,
            c.delete_sale,
            "Take a sale back, or end it",
            WRITE,
            status=204,
            conditional=True,
        ),
    ]

"""Inventory over HTTP."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from kibble.kernel.clock import Clock
from kibble.kernel.ids import OrderId, ProductId, WarehouseId
from kibble.kernel.paging import Page
from kibble.platform.persistence.store import Store
from kibble.platform.web.call import Call, Seal
from kibble.platform.web.reply import Reply, created, listed, no_content, ok
from kibble.platform.web.route import ANYONE, Route, get, write
from kibble.services.inventory.model import Hold, Warehouse
from kibble.services.inventory.schemas import (
    Adjust,
    AllocationView,
    AvailabilityView,
    ChangedWarehouse,
    CheckAvailability,
    DemandedItem,
    LevelSet,
    MovementView,
    NewWarehouse,
    PageQuery,
    ReservationView,
    Reserve,
    SetLevel,
    StockView,
    WarehouseView,
)
from kibble.services.inventory.service import InventoryService

WRITE = "inventory:write"
SERVICE = "inventory:reserve"
"""Reservations are for service identities: no member of staff holds stock by hand."""


class InventoryController:
    """One method a route."""

    def __init__(
        self, service: InventoryService, store: Store, clock: Clock, hold: timedelta
    ) -> None:
        self._service = service
        self._store = store
        self._clock = clock
        self._hold = hold

    async def set_level(self, call: Call[SetLevel, None]) -> Reply:
        """PUT /api/inventory/{productId}."""
        product_id = ProductId(call.id("productId"))
        warehouse_id = WarehouseId(call.body.warehouse_id)
        stock = await self._service.set_level(
            product_id, warehouse_id, call.body.stock_level, call.require_version
        )
        on_hand = stock.level(warehouse_id).on_hand
        view = LevelSet(product_id, on_hand, warehouse_id, self._clock.now())
        return ok(view, etag=str(stock.version))

    async def get_stock(self, call: Call[None, None]) -> Reply:
        """GET /api/inventory/{productId}."""
        stock = await self._service.stock(ProductId(call.id("productId")))
        return ok(StockView.of(stock), etag=str(stock.version))

    async def check_availability(self, call: Call[CheckAvailability, None]) -> Reply:
        """POST /api/inventory/availability."""
        demands = _demands(call.body.items)
        stocks = await self._service.stocks(list(demands))
        lines = [(ProductId(item.product_id), item) for item in call.body.items]
        return ok([AvailabilityView.of(item, demands[id_], stocks.get(id_)) for id_, item in lines])

    async def adjust_stock(self, call: Call[Adjust, None]) -> Reply:
        """POST /api/inventory/{productId}/adjustments."""
        product_id = ProductId(call.id("productId"))
        body = call.body

        async def work(seal: Seal) -> Reply:
            stock = await self._service.adjust(
                product_id,
                WarehouseId(body.warehouse_id),
                body.delta,
                body.reason,
                lambda stock: seal(_adjusted(product_id, StockView.of(stock))),
            )
            return _adjusted(product_id, StockView.of(stock))

        return await call.once(self._store, work)

    async def list_movements(self, call: Call[None, PageQuery]) -> Reply:
        """GET /api/inventory/{productId}/movements."""
        product_id = ProductId(call.id("productId"))
        page = await self._service.movements(product_id, call.query.limit, call.query.cursor)
        return listed(page, MovementView.of, call.next_url)

    async def reserve(self, call: Call[Reserve, None]) -> Reply:
        """POST /api/inventory/reservations."""
        expires_at = call.body.expires_at or self._clock.now() + self._hold
        order_id = OrderId(call.body.order_id)
        hold = await self._service.reserve(order_id, _demands(call.body.items), expires_at)
        return created(_reservation(hold), f"/api/inventory/reservations/{order_id}")

    async def release(self, call: Call[None, None]) -> Reply:
        """DELETE /api/inventory/reservations/{orderId}."""
        await self._service.release(OrderId(call.id("orderId")), "released")
        return no_content()

    async def list_warehouses(self, call: Call[None, None]) -> Reply:
        """GET /api/inventory/warehouses."""
        page = Page(await self._service.warehouses())
        return listed(page, WarehouseView.of, call.next_url)

    async def get_warehouse(self, call: Call[None, None]) -> Reply:
        """GET /api/inventory/warehouses/{warehouseId}."""
        warehouse = await self._service.warehouse(WarehouseId(call.id("warehouseId")))
        return _shown(warehouse)

    async def open_warehouse(self, call: Call[NewWarehouse, None]) -> Reply:
        """POST /api/inventory/warehouses."""
        body = call.body
        return await call.transact(
            self._store,
            lambda: self._service.open_warehouse(
                body.code, body.name, msgspec.to_builtins(body.address), body.priority
            ),
            lambda warehouse: created(
                WarehouseView.of(warehouse), f"/api/inventory/warehouses/{warehouse.warehouse_id}"
            ),
        )

    async def change_warehouse(self, call: Call[ChangedWarehouse, None]) -> Reply:
        """PUT /api/inventory/warehouses/{warehouseId}."""
        warehouse_id = WarehouseId(call.id("warehouseId"))
        body = call.body
        return await call.transact(
            self._store,
            lambda: self._service.change_warehouse(
                warehouse_id,
                body.name,
                msgspec.to_builtins(body.address),
                body.priority,
                call.require_version,
            ),
            _shown,
        )


def _shown(warehouse: Warehouse) -> Reply:
    return ok(WarehouseView.of(warehouse), etag=str(warehouse.version))


def _adjusted(product_id: ProductId, view: StockView) -> Reply:
    return created(view, f"/api/inventory/{product_id}/movements")


def _demands(items: list[DemandedItem]) -> dict[ProductId, int]:
    demands: dict[ProductId, int] = {}
    for item in items:
        product_id = ProductId(item.product_id)
        demands[product_id] = demands.get(product_id, 0) + item.quantity
    return demands


def _reservation(hold: Hold) -> ReservationView:
    items = [
        AllocationView(take.product_id, take.warehouse_id, take.quantity) for take in hold.takes
    ]
    return ReservationView(hold.order_id, hold.state, hold.expires_at, items)


def routes(controller: InventoryController) -> list[Route]:
    """Return Inventory's table of routes."""
    c = controller
    stock = "/api/inventory/{productId}"
    warehouses = "/api/inventory/warehouses"
    reservations = "/api/inventory/reservations"
    return [
        write(
            "PUT",
            stock,
            c.set_level,
            "Set a stock level",
            WRITE,
            body=SetLevel,
            answer=LevelSet,
            conditional=True,
        ),
        get(stock, c.get_stock, "A product's stock", ANYONE, answer=StockView),
        write(
            "POST",
            "/api/inventory/availability",
            c.check_availability,
            "Whether lines can be met",
            ANYONE,
            body=CheckAvailability,
            answer=list[AvailabilityView],
        ),
        write(
            "POST",
            f"{stock}/adjustments",
            c.adjust_stock,
            "Change a stock level by a number, with a reason",
            WRITE,
            body=Adjust,
            answer=StockView,
            status=201,
        ),
        get(
            f"{stock}/movements",
            c.list_movements,
            "Why a product's stock changed",
            WRITE,
            query=PageQuery,
            answer=list[MovementView],
        ),
        write(
            "POST",
            reservations,
            c.reserve,
            "Hold stock for an order",
            SERVICE,
            body=Reserve,
            answer=ReservationView,
            status=201,
        ),
        write(
            "DELETE",
            f"{reservations}/{{orderId}}",
            c.release,
            "Release a hold",
            SERVICE,
            status=204,
        ),
        get(warehouses, c.list_warehouses, "All warehouses", ANYONE, answer=list[WarehouseView]),
        write(
            "POST",
            warehouses,
            c.open_warehouse,
            "Open a warehouse",
            WRITE,
            body=NewWarehouse,
            answer=WarehouseView,
            status=201,
        ),
        get(
            f"{warehouses}/{{warehouseId}}",
            c.get_warehouse,
            "A warehouse",
            ANYONE,
            answer=WarehouseView,
        ),
        write(
            "PUT",
            f"{warehouses}/{{warehouseId}}",
            c.change_warehouse,
            "Change a warehouse",
            WRITE,
            body=ChangedWarehouse,
            answer=WarehouseView,
            conditional=True,
        ),
    ]

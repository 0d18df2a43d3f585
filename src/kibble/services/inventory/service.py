"""Inventory's use cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

import structlog

from kibble.contracts.order import OrderCancelled, OrderConfirmed, OrderReturned
from kibble.contracts.product import ProductCreated, ProductDeleted
from kibble.kernel.clock import Clock
from kibble.kernel.errors import Conflict
from kibble.kernel.ids import IdSource, OrderId, ProductId, WarehouseId
from kibble.kernel.paging import Page
from kibble.platform.messaging.handler import Received
from kibble.platform.persistence.changes import Changes, Outcome, unchanged
from kibble.platform.persistence.store import StoredReply
from kibble.services.inventory import model
from kibble.services.inventory.cache import StockCache
from kibble.services.inventory.errors import NotEnoughStock, UnknownProduct, UnknownWarehouse
from kibble.services.inventory.model import Book, Hold, HoldState, KnownProduct, Stock, Warehouse
from kibble.services.inventory.repository import RecordedMovement, StockLedger

_log = structlog.get_logger()

SWEEP_BATCH = 500

Seal = Callable[[Stock], StoredReply | None]
Expect = Callable[[int], None]


def _whatever(_: int) -> None:
    """Take any version."""


class InventoryService:
    """Keeps stock true: what is on hand, what is held, and why it changed."""

    def __init__(self, ledger: StockLedger, clock: Clock, ids: IdSource, cache: StockCache) -> None:
        """``cache`` answers who only looks."""
        self._ledger = ledger
        self._cache = cache
        self._clock = clock
        self._ids = ids

    async def set_level(
        self,
        product_id: ProductId,
        warehouse_id: WarehouseId,
        on_hand: int,
        expect: Expect = _whatever,
    ) -> Stock:
        """Set what is on hand; ``expect`` is given the version of the stock that is replaced.

        Raises ``UnknownProduct``, ``UnknownWarehouse``, ``BelowReserved``, and as ``expect`` does.
        """

        def decide(book: Book) -> Stock:
            expect(book.listed(product_id).version)
            return model.set_level(book, product_id, warehouse_id, on_hand)

        return await self._ledger.change(decide, product_ids=[product_id])

    async def adjust(
        self, product_id: ProductId, warehouse_id: WarehouseId, delta: int, reason: str, seal: Seal
    ) -> Stock:
        """Add to or take from what is on hand; raises as ``set_level`` does."""
        decide = partial(
            model.adjust,
            product_id=product_id,
            warehouse_id=warehouse_id,
            delta=delta,
            reason=reason,
        )
        return await self._ledger.change(decide, product_ids=[product_id], seal=seal)

    async def stock_up(
        self, levels: Mapping[ProductId, Mapping[WarehouseId, int]]
    ) -> list[ProductId]:
        """Set many levels at once, as an import does; return the products not known yet.

        Raises ``UnknownWarehouse``, ``BelowReserved``; then none is set.
        """

        def decide(book: Book) -> list[ProductId]:
            unknown = []
            for product_id, by_warehouse in levels.items():
                if product_id not in book.stocks or not book.stocks[product_id].listed:
                    unknown.append(product_id)
                    continue
                for warehouse_id, on_hand in by_warehouse.items():
                    model.set_level(book, product_id, warehouse_id, on_hand)
            return unknown

        return await self._ledger.change(decide, product_ids=list(levels))

    async def stock(self, product_id: ProductId) -> Stock:
        """Return a product's stock; raises ``UnknownProduct``."""
        found = await self.stocks([product_id])
        if product_id not in found:
            raise UnknownProduct(product_id)
        return found[product_id]

    async def stocks(self, product_ids: Sequence[ProductId]) -> dict[ProductId, Stock]:
        """Return the stock of the products that are known."""
        found = await self._cache.get(product_ids)
        if missing := [product_id for product_id in product_ids if product_id not in found]:
            read = await self._ledger.stock(missing)
            self._cache.put(read.values())
            found |= read
        return found

    async def reserve(
        self, order_id: OrderId, demands: Mapping[ProductId, int], expires_at: datetime
    ) -> Hold:
        """Hold stock for an order, all lines or none; repeating it returns the same hold.

        When stock is short, holds that ran out are given back first: a hold's expiry does not wait
        for the sweep. Raises as the model does.
        """
        decide = partial(model.reserve, order_id=order_id, demands=demands, expires_at=expires_at)
        products = list(demands)
        try:
            return await self._ledger.change(decide, order_id=order_id, product_ids=products)
        except NotEnoughStock:
            if not await self.expire_holds():
                raise
        return await self._ledger.change(decide, order_id=order_id, product_ids=products)

    async def extend(self, order_id: OrderId, until: datetime) -> bool:
        """Make an order's hold last at least ``until``; False when the hold is gone."""
        return await self._ledger.change(partial(model.extend, until=until), order_id=order_id)

    async def release(self, order_id: OrderId, reason: str) -> bool:
        """Give an order's stock back; tell whether there was any. Repeatable."""
        return await self._ledger.change(partial(model.release, reason=reason), order_id=order_id)

    async def expire_holds(self) -> int:
        """Give back the stock of holds that ran out; return how many there were."""
        now = self._clock.now()
        expired = 0
        for order_id in await self._ledger.expired_orders(now, SWEEP_BATCH):
            expired += await self._ledger.change(partial(model.expire, now=now), order_id=order_id)
        return expired

    async def movements(
        self, product_id: ProductId, limit: int, cursor: str | None
    ) -> Page[RecordedMovement]:
        """Return why a product's stock changed, newest first; raises ``UnknownProduct``."""
        await self.stock(product_id)
        return await self._ledger.movements(product_id, limit, cursor)

    async def warehouses(self) -> list[Warehouse]:
        """Return all warehouses by priority."""
        return await self._ledger.warehouses()

    async def warehouse(self, warehouse_id: WarehouseId) -> Warehouse:
        """Return one warehouse; raises ``UnknownWarehouse``."""
        warehouse = await self._ledger.warehouse(warehouse_id)
        if warehouse is None:
            raise UnknownWarehouse(warehouse_id)
        return warehouse

    async def open_warehouse(
        self, code: str, name: str, address: dict[str, str], priority: int
    ) -> Outcome[Warehouse]:
        """Add a warehouse; raises ``Conflict`` when its code is taken."""
        for other in await self._ledger.warehouses():
            if other.code == code:
                raise Conflict(
                    "This code is taken.",
                    code="warehouse-code-taken",
                    details={"warehouseId": other.warehouse_id},
                )
        warehouse = Warehouse(WarehouseId(self._ids.new()), code, name, address, priority)
        changes = Changes()
        changes.save(warehouse)
        return Outcome(warehouse, changes)

    async def change_warehouse(
        self,
        warehouse_id: WarehouseId,
        name: str,
        address: dict[str, str],
        priority: int,
        expect: Expect,
    ) -> Outcome[Warehouse]:
        """Change a warehouse; its code stays. ``expect`` is given the version that is replaced.

        Raises ``UnknownWarehouse``, and as ``expect`` does.
        """
        warehouse = await self.warehouse(warehouse_id)
        expect(warehouse.version)
        warehouse.name, warehouse.address, warehouse.priority = name, address, priority
        changes = Changes()
        changes.save(warehouse)
        return Outcome(warehouse, changes)

    # What Inventory does on events.

    async def list_product(self, event: ProductCreated, _: Received) -> Outcome[None]:
        """Learn that a product exists."""
        return self._know(event.product_id, listed=True)

    async def delist_product(self, event: ProductDeleted, _: Received) -> Outcome[None]:
        """Learn that a product is gone; its stock stays where it is."""
        return self._know(event.product_id, listed=False)

    def _know(self, product_id: ProductId, *, listed: bool) -> Outcome[None]:
        changes = Changes()
        changes.save(KnownProduct(product_id, listed))
        return Outcome(None, changes)

    async def deduct(self, event: OrderConfirmed, _: Received) -> Outcome[None]:
        """Turn a paid order's hold into a deduction.

        A hold that is gone is taken anew; when stock is too short for that, the order is told that
        it is sold out, and refunds itself. Whose stock Order released has ended, and knows it.
        """

        def decide(book: Book) -> None:
            if not model.deduct(book) and book.hold is not None:
                book.sold_out = book.hold.state is HoldState.EXPIRED

        await self._ledger.change(decide, order_id=event.order_id)
        return unchanged(None)

    async def give_back(self, event: OrderCancelled, _: Received) -> Outcome[None]:
        """Release a cancelled order's stock."""
        await self.release(event.order_id, "cancelled")
        return unchanged(None)

    async def restock(self, event: OrderReturned, _: Received) -> Outcome[None]:
        """Put a returned order's units back on the shelf."""
        await self.release(event.order_id, "returned")
        return unchanged(None)

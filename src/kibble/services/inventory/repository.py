"""The ledger of stock: the port that Inventory's store implements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from kibble.kernel.ids import OrderId, ProductId, WarehouseId
from kibble.kernel.paging import Page
from kibble.platform.persistence.store import Store, StoredReply
from kibble.services.inventory.model import Book, Movement, Stock, Warehouse

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RecordedMovement:
    """A movement with its place in the ledger, ascending, and its time."""

    position: int
    movement: Movement
    at: datetime


@dataclass(frozen=True, slots=True)
class StockTotals:
    """Listed products, and how many are sold out or have ``LOW_UNITS`` left at most; all units."""

    products: int
    sold_out: int
    low: int
    on_hand: int
    reserved: int


LOW_UNITS = 5


class StockLedger(Store, Protocol):
    """Stock, holds, warehouses and movements."""

    async def change(
        self,
        decide: Callable[[Book], T],
        *,
        order_id: OrderId | None = None,
        product_ids: Sequence[ProductId] = (),
        seal: Callable[[T], StoredReply | None] | None = None,
    ) -> T:
        """Load a book, let ``decide`` read and change it, and write what it changed: atomically.

        Nobody else changes the same stock between loading and writing. The book has the order's
        hold with its products, and ``product_ids``. What ``decide`` raises leaves everything as
        it was. ``decide`` must be pure: an engine may call it again on fresh state. Events tell
        each changed product's new state. ``seal`` makes the record for an idempotency key.
        """
        ...

    async def stock(self, product_ids: Sequence[ProductId]) -> dict[ProductId, Stock]:
        """Return the stock of those of ``product_ids`` that are known."""
        ...

    async def expired_orders(self, now: datetime, limit: int) -> list[OrderId]:
        """Return orders whose hold ran out and was not given back yet, oldest first."""
        ...

    async def movements(
        self, product_id: ProductId, limit: int, cursor: str | None
    ) -> Page[RecordedMovement]:
        """Return a product's movements, newest first."""
        ...

    async def totals(self) -> StockTotals:
        """Count all stock, without holding up anybody; what changes meanwhile may be missed."""
        ...

    async def warehouses(self) -> list[Warehouse]:
        """Return all warehouses by priority."""
        ...

    async def warehouse(self, warehouse_id: WarehouseId) -> Warehouse | None:
        """Return one warehouse."""
        ...

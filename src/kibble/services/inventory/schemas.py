"""What Inventory's API takes and answers."""

from __future__ import annotations

from typing import Annotated

import msgspec

from kibble.contracts.address import Address
from kibble.kernel.paging import DEFAULT_LIMIT, MAX_LIMIT
from kibble.platform.web.json import Instant
from kibble.services.inventory.model import MAX_STOCK, HoldState, Stock, Warehouse
from kibble.services.inventory.repository import RecordedMovement

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Quantity = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


class Request(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The base of what is taken: unknown fields are refused."""


class Answer(msgspec.Struct, frozen=True, rename="camel"):
    """The base of what is answered."""


class SetLevel(Request, frozen=True):
    """A counted stock level."""

    stock_level: Annotated[int, msgspec.Meta(ge=0, le=MAX_STOCK)]
    warehouse_id: Id


class Adjust(Request, frozen=True):
    """A change of the stock level, and why."""

    warehouse_id: Id
    delta: Annotated[int, msgspec.Meta(ge=-MAX_STOCK, le=MAX_STOCK)]
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class DemandedItem(Request, frozen=True):
    """So many units of a product."""

    product_id: Id
    quantity: Quantity


class CheckAvailability(Request, frozen=True):
    """What is to be bought."""

    items: Annotated[list[DemandedItem], msgspec.Meta(min_length=1, max_length=100)]


class Reserve(Request, frozen=True):
    """What to hold for an order."""

    order_id: Id
    items: Annotated[list[DemandedItem], msgspec.Meta(min_length=1, max_length=100)]
    expires_at: Instant | None = None


class NewWarehouse(Request, frozen=True):
    """A warehouse to open."""

    code: Annotated[
        str,
        msgspec.Meta(
            pattern=r"^[A-Za-z0-9_-]{1,20}$(?!\n)",
            description="up to 20 letters, digits, underscores and hyphens",
        ),
    ]
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    address: Address
    priority: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 100


class ChangedWarehouse(Request, frozen=True):
    """A warehouse's new particulars."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    address: Address
    priority: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 100


class PageQuery(msgspec.Struct, frozen=True, rename="camel"):
    """Which page of a list."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT
    cursor: str | None = None


class LevelSet(Answer, frozen=True):
    """The level as it is now."""

    product_id: str
    stock_level: int
    warehouse_id: str
    updated_at: Instant


class LevelView(Answer, frozen=True):
    """The stock of a product in one warehouse."""

    warehouse_id: str
    on_hand: int
    reserved: int
    available: int


class StockView(Answer, frozen=True):
    """The stock of a product, in all and by warehouse."""

    product_id: str
    on_hand: int
    reserved: int
    available: int
    warehouses: list[LevelView]

    @classmethod
    def of(cls, stock: Stock) -> StockView:
        """Return the view of ``stock``."""
        levels = [
            LevelView(warehouse_id, level.on_hand, level.reserved, level.available)
            for warehouse_id, level in sorted(stock.levels.items())
        ]
        return cls(stock.product_id, stock.on_hand, stock.reserved, stock.available, levels)


class AvailabilityView(Answer, frozen=True):
    """Whether a line can be met, how many are left, and from which warehouses.

    Lines of one product are one demand, as they are in an order.
    """

    product_id: str
    quantity: int
    available: bool
    left: int
    warehouses: list[str]

    @classmethod
    def of(cls, item: DemandedItem, demand: int, stock: Stock | None) -> AvailabilityView:
        """Return the view of a line, ``demand`` being that of all lines of its product.

        An unknown product has nothing left.
        """
        if stock is None:
            return cls(item.product_id, item.quantity, available=False, left=0, warehouses=[])
        holders = [str(name) for name, level in sorted(stock.levels.items()) if level.available > 0]
        left = stock.available
        return cls(item.product_id, item.quantity, left >= demand, left, holders)


class AllocationView(Answer, frozen=True):
    """So many units from one warehouse."""

    product_id: str
    warehouse_id: str
    quantity: int


class ReservationView(Answer, frozen=True):
    """An order's hold."""

    order_id: str
    status: HoldState
    expires_at: Instant
    items: list[AllocationView]


class MovementView(Answer, frozen=True):
    """A change of what is on hand, and why; ``reference`` is the order, if there is one."""

    warehouse_id: str
    delta: int
    reason: str
    reference: str | None
    created_at: Instant

    @classmethod
    def of(cls, recorded: RecordedMovement) -> MovementView:
        """Return the view of a recorded movement."""
        movement = recorded.movement
        return cls(
            movement.warehouse_id,
            movement.delta,
            movement.reason,
            movement.reference,
            recorded.at,
        )


class WarehouseView(Answer, frozen=True):
    """A warehouse."""

    id: str
    code: str
    name: str
    address: Address
    priority: int

    @classmethod
    def of(cls, warehouse: Warehouse) -> WarehouseView:
        """Return the view of ``warehouse``."""
        address = msgspec.convert(warehouse.address, Address)
        return cls(
            warehouse.warehouse_id, warehouse.code, warehouse.name, address, warehouse.priority
        )

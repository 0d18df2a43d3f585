"""Stock and holds: pure decisions, made on a book that holds what they need.

On hand is what lies on the shelf; reserved is what is held for orders; available is the rest. A
hold is turned into a deduction when its order is paid, or is released, or expires: once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from kibble.kernel.errors import InvalidInput
from kibble.kernel.ids import OrderId, ProductId, WarehouseId
from kibble.kernel.state_machine import StateMachine
from kibble.services.inventory.errors import (
    BelowReserved,
    HoldDiffers,
    HoldSettled,
    Lack,
    NotEnoughStock,
    UnknownProduct,
    UnknownWarehouse,
)

MAX_STOCK = 2_000_000_000
"""The most units of a product in a warehouse: the owner's column is a 32-bit integer."""


class HoldState(Enum):
    """What became of an order's hold."""

    HELD = "HELD"
    DEDUCTED = "DEDUCTED"
    RELEASED = "RELEASED"
    EXPIRED = "EXPIRED"


HOLDS = StateMachine(
    "hold",
    {
        HoldState.HELD: frozenset({HoldState.DEDUCTED, HoldState.RELEASED, HoldState.EXPIRED}),
        HoldState.EXPIRED: frozenset({HoldState.HELD, HoldState.RELEASED}),
        HoldState.DEDUCTED: frozenset({HoldState.RELEASED}),
        HoldState.RELEASED: frozenset(),
    },
    HoldState.HELD,
)
"""An expired hold may be taken anew while stock lasts; a return undoes a deduction."""


@dataclass(frozen=True, slots=True)
class Take:
    """So many units of a product from one warehouse."""

    product_id: ProductId
    warehouse_id: WarehouseId
    quantity: int


@dataclass(slots=True)
class Level:
    """The stock of one product in one warehouse."""

    on_hand: int = 0
    reserved: int = 0

    @property
    def available(self) -> int:
        """Units that can be sold."""
        return self.on_hand - self.reserved


@dataclass(slots=True)
class Stock:
    """The stock of one product over all warehouses; ``version`` counts its changes.

    A product that was delisted keeps its stock, for the orders that hold some.
    """

    product_id: ProductId
    levels: dict[WarehouseId, Level] = field(default_factory=dict)
    version: int = 0
    listed: bool = True

    @property
    def on_hand(self) -> int:
        """Units on all shelves."""
        return sum(level.on_hand for level in self.levels.values())

    @property
    def reserved(self) -> int:
        """Units held for orders."""
        return sum(level.reserved for level in self.levels.values())

    @property
    def available(self) -> int:
        """Units that can be sold."""
        return self.on_hand - self.reserved

    def level(self, warehouse_id: WarehouseId) -> Level:
        """Return the level in a warehouse; an empty one when it never had the product."""
        return self.levels.setdefault(warehouse_id, Level())


@dataclass(slots=True)
class Hold:
    """What is held for one order: all its lines, or nothing."""

    order_id: OrderId
    takes: tuple[Take, ...]
    expires_at: datetime
    state: HoldState = HoldState.HELD

    def is_over(self, now: datetime) -> bool:
        """Tell whether the hold ran out."""
        return self.state is HoldState.HELD and self.expires_at <= now


@dataclass(frozen=True, slots=True)
class Movement:
    """A change of what is on hand, and why."""

    product_id: ProductId
    warehouse_id: WarehouseId
    delta: int
    reason: str
    reference: str | None = None


@dataclass(slots=True)
class Book:
    """What one decision may read and change. The ledger loads it, and writes what was changed.

    ``stocks`` has every product that the decision asked for and that is known; ``hold`` is the
    order's, if it has one; ``priorities`` orders the warehouses, the lowest number first.
    """

    stocks: dict[ProductId, Stock]
    priorities: Mapping[WarehouseId, int]
    hold: Hold | None = None
    hold_changed: bool = False
    changed: dict[ProductId, int] = field(default_factory=dict)
    movements: list[Movement] = field(default_factory=list)
    expired: bool = False
    sold_out: bool = False

    def stock(self, product_id: ProductId) -> Stock:
        """Return a product's stock; raises ``UnknownProduct``."""
        stock = self.stocks.get(product_id)
        if stock is None:
            raise UnknownProduct(product_id)
        return stock

    def listed(self, product_id: ProductId) -> Stock:
        """Return the stock of a product that is for sale; raises ``UnknownProduct``."""
        stock = self.stock(product_id)
        if not stock.listed:
            raise UnknownProduct(product_id)
        return stock

    def level(self, stock: Stock, warehouse_id: WarehouseId) -> Level:
        """Return a stock's level in a warehouse; raises ``UnknownWarehouse``."""
        if warehouse_id not in self.priorities:
            raise UnknownWarehouse(warehouse_id)
        return stock.level(warehouse_id)

    def touch(self, stock: Stock) -> None:
        """Note that ``stock`` is about to change, and what was available before."""
        if stock.product_id not in self.changed:
            self.changed[stock.product_id] = stock.available
            stock.version += 1

    def move(self, take: Take, delta: int, reason: str, reference: str | None = None) -> None:
        """Change what is on hand, and note why."""
        stock = self.stock(take.product_id)
        self.touch(stock)
        stock.level(take.warehouse_id).on_hand += delta
        self.movements.append(
            Movement(take.product_id, take.warehouse_id, delta, reason, reference)
        )


def set_level(book: Book, product_id: ProductId, warehouse_id: WarehouseId, on_hand: int) -> Stock:
    """Set what is on hand in a warehouse, as counted.

    Raises ``BelowReserved``, ``UnknownProduct``, ``UnknownWarehouse``.
    """
    stock = book.listed(product_id)
    level = book.level(stock, warehouse_id)
    if on_hand < level.reserved:
        raise BelowReserved(level.on_hand, level.reserved)
    if on_hand != level.on_hand:
        take = Take(product_id, warehouse_id, 0)
        book.move(take, on_hand - level.on_hand, "counted")
    return stock


def adjust(
    book: Book, product_id: ProductId, warehouse_id: WarehouseId, delta: int, reason: str
) -> Stock:
    """Add to or take from what is on hand.

    Raises ``InvalidInput`` for a change by 0 or to too much, and as ``set_level`` does.
    """
    if delta == 0:
        raise InvalidInput.at("/delta", "must not be 0")
    stock = book.listed(product_id)
    level = book.level(stock, warehouse_id)
    if level.on_hand + delta < level.reserved:
        raise BelowReserved(level.on_hand, level.reserved)
    if level.on_hand + delta > MAX_STOCK:
        raise InvalidInput.at("/delta", f"would make more than {MAX_STOCK}")
    book.move(Take(product_id, warehouse_id, 0), delta, reason)
    return stock


def reserve(
    book: Book, order_id: OrderId, demands: Mapping[ProductId, int], expires_at: datetime
) -> Hold:
    """Hold all demands for an order, or none.

    Repeating it returns the same hold; an expired one is taken anew. Raises ``NotEnoughStock``,
    ``UnknownProduct``, ``HoldDiffers``, and ``HoldSettled`` when the order's hold was deducted or
    released.
    """
    if book.hold is not None and book.hold.state is HoldState.HELD:
        if demands_of(book.hold.takes) != demands:
            raise HoldDiffers(order_id)
        return book.hold
    if book.hold is not None and book.hold.state is not HoldState.EXPIRED:
        raise HoldSettled(order_id, book.hold.state.value)
    takes = allocate(book, demands)
    for take in takes:
        stock = book.stock(take.product_id)
        book.touch(stock)
        stock.level(take.warehouse_id).reserved += take.quantity
    book.hold = Hold(order_id, takes, expires_at)
    book.hold_changed = True
    return book.hold


def allocate(book: Book, demands: Mapping[ProductId, int]) -> tuple[Take, ...]:
    """Choose the warehouses for all demands, in product order: one for everything if one has it.

    Otherwise each line comes from the warehouses by priority, split where it must be. Raises
    ``NotEnoughStock`` naming every line that is short.
    """
    lacks = [
        Lack(product_id, quantity, book.stock(product_id).available)
        for product_id, quantity in demands.items()
        if book.listed(product_id).available < quantity
    ]
    if lacks:
        raise NotEnoughStock(lacks)
    ordered = sorted(demands.items())
    for warehouse_id in _by_priority(book):
        if all(
            _available(book, product, warehouse_id) >= quantity for product, quantity in ordered
        ):
            return tuple(Take(product, warehouse_id, quantity) for product, quantity in ordered)
    return tuple(take for product, quantity in ordered for take in _split(book, product, quantity))


def _by_priority(book: Book) -> Sequence[WarehouseId]:
    return sorted(book.priorities, key=lambda warehouse: (book.priorities[warehouse], warehouse))


def _available(book: Book, product_id: ProductId, warehouse_id: WarehouseId) -> int:
    level = book.stock(product_id).levels.get(warehouse_id)
    return level.available if level else 0


def _split(book: Book, product_id: ProductId, quantity: int) -> list[Take]:
    takes = []
    for warehouse_id in _by_priority(book):
        taken = min(quantity, _available(book, product_id, warehouse_id))
        if taken > 0:
            takes.append(Take(product_id, warehouse_id, taken))
            quantity -= taken
    return takes


def extend(book: Book, until: datetime) -> bool:
    """Make the hold last at least ``until``; tell whether there is still one to extend."""
    hold = book.hold
    if hold is None or hold.state is not HoldState.HELD:
        return hold is not None and hold.state is HoldState.DEDUCTED
    if hold.expires_at < until:
        hold.expires_at = until
        book.hold_changed = True
    return True


def deduct(book: Book) -> bool:
    """Turn the order's hold into a deduction; False when the hold is gone and stock is too short.

    Repeating it changes nothing.
    """
    hold = book.hold
    if hold is None or hold.state is HoldState.RELEASED:
        return False
    if hold.state is HoldState.DEDUCTED:
        return True
    if hold.state is HoldState.EXPIRED:
        try:
            reserve(book, hold.order_id, demands_of(hold.takes), hold.expires_at)
        except (NotEnoughStock, UnknownProduct):
            return False
        hold = book.hold or hold
    for take in hold.takes:
        book.move(take, -take.quantity, "sold", hold.order_id)
        book.stock(take.product_id).level(take.warehouse_id).reserved -= take.quantity
    _settle(book, hold, HoldState.DEDUCTED)
    return True


def release(book: Book, reason: str) -> bool:
    """Give the order's stock back, held or deducted; tell whether there was any. Repeatable.

    An expired hold has none, and is not to be taken anew either.
    """
    hold = book.hold
    if hold is None or hold.state is HoldState.RELEASED:
        return False
    if hold.state is HoldState.EXPIRED:
        _settle(book, hold, HoldState.RELEASED)
        return False
    for take in hold.takes:
        stock = book.stock(take.product_id)
        book.touch(stock)
        if hold.state is HoldState.HELD:
            stock.level(take.warehouse_id).reserved -= take.quantity
        else:
            book.move(take, take.quantity, reason, hold.order_id)
    _settle(book, hold, HoldState.RELEASED)
    return True


def expire(book: Book, now: datetime) -> bool:
    """Give the stock of a hold that ran out back; tell whether it had. Repeatable."""
    hold = book.hold
    if hold is None or not hold.is_over(now):
        return False
    for take in hold.takes:
        stock = book.stock(take.product_id)
        book.touch(stock)
        stock.level(take.warehouse_id).reserved -= take.quantity
    _settle(book, hold, HoldState.EXPIRED)
    book.expired = True
    return True


def demands_of(takes: Sequence[Take]) -> dict[ProductId, int]:
    """Return how many of each product ``takes`` come to."""
    demands: dict[ProductId, int] = {}
    for take in takes:
        demands[take.product_id] = demands.get(take.product_id, 0) + take.quantity
    return demands


def _settle(book: Book, hold: Hold, state: HoldState) -> None:
    hold.state = HOLDS.move(hold.state, state)
    book.hold_changed = True


@dataclass(slots=True)
class Warehouse:
    """A place that ships. The lowest ``priority`` is used first."""

    warehouse_id: WarehouseId
    code: str
    name: str
    address: dict[str, str]
    priority: int
    version: int = 0


@dataclass(slots=True)
class KnownProduct:
    """That a product exists, as Product's events tell; a delisted one keeps its stock.

    One that was delisted never comes back, so ``version`` is not checked.
    """

    product_id: ProductId
    listed: bool
    version: int = 0

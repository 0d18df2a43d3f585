"""A product's partition as one decision reads and changes it, and what may be done to it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Protocol

from kibble.kernel.errors import KibbleError, StaleVersion
from kibble.kernel.ids import ProductId, WarehouseId
from kibble.platform.engines.cassandra.replies import mark_of
from kibble.platform.engines.together import Result
from kibble.platform.persistence.store import StoredReply
from kibble.services.inventory.model import Book, Level, Movement, Stock

HoldEntry = tuple[int, datetime]
"""Units, and when the hold was to expire as it was taken."""


def copied(stock: Stock) -> Stock:
    """Return a copy that may be changed; much quicker than ``deepcopy``."""
    levels = {place: Level(level.on_hand, level.reserved) for place, level in stock.levels.items()}
    return Stock(stock.product_id, levels, stock.version, stock.listed)


@dataclass(slots=True)
class Page:
    """A product's partition at one rev. ``holds`` and ``settled`` have the ids that were asked for.

    ``stock`` is None for a product that Inventory has not heard of. What is changed is noted
    beside it, for the one conditional write.
    """

    product_id: ProductId
    stock: Stock | None
    asked: frozenset[uuid.UUID] = frozenset()
    holds: dict[tuple[WarehouseId, uuid.UUID], HoldEntry] = field(default_factory=dict)
    settled: dict[uuid.UUID, int] = field(default_factory=dict)
    fresh: dict[int, str] = field(default_factory=dict)
    changed: bool = False
    levels_changed: bool = False
    new_holds: dict[tuple[WarehouseId, uuid.UUID], HoldEntry | None] = field(default_factory=dict)
    new_settled: dict[uuid.UUID, int] = field(default_factory=dict)
    movements: list[Movement] = field(default_factory=list)
    replies: list[tuple[StoredReply, int]] = field(default_factory=list)
    written_at: str = ""

    def holds_of(self, order: uuid.UUID) -> bool:
        """Tell whether any warehouse holds something for an order."""
        return any(owner == order for _, owner in self.holds)

    def put_hold(self, place: tuple[WarehouseId, uuid.UUID], entry: HoldEntry | None) -> None:
        """Set or remove a hold's entry."""
        self.new_holds[place] = entry
        if entry is None:
            self.holds.pop(place, None)
        else:
            self.holds[place] = entry

    def settle(self, key: uuid.UUID, version: int) -> None:
        """Note that an effect is in this partition."""
        self.changed = True
        self.settled[key] = self.new_settled[key] = version

    def change_levels(self, stock: Stock) -> None:
        """Count a change of the levels."""
        stock.version += 1
        self.changed = self.levels_changed = True


class Applied(Enum):
    """What became of an effect."""

    DONE = "it is in the partition"
    REFUSED = "the stock is too short for it"
    SUPERSEDED = "a later change of the same order came first"


class Effect(Protocol):
    """Something to be done to one product's partition, exactly once."""

    @property
    def key(self) -> uuid.UUID:
        """The id that ``settled`` or ``holds`` will have of it."""
        ...

    def apply(self, page: Page) -> Any:
        """Change ``page``; return what its caller waits for. What it raises changes nothing.

        Called again on a fresh page when somebody else was first.
        """
        ...


@dataclass(slots=True)
class TakeHold:
    """Hold units for an order, unless its record has moved on.

    ``born`` is the tick of this process before the order's first record was written; 0 when that
    is not known.
    """

    key: uuid.UUID
    version: int
    units: Mapping[WarehouseId, int]
    expires_at: datetime
    born: int = 0

    def apply(self, page: Page) -> Applied:
        """See ``Effect.apply``."""
        if page.settled.get(self.key, 0) >= self.version:
            return Applied.SUPERSEDED
        if page.holds_of(self.key):
            return Applied.DONE
        stock = page.stock
        if stock is None or not stock.listed or not self._fits(stock):
            return Applied.REFUSED
        page.change_levels(stock)
        for warehouse_id, quantity in self.units.items():
            stock.level(warehouse_id).reserved += quantity
            page.put_hold((warehouse_id, self.key), (quantity, self.expires_at))
        return Applied.DONE

    def _fits(self, stock: Stock) -> bool:
        return all(
            warehouse_id in stock.levels and stock.levels[warehouse_id].available >= quantity
            for warehouse_id, quantity in self.units.items()
        )


@dataclass(slots=True)
class EndHold:
    """End an order's hold; with ``sold`` its units leave the shelf."""

    key: uuid.UUID
    version: int
    units: Mapping[WarehouseId, int]
    sold: bool
    reason: str
    reference: str

    def apply(self, page: Page) -> Applied:
        """See ``Effect.apply``. Where nothing is held, a late take is kept from holding it."""
        stock = page.stock
        if stock is None or page.settled.get(self.key, 0) >= self.version:
            return Applied.DONE
        if page.holds_of(self.key):
            page.change_levels(stock)
            for warehouse_id, quantity in self.units.items():
                self._end(page, stock, warehouse_id, quantity)
        else:
            stock.version += 1
        page.settle(self.key, self.version)
        return Applied.DONE

    def _end(self, page: Page, stock: Stock, warehouse_id: WarehouseId, quantity: int) -> None:
        level = stock.level(warehouse_id)
        level.reserved -= quantity
        page.put_hold((warehouse_id, self.key), None)
        if self.sold:
            level.on_hand -= quantity
            page.movements.append(
                Movement(page.product_id, warehouse_id, -quantity, self.reason, self.reference)
            )


@dataclass(slots=True)
class PutBack:
    """Put sold units back on the shelf."""

    key: uuid.UUID
    version: int
    units: Mapping[WarehouseId, int]
    reason: str
    reference: str

    def apply(self, page: Page) -> Applied:
        """See ``Effect.apply``."""
        stock = page.stock
        if stock is None or page.settled.get(self.key, 0) >= self.version:
            return Applied.DONE
        page.change_levels(stock)
        for warehouse_id, quantity in self.units.items():
            stock.level(warehouse_id).on_hand += quantity
            page.movements.append(
                Movement(page.product_id, warehouse_id, quantity, self.reason, self.reference)
            )
        page.settle(self.key, self.version)
        return Applied.DONE


@dataclass(slots=True)
class Listing:
    """Learn that a product exists, or that it is gone; one that is gone stays so."""

    key: uuid.UUID
    listed: bool

    def apply(self, page: Page) -> Applied:
        """See ``Effect.apply``."""
        if page.stock is None:
            page.stock = Stock(page.product_id, listed=self.listed)
            page.changed = True
        elif page.stock.listed and not self.listed:
            page.stock.listed = False
            page.stock.version += 1
            page.changed = True
        return Applied.DONE


@dataclass(slots=True)
class SetLevels:
    """Make a product's stock what was decided, if it is still at ``version``."""

    key: uuid.UUID
    version: int
    decided: Stock
    movements: Sequence[Movement]

    def apply(self, page: Page) -> Applied:
        """See ``Effect.apply``."""
        if self.key in page.settled:
            return Applied.DONE
        if page.stock is None or page.stock.version != self.version:
            return Applied.REFUSED
        page.stock = copied(self.decided)
        page.levels_changed = True
        page.movements += self.movements
        page.settle(self.key, 1)
        return Applied.DONE


class NotAsked(Exception):
    """An effect turned out to need ids that its page was not read with."""


class Decision:
    """Any decision on the stock of one product, with the answer to keep under a key.

    ``attempt`` tells this call from others under the same key.
    """

    def __init__(
        self,
        decide: Callable[[Book], Any],
        priorities: Mapping[WarehouseId, int],
        seal: Callable[[Any], StoredReply | None] | None,
        key: uuid.UUID,
        attempt: int,
    ) -> None:
        self.key = key
        self._decide = decide
        self._priorities = priorities
        self._seal = seal
        self._attempt = attempt
        self._decided: list[Any] = []

    def apply(self, page: Page) -> Any:
        """See ``Effect.apply``; raises what the decision does."""
        if self.key in page.settled:
            return self._repeated(page.settled[self.key])
        stock = copied(page.stock) if page.stock else None
        book = Book({page.product_id: stock} if stock else {}, self._priorities)
        value = self._decide(book)
        reply = self._seal(value) if self._seal else None
        if reply is not None and self.key != mark_of(reply.key):
            self.key = mark_of(reply.key)
            raise NotAsked
        self._write(page, book, reply)
        self._decided = [value]
        return value

    def _repeated(self, attempt: int) -> Any:
        """Answer for a write whose outcome was unknown, and that turns out to be there."""
        if attempt != self._attempt:
            raise StaleVersion("The key was used meanwhile.")
        return self._decided[0]

    def _write(self, page: Page, book: Book, reply: StoredReply | None) -> None:
        if reply is not None:
            page.replies.append((reply, self._attempt))
        if book.changed:
            page.stock = copied(book.stocks[page.product_id])
            page.changed = page.levels_changed = True
            page.movements += book.movements
        if book.changed or reply is not None:
            page.settle(self.key, self._attempt)
            if not book.changed and page.stock is not None:
                page.stock.version += 1


def run(effects: Sequence[Effect], page: Page) -> list[Result]:
    """Apply effects one after another; return each one's value, or the error that it raised.

    Raises ``NotAsked`` when ``page`` lacks what some of them need to know.
    """
    results: list[Result] = []
    complete = True
    for effect in effects:
        try:
            results.append((effect.apply(page), None))
        except KibbleError as error:
            results.append((None, error))
        except NotAsked:
            complete = False
    if not complete:
        raise NotAsked
    return results

"""Products' partitions: read, and changed by one conditional write for all who come together.

What waits for a product is applied, in its order, to one page, which is then written on condition
that its rev is what was read. A refusal reads again. An unknown outcome reads with SERIAL, which
decides it, and applies again: each effect leaves its id in the partition, so what was written is
found to be there.
"""

from __future__ import annotations

import asyncio
import itertools
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from kibble.kernel.clock import Clock, from_text, to_text
from kibble.kernel.errors import TimedOut
from kibble.kernel.ids import ProductId, WarehouseId, is_id
from kibble.platform.engines.cassandra import Row, Session, Statement
from kibble.platform.engines.cassandra.archive import FIRST_TOKEN
from kibble.platform.engines.cassandra.replies import Replies
from kibble.platform.engines.together import Result, Together
from kibble.services.inventory.adapters.cassandra_intents import Intents
from kibble.services.inventory.adapters.cassandra_page import (
    Effect,
    NotAsked,
    Page,
    TakeHold,
    copied,
    run,
)
from kibble.services.inventory.model import Level, Movement, Stock
from kibble.services.inventory.repository import LOW_UNITS, RecordedMovement, StockTotals

MAX_TRIES = 40
SETTLED_SECONDS = 14 * 86_400
MAX_KNOWN = 10_000
POSITIONS_A_REV = 4096
"""A movement's position is its rev times this, and its place in the write."""

_FIELDS = "rev, listed, changed_at, fresh, warehouse_id, stock, reserved"
_TOTALS = (
    "SELECT token(product_id), listed, sum(stock), sum(reserved) FROM inventory"
    " WHERE token(product_id) > ? GROUP BY product_id LIMIT 1000"
)
_GUARD = "UPDATE inventory SET rev = ?, listed = ?, changed_at = ? WHERE product_id = ? IF rev = ?"
_LEVEL = (
    "UPDATE inventory SET stock = ?, reserved = ?, holds = holds + ?, holds = holds - ?"
    " WHERE product_id = ? AND warehouse_id = ?"
)
_SETTLED = (
    f"UPDATE inventory USING TTL {SETTLED_SECONDS} SET settled = settled + ? WHERE product_id = ?"
)
_FRESH = "UPDATE inventory SET fresh = fresh + ?, fresh = fresh - ? WHERE product_id = ?"
_MOVEMENT = "INSERT INTO movements (product_id, position, body) VALUES (?, ?, ?)"


@dataclass(slots=True)
class _Known:
    """A product as this process wrote it last: for guesses, which the conditional write checks.

    ``since`` is the tick of the last read; from then to the present rev this process alone wrote,
    and what it wrote is in ``keys``. So an order that is younger than the tick, and not among
    them, is not in the partition at this rev, and nobody needs to look.
    """

    stock: Stock
    fresh: dict[int, str]
    since: int
    keys: set[uuid.UUID]

    def tells_of(self, effects: Sequence[Effect]) -> bool:
        """Tell whether none of the effects can be in the partition."""
        return all(
            isinstance(effect, TakeHold)
            and effect.born > self.since
            and effect.key not in self.keys
            for effect in effects
        )

    def page(self, effects: Sequence[Effect]) -> Page:
        """Return a page for effects that cannot be in the partition."""
        page = Page(self.stock.product_id, copied(self.stock))
        page.asked = frozenset(effect.key for effect in effects)
        page.fresh = dict(self.fresh)
        return page


def _select(keys: int) -> str:
    marks = ", ".join(["settled[?]"] * keys + ["holds[?]"] * keys)
    return f"SELECT {_FIELDS}{', ' if keys else ''}{marks} FROM inventory WHERE product_id = ?"


class Products:
    """All products' partitions."""

    def __init__(
        self,
        session: Session,
        clock: Clock,
        intents: Intents,
        changed: Callable[[ProductId], object],
    ) -> None:
        """``changed`` is called with each product whose stock changed."""
        self._session = session
        self._changed = changed
        self._clock = clock
        self._intents = intents
        self._together = Together(self._apply)
        self._ticks = itertools.count(1)
        self._known: dict[ProductId, _Known] = {}
        self._looks: dict[ProductId, asyncio.Task[Stock | None]] = {}

    def answer_with(self, replies: Replies) -> None:
        """Keep the answers of decisions there."""
        self._replies = replies

    async def read(
        self, product_id: ProductId, keys: Iterable[uuid.UUID] = (), *, serial: bool = False
    ) -> Page:
        """Return a product's page with what it has of ``keys``. Raises ``Unavailable``."""
        if not is_id(product_id):
            return Page(product_id, None)
        asked = tuple(dict.fromkeys(keys))
        padded = _padded(asked)
        values = (*padded, *padded, uuid.UUID(product_id))
        rows = await self._session.read(_select(len(padded)), *values, serial=serial)
        return _page(product_id, rows, asked, len(padded))

    def tick(self) -> int:
        """Return a number that is larger than every one before."""
        return next(self._ticks)

    async def glance(self, product_id: ProductId) -> Stock | None:
        """Return a product's stock as it was a moment ago: good enough to try, not to refuse."""
        known = self._known.get(product_id)
        return copied(known.stock) if known else await self.look(product_id)

    async def look(self, product_id: ProductId) -> Stock | None:
        """Return a product's stock, by a read that begins after this call and may be shared."""
        look = self._looks.get(product_id)
        if look is None:
            look = self._looks[product_id] = asyncio.create_task(self._look(product_id))
        stock = await asyncio.shield(look)
        return copied(stock) if stock else None

    async def _look(self, product_id: ProductId) -> Stock | None:
        del self._looks[product_id]  # who comes from now on needs a later read
        return (await self.read(product_id)).stock

    async def totals(self) -> StockTotals:
        """Count all stock, a page of partitions at a time. Raises ``Unavailable``."""
        shelves: list[tuple[int, int]] = []
        after = FIRST_TOKEN
        while rows := await self._session.read(_TOTALS, after):
            after = rows[-1][0]
            shelves += [(row[2] or 0, row[3] or 0) for row in rows if row[1]]
        left = [on_hand - reserved for on_hand, reserved in shelves]
        return StockTotals(
            products=len(shelves),
            sold_out=sum(units <= 0 for units in left),
            low=sum(0 < units <= LOW_UNITS for units in left),
            on_hand=sum(on_hand for on_hand, _ in shelves),
            reserved=sum(reserved for _, reserved in shelves),
        )

    async def mark(self, product_id: str, key: uuid.UUID) -> int | None:
        """Return which attempt a product has of an idempotency key."""
        return (await self.read(ProductId(product_id), [key])).settled.get(key)

    async def apply(self, product_id: ProductId, effect: Effect) -> Any:
        """Apply one effect, together with what else waits for the product; return its value.

        Raises what the effect does, and ``Unavailable`` or ``TimedOut``: then it may be written or
        not, and may be applied again.
        """
        return await self._together.join(product_id, effect)

    async def _apply(self, product_id: ProductId, effects: Sequence[Effect]) -> Sequence[Result]:
        """Apply effects that came together, and write them all or none."""
        serial = False
        for _ in range(MAX_TRIES):
            known = self._known.get(product_id)
            if known is None or serial or not known.tells_of(effects):
                keys = [effect.key for effect in effects]
                page = await self.read(product_id, keys, serial=serial)
                since, written = self.tick(), set[uuid.UUID]()
            else:
                page, since, written = known.page(effects), known.since, known.keys
            before = copied(page.stock) if page.stock else None
            try:
                results = run(effects, page)
                if not page.changed:
                    return results
                if await self._write(page, before):
                    self._remember(page, since, written)
                    return results
            except NotAsked:
                continue
            except TimedOut:
                serial = True
            self._known.pop(product_id, None)
        raise TimedOut("Too many others are changing this product at the same moment.")

    def _remember(self, page: Page, since: int, keys: set[uuid.UUID]) -> None:
        self._known.pop(page.product_id, None)
        if page.stock is None or len(keys) > MAX_KNOWN:
            return
        keys |= page.asked
        fresh = _fresh(page, page.stock, page.written_at)
        self._known[page.product_id] = _Known(page.stock, fresh, since, keys)
        if len(self._known) > MAX_KNOWN:
            del self._known[next(iter(self._known))]

    async def _write(self, page: Page, before: Stock | None) -> bool:
        """Write a page unless its product changed since; announce it first."""
        if page.stock is None:
            raise RuntimeError("a page was changed that has no stock")
        began, page.written_at = self._clock.monotonic(), to_text(self._clock.now())
        await self._prepare(page)
        applied = await self._session.decide(*self._statements(page, page.stock, before))
        if applied:
            self._changed(page.product_id)
        if applied and page.levels_changed:
            await self._intents.confirm(page.product_id, page.stock.version, began)
        return applied

    async def _prepare(self, page: Page) -> None:
        """Write what must be there before: the intent, older movements, answers to be kept."""
        product = uuid.UUID(page.product_id)
        first: list[Statement] = [
            (_MOVEMENT, (product, position, body)) for position, body in page.fresh.items()
        ]
        first += [
            self._replies.attempt(reply, attempt, page.product_id)
            for reply, attempt in page.replies
        ]
        if page.levels_changed and page.stock is not None:
            first.append(self._intents.of_product(page.product_id, page.stock.version))
        if first:
            await self._session.write(*first)

    def _statements(self, page: Page, stock: Stock, before: Stock | None) -> list[Statement]:
        product, now = uuid.UUID(page.product_id), page.written_at
        expected = before.version if before else None
        guard = (_GUARD, (stock.version, stock.listed, now, product, expected))
        statements: list[Statement] = [guard]
        old = before.levels if before else {}
        for warehouse_id, level in stock.levels.items():
            holds = {key[1]: e for key, e in page.new_holds.items() if key[0] == warehouse_id}
            if holds or old.get(warehouse_id) != level:
                added = {order: entry for order, entry in holds.items() if entry}
                removed = {order for order, entry in holds.items() if not entry}
                row = (level.on_hand, level.reserved, added, removed)
                statements.append((_LEVEL, (*row, product, uuid.UUID(warehouse_id))))
        if page.new_settled:
            statements.append((_SETTLED, (page.new_settled, product)))
        if page.fresh or page.movements:
            statements.append((_FRESH, (_fresh(page, stock, now), set(page.fresh), product)))
        return statements

    async def movements(
        self, product_id: ProductId, before: int, limit: int
    ) -> list[RecordedMovement]:
        """Return up to ``limit`` movements before a position, newest first."""
        if not is_id(product_id):
            return []
        page = await self.read(product_id)
        rows = await self._session.read(
            "SELECT position, body FROM movements WHERE product_id = ? AND position < ? LIMIT ?",
            uuid.UUID(product_id),
            before,
            limit,
        )
        bodies = dict(rows) | {p: body for p, body in page.fresh.items() if p < before}
        newest = sorted(bodies, reverse=True)[:limit]
        return [_recorded(product_id, position, bodies[position]) for position in newest]


def _padded(keys: Sequence[uuid.UUID]) -> Sequence[uuid.UUID]:
    """Repeat the last key up to a power of two, so that few statements are prepared."""
    if not keys:
        return keys
    size = 1 << (len(keys) - 1).bit_length()
    return (*keys, *[keys[-1]] * (size - len(keys)))


def _page(
    product_id: ProductId, rows: Sequence[Row], asked: Sequence[uuid.UUID], width: int
) -> Page:
    """Return the page that a query's rows make; a row a warehouse, with the static columns."""
    page = Page(product_id, None, frozenset(asked))
    if not rows or rows[0][0] is None:
        return page
    page.stock = Stock(product_id, version=rows[0][0], listed=rows[0][1])
    page.fresh = dict(rows[0][3] or {})
    start = 7
    page.settled = {
        key: value
        for key, value in zip(asked, rows[0][start : start + width], strict=False)
        if value is not None
    }
    for row in rows:
        if row[4] is None:
            continue
        warehouse_id = WarehouseId(str(row[4]))
        page.stock.levels[warehouse_id] = Level(row[5], row[6])
        for key, entry in zip(asked, row[start + width :], strict=False):
            if entry is not None:
                page.holds[warehouse_id, key] = (entry[0], entry[1])
    return page


def _fresh(page: Page, stock: Stock, now: str) -> dict[int, str]:
    """Return the movements of one write by their positions."""
    return {
        stock.version * POSITIONS_A_REV + place: msgspec.json.encode(
            (m.warehouse_id, m.delta, m.reason, m.reference, now)
        ).decode()
        for place, m in enumerate(page.movements)
    }


def _recorded(product_id: ProductId, position: int, body: str) -> RecordedMovement:
    warehouse_id, delta, reason, reference, at = msgspec.json.decode(body)
    movement = Movement(product_id, WarehouseId(warehouse_id), delta, reason, reference)
    return RecordedMovement(position, movement, from_text(at))

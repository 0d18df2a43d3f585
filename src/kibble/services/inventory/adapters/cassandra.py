"""The stock ledger on Cassandra: an order's record decides, products' partitions follow.

The decision record "stock on Cassandra" has the protocol, and what others may see meanwhile.
"""

from __future__ import annotations

import asyncio
import uuid
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from kibble.kernel.errors import InvalidInput, KibbleError, Unavailable
from kibble.kernel.ids import OrderId, ProductId, WarehouseId, is_id
from kibble.kernel.paging import Page as ListPage
from kibble.kernel.paging import decode_cursor, encode_cursor, page_of
from kibble.platform.engines.cassandra import Session
from kibble.platform.engines.cassandra.consumer import Inbox, ParkedEvents
from kibble.platform.engines.cassandra.replies import Replies
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.messaging.log import ParkedEvent
from kibble.platform.persistence.changes import Changes, Save
from kibble.platform.persistence.store import InboxMark, StoredReply
from kibble.services.inventory.adapters.cassandra_intents import EXPIRED, SOLD_OUT, Intents
from kibble.services.inventory.adapters.cassandra_orders import (
    Record,
    Records,
    Reminder,
    Reminders,
)
from kibble.services.inventory.adapters.cassandra_outbox import CassandraOutbox
from kibble.services.inventory.adapters.cassandra_page import (
    Applied,
    Decision,
    Listing,
    SetLevels,
    copied,
)
from kibble.services.inventory.adapters.cassandra_products import Products
from kibble.services.inventory.adapters.cassandra_warehouses import PLACE, Warehouses
from kibble.services.inventory.errors import UnknownWarehouse
from kibble.services.inventory.model import (
    Book,
    Hold,
    HoldState,
    KnownProduct,
    Stock,
    Warehouse,
)
from kibble.services.inventory.repository import RecordedMovement, StockTotals

T = TypeVar("T")

MAX_ROUNDS = 20
LAST_POSITION = 2**62
FORGOTTEN_SECONDS = 600.0
"""How long a reminder waits for the record that it was written before."""


class CassandraStockLedger:
    """Implements ``StockLedger``, ``ServiceStore``, and has the ``outbox``."""

    def __init__(
        self,
        session: Session,
        envelopes: EnvelopeMaker,
        changed: Callable[[ProductId], object] = lambda _: None,
    ) -> None:
        """``changed`` is called with each product whose stock changed, and once that is told."""
        self._session = session
        self._clock = envelopes.clock
        self._ids = envelopes.ids
        self._intents = Intents(session, self._clock)
        self._products = Products(session, self._clock, self._intents, changed)
        self._records = Records(session, self._ids)
        self._reminders = Reminders(session, self._clock)
        self._warehouses = Warehouses(session, self._ids)
        self._replies = Replies(session, self._clock, self.read_mark)
        self._products.answer_with(self._replies)
        self._inbox = Inbox(session)
        self._parked = ParkedEvents(session, self._ids)
        self.outbox = CassandraOutbox(
            session, envelopes, self._intents, self._records, owner=self._ids.new(), changed=changed
        )

    async def totals(self) -> StockTotals:
        """See ``StockLedger.totals``."""
        return await self._products.totals()

    async def open(self) -> None:
        """Note where reminders and intents begin; call it once the tables are there."""
        await self._reminders.open()
        await self.outbox.open()

    async def change(
        self,
        decide: Callable[[Book], T],
        *,
        order_id: OrderId | None = None,
        product_ids: Sequence[ProductId] = (),
        seal: Callable[[T], StoredReply | None] | None = None,
    ) -> T:
        """See ``StockLedger.change``.

        What is decided on one product is written at once. What is decided for an order is written
        to its record, and then to its products; on several products without an order, product by
        product: there, ``decide`` must set, not add. An answer to keep is in the write of the one
        product, or follows the others.
        """
        products = list(dict.fromkeys(product_ids))
        if order_id is None and len(products) == 1:
            return await self._change_product(decide, products[0], seal)
        if order_id is not None and is_id(order_id):
            value = await self._change_order(decide, order_id, products)
        else:
            value = await self._change_products(decide, order_id, products)
        if seal and (reply := seal(value)):
            await self._replies.keep(reply)
        return value

    async def _change_product(
        self,
        decide: Callable[[Book], T],
        product_id: ProductId,
        seal: Callable[[T], StoredReply | None] | None,
    ) -> T:
        new = self._ids.new()
        key, attempt = uuid.UUID(new), zlib.crc32(new.encode()) >> 1

        async def run() -> T:
            priorities = await self._warehouses.priorities()
            effect = Decision(decide, priorities, seal, key, attempt)
            value: T = await self._products.apply(product_id, effect)
            return value

        try:
            return await run()
        except UnknownWarehouse:
            self._warehouses.forget()
            return await run()

    async def _change_products(
        self, decide: Callable[[Book], T], order_id: OrderId | None, product_ids: list[ProductId]
    ) -> T:
        """Change several products, each on condition that it is as the decision saw it."""
        for _ in range(MAX_ROUNDS):
            stocks = await self._look(product_ids)
            book = await self._book(stocks, None)
            try:
                value = decide(book)
            except UnknownWarehouse:
                self._warehouses.forget()
                value = decide(await self._book(stocks, None))
                continue
            if order_id is not None and book.hold_changed:
                raise InvalidInput.at("/orderId", "must be an id")
            if await self._set_levels(book, stocks):
                return value
        raise Unavailable("Too many others are changing these products at the same moment.")

    async def _set_levels(self, book: Book, before: dict[ProductId, Stock]) -> bool:
        new = self._ids.new()
        applied = await asyncio.gather(
            *(
                self._products.apply(
                    product_id,
                    SetLevels(
                        uuid.UUID(new),
                        before[product_id].version,
                        book.stocks[product_id],
                        [m for m in book.movements if m.product_id == product_id],
                    ),
                )
                for product_id in book.changed
            )
        )
        return all(outcome is Applied.DONE for outcome in applied)

    async def _change_order(
        self, decide: Callable[[Book], T], order_id: OrderId, product_ids: list[ProductId]
    ) -> T:
        if product_ids and (new := await self._change_new_order(decide, order_id, product_ids)):
            return new[0]
        for _ in range(MAX_ROUNDS):
            record, stocks = await self._settled(order_id, product_ids)
            book = await self._book(stocks, record.hold if record else None)
            value = decide(book)
            if book.sold_out and record is not None:
                statement = self._intents.of_order(order_id, SOLD_OUT, record.version)
                await self._session.write(statement)
                self._intents.grown.set()
            if book.hold is None or not book.hold_changed:
                return value
            reason = book.movements[0].reason if book.movements else ""
            if await self._carry_out(record, book.hold, reason):
                return value
        raise Unavailable("Too many others are changing this order at the same moment.")

    async def _change_new_order(
        self, decide: Callable[[Book], T], order_id: OrderId, product_ids: Sequence[ProductId]
    ) -> tuple[T] | None:
        """Change an order that most likely has no record yet, without a look; None if that fails.

        The record is written on condition that there is none.
        """
        stocks = await asyncio.gather(*map(self._products.glance, product_ids))
        book = await self._book({s.product_id: s for s in stocks if s is not None}, None)
        try:
            value = decide(book)
        except KibbleError:
            return None
        if book.hold is None or not await self._carry_out(None, book.hold, ""):
            return None
        return (value,)

    async def _settled(
        self, order_id: OrderId, product_ids: Sequence[ProductId]
    ) -> tuple[Record | None, dict[ProductId, Stock]]:
        """Return an order's record and the stock of its products; finish first what was begun."""
        for _ in range(MAX_ROUNDS):
            record, stocks = await asyncio.gather(
                self._records.load(order_id), self._look(product_ids)
            )
            if record is None or (hold := record.hold) is None:
                if record is None or not record.is_open:
                    return record, stocks
            else:
                more = {take.product_id for take in hold.takes} - stocks.keys()
                stocks |= await self._look(sorted(more))
            if await self._is_complete(record):
                return record, stocks
            await self._bring(record)
        raise Unavailable("The order's earlier change cannot be finished.")

    async def _is_complete(self, record: Record) -> bool:
        """Tell whether all products have what the record's version does to them."""
        if not record.is_open:
            return True
        if not record.is_taking:
            return not record.effects()
        key = uuid.UUID(record.order_id)
        pages = await asyncio.gather(
            *(self._products.read(product_id, [key]) for product_id, _ in record.effects())
        )
        return all(page.holds_of(key) for page in pages)

    async def _carry_out(self, record: Record | None, hold: Hold, reason: str) -> bool:
        """Write the order's next version and bring it to its products.

        False when somebody else was first, when a product refused, or when more is to be done: a
        hold that is gone is taken anew before it is deducted.
        """
        before = record.hold.state if record and record.hold else None
        retake = hold.state is HoldState.DEDUCTED and before is not HoldState.HELD
        following = self._records.following(
            record, replace(hold, state=HoldState.HELD) if retake else hold, reason
        )
        born = 0 if record else self._products.tick()
        began = self._clock.monotonic()
        expires = hold.state is HoldState.EXPIRED
        if before is not HoldState.HELD or following.is_taking:
            await self._reminders.add(hold.order_id, following.due)
        if expires:
            await self._session.write(
                self._intents.of_order(hold.order_id, EXPIRED, following.version)
            )
        if not await self._records.advance(following):
            return False
        if expires:
            await self._intents.confirm_order(hold.order_id, EXPIRED, following.version, began)
        return await self._bring(following, born) and not retake

    async def _bring(self, record: Record, born: int = 0) -> bool:
        """Bring a record's version to its products; False when one refused, or it is outdated."""
        effects = record.effects(born)
        if record.is_taking:
            for product_id, effect in effects:
                applied = await self._products.apply(product_id, effect)
                if applied is Applied.REFUSED:
                    await self._give_back(record)
                if applied is not Applied.DONE:
                    return False
            return True
        await asyncio.gather(*(self._products.apply(p, effect) for p, effect in effects))
        await self._session.write(
            self._records.closing(record),
            self._reminders.removing_of(record.order_id, record.due),
        )
        return True

    async def _give_back(self, record: Record) -> None:
        """Give back what a hold took that cannot be whole."""
        hold = record.body.held.hold(record.order_id)
        refused = self._records.following(record, hold, "", refused=True)
        if await self._records.advance(refused):
            await self._bring(refused)

    async def _book(self, stocks: dict[ProductId, Stock], hold: Hold | None) -> Book:
        places = {place for stock in stocks.values() for place in stock.levels}
        priorities = await self._warehouses.priorities(places)
        return Book({p: copied(stock) for p, stock in stocks.items()}, priorities, hold)

    async def _look(self, product_ids: Iterable[ProductId]) -> dict[ProductId, Stock]:
        wanted = list(product_ids)
        stocks = await asyncio.gather(*map(self._products.look, wanted))
        return {p: stock for p, stock in zip(wanted, stocks, strict=True) if stock is not None}

    # Queries.

    async def stock(self, product_ids: Sequence[ProductId]) -> dict[ProductId, Stock]:
        """See ``StockLedger.stock``."""
        found = await self._look(dict.fromkeys(product_ids))
        return {product_id: stock for product_id, stock in found.items() if stock.listed}

    async def expired_orders(self, now: datetime, limit: int) -> list[OrderId]:
        """See ``StockLedger.expired_orders``. Changes that were left half done are found too."""
        reminders = await self._reminders.due(now, limit)
        records = await asyncio.gather(*(self._records.load(r.order_id) for r in reminders))
        expired: dict[OrderId, None] = {}
        over: list[Reminder] = []
        for reminder, record in zip(reminders, records, strict=True):
            if record is None:
                if self._is_forgotten(reminder, now):
                    over.append(reminder)
            elif _needs_work(record, now):
                expired[reminder.order_id] = None
            else:
                over.append(reminder)
        if over:
            await self._session.write(*map(self._reminders.removing, over))
        return list(expired)

    def _is_forgotten(self, reminder: Reminder, now: datetime) -> bool:
        return (now - reminder.at).total_seconds() > FORGOTTEN_SECONDS

    async def movements(
        self, product_id: ProductId, limit: int, cursor: str | None
    ) -> ListPage[RecordedMovement]:
        """See ``StockLedger.movements``."""
        before = int(decode_cursor(cursor, int)[0]) if cursor else LAST_POSITION
        recorded = await self._products.movements(product_id, before, limit + 1)
        return page_of(recorded, limit, lambda last: encode_cursor(last.position))

    async def warehouses(self) -> list[Warehouse]:
        """See ``StockLedger.warehouses``."""
        return await self._warehouses.all()

    async def warehouse(self, warehouse_id: WarehouseId) -> Warehouse | None:
        """See ``StockLedger.warehouse``."""
        return await self._warehouses.find(warehouse_id)

    # The store.

    async def commit(
        self,
        changes: Changes,
        *,
        reply: StoredReply | None = None,
        inbox: InboxMark | None = None,
    ) -> None:
        """See ``Store.commit``. A warehouse's answer is in its write; the inbox mark follows.

        What Inventory learns of products may be learnt twice.
        """
        if inbox and changes.saves:
            await self._inbox.check(inbox)
        for save in changes.saves:
            reply = await self._save(save, reply)
        if reply is not None:
            await self._replies.keep(reply)
        if inbox:
            await self._inbox.mark(inbox)

    async def _save(self, save: Save, reply: StoredReply | None) -> StoredReply | None:
        """Write one aggregate; return the answer that is still to be kept."""
        aggregate = save.aggregate
        if isinstance(aggregate, Warehouse):
            await self._warehouses.save(aggregate, save.expected_version, reply, self._replies)
            return None
        if not isinstance(aggregate, KnownProduct):
            raise TypeError(f"Inventory does not keep a {type(aggregate).__name__}")
        if not is_id(aggregate.product_id):
            raise InvalidInput.at("/productId", "must be an id")
        effect = Listing(uuid.UUID(self._ids.new()), aggregate.listed)
        await self._products.apply(aggregate.product_id, effect)
        return reply

    async def read_mark(self, place: str, key: uuid.UUID) -> int | None:
        """Return which attempt a product, or the warehouses, have of an idempotency key."""
        if place == PLACE:
            return await self._warehouses.mark(key)
        return await self._products.mark(place, key)

    async def find_reply(self, key: str) -> StoredReply | None:
        """See ``Store.find_reply``."""
        return await self._replies.find(key)

    async def prune(self, before: str) -> None:
        """See ``ServiceStore.prune``: here every record forgets itself when its time has come."""

    async def park(self, event: ParkedEvent) -> None:
        """See ``ConsumerStore.park``."""
        await self._parked.park(event)

    async def parked(
        self, consumer: str | None = None, status: str | None = None
    ) -> list[ParkedEvent]:
        """See ``ConsumerStore.parked``."""
        return await self._parked.parked(consumer, status)

    async def unpark(self, consumer: str, event_id: str) -> bool:
        """See ``ConsumerStore.unpark``."""
        return await self._parked.unpark(consumer, event_id)


def _needs_work(record: Record, now: datetime) -> bool:
    """Tell whether a hold is over and not given back, or a change is not in all products."""
    if record.is_taking:
        return record.due <= now
    return record.is_open and bool(record.effects())

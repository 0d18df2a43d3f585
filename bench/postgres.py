"""PostgreSQL: orders committed and events relayed a second, and what they cost this process.

::

    KIBBLE_POSTGRES_URL=postgresql://... .venv/bin/python -m bench.postgres [SECONDS]

32 buyers place orders of two lines through Order's store, one after another each: the order, its
lines, its timeline, its intent's removal, the kept answer and ``order.placed``, in one statement.
Then a relay brings all their events to a publisher that only counts. The schema is dropped.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Sequence

from kibble.kernel.ids import CustomerId, OrderId, ProductId
from kibble.kernel.money import Money
from kibble.platform.clock import SystemClock, Uuid7Ids, system_randomness
from kibble.platform.config import read_settings
from kibble.platform.engines.postgres import ensure_partitions, open_postgres
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.messaging.log import OutboxEvent
from kibble.platform.messaging.relay import Relay
from kibble.platform.persistence.changes import Changes
from kibble.platform.persistence.store import StoredReply
from kibble.services.order import adapters
from kibble.services.order.adapters.postgres import PARTED, PostgresOrderStore
from kibble.services.order.model.order import Charges, Intent, Order, OrderLine
from kibble.services.order.service.announce import placed

BUYERS = 32
BODY = b"x" * 800


class Counter:
    """A broker that takes everything at once."""

    def __init__(self) -> None:
        self.events = 0

    async def publish(self, events: Sequence[OutboxEvent]) -> None:
        """Count."""
        self.events += len(events)


class Buyer:
    """Places one order after another."""

    def __init__(self, store: PostgresOrderStore, clock: SystemClock, ids: Uuid7Ids) -> None:
        self._store, self._clock, self._ids = store, clock, ids

    async def buy(self, until: float) -> int:
        """Return how many orders were committed by ``until``."""
        count = 0
        while time.perf_counter() < until:
            await self._place()
            count += 1
        return count

    async def _place(self) -> None:
        now = self._clock.now()
        intent = Intent(OrderId(self._ids.new()), self._ids.new(), now)
        changes = Changes()
        changes.save(intent)
        await self._store.commit(changes)
        order = self._order(intent.order_id)
        changes = Changes()
        changes.save(order)
        changes.publish(placed(order), order.version)
        changes.remove(intent)
        reply = StoredReply(f"buyer\nPOST\n{intent.key}", "f", 201, {}, BODY)
        await self._store.commit(changes, reply=reply)

    def _order(self, order_id: OrderId) -> Order:
        now = self._clock.now()
        new = self._ids.new
        order = Order(
            order_id=order_id,
            customer_id=CustomerId(new()),
            email=None,
            lines=tuple(
                OrderLine(new(), ProductId(new()), 1, Money(2_999), "Kibble", 1_500)
                for _ in range(2)
            ),
            charges=Charges(Money(5_998), Money(0), Money(500), Money(532)),
            shipping_address={"street": "123 Main St", "city": "Boston", "state": "MA"},
            shipping_method="standard",
            payment_method="CreditCard",
            promotion_code=None,
            cart_id=None,
            allocations=(),
            hold_expires_at=now,
            created_at=now,
            updated_at=now,
        )
        order.place(now)
        return order


async def main(seconds: float) -> None:
    """Measure and print."""
    clock = SystemClock()
    ids = Uuid7Ids(clock, system_randomness())
    settings = read_settings({**os.environ, "KIBBLE_NAMESPACE": f"bench_{os.getpid()}"})
    postgres = await open_postgres(settings, "order", adapters.__name__)
    await ensure_partitions(postgres, PARTED, clock.now())
    store = PostgresOrderStore(postgres, EnvelopeMaker("order", clock, ids))
    try:
        await Buyer(store, clock, ids).buy(time.perf_counter() + 0.5)  # plans and connections
        for title, buyers in ((f"{BUYERS} in flight", BUYERS), ("1 in flight", 1)):
            began, cpu = time.perf_counter(), time.process_time()
            until = began + seconds
            counts = await asyncio.gather(
                *(Buyer(store, clock, ids).buy(until) for _ in range(buyers))
            )
            orders, took = sum(counts), time.perf_counter() - began
            used = (time.process_time() - cpu) / orders
            print(f"orders, {title}: {orders / took:,.0f}/s, {used * 1e6:,.0f} us CPU of Python")
        counter = Counter()
        relay = Relay(store, counter, clock)
        began, cpu = time.perf_counter(), time.process_time()
        while await relay.step():
            pass
        took, used = time.perf_counter() - began, time.process_time() - cpu
        rate, each = counter.events / took, used / counter.events * 1e6
        print(f"relay, {counter.events} events: {rate:,.0f}/s, {each:,.0f} us CPU of Python")
    finally:
        await postgres.run(f'DROP SCHEMA "{postgres.schema}" CASCADE', [])
        await store.close()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else 6.0))

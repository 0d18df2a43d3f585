"""Autoship at scale: a million schedules on one machine, in the store of the embedded profile.

::

    .venv/bin/python -m bench.autoship [--quick] [--folder FOLDER]

Subscriptions of three lines are spread over four weeks. Measured: what the scan for due ones costs
when none is due and when a batch is; how much memory the process takes; and how many reminders and
orders a second one process brings about, with neighbours in memory that answer at once: what the
scheduler and the store cost, without HTTP. ``--quick`` takes a hundred thousand. Each rate stops
after ``SECONDS``, and the folder is removed.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median

from kibble.contracts.address import Address
from kibble.contracts.inventory import Demand, Reservation, Shortage
from kibble.contracts.product import Quote
from kibble.contracts.shipping import ShippingOption, WeighedItem
from kibble.kernel.ids import CustomerId, OrderId, ProductId, SubscriptionId
from kibble.kernel.money import Money
from kibble.platform.clock import SystemClock, Uuid7Ids, system_randomness
from kibble.platform.persistence.changes import Changes
from kibble.platform.tasks import Worker
from kibble.services.order.adapters.sqlite import SqliteOrderStore
from kibble.services.order.model.cadence import Cadence, Unit
from kibble.services.order.model.cycle import REMIND_BEFORE, Item
from kibble.services.order.model.subscription import Subscription
from kibble.services.order.wiring import build_embedded

WHOLE, QUICK = 1_000_000, 100_000
BATCH = 5_000
LINES = 3
SECONDS = 10.0
REMINDERS = "SELECT count(*) FROM outbox WHERE topic = 'notification_events'"
ORDERS = "SELECT count(*) FROM orders"
PRICE = Money(2_999)
ZONE = "America/New_York"
FIRST = date(2027, 3, 1)
START = datetime(2027, 2, 1, tzinfo=UTC)


class MovableClock(SystemClock):
    """The system's clock, but for the date."""

    def __init__(self) -> None:
        self.moment = START

    def now(self) -> datetime:
        """See ``Clock.now``."""
        return self.moment


class Neighbours:
    """Product, Inventory, Payment, Shipping and Customer, who say yes at once."""

    def __init__(self, products: Sequence[ProductId]) -> None:
        self._quotes = {
            product: Quote(
                product_id=product,
                name="Kibble",
                price=PRICE.minor,
                currency="USD",
                weight_grams=1_000,
                components=[],
            )
            for product in products
        }
        self._address = Address(street="1 Home St", city="Albany", state="NY", zip_code="12207")

    async def quotes(
        self, product_ids: Sequence[ProductId], *, fresh: bool = False
    ) -> dict[ProductId, Quote]:
        """See ``Catalogue.quotes``."""
        return {product: self._quotes[product] for product in product_ids}

    async def reserve(
        self, order_id: OrderId, demands: Sequence[Demand], expires_at: datetime
    ) -> Reservation | list[Shortage]:
        """See ``StockHolder.reserve``."""
        return Reservation(order_id=order_id, expires_at=expires_at, allocations=[])

    async def release(self, order_id: OrderId) -> None:
        """See ``StockHolder.release``."""

    async def available(self, product_ids: Sequence[ProductId]) -> dict[ProductId, int]:
        """See ``StockHolder.available``."""
        return dict.fromkeys(product_ids, 999)

    async def prepare(
        self,
        order_id: OrderId,
        customer_id: CustomerId | None,
        amount: Money,
        method: str,
        token: str | None,
        *,
        off_session: bool = False,
    ) -> None:
        """See ``Cashier.prepare``."""

    async def quote(
        self,
        method: str,
        address: Address,
        weight_grams: int,
        items: Sequence[WeighedItem] = (),
    ) -> ShippingOption | None:
        """See ``ShippingDesk.quote``."""
        return None

    async def address(self, customer_id: CustomerId) -> Address | None:
        """See ``AddressBook.address``."""
        return self._address

    def for_order(self, order_id: OrderId) -> str:
        """See ``GuestTokens.for_order``."""
        return order_id


def megabytes() -> float:
    """Return the most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def a_subscription(ids: Uuid7Ids, products: Sequence[ProductId], number: int) -> Subscription:
    """Return a subscription whose next order is within the four weeks."""
    day = FIRST + timedelta(days=number % 28)
    return Subscription(
        subscription_id=SubscriptionId(ids.new()),
        customer_id=CustomerId(ids.new()),
        name=None,
        items=[
            Item(ids.new(), products[n], 1, Cadence(4, Unit.WEEK), day, day, PRICE, PRICE)
            for n in range(LINES)
        ],
        time_zone=ZONE,
        address=None,
        shipping_method=None,
        payment_method="CreditCard",
        payment_token="tok_saved",  # noqa: S106 - nobody's
        created_at=START,
        updated_at=START,
    )


async def fill(
    store: SqliteOrderStore, ids: Uuid7Ids, products: Sequence[ProductId], count: int
) -> float:
    """Start ``count`` subscriptions; return how many a second."""
    began = time.perf_counter()
    for first in range(0, count, BATCH):
        changes = Changes()
        for number in range(first, min(first + BATCH, count)):
            changes.save(a_subscription(ids, products, number))
        await store.commit(changes)
    return count / (time.perf_counter() - began)


async def scan_milliseconds(store: SqliteOrderStore, moment: datetime, limit: int) -> float:
    """Return what a look for due subscriptions costs, the middle of 50."""
    taken = []
    for _ in range(50):
        began = time.perf_counter()
        await store.due_subscriptions(moment, limit)
        taken.append(time.perf_counter() - began)
    return median(taken) * 1_000


async def rate(
    store: SqliteOrderStore, worker: Worker[SubscriptionId], now: datetime, count: str
) -> float:
    """Work on what is due for a while, as the scheduler does; return how many a second.

    ``count`` is the query that counts what came of it.
    """
    before, began = _counted(store, count), time.perf_counter()
    task = asyncio.ensure_future(worker.run())
    while time.perf_counter() - began < SECONDS:
        for subscription_id in await store.due_subscriptions(now, 500):
            worker.submit(subscription_id)
        await asyncio.sleep(0.02)
    spent = time.perf_counter() - began
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return (_counted(store, count) - before) / spent


def _counted(store: SqliteOrderStore, query: str) -> int:
    row = store.database.read_one(query)
    return row[0] if row else 0


def megabytes_of(folder: Path) -> float:
    """Return how large Order's database is."""
    return sum(file.stat().st_size for file in folder.glob("order.db*")) / 2**20


async def measure(folder: Path, count: int) -> None:
    """Print the figures of ``count`` subscriptions."""
    clock = MovableClock()
    ids = Uuid7Ids(clock, system_randomness())
    products = [ProductId(ids.new()) for _ in range(LINES)]
    all_ = Neighbours(products)
    built = build_embedded(
        folder,
        clock,
        ids,
        catalogue=all_,
        stock=all_,
        cashier=all_,
        shipping=all_,
        addresses=all_,
        tokens=all_,
        currency="USD",
        default_shipping="standard",
        hold=timedelta(minutes=15),
    )
    store = built.store
    assert isinstance(store, SqliteOrderStore)
    (worker,) = (task for task in built.tasks if isinstance(task, Worker))
    before = megabytes()
    started = await fill(store, ids, products, count)
    size = f"{megabytes_of(folder):,.0f} MB on disk"
    print(f"{count:,} subscriptions of {LINES} lines: {started:,.0f} a second, {size}")
    print(f"memory: {before:,.0f} MB before, {megabytes():,.0f} MB after")
    print(f"look, nothing due: {await scan_milliseconds(store, clock.now(), 500):.3f} ms")
    due_at = datetime(2027, 3, 1, 11, tzinfo=UTC)
    clock.moment = due_at - REMIND_BEFORE
    print(f"look, a day is due: {await scan_milliseconds(store, clock.now(), 500):.3f} ms")
    print(f"reminders: {await rate(store, worker, clock.now(), REMINDERS):,.0f} a second")
    clock.moment = due_at
    print(f"set aside and placed: {await rate(store, worker, clock.now(), ORDERS):,.0f} a second")
    print(f"memory: {megabytes():,.0f} MB at most")
    store.close()


def main(arguments: Sequence[str]) -> int:
    """Measure in a folder that is removed; return 0."""
    count = QUICK if "--quick" in arguments else WHOLE
    place = arguments[arguments.index("--folder") + 1] if "--folder" in arguments else None
    with tempfile.TemporaryDirectory(prefix="kibble-autoship-", dir=place) as folder:
        asyncio.run(measure(Path(folder), count))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

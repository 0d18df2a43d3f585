"""Order as a whole, with its neighbours doubled: through HTTP and events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from kibble.contracts.address import Address
from kibble.contracts.inventory import Allocation, Demand, Reservation, Shortage
from kibble.contracts.payment import PaymentFailed, PaymentProcessed, PaymentRefunded
from kibble.contracts.product import Component, Quote
from kibble.contracts.shipping import ShippingOption, WeighedItem
from kibble.kernel.errors import Conflict, Unavailable
from kibble.kernel.ids import CustomerId, OrderId, PaymentId, ProductId, WarehouseId
from kibble.kernel.money import Money
from kibble.platform.messaging.consumer import Consumer
from kibble.platform.messaging.envelope import EnvelopeMaker, open_envelope
from kibble.platform.messaging.event import Event
from kibble.platform.tasks import Worker
from kibble.services.order.wiring import build_embedded
from tests.fixtures.doubles import FakeClock, fake_ids
from tests.fixtures.http import Client

CUSTOMER = CustomerId("0193c1a0-0000-7000-8000-0000000000c1")
STRANGER = CustomerId("0193c1a0-0000-7000-8000-0000000000c2")
KIBBLE_BAG = ProductId("0193c1a0-0000-7000-8000-0000000000a1")
CHEW_TOY = ProductId("0193c1a0-0000-7000-8000-0000000000a2")
PUPPY_BOX = ProductId("0193c1a0-0000-7000-8000-0000000000a3")
DEPOT = WarehouseId("0193c1a0-0000-7000-8000-0000000000d1")
ADDRESS = {"street": "123 Main St", "city": "New York", "state": "NY", "zipCode": "10001"}
HOLD = timedelta(minutes=15)


class FakeCatalogue:
    """A bag of food, a toy, and a box of two toys and a bag; prices may go stale."""

    def __init__(self) -> None:
        self.stored = {
            KIBBLE_BAG: _quote(KIBBLE_BAG, "Salmon kibble", 2999),
            CHEW_TOY: _quote(CHEW_TOY, "Rope toy", 750),
            PUPPY_BOX: _quote(
                PUPPY_BOX,
                "Puppy box",
                4000,
                [
                    Component(product_id=KIBBLE_BAG, quantity=1),
                    Component(product_id=CHEW_TOY, quantity=2),
                ],
            ),
        }
        self.copy = dict(self.stored)
        self.is_away = False

    def reprice(self, product_id: ProductId, price: int, *, stale_copy: bool = False) -> None:
        self.stored[product_id] = _quote(product_id, self.stored[product_id].name, price)
        if not stale_copy:
            self.copy = dict(self.stored)

    async def quotes(
        self, product_ids: Sequence[ProductId], *, fresh: bool = False
    ) -> dict[ProductId, Quote]:
        if self.is_away:
            raise Unavailable("Product is away.")
        known = self.stored if fresh else self.copy
        return {product_id: known[product_id] for product_id in product_ids if product_id in known}


def _quote(
    product_id: ProductId, name: str, price: int, components: Sequence[Component] = ()
) -> Quote:
    return Quote(
        product_id=product_id,
        name=name,
        price=price,
        currency="USD",
        weight_grams=1000,
        components=list(components),
    )


class FakeStock:
    """So many units of each product, held all or none."""

    def __init__(self) -> None:
        self.left = {KIBBLE_BAG: 10, CHEW_TOY: 10}
        self.held: dict[OrderId, list[Demand]] = {}
        self.settled: set[OrderId] = set()
        self.is_away = False

    async def reserve(
        self, order_id: OrderId, demands: Sequence[Demand], expires_at: datetime
    ) -> Reservation | list[Shortage]:
        if self.is_away:
            raise Unavailable("Inventory is away.")
        if self.held.get(order_id, demands) != list(demands):
            raise Conflict("The order holds something else.")
        if order_id in self.settled:
            raise Conflict("The order's stock was settled before.")
        if order_id not in self.held:
            short = [
                Shortage(
                    product_id=d.product_id, requested=d.quantity, available=self.left[d.product_id]
                )
                for d in demands
                if self.left[d.product_id] < d.quantity
            ]
            if short:
                return short
            self.held[order_id] = list(demands)
            for demand in demands:
                self.left[demand.product_id] -= demand.quantity
        allocations = [
            Allocation(product_id=d.product_id, warehouse_id=DEPOT, quantity=d.quantity)
            for d in self.held[order_id]
        ]
        return Reservation(order_id=order_id, expires_at=expires_at, allocations=allocations)

    async def release(self, order_id: OrderId) -> None:
        for demand in self.held.pop(order_id, []):
            self.left[demand.product_id] += demand.quantity
            self.settled.add(order_id)

    async def available(self, product_ids: Sequence[ProductId]) -> dict[ProductId, int]:
        return {p: self.left[p] for p in product_ids if p in self.left}


class FakeCashier:
    """Remembers what it was handed."""

    def __init__(self) -> None:
        self.prepared: dict[OrderId, tuple[Money, str | None]] = {}
        self.off_session: set[OrderId] = set()
        self.is_away = False

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
        if self.is_away:
            raise Unavailable("Payment is away.")
        if off_session:
            self.off_session.add(order_id)
        self.prepared[order_id] = (amount, token)


class FakeShipping:
    """Goes everywhere for 4.95."""

    async def quote(
        self,
        method: str,
        address: Address,
        weight_grams: int,
        items: Sequence[WeighedItem] = (),
    ) -> ShippingOption | None:
        if method != "ups-ground":
            return None
        return ShippingOption(
            method=method,
            carrier="UPS",
            name="Ground",
            cost=495,
            currency="USD",
            estimated_delivery=FakeClock().now() + timedelta(days=3),
        )


class FakeAddresses:
    """Knows where customers live: all at one place, until they move."""

    def __init__(self) -> None:
        self.saved: Address | None = Address(
            street="1 Home St", city="Albany", state="NY", zip_code="12207"
        )

    async def address(self, customer_id: CustomerId) -> Address | None:
        return self.saved


class FakeTokens:
    """Names the order in the token."""

    def for_order(self, order_id: OrderId) -> str:
        return f"token of {order_id}"


class Shop:
    """Order over the files in a folder."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self.ids = fake_ids(self.clock)
        self.catalogue = FakeCatalogue()
        self.stock = FakeStock()
        self.cashier = FakeCashier()
        self.addresses = FakeAddresses()
        self.built = build_embedded(
            folder,
            self.clock,
            self.ids,
            catalogue=self.catalogue,
            stock=self.stock,
            cashier=self.cashier,
            shipping=FakeShipping(),
            addresses=self.addresses,
            tokens=FakeTokens(),
            currency="USD",
            default_shipping="standard",
            hold=HOLD,
        )
        self.consumer = Consumer("order", self.built.subscriptions, self.built.store, self.clock)
        self.web = Client(self.built.routes, self.clock)
        self._payment = EnvelopeMaker("payment", self.clock, self.ids)

    @property
    def customer(self) -> Client:
        """The customer, who has just signed in: weeks may pass in a test."""
        return self.web.as_customer(CUSTOMER)

    @property
    def staff(self) -> Client:
        """Staff, just signed in."""
        return self.web.with_scopes("orders:read", "orders:write", "catalog:write")

    async def placed(self, quantity: int = 2) -> dict[str, Any]:
        """Return an order of the customer's that was just placed."""
        answer = await self.customer.post("/api/orders", order_body(quantity=quantity))
        assert answer.status == 201, answer.body
        placed: dict[str, Any] = answer.json()
        return placed

    async def order(self, order_id: str) -> dict[str, Any]:
        """Return an order as its customer sees it."""
        shown: dict[str, Any] = (await self.customer.get(f"/api/orders/{order_id}")).json()
        return shown

    async def tell(self, event: Event, sequence: int = 1, times: int = 1) -> None:
        """Deliver an event, the same one so many times."""
        _, body = self._payment.make(event, sequence)
        for _ in range(times):
            await self.consumer.receive(body, event.topic)

    async def pay(self, order: dict[str, Any], times: int = 1) -> None:
        """Tell that an order's money is in."""
        event = PaymentProcessed(
            payment_id=PaymentId(self.ids.new()),
            order_id=order["id"],
            amount=round(order["amountDue"] * 100),
            currency="USD",
        )
        await self.tell(event, times=times)

    async def decline(self, order: dict[str, Any], payment_id: str | None = None) -> str:
        """Tell that a payment failed; return its id."""
        payment_id = payment_id or self.ids.new()
        event = PaymentFailed(
            payment_id=PaymentId(payment_id),
            order_id=order["id"],
            amount=round(order["amountDue"] * 100),
            currency="USD",
            code="card_declined",
            message="Your card was declined.",
        )
        await self.tell(event)
        return payment_id

    async def refund(self, order: dict[str, Any], refunded: int, times: int = 1) -> None:
        """Tell that so many cents of an order went back."""
        event = PaymentRefunded(
            payment_id=PaymentId(self.ids.new()),
            order_id=order["id"],
            amount=refunded,
            currency="USD",
            refund_id=self.ids.new(),
            refunded_total=refunded,
            paid_total=round(order["amountDue"] * 100),
        )
        await self.tell(event, times=times)

    async def subscribe(self, **fields: object) -> dict[str, Any]:
        """Return a subscription of the customer's that was just started."""
        answer = await self.customer.post("/api/subscriptions", subscription_body(**fields))
        assert answer.status == 201, answer.body
        started: dict[str, Any] = answer.json()
        return started

    async def subscription(self, subscription_id: str) -> dict[str, Any]:
        """Return a subscription as its customer sees it."""
        url = f"/api/subscriptions/{subscription_id}"
        shown: dict[str, Any] = (await self.customer.get(url)).json()
        return shown

    async def do(self, subscription_id: str, what: str, **fields: object) -> dict[str, Any]:
        """Do something with a subscription; return what it is then."""
        url = f"/api/subscriptions/{subscription_id}/{what}"
        answer = await self.customer.post(url, fields or None)
        assert answer.status == 200, answer.body
        shown: dict[str, Any] = answer.json()
        return shown

    async def autoship(self, **later: float) -> None:
        """Let time pass, then do all that is due for subscriptions."""
        self.clock.advance(timedelta(**later).total_seconds())
        for task in self.built.tasks:
            if isinstance(task, Worker):
                await task.drain()

    async def orders(self) -> list[dict[str, Any]]:
        """Return the customer's orders, newest first."""
        listed: list[dict[str, Any]] = (await self.customer.get("/api/orders")).json()
        return listed

    def published(self, topic: str = "order_events") -> list[str]:
        """Return the types of what Order has published on a topic, in order."""
        return [entry.type for entry in self.built.store.read_log(topic, 0, 1000)]

    def messages(self) -> list[str]:
        """Return the kinds of message that customers were to get, in order."""
        entries = self.built.store.read_log("notification_events", 0, 1000)
        return [_kind(entry.envelope) for entry in entries]

    def close(self) -> None:
        self.built.store.close()


def _kind(envelope: bytes) -> str:
    data = msgspec.json.decode(open_envelope(envelope).data)
    kind: str = data["kind"]
    return kind


def order_body(
    *,
    user_id: str = CUSTOMER,
    quantity: object = 2,
    price: object = 29.99,
    total: object = None,
    product_id: str = KIBBLE_BAG,
    **changes: object,
) -> dict[str, object]:
    """Return the body of an order that may be placed, with what a test changes."""
    if total is None and isinstance(quantity, int) and isinstance(price, float):
        total = round(quantity * price, 2)
    body: dict[str, object] = {
        "userId": user_id,
        "items": [{"productId": product_id, "quantity": quantity, "price": price}],
        "totalAmount": total,
        "shippingAddress": ADDRESS,
        "paymentMethod": "CreditCard",
    }
    return body | changes


def subscription_body(**changes: object) -> dict[str, object]:
    """Return the body of a subscription that may be started, with what a test changes."""
    body: dict[str, object] = {
        "userId": CUSTOMER,
        "items": [{"productId": KIBBLE_BAG, "quantity": 2}],
        "interval": {"every": 4, "unit": "week"},
        "paymentMethod": "CreditCard",
        "paymentToken": "tok_saved",
    }
    return body | changes

"""What happens to a placed order: reads, what people do, what other services tell."""

from __future__ import annotations

from collections.abc import Callable

from kibble.contracts.customer import CustomerErased
from kibble.contracts.inventory import ReservationExpired
from kibble.contracts.order import OrderCancelled, OrderReturned, OrderUpdated
from kibble.contracts.payment import (
    PaymentFailed,
    PaymentProcessed,
    PaymentRefunded,
    RefundInitiated,
)
from kibble.contracts.shipping import ShipmentCreated, ShipmentDelivered, ShipmentUpdated
from kibble.kernel.clock import Clock
from kibble.kernel.errors import Conflict
from kibble.kernel.ids import OrderId
from kibble.kernel.money import Money
from kibble.kernel.paging import Page
from kibble.platform.messaging.handler import Received
from kibble.platform.persistence.changes import Changes, Outcome, unchanged
from kibble.services.order.errors import UnknownOrder
from kibble.services.order.model.erasure import Trail
from kibble.services.order.model.order import (
    BY_STAFF,
    ORDERS,
    STAFF_NOTE,
    Entry,
    Order,
    OrderStatus,
    Parcel,
    said,
)
from kibble.services.order.model.search import OrderFilter
from kibble.services.order.repository.carts import CartRepository
from kibble.services.order.repository.orders import OrderRepository
from kibble.services.order.repository.promotions import PromotionRepository
from kibble.services.order.repository.subscriptions import SubscriptionRepository
from kibble.services.order.service.announce import allocations, confirmed, notification
from kibble.services.order.service.following import Following

MOVING = frozenset({"IN_TRANSIT", "OUT_FOR_DELIVERY", "DELIVERED"})
"""The statuses of a parcel that is with the carrier, or was."""


class OrderService:
    """Follows an order from its payment to its end."""

    def __init__(
        self,
        orders: OrderRepository,
        carts: CartRepository,
        promotions: PromotionRepository,
        subscriptions: SubscriptionRepository,
        clock: Clock,
    ) -> None:
        self._following = Following(subscriptions, clock)
        self._subscriptions = subscriptions
        self._orders = orders
        self._carts = carts
        self._promotions = promotions
        self._clock = clock

    async def order(self, order_id: OrderId) -> Order:
        """Return an order; raises ``UnknownOrder``."""
        order = await self._orders.order(order_id)
        if order is None:
            raise UnknownOrder(order_id)
        return order

    async def history(self, wanted: OrderFilter, limit: int, cursor: str | None) -> Page[Order]:
        """Return orders; see ``OrderRepository.orders``."""
        return await self._orders.orders(wanted, limit, cursor)

    async def timeline(self, order_id: OrderId, *, notes: bool) -> list[Entry]:
        """Return an order's timeline, oldest first; the notes of staff only when asked for."""
        entries = await self._orders.timeline(order_id)
        return [entry for entry in entries if notes or entry.type != STAFF_NOTE]

    # What people do.

    async def cancel(self, order_id: OrderId, reason: str | None) -> Outcome[Order]:
        """Cancel an order that has not shipped; a paid one is refunded. Raises ``Conflict``."""
        order = await self.order(order_id)
        order.cancel(reason, self._clock.now())
        return await self._followed(self._cancelled(order, reason))

    async def send_back(self, order_id: OrderId, reason: str | None) -> Outcome[Order]:
        """Take a delivered order back and refund it; raises ``Conflict``."""
        order = await self.order(order_id)
        order.send_back(reason, self._clock.now())
        changes = Changes()
        changes.save(order)
        event = OrderReturned(
            order_id=order.order_id,
            customer_id=order.customer_id,
            reason=reason or "",
            allocations=allocations(order),
        )
        changes.publish(event, order.version)
        changes.publish(notification(order, "order_returned"), 1)
        return Outcome(order, changes)

    async def set_status(
        self, order_id: OrderId, status: str, check_version: Callable[[int], None]
    ) -> Outcome[Order]:
        """Let staff set SHIPPED, DELIVERED or CANCELLED.

        Raises ``Conflict`` for any other status, and what ``check_version`` raises.
        """
        order = await self.order(order_id)
        check_version(order.version)
        target = next((allowed for allowed in BY_STAFF if allowed.value == status), None)
        if target is None:
            raise Conflict(
                f"An order cannot be set to {status}.",
                code="illegal-move",
                details={"currentStatus": order.status.value},
            )
        ORDERS.move(order.status, target)
        now = self._clock.now()
        if target is OrderStatus.CANCELLED:
            order.cancel("cancelled by the shop", now)
            return await self._followed(self._cancelled(order, "cancelled by the shop"))
        if target is OrderStatus.SHIPPED:
            order.ship(now)
            return self._told(order, "order_shipped")
        order.deliver(now)
        return self._told(order, "order_delivered")

    async def remark(self, order_id: OrderId, text: str, by: str) -> Outcome[Entry]:
        """Write a note on an order that staff alone see."""
        order = await self.order(order_id)
        entry = order.remark(text, by, self._clock.now())
        return Outcome(entry, self._saved(order).changes)

    # What other services tell.

    async def confirm(self, event: PaymentProcessed, received: Received) -> Outcome[None]:
        """The money is in: confirm, and have the order shipped and the customer told."""
        outcome = self._confirm(await self.order(event.order_id), event)
        if outcome.changes:
            await self._following.paid(outcome.value, outcome.changes)
        return Outcome(None, outcome.changes)

    def _confirm(self, order: Order, event: PaymentProcessed) -> Outcome[Order]:
        if not order.pay(event.payment_id, self._clock.now()):
            return self._saved(order) if order.entries else unchanged(order)
        changes = Changes()
        changes.save(order)
        changes.publish(confirmed(order), order.version)
        changes.publish(notification(order, "order_confirmed"), 1)
        return Outcome(order, changes)

    async def fail_payment(self, event: PaymentFailed, received: Received) -> Outcome[None]:
        """A payment failed: the order waits for another until its hold expires.

        That of a subscription is tried again, and its customer is told when.
        """
        order = await self.order(event.order_id)
        now = self._clock.now()
        if not order.fail_payment(event.payment_id, event.code, event.message, now):
            return unchanged(None)
        changes = self._updated(order)
        if not await self._following.not_paid(order, event.message, changes):
            changes.publish(notification(order, "payment_failed", reason=event.message), 1)
        return Outcome(None, changes)

    async def start_refund(self, event: RefundInitiated, received: Received) -> Outcome[None]:
        """A refund is on its way; the timeline knows the one that was heard of before."""
        order = await self.order(event.order_id)
        for entry in await self._orders.timeline(event.order_id):
            if entry.details.get("refundId") == event.refund_id:
                return unchanged(None)
        amount = Money(event.amount, event.currency)
        order.start_refund(event.refund_id, amount, self._clock.now())
        return Outcome(None, self._saved(order).changes)

    async def refund(self, event: PaymentRefunded, received: Received) -> Outcome[None]:
        """Money went back to the customer: all of it, before the order left, calls it off."""

        def decide(order: Order) -> Outcome[Order]:
            waits = order.status is OrderStatus.CONFIRMED
            refunded = Money(event.refunded_total, event.currency)
            paid = Money(event.paid_total, event.currency)
            if not order.refund(event.refund_id, refunded, paid, self._clock.now()):
                return unchanged(order)
            amount = str(Money(event.amount, event.currency).decimal)
            told = self._told(order, "order_refunded", key=event.refund_id, refunded=amount)
            if waits and order.status is OrderStatus.REFUNDED:
                told.changes.publish(_called_off(order, "refunded"), order.version)
            return told

        return await self._on_order(event.order_id, decide)

    async def expire(self, event: ReservationExpired, received: Received) -> Outcome[None]:
        """The stock hold is gone: an order that was not paid is cancelled.

        A hold may outlive the attempt to place its order. Raises ``UnknownOrder`` while the order
        may still be placed; the intent is read first, for it goes when the order comes.
        """
        intended = await self._orders.is_intended(event.order_id)
        order = await self._orders.order(event.order_id)
        if order is None and intended:
            raise UnknownOrder(event.order_id)
        if order is None or not order.expire(self._clock.now(), sold_out=event.sold_out):
            return unchanged(None)
        reason = str(order.entries[-1].details["reason"])
        if order.subscription_id is None or event.sold_out:
            return Outcome(None, self._cancelled(order, reason).changes)
        changes = self._cancelled(order, reason, told=False).changes
        await self._following.not_paid(order, "It was not paid in time.", changes)
        return Outcome(None, changes)

    async def track(
        self, event: ShipmentCreated | ShipmentUpdated | ShipmentDelivered, received: Received
    ) -> Outcome[None]:
        """A parcel moved: the first on its way ships the order, the last to arrive delivers it."""
        parcel = Parcel(
            event.shipment_id,
            event.tracking_number,
            event.carrier,
            event.status,
            received.sequence,
        )
        arrived = event.shipments_delivered == event.shipments_total > 0
        return await self._on_order(
            event.order_id, lambda order: self._track(order, parcel, arrived=arrived)
        )

    def _track(self, order: Order, parcel: Parcel, *, arrived: bool) -> Outcome[Order]:
        now = self._clock.now()
        if not order.track(parcel, now):
            return unchanged(order)
        moving = any(p.status in MOVING for p in order.parcels)
        told = None
        if moving and order.status is OrderStatus.CONFIRMED and order.ship(now):
            told = "order_shipped"
        if arrived and order.status is OrderStatus.SHIPPED and order.deliver(now):
            told = "order_delivered"
        return self._told(order, told) if told else self._saved(order)

    async def forget_customer(self, event: CustomerErased, received: Received) -> Outcome[None]:
        """Drop what names an erased customer, and the customer's carts; the figures stay."""
        changes = Changes()
        orders = await self._orders.orders_of_customer(event.customer_id)
        changes.remove(Trail(event.customer_id, tuple(order.order_id for order in orders)))
        for order in orders:
            order.forget_person(self._clock.now())
            changes.save(order)
        for redemption in await self._promotions.redemptions_of(event.customer_id):
            redemption.customer = None
            changes.save(redemption)
        for subscription in await self._subscriptions.subscriptions_of_customer(event.customer_id):
            subscription.forget_person(self._clock.now())
            changes.save(subscription)
        for cart in await self._carts.carts_of_customer(event.customer_id):
            changes.remove(cart)
        return Outcome(None, changes)

    async def _on_order(
        self, order_id: OrderId, decide: Callable[[Order], Outcome[Order]]
    ) -> Outcome[None]:
        outcome = decide(await self.order(order_id))
        return Outcome(None, outcome.changes)

    # What is written, and who is told.

    def _saved(self, order: Order) -> Outcome[Order]:
        changes = Changes()
        changes.save(order)
        return Outcome(order, changes)

    def _told(self, order: Order, kind: str, key: str = "", **facts: str) -> Outcome[Order]:
        """Save, publish order.updated, and ask for a message."""
        changes = self._updated(order)
        changes.publish(notification(order, kind, key, **facts), 1)
        return Outcome(order, changes)

    def _updated(self, order: Order) -> Changes:
        """Save, and publish order.updated."""
        changes = Changes()
        changes.save(order)
        event = OrderUpdated(
            order_id=order.order_id,
            customer_id=order.customer_id,
            status=order.status.value,
            payment_status=order.payment_status.value,
        )
        changes.publish(event, order.version)
        return changes

    async def _followed(self, cancelled: Outcome[Order]) -> Outcome[Order]:
        """Tell the subscription that placed an order that the order was cancelled."""
        await self._following.cancelled(cancelled.value, cancelled.changes)
        return cancelled

    def _cancelled(self, order: Order, reason: str | None, *, told: bool = True) -> Outcome[Order]:
        changes = Changes()
        changes.save(order)
        changes.publish(_called_off(order, reason or ""), order.version)
        if told:
            changes.publish(notification(order, "order_cancelled", **said(reason)), 1)
        return Outcome(order, changes)


def _called_off(order: Order, reason: str) -> OrderCancelled:
    return OrderCancelled(order_id=order.order_id, customer_id=order.customer_id, reason=reason)

"""Order: what it publishes, and what its neighbours may ask."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import msgspec

from kibble.contracts.address import Address
from kibble.contracts.inventory import Allocation
from kibble.kernel.ids import CartId, CustomerId, OrderId, ProductId
from kibble.kernel.personal import Personal
from kibble.platform.messaging.event import Event
from kibble.platform.rpc import Ask, Neighbour, Procedure, Reach


class Line(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One line of an order; ``price`` (minor units) and ``weight_grams`` are of one unit."""

    product_id: ProductId
    quantity: int
    price: int
    name: str
    weight_grams: int


class OrderEvent(Event, frozen=True, kw_only=True):
    """An event about one order. ``customer_id`` is None for a guest's."""

    topic: ClassVar[str] = "order_events"
    subject_field: ClassVar[str] = "order_id"

    order_id: OrderId
    customer_id: CustomerId | None


class OrderPlaced(OrderEvent, frozen=True, kw_only=True):
    """An order was accepted and waits for its payment; ``amount_due`` is in minor units."""

    type: ClassVar[str] = "order.placed"

    amount_due: int
    currency: str
    payment_method: str
    hold_expires_at: datetime
    lines: list[Line]


class CartItem(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How many of a product a cart has now, and had before; 0 is none."""

    product_id: ProductId
    quantity: int
    before: int


class CartChanged(Event, frozen=True, kw_only=True):
    """Something was put into a cart, or taken out: for a stream of clicks, where a shop has one.

    Not of those who asked not to be followed (Global Privacy Control).
    """

    topic: ClassVar[str] = "order_events"
    type: ClassVar[str] = "cart.changed"
    subject_field: ClassVar[str] = "cart_id"

    cart_id: CartId
    customer_id: CustomerId | None
    items: list[CartItem]


class OrderConfirmed(OrderEvent, frozen=True, kw_only=True):
    """An order is paid: deduct its stock, ship it. ``email`` is a guest's."""

    type: ClassVar[str] = "order.confirmed"

    lines: list[Line]
    allocations: list[Allocation]
    shipping_address: Address
    shipping_method: str
    email: Personal[str | None] = None


class OrderUpdated(OrderEvent, frozen=True, kw_only=True):
    """An order's status changed otherwise."""

    type: ClassVar[str] = "order.updated"

    status: str
    payment_status: str


class OrderCancelled(OrderEvent, frozen=True, kw_only=True):
    """An order will not be fulfilled: release its stock, refund what was paid, void its label.

    Also of one that was refunded whole before it left; its status is REFUNDED. ``reason`` is empty
    when nobody gave one.
    """

    type: ClassVar[str] = "order.cancelled"

    reason: Personal[str]


class OrderReturned(OrderEvent, frozen=True, kw_only=True):
    """A delivered order comes back: restock it and refund it.

    ``reason`` is empty when nobody gave one.
    """

    type: ClassVar[str] = "order.returned"

    reason: Personal[str]
    allocations: list[Allocation]


class AskGuestToken(Ask, frozen=True, kw_only=True):
    """Which order."""

    order_id: OrderId


GUEST_TOKEN: Procedure[AskGuestToken, str | None] = Procedure(
    "order", "guest_token", AskGuestToken, str | None, Reach.SHOP, "guest-links"
)


class RemoteOrder:
    """Order in another process; the method raises ``Unavailable`` when it is away."""

    def __init__(self, neighbour: Neighbour) -> None:
        self._neighbour = neighbour

    async def guest_token(self, order_id: OrderId) -> str | None:
        """Return a token that reaches a guest's order; None for any other. Never logged."""
        return await self._neighbour.call(GUEST_TOKEN, AskGuestToken(order_id=order_id))

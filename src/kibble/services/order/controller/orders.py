"""Orders over HTTP."""

from __future__ import annotations

from typing import Any

import msgspec

from kibble.kernel.errors import InvalidInput
from kibble.kernel.ids import CustomerId, OrderId, ProductId
from kibble.kernel.money import total
from kibble.kernel.paging import Page
from kibble.platform.persistence.store import Store
from kibble.platform.web.call import Call, Seal
from kibble.platform.web.ownership import By, owned
from kibble.platform.web.reply import Reply, created, listed, ok
from kibble.platform.web.route import Route, get, write
from kibble.services.order.errors import UnknownOrder
from kibble.services.order.model.order import Order
from kibble.services.order.saga.placing import Placing, Purchase, WantedLine
from kibble.services.order.schemas.orders import (
    EntryView,
    NewNote,
    OrdersQuery,
    OrderView,
    PlaceOrder,
    Reason,
    SetStatus,
)
from kibble.services.order.service.orders import OrderService

READ, WRITE = "orders:read", "orders:write"


class OrderController:
    """One method a route."""

    def __init__(
        self, service: OrderService, placing: Placing, store: Store, currency: str
    ) -> None:
        self._service = service
        self._placing = placing
        self._store = store
        self._currency = currency

    async def place_order(self, call: Call[PlaceOrder, None]) -> Reply:
        """POST /api/orders."""
        purchase = self._purchase(call.body)

        async def work(seal: Seal) -> Reply:
            order = await self._placing.place(
                purchase, call.idempotency_key, lambda order: seal(placed_reply(order))
            )
            return placed_reply(order)

        return await call.once(self._store, work)

    def _purchase(self, body: PlaceOrder) -> Purchase:
        lines = [
            WantedLine(ProductId(item.product_id), item.quantity, item.price.money(self._currency))
            for item in body.items
        ]
        items = total((line.price * line.quantity for line in lines), self._currency)
        if items.minor != body.total_amount.minor:
            raise InvalidInput.at(
                "/totalAmount", f"must be what the lines come to: {items.decimal}"
            )
        return Purchase(
            customer_id=CustomerId(body.user_id),
            lines=lines,
            address=msgspec.to_builtins(body.shipping_address),
            payment_method=body.payment_method,
            payment_token=body.payment_token,
            shipping_method=body.shipping_method,
            promotion_code=body.promotion_code,
        )

    async def get_order(self, call: Call[None, None]) -> Reply:
        """GET /api/orders/{orderId}."""
        return _shown(await self._order(call))

    async def list_orders(self, call: Call[None, OrdersQuery]) -> Reply:
        """GET /api/orders."""
        query, principal = call.query, call.principal
        customer_id = CustomerId(query.user_id) if query.user_id else principal.customer_id
        page = await self._service.history(query.wanted(customer_id), query.limit, query.cursor)
        return listed(page, OrderView.of, call.next_url)

    async def get_timeline(self, call: Call[None, None]) -> Reply:
        """GET /api/orders/{orderId}/events."""
        order = await self._order(call)
        notes = call.principal.has(READ)
        entries = await self._service.timeline(order.order_id, notes=notes)
        return listed(Page(entries), EntryView.of, call.next_url)

    async def add_note(self, call: Call[NewNote, None]) -> Reply:
        """POST /api/orders/{orderId}/notes."""
        order_id = OrderId(call.id("orderId"))
        return await call.transact(
            self._store,
            lambda: self._service.remark(order_id, call.body.text, call.principal.subject),
            lambda entry: created(EntryView.of(entry), f"/api/orders/{order_id}/events"),
        )

    async def set_status(self, call: Call[SetStatus, None]) -> Reply:
        """PATCH /api/orders/{orderId}."""
        order_id = OrderId(call.id("orderId"))
        return await call.transact(
            self._store,
            lambda: self._service.set_status(order_id, call.body.status, call.require_version),
            _shown,
        )

    async def cancel_order(self, call: Call[Reason, None]) -> Reply:
        """POST /api/orders/{orderId}/cancel."""
        order_id = (await self._order(call)).order_id
        return await call.transact(
            self._store, lambda: self._service.cancel(order_id, call.body.reason), _shown
        )

    async def return_order(self, call: Call[Reason, None]) -> Reply:
        """POST /api/orders/{orderId}/returns."""
        order_id = (await self._order(call)).order_id
        return await call.transact(
            self._store, lambda: self._service.send_back(order_id, call.body.reason), _shown
        )

    async def _order(self, call: Call[Any, None]) -> Order:
        """Return the path's order; for who may not reach it, it does not exist."""
        order = await self._service.order(OrderId(call.id("orderId")))
        absent = UnknownOrder(order.order_id)
        call.require_reach(order.customer_id, absent, order_id=order.order_id)
        return order


def placed_reply(order: Order, access_token: str | None = None) -> Reply:
    """Return the answer to a placed order."""
    view = OrderView.of(order, access_token)
    return created(view, f"/api/orders/{order.order_id}", etag=str(order.version))


def _shown(order: Order) -> Reply:
    return ok(OrderView.of(order), etag=str(order.version))


def routes(controller: OrderController) -> list[Route]:
    """Return the table of the orders' routes."""
    c = controller
    orders, one = "/api/orders", "/api/orders/{orderId}"
    reading, changing = owned(By.THING, READ), owned(By.THING, WRITE)
    return [
        write(
            "POST",
            orders,
            c.place_order,
            "Place an order",
            owned(By.BODY, WRITE),
            body=PlaceOrder,
            answer=OrderView,
            status=201,
        ),
        get(
            orders,
            c.list_orders,
            "Orders, newest first, or by their latest change",
            owned(By.QUERY, READ),
            query=OrdersQuery,
            answer=list[OrderView],
        ),
        get(one, c.get_order, "An order", reading, answer=OrderView),
        write(
            "PATCH",
            one,
            c.set_status,
            "Set an order's status",
            WRITE,
            body=SetStatus,
            answer=OrderView,
            conditional=True,
        ),
        get(
            f"{one}/events",
            c.get_timeline,
            "An order's timeline",
            reading,
            answer=list[EntryView],
        ),
        write(
            "POST",
            f"{one}/notes",
            c.add_note,
            "Note something for staff on an order",
            WRITE,
            body=NewNote,
            answer=EntryView,
            status=201,
        ),
        write(
            "POST",
            f"{one}/cancel",
            c.cancel_order,
            "Cancel an order",
            changing,
            body=Reason,
            answer=OrderView,
        ),
        write(
            "POST",
            f"{one}/returns",
            c.return_order,
            "Send an order back",
            changing,
            body=Reason,
            answer=OrderView,
        ),
    ]

"""Subscriptions (Autoship) over HTTP."""

from __future__ import annotations

from typing import Any

import msgspec

from kibble.kernel.ids import CustomerId, ProductId, SubscriptionId
from kibble.platform.persistence.store import Store
from kibble.platform.web.call import Call
from kibble.platform.web.ownership import By, owned
from kibble.platform.web.reply import Reply, created, listed, no_content, ok
from kibble.platform.web.route import ANYONE, Route, get, write
from kibble.services.order.errors import UnknownSubscription
from kibble.services.order.model.subscription import Subscription
from kibble.services.order.schemas.subscriptions import (
    Approve,
    AskAutoshipPrices,
    AutoshipPriceView,
    ChangeSubscription,
    Pause,
    Resume,
    SkipNext,
    StartSubscription,
    SubscribedItem,
    SubscriptionsQuery,
    SubscriptionView,
    Swap,
    checked_token,
    checked_zone,
    wanted_items,
)
from kibble.services.order.service.autoship_prices import AutoshipPrices
from kibble.services.order.service.subscriptions import Shown, SubscriptionService

READ, WRITE = "orders:read", "orders:write"


class SubscriptionController:
    """One method a route."""

    def __init__(
        self, service: SubscriptionService, prices: AutoshipPrices, store: Store, currency: str
    ) -> None:
        self._service = service
        self._prices = prices
        self._store = store
        self._currency = currency
        self._view = SubscriptionView.render(currency)

    async def start_subscription(self, call: Call[StartSubscription, None]) -> Reply:
        """POST /api/subscriptions."""
        wanted = call.body.wanted(self._currency)

        def render(shown: Shown) -> Reply:
            location = f"/api/subscriptions/{shown.subscription.subscription_id}"
            return created(self._view(shown), location, etag=str(shown.subscription.version))

        return await call.transact(self._store, lambda: self._service.start(wanted), render)

    async def price_autoship(self, call: Call[AskAutoshipPrices, None]) -> Reply:
        """POST /api/subscriptions/prices."""
        wanted = [(ProductId(item.product_id), item.quantity) for item in call.body.items]
        prices = await self._prices.of(wanted, call.asking)
        return ok([AutoshipPriceView.of(price) for price in prices])

    async def list_subscriptions(self, call: Call[None, SubscriptionsQuery]) -> Reply:
        """GET /api/subscriptions."""
        query, principal = call.query, call.principal
        customer_id = CustomerId(query.user_id) if query.user_id else principal.customer_id
        page = await self._service.subscriptions(
            customer_id, query.status, query.limit, query.cursor
        )
        return listed(page, self._view, call.next_url)

    async def get_subscription(self, call: Call[None, None]) -> Reply:
        """GET /api/subscriptions/{subscriptionId}."""
        subscription = await self._reachable(call)
        return self._shown(await self._service.show(subscription))

    async def change_subscription(self, call: Call[ChangeSubscription, None]) -> Reply:
        """PATCH /api/subscriptions/{subscriptionId}."""
        subscription_id = await self._changeable(call)

        async def change(subscription: Subscription) -> None:
            call.require_version(subscription.version)
            await self._change(subscription, call.body)

        return await call.transact(
            self._store,
            lambda: self._service.act(subscription_id, "change", change),
            self._shown,
        )

    async def _change(self, subscription: Subscription, body: ChangeSubscription) -> None:
        if body.time_zone is not msgspec.UNSET:
            subscription.live_in(checked_zone(body.time_zone))
        if body.items is not msgspec.UNSET:
            items = wanted_items(body.items, None, self._currency)
            await self._service.change_items(subscription, items)
        if body.next_date is not msgspec.UNSET:
            self._service.move_next_date(subscription, body.next_date)
        method = subscription.payment_method
        if body.payment_method is not msgspec.UNSET:
            method = body.payment_method
        token = subscription.payment_token
        if body.payment_token is not msgspec.UNSET:
            token = checked_token(body.payment_token)
        subscription.pay_by(method, token)
        if body.shipping_address is not msgspec.UNSET:
            given = body.shipping_address
            subscription.address = msgspec.to_builtins(given) if given else None
        if body.shipping_method is not msgspec.UNSET:
            subscription.shipping_method = body.shipping_method
        if body.name is not msgspec.UNSET:
            subscription.name = body.name

    async def cancel_subscription(self, call: Call[None, None]) -> Reply:
        """DELETE /api/subscriptions/{subscriptionId}."""
        subscription_id = await self._changeable(call)
        return await call.transact(
            self._store, lambda: self._service.cancel(subscription_id), lambda _: no_content()
        )

    async def add_subscription_item(self, call: Call[SubscribedItem, None]) -> Reply:
        """POST /api/subscriptions/{subscriptionId}/items."""
        subscription_id = await self._changeable(call)
        wanted = call.body.wanted("", None, self._currency)
        return await call.transact(
            self._store, lambda: self._service.add_item(subscription_id, wanted), self._shown
        )

    async def skip_next_order(self, call: Call[SkipNext, None]) -> Reply:
        """POST /api/subscriptions/{subscriptionId}/skip."""
        subscription_id = await self._changeable(call)
        return await call.transact(
            self._store,
            lambda: self._service.skip(subscription_id, call.body.item_id),
            self._shown,
        )

    async def order_now(self, call: Call[None, None]) -> Reply:
        """POST /api/subscriptions/{subscriptionId}/order-now."""
        subscription_id = await self._changeable(call)
        return await call.transact(
            self._store, lambda: self._service.order_now(subscription_id), self._shown
        )

    async def swap_product(self, call: Call[Swap, None]) -> Reply:
        """POST /api/subscriptions/{subscriptionId}/swap."""
        subscription_id, body = await self._changeable(call), call.body
        return await call.transact(
            self._store,
            lambda: self._service.swap(
                subscription_id, body.item_id, ProductId(body.product_id), body.quantity
            ),
            self._shown,
        )

    async def approve_price(self, call: Call[Approve, None]) -> Reply:
        """POST /api/subscriptions/{subscriptionId}/approve."""
        subscription_id = await self._changeable(call)
        return await call.transact(
            self._store,
            lambda: self._service.approve(subscription_id, call.body.item_id),
            self._shown,
        )

    async def pause_subscription(self, call: Call[Pause, None]) -> Reply:
        """POST /api/subscriptions/{subscriptionId}/pause."""
        subscription_id = await self._changeable(call)
        return await call.transact(
            self._store,
            lambda: self._service.pause(subscription_id, call.body.until),
            self._shown,
        )

    async def resume_subscription(self, call: Call[Resume, None]) -> Reply:
        """POST /api/subscriptions/{subscriptionId}/resume."""
        subscription_id = await self._changeable(call)
        return await call.transact(
            self._store,
            lambda: self._service.resume(subscription_id, call.body.next_date),
            self._shown,
        )

    async def _changeable(self, call: Call[Any, None]) -> SubscriptionId:
        return (await self._reachable(call)).subscription_id

    async def _reachable(self, call: Call[Any, None]) -> Subscription:
        """Return the path's subscription; for who may not reach it, it does not exist."""
        subscription = await self._service.subscription(_id(call))
        absent = UnknownSubscription(subscription.subscription_id)
        call.require_reach(subscription.customer_id, absent)
        return subscription

    def _shown(self, shown: Shown) -> Reply:
        return ok(self._view(shown), etag=str(shown.subscription.version))


def _id(call: Call[Any, None]) -> SubscriptionId:
    return SubscriptionId(call.id("subscriptionId"))


def routes(controller: SubscriptionController) -> list[Route]:
    """Return the table of the subscriptions' routes."""
    c = controller
    all_, one = "/api/subscriptions", "/api/subscriptions/{subscriptionId}"
    changing = owned(By.THING, WRITE)
    return [
        write(
            "POST",
            all_,
            c.start_subscription,
            "Start a subscription (Autoship)",
            owned(By.BODY, WRITE),
            body=StartSubscription,
            answer=SubscriptionView,
            status=201,
        ),
        get(
            all_,
            c.list_subscriptions,
            "Subscriptions, newest first",
            owned(By.QUERY, READ),
            query=SubscriptionsQuery,
            answer=list[SubscriptionView],
        ),
        write(
            "POST",
            f"{all_}/prices",
            c.price_autoship,
            "What products would cost on Autoship",
            ANYONE,
            body=AskAutoshipPrices,
            answer=list[AutoshipPriceView],
        ),
        get(
            one,
            c.get_subscription,
            "A subscription",
            owned(By.THING, READ),
            answer=SubscriptionView,
        ),
        write(
            "PATCH",
            one,
            c.change_subscription,
            "Change a subscription",
            changing,
            body=ChangeSubscription,
            answer=SubscriptionView,
            conditional=True,
        ),
        write("DELETE", one, c.cancel_subscription, "Cancel a subscription", changing, status=204),
        write(
            "POST",
            f"{one}/items",
            c.add_subscription_item,
            "Add a line, for once or for good",
            changing,
            body=SubscribedItem,
            answer=SubscriptionView,
        ),
        write(
            "POST",
            f"{one}/skip",
            c.skip_next_order,
            "Skip the next order, or a line of it",
            changing,
            body=SkipNext,
            answer=SubscriptionView,
        ),
        write(
            "POST",
            f"{one}/order-now",
            c.order_now,
            "Place the next order at once",
            changing,
            answer=SubscriptionView,
        ),
        write(
            "POST",
            f"{one}/swap",
            c.swap_product,
            "Put another product in a line's place",
            changing,
            body=Swap,
            answer=SubscriptionView,
        ),
        write(
            "POST",
            f"{one}/approve",
            c.approve_price,
            "Take the higher price of a line that waits",
            changing,
            body=Approve,
            answer=SubscriptionView,
        ),
        write(
            "POST",
            f"{one}/pause",
            c.pause_subscription,
            "Pause, until a day or for good",
            changing,
            body=Pause,
            answer=SubscriptionView,
        ),
        write(
            "POST",
            f"{one}/resume",
            c.resume_subscription,
            "Resume",
            changing,
            body=Resume,
            answer=SubscriptionView,
        ),
    ]

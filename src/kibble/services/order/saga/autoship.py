"""Autoship: the next order of each subscription, step by step, until it is placed.

==========  ===========================  ========================================================
step        is due                       does
==========  ===========================  ========================================================
remind      72 h before the order        asks for a message to the customer
set aside   24 h before (the cut-off)    fixes lines and prices, holds their stock
place       at its time                  hands amount and token to Payment, commits the order
look again  daily while a line waits     has it judged anew
give back   after a skip, pause, cancel  releases the stock that was set aside
resume      on the day that was named    goes on
==========  ===========================  ========================================================

A due order is placed once. Its id comes from subscription, due date and try alone, so that who
comes to a step twice (after a kill, or in two processes) asks Inventory and Payment for the same;
and the order is committed together with the subscription, whose version was read before. Of two
that come that far, one finds that it is late and begins anew. Claims only save work.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta

import msgspec
import structlog

from kibble.contracts.inventory import Demand, Reservation, Shortage
from kibble.contracts.order import OrderCancelled
from kibble.contracts.product import Quote
from kibble.kernel.clock import Clock
from kibble.kernel.errors import Conflict, InvalidInput, KibbleError, StaleVersion, Unavailable
from kibble.kernel.ids import IdSource, OrderId, ProductId, SubscriptionId
from kibble.kernel.money import Money
from kibble.platform.persistence.changes import Changes
from kibble.platform.persistence.claims import Claims
from kibble.platform.tasks import Worker
from kibble.services.order.integration import AddressBook, Cashier, StockHolder
from kibble.services.order.model.cycle import (
    HELD_AFTER_DUE,
    Item,
    Phase,
    Promised,
    Reason,
    Step,
    Waiting,
)
from kibble.services.order.model.order import OrderStatus
from kibble.services.order.model.promotion import Priced, Redemption
from kibble.services.order.model.subscription import Subscription
from kibble.services.order.repository.orders import OrderRepository
from kibble.services.order.repository.subscriptions import SubscriptionRepository
from kibble.services.order.saga.placing import Purchase, WantedLine, order_of
from kibble.services.order.service.announce import placed
from kibble.services.order.service.desk import Desk, PricedBasket, demands
from kibble.services.order.service.subscription_news import (
    changed,
    ordered,
    reminder,
    tell,
    waits,
)
from kibble.services.order.service.subscriptions import audience_of

_log = structlog.get_logger()

BATCH = 500
CONCURRENCY = 4
"""How many subscriptions a process works on at once: customers who wait for an answer go first."""
MAX_STEPS = 12
CLAIM = timedelta(seconds=30)
AWAY = timedelta(minutes=1)
"""When a step is tried again that a neighbour was away for."""


class Autoship:
    """Does what is due for subscriptions; every process of the service has one."""

    def __init__(
        self,
        *,
        subscriptions: SubscriptionRepository,
        orders: OrderRepository,
        desk: Desk,
        stock: StockHolder,
        cashier: Cashier,
        addresses: AddressBook,
        claims: Claims,
        clock: Clock,
        ids: IdSource,
    ) -> None:
        self._subscriptions = subscriptions
        self._orders = orders
        self._desk = desk
        self._stock = stock
        self._cashier = cashier
        self._addresses = addresses
        self._claims = claims
        self._clock = clock
        self._ids = ids
        self._steps: Mapping[Step, Callable[[Subscription], Awaitable[None]]] = {
            Step.GIVE_BACK: self._give_back,
            Step.RESUME: self._resume,
            Step.REMIND: self._remind,
            Step.SET_ASIDE: self._set_aside,
            Step.PLACE: self._place,
            Step.LOOK_AGAIN: self._look_again,
        }
        self.worker = Worker(
            "autoship", load=self._due, work=self.advance, clock=clock, concurrency=CONCURRENCY
        )

    async def sweep(self) -> None:
        """Queue every subscription that is due, at most ``BATCH``."""
        for subscription_id in await self._due():
            self.worker.submit(subscription_id)

    async def _due(self) -> list[SubscriptionId]:
        return await self._subscriptions.due_subscriptions(self._clock.now(), BATCH)

    async def advance(self, subscription_id: SubscriptionId) -> None:
        """Do every step that is due for one subscription; nothing while somebody is at it.

        One claim is for all subscriptions of a customer, so that one of them is the first.
        """
        subscription = await self._subscriptions.subscription(subscription_id)
        now = self._clock.now()
        if subscription is None or subscription.step(now) is None:
            return
        key = f"autoship:{subscription.customer_id or subscription_id}"
        if not await self._claims.take(key, now, now + CLAIM):
            return
        try:
            for _ in range(MAX_STEPS):
                if not await self._advance_once(subscription_id):
                    return
        finally:
            await self._claims.give_back([key])

    async def _advance_once(self, subscription_id: SubscriptionId) -> bool:
        """Do the next step that is due; tell whether there was one."""
        subscription = await self._subscriptions.subscription(subscription_id)
        step = subscription.step(self._clock.now()) if subscription else None
        if subscription is None or step is None:
            return False
        try:
            await self._steps[step](subscription)
        except StaleVersion:
            _log.info("subscription changed meanwhile", subscription=subscription_id)
        except InvalidInput as error:
            await self._stop(subscription_id, error)
        except Unavailable as error:
            await self._postpone(subscription_id, error)
        return True

    # The steps. Each loads nothing twice, and commits once, at its end.

    async def _give_back(self, subscription: Subscription) -> None:
        for order_id in subscription.stale_holds:
            await self._stock.release(order_id)
        subscription.gave_back(self._clock.now())
        await self._save(subscription)

    async def _resume(self, subscription: Subscription) -> None:
        subscription.resume(None, self._clock.now())
        await self._subscriptions.commit(changed(subscription, "resume"))

    async def _look_again(self, subscription: Subscription) -> None:
        subscription.look_again(self._clock.now())
        await self._save(subscription)

    async def _remind(self, subscription: Subscription) -> None:
        items = subscription.due_items(self._clock.now())
        quotes = await self._desk.quotes([item.product_id for item in items])
        lines = [
            Priced(i.product_id, i.quantity, Money(quote.price, quote.currency))
            for i in items
            if (quote := quotes.get(i.product_id))
        ]
        basket = await self._priced(subscription, lines, quotes, None)
        subscription.remind(self._clock.now())
        changes = Changes()
        changes.save(subscription)
        changes.publish(reminder(subscription, items, quotes, basket.charges.due), 1)
        await self._subscriptions.commit(changes)

    async def _set_aside(self, subscription: Subscription) -> None:
        """Hold the stock of the lines that can be had as promised; the others wait."""
        now = self._clock.now()
        items = subscription.due_items(now)
        order_id = subscription.next_order_id(now)
        quotes = await self._desk.quotes([item.product_id for item in items], fresh=True)
        waiting = _judged(items, quotes)
        try:
            lines = await self._reserve(subscription, order_id, items, quotes, waiting)
        except Conflict:
            await self._start_over(subscription, order_id)
            return
        changes = Changes()
        await self._withdraw(subscription, changes)
        news = subscription.let_wait(waiting, now)
        if lines:
            subscription.set_aside(order_id, lines, now)
        elif subscription.cycle.phase is Phase.RETRYING:
            subscription.abandon(now)
        changes.save(subscription)
        for item in news:
            if message := waits(subscription, item, quotes):
                changes.publish(message, 1)
        await self._subscriptions.commit(changes)

    async def _reserve(
        self,
        subscription: Subscription,
        order_id: OrderId,
        items: Sequence[Item],
        quotes: Mapping[ProductId, Quote],
        waiting: dict[str, Waiting],
    ) -> list[Promised]:
        """Hold what there is; lines that are short are added to those that wait.

        Raises ``Conflict`` when the order's id was used for something else.
        """
        while lines := [_promised(i, quotes) for i in items if i.item_id not in waiting]:
            held = await self._hold(subscription, order_id, lines, quotes)
            if isinstance(held, Reservation):
                return lines
            short = {shortage.product_id for shortage in held}
            waiting |= {
                line.item_id: Waiting(Reason.STOCK)
                for line in lines
                if short & {part.product_id for part in _demands([line], quotes)}
            }
        return []

    async def _hold(
        self,
        subscription: Subscription,
        order_id: OrderId,
        lines: Sequence[Promised],
        quotes: Mapping[ProductId, Quote],
    ) -> Reservation | list[Shortage]:
        now = self._clock.now()
        until = max(subscription.due_at or now, now) + HELD_AFTER_DUE
        return await self._stock.reserve(order_id, _demands(lines, quotes), until)

    async def _withdraw(self, subscription: Subscription, changes: Changes) -> None:
        """Cancel the order whose payment failed: another one takes its place."""
        if subscription.cycle.order_id is None:
            return
        order = await self._orders.order(subscription.cycle.order_id)
        if order is None or order.status is not OrderStatus.PENDING:
            return
        reason = "it is tried again"
        order.cancel(reason, self._clock.now())
        changes.save(order)
        event = OrderCancelled(
            order_id=order.order_id, customer_id=order.customer_id, reason=reason
        )
        changes.publish(event, order.version)

    async def _place(self, subscription: Subscription) -> None:
        """Place the order that stock was set aside for, at what was promised or less."""
        cycle, now = subscription.cycle, self._clock.now()
        order_id = cycle.order_id or subscription.next_order_id(now)
        quotes = await self._desk.quotes([line.product_id for line in cycle.lines], fresh=True)
        if any(line.product_id not in quotes for line in cycle.lines):
            await self._start_over(subscription, order_id)
            return
        purchase = await self._purchase(subscription, quotes)
        basket = await self._priced(
            subscription,
            [Priced(line.product_id, line.quantity, line.price) for line in purchase.lines],
            quotes,
            purchase.address,
        )
        try:
            held = await self._hold(subscription, order_id, cycle.lines, quotes)
        except Conflict:
            held = []
        if isinstance(held, list):
            await self._start_over(subscription, order_id)
            return
        await self._commit_order(subscription, purchase, quotes, basket, held)

    async def _commit_order(
        self,
        subscription: Subscription,
        purchase: Purchase,
        quotes: Mapping[ProductId, Quote],
        basket: PricedBasket,
        held: Reservation,
    ) -> None:
        """Entrust the order to Payment, then commit it together with its subscription."""
        now = self._clock.now()
        order = order_of(purchase, quotes, basket, held, ids=self._ids, now=now)
        await self._cashier.prepare(
            order.order_id,
            order.customer_id,
            order.charges.due,
            order.payment_method,
            purchase.payment_token,
            off_session=True,
        )
        changes = Changes()
        changes.save(order)
        changes.publish(placed(order), order.version)
        if basket.promotion is not None:
            changes.save(Redemption(basket.promotion.code, order.order_id, purchase.buyer))
        subscription.place(now)
        ordered(subscription, order, changes)
        await self._subscriptions.commit(changes)

    async def _purchase(
        self, subscription: Subscription, quotes: Mapping[ProductId, Quote]
    ) -> Purchase:
        """Return what is bought. Raises ``InvalidInput`` when nobody knows where it goes."""
        address = subscription.address
        if address is None and subscription.customer_id is not None:
            saved = await self._addresses.address(subscription.customer_id)
            address = msgspec.to_builtins(saved) if saved else None
        if address is None:
            raise InvalidInput.at("/shippingAddress", "there is no saved address")
        return Purchase(
            customer_id=subscription.customer_id,
            lines=[
                WantedLine(line.product_id, line.quantity, _price(line, quotes[line.product_id]))
                for line in subscription.cycle.lines
            ],
            address=address,
            payment_method=subscription.payment_method,
            payment_token=subscription.payment_token,
            shipping_method=subscription.shipping_method,
            subscription_id=subscription.subscription_id,
        )

    async def _priced(
        self,
        subscription: Subscription,
        lines: Sequence[Priced],
        quotes: Mapping[ProductId, Quote],
        address: dict[str, str] | None,
    ) -> PricedBasket:
        return await self._desk.price(
            lines,
            quotes,
            address=address or subscription.address,
            shipping_method=subscription.shipping_method,
            promotion_code=None,
            customer=subscription.customer_id,
            autoship=await audience_of(subscription, self._subscriptions),
        )

    # When a step cannot be done.

    async def _start_over(self, subscription: Subscription, order_id: OrderId) -> None:
        """What was set aside does not fit any more: set aside anew, under another order id."""
        subscription.start_over(order_id, self._clock.now())
        await self._save(subscription)

    async def _stop(self, subscription_id: SubscriptionId, error: InvalidInput) -> None:
        """Pause what cannot be ordered as it is, and tell the customer why."""
        why = "; ".join(
            f"{each.pointer.lstrip('/')} {each.detail}".strip() for each in error.errors
        )
        subscription = await self._subscriptions.subscription(subscription_id)
        if subscription is None:
            return
        subscription.pause(None, self._clock.now(), why)
        changes = changed(subscription, "pause")
        changes.publish(tell(subscription, "subscription_paused", reason=why), 1)
        await self._subscriptions.commit(changes)

    async def _postpone(self, subscription_id: SubscriptionId, error: KibbleError) -> None:
        """Try again later: those whose turn comes meanwhile are not to wait behind it."""
        _log.warning("subscription waits", subscription=subscription_id, error=repr(error))
        subscription = await self._subscriptions.subscription(subscription_id)
        if subscription is not None:
            now = self._clock.now()
            subscription.postpone(now + AWAY, now)
            await self._save(subscription)

    async def _save(self, subscription: Subscription) -> None:
        changes = Changes()
        changes.save(subscription)
        await self._subscriptions.commit(changes)


def _judged(items: Sequence[Item], quotes: Mapping[ProductId, Quote]) -> dict[str, Waiting]:
    """Return the lines that wait: what is not sold any more, or costs more than was promised."""
    waiting: dict[str, Waiting] = {}
    for item in items:
        quote = quotes.get(item.product_id)
        if quote is None:
            waiting[item.item_id] = Waiting(Reason.GONE)
        elif (price := Money(quote.price, quote.currency)) > item.cap:
            waiting[item.item_id] = Waiting(Reason.PRICE, price)
    return waiting


def _promised(item: Item, quotes: Mapping[ProductId, Quote]) -> Promised:
    quote = quotes[item.product_id]
    price = Money(quote.price, quote.currency)
    return Promised(item.item_id, item.product_id, item.quantity, price)


def _price(line: Promised, quote: Quote) -> Money:
    """Return what a line costs: what was promised at the cut-off, or less by now."""
    return min(line.price, Money(quote.price, quote.currency))


def _demands(lines: Sequence[Promised], quotes: Mapping[ProductId, Quote]) -> list[Demand]:
    quantities: dict[ProductId, int] = {}
    for line in lines:
        quantities[line.product_id] = quantities.get(line.product_id, 0) + line.quantity
    return demands(quantities, quotes)

"""Subscriptions: what customers do with them, and what the next order would cost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

import msgspec

from kibble.contracts.product import Quote
from kibble.kernel.clock import Clock
from kibble.kernel.errors import InvalidInput, KibbleError, RuleViolated, Unavailable
from kibble.kernel.ids import CustomerId, IdSource, ProductId, SubscriptionId
from kibble.kernel.money import Money
from kibble.kernel.paging import Page
from kibble.platform.persistence.changes import Changes, Outcome, unchanged
from kibble.services.order.errors import UnknownSubscription
from kibble.services.order.integration import AddressBook
from kibble.services.order.model.cadence import Cadence
from kibble.services.order.model.cycle import MAX_ITEMS, Item, SubscriptionStatus, cap_of
from kibble.services.order.model.promotion import Audience, Priced
from kibble.services.order.model.subscription import Subscription
from kibble.services.order.repository.subscriptions import SubscriptionRepository
from kibble.services.order.service.desk import Desk, PricedBasket
from kibble.services.order.service.subscription_news import changed, started, tell

MAX_ACTIVE = 100
"""How many active subscriptions a customer may have."""
FARTHEST = timedelta(days=366)
"""How far ahead a date may be."""
DEFAULT_ZONE = "America/New_York"


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedItem:
    """A line as a customer wants it.

    ``item_id`` names one that is there. ``cadence`` is None for one that ships once, ``cap`` for
    the usual tolerance, ``next_date`` for the next order.
    """

    item_id: str | None
    product_id: ProductId
    quantity: int
    cadence: Cadence | None
    next_date: date | None
    cap: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedSubscription:
    """A subscription as a customer wants it; see ``Subscription``."""

    customer_id: CustomerId
    name: str | None
    items: Sequence[WantedItem]
    next_date: date | None
    time_zone: str | None
    address: dict[str, str] | None
    shipping_method: str | None
    payment_method: str
    payment_token: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A subscription, what is known of its products, and what its next order costs today.

    ``basket`` is None when nothing comes, or when nobody can tell just now; ``totals`` are those
    of its lines, by item: in full, and less their share of the discount.
    """

    subscription: Subscription
    quotes: Mapping[ProductId, Quote]
    basket: PricedBasket | None
    totals: Mapping[str, tuple[Money, Money]]


class SubscriptionService:
    """Keeps customers' subscriptions. ``wake`` is called once there may be something to do."""

    def __init__(
        self,
        subscriptions: SubscriptionRepository,
        desk: Desk,
        addresses: AddressBook,
        clock: Clock,
        ids: IdSource,
        *,
        wake: Callable[[SubscriptionId], None],
    ) -> None:
        self._subscriptions = subscriptions
        self._desk = desk
        self._addresses = addresses
        self._clock = clock
        self._ids = ids
        self._wake = wake

    async def subscription(self, subscription_id: SubscriptionId) -> Subscription:
        """Return a subscription; raises ``UnknownSubscription``."""
        subscription = await self._subscriptions.subscription(subscription_id)
        if subscription is None:
            raise UnknownSubscription(subscription_id)
        return subscription

    async def subscriptions(
        self,
        customer_id: CustomerId | None,
        status: SubscriptionStatus | None,
        limit: int,
        cursor: str | None,
    ) -> Page[Shown]:
        """Return subscriptions, newest first."""
        page = await self._subscriptions.subscriptions(customer_id, status, limit, cursor)
        return Page([await self.show(each) for each in page.items], page.cursor)

    async def start(self, wanted: WantedSubscription) -> Outcome[Shown]:
        """Start a subscription; without a date its first order is placed at once.

        Raises ``InvalidInput``, and ``RuleViolated`` for one too many.
        """
        await self._require_room(wanted.customer_id)
        now = self._clock.now()
        subscription = Subscription(
            subscription_id=SubscriptionId(self._ids.new()),
            customer_id=wanted.customer_id,
            name=wanted.name,
            items=[],
            time_zone=wanted.time_zone or DEFAULT_ZONE,
            address=wanted.address,
            shipping_method=wanted.shipping_method,
            payment_method=wanted.payment_method,
            payment_token=wanted.payment_token,
            created_at=now,
            updated_at=now,
        )
        today = subscription.today(now)
        first = self._date(wanted.next_date, today, "/nextDate") or today
        items = await self._items(subscription, wanted.items, first)
        subscription.replace_items(items, now)
        await self._require_address(subscription)
        if subscription.next_date == today:
            subscription.hurry = now
        return await self._outcome(subscription, started(subscription))

    async def change_items(self, subscription: Subscription, wanted: Sequence[WantedItem]) -> None:
        """Put lines in; those that have an id of one that is there keep their price promise."""
        now = self._clock.now()
        first = subscription.next_date or subscription.today(now)
        subscription.replace_items(await self._items(subscription, wanted, first), now)

    async def add_item(self, subscription_id: SubscriptionId, wanted: WantedItem) -> Outcome[Shown]:
        """Add a line, which ships once or again and again."""

        async def change(subscription: Subscription) -> None:
            if len(subscription.items) >= MAX_ITEMS:
                raise RuleViolated(f"A subscription takes {MAX_ITEMS} lines.", code="too-many")
            now = self._clock.now()
            first = subscription.next_date or subscription.today(now)
            (item,) = await self._items(subscription, [wanted], first, "")
            subscription.replace_items([*subscription.items, item], now)

        return await self.act(subscription_id, "items", change)

    def move_next_date(self, subscription: Subscription, day: date) -> None:
        """Have the next order on another day; today's is placed at once."""
        now = self._clock.now()
        today = subscription.today(now)
        subscription.move_next_date(self._date(day, today, "/nextDate") or today, now)
        if day == today:
            subscription.hurry = now

    async def skip(self, subscription_id: SubscriptionId, item_id: str | None) -> Outcome[Shown]:
        """Leave out the next order, or one line of it."""

        async def change(subscription: Subscription) -> None:
            if item_id is None:
                subscription.skip(self._clock.now())
            else:
                subscription.skip_item(item_id, self._clock.now())

        return await self.act(subscription_id, "skip", change)

    async def order_now(self, subscription_id: SubscriptionId) -> Outcome[Shown]:
        """Have the next order placed at once."""

        async def change(subscription: Subscription) -> None:
            subscription.order_now(self._clock.now())

        return await self.act(subscription_id, "order-now", change)

    async def swap(
        self,
        subscription_id: SubscriptionId,
        item_id: str,
        product_id: ProductId,
        quantity: int | None,
    ) -> Outcome[Shown]:
        """Put another product in a line's place: its dates stay, its price is agreed anew."""

        async def change(subscription: Subscription) -> None:
            subscription.require_changeable()
            old = subscription.item(item_id)
            price = (await self._prices([product_id], ["/productId"]))[product_id]
            new = Item(
                item_id=old.item_id,
                product_id=product_id,
                quantity=quantity or old.quantity,
                cadence=old.cadence,
                anchor=old.anchor,
                next_date=old.next_date,
                agreed=price,
                cap=cap_of(price),
            )
            items = [new if item is old else item for item in subscription.items]
            subscription.replace_items(items, self._clock.now())

        return await self.act(subscription_id, "swap", change)

    async def approve(self, subscription_id: SubscriptionId, item_id: str) -> Outcome[Shown]:
        """Take the higher price of a line that waits for an answer."""

        async def change(subscription: Subscription) -> None:
            subscription.approve(item_id, self._clock.now())

        return await self.act(subscription_id, "approve", change)

    async def pause(self, subscription_id: SubscriptionId, until: date | None) -> Outcome[Shown]:
        """Place no orders until a day, or until it is resumed."""

        async def change(subscription: Subscription) -> None:
            now = self._clock.now()
            day = self._date(until, subscription.today(now), "/until")
            subscription.pause(day, now)

        return await self.act(subscription_id, "pause", change)

    async def resume(self, subscription_id: SubscriptionId, day: date | None) -> Outcome[Shown]:
        """Go on, on a day or when the cadences say next."""

        async def change(subscription: Subscription) -> None:
            now = self._clock.now()
            subscription.resume(self._date(day, subscription.today(now), "/nextDate"), now)

        return await self.act(subscription_id, "resume", change)

    async def cancel(self, subscription_id: SubscriptionId) -> Outcome[Shown]:
        """End it for good, and confirm that to the customer; one that was cancelled is left."""
        subscription = await self.subscription(subscription_id)
        if subscription.status is SubscriptionStatus.CANCELLED:
            return unchanged(await self.show(subscription))
        subscription.cancel(None, self._clock.now())
        changes = changed(subscription, "cancel")
        changes.publish(tell(subscription, "subscription_cancelled"), 1)
        return await self._outcome(subscription, changes)

    async def act(
        self,
        subscription_id: SubscriptionId,
        what: str,
        change: Callable[[Subscription], Awaitable[None]],
    ) -> Outcome[Shown]:
        """Change a subscription, and tell so. Raises ``UnknownSubscription``."""
        subscription = await self.subscription(subscription_id)
        subscription.updated_at = self._clock.now()
        await change(subscription)
        return await self._outcome(subscription, changed(subscription, what))

    async def _outcome(self, subscription: Subscription, changes: Changes) -> Outcome[Shown]:
        changes.then(lambda: self._wake(subscription.subscription_id))
        return Outcome(await self.show(subscription), changes)

    async def show(self, subscription: Subscription) -> Shown:
        """Return a subscription with what its next order costs today."""
        products = [item.product_id for item in subscription.items]
        quotes: Mapping[ProductId, Quote] = {}
        with suppress(Unavailable):
            quotes = await self._desk.quotes(products) if products else {}
        due = {
            item.item_id: Priced(item.product_id, item.quantity, Money(quote.price, quote.currency))
            for item in subscription.due_items(self._clock.now())
            if (quote := quotes.get(item.product_id))
        }
        basket = await self._basket(subscription, quotes, list(due.values())) if due else None
        return Shown(subscription, quotes, basket, _totals(due, basket) if basket else {})

    async def _basket(
        self,
        subscription: Subscription,
        quotes: Mapping[ProductId, Quote],
        lines: Sequence[Priced],
    ) -> PricedBasket | None:
        with suppress(KibbleError):
            return await self._desk.price(
                lines,
                quotes,
                address=await self._address(subscription),
                shipping_method=subscription.shipping_method,
                promotion_code=None,
                customer=subscription.customer_id,
                autoship=await audience_of(subscription, self._subscriptions),
            )
        return None

    async def _address(self, subscription: Subscription) -> dict[str, str] | None:
        if subscription.address is not None or subscription.customer_id is None:
            return subscription.address
        if subscription.shipping_method is None:
            return None
        saved = await self._addresses.address(subscription.customer_id)
        return msgspec.to_builtins(saved) if saved else None

    async def _require_address(self, subscription: Subscription) -> None:
        if subscription.address is not None or subscription.customer_id is None:
            return
        if await self._addresses.address(subscription.customer_id) is None:
            raise InvalidInput.at(
                "/shippingAddress", "is required: there is no saved address to ship to"
            )

    async def _require_room(self, customer_id: CustomerId) -> None:
        active = await self._subscriptions.subscriptions(
            customer_id, SubscriptionStatus.ACTIVE, MAX_ACTIVE, None
        )
        if len(active.items) >= MAX_ACTIVE:
            raise RuleViolated(
                f"There are {MAX_ACTIVE} active subscriptions.", code="too-many-subscriptions"
            )

    async def _items(
        self,
        subscription: Subscription,
        wanted: Sequence[WantedItem],
        first: date,
        root: str = "/items/{}",
    ) -> list[Item]:
        """Return the lines that are wanted; raises ``InvalidInput``, ``UnknownItem``."""
        pointers = [f"{root.format(index)}/productId" for index in range(len(wanted))]
        prices = await self._prices([each.product_id for each in wanted], pointers)
        today = subscription.today(self._clock.now())
        return [
            self._item(
                subscription,
                each,
                prices[each.product_id],
                self._date(each.next_date, today, f"{root.format(index)}/nextDate"),
                first,
            )
            for index, each in enumerate(wanted)
        ]

    def _item(
        self,
        subscription: Subscription,
        wanted: WantedItem,
        price: Money,
        day: date | None,
        first: date,
    ) -> Item:
        old = subscription.item(wanted.item_id) if wanted.item_id else None
        if old is None or old.product_id != wanted.product_id:
            start = day or (old.next_date if old else first)
            return Item(
                item_id=old.item_id if old else self._ids.new(),
                product_id=wanted.product_id,
                quantity=wanted.quantity,
                cadence=wanted.cadence,
                anchor=start,
                next_date=start,
                agreed=price,
                cap=wanted.cap or cap_of(price),
            )
        if wanted.cadence != old.cadence:
            old.anchor = old.next_date
        if day is not None and day != old.next_date:
            old.move_to(day)
        old.quantity, old.cadence = wanted.quantity, wanted.cadence
        if wanted.cap is not None:
            old.cap, old.waiting, old.told = wanted.cap, None, None
        return old

    async def _prices(
        self, products: Sequence[ProductId], pointers: Sequence[str]
    ) -> dict[ProductId, Money]:
        quotes = await self._desk.quotes(products)
        for product_id, pointer in zip(products, pointers, strict=True):
            if product_id not in quotes:
                raise InvalidInput.at(pointer, "is not a product of this shop")
        return {key: Money(quote.price, quote.currency) for key, quote in quotes.items()}

    def _date(self, day: date | None, today: date, pointer: str) -> date | None:
        if day is not None and not today <= day <= today + FARTHEST:
            raise InvalidInput.at(pointer, "must be from today on, within a year")
        return day


def _totals(lines: Mapping[str, Priced], basket: PricedBasket) -> dict[str, tuple[Money, Money]]:
    """Return each line's total, in full and discounted: the discounted ones add up to the cent."""
    full = [line.price * line.quantity for line in lines.values()]
    shares = basket.charges.discount.split([each.minor for each in full])
    pairs = zip(full, shares, strict=True)
    return {key: (each, each - share) for key, (each, share) in zip(lines, pairs, strict=True)}


def is_first(known: Iterable[Subscription]) -> bool:
    """Tell whether a customer with these subscriptions had no order of any of them yet."""
    return all(each.last_order_id is None for each in known)


async def audience_of(
    subscription: Subscription, subscriptions: SubscriptionRepository
) -> Audience:
    """Return whose promotions apply: the first Autoship order of a customer has its own."""
    if subscription.orders_paid or subscription.customer_id is None:
        return Audience.AUTOSHIP
    known = await subscriptions.subscriptions_of_customer(subscription.customer_id)
    others = (each for each in known if each.subscription_id != subscription.subscription_id)
    return Audience.FIRST_AUTOSHIP if is_first(others) else Audience.AUTOSHIP

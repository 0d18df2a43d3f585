"""Subscriptions at the border."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Annotated, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from kibble.contracts.address import Address
from kibble.kernel.cards import is_card_number
from kibble.kernel.errors import InvalidInput
from kibble.kernel.ids import CustomerId, ProductId
from kibble.kernel.money import Money
from kibble.kernel.personal import Personal
from kibble.platform.web.json import Amount, Instant
from kibble.services.order.model.cadence import LIMITS, Cadence, Unit
from kibble.services.order.model.cycle import MAX_ITEMS, Item, Phase, SubscriptionStatus
from kibble.services.order.model.promotion import Audience, Promotion, PromotionKind
from kibble.services.order.schemas.carts import CartItem
from kibble.services.order.schemas.common import (
    Answer,
    Id,
    PageQuery,
    PaymentMethod,
    Quantity,
    Request,
    ShortText,
)
from kibble.services.order.service.autoship_prices import AutoshipPrice
from kibble.services.order.service.desk import PricedBasket
from kibble.services.order.service.subscriptions import Shown, WantedItem, WantedSubscription

Zone = Annotated[str, msgspec.Meta(min_length=1, max_length=64, examples=["America/New_York"])]
_UNSET = msgspec.UNSET


class Interval(Request, frozen=True):
    """How often: every so many days, weeks or months, at most a year."""

    every: Annotated[int, msgspec.Meta(ge=1, le=365)]
    unit: Unit

    def cadence(self, pointer: str) -> Cadence:
        """Return the cadence; raises ``InvalidInput`` beyond a year."""
        if self.every > LIMITS[self.unit]:
            raise InvalidInput.at(f"{pointer}/every", f"must be {LIMITS[self.unit]} at most")
        return Cadence(self.every, self.unit)

    @classmethod
    def of(cls, cadence: Cadence) -> Interval:
        """Return the view of ``cadence``."""
        return cls(every=cadence.every, unit=cadence.unit)


class SubscribedItem(Request, frozen=True):
    """A line: ``interval`` and ``once`` exclude each other; without both the subscription's holds.

    ``priceCap`` is the most that one unit may cost without your being asked; without one it is a
    tenth above the price of today. ``id`` names a line that is there, when lines are changed.
    """

    product_id: Id
    quantity: Quantity = 1
    interval: Interval | None = None
    once: bool = False
    next_date: date | None = None
    price_cap: Amount | None = None
    id: Id | None = None

    def wanted(self, pointer: str, default: Interval | None, currency: str) -> WantedItem:
        """Return the line; raises ``InvalidInput`` when nothing says how often it ships."""
        if self.once and self.interval is not None:
            raise InvalidInput.at(f"{pointer}/once", "excludes an interval")
        interval = self.interval or default
        if interval is None and not self.once:
            raise InvalidInput.at(f"{pointer}/interval", "is required, unless it ships once")
        at = f"{pointer}/interval" if self.interval else "/interval"
        cadence = interval.cadence(at) if interval and not self.once else None
        return WantedItem(
            item_id=self.id,
            product_id=ProductId(self.product_id),
            quantity=self.quantity,
            cadence=cadence,
            next_date=self.next_date,
            cap=self.price_cap.money(currency) if self.price_cap else None,
        )


Items = Annotated[list[SubscribedItem], msgspec.Meta(min_length=1, max_length=MAX_ITEMS)]


class StartSubscription(Request, frozen=True):
    """A subscription to start.

    Without ``nextDate`` the first order is placed at once; without ``shippingAddress`` each order
    goes to the address that the customer has saved by then. ``paymentToken`` is the payment
    provider's name of a saved way to pay, never a card number.
    """

    user_id: Id
    items: Items
    payment_method: PaymentMethod
    payment_token: ShortText | None = None
    interval: Interval | None = None
    next_date: date | None = None
    time_zone: Zone | None = None
    shipping_address: Address | None = None
    shipping_method: ShortText | None = None
    name: Personal[ShortText | None] = None

    def wanted(self, currency: str) -> WantedSubscription:
        """Return the subscription; raises ``InvalidInput``."""
        return WantedSubscription(
            customer_id=CustomerId(self.user_id),
            name=self.name,
            items=wanted_items(self.items, self.interval, currency),
            next_date=self.next_date,
            time_zone=checked_zone(self.time_zone) if self.time_zone else None,
            address=msgspec.to_builtins(self.shipping_address) if self.shipping_address else None,
            shipping_method=self.shipping_method,
            payment_method=self.payment_method,
            payment_token=checked_token(self.payment_token),
        )


class ChangeSubscription(Request, frozen=True, omit_defaults=True):
    """What is to change; ``items`` are all lines as they are to be, null takes a field away."""

    ELSEWHERE: ClassVar[Mapping[str, str]] = {
        "interval": "is that of each line: change it in items"
    }

    items: Items | msgspec.UnsetType = _UNSET
    next_date: date | msgspec.UnsetType = _UNSET
    time_zone: Zone | msgspec.UnsetType = _UNSET
    shipping_address: Address | msgspec.UnsetType | None = _UNSET
    shipping_method: ShortText | msgspec.UnsetType | None = _UNSET
    payment_method: PaymentMethod | msgspec.UnsetType = _UNSET
    payment_token: ShortText | msgspec.UnsetType | None = _UNSET
    name: Personal[ShortText | msgspec.UnsetType | None] = _UNSET


class SkipNext(Request, frozen=True):
    """What to leave out: one line, or without ``itemId`` the whole next order."""

    item_id: Id | None = None


class Pause(Request, frozen=True):
    """Until when to pause; without a day, until it is resumed."""

    until: date | None = None


class Resume(Request, frozen=True):
    """When what was due meanwhile is to come; without a day, when the intervals say next."""

    next_date: date | None = None


class Swap(Request, frozen=True):
    """Which line is to become which product."""

    item_id: Id
    product_id: Id
    quantity: Quantity | None = None


class Approve(Request, frozen=True):
    """The line whose higher price is fine."""

    item_id: Id


class SubscriptionsQuery(PageQuery, frozen=True):
    """Which subscriptions."""

    user_id: Id | None = None
    status: SubscriptionStatus | None = None


class WaitingView(Answer, frozen=True, omit_defaults=True):
    """Why a line is left out: price (it costs ``price`` now), stock, or gone."""

    reason: str
    price: Amount | None = None


class SubscribedItemView(Answer, frozen=True, omit_defaults=True):
    """A line; ``price`` is today's of one unit, and not there when nobody can tell just now.

    ``total`` is what all units of it cost in the next order, and only there when they are in it;
    ``fullTotal`` is that without the discount, where there is one.
    """

    id: str
    product_id: str
    quantity: int
    next_date: date
    agreed_price: Amount
    price_cap: Amount
    name: str | None = None
    image: str | None = None
    price: Amount | None = None
    interval: Interval | None = None
    once: bool = False
    waiting: WaitingView | None = None
    total: Amount | None = None
    full_total: Amount | None = None

    @classmethod
    def of(cls, item: Item, shown: Shown) -> SubscribedItemView:
        """Return the view of ``item``."""
        waiting, quote = item.waiting, shown.quotes.get(item.product_id)
        full, total = shown.totals.get(item.item_id, (None, None))
        return cls(
            id=item.item_id,
            product_id=item.product_id,
            quantity=item.quantity,
            next_date=item.next_date,
            agreed_price=Amount.of(item.agreed),
            price_cap=Amount.of(item.cap),
            name=quote.name if quote else None,
            image=quote.image if quote else None,
            price=Amount.of(Money(quote.price, quote.currency)) if quote else None,
            interval=Interval.of(item.cadence) if item.cadence else None,
            once=item.cadence is None,
            waiting=WaitingView(
                reason=waiting.reason.value,
                price=Amount.of(waiting.price) if waiting.price else None,
            )
            if waiting
            else None,
            total=Amount.of(total) if total is not None else None,
            full_total=Amount.of(full) if full is not None and full != total else None,
        )


class AskAutoshipPrices(Request, frozen=True):
    """What is to be priced, each as an Autoship of its own."""

    items: Annotated[list[CartItem], msgspec.Meta(min_length=1, max_length=100)]


class AutoshipPriceView(Answer, frozen=True, omit_defaults=True):
    """What so many of a product cost on Autoship, without shipping and taxes.

    ``full`` is before any discount, ``first`` the caller's next order, ``later`` each after it. The
    per cents are what Autoship takes off by itself, where it takes a share.
    """

    product_id: str
    quantity: int
    full: Amount
    first: Amount
    later: Amount
    first_percent: float | None = None
    later_percent: float | None = None

    @classmethod
    def of(cls, price: AutoshipPrice) -> AutoshipPriceView:
        """Return the view of ``price``."""
        return cls(
            product_id=price.line.product_id,
            quantity=price.line.quantity,
            full=Amount.of(price.later.charges.items),
            first=Amount.of(price.first.charges.due),
            later=Amount.of(price.later.charges.due),
            first_percent=_percent(price.first.promotion),
            later_percent=_percent(price.later.promotion),
        )


def _percent(promotion: Promotion | None) -> float | None:
    if promotion is None or promotion.audience is Audience.EVERYONE:
        return None
    return promotion.basis_points / 100 if promotion.kind is PromotionKind.PERCENT else None


class EstimateView(Answer, frozen=True, omit_defaults=True):
    """What the next order costs at today's prices."""

    subtotal: Amount
    discount: Amount
    shipping: Amount
    tax: Amount
    total: Amount
    promotion_code: str | None = None

    @classmethod
    def of(cls, basket: PricedBasket) -> EstimateView:
        """Return the view of a basket's price."""
        charges = basket.charges
        return cls(
            subtotal=Amount.of(charges.items),
            discount=Amount.of(charges.discount),
            shipping=Amount.of(charges.shipping),
            tax=Amount.of(charges.tax),
            total=Amount.of(charges.due),
            promotion_code=basket.promotion.code if basket.promotion else None,
        )


class SubscriptionView(Answer, frozen=True, omit_defaults=True):
    """A subscription.

    ``phase`` says how far the next order is: SCHEDULED, REMINDED, SET_ASIDE (its lines are fixed),
    PLACED (waits for its payment), RETRYING (the payment failed; again at ``retryAt``). Lines may
    change until ``changeUntil``. ``reason`` says why it is paused or over.
    """

    id: str
    user_id: str | None
    status: SubscriptionStatus
    phase: Phase
    items: list[SubscribedItemView]
    currency: str
    time_zone: str
    payment_method: str
    has_payment_token: bool
    orders_paid: int
    created_at: Instant
    updated_at: Instant
    name: Personal[str | None] = None
    reason: Personal[str | None] = None
    next_date: date | None = None
    next_order_at: Instant | None = None
    change_until: Instant | None = None
    retry_at: Instant | None = None
    failures: int = 0
    resumes_on: date | None = None
    order_id: str | None = None
    last_order_id: str | None = None
    shipping_address: dict[str, str] | None = None
    shipping_method: str | None = None
    estimate: EstimateView | None = None

    @classmethod
    def render(cls, currency: str) -> Callable[[Shown], SubscriptionView]:
        """Return what makes the view of a subscription in ``currency``."""

        def of(shown: Shown) -> SubscriptionView:
            s = shown.subscription
            active = s.status is SubscriptionStatus.ACTIVE
            open_ = active and s.cycle.phase in (Phase.SCHEDULED, Phase.REMINDED)
            return cls(
                id=s.subscription_id,
                user_id=s.customer_id,
                status=s.status,
                phase=s.cycle.phase,
                items=[SubscribedItemView.of(item, shown) for item in s.items],
                currency=currency,
                time_zone=s.time_zone,
                payment_method=s.payment_method,
                has_payment_token=s.payment_token is not None,
                orders_paid=s.orders_paid,
                created_at=s.created_at,
                updated_at=s.updated_at,
                name=s.name,
                reason=s.reason,
                next_date=s.next_date if active else None,
                next_order_at=s.due_at if active and s.cycle.phase is not Phase.PLACED else None,
                change_until=s.cut_off_at if open_ else None,
                retry_at=s.retry_at,
                failures=s.cycle.failures,
                resumes_on=s.resumes_on,
                order_id=s.cycle.order_id if s.cycle.phase is Phase.PLACED else None,
                last_order_id=s.last_order_id,
                shipping_address=s.address,
                shipping_method=s.shipping_method,
                estimate=EstimateView.of(shown.basket) if shown.basket else None,
            )

        return of


def wanted_items(
    items: Sequence[SubscribedItem], default: Interval | None, currency: str
) -> list[WantedItem]:
    """Return the lines that are wanted; raises ``InvalidInput``."""
    return [each.wanted(f"/items/{i}", default, currency) for i, each in enumerate(items)]


def checked_zone(name: str) -> str:
    """Return the name of a time zone that exists (IANA); raises ``InvalidInput``."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInput.at("/timeZone", "is not the name of a time zone") from error
    return name


def checked_token(token: str | None) -> str | None:
    """Return a payment token; raises ``InvalidInput`` for a card number, which is none of ours."""
    if token is not None and is_card_number(token):
        raise InvalidInput.at("/paymentToken", "is a card number; send a token of it")
    return token

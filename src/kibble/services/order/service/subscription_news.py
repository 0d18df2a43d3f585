"""What others hear of a subscription: events, and messages to its customer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kibble.contracts.notification import NotificationRequested
from kibble.contracts.product import Quote
from kibble.contracts.subscription import (
    SubscriptionChanged,
    SubscriptionEnded,
    SubscriptionOrdered,
    SubscriptionStarted,
    SubscriptionUnpaid,
)
from kibble.kernel.clock import to_text, to_text_or_none
from kibble.kernel.ids import OrderId, ProductId
from kibble.kernel.money import Money
from kibble.platform.persistence.changes import Changes
from kibble.services.order.model.cycle import PAYMENT_FAILED, Item, Reason, SubscriptionStatus
from kibble.services.order.model.order import Order
from kibble.services.order.model.subscription import Subscription

MAX_NAMES = 5


def started(subscription: Subscription) -> Changes:
    """Save a new subscription and tell so."""
    changes = Changes()
    changes.save(subscription)
    changes.publish(SubscriptionStarted(**_state(subscription)), subscription.version)
    return changes


def changed(subscription: Subscription, change: str, changes: Changes | None = None) -> Changes:
    """Save a subscription that changed and tell so; one that is over is told to have ended."""
    changes = changes or Changes()
    changes.save(subscription)
    if subscription.status in (SubscriptionStatus.CANCELLED, SubscriptionStatus.ENDED):
        ended = SubscriptionEnded(**_state(subscription), reason=subscription.reason)
        changes.publish(ended, subscription.version)
    else:
        event = SubscriptionChanged(**_state(subscription), change=change)
        changes.publish(event, subscription.version)
    return changes


def ordered(subscription: Subscription, order: Order, changes: Changes) -> None:
    """Save a subscription whose order is placed with these changes, and tell so."""
    changes.save(subscription)
    event = SubscriptionOrdered(
        **_state(subscription),
        order_id=order.order_id,
        amount_due=order.charges.due.minor,
        currency=order.charges.items.currency,
    )
    changes.publish(event, subscription.version)


def unpaid(
    subscription: Subscription, order_id: OrderId, failures: int, why: str, changes: Changes
) -> None:
    """Save a subscription whose order was not paid, and tell so; the customer too."""
    changes.save(subscription)
    retry_at = subscription.retry_at
    event = SubscriptionUnpaid(
        **_state(subscription), order_id=order_id, failures=failures, retry_at=retry_at
    )
    changes.publish(event, subscription.version)
    facts = {"orderId": order_id, "reason": why}
    if retry_at is not None:
        told = tell(subscription, "subscription_payment_failed", retryAt=to_text(retry_at), **facts)
        changes.publish(told, 1)
    elif subscription.reason == PAYMENT_FAILED:
        changes.publish(tell(subscription, "subscription_paused", **facts), 1)


def reminder(
    subscription: Subscription,
    items: Iterable[Item],
    quotes: Mapping[ProductId, Quote],
    total: Money,
) -> NotificationRequested:
    """Return the message that an order is near; ``total`` is what it would cost today."""
    cut_off = subscription.cut_off_at
    names, more = _names(items, quotes)
    return tell(
        subscription,
        "subscription_reminder",
        products=names,
        moreProducts=more,
        total=str(total.decimal),
        currency=total.currency,
        changeUntil=to_text_or_none(cut_off),
    )


def waits(
    subscription: Subscription, item: Item, quotes: Mapping[ProductId, Quote]
) -> NotificationRequested | None:
    """Return the message that a line is left out; None when it waits for nothing."""
    if item.waiting is None:
        return None
    kind = "subscription_delayed"
    if item.waiting.reason is Reason.PRICE:
        kind = "subscription_price"
    quote = quotes.get(item.product_id)
    price = item.waiting.price
    return tell(
        subscription,
        kind,
        key=item.item_id,
        productId=item.product_id,
        productName=quote.name if quote else None,
        reason=item.waiting.reason.value,
        price=str(price.decimal) if price else None,
        agreedPrice=str(item.agreed.decimal),
        currency=item.agreed.currency,
    )


def tell(
    subscription: Subscription, kind: str, key: str = "", **facts: str | int | None
) -> NotificationRequested:
    """Return the request to tell the customer: one message a subscription's version and kind."""
    day = subscription.next_date
    return NotificationRequested(
        request_id=f"{subscription.subscription_id}:{kind}:{subscription.version}{key}",
        kind=kind,
        customer_id=subscription.customer_id,
        facts={
            "subscriptionId": subscription.subscription_id,
            "name": subscription.name,
            "nextDate": day.isoformat() if day else None,
            **facts,
        },
    )


def _names(items: Iterable[Item], quotes: Mapping[ProductId, Quote]) -> tuple[str, int | None]:
    """Return the first products by name, and how many more there are, if there are any."""
    names = [
        f"{item.quantity} x {quotes[item.product_id].name}"
        for item in items
        if item.product_id in quotes
    ]
    return ", ".join(names[:MAX_NAMES]), len(names[MAX_NAMES:]) or None


def _state(subscription: Subscription) -> dict[str, Any]:
    return {
        "subscription_id": subscription.subscription_id,
        "customer_id": subscription.customer_id,
        "status": subscription.status.value,
        "next_date": subscription.next_date,
    }

"""What the columns of a subscription hold, on either engine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec

from kibble.kernel.ids import CustomerId, OrderId
from kibble.platform.persistence.rows import Moments, Row
from kibble.services.order.adapters.rows import to_json
from kibble.services.order.model.cycle import Cycle, Item, SubscriptionStatus
from kibble.services.order.model.subscription import Subscription

_items = msgspec.json.Decoder(list[Item])
_cycle = msgspec.json.Decoder(Cycle)
_address = msgspec.json.Decoder(dict[str, str])
_holds = msgspec.json.Decoder(tuple[OrderId, ...])


def wanted(
    customer_id: CustomerId | None, status: SubscriptionStatus | None
) -> Iterator[tuple[str, str]]:
    """Yield which columns have to be what."""
    if customer_id is not None:
        yield "customer_id", customer_id
    if status is not None:
        yield "status", status.value


class SubscriptionRows:
    """Makes rows of subscriptions, and subscriptions of rows."""

    def __init__(self, moments: Moments) -> None:
        self._moments = moments

    def of_subscription(self, subscription: Subscription) -> tuple[object, ...]:
        """Return the row of a subscription."""
        s, keep, keep_or_none = subscription, self._moments.keep, self._moments.keep_or_none
        return (
            s.subscription_id,
            s.customer_id,
            s.name,
            s.status.value,
            s.reason,
            s.time_zone,
            to_json(s.address) if s.address else None,
            s.shipping_method,
            s.payment_method,
            s.payment_token,
            to_json(s.items),
            to_json(s.cycle),
            s.resumes_on.isoformat() if s.resumes_on else None,
            keep_or_none(s.hurry),
            keep_or_none(s.look_again_at),
            keep_or_none(s.not_before),
            s.tries,
            to_json(s.stale_holds),
            s.orders_paid,
            s.last_order_id,
            keep_or_none(s.act_at),
            keep(s.created_at),
            keep(s.updated_at),
        )

    def subscription(self, row: Row) -> Subscription:
        """Return the subscription of a row."""
        read, read_or_none = self._moments.read, self._moments.read_or_none
        return Subscription(
            subscription_id=row[0],
            customer_id=row[1],
            name=row[2],
            status=SubscriptionStatus(row[3]),
            reason=row[4],
            time_zone=row[5],
            address=_address.decode(row[6]) if row[6] else None,
            shipping_method=row[7],
            payment_method=row[8],
            payment_token=row[9],
            items=_items.decode(row[10]),
            cycle=_cycle.decode(row[11]),
            resumes_on=date.fromisoformat(row[12]) if row[12] else None,
            hurry=read_or_none(row[13]),
            look_again_at=read_or_none(row[14]),
            not_before=read_or_none(row[15]),
            tries=row[16],
            stale_holds=_holds.decode(row[17]),
            orders_paid=row[18],
            last_order_id=row[19],
            created_at=read(row[21]),
            updated_at=read(row[22]),
            version=row[23],
        )

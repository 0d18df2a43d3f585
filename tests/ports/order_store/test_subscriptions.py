"""What every store of subscriptions does."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count

import pytest

from kibble.kernel.errors import StaleVersion
from kibble.kernel.ids import CustomerId, OrderId, ProductId, SubscriptionId, uuid7
from kibble.kernel.money import Money
from kibble.platform.persistence.changes import Changes
from kibble.services.order.adapters.postgres import PostgresOrderStore
from kibble.services.order.adapters.sqlite import SqliteOrderStore
from kibble.services.order.model.cadence import Cadence, Unit
from kibble.services.order.model.cycle import (
    Cycle,
    Item,
    Phase,
    Promised,
    Reason,
    SubscriptionStatus,
    Waiting,
)
from kibble.services.order.model.promotion import Audience, Promotion, PromotionKind
from kibble.services.order.model.subscription import Subscription
from tests.fixtures.doubles import START

Store = SqliteOrderStore | PostgresOrderStore

_bits = count(1)
DAY = date(2026, 3, 31)


def new_id() -> str:
    return uuid7(int(START.timestamp() * 1000), next(_bits))


CUSTOMER, STRANGER = CustomerId(new_id()), CustomerId(new_id())


def a_subscription(**fields: object) -> Subscription:
    """Return a subscription that was just started."""
    item = Item(
        new_id(),
        ProductId(new_id()),
        2,
        Cadence(1, Unit.MONTH),
        DAY,
        DAY,
        Money(2_999),
        Money(3_299),
        Waiting(Reason.PRICE, Money(4_000)),
        Reason.PRICE,
    )
    once = Item(new_id(), ProductId(new_id()), 1, None, DAY, DAY, Money(750), Money(825))
    given: dict[str, object] = {
        "subscription_id": SubscriptionId(new_id()),
        "customer_id": CUSTOMER,
        "name": "For Rex",
        "items": [item, once],
        "time_zone": "America/New_York",
        "address": {"street": "123 Main St", "state": "NY"},
        "shipping_method": "ups-ground",
        "payment_method": "CreditCard",
        "payment_token": "tok_saved",
        "created_at": START,
        "updated_at": START,
    }
    return Subscription(**{**given, **fields})  # type: ignore[arg-type]  # fields of one


async def save(store: Store, *subscriptions: Subscription) -> None:
    changes = Changes()
    for subscription in subscriptions:
        changes.save(subscription)
    await store.commit(changes)


async def test_keeps_all_of_it(store: Store) -> None:
    kept = a_subscription(
        resumes_on=DAY,
        hurry=START,
        look_again_at=START,
        not_before=START,
        tries=3,
        stale_holds=(OrderId(new_id()),),
        orders_paid=2,
        last_order_id=OrderId(new_id()),
        cycle=Cycle(
            Phase.SET_ASIDE,
            DAY,
            (Promised("i", ProductId(new_id()), 2, Money(1)),),
            OrderId(new_id()),
            1,
            START,
        ),
    )
    bare = a_subscription(
        name=None, address=None, shipping_method=None, payment_token=None, customer_id=None
    )
    await save(store, kept, bare)
    for subscription in (kept, bare):
        assert await store.subscription(subscription.subscription_id) == subscription
    assert await store.subscription(SubscriptionId(new_id())) is None


async def test_refuses_a_change_of_what_changed_meanwhile(store: Store) -> None:
    first = a_subscription()
    await save(store, first)
    second = await store.subscription(first.subscription_id)
    assert second is not None
    first.skip(START)
    await save(store, first)
    second.pause(None, START)
    with pytest.raises(StaleVersion):
        await save(store, second)


async def test_lists_newest_first_by_customer_and_status_in_pages(store: Store) -> None:
    mine = [a_subscription() for _ in range(5)]
    mine[0].cancel(None, START)
    await save(store, *mine, a_subscription(customer_id=STRANGER))
    first = await store.subscriptions(CUSTOMER, None, 3, None)
    rest = await store.subscriptions(CUSTOMER, None, 3, first.cursor)
    ids = [s.subscription_id for s in [*first.items, *rest.items]]
    assert ids == [s.subscription_id for s in reversed(mine)]
    assert rest.cursor is None
    active = await store.subscriptions(CUSTOMER, SubscriptionStatus.ACTIVE, 10, None)
    assert len(active.items) == 4
    assert len((await store.subscriptions(None, None, 10, None)).items) == 6
    assert len(await store.subscriptions_of_customer(CUSTOMER)) == 5


async def test_finds_what_is_due_the_longest_due_first(store: Store) -> None:
    due = [a_subscription(hurry=START - timedelta(days=n)) for n in (1, 3, 2)]
    later = a_subscription(hurry=START + timedelta(days=4))
    paused = a_subscription(hurry=START - timedelta(days=9))
    paused.pause(None, START)
    await save(store, *due, later, paused)
    found = await store.due_subscriptions(START, 10)
    assert found == [due[1].subscription_id, due[2].subscription_id, due[0].subscription_id]
    assert await store.due_subscriptions(START, 1) == found[:1]


async def test_finds_the_promotions_of_audiences(store: Store) -> None:
    changes = Changes()
    for audience in Audience:
        changes.save(
            Promotion(
                audience.name,
                PromotionKind.PERCENT,
                "Off",
                START,
                basis_points=500,
                audience=audience,
            )
        )
    await store.commit(changes)
    (found,) = await store.promotions_for(Audience.FIRST_AUTOSHIP)
    assert (found.code, found.audience) == ("FIRST_AUTOSHIP", Audience.FIRST_AUTOSHIP)
    both = await store.promotions_for(Audience.FIRST_AUTOSHIP, Audience.EVERYONE)
    assert [one.code for one in both] == ["EVERYONE", "FIRST_AUTOSHIP"]

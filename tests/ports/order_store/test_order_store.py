"""What every store of orders, carts and promotions does."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest

from kibble.kernel.errors import InvalidInput, StaleVersion
from kibble.kernel.ids import CartId, CustomerId, OrderId, PaymentId, ProductId, WarehouseId, uuid7
from kibble.kernel.money import MAX_MINOR, Money
from kibble.kernel.paging import encode_cursor
from kibble.platform.engines.postgres import ensure_partitions
from kibble.platform.persistence.changes import Aggregate, Changes
from kibble.services.order.adapters.postgres import PARTED, PostgresOrderStore
from kibble.services.order.adapters.sqlite import SqliteOrderStore
from kibble.services.order.model.cart import Cart
from kibble.services.order.model.order import (
    Allocated,
    Charges,
    Intent,
    Order,
    OrderLine,
    OrderStatus,
    Parcel,
    PaymentStatus,
)
from kibble.services.order.model.promotion import Promotion, PromotionKind, Redemption
from kibble.services.order.model.sales import Cell, Waiting
from kibble.services.order.model.search import OrderFilter
from kibble.services.order.model.words import terms_of
from tests.fixtures.doubles import START

Store = SqliteOrderStore | PostgresOrderStore

_bits = count(1)
LATER = START + timedelta(minutes=15)


def new_id(moment: datetime = START) -> str:
    return uuid7(int(moment.timestamp() * 1000), next(_bits))


CUSTOMER, STRANGER = CustomerId(new_id()), CustomerId(new_id())
BAG, TOY = ProductId(new_id()), ProductId(new_id())


def an_order(moment: datetime = START, **fields: object) -> Order:
    """Return an order that was just placed."""
    given: dict[str, object] = {
        "order_id": OrderId(new_id(moment)),
        "customer_id": CUSTOMER,
        "email": None,
        "lines": (OrderLine(new_id(moment), BAG, 2, Money(2_999), "Salmon kibble", 1_500),),
        "charges": Charges(Money(5_998), Money(0), Money(500), Money(532)),
        "shipping_address": {"street": "123 Main St", "state": "NY"},
        "shipping_method": "standard",
        "payment_method": "CreditCard",
        "promotion_code": None,
        "cart_id": None,
        "allocations": (),
        "hold_expires_at": LATER,
        "created_at": moment,
        "updated_at": moment,
    }
    order = Order(**{**given, **fields})  # type: ignore[arg-type]  # fields of an order
    order.place(moment)
    return order


def a_promotion(**fields: object) -> Promotion:
    given = {"description": "10 % off", "starts_at": START, "basis_points": 1_000}
    return Promotion("PUPPY10", PromotionKind.PERCENT, **{**given, **fields})  # type: ignore[arg-type]  # fields of a promotion


async def save(store: Store, *aggregates: Aggregate) -> None:
    changes = Changes()
    for aggregate in aggregates:
        changes.save(aggregate)
    await store.commit(changes)


async def reload(store: Store, order: Order) -> Order:
    found = await store.order(order.order_id)
    assert found is not None
    return found


class TestOrders:
    async def test_come_back_with_every_field(self, store: Store) -> None:
        order = an_order(
            email="zoë@example.com",
            lines=tuple(
                OrderLine(new_id(), product, units, Money(price), name, weight)
                for product, units, price, name, weight in [
                    (BAG, 2, MAX_MINOR, 'Kibble "für" 🐕', 1_500),
                    (TOY, 1, 0, "Rope", 0),
                ]
            ),
            charges=Charges(Money(MAX_MINOR), Money(1), Money(99), Money(5)),
            promotion_code="PUPPY10",
            cart_id=CartId(new_id()),
            allocations=(Allocated(BAG, WarehouseId(new_id()), 2),),
            created_at=START + timedelta(microseconds=1),
            parcels=[Parcel(new_id(), "1Z", "UPS", "IN_TRANSIT", 3)],
        )
        await save(store, order)
        assert await reload(store, order) == replace(order, entries=[])

    async def test_of_a_guest_in_another_currency_come_back(self, store: Store) -> None:
        nothing = Money(0, "EUR")
        line = OrderLine(new_id(), BAG, 1, Money(1, "EUR"), "Bag", 1)
        charges = Charges(Money(1, "EUR"), nothing, nothing, nothing)
        order = an_order(customer_id=None, lines=(line,), charges=charges, refunded=nothing)
        await save(store, order)
        assert await reload(store, order) == replace(order, entries=[])

    async def test_are_changed_by_the_next_save(self, store: Store) -> None:
        order = an_order()
        await save(store, order)
        order = await reload(store, order)
        order.pay(PaymentId(new_id()), LATER)
        order.refund("r-1", Money(100), Money(7_030), LATER)
        order.track(Parcel(new_id(), "1Z", "UPS", "LABELLED"), LATER)
        await save(store, order)
        assert await reload(store, order) == replace(order, entries=[])

    async def test_keep_their_timeline_in_order(self, store: Store) -> None:
        order = an_order()
        await save(store, order)
        placed = order.entries
        order = await reload(store, order)
        order.pay(PaymentId(new_id()), LATER)
        await save(store, order)
        assert await store.timeline(order.order_id) == [*placed, *order.entries]

    async def test_that_nobody_placed_are_not_there(self, store: Store) -> None:
        assert await store.order(OrderId(new_id())) is None
        assert await store.timeline(OrderId(new_id())) == []

    async def test_are_not_overwritten_by_who_saw_an_older_state(self, store: Store) -> None:
        order = an_order()
        await save(store, order)
        mine, theirs = await reload(store, order), await reload(store, order)
        theirs.cancel("changed my mind", LATER)
        await save(store, theirs)
        mine.pay(PaymentId(new_id()), LATER)
        with pytest.raises(StaleVersion):
            await save(store, mine)
        assert (await reload(store, order)).status is OrderStatus.CANCELLED

    async def test_are_made_once_of_a_cart(self, store: Store) -> None:
        cart_id = CartId(new_id())
        await save(store, an_order(cart_id=cart_id))
        second = an_order(cart_id=cart_id)
        with pytest.raises(StaleVersion):
            await save(store, second)
        assert await store.order(second.order_id) is None

    async def test_of_older_and_coming_months_are_kept_alike(self, store: Store) -> None:
        moments = [START + timedelta(days=days) for days in (-2_000, -20, 0, 20, 50, 200)]
        made = [an_order(moment) for moment in moments]
        await save(store, *made)
        for order in made:
            assert await reload(store, order) == replace(order, entries=[])
        page = await store.orders(OrderFilter(), 10, None)
        assert [order.order_id for order in page.items] == [o.order_id for o in reversed(made)]


class TestFindingOrders:
    async def found(self, store: Store, text: str) -> set[str]:
        page = await store.orders(OrderFilter(terms=terms_of(text)), 10, None)
        return {order.order_id for order in page.items}

    async def test_goes_by_the_beginning_of_words(self, store: Store) -> None:
        address = {"name": "Zoë Smith-Miller", "street": "1 Elm St", "zipCode": "02118"}
        guest = an_order(customer_id=None, email="Zoe@Example.com", shipping_address=address)
        other = an_order(shipping_address={"name": "Sam Smithers", "zipCode": "10001"})
        await save(store, guest, other)
        assert await self.found(store, "smith") == {guest.order_id, other.order_id}
        assert await self.found(store, "zoe SMITH") == {guest.order_id}
        assert await self.found(store, "zoe@exam") == {guest.order_id}
        assert await self.found(store, "02118") == {guest.order_id}
        assert await self.found(store, other.order_id) == {other.order_id}
        assert await self.found(store, f"#{other.order_id[-12:]}") == {other.order_id}
        assert await self.found(store, "elm") == set()

    async def test_does_not_find_a_forgotten_person(self, store: Store) -> None:
        order = an_order(email="zoe@example.com", shipping_address={"name": "Zoë Smith"})
        await save(store, order)
        order = await reload(store, order)
        order.forget_person(LATER)
        await save(store, order)
        assert await self.found(store, "smith") == set()
        assert await self.found(store, "zoe@example.com") == set()
        assert await self.found(store, order.order_id) == {order.order_id}

    async def test_keeps_no_words_about_a_forgotten_person(self, store: Store) -> None:
        order = an_order(email="zoe@example.com", shipping_address={"name": "Zoë Smith"})
        order.place(LATER)
        order.remark("rang about Zoë", "olive", LATER)
        await save(store, order)
        order = await reload(store, order)
        order.forget_person(LATER)
        await save(store, order)
        kept = {entry.type: entry.details for entry in await store.timeline(order.order_id)}
        assert kept["staff.note"] == {}
        assert kept["order.placed"] != {}

    async def test_goes_by_amount_time_and_payment(self, store: Store) -> None:
        early, late = an_order(), an_order(LATER)
        late.pay(PaymentId(new_id()), LATER)
        await save(store, early, late)
        for wanted, expected in [
            (OrderFilter(since=LATER), {late.order_id}),
            (OrderFilter(before=LATER), {early.order_id}),
            (OrderFilter(payment_status=PaymentStatus.PAID), {late.order_id}),
            (OrderFilter(least=7_030, most=7_030), {early.order_id, late.order_id}),
            (OrderFilter(least=7_031), set()),
            (OrderFilter(most=7_029), set()),
        ]:
            page = await store.orders(wanted, 10, None)
            assert {order.order_id for order in page.items} == expected, wanted


class TestSales:
    async def test_are_counted_by_hour_and_by_day(self, store: Store) -> None:
        midnight = START.replace(hour=0, minute=0, second=0, microsecond=0)
        morning = midnight + timedelta(hours=9, minutes=59)
        orders = [an_order(morning), an_order(morning), an_order(midnight + timedelta(hours=23))]
        orders[0].pay(PaymentId(new_id()), LATER)
        orders[0].refund("r-1", Money(30), Money(7_030), LATER)
        foreign = an_order(
            charges=Charges(*(Money(1, "EUR") for _ in range(4))),
            refunded=Money(0, "EUR"),
            lines=(),
        )
        await save(store, *orders, foreign, an_order(midnight - timedelta(seconds=1)))
        end = midnight + timedelta(days=1)
        nine = midnight + timedelta(hours=9)
        hours = await store.sales(midnight, end, "USD", hourly=True)
        assert sorted(hours, key=lambda c: (c.start, c.due, c.payment_status.value)) == [
            Cell(nine, OrderStatus.CONFIRMED, PaymentStatus.PARTIALLY_REFUNDED, 1, 7_030, 30),
            Cell(nine, OrderStatus.PENDING, PaymentStatus.PENDING, 1, 7_030, 0),
            Cell(
                midnight + timedelta(hours=23),
                OrderStatus.PENDING,
                PaymentStatus.PENDING,
                1,
                7_030,
                0,
            ),
        ]
        days = await store.sales(midnight, end, "USD", hourly=False)
        assert {(cell.start, cell.status, cell.orders) for cell in days} == {
            (midnight, OrderStatus.CONFIRMED, 1),
            (midnight, OrderStatus.PENDING, 2),
        }

    async def test_tell_what_waits(self, store: Store) -> None:
        pending, old, new = an_order(), an_order(START), an_order(LATER)
        for paid in (old, new):
            paid.pay(PaymentId(new_id()), LATER)
        await save(store, pending, old, new)
        assert await store.waiting(LATER) == Waiting(unpaid=1, to_ship=2, overdue=1)


class TestListingOrders:
    async def test_goes_newest_first_page_by_page(self, store: Store) -> None:
        made = [an_order(START + timedelta(days=20 * n)) for n in range(5)]
        await save(store, *made)
        seen: list[Order] = []
        cursor = None
        for _ in range(3):
            page = await store.orders(OrderFilter(), 2, cursor)
            seen += page.items
            cursor = page.cursor
        assert cursor is None
        assert [order.order_id for order in seen] == [o.order_id for o in reversed(made)]

    async def test_goes_by_the_latest_change_and_misses_none_that_changes_meanwhile(
        self, store: Store
    ) -> None:
        start = START + timedelta(hours=1)
        before, *made = [an_order() for _ in range(5)]
        for n, order in enumerate([*made[1:], made[0]]):
            order.note("noted", start + timedelta(minutes=n // 2))  # two and two at one moment
        await save(store, before, *made)
        wanted = OrderFilter(updated_since=start)
        page = await store.orders(wanted, 2, None)
        first = [order.order_id for order in page.items]
        assert first == sorted(order.order_id for order in made[1:3])
        for order_id in (first[0], made[3].order_id):  # one that was read, and one that was not
            changed = await store.order(order_id)
            assert changed is not None
            changed.note("noted", start + timedelta(hours=1))
            await save(store, changed)
        seen: list[str] = []
        while page.cursor is not None:
            page = await store.orders(wanted, 2, page.cursor)
            seen += [order.order_id for order in page.items]
        assert seen == [made[0].order_id, *sorted([first[0], made[3].order_id])]

    async def test_goes_by_a_change_that_meets_the_other_conditions(self, store: Store) -> None:
        mine, theirs = an_order(), an_order(customer_id=STRANGER)
        await save(store, mine, theirs)
        wanted = OrderFilter(updated_since=START, customer_id=STRANGER)
        assert [o.order_id for o in (await store.orders(wanted, 10, None)).items] == [
            theirs.order_id
        ]

    @pytest.mark.parametrize(
        "key",
        [("0193",), ("soon", new_id()), ("0001-01-01T00:00:00+10:00", new_id()), (LATER, "x")],
    )
    async def test_by_change_refuses_a_cursor_of_another_list(
        self, store: Store, key: tuple[str | datetime, ...]
    ) -> None:
        cursor = encode_cursor(*map(str, key))
        with pytest.raises(InvalidInput):
            await store.orders(OrderFilter(updated_since=START), 10, cursor)

    @pytest.mark.parametrize("key", [("x",), (1,), (new_id(), "x")])
    async def test_refuses_a_cursor_of_another_list(
        self, store: Store, key: tuple[str | int, ...]
    ) -> None:
        with pytest.raises(InvalidInput):
            await store.orders(OrderFilter(), 10, encode_cursor(*key))

    async def test_goes_by_customer_and_status(self, store: Store) -> None:
        mine, cancelled, theirs = an_order(), an_order(), an_order(customer_id=STRANGER)
        cancelled.cancel("no", LATER)
        await save(store, mine, cancelled, theirs)
        found = await store.orders(
            OrderFilter(customer_id=CUSTOMER, status=OrderStatus.PENDING), 10, None
        )
        assert [order.order_id for order in found.items] == [mine.order_id]
        found = await store.orders(OrderFilter(status=OrderStatus.CANCELLED), 10, None)
        assert [order.order_id for order in found.items] == [cancelled.order_id]
        of_mine = await store.orders_of_customer(CUSTOMER)
        assert {o.order_id for o in of_mine} == {mine.order_id, cancelled.order_id}

    async def test_finds_nothing_of_a_customer_who_was_forgotten(self, store: Store) -> None:
        made = [an_order() for _ in range(30)]
        await save(store, *made)
        orders = await store.orders_of_customer(CUSTOMER)
        for order in orders:
            order.forget_person(LATER)
        await save(store, *orders)
        assert await store.orders_of_customer(CUSTOMER) == []
        assert (await reload(store, made[0])).payment_status is PaymentStatus.PENDING


class TestIntents:
    async def test_are_found_by_key_age_and_order(self, store: Store) -> None:
        old = Intent(OrderId(new_id()), "staff\nPOST\nk", START)
        new = Intent(OrderId(new_id()), None, LATER)
        await save(store, old, new)
        assert await store.intent("staff\nPOST\nk") == old
        assert await store.intent("another") is None
        assert await store.intents_before(LATER) == [old]
        assert await store.intents_before(LATER + timedelta(seconds=1)) == [old, new]
        assert await store.is_intended(new.order_id)
        assert not await store.is_intended(OrderId(new_id()))

    async def test_are_one_a_key(self, store: Store) -> None:
        await save(store, Intent(OrderId(new_id()), "k", START))
        with pytest.raises(StaleVersion):
            await save(store, Intent(OrderId(new_id()), "k", START))

    async def test_go_when_their_order_comes(self, store: Store) -> None:
        intent = Intent(OrderId(new_id()), "k", START)
        await save(store, intent)
        changes = Changes()
        changes.save(an_order(order_id=intent.order_id))
        changes.remove(replace(intent))
        await store.commit(changes)
        assert await store.intent("k") is None
        again = Changes()
        again.remove(intent)
        with pytest.raises(StaleVersion):
            await store.commit(again)


class TestCarts:
    async def test_come_back_with_their_lines_in_order(self, store: Store) -> None:
        cart = Cart(CartId(new_id()), CUSTOMER, START, START)
        cart.put(TOY, 3, Money(750, "EUR"), LATER)
        cart.put(BAG, 1, Money(MAX_MINOR), LATER)
        await save(store, cart)
        found = await store.cart(cart.cart_id)
        assert found == cart
        assert list(found.lines) == [TOY, BAG]
        cart.become(OrderId(new_id()), None, LATER)
        await save(store, cart)
        assert await store.cart(cart.cart_id) == cart

    async def test_are_found_by_customer_until_they_are_removed(self, store: Store) -> None:
        cart = Cart(CartId(new_id()), CUSTOMER, START, START)
        await save(store, cart, Cart(CartId(new_id()), None, START, START))
        assert await store.carts_of_customer(CUSTOMER) == [cart]
        changes = Changes()
        changes.remove(cart)
        await store.commit(changes)
        assert await store.cart(cart.cart_id) is None


class TestPromotions:
    async def test_come_back_with_every_field(self, store: Store) -> None:
        promotion = a_promotion(
            ends_at=LATER,
            amount=Money(500, "EUR"),
            buy_product=BAG,
            buy_quantity=2,
            get_product=TOY,
            get_quantity=3,
            minimum=Money(1, "EUR"),
            max_uses=10,
            max_uses_per_customer=1,
        )
        await save(store, promotion)
        assert await store.promotion("PUPPY10") == promotion

    async def test_are_found_in_any_case_and_listed_by_code(self, store: Store) -> None:
        await save(store, a_promotion(), replace(a_promotion(), code="aaa"))
        found = await store.promotion("puppy10")
        assert found is not None
        assert found.code == "PUPPY10"
        assert [each.code for each in await store.promotions()] == ["aaa", "PUPPY10"]
        with pytest.raises(StaleVersion):
            await save(store, replace(a_promotion(), code="Puppy10"))

    async def test_count_their_uses(self, store: Store) -> None:
        await save(store, a_promotion())
        order_id = OrderId(new_id())
        await save(store, Redemption("PUPPY10", order_id, CUSTOMER))
        found = await store.promotion("PUPPY10")
        assert found is not None
        assert found.uses == 1
        assert await store.uses_by("puppy10", CUSTOMER) == 1
        assert await store.redemptions_of(CUSTOMER) == [
            Redemption("PUPPY10", order_id, CUSTOMER, 1)
        ]

    async def test_forget_who_used_them(self, store: Store) -> None:
        await save(store, a_promotion())
        await save(store, Redemption("PUPPY10", OrderId(new_id()), CUSTOMER))
        (used,) = await store.redemptions_of(CUSTOMER)
        used.customer = None
        await save(store, used)
        assert await store.redemptions_of(CUSTOMER) == []

    async def test_are_not_used_more_often_than_they_may(self, store: Store) -> None:
        await save(store, a_promotion(max_uses=7))
        orders = [an_order(customer_id=CustomerId(new_id())) for _ in range(30)]
        results = await asyncio.gather(
            *(
                save(store, order, Redemption("PUPPY10", order.order_id, order.customer_id))
                for order in orders
            ),
            return_exceptions=True,
        )
        assert sum(result is None for result in results) == 7
        assert sum(isinstance(result, StaleVersion) for result in results) == 23
        found = await store.promotion("PUPPY10")
        assert found is not None
        assert found.uses == 7

    async def test_are_not_used_more_often_than_a_customer_may(self, store: Store) -> None:
        await save(store, a_promotion(max_uses_per_customer=2))
        results = await asyncio.gather(
            *(save(store, Redemption("PUPPY10", OrderId(new_id()), CUSTOMER)) for _ in range(20)),
            return_exceptions=True,
        )
        assert sum(result is None for result in results) == 2
        assert await store.uses_by("PUPPY10", CUSTOMER) == 2

    async def test_that_are_unknown_cannot_be_used(self, store: Store) -> None:
        with pytest.raises(StaleVersion):
            await save(store, Redemption("NONE", OrderId(new_id()), CUSTOMER))


@pytest.mark.engine
class TestPartitions:
    async def test_hold_the_orders_of_their_month(self, postgres_store: PostgresOrderStore) -> None:
        await save(postgres_store, an_order(START), an_order(START + timedelta(days=35)))
        rows = await postgres_store.postgres.fetch("SELECT tableoid::regclass::text FROM orders")
        assert sorted(name for (name,) in rows) == ["orders_2026_03", "orders_2026_04"]

    async def test_are_made_once_however_many_make_them(
        self, postgres_store: PostgresOrderStore
    ) -> None:
        next_year = START + timedelta(days=300)
        opened = postgres_store.postgres
        await asyncio.gather(*(ensure_partitions(opened, PARTED, next_year) for _ in range(4)))
        rows = await opened.fetch(
            "SELECT inhrelid::regclass::text FROM pg_inherits"
            " WHERE inhparent = 'orders'::regclass ORDER BY 1"
        )
        assert [name for (name,) in rows] == [
            *(f"orders_2026_{month:02}" for month in (3, 4, 5, 12)),
            "orders_2027_01",
            "orders_2027_02",
            "orders_rest",
        ]

    async def test_of_other_months_are_not_looked_into(
        self, postgres_store: PostgresOrderStore
    ) -> None:
        opened = postgres_store.postgres
        order_id = new_id(START)
        plan = await opened.fetch(
            "EXPLAIN (ANALYZE, COSTS off) SELECT 1 FROM unnest($1::uuid[]) AS asked (id)"
            " JOIN orders ON order_id = asked.id",
            [order_id],
        )
        text = "\n".join(line for (line,) in plan)
        touched = [line for line in text.splitlines() if " on orders" in line]
        skipped = [line for line in touched if "never executed" in line]
        assert len(touched) - len(skipped) == 1, text

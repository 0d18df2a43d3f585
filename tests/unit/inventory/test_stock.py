"""Stock under any sequence of holds, deductions, releases, expiries, counts and adjustments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from kibble.kernel.ids import OrderId, ProductId, WarehouseId
from kibble.services.inventory import model
from kibble.services.inventory.errors import (
    BelowReserved,
    HoldDiffers,
    HoldSettled,
    NotEnoughStock,
    UnknownProduct,
)
from kibble.services.inventory.model import Book, Hold, HoldState, Level, Stock

START = datetime(2026, 3, 2, tzinfo=UTC)
PRODUCTS = [ProductId("food"), ProductId("toy")]
WAREHOUSES = {WarehouseId("east"): 1, WarehouseId("west"): 2}
ORDERS = [OrderId(f"order-{n}") for n in range(6)]

orders = st.sampled_from(ORDERS)
products = st.sampled_from(PRODUCTS)
warehouses = st.sampled_from(list(WAREHOUSES))
demands = st.dictionaries(products, st.integers(1, 6), min_size=1)


class StockMachine(RuleBasedStateMachine):
    """A ledger in memory, and beside it what was received and sold."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.stocks = {product: Stock(product) for product in PRODUCTS}
        self.holds: dict[OrderId, Hold] = {}
        self.received = dict.fromkeys(PRODUCTS, 0)

    def _book(self, order_id: OrderId | None = None) -> Book:
        return Book(self.stocks, WAREHOUSES, self.holds.get(order_id) if order_id else None)

    @rule(product=products, warehouse=warehouses, level=st.integers(0, 12))
    def count(self, product: ProductId, warehouse: WarehouseId, level: int) -> None:
        before = self.stocks[product].on_hand
        try:
            model.set_level(self._book(), product, warehouse, level)
        except BelowReserved:
            return
        self.received[product] += self.stocks[product].on_hand - before

    @rule(product=products, warehouse=warehouses, delta=st.integers(-4, 8).filter(bool))
    def adjust(self, product: ProductId, warehouse: WarehouseId, delta: int) -> None:
        try:
            model.adjust(self._book(), product, warehouse, delta, "found some")
        except BelowReserved:
            return
        self.received[product] += delta

    @rule(order=orders, wanted=demands, minutes=st.integers(1, 20))
    def reserve(self, order: OrderId, wanted: dict[ProductId, int], minutes: int) -> None:
        book = self._book(order)
        try:
            hold = model.reserve(book, order, wanted, self.now + timedelta(minutes=minutes))
        except (NotEnoughStock, HoldSettled):
            return
        except HoldDiffers:
            assert model.demands_of(self.holds[order].takes) != wanted
            return
        assert model.demands_of(hold.takes) == wanted
        self.holds[order] = hold

    @rule(order=orders)
    def deduct(self, order: OrderId) -> None:
        book = self._book(order)
        deducted = model.deduct(book)
        if book.hold is not None:
            self.holds[order] = book.hold
            assert deducted == (book.hold.state is HoldState.DEDUCTED)
        assert model.deduct(self._book(order)) == deducted

    @rule(order=orders)
    def release(self, order: OrderId) -> None:
        model.release(self._book(order), "cancelled")
        assert not model.release(self._book(order), "cancelled")

    @rule(minutes=st.integers(1, 30))
    def wait_and_sweep(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        for order in list(self.holds):
            model.expire(self._book(order), self.now)
            assert not model.expire(self._book(order), self.now)

    @invariant()
    def nothing_is_negative(self) -> None:
        for stock in self.stocks.values():
            for level in stock.levels.values():
                assert 0 <= level.reserved <= level.on_hand

    @invariant()
    def what_is_reserved_is_what_is_held(self) -> None:
        for product, stock in self.stocks.items():
            assert stock.reserved == self._taken(product, HoldState.HELD)

    @invariant()
    def on_hand_is_what_was_received_less_what_was_sold(self) -> None:
        for product, stock in self.stocks.items():
            assert stock.on_hand == self.received[product] - self._taken(
                product, HoldState.DEDUCTED
            )

    def _taken(self, product: ProductId, state: HoldState) -> int:
        return sum(
            take.quantity
            for hold in self.holds.values()
            if hold.state is state
            for take in hold.takes
            if take.product_id == product
        )


TestStock = StockMachine.TestCase


def _book(**levels: dict[str, int]) -> Book:
    stocks = {
        ProductId(product): Stock(
            ProductId(product), {WarehouseId(w): Level(n) for w, n in by_warehouse.items()}
        )
        for product, by_warehouse in levels.items()
    }
    return Book(stocks, WAREHOUSES)


def _takes(book: Book, wanted: dict[str, int]) -> list[tuple[str, str, int]]:
    demands = {ProductId(product): n for product, n in wanted.items()}
    return [(t.product_id, t.warehouse_id, t.quantity) for t in model.allocate(book, demands)]


class TestAllocation:
    def test_prefers_one_warehouse_that_has_everything(self) -> None:
        book = _book(food={"east": 5, "west": 5}, toy={"west": 5})
        assert _takes(book, {"food": 2, "toy": 2}) == [("food", "west", 2), ("toy", "west", 2)]

    def test_splits_a_line_only_when_it_must_and_by_priority(self) -> None:
        book = _book(food={"east": 3, "west": 5})
        assert _takes(book, {"food": 6}) == [("food", "east", 3), ("food", "west", 3)]

    def test_names_every_line_that_is_short(self) -> None:
        with pytest.raises(NotEnoughStock) as caught:
            _takes(_book(food={"east": 1}, toy={"east": 0}), {"food": 2, "toy": 1})
        assert [(lack.product_id, lack.available) for lack in caught.value.lacks] == [
            ("food", 1),
            ("toy", 0),
        ]

    def test_sells_nothing_that_was_delisted(self) -> None:
        book = _book(food={"east": 5})
        book.stocks[ProductId("food")].listed = False
        with pytest.raises(UnknownProduct):
            _takes(book, {"food": 1})

    @given(
        st.dictionaries(st.sampled_from(["east", "west"]), st.integers(0, 9)), st.integers(1, 18)
    )
    def test_takes_exactly_what_is_wanted_and_never_more_than_there_is(
        self, levels: dict[str, int], wanted: int
    ) -> None:
        book = _book(food=levels)
        if sum(levels.values()) < wanted:
            return
        takes = _takes(book, {"food": wanted})
        assert sum(quantity for _, _, quantity in takes) == wanted
        assert all(quantity <= levels[warehouse] for _, warehouse, quantity in takes)

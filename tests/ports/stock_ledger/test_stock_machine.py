"""Any sequence of changes does to a ledger what it does to the model in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from copy import deepcopy
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from kibble.kernel.errors import KibbleError
from kibble.kernel.ids import OrderId, ProductId, WarehouseId
from kibble.platform.engines.cassandra import DriverSession
from kibble.services.inventory import model
from kibble.services.inventory.model import Book, Hold, Stock
from tests.ports.stock_ledger.depot import CassandraDepot, Depot, SqliteDepot

T = TypeVar("T")

products = st.integers(0, 1)
warehouses = st.integers(0, 1)
orders = st.integers(0, 3)


class LedgerMachine(RuleBasedStateMachine):
    """A ledger, and beside it the same in memory; both are told the same."""

    open_depot: Callable[[], Depot]
    run: Callable[[Coroutine[Any, Any, Any]], Any]

    def __init__(self) -> None:
        super().__init__()
        self.depot = type(self).open_depot()
        self.run(self._fill())
        self.stocks = {p: Stock(p) for p in self.products}
        self.holds: dict[OrderId, Hold] = {}

    async def _fill(self) -> None:
        depot = self.depot
        await depot.open()
        west = await depot.open_warehouse("WEST", 2)
        self.warehouses = {depot.warehouse_id: 1, west: 2}
        self.products = [await depot.product(), await depot.product()]
        self.orders = [depot.order() for _ in range(4)]

    def change(
        self,
        decide: Callable[[Book], T],
        product_ids: list[ProductId],
        order_id: OrderId | None = None,
    ) -> None:
        """Do the same to both, and compare the answers."""
        stocks = {p: deepcopy(stock) for p, stock in self.stocks.items()}
        book = Book(stocks, self.warehouses, deepcopy(self.holds.get(order_id or OrderId(""))))
        expected = self._outcome(lambda: decide(book))
        ledger = self.depot.ledger
        seen = self._outcome(
            lambda: self.run(ledger.change(decide, order_id=order_id, product_ids=product_ids))
        )
        assert seen == expected
        if not isinstance(expected, type):
            self.stocks = stocks
            if order_id and book.hold:
                self.holds[order_id] = book.hold

    def _outcome(self, act: Callable[[], object]) -> object:
        """Return the answer, or the kind of the refusal; a stock's version is the ledger's own."""
        try:
            answer = act()
        except KibbleError as error:
            return type(error)
        return self._levels(answer) if isinstance(answer, Stock) else answer

    def _warehouse(self, number: int) -> WarehouseId:
        return list(self.warehouses)[number]

    @rule(product=products, warehouse=warehouses, level=st.integers(0, 9))
    def count(self, product: int, warehouse: int, level: int) -> None:
        food = self.products[product]
        place = self._warehouse(warehouse)
        decide = partial(model.set_level, product_id=food, warehouse_id=place, on_hand=level)
        self.change(decide, [food])

    @rule(product=products, warehouse=warehouses, delta=st.integers(-4, 6))
    def adjust(self, product: int, warehouse: int, delta: int) -> None:
        food = self.products[product]
        place = self._warehouse(warehouse)
        decide = partial(
            model.adjust, product_id=food, warehouse_id=place, delta=delta, reason="found"
        )
        self.change(decide, [food])

    @rule(order=orders, wanted=st.dictionaries(products, st.integers(1, 6), min_size=1))
    def reserve(self, order: int, wanted: dict[int, int]) -> None:
        demands = {self.products[product]: quantity for product, quantity in wanted.items()}
        order_id, until = self.orders[order], self.depot.clock.now() + timedelta(minutes=15)
        decide = partial(model.reserve, order_id=order_id, demands=demands, expires_at=until)
        self.change(decide, list(demands), order_id)

    @rule(order=orders)
    def deduct(self, order: int) -> None:
        self.change(model.deduct, [], self.orders[order])

    @rule(order=orders)
    def release(self, order: int) -> None:
        self.change(partial(model.release, reason="cancelled"), [], self.orders[order])

    @rule(order=orders, minutes=st.integers(1, 40))
    def extend(self, order: int, minutes: int) -> None:
        until = self.depot.clock.now() + timedelta(minutes=minutes)
        self.change(partial(model.extend, until=until), [], self.orders[order])

    @rule(minutes=st.integers(1, 20))
    def wait_and_sweep(self, minutes: int) -> None:
        self.depot.clock.advance(minutes * 60)
        now = self.depot.clock.now()
        over = {order for order, hold in self.holds.items() if hold.is_over(now)}
        found = self.run(self.depot.ledger.expired_orders(now, 100))
        assert {order for order in found if order in self.orders} == over
        for order in over:
            self.change(partial(model.expire, now=now), [], order)

    @invariant()
    def levels_are_the_models(self) -> None:
        seen = self.run(self.depot.ledger.stock(self.products))
        for product_id, stock in self.stocks.items():
            assert self._levels(seen[product_id]) == self._levels(stock)

    def _levels(self, stock: Stock) -> dict[WarehouseId, tuple[int, int]]:
        """Return what is on hand and reserved where there is something."""
        return {
            place: (level.on_hand, level.reserved)
            for place, level in stock.levels.items()
            if level.on_hand
        }


def _run_machine(
    open_depot: Callable[[], Depot], runner: asyncio.Runner, *, examples: int, steps: int
) -> None:
    machine = type(
        "Machine",
        (LedgerMachine,),
        {"open_depot": staticmethod(open_depot), "run": staticmethod(runner.run)},
    )
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink takes an hour
        ),
    )


def test_a_ledger_on_sqlite_does_what_the_model_does(tmp_path: Path) -> None:
    folders = (tmp_path / str(number) for number in range(10_000))
    with asyncio.Runner() as runner:
        _run_machine(lambda: SqliteDepot(next(folders), inline=True), runner, examples=15, steps=25)


@pytest.mark.engine
def test_a_ledger_on_cassandra_does_what_the_model_does(session: DriverSession) -> None:
    with asyncio.Runner() as runner:
        runner.run(session.change_schema("TRUNCATE warehouses"))
        numbers = iter(range(10_000))

        def open_depot() -> Depot:
            runner.run(session.change_schema("TRUNCATE warehouses"))
            runner.run(session.change_schema("TRUNCATE progress"))
            depot = CassandraDepot(session)
            depot.clock.advance(next(numbers) * 86_400)
            return depot

        _run_machine(open_depot, runner, examples=6, steps=20)

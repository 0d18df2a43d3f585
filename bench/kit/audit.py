"""The audit of the books: orders, money and stock agree, and nothing is stuck.

It reads the files of a data folder, each service's and the payment provider's, and trusts nobody's
summary. The shop may be running, but must be settled: see ``unsettled``.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from kibble.runtime.names import SERVICES

PROVIDER = "sandbox-payments"
PAID_FOR = {"CONFIRMED", "SHIPPED", "DELIVERED"}
GIVEN_BACK = {"CANCELLED", "REFUNDED"}
MOST_TOLD = 10

Row = tuple[Any, ...]
Cell = tuple[str, str]
"""A product in a warehouse."""


class Files:
    """The databases of a data folder, to be read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def rows(self, name: str, sql: str, *values: object) -> list[Row]:
        """Return the rows of a query to one database."""
        with closing(sqlite3.connect(self._folder / f"{name}.db", timeout=10)) as connection:
            connection.execute("PRAGMA query_only = ON")
            return connection.execute(sql, values).fetchall()

    def count(self, name: str, sql: str, *values: object) -> int:
        """Return the only number of a query's only row."""
        ((number,),) = self.rows(name, sql, *values)
        return int(number)


class Order(NamedTuple):
    """An order as its service keeps it; money in minor units."""

    id: str
    status: str
    payment_status: str
    due: int
    refunded: int
    allocations: str

    @property
    def allocated(self) -> Counter[Cell]:
        """Units by product and warehouse."""
        return _units(json.loads(self.allocations))


@dataclass(frozen=True)
class Books:
    """Everybody's books, read once. Money is by order id; holds are (state, takes) by order id."""

    orders: Mapping[str, Order]
    charges: Mapping[str, list[int]]
    refunds: Mapping[str, int]
    payments: Mapping[str, tuple[int, int]]
    holds: Mapping[str, tuple[str, Counter[Cell]]]
    levels: Mapping[Cell, tuple[int, int]]
    moved: Mapping[Cell, int]
    sold: Mapping[str, Counter[Cell]]
    parked: Mapping[str, int]

    @classmethod
    def read(cls, folder: Path) -> Books:
        """Read the files of a data folder."""
        files = Files(folder)
        return cls(
            orders=_orders(files),
            charges=_charges(files),
            refunds=dict(
                files.rows(
                    PROVIDER,
                    "SELECT order_id, sum(r.amount) FROM refunds r JOIN charges c"
                    " USING (payment_id) GROUP BY 1",
                )
            ),
            payments=_payments(files),
            holds=_holds(files),
            levels={
                (product, warehouse): (stock, reserved)
                for product, warehouse, stock, reserved in files.rows(
                    "inventory", "SELECT product_id, warehouse_id, stock, reserved FROM inventory"
                )
            },
            moved={
                (product, warehouse): delta
                for product, warehouse, delta in files.rows(
                    "inventory",
                    "SELECT product_id, warehouse_id, sum(delta) FROM movements GROUP BY 1, 2",
                )
            },
            sold=_sold(files),
            parked=_parked(files),
        )


def audit(folder: Path, acknowledged: Collection[str] | None = None) -> list[str]:
    """Return what is wrong, a sentence each; nothing when the books agree.

    ``acknowledged`` are the ids of all orders that were answered 201, one for each idempotency
    key: then these, each once, are the shop's orders.
    """
    books = Books.read(folder)
    found = [
        finding
        for rule in (_money, _stock, _holds_of_orders, _parked_events)
        for finding in rule(books)
    ]
    if acknowledged is not None:
        found += _acknowledged(books, acknowledged)
    if len(found) > MOST_TOLD:
        return [*found[:MOST_TOLD], f"... and {len(found) - MOST_TOLD} more"]
    return found


def _orders(files: Files) -> dict[str, Order]:
    rows = files.rows(
        "order",
        "SELECT order_id, status, payment_status, total_amount - discount + shipping + tax,"
        " refunded, allocations FROM orders",
    )
    return {row[0]: Order(*row) for row in rows}


def _charges(files: Files) -> dict[str, list[int]]:
    """Return the amounts that the provider took for each order."""
    charges: dict[str, list[int]] = {}
    for order_id, amount in files.rows(
        PROVIDER, "SELECT order_id, amount FROM charges WHERE decline_code IS NULL"
    ):
        charges.setdefault(order_id, []).append(amount)
    return charges


def _payments(files: Files) -> dict[str, tuple[int, int]]:
    """Return what Payment's ledger says was captured and refunded for each order."""
    rows = files.rows(
        "payment",
        "SELECT order_id, total(l.amount) FILTER (WHERE transfer = 'CAPTURE'),"
        " total(l.amount) FILTER (WHERE transfer = 'REFUND')"
        " FROM ledger l JOIN payments USING (payment_id) GROUP BY 1",
    )
    return {order_id: (int(captured), int(refunded)) for order_id, captured, refunded in rows}


def _units(takes: list[list[Any]]) -> Counter[Cell]:
    units: Counter[Cell] = Counter()
    for product, warehouse, quantity in takes:
        units[product, warehouse] += quantity
    return units


def _holds(files: Files) -> dict[str, tuple[str, Counter[Cell]]]:
    return {
        order_id: (state, _units(json.loads(takes)))
        for order_id, state, takes in files.rows(
            "inventory", "SELECT order_id, state, takes FROM holds"
        )
    }


def _sold(files: Files) -> dict[str, Counter[Cell]]:
    """Return the units that the ledger of movements says each order took, less what came back."""
    sold: dict[str, Counter[Cell]] = {}
    for order_id, product, warehouse, delta in files.rows(
        "inventory",
        "SELECT reference, product_id, warehouse_id, sum(delta) FROM movements"
        " WHERE reference IS NOT NULL GROUP BY 1, 2, 3",
    ):
        sold.setdefault(order_id, Counter())[product, warehouse] -= delta
    return sold


def _parked(files: Files) -> dict[str, int]:
    return {name: files.count(name, "SELECT count(*) FROM parked_events") for name in SERVICES}


def _money(books: Books) -> Iterator[str]:
    """Provider, Payment and Order tell of the same money, and it is what the order's state says."""
    for order_id in books.charges.keys() | books.payments.keys():
        if order_id not in books.orders:
            yield f"money was taken for {order_id}, which is no order"
    for order in books.orders.values():
        charges = books.charges.get(order.id, [])
        charged, refunded = sum(charges), books.refunds.get(order.id, 0)
        if len(charges) > 1:
            yield f"order {order.id} was charged {len(charges)} times"
        if books.payments.get(order.id, (0, 0)) != (charged, refunded):
            yield f"order {order.id}: the provider and Payment differ"
        if refunded != order.refunded:
            yield f"order {order.id}: refunded {refunded}, the order says {order.refunded}"
        if charged - refunded != _owed(order):
            state = f"{order.status}, {order.payment_status}"
            yield f"order {order.id} is {state}, and {charged - refunded} of {order.due} are kept"


def _owed(order: Order) -> int:
    """Return the money that the shop has of an order, as its state says."""
    if order.status in GIVEN_BACK or order.payment_status in {"PENDING", "FAILED", "REFUNDED"}:
        return 0
    return order.due - order.refunded


def _stock(books: Books) -> Iterator[str]:
    """On hand is what came less what was sold; reserved is what open holds take."""
    held: Counter[Cell] = Counter()
    for state, takes in books.holds.values():
        if state == "HELD":
            held += takes
    for cell in books.levels.keys() | books.moved.keys() | held.keys():
        on_hand, reserved = books.levels.get(cell, (0, 0))
        if not 0 <= reserved <= on_hand:
            yield f"stock of {cell}: {reserved} of {on_hand} are reserved"
        if on_hand != books.moved.get(cell, 0):
            yield f"stock of {cell}: {on_hand} on hand, {books.moved.get(cell, 0)} moved"
        if reserved != held[cell]:
            yield f"stock of {cell}: {reserved} reserved, {held[cell]} held"


def _holds_of_orders(books: Books) -> Iterator[str]:
    """What was held or sold for an order is what the order says, and no more."""
    for order_id, (state, takes) in books.holds.items():
        if order_id not in books.orders and state in {"HELD", "DEDUCTED"}:
            yield f"stock is {state} for {order_id}, which is no order"
        sold = +books.sold.get(order_id, Counter())
        if sold != (takes if state == "DEDUCTED" else Counter()):
            yield f"order {order_id}: the hold is {state}, and {dict(sold)} was sold"
    for order in books.orders.values():
        state, takes = books.holds.get(order.id, ("missing", Counter()))
        if order.status in PAID_FOR and (state != "DEDUCTED" or takes != order.allocated):
            yield f"order {order.id} is {order.status}, its hold {state}"
        if order.status == "CANCELLED" and state in {"HELD", "DEDUCTED"}:
            yield f"order {order.id} is cancelled, its hold {state}"


def _parked_events(books: Books) -> Iterator[str]:
    for name, count in books.parked.items():
        if count:
            yield f"{count} events of {name} are parked"


def _acknowledged(books: Books, acknowledged: Collection[str]) -> Iterator[str]:
    for order_id, times in Counter(acknowledged).items():
        if times > 1:
            yield f"order {order_id} was the answer to {times} keys"
        if order_id not in books.orders:
            yield f"order {order_id} was acknowledged, and is lost"
    for order_id in books.orders.keys() - set(acknowledged):
        yield f"order {order_id} was placed, and nobody asked for it"


def backlog(folder: Path) -> int:
    """Return how many published events a consumer has not taken yet."""
    files = Files(folder)
    return sum(
        files.count(
            source, "SELECT count(*) FROM outbox WHERE topic = ? AND position > ?", topic, position
        )
        for name in SERVICES
        for source, topic, position in files.rows(
            name, "SELECT source, topic, position FROM offsets"
        )
    )


_UNPAID = "status = 'PENDING' AND payment_status IN ('PENDING', 'PROCESSING')"
_UNLABELLED = "status = 'CONFIRMED' AND parcels = '[]'"
_WAITING = {
    "orders to be paid": ("order", f"orders WHERE {_UNPAID}"),
    "orders without a label": ("order", f"orders WHERE {_UNLABELLED}"),
    "refunds under way": ("payment", "refunds WHERE status = 'PENDING'"),
    "messages to be sent": ("notification", "messages WHERE status = 'PENDING'"),
}


def unsettled(folder: Path) -> dict[str, int]:
    """Return what is under way, by its name; nothing when the shop is settled."""
    if waiting := backlog(folder):
        return {"events": waiting}
    files = Files(folder)
    counts = {
        name: files.count(service, f"SELECT count(*) FROM {what}")  # noqa: S608 - fixed words
        for name, (service, what) in _WAITING.items()
    }
    return {name: count for name, count in counts.items() if count}


def settle(folder: Path, seconds: float, alive: Callable[[], None] = lambda: None) -> float:
    """Wait until a running shop is settled; return how long that took. Raises ``TimeoutError``."""
    began = time.monotonic()
    while waiting := unsettled(folder):
        alive()
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"after {seconds:g} s there still were {waiting}")
        time.sleep(0.1)
    return time.monotonic() - began


def reconcile(folder: Path) -> list[str]:
    """Return what ``kibble reconcile`` finds."""
    command = (sys.executable, "-m", "kibble.runtime", "reconcile", "--json", "--data-dir")
    done = subprocess.run(  # noqa: S603 - our own program
        [*command, str(folder)], capture_output=True, check=False, text=True
    )
    if done.returncode == 0:
        return []
    return [f"kibble reconcile: {(done.stdout or done.stderr).strip()[-500:]}"]

"""What staff ask of Order's store, on SQLite: searches and sales figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from kibble.kernel.clock import from_text, to_text
from kibble.kernel.words import PAST_ALL
from kibble.platform.engines.sqlite import Database
from kibble.services.order.model.order import OrderStatus, PaymentStatus
from kibble.services.order.model.sales import Cell, Waiting
from kibble.services.order.model.search import OrderFilter

_DUE = "total_amount - discount + shipping + tax"
_BEGINS = "order_id IN (SELECT order_id FROM order_words WHERE word >= ? AND word < ?)"
_WAITING = (
    "SELECT count(*) FILTER (WHERE status = 'PENDING'),"
    " count(*) FILTER (WHERE status = 'CONFIRMED'),"
    " count(*) FILTER (WHERE status = 'CONFIRMED' AND order_date < ?)"
    " FROM orders WHERE status IN ('PENDING', 'CONFIRMED')"
)


def conditions_of(wanted: OrderFilter) -> Iterator[tuple[object, ...]]:
    """Yield each condition of a search with its values."""
    for term in wanted.terms:
        yield _BEGINS, term, term + PAST_ALL
    given = [
        ("customer_id = ?", wanted.customer_id),
        ("status = ?", wanted.status and wanted.status.value),
        ("payment_status = ?", wanted.payment_status and wanted.payment_status.value),
        ("order_date >= ?", wanted.since and to_text(wanted.since)),
        ("order_date < ?", wanted.before and to_text(wanted.before)),
        (f"{_DUE} >= ?", wanted.least),
        (f"{_DUE} <= ?", wanted.most),
    ]
    yield from ((sql, value) for sql, value in given if value is not None)


class _HasDatabase(Protocol):
    @property
    def database(self) -> Database: ...


class SqliteSales:
    """Implements ``SalesLedger`` for a store."""

    async def sales(
        self: _HasDatabase, since: datetime, before: datetime, currency: str, *, hourly: bool
    ) -> Sequence[Cell]:
        """See ``SalesLedger.sales``."""
        length, rest = (13, ":00:00.000000Z") if hourly else (10, "T00:00:00.000000Z")
        rows = self.database.read(
            "SELECT substr(order_date, 1, ?), status, payment_status, count(*),"
            f" sum({_DUE}), sum(refunded) FROM orders"
            " WHERE currency = ? AND order_date >= ? AND order_date < ? GROUP BY 1, 2, 3",
            (length, currency, to_text(since), to_text(before)),
        )
        return [
            Cell(from_text(row[0] + rest), OrderStatus(row[1]), PaymentStatus(row[2]), *row[3:])
            for row in rows
        ]

    async def waiting(self: _HasDatabase, overdue_before: datetime) -> Waiting:
        """See ``SalesLedger.waiting``."""
        return Waiting(*self.database.read(_WAITING, (to_text(overdue_before),))[0])

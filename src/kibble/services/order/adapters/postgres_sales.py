"""What staff ask of Order's store, on PostgreSQL: searches and sales figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from kibble.kernel.words import PAST_ALL
from kibble.platform.engines.postgres import Postgres
from kibble.services.order.model.order import OrderStatus, PaymentStatus
from kibble.services.order.model.sales import Cell, Waiting
from kibble.services.order.model.search import OrderFilter

_DUE = "(total_amount - discount + shipping + tax)"
_BEGINS = "order_id IN (SELECT order_id FROM order_words WHERE word >= {} AND word < {})"
_WAITING = (
    "SELECT count(*) FILTER (WHERE status = 'PENDING'),"
    " count(*) FILTER (WHERE status = 'CONFIRMED'),"
    " count(*) FILTER (WHERE status = 'CONFIRMED' AND order_date < $1)"
    " FROM orders WHERE status IN ('PENDING', 'CONFIRMED')"
)


def conditions_of(wanted: OrderFilter) -> Iterator[tuple[str, Sequence[object]]]:
    """Yield each condition of a search, with ``{}`` for its values, and these."""
    for term in wanted.terms:
        yield _BEGINS, (term, term + PAST_ALL)
    given = [
        ("customer_id = {}", wanted.customer_id),
        ("status = {}", wanted.status and wanted.status.value),
        ("payment_status = {}", wanted.payment_status and wanted.payment_status.value),
        ("order_date >= {}", wanted.since),
        ("order_date < {}", wanted.before),
        (f"{_DUE} >= {{}}::bigint * 0.01", wanted.least),
        (f"{_DUE} <= {{}}::bigint * 0.01", wanted.most),
    ]
    yield from ((sql, (value,)) for sql, value in given if value is not None)


class _HasPostgres(Protocol):
    @property
    def postgres(self) -> Postgres: ...


class PostgresSales:
    """Implements ``SalesLedger`` for a store."""

    async def sales(
        self: _HasPostgres, since: datetime, before: datetime, currency: str, *, hourly: bool
    ) -> Sequence[Cell]:
        """See ``SalesLedger.sales``."""
        rows = await self.postgres.fetch(
            "SELECT date_trunc($4, order_date, 'UTC'), status, payment_status, count(*),"
            f" (sum({_DUE}) * 100)::bigint, (sum(refunded) * 100)::bigint FROM orders"
            " WHERE currency = $1 AND order_date >= $2 AND order_date < $3 GROUP BY 1, 2, 3",
            currency,
            since,
            before,
            "hour" if hourly else "day",
        )
        return [
            Cell(row[0], OrderStatus(row[1]), PaymentStatus(row[2]), row[3], row[4], row[5])
            for row in rows
        ]

    async def waiting(self: _HasPostgres, overdue_before: datetime) -> Waiting:
        """See ``SalesLedger.waiting``."""
        return Waiting(*(await self.postgres.fetch(_WAITING, overdue_before))[0])

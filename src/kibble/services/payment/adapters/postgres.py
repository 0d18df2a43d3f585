"""Payments on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from kibble.kernel.ids import CustomerId, OrderId, PaymentId
from kibble.kernel.money import Money
from kibble.platform.engines.postgres import (
    BOOLEAN,
    INTEGER,
    MONEY,
    TEXT,
    TIME,
    UUID,
    Clause,
    Lookup,
    Postgres,
    PostgresStore,
    Rows,
    Table,
    Write,
)
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.persistence.rows import AS_THEY_ARE
from kibble.services.payment.adapters.rows import PaymentRows
from kibble.services.payment.model import (
    Books,
    ChargeRecord,
    Payable,
    Payment,
    PaymentToken,
    RefundRecord,
    RefundStatus,
)

_PAYABLES = Table(
    "payables",
    "order_id",
    customer_id=UUID,
    amount=MONEY,
    currency=TEXT,
    payment_method=TEXT,
    created_at=TIME,
    hold_expires_at=TIME,
    status=TEXT,
    attempts=INTEGER,
)
_TOKENS = Table("payment_tokens", "order_id", value=TEXT, off_session=BOOLEAN)
_PAYMENTS = Table(
    "payments",
    "payment_id",
    order_id=UUID,
    payment_date=TIME,
    amount=MONEY,
    status=TEXT,
    payment_method=TEXT,
    currency=TEXT,
    updated_at=TIME,
    request_key=TEXT,
    held_until=TIME,
    due_at=TIME,
    looks=INTEGER,
    reference=TEXT,
    failure_code=TEXT,
    failure_message=TEXT,
    action_type=TEXT,
    action_url=TEXT,
    unwanted=BOOLEAN,
    provider=TEXT,
    act_by=TIME,
)
_LEDGER = Rows(
    "ledger",
    reference=TEXT,
    transfer=TEXT,
    payment_id=UUID,
    debit=TEXT,
    credit=TEXT,
    amount=MONEY,
    currency=TEXT,
    posted_at=TIME,
)
_REFUNDS = Clause(
    "INSERT INTO refunds (refund_id, payment_id, amount, reason, created_at, updated_at, status,"
    " failure_code) SELECT refund_id, payment_id, amount * 0.01, reason, created_at, updated_at,"
    " status, failure_code FROM {rows} ON CONFLICT (refund_id) DO UPDATE SET"
    " status = excluded.status, reason = excluded.reason, updated_at = excluded.updated_at,"
    " failure_code = excluded.failure_code",
    [
        ("refund_id", "text"),
        ("payment_id", "uuid"),
        ("amount", "bigint"),
        ("reason", "text"),
        ("created_at", "timestamptz"),
        ("updated_at", "timestamptz"),
        ("status", "text"),
        ("failure_code", "text"),
    ],
    counted=False,
)
_ROWS = PaymentRows(AS_THEY_ARE)
_SELECT_PAYMENT = f"SELECT {_PAYMENTS.columns} FROM payments"


class PostgresPaymentRepository(PostgresStore):
    """Implements ``PaymentRepository``."""

    def __init__(self, postgres: Postgres, envelopes: EnvelopeMaker) -> None:
        super().__init__(
            postgres,
            envelopes,
            {Payable: _save_payable, PaymentToken: _save_token, Payment: _save_payment},
            {Payable: _delete_payable, PaymentToken: _delete_token},
        )
        self._payables = Lookup(
            postgres, f"SELECT {_PAYABLES.columns} FROM payables WHERE order_id = ANY($1::uuid[])"
        )
        self._tokens = Lookup(
            postgres,
            f"SELECT {_TOKENS.columns} FROM payment_tokens WHERE order_id = ANY($1::uuid[])",
        )
        self._payments = Lookup(postgres, f"{_SELECT_PAYMENT} WHERE payment_id = ANY($1::uuid[])")
        self._refunds = Lookup(
            postgres,
            "SELECT payment_id::text, refund_id, (amount * 100)::bigint, reason, created_at,"
            " updated_at, status, failure_code FROM refunds WHERE payment_id = ANY($1::uuid[])"
            " ORDER BY refund_id",
        )

    async def find_payable(self, order_id: OrderId) -> Payable | None:
        """See ``PaymentRepository.find_payable``."""
        row = await self._payables.one(order_id)
        return _ROWS.payable(row) if row else None

    async def payables_of(self, customer_id: CustomerId) -> list[Payable]:
        """See ``PaymentRepository.payables_of``."""
        rows = await self.postgres.fetch(
            f"SELECT {_PAYABLES.columns} FROM payables WHERE customer_id = $1", customer_id
        )
        return [_ROWS.payable(row) for row in rows]

    async def prepared_before(self, moment: datetime, limit: int) -> list[Payable]:
        """See ``PaymentRepository.prepared_before``."""
        rows = await self.postgres.fetch(
            f"SELECT {_PAYABLES.columns} FROM payables"
            " WHERE status = 'PREPARED' AND created_at < $1 ORDER BY created_at LIMIT $2",
            moment,
            limit,
        )
        return [_ROWS.payable(row) for row in rows]

    async def find_token(self, order_id: OrderId) -> PaymentToken | None:
        """See ``PaymentRepository.find_token``."""
        row = await self._tokens.one(order_id)
        return _ROWS.token(row) if row else None

    async def find_payment(self, payment_id: PaymentId) -> Payment | None:
        """See ``PaymentRepository.find_payment``."""
        row = await self._payments.one(payment_id)
        return await self._payment(row) if row else None

    async def payments_of(self, order_id: OrderId) -> list[Payment]:
        """See ``PaymentRepository.payments_of``."""
        rows = await self.postgres.fetch(
            f"{_SELECT_PAYMENT} WHERE order_id = $1 ORDER BY payments.payment_id DESC", order_id
        )
        return [await self._payment(row) for row in rows]

    async def due(self, moment: datetime | None, limit: int) -> list[PaymentId]:
        """See ``PaymentRepository.due``."""
        rows = await self.postgres.fetch(
            "SELECT payment_id::text FROM payments WHERE due_at IS NOT NULL"
            " AND ($1::timestamptz IS NULL OR due_at <= $1) ORDER BY due_at LIMIT $2",
            moment,
            limit,
        )
        return [PaymentId(payment_id) for (payment_id,) in rows]

    async def books(self, provider: str, since: datetime | None = None) -> Books:
        """See ``PaymentRepository.books``."""
        waiting = {
            PaymentId(payment_id)
            for (payment_id,) in await self.postgres.fetch(
                "SELECT payment_id::text FROM payments WHERE provider = $1"
                " AND status IN ('PROCESSING', 'REQUIRES_ACTION')",
                provider,
            )
        }
        # In this order: a charge that is decided between the two reads is in one of them.
        charges = {
            row[0]: ChargeRecord(row[0], row[1], Money(row[2], row[3]))
            for row in await self.postgres.fetch(
                "SELECT payment_id::text, order_id::text, (amount * 100)::bigint, currency"
                " FROM payments WHERE amount > 0"
                " AND status IN ('PAID', 'PARTIALLY_REFUNDED', 'REFUNDED') AND provider = $1"
                " AND ($2::timestamptz IS NULL OR payment_date >= $2) ORDER BY payments.payment_id",
                provider,
                since,
            )
        }
        refunds: dict[str, RefundRecord] = {}
        undecided: set[str] = {*waiting}
        for refund_id, payment_id, amount, currency, status in await self.postgres.fetch(
            "SELECT r.refund_id, r.payment_id::text, (r.amount * 100)::bigint, p.currency, r.status"
            " FROM refunds r JOIN payments p USING (payment_id)"
            " WHERE r.status <> 'FAILED' AND p.provider = $1"
            " AND ($2::timestamptz IS NULL OR r.created_at >= $2) ORDER BY r.refund_id",
            provider,
            since,
        ):
            if status == RefundStatus.SUCCEEDED.value:
                refunds[refund_id] = RefundRecord(refund_id, payment_id, Money(amount, currency))
            else:
                undecided.add(refund_id)
                waiting.add(PaymentId(payment_id))
        return Books(charges, refunds, frozenset(undecided), frozenset(waiting))

    async def _payment(self, row: Any) -> Payment:
        payment = _ROWS.payment(row)
        if payment.paid:
            rows = await self._refunds.all(payment.id)
            payment.refunds = [_ROWS.refund(refund, payment.amount.currency) for refund in rows]
        return payment


def _save_payable(payable: Payable, expected: int) -> Iterator[Write]:
    yield _PAYABLES.save(_ROWS.of_payable(payable), expected)


def _delete_payable(payable: Payable, expected: int) -> Iterator[Write]:
    yield _PAYABLES.remove(payable.order_id, expected)


def _save_token(token: PaymentToken, expected: int) -> Iterator[Write]:
    yield _TOKENS.save((token.order_id, token.value, token.off_session), expected)


def _delete_token(token: PaymentToken, expected: int) -> Iterator[Write]:
    yield _TOKENS.remove(token.order_id, expected)


def _save_payment(payment: Payment, expected: int) -> Iterator[Write]:
    yield _PAYMENTS.save(_ROWS.of_payment(payment), expected)
    yield Write(_REFUNDS, _ROWS.of_refunds(payment))
    yield _LEDGER.add(_ROWS.of_postings(payment))

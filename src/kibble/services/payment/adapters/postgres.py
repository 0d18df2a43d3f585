"""Payments on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from kibble.kernel.ids import CustomerId, OrderId, PaymentId, SavedMethodId
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
    DisputeRecord,
    Payable,
    Payment,
    PaymentToken,
    RefundRecord,
    RefundStatus,
    SavedMethod,
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
    authorized=BOOLEAN,
    dispute_due=BOOLEAN,
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
_SAVED = Table(
    "saved_methods",
    "saved_id",
    customer_id=UUID,
    payment_method=TEXT,
    provider=TEXT,
    reference=TEXT,
    created_at=TIME,
    updated_at=TIME,
    due_at=TIME,
    status=TEXT,
    token=TEXT,
    brand=TEXT,
    last4=TEXT,
    expires=TEXT,
    preferred_at=TIME,
)
_DISPUTES = Clause(
    "INSERT INTO disputes (dispute_id, payment_id, amount, withdrawn, fee, status,"
    " reason_code, opened_at, respond_by) SELECT dispute_id, payment_id, amount * 0.01,"
    " withdrawn * 0.01, fee * 0.01, status, reason_code, opened_at, respond_by FROM {rows}"
    " ON CONFLICT (dispute_id) DO UPDATE SET amount = excluded.amount,"
    " withdrawn = excluded.withdrawn, fee = excluded.fee, status = excluded.status,"
    " respond_by = excluded.respond_by",
    [
        ("dispute_id", "text"),
        ("payment_id", "uuid"),
        ("amount", "bigint"),
        ("withdrawn", "bigint"),
        ("fee", "bigint"),
        ("status", "text"),
        ("reason_code", "text"),
        ("opened_at", "timestamptz"),
        ("respond_by", "timestamptz"),
    ],
    counted=False,
)
_DISPUTE = (
    "d.payment_id::text, d.dispute_id, (d.amount * 100)::bigint, (d.withdrawn * 100)::bigint,"
    " (d.fee * 100)::bigint, d.status, d.reason_code, d.opened_at, d.respond_by"
)
_ROWS = PaymentRows(AS_THEY_ARE)
_SELECT_PAYMENT = f"SELECT {_PAYMENTS.columns} FROM payments"


class PostgresPaymentRepository(PostgresStore):
    """Implements ``PaymentRepository``."""

    def __init__(self, postgres: Postgres, envelopes: EnvelopeMaker) -> None:
        super().__init__(
            postgres,
            envelopes,
            {
                Payable: _save_payable,
                PaymentToken: _save_token,
                Payment: _save_payment,
                SavedMethod: _save_saved,
            },
            {Payable: _delete_payable, PaymentToken: _delete_token, SavedMethod: _delete_saved},
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
        self._disputes = Lookup(
            postgres,
            f"SELECT {_DISPUTE} FROM disputes d WHERE d.payment_id = ANY($1::uuid[])"
            " ORDER BY d.dispute_id",
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
        disputes = await self._disputes_of(provider, since)
        return Books(charges, refunds, disputes, frozenset(undecided), frozenset(waiting))

    async def _disputes_of(self, provider: str, since: datetime | None) -> dict[str, DisputeRecord]:
        rows = await self.postgres.fetch(
            f"SELECT {_DISPUTE}, p.currency FROM disputes d JOIN payments p USING (payment_id)"
            " WHERE p.provider = $1 AND ($2::timestamptz IS NULL OR d.opened_at >= $2)"
            " ORDER BY d.dispute_id",
            provider,
            since,
        )
        found = [_ROWS.dispute(row, row[9]) for row in rows]
        return {one.id: DisputeRecord.of(one) for one in found}

    async def find_saved(self, saved_id: SavedMethodId) -> SavedMethod | None:
        """See ``PaymentRepository.find_saved``."""
        rows = await self.postgres.fetch(
            f"SELECT {_SAVED.columns} FROM saved_methods WHERE saved_id = $1", saved_id
        )
        return _ROWS.saved(rows[0]) if rows else None

    async def saved_of(self, customer_id: CustomerId) -> list[SavedMethod]:
        """See ``PaymentRepository.saved_of``."""
        rows = await self.postgres.fetch(
            f"SELECT {_SAVED.columns} FROM saved_methods WHERE customer_id = $1"
            " ORDER BY saved_methods.saved_id",
            customer_id,
        )
        return [_ROWS.saved(row) for row in rows]

    async def saved_due(self, moment: datetime, limit: int) -> list[SavedMethodId]:
        """See ``PaymentRepository.saved_due``."""
        rows = await self.postgres.fetch(
            "SELECT saved_id::text FROM saved_methods WHERE due_at <= $1 ORDER BY due_at LIMIT $2",
            moment,
            limit,
        )
        return [SavedMethodId(saved_id) for (saved_id,) in rows]

    async def _payment(self, row: Any) -> Payment:
        payment = _ROWS.payment(row)
        if payment.paid:
            rows = await self._refunds.all(payment.id)
            payment.refunds = [_ROWS.refund(refund, payment.amount.currency) for refund in rows]
            rows = await self._disputes.all(payment.id)
            payment.disputes = [_ROWS.dispute(row, payment.amount.currency) for row in rows]
        return payment


def _save_payable(payable: Payable, expected: int) -> Iterator[Write]:
    yield _PAYABLES.save(_ROWS.of_payable(payable), expected)


def _delete_payable(payable: Payable, expected: int) -> Iterator[Write]:
    yield _PAYABLES.remove(payable.order_id, expected)


def _save_token(token: PaymentToken, expected: int) -> Iterator[Write]:
    yield _TOKENS.save((token.order_id, token.value, token.off_session), expected)


def _delete_token(token: PaymentToken, expected: int) -> Iterator[Write]:
    yield _TOKENS.remove(token.order_id, expected)


def _save_saved(saved: SavedMethod, expected: int) -> Iterator[Write]:
    yield _SAVED.save(_ROWS.of_saved(saved), expected)


def _delete_saved(saved: SavedMethod, expected: int) -> Iterator[Write]:
    yield _SAVED.remove(saved.id, expected)


def _save_payment(payment: Payment, expected: int) -> Iterator[Write]:
    yield _PAYMENTS.save(_ROWS.of_payment(payment), expected)
    yield Write(_REFUNDS, _ROWS.of_refunds(payment))
    if payment.disputes:
        yield Write(_DISPUTES, _ROWS.of_disputes(payment))
    yield _LEDGER.add(_ROWS.of_postings(payment))

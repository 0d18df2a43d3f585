"""Payments on SQLite."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Any

from kibble.kernel.clock import to_text, to_text_or_none
from kibble.kernel.errors import StaleVersion
from kibble.kernel.ids import CustomerId, OrderId, PaymentId, SavedMethodId
from kibble.kernel.money import Money
from kibble.platform.engines.sqlite import Database, SqliteStore, Table
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.persistence.rows import AS_TEXT
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

Row = tuple[Any, ...]

_PAYABLES = Table(
    "payables",
    "order_id",
    "customer_id",
    "amount",
    "currency",
    "payment_method",
    "created_at",
    "hold_expires_at",
    "status",
    "attempts",
)
_TOKENS = Table("payment_tokens", "order_id", "value", "off_session")
_PAYMENTS = Table(
    "payments",
    "payment_id",
    "order_id",
    "payment_date",
    "amount",
    "status",
    "payment_method",
    "currency",
    "updated_at",
    "request_key",
    "held_until",
    "due_at",
    "looks",
    "reference",
    "failure_code",
    "failure_message",
    "action_type",
    "action_url",
    "unwanted",
    "provider",
    "act_by",
    "authorized",
    "dispute_due",
)
_SAVED = Table(
    "saved_methods",
    "saved_id",
    "customer_id",
    "payment_method",
    "provider",
    "reference",
    "created_at",
    "updated_at",
    "due_at",
    "status",
    "token",
    "brand",
    "last4",
    "expires",
    "preferred_at",
)
_DISPUTE = (
    "payment_id, dispute_id, amount, withdrawn, fee, status, reason_code, opened_at, respond_by"
)
_ROWS = PaymentRows(AS_TEXT)


class SqlitePaymentRepository(SqliteStore):
    """Implements ``PaymentRepository``."""

    def __init__(self, database: Database, envelopes: EnvelopeMaker) -> None:
        super().__init__(
            database,
            envelopes,
            {
                Payable: _save_payable,
                PaymentToken: _save_token,
                Payment: _save_payment,
                SavedMethod: _save_saved,
            },
            {Payable: _delete_payable, PaymentToken: _delete_token, SavedMethod: _delete_saved},
        )

    async def find_payable(self, order_id: OrderId) -> Payable | None:
        """See ``PaymentRepository.find_payable``."""
        row = self.database.read_one(
            f"SELECT {_PAYABLES.columns} FROM payables WHERE order_id = ?", (order_id,)
        )
        return _ROWS.payable(row) if row else None

    async def payables_of(self, customer_id: CustomerId) -> list[Payable]:
        """See ``PaymentRepository.payables_of``."""
        rows = self.database.read(
            f"SELECT {_PAYABLES.columns} FROM payables WHERE customer_id = ?", (customer_id,)
        )
        return [_ROWS.payable(row) for row in rows]

    async def prepared_before(self, moment: datetime, limit: int) -> list[Payable]:
        """See ``PaymentRepository.prepared_before``."""
        rows = self.database.read(
            f"SELECT {_PAYABLES.columns} FROM payables"
            " WHERE status = 'PREPARED' AND created_at < ? ORDER BY created_at LIMIT ?",
            (to_text(moment), limit),
        )
        return [_ROWS.payable(row) for row in rows]

    async def find_token(self, order_id: OrderId) -> PaymentToken | None:
        """See ``PaymentRepository.find_token``."""
        row = self.database.read_one(
            f"SELECT {_TOKENS.columns} FROM payment_tokens WHERE order_id = ?", (order_id,)
        )
        return _ROWS.token(row) if row else None

    async def find_payment(self, payment_id: PaymentId) -> Payment | None:
        """See ``PaymentRepository.find_payment``."""
        row = self.database.read_one(
            f"SELECT {_PAYMENTS.columns} FROM payments WHERE payment_id = ?", (payment_id,)
        )
        return self._payment(row) if row else None

    async def payments_of(self, order_id: OrderId) -> list[Payment]:
        """See ``PaymentRepository.payments_of``."""
        rows = self.database.read(
            f"SELECT {_PAYMENTS.columns} FROM payments WHERE order_id = ? ORDER BY payment_id DESC",
            (order_id,),
        )
        return [self._payment(row) for row in rows]

    async def due(self, moment: datetime | None, limit: int) -> list[PaymentId]:
        """See ``PaymentRepository.due``."""
        rows = self.database.read(
            "SELECT payment_id FROM payments WHERE due_at IS NOT NULL"
            " AND (?1 IS NULL OR due_at <= ?1) ORDER BY due_at LIMIT ?2",
            (to_text_or_none(moment), limit),
        )
        return [PaymentId(payment_id) for (payment_id,) in rows]

    async def books(self, provider: str, since: datetime | None = None) -> Books:
        """See ``PaymentRepository.books``."""
        waiting = {
            PaymentId(payment_id)
            for (payment_id,) in self.database.read(
                "SELECT payment_id FROM payments WHERE provider = ?"
                " AND status IN ('PROCESSING', 'REQUIRES_ACTION')",
                (provider,),
            )
        }
        # In this order: a charge that is decided between the two reads is in one of them.
        charges = {
            row[0]: ChargeRecord(row[0], row[1], Money(row[2], row[3]))
            for row in self.database.read(
                "SELECT payment_id, order_id, amount, currency FROM payments WHERE amount > 0"
                " AND status IN ('PAID', 'PARTIALLY_REFUNDED', 'REFUNDED') AND provider = ?"
                " AND payment_date >= ? ORDER BY payment_id",
                (provider, to_text_or_none(since) or ""),
            )
        }
        refunds: dict[str, RefundRecord] = {}
        undecided: set[str] = {*waiting}
        for refund_id, payment_id, amount, currency, status in self.database.read(
            "SELECT r.refund_id, r.payment_id, r.amount, p.currency, r.status FROM refunds r"
            " JOIN payments p USING (payment_id) WHERE r.status <> 'FAILED' AND p.provider = ?"
            " AND r.created_at >= ? ORDER BY r.refund_id",
            (provider, to_text_or_none(since) or ""),
        ):
            if status == RefundStatus.SUCCEEDED.value:
                refunds[refund_id] = RefundRecord(refund_id, payment_id, Money(amount, currency))
            else:
                undecided.add(refund_id)
                waiting.add(PaymentId(payment_id))
        disputes = self._disputes(provider, to_text_or_none(since) or "")
        return Books(charges, refunds, disputes, frozenset(undecided), frozenset(waiting))

    def _disputes(self, provider: str, since: str) -> dict[str, DisputeRecord]:
        found = (
            _ROWS.dispute(row, row[9])
            for row in self.database.read(
                f"SELECT {_DISPUTE}, currency FROM (SELECT d.*, p.currency FROM disputes d"
                " JOIN payments p USING (payment_id) WHERE p.provider = ? AND d.opened_at >= ?)"
                " ORDER BY dispute_id",
                (provider, since),
            )
        )
        return {one.id: DisputeRecord.of(one) for one in found}

    async def find_saved(self, saved_id: SavedMethodId) -> SavedMethod | None:
        """See ``PaymentRepository.find_saved``."""
        row = self.database.read_one(
            f"SELECT {_SAVED.columns} FROM saved_methods WHERE saved_id = ?", (saved_id,)
        )
        return _ROWS.saved(row) if row else None

    async def saved_of(self, customer_id: CustomerId) -> list[SavedMethod]:
        """See ``PaymentRepository.saved_of``."""
        rows = self.database.read(
            f"SELECT {_SAVED.columns} FROM saved_methods WHERE customer_id = ? ORDER BY saved_id",
            (customer_id,),
        )
        return [_ROWS.saved(row) for row in rows]

    async def saved_due(self, moment: datetime, limit: int) -> list[SavedMethodId]:
        """See ``PaymentRepository.saved_due``."""
        rows = self.database.read(
            "SELECT saved_id FROM saved_methods WHERE due_at <= ? ORDER BY due_at LIMIT ?",
            (to_text(moment), limit),
        )
        return [SavedMethodId(saved_id) for (saved_id,) in rows]

    def _payment(self, row: Row) -> Payment:
        payment = _ROWS.payment(row)
        if payment.paid:
            payment.refunds = [
                _ROWS.refund(refund, payment.amount.currency)
                for refund in self.database.read(
                    "SELECT payment_id, refund_id, amount, reason, created_at, updated_at, status,"
                    " failure_code FROM refunds WHERE payment_id = ? ORDER BY refund_id",
                    (payment.id,),
                )
            ]
            payment.disputes = [
                _ROWS.dispute(dispute, payment.amount.currency)
                for dispute in self.database.read(
                    f"SELECT {_DISPUTE} FROM disputes WHERE payment_id = ? ORDER BY dispute_id",
                    (payment.id,),
                )
            ]
        return payment


def _save_payable(connection: sqlite3.Connection, payable: Payable, expected: int) -> None:
    _PAYABLES.save(connection, _ROWS.of_payable(payable), expected)


def _delete_payable(connection: sqlite3.Connection, payable: Payable, expected: int) -> None:
    _PAYABLES.delete(connection, payable.order_id, expected)


def _save_token(connection: sqlite3.Connection, token: PaymentToken, expected: int) -> None:
    _TOKENS.save(connection, (token.order_id, token.value, token.off_session), expected)


def _delete_token(connection: sqlite3.Connection, token: PaymentToken, expected: int) -> None:
    _TOKENS.delete(connection, token.order_id, expected)


def _save_saved(connection: sqlite3.Connection, saved: SavedMethod, expected: int) -> None:
    _SAVED.save(connection, _ROWS.of_saved(saved), expected)


def _delete_saved(connection: sqlite3.Connection, saved: SavedMethod, expected: int) -> None:
    _SAVED.delete(connection, saved.id, expected)


def _save_payment(connection: sqlite3.Connection, payment: Payment, expected: int) -> None:
    _PAYMENTS.save(connection, _ROWS.of_payment(payment), expected)
    if payment.refunds:
        _save_refunds(connection, payment)
    if payment.disputes:
        _save_disputes(connection, payment)
    if payment.postings:
        _post(connection, payment)


def _save_refunds(connection: sqlite3.Connection, payment: Payment) -> None:
    connection.executemany(
        "INSERT INTO refunds VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " status = excluded.status, reason = excluded.reason, updated_at = excluded.updated_at,"
        " failure_code = excluded.failure_code",
        _ROWS.of_refunds(payment),
    )


def _save_disputes(connection: sqlite3.Connection, payment: Payment) -> None:
    connection.executemany(
        "INSERT INTO disputes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " amount = excluded.amount, withdrawn = excluded.withdrawn, fee = excluded.fee,"
        " status = excluded.status, respond_by = excluded.respond_by",
        _ROWS.of_disputes(payment),
    )


def _post(connection: sqlite3.Connection, payment: Payment) -> None:
    rows = _ROWS.of_postings(payment)
    try:
        connection.executemany("INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    except sqlite3.IntegrityError as error:
        raise StaleVersion("The ledger has this posting.") from error

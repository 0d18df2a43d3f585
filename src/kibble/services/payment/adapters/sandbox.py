"""The sandbox provider: a stand-in for a payment provider such as Stripe, which needs a contract.

It keeps the books that a provider would keep, in a file of its own that no service reads: charges
and refunds, idempotent by the shop's key, durable before they are answered. It answers by the
payment token and never stores it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from kibble.kernel.clock import Clock
from kibble.kernel.errors import InvalidInput, KeyReused, TimedOut, Unavailable
from kibble.kernel.ids import PaymentId
from kibble.kernel.money import Money
from kibble.platform.engines.sqlite import Database
from kibble.services.payment.adapters import sandbox_vault
from kibble.services.payment.adapters.sandbox_vault import SandboxVault
from kibble.services.payment.integration import (
    ActionRequired,
    Approved,
    Charge,
    ChargeResult,
    Declined,
    Notice,
    RefundResult,
)
from kibble.services.payment.model import ChargeRecord, Dispute, RefundRecord

TOK_OK: Final = "tok_ok"
TOK_DECLINED: Final = "tok_declined"
TOK_INSUFFICIENT_FUNDS: Final = "tok_insufficient_funds"
TOK_TIMEOUT: Final = "tok_timeout"
TOK_ERROR: Final = "tok_error"
TOK_REQUIRES_ACTION: Final = "tok_requires_action"

APPROVING: Final = frozenset({TOK_OK, TOK_TIMEOUT, TOK_ERROR})
DECLINES: Final = {
    TOK_DECLINED: Declined("card_declined", "The card was declined."),
    TOK_INSUFFICIENT_FUNDS: Declined("insufficient_funds", "The card has insufficient funds."),
}
INVALID_TOKEN: Final = Declined("invalid_token", "The payment token is not valid.")
ALREADY_REFUNDED: Final = Declined("amount_too_large", "The refund exceeds what was charged.")
NOT_THERE: Final = Declined(
    "authentication_required", "The bank wants the customer to approve the payment."
)
NOT_APPROVED: Final = Declined("not_approved", "The payment was not approved.")
VOIDED: Final = Declined("voided", "The payment was called off.")
ERRORS_BEFORE_IT_WORKS: Final = 2

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS charges (
    payment_id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL,
    amount INTEGER NOT NULL,
    currency TEXT NOT NULL,
    decline_code TEXT,
    decline_message TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refunds (
    refund_id TEXT PRIMARY KEY,
    payment_id TEXT NOT NULL REFERENCES charges (payment_id),
    amount INTEGER NOT NULL,
    currency TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS refunds_by_payment ON refunds (payment_id);
CREATE TABLE IF NOT EXISTS waiting (
    payment_id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL,
    amount INTEGER NOT NULL,
    currency TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS errors (
    payment_id TEXT PRIMARY KEY,
    answered INTEGER NOT NULL
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the provider decided, and whether it decided it just now."""

    result: ChargeResult | None
    is_new: bool = True


class NoDisputes:
    """Implements ``DisputeDesk``: nobody has a bank that would dispute a sandbox's charge."""

    async def of(self, charge: Charge) -> Sequence[Dispute]:
        """See ``DisputeDesk.of``."""
        return []

    async def since(self, moment: datetime | None) -> AsyncIterator[Dispute]:
        """See ``DisputeDesk.since``."""
        for dispute in list[Dispute]():
            yield dispute


class SandboxPaymentProvider:
    """Implements ``PaymentProvider``; ``latency_seconds`` passes before every answer.

    ``pages`` is where the page is that asks the customer, as a provider's own would.
    """

    history: timedelta | None = None

    def __init__(
        self,
        path: Path,
        clock: Clock,
        *,
        latency_seconds: float = 0.0,
        inline: bool = False,
        pages: str = "",
    ) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(SCHEMA + sandbox_vault.SCHEMA)
        self._database = Database(path, inline=inline)
        self._clock = clock
        self._latency_seconds = latency_seconds
        self._pages = pages
        self._vault = SandboxVault(self._database, pages)

    @property
    def vault(self) -> SandboxVault:
        """See ``PaymentProvider.vault``."""
        return self._vault

    @property
    def disputes(self) -> NoDisputes:
        """See ``PaymentProvider.disputes``."""
        return NoDisputes()

    @property
    def needs_token(self) -> bool:
        """See ``PaymentProvider.needs_token``: without a token the sandbox approves."""
        return False

    async def check(self) -> None:
        """See ``PaymentProvider.check``: nothing can be wrong."""

    async def charge(self, charge: Charge) -> ChargeResult:
        """See ``PaymentProvider.charge``. Raises ``KeyReused`` for the id of another charge."""
        await self._wait()
        answer = await self._database.write(lambda connection: _charge(connection, charge))
        if answer.result is None and _asks(charge):
            return self._action(charge.payment_id)
        if answer.result is None:
            raise Unavailable("The payment provider answered 500.")
        if answer.is_new and charge.token == TOK_TIMEOUT:
            raise TimedOut("The payment provider did not answer in time.")
        return answer.result

    async def find_charge(self, charge: Charge) -> ChargeResult | None:
        """See ``PaymentProvider.find_charge``."""
        await self._wait()
        row = self._database.read_one(
            "SELECT payment_id, decline_code, decline_message FROM charges WHERE payment_id = ?",
            (charge.payment_id,),
        )
        if row:
            return _result(*row)
        return self._action(charge.payment_id) if self.asked_for(charge.payment_id) else None

    async def capture(self, charge: Charge) -> ChargeResult:
        """See ``PaymentProvider.capture``: what is approved here is captured."""
        found = await self.find_charge(charge)
        return found if found is not None else INVALID_TOKEN

    async def void(self, charge: Charge) -> ChargeResult:
        """See ``PaymentProvider.void``."""
        await self._wait()
        await self._database.write(
            lambda connection: _decide_waiting(connection, charge.payment_id, VOIDED)
        )
        found = await self.find_charge(charge)
        return found if found is not None else VOIDED

    async def refund(self, refund_id: str, charge: Charge, amount: Money) -> RefundResult:
        """See ``PaymentProvider.refund``. Raises ``KeyReused`` for the id of another refund."""
        await self._wait()
        return await self._database.write(
            lambda connection: _refund(connection, refund_id, charge.payment_id, amount)
        )

    def asked_for(self, payment_id: PaymentId) -> Money | None:
        """Return what a customer is asked to approve; None when nothing waits for that."""
        row = self._database.read_one(
            "SELECT amount, currency FROM waiting WHERE payment_id = ?", (payment_id,)
        )
        return Money(*row) if row else None

    async def decide(self, payment_id: PaymentId, *, approved: bool) -> None:
        """Take the customer's answer; a second one changes nothing."""
        refused = None if approved else NOT_APPROVED
        await self._database.write(
            lambda connection: _decide_waiting(connection, payment_id, refused)
        )

    async def notices(self, headers: Mapping[str, str], body: bytes) -> Sequence[Notice]:
        """See ``PaymentProvider.notices``: the sandbox sends none, so none is genuine."""
        raise InvalidInput.at("", "the sandbox sends no webhooks")

    async def charges(self, since: datetime | None = None) -> AsyncIterator[ChargeRecord]:
        """See ``PaymentProvider.charges``."""
        for payment_id, order_id, amount, currency in self._database.read(
            "SELECT payment_id, order_id, amount, currency FROM charges"
            " WHERE decline_code IS NULL ORDER BY payment_id"
        ):
            yield ChargeRecord(payment_id, order_id, Money(amount, currency))

    async def refunds(self, since: datetime | None = None) -> AsyncIterator[RefundRecord]:
        """See ``PaymentProvider.refunds``."""
        for refund_id, payment_id, amount, currency in self._database.read(
            "SELECT refund_id, payment_id, amount, currency FROM refunds ORDER BY refund_id"
        ):
            yield RefundRecord(refund_id, payment_id, Money(amount, currency))

    async def close(self) -> None:
        """See ``PaymentProvider.close``."""
        self.end()

    def end(self) -> None:
        """Finish what is being written and close the file."""
        self._database.close()

    def _action(self, payment_id: PaymentId) -> ActionRequired:
        return ActionRequired("redirect", f"{self._pages}/{payment_id}")

    async def _wait(self) -> None:
        if self._latency_seconds:
            await self._clock.sleep(self._latency_seconds)


def _charge(connection: sqlite3.Connection, charge: Charge) -> _Answer:
    """Decide a charge, or find what was decided; no result is an error of the provider."""
    row = connection.execute(
        "SELECT order_id, amount, currency, decline_code, decline_message FROM charges"
        " WHERE payment_id = ?",
        (charge.payment_id,),
    ).fetchone()
    if row:
        if row[:3] != (charge.order_id, charge.amount.minor, charge.amount.currency):
            raise KeyReused("The payment's id was used for another charge.")
        return _Answer(_result(charge.payment_id, *row[3:]), is_new=False)
    if charge.token == TOK_ERROR and not _works_by_now(connection, charge.payment_id):
        return _Answer(None)
    if _asks(charge):
        _have_wait(connection, charge)
        return _Answer(None)
    result = _decide(charge)
    reason = (result.code, result.message) if isinstance(result, Declined) else (None, None)
    connection.execute(
        "INSERT INTO charges VALUES (?, ?, ?, ?, ?, ?)",
        (charge.payment_id, charge.order_id, charge.amount.minor, charge.amount.currency, *reason),
    )
    return _Answer(result)


def _have_wait(connection: sqlite3.Connection, charge: Charge) -> None:
    connection.execute(
        "INSERT INTO waiting VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (charge.payment_id, charge.order_id, charge.amount.minor, charge.amount.currency),
    )


def _decide_waiting(
    connection: sqlite3.Connection, payment_id: PaymentId, refused: Declined | None
) -> None:
    """Turn what waits for the customer into a charge, or into one that was ``refused``."""
    row = connection.execute(
        "DELETE FROM waiting WHERE payment_id = ? RETURNING payment_id, order_id, amount, currency",
        (payment_id,),
    ).fetchone()
    if row:
        reason = (refused.code, refused.message) if refused else (None, None)
        connection.execute("INSERT INTO charges VALUES (?, ?, ?, ?, ?, ?)", (*row, *reason))


def _asks(charge: Charge) -> bool:
    """Tell whether the customer is asked: who is not there cannot be."""
    return charge.token == TOK_REQUIRES_ACTION and not charge.off_session


def _decide(charge: Charge) -> Approved | Declined:
    token = charge.token or TOK_OK
    if token in APPROVING:
        return _result(charge.payment_id)
    if token == TOK_REQUIRES_ACTION:
        return NOT_THERE
    return DECLINES.get(token, INVALID_TOKEN)


def _result(
    payment_id: PaymentId, code: str | None = None, message: str | None = None
) -> Approved | Declined:
    if code is None:
        return Approved(f"ch_{payment_id}")
    return Declined(code, message or "")


def _works_by_now(connection: sqlite3.Connection, payment_id: PaymentId) -> bool:
    """Count an error answer, unless there were enough of them."""
    return not connection.execute(
        "INSERT INTO errors VALUES (?, 1)"
        " ON CONFLICT DO UPDATE SET answered = answered + 1 WHERE answered < ?",
        (payment_id, ERRORS_BEFORE_IT_WORKS),
    ).rowcount


def _refund(
    connection: sqlite3.Connection, refund_id: str, payment_id: PaymentId, amount: Money
) -> RefundResult:
    """Decide a refund, or find that it was decided; a refusal is not kept."""
    row = connection.execute(
        "SELECT payment_id, amount, currency FROM refunds WHERE refund_id = ?", (refund_id,)
    ).fetchone()
    if row and row != (payment_id, amount.minor, amount.currency):
        raise KeyReused("The refund's id was used for another refund.")
    if not row:
        if amount.minor > _left(connection, payment_id):
            return ALREADY_REFUNDED
        connection.execute(
            "INSERT INTO refunds VALUES (?, ?, ?, ?)",
            (refund_id, payment_id, amount.minor, amount.currency),
        )
    return Approved(f"re_{refund_id}")


def _left(connection: sqlite3.Connection, payment_id: PaymentId) -> int:
    """Return what may still be refunded of a charge in minor units; 0 when there is none."""
    (charged,) = connection.execute(
        "SELECT coalesce(sum(amount), 0) FROM charges"
        " WHERE payment_id = ? AND decline_code IS NULL",
        (payment_id,),
    ).fetchone()
    (refunded,) = connection.execute(
        "SELECT coalesce(sum(amount), 0) FROM refunds WHERE payment_id = ?", (payment_id,)
    ).fetchone()
    return int(charged - refunded)

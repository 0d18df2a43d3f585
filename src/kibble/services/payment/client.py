"""Payment as its neighbours see it, in process: contract types in and out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from kibble.contracts.customer import counted, export_of, held_of
from kibble.contracts.payment import PREPARE, RECONCILE, PaymentState
from kibble.kernel.errors import InvalidInput
from kibble.kernel.ids import CustomerId, OrderId
from kibble.kernel.money import Money
from kibble.platform.persistence.store import Store
from kibble.platform.persistence.transaction import commit_outcome
from kibble.platform.rpc import Offer, offer
from kibble.platform.web import json
from kibble.services.payment.model import Payable, PaymentMethod
from kibble.services.payment.schemas import PaymentView, ReconciliationView, SavedMethodView
from kibble.services.payment.service import PaymentService, Reconciler, Wallet


class PaymentClient:
    """Calls the use cases directly."""

    name = "payment"

    def __init__(
        self, service: PaymentService, wallet: Wallet, reconciler: Reconciler, store: Store
    ) -> None:
        self._service = service
        self._wallet = wallet
        self._reconciler = reconciler
        self._store = store

    async def prepare(
        self,
        order_id: OrderId,
        customer_id: CustomerId | None,
        amount: Money,
        method: str,
        token: str | None,
        *,
        off_session: bool = False,
    ) -> None:
        """Hand over what an order is about to owe, and its payment token; durable, repeatable.

        ``token`` may be the id of a saved way to pay. A repeat without a token keeps the one that
        was handed over. ``customer_id`` is None for a guest. ``off_session``: nobody is there to
        approve it when the token is charged, as when a subscription falls due; what would need the
        customer is declined then, and without a token their default is charged. Raises
        ``InvalidInput`` for a method that is not known or taken, a card number as a token, and
        what is not saved.
        """
        known = _method(method)
        await commit_outcome(
            self._store,
            lambda: self._service.prepare(
                order_id, customer_id, amount, known, token, off_session=off_session
            ),
        )

    async def export(self, customer_id: CustomerId) -> dict[str, Sequence[object]]:
        """Return what a customer's orders owe or owed, how that was paid, and what they saved.

        Ready for JSON.
        """
        owed = await self._service.payables_of(customer_id)
        saved = await self._wallet.saved_of(customer_id)
        shown = [msgspec.Raw(json.encode(SavedMethodView.of(one))) for one in saved]
        return {
            "orders": [await self._exported(payable) for payable in owed],
            "savedMethods": shown,
        }

    async def held(self, customer_id: CustomerId) -> dict[str, int]:
        """Return how much is kept about a customer, by kind."""
        return counted(await self.export(customer_id))

    async def _exported(self, payable: Payable) -> dict[str, object]:
        payments = await self._service.payments_of(payable.order_id)
        return {
            "orderId": payable.order_id,
            "amount": str(payable.amount.decimal),
            "currency": payable.amount.currency,
            "payments": msgspec.Raw(json.encode([PaymentView.of(one) for one in payments])),
        }

    async def status(self, order_id: OrderId) -> PaymentState | None:
        """Return how far an order's latest payment has come; None before its first."""
        payments = await self._service.payments_of(order_id)
        if not payments:
            return None
        latest = payments[0]
        return PaymentState(
            payment_id=latest.id,
            status=latest.status.value,
            amount=latest.amount.minor,
            refunded=latest.refunded.minor,
            currency=latest.amount.currency,
        )

    async def reconcile(self, *, repair: bool = False) -> ReconciliationView:
        """Compare the providers' books with ours, once what can be mended is, if ``repair``."""
        return ReconciliationView.of(await self._reconciler.reconcile(repair=repair))


def _method(name: str) -> PaymentMethod:
    try:
        return PaymentMethod(name)
    except ValueError as error:
        known = " or ".join(method.value for method in PaymentMethod)
        raise InvalidInput.at("/paymentMethod", f"must be {known}") from error


def offers(client: PaymentClient) -> list[Offer]:
    """Return what Payment offers to services in other processes."""

    async def reconcile(*, repair: bool) -> dict[str, Any]:
        view = await client.reconcile(repair=repair)
        told: dict[str, Any] = msgspec.json.decode(json.encode(view))
        return told

    return [
        offer(export_of(client.name), client.export),
        offer(held_of(client.name), client.held),
        offer(PREPARE, client.prepare),
        offer(RECONCILE, reconcile),
    ]

"""Payment over HTTP."""

from __future__ import annotations

import asyncio
from weakref import WeakValueDictionary

from kibble.kernel.errors import Conflict, PaymentDeclined
from kibble.kernel.ids import OrderId, PaymentId
from kibble.kernel.paging import Page
from kibble.platform.persistence.changes import Changes
from kibble.platform.persistence.store import Store
from kibble.platform.security.principal import Principal
from kibble.platform.web.call import Call, Seal
from kibble.platform.web.reply import Reply, accepted, created, listed, ok
from kibble.platform.web.route import SIGNED_IN, Route, get, write
from kibble.services.payment.errors import UnknownOrder, UnknownPayment
from kibble.services.payment.model import (
    HOLD_EXPIRED,
    ORDER_CANCELLED,
    UNDECIDED,
    Failure,
    Payable,
    Payment,
    Refund,
)
from kibble.services.payment.schemas import (
    Pay,
    PaymentsQuery,
    PaymentView,
    RefundRequest,
    RefundView,
)
from kibble.services.payment.service import PaymentService

READ = "payments:read"
WRITE = "payments:write"
ORDER_IS_GONE = frozenset({ORDER_CANCELLED, HOLD_EXPIRED})


class PaymentController:
    """One method a route."""

    def __init__(self, service: PaymentService, store: Store) -> None:
        self._service = service
        self._store = store
        self._claiming: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def pay(self, call: Call[Pay, None]) -> Reply:
        """POST /api/payments."""
        order_id = OrderId(call.body.order_id.lower())
        if not _may(call.principal, await self._service.payable(order_id), WRITE):
            raise UnknownOrder(order_id)

        async def work(seal: Seal) -> Reply:
            payment = await self._service.pay(
                order_id, call.body.payment_method, call.body.payment_token, call.idempotency_key
            )
            if payment.failure is not None:
                raise _refusal(payment, payment.failure)
            if payment.status in UNDECIDED:
                return accepted(PaymentView.of(payment))
            reply = created(PaymentView.of(payment), f"/api/payments/{payment.id}")
            if record := seal(reply):
                await self._store.commit(Changes(), reply=record)
            return reply

        return await call.once(self._store, work)

    async def refund(self, call: Call[RefundRequest, None]) -> Reply:
        """POST /api/payments/{paymentId}/refund."""
        payment_id = PaymentId(call.id("paymentId"))
        amount = call.body.amount.minor if call.body.amount else None

        def show(refund: Refund) -> Reply:
            return created(RefundView.of(payment_id, refund), f"/api/payments/{payment_id}")

        # Claims that race here take turns; between processes the payment's version decides.
        async with self._claiming.setdefault(payment_id, asyncio.Lock()):
            return await call.transact(
                self._store,
                lambda: self._service.refund(payment_id, amount, call.body.reason),
                show,
            )

    async def get_payment(self, call: Call[None, None]) -> Reply:
        """GET /api/payments/{paymentId}."""
        payment = await self._service.payment(PaymentId(call.id("paymentId")))
        if not _may(call.principal, await self._service.payable(payment.order_id), READ):
            raise UnknownPayment(payment.id)
        return ok(PaymentView.of(payment), etag=str(payment.version))

    async def list_payments(self, call: Call[None, PaymentsQuery]) -> Reply:
        """GET /api/payments?orderId."""
        order_id = OrderId(call.query.order_id.lower())
        if not _may(call.principal, await self._service.payable(order_id), READ):
            raise UnknownOrder(order_id)
        payments = Page(await self._service.payments_of(order_id))
        return listed(payments, PaymentView.of, call.next_url)


def _may(caller: Principal, payable: Payable, scope: str) -> bool:
    """Tell whether the caller is the order's customer or guest, or has the scope."""
    return (
        caller.owns(payable.customer_id) or caller.order_id == payable.order_id or caller.has(scope)
    )


def _refusal(payment: Payment, failure: Failure) -> Conflict | PaymentDeclined:
    """Return the error for a payment that failed: declined, or its order is gone."""
    kind = Conflict if failure.code in ORDER_IS_GONE else PaymentDeclined
    details = {
        "declineCode": failure.code,
        "paymentId": payment.id,
        "orderId": payment.order_id,
        "paymentStatus": payment.status.value,
    }
    return kind(failure.message, code=failure.code, details=details)


def routes(controller: PaymentController) -> list[Route]:
    """Return Payment's table of routes."""
    c = controller
    payments = "/api/payments"
    return [
        write(
            "POST",
            payments,
            c.pay,
            "Pay an order, also after a failure",
            SIGNED_IN,
            body=Pay,
            answer=PaymentView,
            status=201,
            also=((202, PaymentView), (402, None)),
        ),
        get(
            payments,
            c.list_payments,
            "An order's payments, newest first",
            SIGNED_IN,
            query=PaymentsQuery,
            answer=list[PaymentView],
        ),
        get(f"{payments}/{{paymentId}}", c.get_payment, "A payment", SIGNED_IN, answer=PaymentView),
        write(
            "POST",
            f"{payments}/{{paymentId}}/refund",
            c.refund,
            "Refund a payment, whole or in part",
            WRITE,
            body=RefundRequest,
            answer=RefundView,
            status=201,
        ),
    ]

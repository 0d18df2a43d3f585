"""Payment over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode
from weakref import WeakValueDictionary

from kibble.kernel.errors import Conflict, NotFound, PaymentDeclined
from kibble.kernel.ids import OrderId, PaymentId
from kibble.kernel.paging import Page
from kibble.platform.persistence.changes import Changes
from kibble.platform.persistence.store import Store
from kibble.platform.persistence.transaction import commit_outcome
from kibble.platform.web.call import Call, Seal
from kibble.platform.web.ownership import LINK, By, owned
from kibble.platform.web.reply import Reply, accepted, created, listed, no_content, ok, see_other
from kibble.platform.web.route import ANYONE, Route, get, upload, write
from kibble.services.payment.errors import UnknownOrder, UnknownPayment
from kibble.services.payment.model import (
    HOLD_EXPIRED,
    ORDER_CANCELLED,
    UNDECIDED,
    Failure,
    Payment,
    Refund,
)
from kibble.services.payment.schemas import (
    OptionView,
    Pay,
    PaymentsQuery,
    PaymentView,
    RefundRequest,
    RefundView,
)
from kibble.services.payment.service import PaymentService

READ = "payments:read"
WRITE = "payments:write"
MAX_NOTICE_BYTES = 1 << 18
ORDER_IS_GONE = frozenset({ORDER_CANCELLED, HOLD_EXPIRED})


class PaymentController:
    """One method a route."""

    def __init__(
        self,
        service: PaymentService,
        store: Store,
        return_page: str,
    ) -> None:
        """``return_page`` is the storefront's, where a customer comes back to."""
        self._service = service
        self._return_page = return_page
        self._store = store
        self._claiming: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def pay(self, call: Call[Pay, None]) -> Reply:
        """POST /api/payments."""
        order_id = OrderId(call.body.order_id.lower())
        await self._require_order(call, order_id, UnknownOrder(order_id))

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
        await self._require_order(call, payment.order_id, UnknownPayment(payment.id))
        return ok(PaymentView.of(payment), etag=str(payment.version))

    async def list_payments(self, call: Call[None, PaymentsQuery]) -> Reply:
        """GET /api/payments?orderId."""
        order_id = OrderId(call.query.order_id.lower())
        await self._require_order(call, order_id, UnknownOrder(order_id))
        payments = Page(await self._service.payments_of(order_id))
        return listed(payments, PaymentView.of, call.next_url)

    async def options(self, call: Call[None, None]) -> Reply:
        """GET /api/payments/options."""
        return ok([OptionView(*option) for option in self._service.methods.items()])

    async def come_back(self, call: Call[None, None]) -> Reply:
        """GET /api/payments/{paymentId}/return: from the provider's page to the storefront's."""
        payment = await self._service.returned(PaymentId(call.id("paymentId")))
        query = urlencode({"orderId": payment.order_id, "paymentId": payment.id})
        return see_other(f"{self._return_page}?{query}")

    async def _require_order(
        self, call: Call[Any, Any], order_id: OrderId, absent: NotFound
    ) -> None:
        """Raise ``absent`` unless the order whose payments these are may be reached."""
        payable = await self._service.payable(order_id)
        call.require_reach(payable.customer_id, absent, order_id=payable.order_id)

    async def take_stripe_notice(self, call: Call[None, None]) -> Reply:
        """POST /api/payments/webhooks/stripe."""
        return await self._take_notice("stripe", call)

    async def take_paypal_notice(self, call: Call[None, None]) -> Reply:
        """POST /api/payments/webhooks/paypal."""
        return await self._take_notice("paypal", call)

    async def _take_notice(self, name: str, call: Call[None, None]) -> Reply:
        """Check who wrote it, then look at what it is about; a repeat looks once more.

        Whatever the notice says is asked for, so that nothing has to be kept of it.
        """
        for notice in await self._service.read_notices(name, call.request.headers, call.raw_body):
            await commit_outcome(self._store, partial(self._service.notice, notice))
        return no_content()


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


def _webhook(name: str, handler: Callable[[Call[None, None]], Awaitable[Reply]]) -> Route:
    return upload(
        f"/api/payments/webhooks/{name}",
        handler,
        "What the provider tells of payments, under its signature",
        ANYONE,
        takes=("application/json",),
        max_bytes=MAX_NOTICE_BYTES,
        status=204,
    )


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
            owned(By.THING, WRITE),
            body=Pay,
            answer=PaymentView,
            status=201,
            also=((202, PaymentView), (402, None)),
        ),
        get(
            payments,
            c.list_payments,
            "An order's payments, newest first",
            owned(By.THING, READ),
            query=PaymentsQuery,
            answer=list[PaymentView],
        ),
        get(
            f"{payments}/options",
            c.options,
            "The payment methods that the shop takes",
            ANYONE,
            answer=list[OptionView],
        ),
        Route(
            "GET",
            f"{payments}/{{paymentId}}/return",
            c.come_back,
            "Where a provider sends a customer back to: on to the storefront",
            LINK,
            status=303,
        ),
        _webhook("stripe", c.take_stripe_notice),
        _webhook("paypal", c.take_paypal_notice),
        get(
            f"{payments}/{{paymentId}}",
            c.get_payment,
            "A payment",
            owned(By.THING, READ),
            answer=PaymentView,
        ),
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

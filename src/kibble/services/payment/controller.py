"""Payment over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode
from weakref import WeakValueDictionary

from kibble.kernel.errors import Conflict, NotFound, PaymentDeclined
from kibble.kernel.ids import CustomerId, OrderId, PaymentId, SavedMethodId
from kibble.kernel.paging import Page
from kibble.platform.persistence.changes import Changes
from kibble.platform.persistence.store import Store
from kibble.platform.persistence.transaction import commit_outcome
from kibble.platform.web.call import Call, Seal
from kibble.platform.web.ownership import LINK, By, owned
from kibble.platform.web.reply import Reply, accepted, created, listed, no_content, ok, see_other
from kibble.platform.web.route import ANYONE, Route, get, upload, write
from kibble.services.payment.errors import UnknownOrder, UnknownPayment, UnknownSavedMethod
from kibble.services.payment.model import (
    HOLD_EXPIRED,
    ORDER_CANCELLED,
    UNDECIDED,
    Failure,
    NextAction,
    Payment,
    Refund,
    SavedMethod,
)
from kibble.services.payment.schemas import (
    OptionView,
    Pay,
    PaymentsQuery,
    PaymentView,
    RefundRequest,
    RefundView,
    SavedMethodView,
    SavedQuery,
    SaveMethod,
)
from kibble.services.payment.service import PaymentService, Wallet

READ = "payments:read"
WRITE = "payments:write"
MAX_NOTICE_BYTES = 1 << 18
ORDER_IS_GONE = frozenset({ORDER_CANCELLED, HOLD_EXPIRED})


@dataclass(frozen=True, slots=True)
class ReturnPages:
    """The storefront's pages where customers come back to: from paying, from saving a method."""

    paid: str
    saved: str


class PaymentController:
    """One method a route."""

    def __init__(
        self,
        service: PaymentService,
        wallet: Wallet,
        store: Store,
        pages: ReturnPages,
    ) -> None:
        self._service = service
        self._wallet = wallet
        self._pages = pages
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
        view = PaymentView.of(payment, for_staff=call.principal.has(READ))
        return ok(view, etag=str(payment.version))

    async def list_payments(self, call: Call[None, PaymentsQuery]) -> Reply:
        """GET /api/payments?orderId."""
        order_id = OrderId(call.query.order_id.lower())
        await self._require_order(call, order_id, UnknownOrder(order_id))
        payments = Page(await self._service.payments_of(order_id))
        view = partial(PaymentView.of, for_staff=call.principal.has(READ))
        return listed(payments, view, call.next_url)

    async def options(self, call: Call[None, None]) -> Reply:
        """GET /api/payments/options."""
        return ok([OptionView(*option) for option in self._service.methods.items()])

    async def come_back(self, call: Call[None, None]) -> Reply:
        """GET /api/payments/{paymentId}/return: from the provider's page to the storefront's."""
        payment = await self._service.returned(PaymentId(call.id("paymentId")))
        query = urlencode({"orderId": payment.order_id, "paymentId": payment.id})
        return see_other(f"{self._pages.paid}?{query}")

    async def save_method(self, call: Call[SaveMethod, None]) -> Reply:
        """POST /api/payments/methods."""
        customer_id = CustomerId(call.body.user_id.lower())

        async def work(seal: Seal) -> Reply:
            outcome, action = await self._wallet.begin(customer_id, call.body.payment_method)
            saved = outcome.value
            view = SavedMethodView.of(saved, action=NextAction(action.type, action.url))
            reply = created(view, f"/api/payments/methods/{saved.id}")
            await self._store.commit(outcome.changes, reply=seal(reply))
            return reply

        return await call.once(self._store, work)

    async def list_methods(self, call: Call[None, SavedQuery]) -> Reply:
        """GET /api/payments/methods?userId: the default first."""
        saved = await self._wallet.saved_of(CustomerId(call.query.user_id.lower()))
        views = [SavedMethodView.of(one, is_default=n == 0) for n, one in enumerate(saved)]
        return ok(views)

    async def get_method(self, call: Call[None, None]) -> Reply:
        """GET /api/payments/methods/{methodId}."""
        return ok(await self._view(await self._method(call)))

    async def prefer_method(self, call: Call[None, None]) -> Reply:
        """POST /api/payments/methods/{methodId}/default."""
        saved = await self._method(call)
        return await call.transact(
            self._store,
            lambda: self._wallet.prefer(saved.id),
            lambda preferred: ok(SavedMethodView.of(preferred, is_default=True)),
        )

    async def remove_method(self, call: Call[None, None]) -> Reply:
        """DELETE /api/payments/methods/{methodId}."""
        saved = await self._method(call)
        return await call.transact(
            self._store, lambda: self._wallet.remove(saved.id), lambda _: no_content()
        )

    async def come_back_saved(self, call: Call[None, None]) -> Reply:
        """GET /api/payments/methods/{methodId}/return: on to the storefront, saved or not."""
        saved_id = SavedMethodId(call.id("methodId"))
        await self._wallet.returned(saved_id)
        return see_other(f"{self._pages.saved}?{urlencode({'methodId': saved_id})}")

    async def _method(self, call: Call[None, None]) -> SavedMethod:
        saved = await self._wallet.saved(SavedMethodId(call.id("methodId")))
        call.require_reach(saved.customer_id, UnknownSavedMethod(saved.id))
        return saved

    async def _view(self, saved: SavedMethod) -> SavedMethodView:
        known = await self._wallet.saved_of(saved.customer_id) if saved.customer_id else []
        return SavedMethodView.of(saved, is_default=[one.id for one in known[:1]] == [saved.id])

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


def _saved_routes(c: PaymentController) -> list[Route]:
    """Return the rows of saved ways to pay."""
    methods = "/api/payments/methods"
    one = f"{methods}/{{methodId}}"
    changing = owned(By.THING, WRITE)
    return [
        write(
            "POST",
            methods,
            c.save_method,
            "Save a way to pay: on the provider's page",
            owned(By.BODY, WRITE),
            body=SaveMethod,
            answer=SavedMethodView,
            status=201,
        ),
        get(
            methods,
            c.list_methods,
            "A customer's saved ways to pay, the default first",
            owned(By.QUERY, READ),
            query=SavedQuery,
            answer=list[SavedMethodView],
        ),
        get(one, c.get_method, "A saved way to pay", owned(By.THING, READ), answer=SavedMethodView),
        write(
            "POST",
            f"{one}/default",
            c.prefer_method,
            "Make a saved way to pay the default",
            changing,
            answer=SavedMethodView,
        ),
        write("DELETE", one, c.remove_method, "Remove a saved way to pay", changing, status=204),
        Route(
            "GET",
            f"{one}/return",
            c.come_back_saved,
            "Where a provider sends a customer back to who saved a way to pay",
            LINK,
            status=303,
        ),
    ]


def routes(controller: PaymentController) -> list[Route]:
    """Return Payment's table of routes."""
    c = controller
    payments = "/api/payments"
    return [
        *_saved_routes(c),
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

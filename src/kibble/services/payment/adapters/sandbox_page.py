"""The sandbox's own page, where a customer approves a payment or does not: as a bank's would be.

Its two answers are links. A form's POST would carry the customer's session to the shop, which
takes no writes from a page that is not its own; the answer moves no real money, and counts once.
"""

from __future__ import annotations

from html import escape
from typing import Annotated

import msgspec

from kibble.kernel.errors import NotFound
from kibble.kernel.ids import PaymentId
from kibble.kernel.money import Money
from kibble.platform.web.call import Call
from kibble.platform.web.ownership import LINK
from kibble.platform.web.reply import Reply, see_other
from kibble.platform.web.route import Route, get
from kibble.services.payment.adapters.sandbox import SandboxPaymentProvider

PATH = "/api/payments/sandbox"
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:28rem;margin:12vh auto;padding:0 1rem}"
    "a{display:block;padding:.8rem;margin:.6rem 0;border:1px solid;border-radius:.4rem;"
    "text-align:center;text-decoration:none;color:inherit}"
)

Answer = Annotated[str, msgspec.Meta(pattern=r"^(approve|decline)$")]


class Decision(msgspec.Struct, frozen=True):
    """What the customer answered; nothing yet when the page is opened."""

    answer: Answer | None = None


class SandboxPage:
    """One method a route."""

    def __init__(self, provider: SandboxPaymentProvider) -> None:
        self._provider = provider

    async def ask_customer(self, call: Call[None, Decision]) -> Reply:
        """GET /api/payments/sandbox/{paymentId}: ask, or take the answer and go back."""
        payment_id = PaymentId(call.id("paymentId"))
        amount = self._provider.asked_for(payment_id)
        if call.query.answer is not None:
            await self._provider.decide(payment_id, approved=call.query.answer == "approve")
            return see_other(f"/api/payments/{payment_id}/return")
        if amount is None:
            raise NotFound("No payment waits here for an answer.")
        return _page(payment_id, amount)


def _page(payment_id: PaymentId, amount: Money) -> Reply:
    price = escape(f"{amount.decimal} {amount.currency}")
    text = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Approve a payment</title>'
        '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">'
        f"<style>{_STYLE}</style><main><h1>Approve a payment</h1>"
        f"<p>The shop asks for <strong>{price}</strong>. This is the sandbox: no money moves.</p>"
        f'<a href="{PATH}/{payment_id}?answer=approve">Approve</a>'
        f'<a href="{PATH}/{payment_id}?answer=decline">Decline</a></main></html>'
    )
    headers = {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": _POLICY,
        "cache-control": "no-store",
    }
    return Reply(text.encode(), headers=headers)


def routes(provider: SandboxPaymentProvider) -> list[Route]:
    """Return the page's table of routes."""
    return [
        get(
            f"{PATH}/{{paymentId}}",
            SandboxPage(provider).ask_customer,
            "The sandbox's page, where a customer approves a payment",
            LINK,
            query=Decision,
            gives=("text/html",),
            also=((303, None),),
        )
    ]

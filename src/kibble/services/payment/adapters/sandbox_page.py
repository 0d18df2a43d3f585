"""The sandbox's own pages, where a customer approves a payment, or saves a test card.

They are as a bank's or a provider's would be. Their answers are links: a form's POST would carry
the customer's session to the shop, which takes no writes from a page that is not its own; an answer
moves no real money, and counts once.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Annotated

import msgspec

from kibble.kernel.errors import NotFound
from kibble.kernel.ids import PaymentId, SavedMethodId
from kibble.platform.web.call import Call
from kibble.platform.web.ownership import LINK
from kibble.platform.web.reply import Reply, see_other
from kibble.platform.web.route import Route, get
from kibble.services.payment.adapters.sandbox import SandboxPaymentProvider
from kibble.services.payment.adapters.sandbox_vault import TEST_CARDS

PATH = "/api/payments/sandbox"
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:28rem;margin:12vh auto;padding:0 1rem}"
    "a{display:block;padding:.8rem;margin:.6rem 0;border:1px solid;border-radius:.4rem;"
    "text-align:center;text-decoration:none;color:inherit}"
)

Answer = Annotated[
    str, msgspec.Meta(pattern=r"^(approve|decline)$(?!\n)", description="approve or decline")
]
Card = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^(none|tok_[a-z_]{1,40})$(?!\n)", description="none, or a token of the sandbox"
    ),
]


class Decision(msgspec.Struct, frozen=True):
    """What the customer answered; nothing yet when the page is opened."""

    answer: Answer | None = None


class Choice(msgspec.Struct, frozen=True):
    """Which card the customer chose, or ``none``; nothing yet when the page is opened."""

    card: Card | None = None


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
        here = f"{PATH}/{payment_id}?answer="
        price = escape(f"{amount.decimal} {amount.currency}")
        answers = {f"{here}approve": "Approve", f"{here}decline": "Decline"}
        return _page("Approve a payment", f"The shop asks for <strong>{price}</strong>.", answers)

    async def ask_what_to_save(self, call: Call[None, Choice]) -> Reply:
        """GET /api/payments/sandbox/methods/{methodId}: ask, or take the answer and go back."""
        saved_id, card = SavedMethodId(call.id("methodId")), call.query.card
        if card is not None and (card == "none" or card in TEST_CARDS):
            await self._provider.vault.decide(saved_id, None if card == "none" else card)
            return see_other(f"/api/payments/methods/{saved_id}/return")
        if not self._provider.vault.asked_for(saved_id):
            raise NotFound("Nothing waits here to be saved.")
        here = f"{PATH}/methods/{saved_id}?card="
        answers = {
            f"{here}{token}": f"•••• {card[0]}, {card[1]}" for token, card in TEST_CARDS.items()
        }
        answers[f"{here}none"] = "Save none"
        return _page("Save a card", "Choose a test card for the next time.", answers)


def _page(title: str, says: str, answers: Mapping[str, str]) -> Reply:
    """Return a page that asks; ``answers`` are links with their words."""
    links = "".join(f'<a href="{escape(to)}">{escape(words)}</a>' for to, words in answers.items())
    text = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">'
        f"<style>{_STYLE}</style><main><h1>{title}</h1>"
        f"<p>{says} This is the sandbox: no money moves.</p>{links}</main></html>"
    )
    headers = {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": _POLICY,
        "cache-control": "no-store",
    }
    return Reply(text.encode(), headers=headers)


def routes(provider: SandboxPaymentProvider) -> list[Route]:
    """Return the page's table of routes."""
    page = SandboxPage(provider)
    return [
        get(
            f"{PATH}/methods/{{methodId}}",
            page.ask_what_to_save,
            "The sandbox's page, where a customer saves a test card",
            LINK,
            query=Choice,
            gives=("text/html",),
            also=((303, None),),
        ),
        get(
            f"{PATH}/{{paymentId}}",
            page.ask_customer,
            "The sandbox's page, where a customer approves a payment",
            LINK,
            query=Decision,
            gives=("text/html",),
            also=((303, None),),
        ),
    ]

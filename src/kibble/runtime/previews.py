"""``kibble notifications``: the messages that customers get, to be looked at before they do."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from kibble.kernel.languages import FALLBACK, Language
from kibble.runtime.console import write
from kibble.services.notification import wiring as notification

notifications = App(name="notifications", help="The messages that customers get.")

EXAMPLE: dict[str, str | int | float | bool | None] = {
    "orderId": "0193c1a0-0000-7000-8000-0000cdef0123",
    "subscriptionId": "0193c1a0-0000-7000-8000-0000cdef4567",
    "total": "59.98",
    "currency": "USD",
    "refunded": "59.98",
    "units": 2,
    "carrier": "UPS",
    "trackingNumber": "1Z999AA10123456784",
    "estimatedDelivery": "2026-03-05T20:00:00Z",
    "productId": "0193c1a0-0000-7000-8000-0000cdef89ab",
    "productName": "Salmon kibble, 5 lb",
    "products": "2 x Salmon kibble, 5 lb, 1 x Rope toy",
    "offer": "20 % off everything for cats until Sunday",
    "code": "CATS20",
    "count": 3,
    "price": "34.99",
    "agreedPrice": "29.99",
    "nextDate": "2026-03-09",
    "changeUntil": "2026-03-08T10:00:00Z",
    "retryAt": "2026-03-10T10:00:00Z",
    "url": "https://erp.example/hooks",
    "webhookId": "0193c1a0-0000-7000-8000-0000cdefcdef",
}
"""Facts that are made up; ``reason`` is left out, for what it says differs from kind to kind."""


@notifications.command
def preview(
    kind: str | None = None,
    *,
    language: Language = FALLBACK,
    html: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Show a message as it is sent, with facts made up; without a kind, list the kinds.

    Parameters
    ----------
    kind
        A kind of message, such as order_shipped.
    language
        Which of the languages that customers can choose.
    html
        The HTML of the e-mail, not its plain text.

    """
    kinds = notification.kinds()
    if kind is None:
        _show("\n".join(kinds))
        return
    if kind not in kinds:
        raise ValueError(f"There is no kind {kind}; there are {', '.join(kinds)}.")
    text, page = notification.preview(kind, EXAMPLE, language)
    _show(page if html else text)


def _show(text: str) -> None:
    write(text)

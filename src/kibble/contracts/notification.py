"""Notification: the event by which any service asks for a message."""

from __future__ import annotations

from typing import ClassVar

from kibble.kernel.ids import CustomerId
from kibble.kernel.personal import Personal
from kibble.platform.messaging.event import Event


class NotificationRequested(Event, frozen=True, kw_only=True):
    """Tell a customer something, once a ``request_id``.

    ``kind`` is one of order_confirmed, payment_failed, order_shipped, order_delivered,
    order_cancelled, order_refunded, order_returned, account_exists, password_reset, verify_email,
    password_changed, email_changing, factors_changed, session_ended, welcome,
    back_in_stock, price_drop, promotion, webhook_disabled,
    subscription_reminder, subscription_price, subscription_delayed,
    subscription_payment_failed, subscription_paused, subscription_cancelled.
    ``customer_id`` is None for a guest, who is reached by ``email``. ``facts`` fill the template
    (Notification's README lists them): amounts are decimal texts of major units, times RFC 3339,
    and no secret is among them. ``language`` is that of the message, where who asks knows it better
    than Notification does: it may not yet have heard of a new account, and it knows no guests.
    """

    topic: ClassVar[str] = "notification_events"
    type: ClassVar[str] = "notification.requested"
    subject_field: ClassVar[str] = "request_id"
    key_field: ClassVar[str | None] = "recipient"

    request_id: str
    kind: str
    customer_id: CustomerId | None = None
    email: Personal[str | None] = None
    facts: Personal[dict[str, str | int | float | bool | None]] = {}
    language: str | None = None

    @property
    def recipient(self) -> str:
        """Whose messages are kept in order."""
        return self.customer_id or self.email or self.request_id

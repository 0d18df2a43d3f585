"""The kinds of message, as a table: what each is about, and where it goes by default."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Channel(Enum):
    """A way to reach a customer."""

    EMAIL = "email"
    SMS = "sms"
    IN_APP = "in_app"


class Topic(Enum):
    """What a message is about; it decides which rules hold."""

    ORDER = "order"
    PAYMENT = "payment"
    SECURITY = "security"
    SHOP = "shop"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of message.

    ``secret`` names the kinds whose e-mail carries a one-time link, ``inner`` those that only
    Notification makes itself: nobody asks for one of them over the API. ``proves`` names the kinds
    whose e-mail has a link by which its reader says that the address is theirs.
    """

    name: str
    topic: Topic
    channels: frozenset[Channel]
    secret: bool = False
    inner: bool = False
    proves: bool = False

    @property
    def always_in_app(self) -> bool:
        """Whether the message is shown in the app whatever the customer prefers."""
        return Channel.IN_APP in self.channels and self.topic is not Topic.SHOP

    @property
    def is_public(self) -> bool:
        """Whether staff and programs may ask for the message."""
        return not (self.secret or self.inner)

    @property
    def advertises(self) -> bool:
        """Whether the message is the shop's own wish: each e-mail of it says how to end them."""
        return self.topic is Topic.SHOP

    @property
    def needed(self) -> bool:
        """Whether the message is sent on all its channels at once, whatever the customer prefers.

        So are the messages that guard the account: who asked for one is waiting for it.
        """
        return self.topic is Topic.SECURITY


_EVERYWHERE = frozenset(Channel)
_NO_SMS = frozenset({Channel.EMAIL, Channel.IN_APP})
_EMAIL = frozenset({Channel.EMAIL})
_IN_APP = frozenset({Channel.IN_APP})

KINDS = {
    kind.name: kind
    for kind in (
        Kind("order_confirmed", Topic.ORDER, _NO_SMS),
        Kind("order_shipped", Topic.ORDER, _EVERYWHERE),
        Kind("order_delivered", Topic.ORDER, _EVERYWHERE),
        Kind("order_cancelled", Topic.ORDER, _EVERYWHERE),
        Kind("order_returned", Topic.ORDER, _NO_SMS),
        Kind("order_refunded", Topic.PAYMENT, _NO_SMS),
        Kind("payment_failed", Topic.PAYMENT, _EVERYWHERE),
        Kind("subscription_reminder", Topic.ORDER, _EVERYWHERE),
        Kind("subscription_price", Topic.ORDER, _NO_SMS),
        Kind("subscription_delayed", Topic.ORDER, _NO_SMS),
        Kind("subscription_payment_failed", Topic.PAYMENT, _EVERYWHERE),
        Kind("subscription_paused", Topic.PAYMENT, _EVERYWHERE),
        Kind("subscription_cancelled", Topic.ORDER, _NO_SMS),
        Kind("account_exists", Topic.SECURITY, _EMAIL),
        Kind("password_reset", Topic.SECURITY, _EMAIL, secret=True),
        Kind("verify_email", Topic.SECURITY, _EMAIL, secret=True),
        Kind("password_changed", Topic.SECURITY, _NO_SMS),
        Kind("email_changing", Topic.SECURITY, _NO_SMS),
        Kind("factors_changed", Topic.SECURITY, _NO_SMS),
        Kind("session_ended", Topic.SECURITY, _NO_SMS),
        Kind("webhook_disabled", Topic.SECURITY, _EMAIL),
        Kind("welcome", Topic.SHOP, _IN_APP),
        Kind("back_in_stock", Topic.SHOP, _EVERYWHERE),
        Kind("back_in_stock_confirm", Topic.SECURITY, _EMAIL, inner=True, proves=True),
        Kind("price_drop", Topic.SHOP, _NO_SMS),
        Kind("promotion", Topic.SHOP, _NO_SMS),
        Kind("digest", Topic.SHOP, _EMAIL, inner=True),
    )
}
"""Every kind by its name."""

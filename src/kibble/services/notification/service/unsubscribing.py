"""Links that end the e-mails of one kind, without signing in (RFC 8058)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from kibble.kernel.ids import CustomerId, NotificationId
from kibble.services.notification.integration import Tokens
from kibble.services.notification.model import KINDS, Message

TOKEN = "unsubscribe+jwt"  # noqa: S105 - the type of a token
LIFETIME = timedelta(days=31)
"""As long as any token of the shop lasts; the law of the USA asks for 30 days (16 CFR 316.5)."""

PAGE = "/unsubscribe"
ONE_CLICK = "/api/notifications/unsubscribe"


@dataclass(frozen=True, slots=True)
class MailsOf:
    """A link ends a customer's e-mails of a kind."""

    customer_id: CustomerId
    kind: str


@dataclass(frozen=True, slots=True)
class WaitsOf:
    """A link ends what the address waits for that a message went to."""

    message_id: NotificationId


class Unsubscribing:
    """Makes the links, and reads what comes back."""

    def __init__(self, tokens: Tokens, shop_url: str) -> None:
        self._tokens = tokens
        self._shop_url = shop_url

    def token(self, message: Message) -> str:
        """Return what ends the e-mails of a message's kind to whoever it goes to."""
        claims = {"sub": message.customer_id or "", "kind": message.kind}
        if message.customer_id is None:  # a link names no address
            claims["message"] = message.id
        return self._tokens.sign(TOKEN, claims, LIFETIME)

    def page(self, token: str) -> str:
        """Return where a reader confirms it: a page, for links are opened by mail scanners too."""
        return f"{self._shop_url}{PAGE}#token={token}"

    def one_click(self, token: str) -> str:
        """Return what a mail program posts to."""
        return f"{self._shop_url}{ONE_CLICK}?token={token}"

    def read(self, token: str) -> MailsOf | WaitsOf | None:
        """Return what a token ends; None when it does not hold."""
        claims = self._tokens.read(TOKEN, token)
        if claims is None or claims.get("kind") not in KINDS:
            return None
        if message := claims.get("message"):
            return WaitsOf(NotificationId(str(message)))
        return MailsOf(CustomerId(str(claims["sub"])), str(claims["kind"]))

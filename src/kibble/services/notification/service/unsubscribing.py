"""Links that end the e-mails of one kind, without signing in (RFC 8058)."""

from __future__ import annotations

from datetime import timedelta

from kibble.kernel.ids import CustomerId
from kibble.services.notification.integration import Tokens
from kibble.services.notification.model import KINDS, Kind

TOKEN = "unsubscribe+jwt"  # noqa: S105 - the type of a token
LIFETIME = timedelta(days=31)
"""As long as any token of the shop lasts; the law of the USA asks for 30 days (16 CFR 316.5)."""

PAGE = "/unsubscribe"
ONE_CLICK = "/api/notifications/unsubscribe"


class Unsubscribing:
    """Makes the links, and reads what comes back."""

    def __init__(self, tokens: Tokens, shop_url: str) -> None:
        self._tokens = tokens
        self._shop_url = shop_url

    def token(self, customer_id: CustomerId, kind: Kind) -> str:
        """Return what ends the customer's e-mails of a kind."""
        return self._tokens.sign(TOKEN, {"sub": customer_id, "kind": kind.name}, LIFETIME)

    def page(self, token: str) -> str:
        """Return where a reader confirms it: a page, for links are opened by mail scanners too."""
        return f"{self._shop_url}{PAGE}#token={token}"

    def one_click(self, token: str) -> str:
        """Return what a mail program posts to."""
        return f"{self._shop_url}{ONE_CLICK}?token={token}"

    def read(self, token: str) -> tuple[CustomerId, str] | None:
        """Return whose e-mails of which kind a token ends; None when it does not hold."""
        claims = self._tokens.read(TOKEN, token)
        if claims is None or claims.get("kind") not in KINDS:
            return None
        return CustomerId(str(claims["sub"])), str(claims["kind"])

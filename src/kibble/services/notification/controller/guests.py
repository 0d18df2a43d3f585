"""Guests who wait for a product, over HTTP."""

from __future__ import annotations

from kibble.kernel.ids import ProductId
from kibble.kernel.languages import negotiate
from kibble.platform.persistence.store import Store
from kibble.platform.web.call import Call
from kibble.platform.web.reply import Reply, accepted, no_content, ok
from kibble.platform.web.route import ANYONE, Route, write
from kibble.services.notification.controller.messages import WRITE
from kibble.services.notification.schemas.guests import (
    AddressOf,
    AddressView,
    Asked,
    AskToWait,
    ConfirmWaiting,
)
from kibble.services.notification.schemas.messages import AwaitedView
from kibble.services.notification.service import GuestService

_ASKED = Asked("If this address can be asked, a message is on its way to it.")


class GuestController:
    """One method a route."""

    def __init__(self, guests: GuestService, store: Store) -> None:
        self._guests = guests
        self._store = store

    async def ask(self, call: Call[AskToWait, None]) -> Reply:
        """POST /api/notifications/back-in-stock."""
        email, product_id = call.body.email, ProductId(call.body.product_id)
        language = negotiate(call.request.headers.get("accept-language", ""))
        return await call.transact(
            self._store,
            lambda: self._guests.ask(email, product_id, language),
            lambda _: accepted(_ASKED),
        )

    async def confirm(self, call: Call[ConfirmWaiting, None]) -> Reply:
        """POST /api/notifications/back-in-stock/confirm."""
        token = call.body.token
        return await call.transact(
            self._store,
            lambda: self._guests.confirm(token),
            lambda waiting: ok(AwaitedView.of(waiting)),
        )

    async def export(self, call: Call[AddressOf, None]) -> Reply:
        """POST /api/notifications/guests/export."""
        return ok(AddressView.of(*await self._guests.export(call.body.email)))

    async def erase(self, call: Call[AddressOf, None]) -> Reply:
        """POST /api/notifications/guests/erasure."""
        email = call.body.email
        return await call.transact(
            self._store, lambda: self._guests.erase(email), lambda _: no_content()
        )


def routes(controller: GuestController) -> list[Route]:
    """Return the table of routes for guests."""
    c = controller
    waiting, guests = "/api/notifications/back-in-stock", "/api/notifications/guests"
    return [
        write(
            "POST",
            waiting,
            c.ask,
            "Ask a guest's address by e-mail whether it is to be told of a product",
            ANYONE,
            body=AskToWait,
            answer=Asked,
            status=202,
        ),
        write(
            "POST",
            f"{waiting}/confirm",
            c.confirm,
            "Tell a guest once a product is back, by the token of the e-mail that asked",
            ANYONE,
            body=ConfirmWaiting,
            answer=AwaitedView,
        ),
        write(
            "POST",
            f"{guests}/export",
            c.export,
            "All that is kept about a guest's address",
            WRITE,
            body=AddressOf,
            answer=AddressView,
        ),
        write(
            "POST",
            f"{guests}/erasure",
            c.erase,
            "Erase all that is kept about a guest's address",
            WRITE,
            body=AddressOf,
            status=204,
        ),
    ]

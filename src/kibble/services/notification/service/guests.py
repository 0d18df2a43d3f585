"""Guests who wait for a product: their address is proven first, and forgotten when they say so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from kibble.kernel.clock import Clock
from kibble.kernel.errors import InvalidInput
from kibble.kernel.ids import IdSource, NotificationId, ProductId
from kibble.kernel.languages import Language
from kibble.platform.persistence.changes import Changes, Outcome, unchanged
from kibble.services.notification.integration import Tokens
from kibble.services.notification.model import (
    KINDS,
    MOST_ASKED,
    AddressErasure,
    Message,
    Request,
    Waiting,
    folded,
)
from kibble.services.notification.repository.messages import NotificationRepository
from kibble.services.notification.service.requests import NotificationService
from kibble.services.notification.service.restocks import RestockService

CONFIRM = KINDS["back_in_stock_confirm"]
TOKEN = "waiting+jwt"  # noqa: S105 - the type of a token
LIFETIME = timedelta(days=1)
"""How long the link of an e-mail that asks holds."""
ASKED_JUST_NOW = timedelta(minutes=10)
"""How long after an e-mail about a product the same address gets no other about it."""


class Confirming:
    """Makes the links by which the reader of a message says that its address is theirs.

    A token names the message alone: no address stands in a link.
    """

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def token(self, message: Message) -> str:
        """Return what proves that its bearer read a message."""
        return self._tokens.sign(TOKEN, {"sub": message.id}, LIFETIME)

    def read(self, token: str) -> NotificationId | None:
        """Return which message was read; None when the token does not hold."""
        claims = self._tokens.read(TOKEN, token)
        return None if claims is None else NotificationId(str(claims["sub"]))


class GuestService:
    """Asks an address whether it is to wait, and keeps what it said."""

    def __init__(
        self,
        store: NotificationRepository,
        notifications: NotificationService,
        restocks: RestockService,
        confirming: Confirming,
        *,
        clock: Clock,
        ids: IdSource,
    ) -> None:
        self._store = store
        self._notifications = notifications
        self._restocks = restocks
        self._confirming = confirming
        self._clock = clock
        self._ids = ids

    async def ask(self, email: str, product_id: ProductId, language: Language) -> Outcome[None]:
        """Ask an address by e-mail whether it is to wait for a product; so far nobody waits.

        Nobody is told whether the address is known, or was asked too often to be asked again.
        Raises as ``RestockService.sold_out`` does.
        """
        name = await self._restocks.sold_out(product_id)
        address = folded(email)
        if not _may_ask(await self._store.messages_to(address), product_id, self._clock.now()):
            return unchanged(None)
        changes = Changes()
        request = Request(
            id=f"{product_id}:{self._ids.new()}", kind=CONFIRM, customer_id=None, email=address
        )
        await self._notifications.add(changes, request, {"productName": name}, language=language)
        return Outcome(None, changes)

    async def confirm(self, token: str) -> Outcome[Waiting]:
        """Have the address wait that a token proves; once more changes nothing.

        Raises ``InvalidInput`` for a token that does not hold (any more), and otherwise as
        ``RestockService.wait`` does.
        """
        message_id = self._confirming.read(token)
        message = await self._store.message(message_id) if message_id else None
        if message is None or message.email is None:
            raise InvalidInput.at("/token", "does not hold any more")
        product_id = ProductId(message.request_id.partition(":")[0])
        return await self._restocks.wait_at(message.email, product_id, message.copy.language)

    async def end(self, message_id: NotificationId) -> Outcome[None]:
        """Have the address of a message wait for nothing any more."""
        message = await self._store.message(message_id)
        if message is None or message.email is None:
            return unchanged(None)
        changes = Changes()
        for waiting in await self._store.waits_at(folded(message.email)):
            changes.remove(waiting)
        return Outcome(None, changes)

    async def export(self, email: str) -> tuple[list[Waiting], list[Message]]:
        """Return all that is kept about a guest's address, as it is written and folded."""
        waits: list[Waiting] = []
        messages: list[Message] = []
        for written in _spellings(email):
            waits += await self._store.waits_at(written)
            messages += await self._store.messages_to(written)
        return waits, messages

    async def erase(self, email: str) -> Outcome[None]:
        """Remove all that ``export`` returns."""
        changes = Changes()
        for written in _spellings(email):
            changes.remove(AddressErasure(email=written))
        return Outcome(None, changes)


def _spellings(email: str) -> Sequence[str]:
    return sorted({email, folded(email)})


def _may_ask(told: Sequence[Message], product_id: ProductId, now: datetime) -> bool:
    """Tell whether one more e-mail may ask, given all that went to the address."""
    asked = [
        message
        for message in told
        if message.kind == CONFIRM.name and message.created_at > now - timedelta(days=1)
    ]
    return len(asked) < MOST_ASKED and not any(
        message.request_id.startswith(f"{product_id}:")
        and message.created_at > now - ASKED_JUST_NOW
        for message in asked
    )

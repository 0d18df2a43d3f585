"""Sending what is due: outside any transaction, and then noted."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

import structlog

from kibble.kernel.clock import Clock
from kibble.kernel.errors import Unavailable
from kibble.kernel.ids import NotificationId, Randomness
from kibble.platform.persistence.changes import Changes, Outcome
from kibble.platform.persistence.transaction import commit_outcome
from kibble.services.notification.cache import NotificationCache
from kibble.services.notification.errors import DeliveryRefused
from kibble.services.notification.integration import (
    Contacts,
    Copywriter,
    Letter,
    Mail,
    MailSender,
    Sms,
    SmsSender,
)
from kibble.services.notification.model import KINDS, Channel, Message
from kibble.services.notification.repository import NotificationRepository

_log = structlog.get_logger()

BATCH = 64
"""How many messages share a commit."""
AT_ONCE = 8
"""How many are handed over side by side; between them, the loop sees to requests."""
LONGEST_SMS = 320


@dataclass(frozen=True, slots=True)
class Shop:
    """How the shop calls itself, and the address that its links begin with."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class _Recipient:
    name: str | None
    address: str
    link: str | None


class _HeldBackError(Exception):
    """There is nobody to send to, or nothing to say any more."""


class DeliveryService:
    """Hands messages over to the relays, at least once.

    The relay takes a message before that is noted, so a crash between the two sends it again. While
    the process lives it does not: what was handed over is remembered until that is committed.
    """

    def __init__(
        self,
        messages: NotificationRepository,
        contacts: Contacts,
        copywriter: Copywriter,
        *,
        mail: MailSender,
        sms: SmsSender,
        shop: Shop,
        cache: NotificationCache,
        clock: Clock,
        randomness: Randomness,
    ) -> None:
        self._messages = messages
        self._contacts = contacts
        self._copywriter = copywriter
        self._mail = mail
        self._sms = sms
        self._shop = shop
        self._cache = cache
        self._clock = clock
        self._randomness = randomness
        self._handed_over: dict[NotificationId, datetime] = {}

    async def send_all_due(self) -> int:
        """Send whatever is due, in batches; return how many messages were tried."""
        tried = 0
        while count := await commit_outcome(self._messages, self._send_batch):
            tried += count
            if count < BATCH:
                break
        return tried

    async def _send_batch(self) -> Outcome[int]:
        """Try one batch, and note together what came of it."""
        batch = await self._messages.due(self._clock.now(), BATCH)
        for start in range(0, len(batch), AT_ONCE):
            await self._send_side_by_side(batch[start : start + AT_ONCE])
        changes = Changes()
        for message in batch:
            if message.was_for_nobody:
                changes.remove(message)
            else:
                changes.save(message)
        changes.then(lambda: self._noted(batch))
        return Outcome(len(batch), changes)

    async def _send_side_by_side(self, messages: list[Message]) -> None:
        """Try some messages; one that cannot be written holds up no other."""
        tries = (self._send(message) for message in messages)
        results = await asyncio.gather(*tries, return_exceptions=True)
        for message, error in zip(messages, results, strict=True):
            if isinstance(error, Exception):
                _log.error("message not sent", notification_id=message.id, exc_info=error)
                message.retry_later("internal error", self._clock.now(), self._randomness.random())

    async def _send(self, message: Message) -> None:
        """Try one message, and decide what becomes of it."""
        earlier = self._handed_over.get(message.id)
        if earlier is not None:
            message.sent(earlier)
            return
        try:
            await self._hand_over(message)
        except _HeldBackError as reason:
            message.suppress(str(reason))
        except DeliveryRefused as error:
            message.fail(error.message)
        except Unavailable as error:
            message.retry_later(error.message, self._clock.now(), self._randomness.random())
        else:
            message.sent(self._clock.now())
            self._handed_over[message.id] = self._clock.now()

    def _noted(self, batch: list[Message]) -> None:
        for message in batch:
            self._handed_over.pop(message.id, None)
            self._cache.messages.forget(message.id)

    async def _hand_over(self, message: Message) -> None:
        recipient = await self._recipient(message)
        if message.channel is Channel.EMAIL:
            await self._mail.send(self._letter(message, recipient))
        else:
            await self._sms.send(Sms(id=message.id, to=recipient.address, text=self._text(message)))

    async def _recipient(self, message: Message) -> _Recipient:
        """Return whom to send to; raises ``_HeldBackError`` when there is nobody."""
        link = (
            None if message.copy.action_path is None else self._shop.url + message.copy.action_path
        )
        if KINDS[message.kind].secret:
            return await self._recipient_of_secret(message, link)
        if message.email is not None:
            return _Recipient(None, message.email, link)
        if message.customer_id is None:
            raise _HeldBackError("no-address")
        contact = await self._contacts.contact(message.customer_id)
        if contact is None:
            raise _HeldBackError("no-customer")
        address = contact.email if message.channel is Channel.EMAIL else contact.phone
        if address is None:
            raise _HeldBackError("no-phone")
        return _Recipient(contact.name, address, link)

    async def _recipient_of_secret(self, message: Message, link: str | None) -> _Recipient:
        """Return where a one-time link goes: to the mailbox that it proves, and with no name."""
        secret = await self._contacts.one_time_link(message.request_id)
        if secret is None:
            raise _HeldBackError("expired")
        return _Recipient(None, secret.email, f"{link or self._shop.url}?token={secret.token}")

    def _letter(self, message: Message, recipient: _Recipient) -> Mail:
        letter = Letter(
            copy=message.copy, name=recipient.name, link=recipient.link, shop=self._shop.name
        )
        text, html = self._copywriter.lay_out(letter)
        return Mail(
            id=message.id, to=recipient.address, subject=message.copy.title, text=text, html=html
        )

    def _text(self, message: Message) -> str:
        """Return the first paragraph as a text message of two parts at most."""
        first = message.copy.body.partition("\n\n")[0]
        return f"{self._shop.name}: {first}"[:LONGEST_SMS]

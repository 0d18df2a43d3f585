"""Sending what is due: outside any transaction, and then noted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

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
    Orders,
    Sms,
    SmsSender,
)
from kibble.services.notification.model import KINDS, Channel, Message, Status
from kibble.services.notification.repository.messages import NotificationRepository
from kibble.services.notification.service.guests import Confirming
from kibble.services.notification.service.unsubscribing import Unsubscribing

_log = structlog.get_logger()

BATCH = 64
"""How many messages share a commit."""
AT_ONCE = 8
"""How many are handed over side by side; between them, the loop sees to requests."""
CLAIM = timedelta(seconds=30)
"""How long other processes leave a message alone that one is about to send."""
START_WITHIN = CLAIM / 2
"""How long after the claim a message may still be handed over: what is left of it is for that."""
LONGEST_SMS = 320

Note = Callable[[Message], None]
"""Writes into a message what came of it."""


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

    Of several processes each claims other messages. The relay takes a message before that is noted,
    so a crash between the two sends it again. While the process lives it does not: what came of a
    message is remembered until that is committed.
    """

    def __init__(
        self,
        messages: NotificationRepository,
        contacts: Contacts,
        orders: Orders,
        copywriter: Copywriter,
        *,
        mail: MailSender,
        sms: SmsSender,
        shop: Shop,
        unsubscribing: Unsubscribing,
        confirming: Confirming,
        cache: NotificationCache,
        clock: Clock,
        randomness: Randomness,
    ) -> None:
        self._messages = messages
        self._contacts = contacts
        self._orders = orders
        self._copywriter = copywriter
        self._mail = mail
        self._sms = sms
        self._shop = shop
        self._unsubscribing = unsubscribing
        self._confirming = confirming
        self._cache = cache
        self._clock = clock
        self._randomness = randomness
        self._notes: dict[NotificationId, Note] = {}

    async def send_all_due(self) -> int:
        """Send whatever is due, in batches; return how many messages were tried."""
        await self._note()  # what an earlier commit that failed has left
        tried = 0
        while count := await self._send_batch():
            tried += count
            if count < BATCH:
                break
        return tried

    async def _send_batch(self) -> int:
        """Claim one batch, try it, and note together what came of it."""
        now = self._clock.now()
        batch = await self._messages.claim(now, now + CLAIM, BATCH)
        for start in range(0, len(batch), AT_ONCE):
            if self._clock.now() - now >= START_WITHIN:
                break
            await self._send_side_by_side(batch[start : start + AT_ONCE])
        await self._note()
        if batch:
            await self._messages.give_back([message.id for message in batch])
        return len(batch)

    async def _send_side_by_side(self, messages: Sequence[Message]) -> None:
        """Try some messages; one that cannot be written holds up no other."""
        untried = [message for message in messages if message.id not in self._notes]
        tries = (self._try(message) for message in untried)
        results = await asyncio.gather(*tries, return_exceptions=True)
        for message, result in zip(untried, results, strict=True):
            if isinstance(result, BaseException):
                _log.error("message not sent", notification_id=message.id, exc_info=result)
                self._notes[message.id] = self._retry_later("internal error")
            else:
                self._notes[message.id] = result

    async def _try(self, message: Message) -> Note:
        """Try one message, and decide what becomes of it."""
        try:
            await self._hand_over(message)
        except _HeldBackError as reason:
            return partial(Message.suppress, reason=str(reason))
        except DeliveryRefused as error:
            return partial(Message.fail, reason=error.message)
        except Unavailable as error:
            return self._retry_later(error.message)
        return partial(Message.sent, now=self._clock.now())

    def _retry_later(self, reason: str) -> Note:
        jitter = self._randomness.random()
        return partial(Message.retry_later, reason=reason, now=self._clock.now(), jitter=jitter)

    async def _note(self) -> None:
        if self._notes:
            await commit_outcome(self._messages, self._take_notes)

    async def _take_notes(self) -> Outcome[None]:
        """Write what came of the messages into what they are now; those that are gone stay so."""
        noted = dict(self._notes)
        changes = Changes()
        for message in await asyncio.gather(*map(self._messages.message, noted)):
            if message is None or message.status is not Status.PENDING:
                continue
            noted[message.id](message)
            if message.was_for_nobody:
                changes.remove(message)
            else:
                changes.save(message)
        changes.then(lambda: self._noted(noted))
        return Outcome(None, changes)

    def _noted(self, noted: Iterable[NotificationId]) -> None:
        for message_id in noted:
            self._notes.pop(message_id, None)
            self._cache.messages.forget(message_id)

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
        if KINDS[message.kind].proves:
            link = f"{link or self._shop.url}#token={self._confirming.token(message)}"
        if message.email is not None:
            return _Recipient(None, message.email, await self._with_key(message, link))
        if message.customer_id is None:
            raise _HeldBackError("no-address")
        contact = await self._contacts.contact(message.customer_id)
        if contact is None:
            raise _HeldBackError("no-customer")
        address = contact.email if message.channel is Channel.EMAIL else contact.phone
        if address is None:
            raise _HeldBackError("no-phone")
        return _Recipient(contact.name, address, link)

    async def _with_key(self, message: Message, link: str | None) -> str | None:
        """Return the link to a guest's order with what opens it: a guest cannot sign in.

        The token is made when the e-mail leaves, and kept nowhere; it stands behind the #.
        """
        if message.customer_id is not None or message.order_id is None:
            return link
        token = await self._orders.guest_token(message.order_id)
        return link if token is None else f"{link}#token={token}"

    async def _recipient_of_secret(self, message: Message, link: str | None) -> _Recipient:
        """Return where a one-time link goes: to the mailbox that it proves, and with no name.

        The token stands behind the #, which no server and no log sees.
        """
        secret = await self._contacts.one_time_link(message.request_id)
        if secret is None:
            raise _HeldBackError("expired")
        return _Recipient(None, secret.email, f"{link or self._shop.url}#token={secret.token}")

    def _letter(self, message: Message, recipient: _Recipient) -> Mail:
        token, kind = None, KINDS[message.kind]
        if kind.advertises:
            token = self._unsubscribing.token(message)
        letter = Letter(
            copy=message.copy,
            name=recipient.name,
            link=recipient.link,
            shop=self._shop.name,
            unsubscribe=self._unsubscribing.page(token) if token else None,
        )
        text, html = self._copywriter.lay_out(letter)
        return Mail(
            id=message.id,
            to=recipient.address,
            subject=message.copy.title,
            text=text,
            html=html,
            unsubscribe=self._unsubscribing.one_click(token) if token else None,
        )

    def _text(self, message: Message) -> str:
        """Return the first paragraph as a text message of two parts at most."""
        first = message.copy.body.partition("\n\n")[0]
        return f"{self._shop.name}: {first}"[:LONGEST_SMS]

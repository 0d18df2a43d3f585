"""Turning requests into messages, and what customers do with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from kibble.contracts.customer import CustomerErased, CustomerRegistered, CustomerUpdated
from kibble.contracts.notification import NotificationRequested
from kibble.kernel.clock import Clock
from kibble.kernel.ids import CustomerId, IdSource, NotificationId
from kibble.kernel.languages import known_or_fallback
from kibble.kernel.paging import Page
from kibble.platform.messaging.handler import Received
from kibble.platform.persistence.changes import Changes, Outcome, unchanged
from kibble.services.notification.cache import NotificationCache
from kibble.services.notification.errors import (
    NotificationNotFound,
    UnknownKind,
    UnknownRecipient,
)
from kibble.services.notification.integration import Contacts, Copywriter, Facts, SentCopies
from kibble.services.notification.model import (
    KINDS,
    Channel,
    DigestTime,
    Erasure,
    Message,
    Preferences,
    QuietHours,
    Request,
    compose,
)
from kibble.services.notification.repository.messages import NotificationRepository
from kibble.services.notification.service.feed import InboxFeed


class NotificationService:
    """Keeps messages and preferences."""

    def __init__(
        self,
        messages: NotificationRepository,
        contacts: Contacts,
        copywriter: Copywriter,
        *,
        cache: NotificationCache,
        feed: InboxFeed,
        clock: Clock,
        ids: IdSource,
        copies: Sequence[SentCopies] = (),
    ) -> None:
        self._messages = messages
        self._contacts = contacts
        self._copywriter = copywriter
        self._cache = cache
        self._feed = feed
        self._clock = clock
        self._ids = ids
        self._copies = copies

    async def notify(
        self, customer_id: CustomerId, kind: str, facts: Facts, channel: Channel | None
    ) -> Outcome[list[Message]]:
        """Tell a customer something: where they prefer it, or on one channel if they take it there.

        Raises ``UnknownRecipient``, and ``UnknownKind``, also for what nobody may ask for.
        """
        known = KINDS.get(kind)
        if known is None or not known.is_public:
            raise UnknownKind("/type", kind)
        await self._require_customer(customer_id)
        request = Request(id=self._ids.new(), kind=known, customer_id=customer_id, email=None)
        return await self._compose(request, facts, channel)

    async def _compose(
        self,
        request: Request,
        facts: Facts,
        channel: Channel | None = None,
        language: str | None = None,
    ) -> Outcome[list[Message]]:
        changes = Changes()
        messages = await self.add(changes, request, facts, channel, language)
        return Outcome(messages, changes)

    async def add(
        self,
        changes: Changes,
        request: Request,
        facts: Facts,
        channel: Channel | None = None,
        language: str | None = None,
    ) -> list[Message]:
        """Add the messages of a request to what is to be written."""
        preferences = await self._preferences(request.customer_id)
        spoken = preferences.language if language is None else known_or_fallback(language)
        messages = compose(
            request,
            preferences,
            self._copywriter.write(request.kind.name, facts, spoken),
            now=self._clock.now(),
            new_id=lambda: NotificationId(self._ids.new()),
            only=channel,
        )
        for message in messages:
            changes.save(message)
        if request.customer_id is not None:
            changes.then(self._wake(request.customer_id))
        return messages

    def _wake(self, customer_id: CustomerId) -> Callable[[], None]:
        return lambda: self._feed.changed(customer_id)

    # Preferences.

    async def preferences(self, customer_id: CustomerId) -> Preferences:
        """Return what a customer prefers. Raises ``UnknownRecipient``."""
        await self._require_customer(customer_id)
        return await self._stored_preferences(customer_id)

    async def _require_customer(self, customer_id: CustomerId) -> None:
        if await self._contacts.contact(customer_id) is None:
            raise UnknownRecipient

    async def _stored_preferences(self, customer_id: CustomerId) -> Preferences:
        """Return what a customer prefers, as last committed; the defaults when never said."""
        stored = await self._messages.preferences(customer_id)
        return stored or Preferences(customer_id=customer_id)

    async def _preferences(self, customer_id: CustomerId | None) -> Preferences:
        """Return what the recipient prefers, maybe from the cache: only to be read."""
        if customer_id is None:
            return _GUEST
        cached = await self._cache.preferences.get(customer_id)
        if cached is not None:
            return cached
        return self._cache.preferences.put(customer_id, await self._stored_preferences(customer_id))

    async def set_preferences(
        self,
        customer_id: CustomerId,
        *,
        channels: Mapping[Channel, bool],
        kinds: Mapping[str, Mapping[Channel, bool]],
        quiet_hours: QuietHours | None,
        digest: DigestTime | None,
        expect: Callable[[int], None],
    ) -> Outcome[Preferences]:
        """Replace what a customer prefers; ``expect`` is given the version that is replaced.

        Raises ``UnknownRecipient``, and ``InvalidInput`` for an unknown kind, or when something
        that matters would be hidden.
        """
        if unknown := sorted(kinds.keys() - KINDS.keys()):
            raise UnknownKind(f"/types/{unknown[0]}", unknown[0])
        preferences = await self.preferences(customer_id)
        expect(preferences.version)
        preferences.revise(channels, kinds, quiet_hours, self._clock.now(), digest)
        return Outcome(preferences, self._saved(preferences))

    async def end_mails(self, customer_id: CustomerId, kind: str) -> Outcome[None]:
        """Send a customer no more e-mails of a kind; not asked whether they are still one."""
        preferences = await self._stored_preferences(customer_id)
        if not preferences.end_mails(kind, self._clock.now()):
            return unchanged(None)
        return Outcome(None, self._saved(preferences))

    def _saved(self, preferences: Preferences) -> Changes:
        customer_id = preferences.customer_id
        changes = Changes()
        changes.save(preferences)
        changes.then(lambda: self._cache.preferences.forget(customer_id))
        return changes

    # The inbox.

    async def inbox(
        self, customer_id: CustomerId, *, unread: bool, limit: int, cursor: str | None
    ) -> Page[Message]:
        """Return what the app shows, newest first."""
        return await self._messages.inbox(customer_id, unread=unread, limit=limit, cursor=cursor)

    async def message(self, message_id: NotificationId) -> Message:
        """Return one message, maybe from the cache: only to be read. Raises if there is none."""
        cached = await self._cache.messages.get(message_id)
        if cached is not None:
            return cached
        return self._cache.messages.put(message_id, await self._load(message_id))

    async def about(self, order_id: str) -> Sequence[Message]:
        """Return every message that an order caused, oldest first, whatever became of it."""
        return await self._messages.messages_about(order_id)

    async def mark_read(self, message_id: NotificationId, *, read: bool) -> Outcome[Message]:
        """Note that a message was read, or was not. Raises ``NotificationNotFound``."""
        message = await self._load(message_id)
        if message.read == read:
            return unchanged(message)
        message.read = read
        return Outcome(message, self._changed(message))

    async def resend(self, message_id: NotificationId) -> Outcome[Message]:
        """Send an e-mail or SMS again. Raises ``NotificationNotFound``, ``NothingToResend``."""
        message = await self._load(message_id)
        message.resend(self._clock.now())
        return Outcome(message, self._changed(message))

    async def _load(self, message_id: NotificationId) -> Message:
        message = await self._messages.message(message_id)
        if message is None:
            raise NotificationNotFound
        return message

    def _changed(self, message: Message) -> Changes:
        changes = Changes()
        changes.save(message)
        changes.then(lambda: self._cache.messages.forget(message.id))
        return changes

    async def export(self, customer_id: CustomerId) -> tuple[list[Preferences], list[Message]]:
        """Return all that is kept about a customer; preferences where there are any."""
        messages = await self._messages.messages_of(customer_id)
        preferences = await self._messages.preferences(customer_id)
        return [preferences] if preferences else [], list(messages)

    # What Notification does on events.

    async def tell(self, event: NotificationRequested, _: Received) -> Outcome[None]:
        """Turn a request into messages, once. Raises ``UnknownKind``: the event is parked."""
        kind = KINDS.get(event.kind)
        if kind is None:
            raise UnknownKind("/kind", event.kind)
        if await self._messages.has_request(event.request_id):
            return unchanged(None)
        request = Request(
            id=event.request_id, kind=kind, customer_id=event.customer_id, email=event.email
        )
        composed = await self._compose(request, event.facts, language=event.language)
        return Outcome(None, composed.changes)

    async def follow_switches(
        self, event: CustomerRegistered | CustomerUpdated, _: Received
    ) -> Outcome[None]:
        """Move the switches that a customer moved in the profile; the last to move one wins.

        The language is the profile's alone.
        """
        switches = {Channel.EMAIL: event.email_notifications, Channel.SMS: event.sms_notifications}
        moved = {channel: on for channel, on in switches.items() if on is not None}
        preferences = await self._stored_preferences(event.customer_id)
        now = self._clock.now()
        changed = preferences.switch(moved, now)
        if event.language is not None:
            changed = preferences.speak(known_or_fallback(event.language), now) or changed
        if not changed:
            return unchanged(None)
        return Outcome(None, self._saved(preferences))

    async def forget(self, event: CustomerErased, _: Received) -> Outcome[None]:
        """Remove an erased customer's messages and preferences."""
        customer_id = event.customer_id
        sent = [message.id for message in await self._messages.messages_of(customer_id)]
        for one in self._copies:
            one.forget(sent)
        changes = Changes()
        changes.remove(Erasure(customer_id=customer_id))
        changes.then(lambda: self._cache.preferences.forget(customer_id))
        return Outcome(None, changes)


_GUEST = Preferences(customer_id=CustomerId(""))

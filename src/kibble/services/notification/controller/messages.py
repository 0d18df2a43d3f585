"""Notification over HTTP."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

from kibble.kernel.errors import InvalidInput
from kibble.kernel.ids import CustomerId, NotificationId, ProductId, is_id
from kibble.kernel.paging import Page
from kibble.platform.persistence.changes import Outcome
from kibble.platform.persistence.store import Store
from kibble.platform.web import json
from kibble.platform.web.call import Call
from kibble.platform.web.ownership import OWN, By, owned
from kibble.platform.web.reply import Reply, accepted, event_stream, listed, no_content, ok
from kibble.platform.web.route import ANYONE, Route, get, upload, write
from kibble.services.notification.errors import NotificationNotFound
from kibble.services.notification.model import Message
from kibble.services.notification.schemas.messages import (
    AwaitedView,
    InboxQuery,
    MarkRead,
    NotificationView,
    NotifiedView,
    Notify,
    PreferencesView,
    SetPreferences,
    StatusView,
    UnsubscribeQuery,
    to_kinds,
)
from kibble.services.notification.service import (
    GuestService,
    InboxFeed,
    NotificationService,
    RestockService,
    Unsubscribing,
)
from kibble.services.notification.service.unsubscribing import MailsOf, WaitsOf

WRITE = "notifications:write"

RETRY_MILLISECONDS = 2_000
MOST_FORM_BYTES = 1_000
"""A mail program says List-Unsubscribe=One-Click; nothing of it is read."""


class NotificationController:
    """One method a route."""

    def __init__(
        self,
        service: NotificationService,
        restocks: RestockService,
        guests: GuestService,
        unsubscribing: Unsubscribing,
        *,
        feed: InboxFeed,
        store: Store,
    ) -> None:
        self._service = service
        self._restocks = restocks
        self._guests = guests
        self._unsubscribing = unsubscribing
        self._feed = feed
        self._store = store

    async def notify(self, call: Call[Notify, None]) -> Reply:
        """POST /api/notifications."""
        body = call.body
        customer_id = CustomerId(body.customer_id)
        return await call.transact(
            self._store,
            lambda: self._service.notify(customer_id, body.type, body.data, body.channel),
            lambda messages: accepted(NotifiedView.of(messages)),
        )

    async def get_preferences(self, call: Call[None, None]) -> Reply:
        """GET /api/notifications/preferences/{customerId}."""
        preferences = await self._service.preferences(CustomerId(call.id("customerId")))
        return ok(PreferencesView.of(preferences), etag=str(preferences.version))

    async def set_preferences(self, call: Call[SetPreferences, None]) -> Reply:
        """PUT /api/notifications/preferences/{customerId}."""
        customer_id = CustomerId(call.id("customerId"))
        body = call.body
        quiet_hours = body.quiet_hours.quiet_hours() if body.quiet_hours else None
        digest = body.digest.digest() if body.digest else None
        return await call.transact(
            self._store,
            lambda: self._service.set_preferences(
                customer_id,
                channels=body.channels.switches(),
                kinds=to_kinds(body.types),
                quiet_hours=quiet_hours,
                digest=digest,
                expect=call.require_version,
            ),
            lambda preferences: ok(PreferencesView.of(preferences), etag=str(preferences.version)),
        )

    async def list_inbox(self, call: Call[None, InboxQuery]) -> Reply:
        """GET /api/notifications."""
        query = call.query
        customer_id = CustomerId(query.customer_id or call.customer_id)
        page = await self._service.inbox(
            customer_id, unread=query.unread, limit=query.limit, cursor=query.cursor
        )
        return listed(page, NotificationView.of, call.next_url)

    async def list_about(self, call: Call[None, None]) -> Reply:
        """GET /api/notifications/orders/{orderId}."""
        messages = await self._service.about(call.id("orderId"))
        return listed(Page(messages), StatusView.of, call.next_url)

    async def get_status(self, call: Call[None, None]) -> Reply:
        """GET /api/notifications/{notificationId}."""
        return ok(StatusView.of(await self._visible(call)))

    async def mark_read(self, call: Call[MarkRead, None]) -> Reply:
        """PATCH /api/notifications/{notificationId}."""
        message_id = (await self._visible(call)).id
        read = call.body.read
        return await call.transact(
            self._store,
            lambda: self._service.mark_read(message_id, read=read),
            lambda message: ok(NotificationView.of(message)),
        )

    async def resend(self, call: Call[None, None]) -> Reply:
        """POST /api/notifications/{notificationId}/resend."""
        message_id = NotificationId(call.id("notificationId"))
        return await call.transact(
            self._store,
            lambda: self._service.resend(message_id),
            lambda message: accepted(StatusView.of(message)),
        )

    async def list_waits(self, call: Call[None, None]) -> Reply:
        """GET /api/notifications/back-in-stock."""
        waits = await self._restocks.waits_of(call.customer_id)
        return listed(Page(waits), AwaitedView.of, call.next_url)

    async def wait_for(self, call: Call[None, None]) -> Reply:
        """PUT /api/notifications/back-in-stock/{productId}."""
        customer_id, product_id = call.customer_id, ProductId(call.id("productId"))
        return await call.transact(
            self._store,
            lambda: self._restocks.wait(customer_id, product_id),
            lambda waiting: ok(AwaitedView.of(waiting)),
        )

    async def stop_waiting(self, call: Call[None, None]) -> Reply:
        """DELETE /api/notifications/back-in-stock/{productId}."""
        customer_id, product_id = call.customer_id, ProductId(call.id("productId"))
        return await call.transact(
            self._store,
            lambda: self._restocks.stop_waiting(customer_id, product_id),
            lambda _: no_content(),
        )

    async def unsubscribe(self, call: Call[None, UnsubscribeQuery]) -> Reply:
        """POST /api/notifications/unsubscribe."""
        named = self._unsubscribing.read(call.query.token)
        if named is None:
            raise InvalidInput.at("/query/token", "does not hold any more")
        return await call.transact(self._store, lambda: self._end(named), lambda _: no_content())

    async def _end(self, named: MailsOf | WaitsOf) -> Outcome[None]:
        if isinstance(named, WaitsOf):
            return await self._guests.end(named.message_id)
        return await self._service.end_mails(named.customer_id, named.kind)

    async def stream_inbox(self, call: Call[None, None]) -> Reply:
        """GET /api/notifications/stream."""
        customer_id = call.customer_id
        last_seen = call.request.headers.get("last-event-id")
        if last_seen is not None and not is_id(last_seen):
            raise InvalidInput.at("/headers/Last-Event-ID", "is no id of this stream")
        messages = self._feed.follow(customer_id, NotificationId(last_seen) if last_seen else None)
        await anext(messages)  # what speaks against it is answered before the stream begins
        return event_stream(_events(call, messages))

    async def _visible(self, call: Call[Any, None]) -> Message:
        """Return the path's message; another customer's is not there."""
        message = await self._service.message(NotificationId(call.id("notificationId")))
        call.require_reach(message.customer_id, NotificationNotFound())
        return message


async def _events(
    call: Call[None, None], messages: AsyncGenerator[Message | None, None]
) -> AsyncIterator[bytes]:
    """Yield server-sent events; the id of each lets a reader that comes back go on after it."""
    yield b"retry: %d\n\n" % RETRY_MILLISECONDS
    async with aclosing(messages):
        async for message in messages:
            if message is not None:
                data = json.encode(NotificationView.of(message))
                yield b"id: %s\nevent: notification\ndata: %s\n\n" % (message.id.encode(), data)
            elif await call.request.is_disconnected():
                return
            else:
                yield b": nothing new\n\n"


def routes(controller: NotificationController) -> list[Route]:
    """Return Notification's table of routes."""
    c = controller
    notifications = "/api/notifications"
    of_customer, of_message = owned(By.PATH, WRITE), owned(By.THING, WRITE)
    notification = f"{notifications}/{{notificationId}}"
    preferences = f"{notifications}/preferences/{{customerId}}"
    waiting = f"{notifications}/back-in-stock/{{productId}}"
    return [
        write(
            "POST",
            notifications,
            c.notify,
            "Tell a customer something",
            WRITE,
            body=Notify,
            answer=NotifiedView,
            status=202,
        ),
        get(
            notifications,
            c.list_inbox,
            "The messages that the app shows, newest first",
            owned(By.QUERY, WRITE),
            query=InboxQuery,
            answer=list[NotificationView],
        ),
        get(
            f"{notifications}/stream",
            c.stream_inbox,
            "New messages as server-sent events",
            OWN,
            gives=("text/event-stream",),
        ),
        get(
            f"{notifications}/back-in-stock",
            c.list_waits,
            "The products that the customer waits for, in the order of asking",
            OWN,
            answer=list[AwaitedView],
        ),
        write(
            "PUT",
            waiting,
            c.wait_for,
            "Tell the customer once a product that is sold out is back",
            OWN,
            answer=AwaitedView,
        ),
        write("DELETE", waiting, c.stop_waiting, "No longer wait for a product", OWN, status=204),
        upload(
            f"{notifications}/unsubscribe",
            c.unsubscribe,
            "End the e-mails of a kind, by the token of one of them (RFC 8058)",
            ANYONE,
            takes=("application/x-www-form-urlencoded", "multipart/form-data"),
            max_bytes=MOST_FORM_BYTES,
            query=UnsubscribeQuery,
            status=204,
        ),
        get(
            f"{notifications}/orders/{{orderId}}",
            c.list_about,
            "What customers were told about an order, and what became of it",
            WRITE,
            answer=list[StatusView],
        ),
        get(
            preferences,
            c.get_preferences,
            "What a customer wants to hear, where and when",
            of_customer,
            answer=PreferencesView,
        ),
        write(
            "PUT",
            preferences,
            c.set_preferences,
            "Replace what a customer wants to hear",
            of_customer,
            body=SetPreferences,
            answer=PreferencesView,
            conditional=True,
        ),
        get(
            notification,
            c.get_status,
            "A message and what became of it",
            of_message,
            answer=StatusView,
        ),
        write(
            "PATCH",
            notification,
            c.mark_read,
            "Mark a message as read or unread",
            of_message,
            body=MarkRead,
            answer=NotificationView,
        ),
        write(
            "POST",
            f"{notification}/resend",
            c.resend,
            "Send an e-mail or SMS again",
            WRITE,
            answer=StatusView,
            status=202,
        ),
    ]

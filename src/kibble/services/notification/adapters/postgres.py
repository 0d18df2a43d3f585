"""Messages and preferences on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from kibble.kernel.clock import from_text
from kibble.kernel.ids import CustomerId, NotificationId, ProductId
from kibble.kernel.paging import Page, decode_cursor, encode_cursor, page_of
from kibble.platform.engines.postgres import (
    BOOLEAN,
    INTEGER,
    JSON,
    TEXT,
    TIME,
    UUID,
    Clause,
    Lookup,
    Postgres,
    PostgresClaims,
    PostgresStore,
    Rows,
    Table,
    Write,
)
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.persistence.rows import AS_THEY_ARE
from kibble.services.notification.adapters import postgres_webhooks
from kibble.services.notification.adapters.message_rows import MessageRows
from kibble.services.notification.adapters.postgres_webhooks import PostgresWebhooks
from kibble.services.notification.model import (
    WAIT_LIFE,
    AddressErasure,
    Delisting,
    Erasure,
    Message,
    Preferences,
    Restock,
    Waiting,
)
from kibble.services.notification.model.webhook import KEPT_FOR, Delivery, Webhook

PARTED = ("messages",)
"""The tables that have a partition a month."""
REQUEST_LIFE = timedelta(days=90)
"""How long a request is known: longer than any topic keeps an event that repeats it."""

_ROWS = MessageRows(AS_THEY_ARE)
_COLUMNS = {
    "request_id": TEXT,
    "kind": TEXT,
    "channel": TEXT,
    "customer_id": UUID,
    "email": TEXT,
    "title": TEXT,
    "body": TEXT,
    "action_label": TEXT,
    "action_path": TEXT,
    "due_at": TIME,
    "created_at": TIME,
    "status": TEXT,
    "attempts": INTEGER,
    "reason": TEXT,
    "sent_at": TIME,
    "read": BOOLEAN,
    "language": TEXT,
    "collected": BOOLEAN,
}
_MESSAGES = Table("messages", "id", **_COLUMNS)
_REQUESTS = Rows("requests", request_id=TEXT, channel=TEXT, created_at=TIME)
_PREFERENCES = Table(
    "preferences",
    "customer_id",
    channels=JSON,
    kinds=JSON,
    quiet_hours=JSON,
    updated_at=TIME,
    language=TEXT,
    digest=JSON,
)
_NAMES = ", ".join(["id", *_COLUMNS])
# Inboxes are locked in one order, so that statements which share some do not wait for each other.
_ADD = Clause(
    f"INSERT INTO messages ({_NAMES}, position, version)"
    f" SELECT {_NAMES}, next_position(customer_id), 1"
    " FROM (SELECT * FROM {rows} ORDER BY customer_id, nth) AS sorted",
    [("id", "uuid"), *((name, kind.type) for name, kind in _COLUMNS.items())],
    counted=False,
)
_ERASE = [
    Clause(
        f"DELETE FROM {table} AS t USING {{rows}} WHERE t.customer_id = row.customer_id",
        [("customer_id", "uuid")],
        counted=False,
    )
    for table in ("messages", "preferences", "inboxes", "waits")
]
_ERASE_ADDRESS = [
    Clause(
        f"DELETE FROM {table} AS t USING {{rows}} WHERE t.email = row.email"
        " AND t.customer_id IS NULL",
        [("email", "text")],
        counted=False,
    )
    for table in ("messages", "waits")
]
_WAITS = Table(
    "waits",
    "id",
    customer_id=UUID,
    product_id=UUID,
    product_name=TEXT,
    asked_at=TIME,
    email=TEXT,
    language=TEXT,
)
_RESTOCKS = Table("restocks", "product_id", due_at=TIME)
_DELIST = [
    Clause(
        f"DELETE FROM {table} AS t USING {{rows}} WHERE t.product_id = row.product_id",
        [("product_id", "uuid")],
        counted=False,
    )
    for table in ("waits", "restocks")
]
_ERASE_DELIVERIES = Clause(
    "DELETE FROM webhook_deliveries AS t USING {rows}"
    " WHERE t.personal AND t.customer_id = row.customer_id",
    [("customer_id", "text")],
    counted=False,
)
_SELECT = f"SELECT {_MESSAGES.columns}, position"
_INBOX = "customer_id = $1 AND channel = 'in_app' AND status = 'SENT'"
# Of the processes that claim at once each locks other rows. One that looked before another's claim
# was committed, and locks after that, finds the key taken.
_CLAIM = (
    f"WITH due AS ({_SELECT} FROM messages m WHERE status = 'PENDING' AND NOT collected"
    " AND due_at <= $1"
    " AND NOT EXISTS (SELECT FROM claims c WHERE c.key = m.id::text AND c.until > $1)"
    " ORDER BY m.due_at LIMIT $3 FOR UPDATE OF m SKIP LOCKED),"
    " taken AS (INSERT INTO claims AS c (key, holder, until) SELECT id, $4, $2 FROM due"
    " ON CONFLICT (key) DO UPDATE SET holder = excluded.holder, until = excluded.until"
    " WHERE c.until <= $1 RETURNING key)"
    " SELECT due.* FROM due JOIN taken ON taken.key = due.id ORDER BY due.due_at"
)
_COLLECTED = "status = 'PENDING' AND collected"
_FIRST = 2**62


class PostgresNotificationRepository(PostgresWebhooks, PostgresStore):
    """Implements ``NotificationRepository`` and ``WebhookRepository``.

    Each process has a ``holder`` of its own.
    """

    def __init__(self, postgres: Postgres, envelopes: EnvelopeMaker, holder: str) -> None:
        super().__init__(
            postgres,
            envelopes,
            savers={
                Message: _save_message,
                Preferences: _save_preferences,
                Webhook: postgres_webhooks.save_webhook,
                Delivery: postgres_webhooks.save_delivery,
                Waiting: _save_waiting,
                Restock: _save_restock,
            },
            removers={
                Message: _remove_message,
                Waiting: _remove_waiting,
                Restock: _remove_restock,
                Delisting: _delist,
                Erasure: _erase,
                AddressErasure: _erase_address,
                Webhook: postgres_webhooks.remove_webhook,
            },
        )
        self._holder = holder
        self._claims = PostgresClaims(postgres, holder)
        self._messages = Lookup(
            postgres,
            # A join, not = ANY: it looks for each id in the partition of its month alone.
            f"{_SELECT} FROM unnest($1::uuid[]) AS asked (wanted) JOIN messages ON id = wanted",
        )
        self._requests = Lookup(
            postgres, "SELECT request_id FROM requests WHERE request_id = ANY($1::text[])"
        )
        self._preferences = Lookup(
            postgres,
            f"SELECT {_PREFERENCES.columns} FROM preferences WHERE customer_id = ANY($1::uuid[])",
        )

    async def preferences(self, customer_id: CustomerId) -> Preferences | None:
        """See ``NotificationRepository.preferences``."""
        row = await self._preferences.one(customer_id)
        return _ROWS.preferences(row) if row else None

    async def message(self, message_id: NotificationId) -> Message | None:
        """See ``NotificationRepository.message``."""
        row = await self._messages.one(message_id)
        return _ROWS.message(row) if row else None

    async def has_request(self, request_id: str) -> bool:
        """See ``NotificationRepository.has_request``."""
        return await self._requests.one(request_id) is not None

    async def claim(self, now: datetime, until: datetime, limit: int) -> list[Message]:
        """See ``NotificationRepository.claim``."""
        rows = await self.postgres.fetch(_CLAIM, now, until, limit, self._holder)
        return [_ROWS.message(row) for row in rows]

    async def give_back(self, message_ids: Sequence[NotificationId]) -> None:
        """See ``NotificationRepository.give_back``."""
        await self._claims.give_back(message_ids)

    async def inbox(
        self, customer_id: CustomerId, *, unread: bool, limit: int, cursor: str | None
    ) -> Page[Message]:
        """See ``NotificationRepository.inbox``."""
        before = decode_cursor(cursor, int)[0] if cursor else _FIRST
        which = f"{_INBOX} AND NOT read" if unread else _INBOX
        rows = await self.postgres.fetch(
            f"{_SELECT} FROM messages WHERE {which} AND position < $2"
            " ORDER BY position DESC LIMIT $3",
            customer_id,
            before,
            limit + 1,
        )
        messages = [_ROWS.message(row) for row in rows]
        return page_of(messages, limit, lambda last: encode_cursor(last.position))

    async def newest_positions(
        self, customer_ids: Sequence[CustomerId]
    ) -> Mapping[CustomerId, int]:
        """See ``NotificationRepository.newest_positions``."""
        rows = await self.postgres.fetch(
            "SELECT customer_id::text, newest FROM inboxes WHERE customer_id = ANY($1::uuid[])",
            customer_ids,
        )
        return {CustomerId(customer_id): newest for customer_id, newest in rows}

    async def position(self, customer_id: CustomerId, message_id: NotificationId) -> int:
        """See ``NotificationRepository.position``."""
        message = await self.message(message_id)
        return message.position if message and message.customer_id == customer_id else 0

    async def inbox_after(
        self, customer_id: CustomerId, position: int, limit: int
    ) -> Sequence[Message]:
        """See ``NotificationRepository.inbox_after``."""
        rows = await self.postgres.fetch(
            f"{_SELECT} FROM messages WHERE {_INBOX} AND position > $2 ORDER BY position LIMIT $3",
            customer_id,
            position,
            limit,
        )
        return [_ROWS.message(row) for row in rows]

    async def messages_about(self, order_id: str) -> Sequence[Message]:
        """See ``NotificationRepository.messages_about``."""
        rows = await self.postgres.fetch(
            f'{_SELECT} FROM messages WHERE request_id COLLATE "C" >= $1'
            ' AND request_id COLLATE "C" < $2 ORDER BY id',
            f"{order_id}:",
            f"{order_id};",
        )
        return [_ROWS.message(row) for row in rows]

    async def digests_due(self, now: datetime, limit: int) -> Sequence[CustomerId]:
        """See ``NotificationRepository.digests_due``."""
        rows = await self.postgres.fetch(
            f"SELECT DISTINCT customer_id::text FROM messages WHERE {_COLLECTED} AND due_at <= $1"
            " LIMIT $2",
            now,
            limit,
        )
        return [CustomerId(row[0]) for row in rows]

    async def collected(self, customer_id: CustomerId, now: datetime) -> Sequence[Message]:
        """See ``NotificationRepository.collected``."""
        rows = await self.postgres.fetch(
            f"{_SELECT} FROM messages WHERE {_COLLECTED} AND customer_id = $1 AND due_at <= $2"
            " ORDER BY position",
            customer_id,
            now,
        )
        return [_ROWS.message(row) for row in rows]

    async def waits_of(self, customer_id: CustomerId) -> Sequence[Waiting]:
        """See ``NotificationRepository.waits_of``."""
        rows = await self.postgres.fetch(
            f"SELECT {_WAITS.columns} FROM waits WHERE customer_id = $1 ORDER BY asked_at, id",
            customer_id,
        )
        return [_ROWS.waiting(row) for row in rows]

    async def waits_at(self, email: str) -> Sequence[Waiting]:
        """See ``NotificationRepository.waits_at``."""
        rows = await self.postgres.fetch(
            f"SELECT {_WAITS.columns} FROM waits WHERE email = $1 ORDER BY asked_at, id", email
        )
        return [_ROWS.waiting(row) for row in rows]

    async def waiting_for(self, product_id: ProductId, limit: int) -> Sequence[Waiting]:
        """See ``NotificationRepository.waiting_for``."""
        rows = await self.postgres.fetch(
            f"SELECT {_WAITS.columns} FROM waits WHERE product_id = $1"
            " ORDER BY asked_at, id LIMIT $2",
            product_id,
            limit,
        )
        return [_ROWS.waiting(row) for row in rows]

    async def restock(self, product_id: ProductId) -> Restock | None:
        """See ``NotificationRepository.restock``."""
        rows = await self.postgres.fetch(
            f"SELECT {_RESTOCKS.columns} FROM restocks WHERE product_id = $1", product_id
        )
        return next((_ROWS.restock(row) for row in rows), None)

    async def restocks_due(self, now: datetime, limit: int) -> Sequence[Restock]:
        """See ``NotificationRepository.restocks_due``."""
        rows = await self.postgres.fetch(
            f"SELECT {_RESTOCKS.columns} FROM restocks WHERE due_at <= $1 ORDER BY due_at LIMIT $2",
            now,
            limit,
        )
        return [_ROWS.restock(row) for row in rows]

    async def messages_of(self, customer_id: CustomerId) -> Sequence[Message]:
        """See ``NotificationRepository.messages_of``."""
        rows = await self.postgres.fetch(
            f"{_SELECT} FROM messages WHERE customer_id = $1 ORDER BY position", customer_id
        )
        return [_ROWS.message(row) for row in rows]

    async def messages_to(self, email: str) -> Sequence[Message]:
        """See ``NotificationRepository.messages_to``."""
        rows = await self.postgres.fetch(
            f"{_SELECT} FROM messages WHERE email = $1 AND customer_id IS NULL ORDER BY position",
            email,
        )
        return [_ROWS.message(row) for row in rows]

    async def prune(self, before: str) -> None:
        """Forget as every store does, and requests, deliveries and waits that are too old."""
        await super().prune(before)
        await self.postgres.execute(postgres_webhooks.PRUNE, from_text(before) - KEPT_FOR)
        await self.postgres.execute(
            "DELETE FROM requests WHERE created_at < $1", from_text(before) - REQUEST_LIFE
        )
        await self.postgres.execute(
            "DELETE FROM waits WHERE asked_at < $1", from_text(before) - WAIT_LIFE
        )


def _save_message(message: Message, expected: int) -> Iterator[Write]:
    values = _ROWS.of_message(message)
    if expected:
        yield _MESSAGES.save(values, expected)
        return
    yield _REQUESTS.add([(message.request_id, message.channel.value, message.created_at)])
    yield Write(_ADD, [values])


def _remove_message(message: Message, expected: int) -> Iterator[Write]:
    yield _MESSAGES.remove(message.id, expected)


def _save_preferences(preferences: Preferences, expected: int) -> Iterator[Write]:
    yield _PREFERENCES.save(_ROWS.of_preferences(preferences), expected)


def _save_waiting(waiting: Waiting, expected: int) -> Iterator[Write]:
    yield _WAITS.save(_ROWS.of_waiting(waiting), expected)


def _remove_waiting(waiting: Waiting, expected: int) -> Iterator[Write]:
    yield _WAITS.remove(waiting.id, expected)


def _save_restock(restock: Restock, expected: int) -> Iterator[Write]:
    yield _RESTOCKS.save(_ROWS.of_restock(restock), expected)


def _remove_restock(restock: Restock, expected: int) -> Iterator[Write]:
    yield _RESTOCKS.remove(restock.product_id, expected)


def _delist(delisting: Delisting, _: int) -> Iterator[Write]:
    for clause in _DELIST:
        yield Write(clause, [(delisting.product_id,)])


def _erase(erasure: Erasure, _: int) -> Iterator[Write]:
    for clause in (*_ERASE, _ERASE_DELIVERIES):
        yield Write(clause, [(erasure.customer_id,)])


def _erase_address(erasure: AddressErasure, _: int) -> Iterator[Write]:
    for clause in _ERASE_ADDRESS:
        yield Write(clause, [(erasure.email,)])

"""Notification's store in a table of DynamoDB.

A customer's messages are one partition, in the order of their commits: their numbers come from a
counter that is written with them. What is due, what an order caused and what an endpoint was told
is found by indices, which are a moment behind: whatever is acted upon is read again as it is now.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from typing import TypeVar
from weakref import WeakValueDictionary

from kibble.kernel.clock import Clock, from_text, to_text
from kibble.kernel.ids import CustomerId, NotificationId, ProductId
from kibble.kernel.paging import Page, decode_cursor, encode_cursor, page_of
from kibble.platform.engines.aws.dynamodb import (
    NEW,
    Broken,
    Condition,
    DynamoClaims,
    DynamoTable,
    Item,
    Step,
)
from kibble.platform.engines.aws.dynamodb_store import DynamoStore
from kibble.platform.persistence.changes import Aggregate, Changes, Save
from kibble.platform.persistence.store import InboxMark, StoredReply
from kibble.services.notification.adapters import dynamodb_items as items
from kibble.services.notification.adapters.dynamodb_webhooks import DynamoWebhooks
from kibble.services.notification.model import (
    AddressErasure,
    Channel,
    Delisting,
    Erasure,
    Message,
    Preferences,
    Restock,
    Status,
    Waiting,
)
from kibble.services.notification.model.webhook import KEPT_FOR, Delivery, Webhook

WAVE = 6
"""How many of those who wait are told in one commit: of at most 100 writes each takes up to 15."""
_COLLECTED_AT_ONCE = 90
"""How many messages one digest is made of; the rest are the next one."""
_FIRST = 2**62
"""A number that no message has, above all of them."""
_MESSAGES_FROM = "pk = :pk AND sk BETWEEN :first AND :last"
_PARTITION, _BEGINS = "pk = :pk", "pk = :pk AND begins_with(sk, :with)"
_DUE = "waiting = :waiting AND due_at <= :now"

A = TypeVar("A", bound=Aggregate)


class DynamoNotificationRepository(DynamoWebhooks, DynamoStore):
    """Implements ``NotificationRepository`` and ``WebhookRepository``.

    Each process has a ``holder`` of its own.
    """

    def __init__(self, table: DynamoTable, clock: Clock, holder: str) -> None:
        super().__init__(table, "notification", clock)
        self._claims = DynamoClaims(table, holder)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def commit(
        self,
        changes: Changes,
        *,
        reply: StoredReply | None = None,
        inbox: InboxMark | None = None,
    ) -> None:
        """See ``Store.commit``; in this process those for one customer go one after the other."""
        new = [save.aggregate for save in changes.saves if not save.expected_version]
        homes = {items.home(one) for one in new if isinstance(one, Message)}
        async with AsyncExitStack() as stack:
            for home in sorted(homes):
                turn = self._turns.setdefault(home, asyncio.Lock())
                await stack.enter_async_context(turn)
            await super().commit(changes, reply=reply, inbox=inbox)
        for save in changes.removals:
            if isinstance(save.aggregate, Webhook):
                await self.forget_deliveries(save.aggregate.id)

    async def steps(self, saves: Sequence[Save], removals: Sequence[Save]) -> list[Step]:
        """See ``DynamoStore.steps``; what is deleted as a whole is deleted before."""
        new = [save.aggregate for save in saves if not save.expected_version]
        found = await self._number([one for one in new if isinstance(one, Message)])
        deliveries = [one for one in new if isinstance(one, Delivery)]
        if deliveries:
            found += await self.announcing(deliveries)
        for save in saves:
            found += items.saving(save.aggregate, save.expected_version)
        for save in removals:
            one = save.aggregate
            if isinstance(one, Erasure):
                await self._erase(one.customer_id)
            elif isinstance(one, AddressErasure):
                await self._erase_address(one.email)
            elif isinstance(one, Delisting):
                await self._delist(one.product_id)
            else:
                found += items.removing(one, save.expected_version)
                found += self.guarding(one)
        return found

    async def _number(self, messages: Iterable[Message]) -> list[Step]:
        """Give new messages the next numbers of their partitions, and say what to write."""
        found: list[Step] = []
        by_home: dict[str, list[Message]] = {}
        for message in messages:
            by_home.setdefault(items.home(message), []).append(message)
        for home, listed in by_home.items():
            kept = await self.table.get(home, items.COUNTER)
            last: int = kept["newest"] if kept else 0
            unmoved = "newest = :last" if last else NEW
            values = {":last": last} if last else {}
            given = items.counter(home, last + len(listed))
            found.append(Step(given, Condition(unmoved, values, Broken.AGAIN)))
            for number, message in enumerate(listed, last + 1):
                message.position = number
        return found

    async def _erase(self, customer_id: CustomerId) -> None:
        """Delete all of a customer; what a crash leaves, the repeated event deletes."""
        theirs = self.table.query(_PARTITION, {":pk": items.of_customer(customer_id)})
        keys: list[Item] = []
        async for item in theirs:
            keys.append(item)
            if item.get("table") == items.MESSAGE.table:
                keys += items.beside(items.MESSAGE.read(item))[1:]
            elif item.get("table") == items.WAITING.table:
                keys += items.beside(items.WAITING.read(item))
        about = {":person": customer_id}
        keys += [one async for one in self.table.query("person = :person", about, index="person")]
        # Last what leads to the rest, which is first in order.
        await self.table.delete_all(keys[::-1])

    async def _erase_address(self, email: str) -> None:
        """Delete all to a guest's address, as ``_erase`` does."""
        waits = await self.waits_at(email)
        messages = await self.messages_to(email)
        keys: list[Item] = []
        for waiting in waits:
            keys += [*items.beside(waiting), items.WAITING.item(waiting)]
        for message in messages:
            keys += [*items.beside(message)[1:], items.MESSAGE.item(message)]
        await self.table.delete_all(keys)

    async def _delist(self, product_id: ProductId) -> None:
        home = items.of_product(product_id)
        queue = [item async for item in self.table.query(_PARTITION, {":pk": home})]
        waits: list[Item] = [
            {"pk": owner, "sk": f"wait#{product_id}"}
            for item in queue
            if (owner := items.owner_in(item))
        ]
        await self.table.delete_all([*waits, *queue])

    async def _one(self, kept: items.Kept[A], pk: str, sk: str) -> A | None:
        item = await self.table.get(pk, sk)
        return kept.read(item) if item else None

    async def preferences(self, customer_id: CustomerId) -> Preferences | None:
        """See ``NotificationRepository.preferences``."""
        return await self._one(items.PREFERRED, items.of_customer(customer_id), items.PREFERENCES)

    async def message(self, message_id: NotificationId) -> Message | None:
        """See ``NotificationRepository.message``."""
        at = await self.table.get(f"message#{message_id}", "at")
        return await self._one(items.MESSAGE, at["home"], at["place"]) if at else None

    async def has_request(self, request_id: str) -> bool:
        """See ``NotificationRepository.has_request``."""
        async for _ in self.table.query(_PARTITION, {":pk": f"request#{request_id}"}, page=1):
            return True
        return False

    async def claim(self, now: datetime, until: datetime, limit: int) -> list[Message]:
        """See ``NotificationRepository.claim``."""
        claimed: list[Message] = []
        due = {":waiting": items.PENDING, ":now": to_text(now)}
        async for item in self.table.query(_DUE, due, index="due"):
            if len(claimed) == limit:
                break
            if not await self._claims.take(item["id"], now, until):
                continue
            message = await self._one(items.MESSAGE, item["pk"], item["sk"])
            if message and message.status is Status.PENDING and message.due_at <= now:
                claimed.append(message)
            else:
                await self._claims.give_back([item["id"]])
        return claimed

    async def give_back(self, message_ids: Sequence[NotificationId]) -> None:
        """See ``NotificationRepository.give_back``."""
        await self._claims.give_back(message_ids)

    async def inbox(
        self, customer_id: CustomerId, *, unread: bool, limit: int, cursor: str | None
    ) -> Page[Message]:
        """See ``NotificationRepository.inbox``."""
        before = int(decode_cursor(cursor, int)[0]) if cursor else _FIRST
        found: list[Message] = []
        async for item in self.table.query(
            _MESSAGES_FROM, _between(customer_id, 0, before - 1), newest_first=True
        ):
            message = items.MESSAGE.read(item)
            if _is_shown(message) and not (unread and message.read):
                found.append(message)
            if len(found) > limit:
                break
        return page_of(found, limit, lambda last: encode_cursor(last.position))

    async def newest_positions(
        self, customer_ids: Sequence[CustomerId]
    ) -> Mapping[CustomerId, int]:
        """See ``NotificationRepository.newest_positions``."""
        reads = (self.table.get(items.of_customer(each), items.COUNTER) for each in customer_ids)
        kept = zip(customer_ids, await asyncio.gather(*reads), strict=True)
        return {each: item["newest"] for each, item in kept if item}

    async def position(self, customer_id: CustomerId, message_id: NotificationId) -> int:
        """See ``NotificationRepository.position``."""
        at = await self.table.get(f"message#{message_id}", "at")
        if at is None or at["home"] != items.of_customer(customer_id):
            return 0
        return items.position_at(at["place"])

    async def inbox_after(
        self, customer_id: CustomerId, position: int, limit: int
    ) -> Sequence[Message]:
        """See ``NotificationRepository.inbox_after``."""
        found: list[Message] = []
        async for item in self.table.query(
            _MESSAGES_FROM, _between(customer_id, position + 1, _FIRST)
        ):
            message = items.MESSAGE.read(item)
            if _is_shown(message):
                found.append(message)
            if len(found) == limit:
                break
        return found

    async def messages_about(self, order_id: str) -> Sequence[Message]:
        """See ``NotificationRepository.messages_about``."""
        about = self.table.query("head = :head", {":head": order_id}, index="about")
        return [items.MESSAGE.read(item) async for item in about]

    async def digests_due(self, now: datetime, limit: int) -> Sequence[CustomerId]:
        """See ``NotificationRepository.digests_due``."""
        found: dict[CustomerId, None] = {}
        due = {":waiting": items.COLLECTED, ":now": to_text(now)}
        async for item in self.table.query(_DUE, due, index="due"):
            found[CustomerId(item["customer_id"])] = None
            if len(found) == limit:
                break
        return list(found)

    async def collected(self, customer_id: CustomerId, now: datetime) -> Sequence[Message]:
        """See ``NotificationRepository.collected``; at most ninety, the rest the next time."""
        messages = await self.messages_of(customer_id)
        return [
            message
            for message in messages
            if message.collected and message.status is Status.PENDING and message.due_at <= now
        ][:_COLLECTED_AT_ONCE]

    async def waits_of(self, customer_id: CustomerId) -> Sequence[Waiting]:
        """See ``NotificationRepository.waits_of``."""
        return await self._waits_in(items.of_customer(customer_id))

    async def waits_at(self, email: str) -> Sequence[Waiting]:
        """See ``NotificationRepository.waits_at``."""
        return await self._waits_in(items.of_address(email))

    async def _waits_in(self, partition: str) -> Sequence[Waiting]:
        of = {":pk": partition, ":with": "wait#"}
        waits = [items.WAITING.read(item) async for item in self.table.query(_BEGINS, of)]
        return sorted(waits, key=lambda waiting: (waiting.asked_at, waiting.id))

    async def waiting_for(self, product_id: ProductId, limit: int) -> Sequence[Waiting]:
        """See ``NotificationRepository.waiting_for``."""
        of = {":pk": items.of_product(product_id), ":with": "wait#"}
        found: list[Waiting] = []
        async for item in self.table.query(_BEGINS, of, page=limit):
            at = items.owner_in(item)
            waiting = await self._one(items.WAITING, at, f"wait#{product_id}") if at else None
            if waiting is not None:
                found.append(waiting)
            if len(found) == limit:
                break
        return found

    async def restock(self, product_id: ProductId) -> Restock | None:
        """See ``NotificationRepository.restock``."""
        return await self._one(items.RESTOCKED, items.of_product(product_id), items.RESTOCK)

    async def restocks_due(self, now: datetime, limit: int) -> Sequence[Restock]:
        """See ``NotificationRepository.restocks_due``."""
        found: list[Restock] = []
        due = {":waiting": items.RESTOCKS, ":now": to_text(now)}
        async for item in self.table.query(_DUE, due, index="due", page=limit):
            found.append(items.RESTOCKED.read(item))
            if len(found) == limit:
                break
        return found

    async def messages_of(self, customer_id: CustomerId) -> Sequence[Message]:
        """See ``NotificationRepository.messages_of``."""
        theirs = self.table.query(_MESSAGES_FROM, _between(customer_id, 0, _FIRST))
        return [items.MESSAGE.read(item) async for item in theirs]

    async def messages_to(self, email: str) -> Sequence[Message]:
        """See ``NotificationRepository.messages_to``."""
        to = self.table.query("person = :person", {":person": email}, index="person")
        kept = [item async for item in to if item.get("table") == items.MESSAGE.table]
        return [items.MESSAGE.read(item) for item in kept]

    async def prune(self, before: str) -> None:
        """Forget old deliveries of webhooks; the table's time to live forgets the rest."""
        await self.prune_deliveries(from_text(before) - KEPT_FOR)


def _between(customer_id: CustomerId, first: int, last: int) -> Mapping[str, str]:
    return {
        ":pk": items.of_customer(customer_id),
        ":first": items.place(min(first, _FIRST)),
        ":last": items.place(max(0, min(last, _FIRST))),
    }


def _is_shown(message: Message) -> bool:
    return message.channel is Channel.IN_APP and message.status is Status.SENT

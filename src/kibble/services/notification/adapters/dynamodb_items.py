"""What Notification's items in DynamoDB are: where each aggregate is, and how it is found again.

An aggregate's item has its row's columns by their names, the name of its table in the interchange
format, and the attributes of the indices in which it is to be found. Items beside it hold what
DynamoDB cannot promise otherwise: that a request makes one message a channel, say.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar

from kibble.kernel.clock import to_text
from kibble.kernel.ids import CustomerId, ProductId, WebhookId
from kibble.platform.engines.aws.dynamodb import (
    DELETE,
    NEW,
    Broken,
    Condition,
    Item,
    Step,
    seconds,
)
from kibble.platform.persistence.changes import Aggregate
from kibble.platform.persistence.rows import AS_TEXT, Row
from kibble.services.notification.adapters import message_rows, webhook_rows
from kibble.services.notification.adapters.message_rows import MessageRows
from kibble.services.notification.adapters.webhook_rows import WebhookRows
from kibble.services.notification.model import (
    WAIT_LIFE,
    Message,
    Preferences,
    Restock,
    Status,
    Waiting,
)
from kibble.services.notification.model.webhook import (
    KEPT_FOR,
    Delivery,
    DeliveryStatus,
    Webhook,
)

A = TypeVar("A", bound=Aggregate)

INDICES = {
    "due": ("waiting", "due_at"),
    "about": ("head", "id"),
    "person": ("person", "id"),
}
"""The table's global secondary indices: a partition key and a sort key of each."""
REQUEST_LIFE = timedelta(days=90)
"""How long a request is known: longer than any topic keeps an event that repeats it."""
WEBHOOKS, COUNTER, PREFERENCES, RESTOCK = "webhooks", "counter", "preferences", "restock"
PENDING, COLLECTED, RESTOCKS = "PENDING", "COLLECTED", "RESTOCK"
"""The partitions of the index ``due``, beside one for each endpoint."""
_DIGITS = 19

_MESSAGES = MessageRows(AS_TEXT)
_HOOKS = WebhookRows(AS_TEXT)


@dataclass(frozen=True, slots=True)
class Kept(Generic[A]):
    """How the aggregates of one table are kept."""

    table: str
    columns: Sequence[str]
    row_of: Callable[[A], tuple[object, ...]]
    of_row: Callable[[Row], A]
    key: Callable[[A], tuple[str, str]]
    found_by: Callable[[A], Mapping[str, Any]]

    def item(self, one: A) -> dict[str, Any]:
        """Return the item of an aggregate; what is None has no attribute."""
        pk, sk = self.key(one)
        row = dict(zip(self.columns, self.row_of(one), strict=True))
        return {"pk": pk, "sk": sk, "table": self.table, **self.found_by(one), **row} | {
            "version": one.version
        }

    def read(self, item: Item) -> A:
        """Return the aggregate of an item."""
        row = [item.get(column) for column in (*self.columns, "version")]
        return self.of_row([*row, position_at(item["sk"])])


def of_customer(customer_id: CustomerId) -> str:
    """Return the partition of all that is a customer's."""
    return f"customer#{customer_id}"


def of_address(email: str) -> str:
    """Return the partition of what a guest's address waits for."""
    return f"address#{email}"


def waits_where(one: Waiting) -> str:
    """Return the partition of somebody's waiting: the customer's, or the address's."""
    return of_customer(one.customer_id) if one.customer_id else of_address(one.email or "")


def of_product(product_id: ProductId) -> str:
    """Return the partition of who waits for a product."""
    return f"product#{product_id}"


def of_webhook(webhook_id: WebhookId) -> str:
    """Return what finds an endpoint's deliveries, in the indices ``due`` and ``about``."""
    return f"webhook#{webhook_id}"


def of_delivery(delivery_id: str) -> str:
    """Return the partition of a delivery."""
    return f"delivery#{delivery_id}"


def _head(request_id: str) -> str:
    """Return what a request is about: an order's events name it first."""
    return request_id.partition(":")[0]


def home(message: Message) -> str:
    """Return the partition of a message: its customer's, or of what a guest is told of."""
    if message.customer_id is not None:
        return of_customer(message.customer_id)
    return f"guest#{_head(message.request_id)}"


def place(position: int) -> str:
    """Return the sort key of a message, by its number."""
    return f"m#{position:0{_DIGITS}d}"


def position_at(key: str) -> int:
    """Return the number of a message by its sort key; 0 for what is none."""
    return int(key.removeprefix("m#")) if key.startswith("m#") else 0


def _finding_message(message: Message) -> dict[str, Any]:
    waiting = COLLECTED if message.collected else PENDING
    return {
        "waiting": waiting if message.status is Status.PENDING else None,
        "head": _head(message.request_id),
        "person": message.email if message.customer_id is None else None,
    }


def _finding_delivery(delivery: Delivery) -> dict[str, Any]:
    mine = of_webhook(delivery.webhook_id)
    return {
        "waiting": mine if delivery.status is DeliveryStatus.PENDING else None,
        "head": mine,
        "person": delivery.customer_id if delivery.personal else None,
        "expires": seconds(delivery.created_at + KEPT_FOR),
    }


MESSAGE: Kept[Message] = Kept(
    "messages",
    message_rows.MESSAGE,
    _MESSAGES.of_message,
    _MESSAGES.message,
    lambda one: (home(one), place(one.position)),
    _finding_message,
)
PREFERRED: Kept[Preferences] = Kept(
    "preferences",
    message_rows.PREFERENCES,
    _MESSAGES.of_preferences,
    _MESSAGES.preferences,
    lambda one: (of_customer(one.customer_id), PREFERENCES),
    lambda _: {},
)
WAITING: Kept[Waiting] = Kept(
    "waits",
    message_rows.WAITING,
    _MESSAGES.of_waiting,
    _MESSAGES.waiting,
    lambda one: (waits_where(one), f"wait#{one.product_id}"),
    lambda one: {"expires": seconds(one.asked_at + WAIT_LIFE)},
)
RESTOCKED: Kept[Restock] = Kept(
    "restocks",
    message_rows.RESTOCK,
    _MESSAGES.of_restock,
    _MESSAGES.restock,
    lambda one: (of_product(one.product_id), RESTOCK),
    lambda _: {"waiting": RESTOCKS},
)
WEBHOOK: Kept[Webhook] = Kept(
    "webhooks",
    webhook_rows.WEBHOOK,
    _HOOKS.of_webhook,
    _HOOKS.webhook,
    lambda one: (WEBHOOKS, one.id),
    lambda _: {},
)
DELIVERY: Kept[Delivery] = Kept(
    "webhook_deliveries",
    webhook_rows.DELIVERY,
    _HOOKS.of_delivery,
    _HOOKS.delivery,
    lambda one: (of_delivery(one.id), "delivery"),
    _finding_delivery,
)

KEPT: Mapping[type[Aggregate], Kept[Any]] = {
    Message: MESSAGE,
    Preferences: PREFERRED,
    Waiting: WAITING,
    Restock: RESTOCKED,
    Webhook: WEBHOOK,
    Delivery: DELIVERY,
}
"""How each aggregate is kept."""


def beside(one: Aggregate) -> list[Item]:
    """Return what is written with a new aggregate: each must not be there yet, and is its key."""
    if isinstance(one, Message):
        request = {"pk": f"request#{one.request_id}", "sk": one.channel.value}
        life = {"expires": seconds(one.created_at + REQUEST_LIFE)}
        at = {
            "pk": f"message#{one.id}",
            "sk": "at",
            "home": home(one),
            "place": place(one.position),
        }
        return [request | life, at]
    if isinstance(one, Waiting):
        queue = {"pk": of_product(one.product_id), "sk": f"wait#{to_text(one.asked_at)}#{one.id}"}
        life = {"expires": seconds(one.asked_at + WAIT_LIFE)}
        return [queue | life | {"owner": waits_where(one)}]
    return []


def owner_in(queued: Item) -> str | None:
    """Return the partition of the waiting that an item of a product's queue stands for.

    Those that were written before guests waited name a customer.
    """
    customer: CustomerId | None = queued.get("customer")
    owner: str | None = queued.get("owner")
    return of_customer(customer) if customer else owner


def saving(one: Aggregate, expected: int) -> list[Step]:
    """Return what to write for an aggregate that was read at a version; 0 for a new one."""
    item = KEPT[type(one)].item(one)
    if expected:
        return [Step(item, _was(expected))]
    # A message's place was free when its number was taken: somebody else took it first.
    taken = Broken.AGAIN if isinstance(one, Message) else Broken.STALE
    return [
        Step(item, Condition(NEW, broken=taken)),
        *(Step(extra, Condition(NEW)) for extra in beside(one)),
    ]


def removing(one: Aggregate, expected: int) -> list[Step]:
    """Return what to delete for an aggregate; a request stays known."""
    pk, sk = KEPT[type(one)].key(one)
    extras = [extra for extra in beside(one) if not extra["pk"].startswith("request#")]
    return [
        Step({"pk": pk, "sk": sk}, _was(expected), act=DELETE),
        *(Step(extra, act=DELETE) for extra in extras),
    ]


def _was(version: int) -> Condition:
    return Condition("version = :was", {":was": version})


def counter(partition: str, newest: int) -> Item:
    """Return the item that says which number a partition of messages gave last."""
    return {"pk": partition, "sk": COUNTER, "newest": newest}


def told(event_id: str, webhooks: Collection[str], since: Delivery) -> Item:
    """Return the item that says which endpoints have a delivery of an event."""
    return {
        "pk": f"event#{event_id}",
        "sk": "told",
        "webhooks": sorted(webhooks),
        "expires": seconds(since.created_at + KEPT_FOR),
    }

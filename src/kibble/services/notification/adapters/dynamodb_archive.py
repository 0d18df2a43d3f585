"""Notification's state in a table of DynamoDB as rows, and back."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

import msgspec

from kibble.kernel.clock import from_text
from kibble.platform.engines.aws.dynamodb import DynamoTable, Item
from kibble.platform.engines.aws.dynamodb_store import (
    PARKED,
    parked_event,
    parked_item,
    reply_item,
)
from kibble.platform.messaging.log import ParkedEvent
from kibble.platform.persistence.archive import (
    BATCH,
    IDEMPOTENCY,
    PARKED_EVENTS,
    PLACE,
    Column,
    Row,
    Shape,
    packed,
    unpacked,
)
from kibble.platform.persistence.store import StoredReply
from kibble.services.notification.adapters import dynamodb_items as items
from kibble.services.notification.adapters.archive import SHAPES
from kibble.services.notification.model.webhook import Delivery

_KEPT = {kept.table: kept for kept in items.KEPT.values()}


class DynamoNotificationArchive:
    """Implements ``Archive``; the table is gone through as a whole for each of the shapes."""

    name = "notification"
    shapes = SHAPES

    def __init__(self, table: DynamoTable) -> None:
        self._table = table

    async def unfinished(self) -> int:
        """See ``Archive.unfinished``: nothing is ever published."""
        return 0

    async def is_empty(self) -> bool:
        """See ``Archive.is_empty``."""
        async for _ in self._table.scan():
            return False
        return True

    async def rows(self, table: Shape) -> AsyncIterator[Sequence[Row]]:
        """See ``Archive.rows``."""
        if table is PARKED_EVENTS:
            yield await self._parked()
            return
        batch: list[Row] = []
        guests = Counter[str]()
        async for item in self._table.scan():
            if item.get("table") == table.name:
                batch.append(_row(table, item, guests))
            elif table is IDEMPOTENCY and item["sk"] == "reply":
                batch.append(_reply_row(item))
            if len(batch) == BATCH:
                yield batch
                batch = []
        if batch:
            yield batch

    async def _parked(self) -> list[Row]:
        """Return the parked events that were not applied since, numbered anew."""
        found = [item async for item in self._table.query("pk = :pk", {":pk": PARKED})]
        left: list[Row] = []
        for item in sorted(found, key=lambda one: one[PLACE]):
            mark = f"inbox#{item['consumer']}#{item['event_id']}"
            if await self._table.get(mark, "inbox") is None:
                left.append(_parked_row(item, len(left) + 1))
        return left

    async def begin(self) -> None:
        """See ``Archive.begin``: items that are there already are written once more."""

    async def load(self, table: Shape, rows: Sequence[Row]) -> None:
        """See ``Archive.load``."""
        if table.name == items.DELIVERY.table:
            await self._load_deliveries([_delivery(row) for row in rows])
            return
        await self._table.put_all(item for row in rows for item in _items(table, row))

    async def _load_deliveries(self, deliveries: Iterable[Delivery]) -> None:
        """Write deliveries, and who was told of each event by them and by those before."""
        told: dict[str, Item] = {}
        for one in deliveries:
            kept = told.get(one.event_id) or await self._table.get(f"event#{one.event_id}", "told")
            before: list[str] = kept["webhooks"] if kept else []
            told[one.event_id] = items.told(one.event_id, {*before, one.webhook_id}, one)
            await self._table.put_all([items.DELIVERY.item(one)])
        await self._table.put_all(told.values())

    async def finish(self) -> None:
        """See ``Archive.finish``: all is there with the rows."""

    async def close(self) -> None:
        """See ``Archive.close``."""
        await self._table.close()


def _row(table: Shape, item: Item, guests: Counter[str]) -> Row:
    """Return the row of an aggregate; guests' messages are counted as they come."""
    row: dict[str, Any] = {name: item.get(name) for name in table.kept}
    for name, column in table.columns.items():
        if column is Column.JSON and row[name] is not None:
            row[name] = msgspec.json.decode(row[name])
    if table.within is not None:
        # Of a customer none is ever removed by itself, so that their numbers are their places.
        own = item.get("customer_id") is not None
        guests.update([] if own else [table.name])
        row[PLACE] = items.position_at(item["sk"]) if own else guests[table.name]
    return row


def _reply_row(item: Item) -> Row:
    return {
        "key": item["pk"].removeprefix("reply#"),
        "fingerprint": item["fingerprint"],
        "status": item["answered"],
        "headers": msgspec.json.decode(item["headers"]),
        "body": packed(item["body"]),
        "created_at": item["created_at"],
    }


def _parked_row(item: Item, place: int) -> Row:
    event = parked_event(item)
    row = {name: getattr(event, name) for name in PARKED_EVENTS.kept}
    return row | {"envelope": packed(event.envelope), PLACE: place}


def _items(table: Shape, row: Row) -> list[Item]:
    if table is IDEMPOTENCY:
        return [_reply(row)]
    if table is PARKED_EVENTS:
        event: dict[str, Any] = {name: row[name] for name in PARKED_EVENTS.kept}
        event["envelope"] = unpacked(row["envelope"])
        parked = ParkedEvent(**event)
        last = {"pk": "places", "sk": PARKED, PLACE: row[PLACE]}
        return [parked_item(parked, row[PLACE]), last]
    kept = _KEPT[table.name]
    one = _aggregate(table, row)
    # Rows come in the order of their places: the last of a customer's says where to go on.
    last_number = [items.counter(items.home(one), row[PLACE])] if table.within is not None else []
    return [kept.item(one), *items.beside(one), *last_number]


def _aggregate(table: Shape, row: Row) -> Any:
    columns = (*_KEPT[table.name].columns, "version")
    values = [
        msgspec.json.encode(row[name]).decode()
        if table.columns[name] is Column.JSON and row[name] is not None
        else row[name]
        for name in columns
    ]
    return _KEPT[table.name].of_row([*values, row.get(PLACE, 0)])


def _delivery(row: Row) -> Delivery:
    shape = next(one for one in SHAPES if one.name == items.DELIVERY.table)
    delivery: Delivery = _aggregate(shape, row)
    return delivery


def _reply(row: Row) -> Item:
    reply = StoredReply(
        row["key"], row["fingerprint"], row["status"], row["headers"], unpacked(row["body"])
    )
    return reply_item(reply, from_text(row["created_at"]))

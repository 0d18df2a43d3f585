"""What SQLite still says of an erased customer: words in timelines, addresses in the event log."""

from __future__ import annotations

import sqlite3

import msgspec

from kibble.services.order.model.erasure import Trail
from kibble.services.order.model.order import IN_WORDS, Order

_SCRUBBED = (
    "CAST(json_remove(json_replace(CAST(envelope AS TEXT),"
    " '$.data.shippingAddress.street', 'erased', '$.data.shippingAddress.city', 'erased',"
    " '$.data.reason', '', '$.data.facts.reason', ''),"
    " '$.data.shippingAddress.name', '$.data.shippingAddress.street2') AS BLOB)"
)
_SCRUB = f"UPDATE outbox SET envelope = {_SCRUBBED} WHERE topic = ? AND key IN (%s)"
_ALL = "SELECT value FROM json_each(?)"


def forget_words_said(connection: sqlite3.Connection, order: Order) -> None:
    """Empty the lines of an order's timeline that hold somebody's words."""
    connection.executemany(
        "UPDATE order_history SET details = '{}' WHERE order_id = ? AND type = ?",
        [(order.order_id, kind) for kind in IN_WORDS],
    )


def remove_trail(connection: sqlite3.Connection, trail: Trail, _: int) -> None:
    """Take names, places and words out of the events of a customer's orders; reads all events."""
    scrub = _SCRUB % _ALL
    keys = {"order_events": trail.order_ids, "notification_events": (trail.customer_id,)}
    for topic, those in keys.items():
        connection.execute(scrub, (topic, msgspec.json.encode(those).decode()))

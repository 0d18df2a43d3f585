"""Notification's tables in an archive, whatever engine keeps them."""

from __future__ import annotations

from kibble.platform.persistence.archive import MESSAGING, shape

SHAPES = (
    shape(
        "messages",
        "customer_id place",
        text=(
            "id request_id kind channel customer_id email title body action_label action_path"
            " due_at created_at status reason sent_at language"
        ),
        integer="attempts version",
        boolean="read collected",
        within="customer_id",
    ),
    shape(
        "preferences",
        "customer_id",
        text="customer_id updated_at language",
        integer="version",
        json="channels kinds quiet_hours digest",
    ),
    shape(
        "webhooks",
        "id",
        text=("id url fields description contact disabled_reason failing_since created_at"),
        integer="version",
        boolean="enabled",
        json="events secrets",
    ),
    shape(
        "webhook_deliveries",
        "id",
        text=(
            "id webhook_id event_id event_type subject body customer_id status started_at due_at"
            " created_at"
        ),
        integer="tries version",
        boolean="personal",
        json="attempts",
    ),
    shape(
        "waits",
        "id",
        text="id customer_id product_id product_name asked_at email language",
        integer="version",
    ),
    shape("restocks", "product_id", text="product_id due_at", integer="version"),
    *MESSAGING,
)

_REQUESTS = (
    "INSERT INTO requests (request_id, channel, created_at)"
    " SELECT request_id, channel, created_at FROM messages ON CONFLICT DO NOTHING"
)
_INBOXES = (
    "INSERT INTO inboxes (customer_id, newest) SELECT customer_id, max(position) FROM messages"
    " WHERE customer_id IS NOT NULL GROUP BY customer_id ON CONFLICT DO NOTHING"
)
_GUESTS = (
    "SELECT setval('guest_positions', coalesce(max(position), 0) + 1, false) FROM messages"
    " WHERE customer_id IS NULL"
)
POSTGRES_DERIVED = (_REQUESTS, _INBOXES, _GUESTS)
"""What PostgreSQL keeps beside the rows, for its unique rules and its numbers."""

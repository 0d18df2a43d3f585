"""Payment's tables in an archive, whatever engine keeps them."""

from __future__ import annotations

from kibble.platform.persistence.archive import MESSAGING, shape

SHAPES = (
    shape(
        "payables",
        "order_id",
        text="order_id customer_id currency payment_method created_at hold_expires_at status",
        integer="amount attempts version",
    ),
    shape(
        "payment_tokens",
        "order_id",
        text="order_id value",
        integer="version",
        boolean="off_session",
    ),
    shape(
        "payments",
        "payment_id",
        text=(
            "payment_id order_id payment_date status payment_method currency updated_at request_key"
            " held_until due_at reference failure_code failure_message action_type action_url"
            " provider act_by"
        ),
        integer="amount looks version",
        boolean="unwanted authorized dispute_due",
    ),
    shape(
        "refunds",
        "refund_id",
        text="refund_id payment_id reason created_at updated_at status failure_code",
        integer="amount",
    ),
    shape(
        "disputes",
        "dispute_id",
        text="dispute_id payment_id status reason_code opened_at respond_by",
        integer="amount withdrawn fee",
    ),
    shape(
        "ledger",
        "reference transfer",
        text="reference transfer payment_id debit credit currency posted_at",
        integer="amount",
    ),
    shape(
        "saved_methods",
        "saved_id",
        text=(
            "saved_id customer_id payment_method provider reference created_at updated_at due_at"
            " status token brand last4 expires preferred_at"
        ),
        integer="version",
    ),
    *MESSAGING,
)

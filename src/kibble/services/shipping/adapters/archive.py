"""Shipping's tables in an archive, whatever engine keeps them."""

from __future__ import annotations

from kibble.platform.persistence.archive import MESSAGING, shape

SHAPES = (
    shape(
        "shipping",
        "shipping_id",
        text=(
            "shipping_id order_id shipping_method tracking_number status estimated_delivery"
            " customer_id warehouse_id label_reference due_at request_key created_at updated_at"
            " handling"
        ),
        integer="failures version",
        boolean="void_wanted erase_wanted",
        json="address parcels history",
    ),
    shape("printed_labels", "shipping_id", text="shipping_id", integer="version", json="images"),
    shape("pickings", "shipping_id", text="shipping_id stage changed_at", integer="version"),
    shape("cancelled_orders", "order_id", text="order_id cancelled_at", integer="version"),
    *MESSAGING,
)

"""Recommendation's tables in an archive, whatever engine keeps them."""

from __future__ import annotations

from kibble.platform.persistence.archive import MESSAGING, shape

PRODUCTS = shape(
    "products",
    "number",
    text="product_id name category currency image species",
    integer="number price sequence parent regular_price",
    boolean="sold",
)
CUSTOMERS = shape("customers", "number", text="customer_id", integer="number", boolean="erased")
ORDERS = shape("orders", "number", text="order_id", integer="number customer bought_at")
PURCHASES = shape("purchases", "order_number product", integer="order_number product quantity")
BOUGHT = shape("bought", "customer product", integer="customer product orders bought_at")
VIEWED = shape("viewed", "customer product", integer="customer product viewed_at")
SHAPES = (PRODUCTS, CUSTOMERS, ORDERS, PURCHASES, BOUGHT, VIEWED, *MESSAGING)

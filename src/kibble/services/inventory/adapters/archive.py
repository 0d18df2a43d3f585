"""Inventory's tables in an archive, whatever engine keeps them."""

from __future__ import annotations

from kibble.platform.persistence.archive import MESSAGING, shape

PRODUCTS = shape("products", "product_id", text="product_id", integer="rev", boolean="listed")
LEVELS = shape(
    "inventory",
    "product_id warehouse_id",
    text="product_id warehouse_id updated_at",
    integer="stock reserved",
)
HOLDS = shape("holds", "order_id", text="order_id state expires_at", json="takes")
MOVEMENTS = shape(
    "movements",
    "product_id place",
    text="product_id warehouse_id reason reference at",
    integer="delta",
    within="product_id",
)
WAREHOUSES = shape(
    "warehouses",
    "warehouse_id",
    text="warehouse_id code name",
    integer="priority version",
    json="address",
)
SHAPES = (WAREHOUSES, PRODUCTS, LEVELS, HOLDS, MOVEMENTS, *MESSAGING)

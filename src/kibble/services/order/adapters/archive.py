"""Order's tables in an archive, whatever engine keeps them."""

from __future__ import annotations

from kibble.platform.persistence.archive import MESSAGING, shape

SHAPES = (
    shape(
        "orders",
        "order_id",
        text=(
            "order_id customer_id order_date status currency email shipping_method payment_method"
            " payment_status payment_id promotion_code cart_id hold_expires_at updated_at"
            " subscription_id"
        ),
        integer="total_amount discount shipping tax refunded version",
        json="shipping_address allocations parcels",
    ),
    shape(
        "order_items",
        "order_id item_id",
        text="item_id order_id product_id name",
        integer="quantity price weight_grams",
    ),
    shape(
        "order_history",
        "order_id position",
        text="order_id type at",
        integer="position",
        json="details",
    ),
    shape("order_words", "word order_id", text="word order_id"),
    shape("intents", "order_id", text="order_id key created_at", integer="version"),
    shape(
        "carts",
        "cart_id",
        text="cart_id customer_id order_id created_at updated_at",
        integer="version",
        json="lines",
    ),
    shape(
        "promotions",
        "code",
        text="code kind description starts_at ends_at currency buy_product get_product audience",
        integer=(
            "basis_points amount buy_quantity get_quantity minimum max_uses max_uses_per_customer"
            " uses version"
        ),
    ),
    shape("redemptions", "code order_id", text="code order_id customer"),
    shape(
        "subscriptions",
        "subscription_id",
        text=(
            "subscription_id customer_id name status reason time_zone shipping_method"
            " payment_method payment_token resumes_on hurry look_again_at not_before"
            " last_order_id act_at created_at updated_at"
        ),
        integer="tries orders_paid version",
        json="address items cycle stale_holds",
    ),
    *MESSAGING,
)

_CART_ORDERS = (
    "INSERT INTO cart_orders (cart_id, order_id)"
    " SELECT cart_id, order_id FROM orders WHERE cart_id IS NOT NULL ON CONFLICT DO NOTHING"
)
# The uses of a customer are numbered where they have a limit, see the table.
_USES = (
    "UPDATE redemptions r SET nth = counted.nth FROM ("
    "SELECT code, order_id,"
    " row_number() OVER (PARTITION BY code, customer ORDER BY order_id) AS nth"
    " FROM redemptions WHERE customer IS NOT NULL"
    ") AS counted JOIN promotions p ON p.code = counted.code"
    " WHERE r.code = counted.code AND r.order_id = counted.order_id AND r.nth IS NULL"
    " AND p.max_uses_per_customer IS NOT NULL"
)
POSTGRES_DERIVED = (_CART_ORDERS, _USES)
"""What PostgreSQL keeps beside the rows, for its unique rules."""

"""Customer's tables in an archive, whatever engine keeps them."""

from __future__ import annotations

from kibble.platform.persistence.archive import MESSAGING, shape
from kibble.services.customer.adapters import kept

CUSTOMERS = shape(
    "customers",
    "customer_id",
    text="customer_id username_key email_key",
    integer="version",
    json="document",
)
HELD = shape(
    "held_usernames", "customer_id", text="customer_id username_key until", integer="version"
)
TOKENS = shape(
    "tokens",
    "token_id",
    text="token_id purpose email email_key expires_at customer_id digest",
    integer="version",
)
KEPT = tuple(
    shape(one.table, "id", text="id lookup owner until", json="document", integer="version")
    for one in kept.ALL
)
SHAPES = (CUSTOMERS, HELD, TOKENS, *KEPT, *MESSAGING)

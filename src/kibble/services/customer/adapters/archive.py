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

SQLITE_LEFT_OUT = frozenset({"customer_words"})
_KNOWN_AS = (
    "INSERT OR IGNORE INTO customer_words SELECT customer_id, customer_id FROM customers"
    " UNION SELECT customer_id, username_key FROM customers"
    " UNION SELECT customer_id, email_key FROM customers"
    " UNION SELECT customer_id, document ->> 'phone_e164' FROM customers"
    " WHERE document ->> 'phone_e164' IS NOT NULL"
)
_NAMED = (
    "INSERT OR IGNORE INTO customer_words SELECT customer_id, word.value FROM (SELECT customer_id,"
    " replace(replace(lower(document ->> 'name'), '\\', ''), '\"', '') AS name FROM customers),"
    " json_each('[\"' || replace(name, ' ', '\",\"') || '\"]') AS word"
    " WHERE name IS NOT NULL AND word.value <> ''"
)
SQLITE_DERIVED = (_KNOWN_AS, _NAMED)
"""The words that customers are found by; SQLite folds no accents, the next save of each does."""

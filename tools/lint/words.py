"""The words inside a name, and which names stand for money or secrets."""

from __future__ import annotations

import re

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")

_MONEY = {
    "amount",
    "cents",
    "cost",
    "discount",
    "fee",
    "minor",
    "money",
    "price",
    "subtotal",
    "tax",
}
_NO_AMOUNT = {
    "band",
    "boost",
    "bucket",
    "code",
    "count",
    "factor",
    "field",
    "id",
    "percent",
    "percentage",
    "point",
    "rate",
    "ratio",
    "share",
    "version",
    "weight",
}
"""A name that ends like this is about money, and holds none: ``tax_rate``, ``price_band``."""

_SECRET = {
    "authorization",
    "cookie",
    "credential",
    "passphrase",
    "passwd",
    "password",
    "secret",
    "token",
}
_NO_SECRET = {
    "count",
    "expired",
    "expire",
    "hint",
    "id",
    "kind",
    "length",
    "name",
    "scope",
    "type",
}
"""A name that ends like this is about a secret, and tells none: ``token_id``."""


def words(name: str) -> list[str]:
    """Return the lower-case words of a snake_case or camelCase name, without a plural s."""
    return [_singular(word.lower()) for word in _WORD.findall(name)]


def names_money(name: str) -> bool:
    """Tell whether a name stands for an amount of money."""
    return _names(name, _MONEY, _NO_AMOUNT)


def names_secret(name: str) -> bool:
    """Tell whether a name stands for a secret."""
    return _names(name, _SECRET, _NO_SECRET) or name.endswith(("api_key", "private_key"))


def _names(name: str, topics: set[str], exempt: set[str]) -> bool:
    found = words(name)
    return not topics.isdisjoint(found) and found[-1] not in exempt


def _singular(word: str) -> str:
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word

"""Shared parts of Order's requests and answers."""

from __future__ import annotations

from typing import Annotated

import msgspec

from kibble.kernel.paging import DEFAULT_LIMIT, MAX_LIMIT

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Quantity = Annotated[int, msgspec.Meta(ge=1, le=999)]
ShortText = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Code = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[A-Za-z0-9_-]{1,40}$(?!\n)",
        description="up to 40 letters, digits, underscores and hyphens",
    ),
]
PaymentMethod = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^(CreditCard|PayPal)$(?!\n)",
        description="CreditCard or PayPal",
        extra_json_schema={"enum": ["CreditCard", "PayPal"]},
    ),
]


class Request(
    msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True
):
    """The base of what is taken: unknown fields are refused."""


class Answer(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """The base of what is answered."""


class PageQuery(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Which page of a list."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT
    cursor: str | None = None

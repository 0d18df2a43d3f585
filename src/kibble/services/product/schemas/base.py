"""What all requests and answers of Product share."""

from __future__ import annotations

from typing import Annotated

import msgspec

from kibble.kernel.paging import DEFAULT_LIMIT, MAX_LIMIT

Limit = Annotated[int, msgspec.Meta(ge=1, le=MAX_LIMIT)]


class Request(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True
):
    """The base of what is taken: unknown fields are refused."""


class Answer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The base of what is answered."""


class PageQuery(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Which part of a list."""

    limit: Limit = DEFAULT_LIMIT
    cursor: str | None = None

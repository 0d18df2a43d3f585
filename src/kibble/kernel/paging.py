"""Keyset pages: a list and the cursor of what follows it."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from kibble.kernel.errors import InvalidInput

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
MAX_CURSOR_LENGTH = 2_000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A page of a list in a stable order.

    ``items`` has at most the asked number; ``cursor`` is opaque to callers, and None on the last
    page.
    """

    items: Sequence[T]
    cursor: str | None = None


def encode_cursor(*key: str | int) -> str:
    """Return the cursor that continues after the sort key of a page's last item."""
    return (
        base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode())
        .decode()
        .rstrip("=")
    )


def decode_cursor(cursor: str, *kinds: type[str] | type[int]) -> list[str | int]:
    """Return the sort key inside ``cursor``, which must have one value of each of ``kinds``.

    Raises ``InvalidInput`` when the text is no such cursor.
    """
    if len(cursor) > MAX_CURSOR_LENGTH:
        raise InvalidInput.at("/cursor", "is not a cursor of this list")
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        # A lone surrogate is JSON, and text that no store can keep.
        json.dumps(key, ensure_ascii=False).encode()
    except (ValueError, binascii.Error, RecursionError) as error:
        raise InvalidInput.at("/cursor", "is not a cursor of this list") from error
    if (
        not isinstance(key, list)
        or len(key) != len(kinds)
        or any(type(value) is not kind for value, kind in zip(key, kinds, strict=True))
        or any(isinstance(value, int) and abs(value) >= 1 << 63 for value in key)
    ):
        raise InvalidInput.at("/cursor", "is not a cursor of this list")
    return key


def page_of(rows: Sequence[T], limit: int, cursor_of: Callable[[T], str]) -> Page[T]:
    """Return a page from up to ``limit + 1`` rows; the extra row only tells that there is more."""
    if len(rows) <= limit:
        return Page(rows)
    kept = rows[:limit]
    return Page(kept, cursor_of(kept[-1]))

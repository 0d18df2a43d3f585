"""The words by which staff find an order."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

MAX_TERMS = 5
MAX_WORD = 100
PAST_ALL = chr(0x10FFFF)
"""Comes after every character: ends the range of words that begin alike."""
NUMBER_LENGTH = 12
"""The order number that people read to each other: so many last characters of the id."""


def fold(text: str) -> str:
    """Return ``text`` as it is compared: without case, accents and what is not to be seen."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c) and c != "\0")


def terms_of(text: str) -> tuple[str, ...]:
    """Return what a search for ``text`` looks for, ``MAX_TERMS`` words at most."""
    words = (word.strip("#,")[:MAX_WORD] for word in fold(text).split())
    return tuple(dict.fromkeys(word for word in words if word))[:MAX_TERMS]


def numbers_of(order_id: str) -> tuple[str, ...]:
    """Return an order's id and its number."""
    return (order_id, order_id[-NUMBER_LENGTH:])


def person_words(address: Mapping[str, str], email: str | None) -> tuple[str, ...]:
    """Return the words that tell whose an order is: the name, a guest's e-mail, the ZIP code."""
    words = [word.strip(",") for word in fold(address.get("name") or "").split()]
    words += [fold(email or ""), fold(address.get("zipCode") or "")]
    return tuple(dict.fromkeys(word[:MAX_WORD] for word in words if word))

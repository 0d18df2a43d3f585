"""The words by which staff find an order."""

from __future__ import annotations

from collections.abc import Mapping

from kibble.kernel.words import distinct, fold, name_parts, terms

NUMBER_LENGTH = 12
"""The order number that people read to each other: so many last characters of the id."""


def terms_of(text: str) -> tuple[str, ...]:
    """Return what a search for ``text`` looks for; an order's number may have a # before it."""
    return terms(text, "#,")


def numbers_of(order_id: str) -> tuple[str, ...]:
    """Return an order's id and its number."""
    return (order_id, order_id[-NUMBER_LENGTH:])


def person_words(address: Mapping[str, str], email: str | None) -> tuple[str, ...]:
    """Return the words that tell whose an order is: the name, a guest's e-mail, the ZIP code."""
    return distinct(
        [
            *name_parts(address.get("name") or ""),
            fold(email or ""),
            fold(address.get("zipCode") or ""),
        ]
    )

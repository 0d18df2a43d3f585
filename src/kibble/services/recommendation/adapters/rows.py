"""Cards as both engines' rows have them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kibble.kernel.ids import ProductId
from kibble.kernel.money import Money
from kibble.services.recommendation.model import Card, ProductNumber


def card_of(row: Sequence[Any]) -> Card:
    """Return the card of a row.

    That has what is shown of a product, the regular price last; its number and the sequence of its
    event; the number and the id of its parent.
    """
    shown, (number, sequence, parent, parent_id) = row[:8], row[8:]
    product_id, name, category, price, currency, image, species, regular = shown
    return Card(
        ProductId(product_id),
        name,
        category,
        Money(price, currency),
        image,
        species,
        ProductNumber(number),
        sequence,
        ProductId(parent_id) if parent_id else None,
        ProductNumber(parent) if parent else None,
        None if regular is None else Money(regular, currency),
    )

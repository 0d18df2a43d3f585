"""Which products a commit changed: what every catalogue tells its watchers."""

from __future__ import annotations

from collections.abc import Iterable

from kibble.kernel.ids import ProductId
from kibble.platform.persistence.changes import Changes
from kibble.services.product.model.product import Product
from kibble.services.product.model.standing import StandingChange


def changed_products(changes: Changes) -> Iterable[ProductId]:
    """Yield the products that a commit changed; one that lost a variant is among them."""
    for save in (*changes.saves, *changes.removals):
        if isinstance(save.aggregate, Product):
            yield save.aggregate.id
            if save.aggregate.parent_id is not None:
                yield save.aggregate.parent_id
        elif isinstance(save.aggregate, StandingChange):
            yield save.aggregate.product_id

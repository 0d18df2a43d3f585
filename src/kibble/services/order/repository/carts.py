"""Carts."""

from __future__ import annotations

from typing import Protocol

from kibble.kernel.ids import CartId, CustomerId
from kibble.platform.persistence.store import Store
from kibble.services.order.model.cart import Cart


class CartRepository(Store, Protocol):
    """Saves and removes ``Cart``."""

    async def cart(self, cart_id: CartId) -> Cart | None:
        """Return a cart."""
        ...

    async def carts_of_customer(self, customer_id: CustomerId) -> list[Cart]:
        """Return all carts of a customer."""
        ...

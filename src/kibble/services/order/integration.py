"""What Order asks of its neighbours, in its own words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from kibble.contracts.address import Address
from kibble.contracts.inventory import Demand, Reservation, Shortage
from kibble.contracts.product import Quote
from kibble.contracts.shipping import ShippingOption, WeighedItem
from kibble.kernel.ids import CustomerId, OrderId, ProductId
from kibble.kernel.money import Money


class Catalogue(Protocol):
    """Product."""

    async def quotes(
        self, product_ids: Sequence[ProductId], *, fresh: bool = False
    ) -> dict[ProductId, Quote]:
        """Return what is known of the products that exist.

        An answer may be up to 5 s old, unless ``fresh``. Raises ``Unavailable``.
        """
        ...


class StockHolder(Protocol):
    """Inventory."""

    async def reserve(
        self, order_id: OrderId, demands: Sequence[Demand], expires_at: datetime
    ) -> Reservation | list[Shortage]:
        """Hold all lines, or say which are short; repeatable.

        Raises ``Conflict`` when the order's hold is for other demands, or was settled.
        """
        ...

    async def release(self, order_id: OrderId) -> None:
        """Give an order's stock back; repeatable."""
        ...

    async def available(self, product_ids: Sequence[ProductId]) -> dict[ProductId, int]:
        """Return how many units of each known product can be sold."""
        ...


class Cashier(Protocol):
    """Payment."""

    async def prepare(
        self,
        order_id: OrderId,
        customer_id: CustomerId | None,
        amount: Money,
        method: str,
        token: str | None,
        *,
        off_session: bool = False,
    ) -> None:
        """Hand over what is to be charged, and the token for it: durable, repeatable.

        ``off_session``: the customer is not there when it is charged, as for a subscription.
        Raises ``InvalidInput`` for what Payment cannot charge.
        """
        ...


class ShippingDesk(Protocol):
    """Shipping."""

    async def quote(
        self,
        method: str,
        address: Address,
        weight_grams: int,
        items: Sequence[WeighedItem] = (),
    ) -> ShippingOption | None:
        """Return what a method costs to an address; None when it does not go there."""
        ...


class AddressBook(Protocol):
    """Customer."""

    async def address(self, customer_id: CustomerId) -> Address | None:
        """Return where a customer lives; None when there is no such address or customer."""
        ...


class GuestTokens(Protocol):
    """Makes the token by which a guest reaches one order."""

    def for_order(self, order_id: OrderId) -> str:
        """Return an order-scoped access token."""
        ...

"""What customers do: the BOUGHT and VIEWED edges between them and products."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from operator import itemgetter
from typing import NamedTuple

from kibble.kernel.ids import CustomerId, OrderId, ProductId
from kibble.services.recommendation.model.products import ProductNumber

BOUGHT_WEIGHT = 1.0
VIEWED_WEIGHT = 0.2
"""What an edge of each kind says of a customer's taste."""


@dataclass(slots=True)
class Purchase:
    """What was bought in one order. ``customer_id`` is None for a guest.

    A line is known by order and product: recording one again changes nothing, so that orders may
    be recorded in parts and as often as wanted.
    """

    order_id: OrderId
    customer_id: CustomerId | None
    bought_at: datetime
    quantities: dict[ProductId, int] = field(default_factory=dict[ProductId, int])
    version: int = 0

    def add(self, product_id: ProductId, quantity: int) -> None:
        """Add units of a product; several lines of one product are one."""
        self.quantities[product_id] = self.quantities.get(product_id, 0) + quantity


@dataclass(slots=True)
class View:
    """A customer looked at a product; of several looks the latest counts."""

    customer_id: CustomerId
    product_id: ProductId
    viewed_at: datetime
    version: int = 0


@dataclass(slots=True)
class Erasure:
    """A customer is to be forgotten: purchases stay as baskets of nobody, views go."""

    customer_id: CustomerId
    version: int = 0


@dataclass(frozen=True, slots=True)
class Trace:
    """Products that a customer bought or looked at, the latest first, and when."""

    bought: tuple[tuple[ProductId, datetime], ...] = ()
    viewed: tuple[tuple[ProductId, datetime], ...] = ()


class PurchasedLine(NamedTuple):
    """One row of a purchase history."""

    order_id: OrderId
    customer_id: CustomerId | None
    product_id: ProductId
    quantity: int
    bought_at: datetime


@dataclass(frozen=True, slots=True)
class Profile:
    """What one customer bought and viewed, by product number in ascending order.

    ``bought`` counts the orders with the very product, and ``parents`` has the configurable ones
    of the variants among them; ``viewed`` has the families that were looked at only.
    ``species`` are those of the bought products, or of the viewed ones when nothing was bought.
    """

    bought: dict[ProductNumber, int] = field(default_factory=dict[ProductNumber, int])
    viewed: tuple[ProductNumber, ...] = ()
    species: frozenset[str] = frozenset()
    parents: dict[ProductNumber, ProductNumber] = field(
        default_factory=dict[ProductNumber, ProductNumber]
    )

    @classmethod
    def of(
        cls,
        bought: Sequence[tuple[ProductNumber, int, str | None, ProductNumber | None]],
        viewed: Sequence[tuple[ProductNumber, str | None]],
    ) -> Profile:
        """Return the profile of what was bought and viewed.

        ``bought`` are products with their orders, species and parent, ``viewed`` families with
        their species.
        """
        species = [kind for _, _, kind, _ in bought] or [kind for _, kind in viewed]
        profile = cls(
            bought={product: orders for product, orders, *_ in sorted(bought, key=itemgetter(0))},
            species=frozenset(kind for kind in species if kind),
            parents={product: parent for product, *_, parent in bought if parent is not None},
        )
        only_viewed = {family for family, _ in viewed}.difference(profile.families())
        return replace(profile, viewed=tuple(sorted(only_viewed)))

    def families(self) -> list[ProductNumber]:
        """Return the families that something was bought of, ascending."""
        return sorted({self.family(product) for product in self.bought})

    def family(self, product: ProductNumber) -> ProductNumber:
        """Return what a bought product counts as: a variant as its configurable product."""
        return self.parents.get(product, product)

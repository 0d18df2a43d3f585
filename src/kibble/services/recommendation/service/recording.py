"""Recording what happens: products, purchases, views, and who is to be forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kibble.contracts.customer import CustomerErased
from kibble.contracts.order import OrderConfirmed
from kibble.contracts.product import ProductCreated, ProductDeleted, ProductViewed
from kibble.kernel.clock import Clock, from_text
from kibble.kernel.ids import CustomerId, OrderId, ProductId
from kibble.kernel.money import Money
from kibble.platform.messaging.handler import Received
from kibble.platform.persistence.changes import Aggregate, Changes, Outcome
from kibble.services.recommendation.errors import ProductNotFound
from kibble.services.recommendation.integration import Catalogue
from kibble.services.recommendation.model import (
    Card,
    Erasure,
    Purchase,
    PurchasedLine,
    View,
    Withdrawal,
)
from kibble.services.recommendation.repository import Graph
from kibble.services.recommendation.service.refreshing import ModelKeeper


class Recorder:
    """Adds to the graph. Everything may be recorded again: that changes nothing."""

    def __init__(
        self, graph: Graph, catalogue: Catalogue, keeper: ModelKeeper, clock: Clock
    ) -> None:
        self._graph = graph
        self._catalogue = catalogue
        self._keeper = keeper
        self._clock = clock

    async def record_view(self, customer_id: CustomerId, product_id: ProductId) -> Outcome[View]:
        """Record that a customer looks at a product now; raises ``ProductNotFound``."""
        view = await self.look(customer_id, product_id)
        return Outcome(view, self._edges([view], 1))

    async def look(self, customer_id: CustomerId, product_id: ProductId) -> View:
        """Return the view of a product now, of which nothing is kept; raises as ``record_view``."""
        if await self._graph.card(product_id) is None:
            await self._require_new(product_id)
        return View(customer_id, product_id, self._clock.now())

    async def _require_new(self, product_id: ProductId) -> None:
        """Raise ``ProductNotFound`` unless Product has it: its event is still on the way then."""
        if product_id not in await self._catalogue.names([product_id]):
            raise ProductNotFound(product_id)

    async def import_purchases(self, lines: Iterable[PurchasedLine]) -> Outcome[int]:
        """Record a batch of a purchase history; return the number of orders in it.

        An order may be spread over batches; its customer and time are those of its first line.
        """
        orders: dict[OrderId, Purchase] = {}
        for line in lines:
            purchase = orders.get(line.order_id)
            if purchase is None:
                purchase = Purchase(line.order_id, line.customer_id, line.bought_at)
                orders[line.order_id] = purchase
            purchase.add(line.product_id, line.quantity)
        purchases = list(orders.values())
        edges = sum(len(purchase.quantities) for purchase in purchases)
        return Outcome(len(purchases), self._edges(purchases, edges))

    def _edges(self, aggregates: Sequence[Aggregate], edges: int) -> Changes:
        changes = Changes()
        for aggregate in aggregates:
            changes.save(aggregate)
        changes.then(lambda: self._keeper.note(edges))
        return changes

    # What Recommendation does on events.

    async def show_product(self, event: ProductCreated, received: Received) -> Outcome[None]:
        """Learn what a product is now."""
        card = Card(
            event.product_id,
            event.name,
            event.category,
            Money(event.price, event.currency),
            event.image,
            event.species and event.species.strip().casefold(),
            version=received.sequence - 1,
            parent_id=event.parent_id,
            regular_price=(
                None if event.regular_price is None else Money(event.regular_price, event.currency)
            ),
        )
        # What was bought of a new variant counts for its family once a model is built.
        return Outcome(None, self._edges([card], 1 if card.parent_id else 0))

    async def withdraw_product(self, event: ProductDeleted, received: Received) -> Outcome[None]:
        """Never recommend a product again."""
        changes = Changes()
        changes.save(Withdrawal(event.product_id, received.sequence - 1))
        return Outcome(None, changes)

    async def add_view(self, event: ProductViewed, received: Received) -> Outcome[None]:
        """Record that a customer looked at a product."""
        viewed_at = from_text(received.envelope.time)
        view = View(event.customer_id, event.product_id, viewed_at)
        return Outcome(None, self._edges([view], 1))

    async def add_purchase(self, event: OrderConfirmed, received: Received) -> Outcome[None]:
        """Record what was bought, once an order and product."""
        bought_at = from_text(received.envelope.time)
        purchase = Purchase(event.order_id, event.customer_id, bought_at)
        for line in event.lines:
            purchase.add(line.product_id, line.quantity)
        return Outcome(None, self._edges([purchase], len(purchase.quantities)))

    async def forget_customer(self, event: CustomerErased, _: Received) -> Outcome[None]:
        """Keep a customer's purchases as nobody's, and drop the views."""
        changes = Changes()
        changes.save(Erasure(event.customer_id))
        return Outcome(None, changes)

"""What Product learns from events: stock, popularity, who bought what, who is to be forgotten."""

from __future__ import annotations

from collections import Counter

from kibble.contracts.customer import CustomerErased
from kibble.contracts.inventory import StockUpdated
from kibble.contracts.order import OrderConfirmed
from kibble.kernel.ids import CustomerId, ProductId
from kibble.platform.messaging.handler import Received
from kibble.platform.persistence.changes import Changes, Outcome
from kibble.services.product.model.review import Purchase, Review
from kibble.services.product.model.standing import StandingChange, Stock
from kibble.services.product.repository.catalogue import Catalogue
from kibble.services.product.repository.reviews import Reviews


class StandingService:
    """Keeps what events say of products; a product that is gone is passed over."""

    def __init__(self, catalogue: Catalogue, reviews: Reviews) -> None:
        self._catalogue = catalogue
        self._reviews = reviews

    async def restock(self, event: StockUpdated, received: Received) -> Outcome[None]:
        """Show the stock that Inventory has; an event that comes late changes nothing."""
        changes = Changes()
        stock = Stock(event.available, received.sequence)
        changes.save(StandingChange(event.product_id, stock=stock))
        return Outcome(None, changes)

    async def count_sale(self, event: OrderConfirmed, _: Received) -> Outcome[None]:
        """Count the units that were sold, also for the product that a variant is of."""
        sold: Counter[ProductId] = Counter()
        for line in event.lines:
            sold[line.product_id] += line.quantity
        for product in (await self._catalogue.products(list(sold))).values():
            if product.parent_id is not None:
                sold[product.parent_id] += sold[product.id]
        changes = Changes()
        for product_id, units in sold.items():
            changes.save(StandingChange(product_id, sold=units))
        if event.customer_id is not None:
            await self._verify(event.customer_id, list(sold), changes)
        return Outcome(None, changes)

    async def _verify(
        self, customer_id: CustomerId, product_ids: list[ProductId], changes: Changes
    ) -> None:
        """Remember the buyer, also in a review that came before the order."""
        for product_id in product_ids:
            changes.save(Purchase(product_id, customer_id))
        for review in await self._reviews.by_customer(customer_id, product_ids):
            if not review.verified:
                review.verified = True
                changes.save(review)

    async def of_customer(self, customer_id: CustomerId) -> tuple[list[Review], list[Purchase]]:
        """Return all that is kept about a customer: what they said, and what they bought."""
        return (
            await self._reviews.by_customer(customer_id),
            await self._reviews.bought_by(customer_id),
        )

    async def forget(self, event: CustomerErased, _: Received) -> Outcome[None]:
        """Keep how a customer rated, and forget who it was and the words, which may tell."""
        changes = Changes()
        for review in await self._reviews.by_customer(event.customer_id):
            review.forget_person()
            changes.save(review)
        for purchase in await self._reviews.bought_by(event.customer_id):
            changes.remove(purchase)
        return Outcome(None, changes)

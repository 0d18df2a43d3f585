"""Order as its neighbours see it, in process."""

from __future__ import annotations

import msgspec

from kibble.contracts.customer import export_of
from kibble.kernel.ids import CustomerId
from kibble.platform.persistence.transaction import commit_outcome
from kibble.platform.rpc import Offer, offer
from kibble.platform.web import json
from kibble.services.order.model.promotion import Promotion
from kibble.services.order.repository.orders import OrderRepository
from kibble.services.order.repository.subscriptions import SubscriptionRepository
from kibble.services.order.schemas.orders import OrderView
from kibble.services.order.schemas.subscriptions import SubscriptionView
from kibble.services.order.service.promotions import PromotionService
from kibble.services.order.service.subscriptions import Shown


class OrderClient:
    """Calls the use cases directly."""

    def __init__(
        self,
        orders: OrderRepository,
        subscriptions: SubscriptionRepository,
        promotions: PromotionService,
        currency: str,
    ) -> None:
        self._currency = currency
        self._orders = orders
        self._subscriptions = subscriptions
        self._promotions = promotions

    @property
    def name(self) -> str:
        """The service's name, under which its part stands in a person's export."""
        return "order"

    async def export(self, customer_id: CustomerId) -> dict[str, object]:
        """Return a customer's orders and subscriptions, ready for JSON, for their own export."""
        orders = await self._orders.orders_of_customer(customer_id)
        known = await self._subscriptions.subscriptions_of_customer(customer_id)
        view = SubscriptionView.render(self._currency)
        subscriptions = [view(Shown(each, {}, None)) for each in known]
        return {
            "orders": msgspec.Raw(json.encode([OrderView.of(order) for order in orders])),
            "subscriptions": msgspec.Raw(json.encode(subscriptions)),
        }

    async def start_promotion(self, promotion: Promotion) -> None:
        """Add a promotion; raises as the use case does."""
        await commit_outcome(self._orders, lambda: self._promotions.start(promotion))


def offers(client: OrderClient) -> list[Offer]:
    """Return what Order offers to services in other processes."""
    return [offer(export_of(client.name), client.export)]

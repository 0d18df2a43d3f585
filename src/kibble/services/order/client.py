"""Order as its neighbours see it, in process."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kibble.contracts.customer import counted, export_of, held_of
from kibble.contracts.order import GUEST_TOKEN
from kibble.kernel.clock import to_text
from kibble.kernel.ids import CustomerId, OrderId
from kibble.platform.persistence.transaction import commit_outcome
from kibble.platform.rpc import Offer, offer
from kibble.platform.web import json
from kibble.services.order.integration import GuestTokens
from kibble.services.order.model.order import Order
from kibble.services.order.model.promotion import Promotion
from kibble.services.order.repository.carts import CartRepository
from kibble.services.order.repository.orders import OrderRepository
from kibble.services.order.repository.promotions import PromotionRepository
from kibble.services.order.repository.subscriptions import SubscriptionRepository
from kibble.services.order.schemas.orders import EntryView, OrderView
from kibble.services.order.schemas.subscriptions import SubscriptionView
from kibble.services.order.service.promotions import PromotionService
from kibble.services.order.service.subscriptions import Shown


class OrderClient:
    """Calls the use cases directly."""

    def __init__(
        self,
        orders: OrderRepository,
        subscriptions: SubscriptionRepository,
        carts: CartRepository,
        redemptions: PromotionRepository,
        *,
        promotions: PromotionService,
        tokens: GuestTokens,
        currency: str,
    ) -> None:
        self._currency = currency
        self._tokens = tokens
        self._orders = orders
        self._subscriptions = subscriptions
        self._carts = carts
        self._redemptions = redemptions
        self._promotions = promotions

    @property
    def name(self) -> str:
        """The service's name, under which its part stands in a person's export."""
        return "order"

    async def export(self, customer_id: CustomerId) -> dict[str, Sequence[object]]:
        """Return all that is kept about a customer, ready for JSON, for their own export."""
        orders = await self._orders.orders_of_customer(customer_id)
        known = await self._subscriptions.subscriptions_of_customer(customer_id)
        view = SubscriptionView.render(self._currency)
        subscriptions = [view(Shown(each, {}, None, {})) for each in known]
        return {
            "orders": [await self._exported(order) for order in orders],
            "subscriptions": [_raw(each) for each in subscriptions],
            "carts": [
                {"id": cart.cart_id, "updatedAt": to_text(cart.updated_at), "items": [*cart.lines]}
                for cart in await self._carts.carts_of_customer(customer_id)
            ],
            "promotions": [
                {"code": each.code, "orderId": each.order_id}
                for each in await self._redemptions.redemptions_of(customer_id)
            ],
        }

    async def held(self, customer_id: CustomerId) -> dict[str, int]:
        """Return how much is kept about a customer, by kind."""
        return counted(await self.export(customer_id))

    async def _exported(self, order: Order) -> dict[str, object]:
        timeline = await self._orders.timeline(order.order_id)
        return {
            "order": _raw(OrderView.of(order)),
            "timeline": [_raw(EntryView.of(entry)) for entry in timeline],
        }

    async def guest_token(self, order_id: OrderId) -> str | None:
        """Return a token that reaches a guest's order; None for any other."""
        order = await self._orders.order(order_id)
        if order is None or order.customer_id is not None or order.email is None:
            return None
        return self._tokens.for_order(order_id)

    async def start_promotion(self, promotion: Promotion) -> None:
        """Add a promotion; raises as the use case does."""
        await commit_outcome(self._orders, lambda: self._promotions.start(promotion))


def _raw(view: object) -> msgspec.Raw:
    return msgspec.Raw(json.encode(view))


def offers(client: OrderClient) -> list[Offer]:
    """Return what Order offers to services in other processes."""
    return [
        offer(export_of(client.name), client.export),
        offer(held_of(client.name), client.held),
        offer(GUEST_TOKEN, client.guest_token),
    ]

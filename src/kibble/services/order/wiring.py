"""Builds Order for a profile; the only module that names its adapters."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from kibble.kernel.clock import Clock
from kibble.kernel.ids import IdSource
from kibble.platform.engines.sqlite import Database, Durability, migrate
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.service import Built, LocalStore
from kibble.platform.tasks import Periodic
from kibble.services.order import adapters
from kibble.services.order.adapters.sqlite import SqliteOrderStore
from kibble.services.order.client import OrderClient
from kibble.services.order.controller import carts, orders, promotions
from kibble.services.order.event_processor import subscriptions
from kibble.services.order.integration import (
    Cashier,
    Catalogue,
    GuestTokens,
    ShippingDesk,
    StockHolder,
)
from kibble.services.order.model.pricing import load_tax_rates
from kibble.services.order.saga import CheckingOut, Placing
from kibble.services.order.service.carts import CartService
from kibble.services.order.service.desk import Desk, Terms
from kibble.services.order.service.orders import OrderService
from kibble.services.order.service.promotions import PromotionService

NAME = "order"
TIDY_SECONDS = 60.0


def build_embedded(
    data_dir: Path,
    clock: Clock,
    ids: IdSource,
    *,
    catalogue: Catalogue,
    stock: StockHolder,
    cashier: Cashier,
    shipping: ShippingDesk,
    tokens: GuestTokens,
    currency: str,
    default_shipping: str,
    hold: timedelta,
    inline: bool = False,
) -> Built[OrderClient, LocalStore]:
    """Build Order over SQLite in ``data_dir``; ``inline`` writes in the loop, for the simulator."""
    database = Database(data_dir / f"{NAME}.db", Durability.FULL, inline=inline)
    migrate(database, adapters.__name__)
    store = SqliteOrderStore(database, EnvelopeMaker(NAME, clock, ids))
    terms = Terms(currency, default_shipping, load_tax_rates())
    desk = Desk(catalogue, shipping, store, terms, clock)
    order_service = OrderService(store, store, store, clock)
    cart_service = CartService(store, desk, stock, clock, ids)
    promotion_service = PromotionService(store)
    placing = Placing(
        orders=store,
        desk=desk,
        stock=stock,
        cashier=cashier,
        clock=clock,
        ids=ids,
        hold=hold,
    )
    checking_out = CheckingOut(cart_service, store, placing, tokens)
    return Built(
        name=NAME,
        store=store,
        client=OrderClient(store, promotion_service),
        routes=[
            *orders.routes(orders.OrderController(order_service, placing, store, currency)),
            *carts.routes(carts.CartController(cart_service, checking_out, store)),
            *promotions.routes(
                promotions.PromotionController(promotion_service, store, clock, currency)
            ),
        ],
        publishes=frozenset({"order_events", "notification_events"}),
        subscriptions=subscriptions(order_service),
        tasks=[Periodic("tidy intents", TIDY_SECONDS, placing.tidy, clock)],
    )

"""Builds Order for a profile; the only module that names its adapters."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Protocol, TypeVar

from kibble.kernel.clock import Clock
from kibble.kernel.ids import IdSource
from kibble.platform.config import Settings
from kibble.platform.engines.sqlite import Database, Durability, migrate
from kibble.platform.engines.sqlite.archive import SqliteArchive
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.persistence.archive import Archive
from kibble.platform.persistence.claims import Claims, LocalClaims
from kibble.platform.service import Built, LocalStore, ServiceStore, World
from kibble.platform.tasks import Periodic
from kibble.services.order import adapters
from kibble.services.order.adapters.archive import POSTGRES_DERIVED, SHAPES
from kibble.services.order.adapters.sqlite import SqliteOrderStore
from kibble.services.order.client import OrderClient, offers
from kibble.services.order.controller import carts, orders, promotions, sales
from kibble.services.order.controller import subscriptions as subscribing
from kibble.services.order.event_processor import subscriptions
from kibble.services.order.integration import (
    AddressBook,
    Cashier,
    Catalogue,
    GuestTokens,
    ShippingDesk,
    StockHolder,
)
from kibble.services.order.model.pricing import load_tax_rates
from kibble.services.order.repository.carts import CartRepository
from kibble.services.order.repository.orders import OrderRepository
from kibble.services.order.repository.promotions import PromotionRepository
from kibble.services.order.repository.sales import SalesLedger
from kibble.services.order.repository.subscriptions import SubscriptionRepository
from kibble.services.order.saga.autoship import Autoship
from kibble.services.order.saga.placing import CheckingOut, Placing
from kibble.services.order.service.autoship_prices import AutoshipPrices
from kibble.services.order.service.carts import CartService
from kibble.services.order.service.desk import Desk, Terms
from kibble.services.order.service.orders import OrderService
from kibble.services.order.service.promotions import PromotionService
from kibble.services.order.service.sales import SalesService
from kibble.services.order.service.subscriptions import SubscriptionService

NAME = "order"
TIDY_SECONDS = 60.0
AUTOSHIP_SECONDS = 1.0
PARTITION_SECONDS = 24 * 3600.0


class _OrderStore(
    OrderRepository,
    CartRepository,
    PromotionRepository,
    SubscriptionRepository,
    SalesLedger,
    ServiceStore,
    Protocol,
):
    """What every adapter of Order's store is."""


S = TypeVar("S", bound=_OrderStore)


def build_embedded(
    data_dir: Path,
    clock: Clock,
    ids: IdSource,
    *,
    catalogue: Catalogue,
    stock: StockHolder,
    cashier: Cashier,
    shipping: ShippingDesk,
    addresses: AddressBook,
    tokens: GuestTokens,
    currency: str,
    default_shipping: str,
    hold: timedelta,
    clicks: bool = False,
    inline: bool = False,
) -> Built[OrderClient, LocalStore]:
    """Build Order over SQLite in ``data_dir``; ``inline`` writes in the loop, for the simulator."""
    database = Database(data_dir / f"{NAME}.db", Durability.FULL, inline=inline)
    migrate(database, adapters.__name__)
    return _assemble(
        SqliteOrderStore(database, EnvelopeMaker(NAME, clock, ids)),
        LocalClaims(),
        clock,
        ids,
        catalogue=catalogue,
        stock=stock,
        cashier=cashier,
        shipping=shipping,
        addresses=addresses,
        tokens=tokens,
        terms=Terms(currency, default_shipping, load_tax_rates()),
        hold=hold,
        clicks=clicks,
    )


async def build_distributed(
    settings: Settings,
    world: World,
    *,
    catalogue: Catalogue,
    stock: StockHolder,
    cashier: Cashier,
    shipping: ShippingDesk,
    addresses: AddressBook,
    tokens: GuestTokens,
) -> Built[OrderClient, ServiceStore]:
    """Build Order over PostgreSQL, one of any number of processes. Raises ``Unavailable``."""
    from kibble.platform.engines.postgres import PostgresClaims, ensure_partitions, open_postgres
    from kibble.services.order.adapters.postgres import PARTED, PostgresOrderStore

    clock = world.clock
    postgres = await open_postgres(settings, NAME, adapters.__name__)
    store = PostgresOrderStore(postgres, EnvelopeMaker(NAME, clock, world.ids))

    async def part() -> None:
        await ensure_partitions(postgres, PARTED, clock.now())

    await part()
    built = _assemble(
        store,
        PostgresClaims(postgres, holder=world.ids.new()),
        clock,
        world.ids,
        catalogue=catalogue,
        stock=stock,
        cashier=cashier,
        shipping=shipping,
        addresses=addresses,
        tokens=tokens,
        terms=Terms(settings.currency, settings.default_shipping, load_tax_rates()),
        hold=settings.hold,
        clicks=settings.has_clicks,
    )
    return Built(
        name=NAME,
        store=store,
        client=built.client,
        routes=built.routes,
        publishes=built.publishes,
        subscriptions=built.subscriptions,
        tasks=[*built.tasks, Periodic("part by month", PARTITION_SECONDS, part, clock)],
        outboxes=[store],
        offers=built.offers,
        closing=[store.close],
    )


def _assemble(
    store: S,
    claims: Claims,
    clock: Clock,
    ids: IdSource,
    *,
    catalogue: Catalogue,
    stock: StockHolder,
    cashier: Cashier,
    shipping: ShippingDesk,
    addresses: AddressBook,
    tokens: GuestTokens,
    terms: Terms,
    hold: timedelta,
    clicks: bool,
) -> Built[OrderClient, S]:
    """Build what is the same over every store."""
    desk = Desk(catalogue, shipping, store, terms, clock)
    order_service = OrderService(store, store, store, store, clock)
    cart_service = CartService(store, desk, stock, clock, ids, clicks=clicks)
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
    autoship = Autoship(
        subscriptions=store,
        orders=store,
        desk=desk,
        stock=stock,
        cashier=cashier,
        addresses=addresses,
        claims=claims,
        clock=clock,
        ids=ids,
    )
    subscription_service = SubscriptionService(
        store, desk, addresses, clock, ids, wake=autoship.worker.submit
    )
    client = OrderClient(
        store,
        store,
        store,
        store,
        promotions=promotion_service,
        tokens=tokens,
        currency=terms.currency,
    )
    return Built(
        name=NAME,
        store=store,
        client=client,
        routes=[
            *sales.routes(sales.SalesController(SalesService(store, clock, terms.currency))),
            *orders.routes(orders.OrderController(order_service, placing, store, terms.currency)),
            *carts.routes(carts.CartController(cart_service, checking_out, store)),
            *promotions.routes(
                promotions.PromotionController(promotion_service, store, clock, terms.currency)
            ),
            *subscribing.routes(
                subscribing.SubscriptionController(
                    subscription_service, AutoshipPrices(desk, store), store, terms.currency
                )
            ),
        ],
        publishes=frozenset({"order_events", "notification_events"}),
        subscriptions=subscriptions(order_service),
        tasks=[
            Periodic("tidy intents", TIDY_SECONDS, placing.tidy, clock),
            autoship.worker,
            Periodic("find due subscriptions", AUTOSHIP_SECONDS, autoship.sweep, clock),
        ],
        offers=offers(client),
    )


def archive_embedded(data_dir: Path) -> Archive:
    """Return Order's state in ``data_dir``, which nobody else may have open."""
    return SqliteArchive(data_dir / f"{NAME}.db", SHAPES)


async def archive_distributed(settings: Settings, world: World) -> Archive:
    """Return Order's state on PostgreSQL. Raises ``Unavailable``."""
    from kibble.platform.engines.postgres import ensure_partitions, open_postgres
    from kibble.platform.engines.postgres.archive import PostgresArchive
    from kibble.services.order.adapters.postgres import PARTED

    postgres = await open_postgres(settings, NAME, adapters.__name__)
    await ensure_partitions(postgres, PARTED, world.clock.now())
    return PostgresArchive(NAME, postgres, SHAPES, POSTGRES_DERIVED)

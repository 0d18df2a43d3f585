"""Builds Payment for a profile; the only module that names its adapters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, TypeVar

from kibble.kernel.clock import Clock
from kibble.kernel.ids import IdSource, Randomness, SavedMethodId
from kibble.platform.config import Settings
from kibble.platform.engines.sqlite import Database, Durability, migrate
from kibble.platform.engines.sqlite.archive import SqliteArchive, introspected
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.persistence.archive import Archive
from kibble.platform.resilience import Guard
from kibble.platform.service import Built, LocalStore, ServiceStore, World
from kibble.platform.tasks import Periodic, Task, Worker
from kibble.platform.web.route import Route
from kibble.services.payment import adapters
from kibble.services.payment.adapters import sandbox_page
from kibble.services.payment.adapters.archive import SHAPES
from kibble.services.payment.adapters.choice import choose
from kibble.services.payment.adapters.sandbox import SandboxPaymentProvider
from kibble.services.payment.adapters.sqlite import SqlitePaymentRepository
from kibble.services.payment.client import PaymentClient, offers
from kibble.services.payment.controller import PaymentController, ReturnPages, routes
from kibble.services.payment.event_processor import subscriptions
from kibble.services.payment.integration import Providers, StockHolds
from kibble.services.payment.repository import PaymentRepository
from kibble.services.payment.service import (
    PaymentProcessor,
    PaymentService,
    Reconciler,
    Wallet,
)

NAME = "payment"
SANDBOX = "sandbox-payments.db"
CONCURRENCY = 32
LOOK_SECONDS = 0.5
FORGET_SECONDS = 3600.0
RECONCILE_SECONDS = 86_400.0
SAVED_SECONDS = 5.0
VAULT_SECONDS = 10.0
RETURN_PAGES = ReturnPages(paid="/checkout/return", saved="/account/payment")
"""The storefront's pages where customers come back to from a provider's."""


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the settings decide: the providers, routes of their own, the storefront's pages."""

    providers: Providers
    pages: Sequence[Route]
    return_pages: ReturnPages


class _PaymentStore(PaymentRepository, ServiceStore, Protocol):
    """What every adapter of Payment's store is."""


S = TypeVar("S", bound=_PaymentStore)


def build_embedded(
    data_dir: Path,
    clock: Clock,
    ids: IdSource,
    randomness: Randomness,
    holds: StockHolds,
    *,
    settings: Settings | None = None,
    providers: Providers | None = None,
    inline: bool = False,
) -> Built[PaymentClient, LocalStore]:
    """Build Payment over SQLite in ``data_dir``, which holds the sandbox provider's file as well.

    ``providers`` take the place of those that ``settings`` name; ``inline`` writes in the loop, for
    the simulator. Raises ``ValueError`` for credentials that are incomplete.
    """
    settings = settings or Settings(data_dir=data_dir)
    world = World(clock, ids, randomness)
    parts = _parts(settings, world, providers, inline=inline)
    database = Database(data_dir / f"{NAME}.db", Durability.FULL, inline=inline)
    migrate(database, adapters.__name__)
    repository = SqlitePaymentRepository(database, EnvelopeMaker(NAME, clock, ids))
    return _assemble(repository, world, holds, parts, alone=True)


async def build_distributed(
    settings: Settings,
    world: World,
    *,
    holds: StockHolds,
    providers: Providers | None = None,
) -> Built[PaymentClient, ServiceStore]:
    """Build Payment over PostgreSQL, one of any number of processes; see ``build_embedded``.

    All processes of one machine share the sandbox's file. Raises ``Unavailable`` as well.
    """
    from kibble.platform.engines.postgres import open_postgres
    from kibble.services.payment.adapters.postgres import PostgresPaymentRepository

    postgres = await open_postgres(settings, NAME, adapters.__name__)
    repository = PostgresPaymentRepository(postgres, EnvelopeMaker(NAME, world.clock, world.ids))
    parts = _parts(settings, world, providers)
    built: Built[PaymentClient, ServiceStore] = _assemble(
        repository, world, holds, parts, alone=False
    )
    return replace(built, outboxes=[repository], closing=[*built.closing, repository.close])


def _parts(
    settings: Settings, world: World, given: Providers | None, *, inline: bool = False
) -> _Parts:
    """Return the providers that the settings name, with the pages of their own."""
    shop = settings.public_url
    return_pages = ReturnPages(f"{shop}{RETURN_PAGES.paid}", f"{shop}{RETURN_PAGES.saved}")
    if given is not None:
        return _Parts(given, [], return_pages)
    sandbox = SandboxPaymentProvider(
        settings.data_dir / SANDBOX,
        world.clock,
        inline=inline,
        pages=f"{shop}{sandbox_page.PATH}",
    )
    providers = choose(settings, sandbox, world.clock)
    return _Parts(providers, sandbox_page.routes(sandbox), return_pages)


def _assemble(
    repository: S, world: World, holds: StockHolds, parts: _Parts, *, alone: bool
) -> Built[PaymentClient, S]:
    """Build what is the same over every store."""
    clock, ids, randomness = world.clock, world.ids, world.randomness
    processor = PaymentProcessor(
        repository=repository,
        providers=parts.providers,
        holds=holds,
        clock=clock,
        ids=ids,
        randomness=randomness,
        alone=alone,
    )
    worker = Worker(
        "process payments",
        load=processor.unfinished,
        work=processor.work_on,
        clock=clock,
        concurrency=CONCURRENCY,
    )
    wallet, watching = _wallet(repository, world, parts.providers)
    service = PaymentService(
        repository=repository,
        clock=clock,
        ids=ids,
        wake=worker.submit,
        providers=parts.providers,
        wallet=wallet,
    )
    reconciler = Reconciler(repository, parts.providers, service, processor, clock)
    controller = PaymentController(service, wallet, repository, parts.return_pages)

    async def submit_due() -> None:
        for payment_id in await processor.due():
            worker.submit(payment_id)

    client = PaymentClient(service, wallet, reconciler, repository)
    members = list(parts.providers.by_name.values())
    return Built(
        name=NAME,
        store=repository,
        client=client,
        routes=[*routes(controller), *parts.pages],
        publishes=frozenset({"payment_events"}),
        subscriptions=subscriptions(service),
        offers=offers(client),
        tasks=[
            worker,
            *watching,
            Periodic("look at due payments", LOOK_SECONDS, submit_due, clock),
            Periodic("forget abandoned payables", FORGET_SECONDS, service.forget_abandoned, clock),
            Periodic("reconcile", RECONCILE_SECONDS, reconciler.watch, clock),
        ],
        checks=[member.check for member in members],
        closing=[member.close for member in members],
    )


def _wallet(
    repository: PaymentRepository, world: World, providers: Providers
) -> tuple[Wallet, list[Task]]:
    """Return what keeps customers' ways to pay, and what looks after them."""
    guard = Guard(
        "the payment provider's vault",
        world.clock,
        world.randomness,
        timeout_seconds=VAULT_SECONDS,
        concurrency=CONCURRENCY,
    )

    async def look(saved_id: SavedMethodId) -> None:
        await wallet.look(saved_id)

    async def due() -> list[SavedMethodId]:
        return await wallet.due()

    worker = Worker("look after saved ways to pay", load=due, work=look, clock=world.clock)
    wallet = Wallet(
        repository=repository,
        providers=providers,
        guard=guard,
        clock=world.clock,
        ids=world.ids,
        wake=worker.submit,
    )

    async def submit_due() -> None:
        for saved_id in await wallet.due():
            worker.submit(saved_id)

    looks = Periodic("look at due saved ways to pay", SAVED_SECONDS, submit_due, world.clock)
    return wallet, [worker, looks]


def archive_embedded(data_dir: Path) -> Archive:
    """Return Payment's state in ``data_dir``, which nobody else may have open."""
    return SqliteArchive(data_dir / f"{NAME}.db", SHAPES)


async def archive_distributed(settings: Settings, _: World) -> Archive:
    """Return Payment's state on PostgreSQL. Raises ``Unavailable``."""
    from kibble.platform.engines.postgres import open_postgres
    from kibble.platform.engines.postgres.archive import PostgresArchive

    postgres = await open_postgres(settings, NAME, adapters.__name__)
    return PostgresArchive(NAME, postgres, SHAPES)


def archive_sandbox(data_dir: Path, clock: Clock) -> Archive:
    """Return the sandbox provider's books in ``data_dir``: a file in every profile."""
    path = data_dir / SANDBOX
    SandboxPaymentProvider(path, clock).end()
    return SqliteArchive(path, introspected(path))

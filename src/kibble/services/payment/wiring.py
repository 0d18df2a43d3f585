"""Builds Payment for a profile; the only module that names its adapters."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, TypeVar

from kibble.kernel.clock import Clock
from kibble.kernel.ids import IdSource, Randomness
from kibble.platform.config import Settings
from kibble.platform.engines.sqlite import Database, Durability, migrate
from kibble.platform.engines.sqlite.archive import SqliteArchive, introspected
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.persistence.archive import Archive
from kibble.platform.service import Built, LocalStore, ServiceStore, World
from kibble.platform.tasks import Periodic, Worker
from kibble.services.payment import adapters
from kibble.services.payment.adapters.archive import SHAPES
from kibble.services.payment.adapters.sandbox import SandboxPaymentProvider
from kibble.services.payment.adapters.sqlite import SqlitePaymentRepository
from kibble.services.payment.client import PaymentClient, offers
from kibble.services.payment.controller import PaymentController, routes
from kibble.services.payment.event_processor import subscriptions
from kibble.services.payment.integration import PaymentProvider, StockHolds
from kibble.services.payment.repository import PaymentRepository
from kibble.services.payment.service import PaymentProcessor, PaymentService, Reconciler

NAME = "payment"
SANDBOX = "sandbox-payments.db"
CONCURRENCY = 32
LOOK_SECONDS = 0.5
FORGET_SECONDS = 3600.0


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
    provider: PaymentProvider | None = None,
    inline: bool = False,
) -> Built[PaymentClient, LocalStore]:
    """Build Payment over SQLite in ``data_dir``, which holds the sandbox provider's file as well.

    ``provider`` takes the sandbox's place; ``inline`` writes in the loop, for the simulator.
    """
    database = Database(data_dir / f"{NAME}.db", Durability.FULL, inline=inline)
    migrate(database, adapters.__name__)
    repository = SqlitePaymentRepository(database, EnvelopeMaker(NAME, clock, ids))
    provider = provider or SandboxPaymentProvider(data_dir / SANDBOX, clock, inline=inline)
    return _assemble(repository, World(clock, ids, randomness), holds, provider, alone=True)


async def build_distributed(
    settings: Settings,
    world: World,
    *,
    holds: StockHolds,
    provider: PaymentProvider | None = None,
) -> Built[PaymentClient, ServiceStore]:
    """Build Payment over PostgreSQL, one of any number of processes. Raises ``Unavailable``.

    ``provider`` takes the sandbox's place, whose file all processes of one machine share.
    """
    from kibble.platform.engines.postgres import open_postgres
    from kibble.services.payment.adapters.postgres import PostgresPaymentRepository

    postgres = await open_postgres(settings, NAME, adapters.__name__)
    repository = PostgresPaymentRepository(postgres, EnvelopeMaker(NAME, world.clock, world.ids))
    provider = provider or SandboxPaymentProvider(settings.data_dir / SANDBOX, world.clock)
    built = _assemble(repository, world, holds, provider, alone=False)
    return Built(
        name=NAME,
        store=repository,
        client=built.client,
        routes=built.routes,
        publishes=built.publishes,
        subscriptions=built.subscriptions,
        tasks=built.tasks,
        outboxes=[repository],
        offers=built.offers,
        closing=[repository.close],
    )


def _assemble(
    repository: S, world: World, holds: StockHolds, provider: PaymentProvider, *, alone: bool
) -> Built[PaymentClient, S]:
    """Build what is the same over every store."""
    clock, ids, randomness = world.clock, world.ids, world.randomness
    processor = PaymentProcessor(
        repository=repository,
        provider=provider,
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
    service = PaymentService(repository, clock, ids, worker.submit)

    async def submit_due() -> None:
        for payment_id in await processor.due():
            worker.submit(payment_id)

    client = PaymentClient(service, Reconciler(repository, provider), repository)
    return Built(
        name=NAME,
        store=repository,
        client=client,
        routes=routes(PaymentController(service, repository)),
        publishes=frozenset({"payment_events"}),
        subscriptions=subscriptions(service),
        offers=offers(client),
        tasks=[
            worker,
            Periodic("look at due payments", LOOK_SECONDS, submit_due, clock),
            Periodic("forget abandoned payables", FORGET_SECONDS, service.forget_abandoned, clock),
        ],
    )


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
    SandboxPaymentProvider(path, clock).close()
    return SqliteArchive(path, introspected(path))

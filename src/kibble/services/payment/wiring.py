"""Builds Payment for a profile; the only module that names its adapters."""

from __future__ import annotations

from pathlib import Path

from kibble.kernel.clock import Clock
from kibble.kernel.ids import IdSource, Randomness
from kibble.platform.engines.sqlite import Database, Durability, migrate
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.service import Built, LocalStore
from kibble.platform.tasks import Periodic, Worker
from kibble.services.payment import adapters
from kibble.services.payment.adapters.sandbox import SandboxPaymentProvider
from kibble.services.payment.adapters.sqlite import SqlitePaymentRepository
from kibble.services.payment.client import PaymentClient
from kibble.services.payment.controller import PaymentController, routes
from kibble.services.payment.event_processor import subscriptions
from kibble.services.payment.integration import PaymentProvider, StockHolds
from kibble.services.payment.service import PaymentProcessor, PaymentService, Reconciler

NAME = "payment"
CONCURRENCY = 32
LOOK_SECONDS = 0.5
FORGET_SECONDS = 3600.0


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
    provider = provider or SandboxPaymentProvider(
        data_dir / "sandbox-payments.db", clock, inline=inline
    )
    processor = PaymentProcessor(
        repository=repository,
        provider=provider,
        holds=holds,
        clock=clock,
        ids=ids,
        randomness=randomness,
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

    return Built(
        name=NAME,
        store=repository,
        client=PaymentClient(service, Reconciler(repository, provider), repository),
        routes=routes(PaymentController(service, repository)),
        publishes=frozenset({"payment_events"}),
        subscriptions=subscriptions(service),
        tasks=[
            worker,
            Periodic("look at due payments", LOOK_SECONDS, submit_due, clock),
            Periodic("forget abandoned payables", FORGET_SECONDS, service.forget_abandoned, clock),
        ],
    )

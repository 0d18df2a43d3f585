"""Builds Recommendation for a profile; the only module that names its adapters."""

from __future__ import annotations

from pathlib import Path

from kibble.kernel.clock import Clock
from kibble.kernel.ids import IdSource
from kibble.platform.engines.sqlite import Database, Durability, migrate
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.service import Built, LocalStore
from kibble.platform.tasks import Periodic
from kibble.services.recommendation import adapters
from kibble.services.recommendation.adapters.in_loop import InLoopModelMaker
from kibble.services.recommendation.adapters.process import ProcessModelMaker
from kibble.services.recommendation.adapters.sqlite import SqliteGraph
from kibble.services.recommendation.client import RecommendationClient
from kibble.services.recommendation.controller import RecommendationController, routes
from kibble.services.recommendation.event_processor import subscriptions
from kibble.services.recommendation.integration import Catalogue
from kibble.services.recommendation.model import Tuning
from kibble.services.recommendation.service import (
    ModelKeeper,
    RecommendationService,
    Recorder,
    RefreshPolicy,
)

NAME = "recommendation"


def build_embedded(
    data_dir: Path,
    clock: Clock,
    ids: IdSource,
    catalogue: Catalogue,
    policy: RefreshPolicy = RefreshPolicy(),  # noqa: B008 - a frozen value
    *,
    inline: bool = False,
) -> Built[RecommendationClient, LocalStore]:
    """Build Recommendation over SQLite in ``data_dir``.

    ``inline`` writes, and builds item models, in the loop: for the simulator.
    """
    database = Database(data_dir / f"{NAME}.db", Durability.NORMAL, inline=inline)
    migrate(database, adapters.__name__)
    graph = SqliteGraph(database, EnvelopeMaker(NAME, clock, ids))
    maker = InLoopModelMaker(Tuning()) if inline else ProcessModelMaker(Tuning())
    keeper = ModelKeeper(graph, maker, clock, policy)
    recorder = Recorder(graph, catalogue, keeper, clock)
    service = RecommendationService(graph, catalogue, keeper)
    return Built(
        name=NAME,
        store=graph,
        client=RecommendationClient(recorder, keeper, graph),
        routes=routes(RecommendationController(service, recorder, graph)),
        subscriptions=subscriptions(recorder),
        tasks=[Periodic("refresh the item model", policy.seconds, keeper.refresh_if_due, clock)],
    )

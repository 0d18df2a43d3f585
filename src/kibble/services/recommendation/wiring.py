"""Builds Recommendation for a profile; the only module that names its adapters."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from kibble.kernel.clock import Clock
from kibble.kernel.ids import IdSource
from kibble.platform.config import Settings
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.persistence.archive import Archive
from kibble.platform.service import Built, LocalStore, ServiceStore, World
from kibble.platform.tasks import Periodic, Task
from kibble.services.recommendation import adapters
from kibble.services.recommendation.adapters.archive import SHAPES
from kibble.services.recommendation.adapters.in_loop import InLoopModelMaker
from kibble.services.recommendation.adapters.process import ProcessModelMaker
from kibble.services.recommendation.client import RecommendationClient
from kibble.services.recommendation.controller import RecommendationController, routes
from kibble.services.recommendation.event_processor import subscriptions
from kibble.services.recommendation.integration import Catalogue
from kibble.services.recommendation.model import Tuning
from kibble.services.recommendation.repository import Graph, GraphReader
from kibble.services.recommendation.service import (
    ModelKeeper,
    RecommendationService,
    Recorder,
    RefreshPolicy,
    RememberedGraph,
    SharedModelKeeper,
)

NAME = "recommendation"
ARCHIVE_SECONDS = 120.0
REMEMBERED = 50
"""Products that are trending, and whose cards are kept for when the graph is away."""


class _KeptGraph(Graph, ServiceStore, Protocol):
    """A graph in a store."""


class _LocalGraph(Graph, LocalStore, Protocol):
    """A graph in a store of the embedded profile."""


G = TypeVar("G", bound=_KeptGraph)


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
    # Only this profile needs SQLite: the other's processes are 2 MB smaller without.
    from kibble.platform.engines.sqlite import Database, Durability, migrate
    from kibble.services.recommendation.adapters.sqlite import SqliteGraph

    database = Database(data_dir / f"{NAME}.db", Durability.NORMAL, inline=inline)
    migrate(database, adapters.__name__)
    graph: _LocalGraph = SqliteGraph(database, EnvelopeMaker(NAME, clock, ids))
    maker = InLoopModelMaker(Tuning()) if inline else ProcessModelMaker(Tuning())
    keeper = ModelKeeper(graph, maker, clock, policy)
    return _assemble(graph, graph, keeper, catalogue, clock, policy=policy)


async def build_distributed(
    settings: Settings,
    world: World,
    *,
    catalogue: Catalogue,
    policy: RefreshPolicy = RefreshPolicy(),  # noqa: B008 - a frozen value
) -> Built[RecommendationClient, ServiceStore]:
    """Build Recommendation over Neo4j; raises ``Unavailable`` when that is away at the start."""
    # Only this profile installs the driver.
    from kibble.platform.engines.neo4j import Neo4j
    from kibble.services.recommendation.adapters.neo4j import (
        Neo4jGraph,
        Neo4jItemModels,
    )

    engine = Neo4j(settings.neo4j_url, settings.namespace, world.clock)
    store = Neo4jGraph(engine, world.clock)
    await store.open()
    await store.warm()
    graph: _KeptGraph = store
    models = Neo4jItemModels(store, world.ids.new())
    maker = ProcessModelMaker(Tuning())
    keeper = SharedModelKeeper(graph, maker, world.clock, policy, models=models)
    reader = RememberedGraph(graph)
    return _assemble(
        graph,
        reader,
        keeper,
        catalogue,
        world.clock,
        policy=policy,
        remember=True,
        closing=[engine.close],
    )


def _assemble(
    graph: G,
    reader: GraphReader,
    keeper: ModelKeeper,
    catalogue: Catalogue,
    clock: Clock,
    *,
    policy: RefreshPolicy,
    remember: bool = False,
    closing: Sequence[Callable[[], Awaitable[None]]] = (),
) -> Built[RecommendationClient, G]:
    """Put the service together; ``remember`` has it look regularly at what is trending."""
    recorder = Recorder(graph, catalogue, keeper, clock)
    service = RecommendationService(reader, catalogue, keeper)
    tasks: list[Task] = [
        Periodic("refresh the item model", policy.seconds, keeper.refresh_if_due, clock)
    ]
    if remember:
        tasks.append(
            Periodic(
                "remember what is trending",
                policy.seconds,
                lambda: service.trending(None, REMEMBERED),
                clock,
            )
        )
    return Built(
        name=NAME,
        store=graph,
        client=RecommendationClient(recorder, keeper, graph),
        routes=routes(RecommendationController(service, recorder, graph)),
        subscriptions=subscriptions(recorder),
        tasks=tasks,
        closing=closing,
    )


def archive_embedded(data_dir: Path) -> Archive:
    """Return Recommendation's state in ``data_dir``, which nobody else may have open."""
    from kibble.platform.engines.sqlite.archive import SqliteArchive

    return SqliteArchive(data_dir / f"{NAME}.db", SHAPES)


async def archive_distributed(settings: Settings, world: World) -> Archive:
    """Return Recommendation's state on Neo4j. Raises ``Unavailable``."""
    from kibble.platform.engines.neo4j import Neo4j
    from kibble.services.recommendation.adapters.neo4j import Neo4jGraph
    from kibble.services.recommendation.adapters.neo4j.archive import Neo4jArchive

    # Nobody waits for a single answer, and a cold server plans each query anew.
    engine = Neo4j(
        settings.neo4j_url,
        settings.namespace,
        world.clock,
        read_seconds=ARCHIVE_SECONDS,
        write_seconds=ARCHIVE_SECONDS,
    )
    store = Neo4jGraph(engine, world.clock)
    await store.open()
    return Neo4jArchive(store, engine.close)

"""All engines together: up, down, status, and the settings that ``kibble serve`` reads."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from tools.engines import debian, maven, probes
from tools.engines.cassandra import Cassandra
from tools.engines.engine import Engine
from tools.engines.errors import EngineError
from tools.engines.haproxy import HAProxy
from tools.engines.java import DEBIANS_JAVA, provide_java
from tools.engines.kafka import Kafka
from tools.engines.mongodb import MongoDB
from tools.engines.neo4j import Neo4j
from tools.engines.opensearch import OpenSearch
from tools.engines.places import Places
from tools.engines.postgres import Postgres
from tools.engines.process import PAUSE_SECONDS
from tools.engines.redis import Redis

KINDS: tuple[type[Engine], ...] = (
    # the slowest first: they start side by side, on few cores
    OpenSearch,
    Neo4j,
    Cassandra,
    Kafka,
    MongoDB,
    Postgres,
    Redis,
    HAProxy,
)

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Status:
    """How one engine is: ``state`` is running, starting or stopped; memory in bytes."""

    engine: Engine
    pid: int | None
    memory: int
    state: str


def engines(places: Places, names: Iterable[str] = ()) -> list[Engine]:
    """Return the engines of these names, or all; raises EngineError for a name that none has."""
    kinds = {kind.name: kind for kind in KINDS}
    wanted = list(names) or list(kinds)
    if unknown := sorted(set(wanted) - kinds.keys()):
        raise EngineError(f"there is no {', '.join(unknown)}; there are {', '.join(kinds)}")
    return [kind(places) for name, kind in kinds.items() if name in wanted]


def up(places: Places, names: Iterable[str] = (), say: Say = print) -> list[str]:
    """Provision and start engines, and wait until they serve; return what went wrong.

    Those that run are left alone. What comes from Debian starts while Maven still downloads.
    """
    places.prepare()
    with _alone(places):
        idle = [engine for engine in engines(places, names) if not _runs(engine, say)]
        packaged = [engine for engine in idle if engine.packages]
        jars = [engine for engine in idle if not engine.packages]
        with ThreadPoolExecutor(max_workers=len(KINDS) + 2) as pool:
            groups = [
                pool.submit(_bring_up, pool, packaged, _install, say),
                pool.submit(_bring_up, pool, jars, _resolve, say),
            ]
            failures = [failure for group in groups for failure in group.result()]
        write_settings(places)
    return failures


def down(
    places: Places, names: Iterable[str] = (), say: Say = print, *, wipe: bool = False
) -> list[str]:
    """Stop engines, all at once, and return what went wrong; ``wipe`` forgets their data too."""
    if not places.state.exists():
        return []
    chosen = engines(places, names)
    with _alone(places):
        with ThreadPoolExecutor(max_workers=len(KINDS)) as pool:
            ends = [pool.submit(_stop, engine, say, wipe=wipe) for engine in chosen]
            failures = _failures(chosen, ends)
        write_settings(places)
    return failures


def status(places: Places, names: Iterable[str] = ()) -> list[Status]:
    """Return how engines are."""
    return [_status(engine) for engine in engines(places, names)]


def start(engine: Engine) -> float:
    """Set up and start one engine that was provisioned; return the seconds until it served.

    Raises EngineError, with the end of the log, when it ends or does not serve in time.
    """
    began = time.monotonic()
    if probes.listens(engine.port):
        raise EngineError(
            f"port {engine.port} is taken: KIBBLE_ENGINES_{engine.name.upper()}_PORT names another"
        )
    engine.configure()
    engine.process.start(engine.command(), user=engine.run_as(), environment=engine.environment())
    await_ready(engine)
    return time.monotonic() - began


def await_ready(engine: Engine) -> None:
    """Wait until an engine that was started serves; raises EngineError as ``start`` does."""
    deadline = time.monotonic() + engine.ready_within
    while not engine.ready():
        if engine.process.pid() is None:
            raise EngineError(f"it ended while starting\n{engine.process.tail()}")
        if time.monotonic() > deadline:
            raise EngineError(
                f"it does not serve after {engine.ready_within:g} s\n{engine.process.tail()}"
            )
        time.sleep(PAUSE_SECONDS)


def write_settings(places: Places) -> None:
    """Write ``env`` in the state folder: a line for each engine that runs."""
    settings = {
        engine.variable: engine.url
        for engine in engines(places)
        if engine.variable and engine.process.pid() is not None
    }
    text = "".join(f"{variable}={url}\n" for variable, url in sorted(settings.items()))
    fresh = places.state / "env.new"
    fresh.write_text(text)
    fresh.replace(places.state / "env")


def _bring_up(
    pool: ThreadPoolExecutor,
    chosen: Sequence[Engine],
    provide: Callable[[Sequence[Engine]], None],
    say: Say,
) -> list[str]:
    try:
        provide(chosen)
    except EngineError as error:
        return [f"{', '.join(engine.name for engine in chosen)}: {error}"]
    starts = [pool.submit(_start_and_say, engine, say) for engine in chosen]
    return _failures(chosen, starts)


def _install(chosen: Sequence[Engine]) -> None:
    debian.install(package for engine in chosen for package in engine.missing_packages())


def _resolve(chosen: Sequence[Engine]) -> None:
    if any(DEBIANS_JAVA in engine.java for engine in chosen):
        provide_java()
    if chosen:
        maven.provision(chosen[0].places.cache, [engine.name for engine in chosen])


def _start_and_say(engine: Engine, say: Say) -> None:
    seconds = start(engine)
    say(f"{engine.name} {engine.version} serves at {engine.address} after {seconds:.1f} s")


def _failures(chosen: Sequence[Engine], ends: Sequence[Future[None]]) -> list[str]:
    errors = [end.exception() for end in ends]
    return [
        f"{engine.name}: {_expected(error)}"
        for engine, error in zip(chosen, errors, strict=True)
        if error is not None
    ]


def _expected(error: BaseException) -> EngineError:
    """Return the error if it is one that can happen; any other is a defect, and is raised."""
    if isinstance(error, EngineError):
        return error
    raise error


def _runs(engine: Engine, say: Say) -> bool:
    if engine.process.pid() is None:
        return False
    await_ready(engine)
    say(f"{engine.name} {engine.version} runs at {engine.address}")
    return True


def _stop(engine: Engine, say: Say, *, wipe: bool) -> None:
    if engine.process.pid() is not None:
        engine.process.stop(engine.stop_signal)
        say(f"{engine.name} stopped")
    if wipe:
        shutil.rmtree(engine.home, ignore_errors=True)


def _status(engine: Engine) -> Status:
    pid = engine.process.pid()
    if pid is None:
        return Status(engine, None, 0, "stopped")
    state = "running" if engine.ready() else "starting"
    return Status(engine, pid, engine.process.memory(), state)


@contextmanager
def _alone(places: Places) -> Iterator[None]:
    """Let one program at a time start and stop engines in a state folder."""
    descriptor = os.open(places.state / "lock", os.O_CREAT | os.O_RDWR, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)

"""Which service the gateway of a distributed shop asks."""

from __future__ import annotations

from pathlib import Path

from kibble.platform.clock import SystemClock, Uuid7Ids, system_randomness
from kibble.platform.config import Settings
from kibble.platform.service import World
from kibble.runtime.shop import Shop
from tools.distributed.gateway import PATHS


def test_every_route_leads_to_the_service_that_has_it(tmp_path: Path) -> None:
    clock, randomness = SystemClock(), system_randomness()
    world = World(clock, Uuid7Ids(clock, randomness), randomness)
    shop = Shop(Settings(data_dir=tmp_path, seed=False), world)
    paths = {(built.name, route.path) for built in shop.services.all() for route in built.routes}
    shop.close()
    assert len({name for name, _ in paths}) == len(PATHS)
    assert {
        (name, path) for name, path in paths if not path.startswith(tuple(PATHS[name]))
    } == set()

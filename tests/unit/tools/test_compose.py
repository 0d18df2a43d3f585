"""The containers have the addresses of ``make engines``: one set of settings serves both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from tools.engines import fleet
from tools.engines.places import PROJECT, Places

COMPOSE: dict[str, Any] = msgspec.yaml.decode(
    (PROJECT / "deploy" / "compose" / "docker-compose.yml").read_bytes()
)
PRODUCTS = {"opensearch": "elasticsearch"}
ENGINES = {
    PRODUCTS.get(engine.name, engine.name): engine
    for engine in fleet.engines(Places(Path(), Path(), {}))
}


def test_there_is_a_container_for_every_engine() -> None:
    assert COMPOSE["services"].keys() == ENGINES.keys()


@pytest.mark.parametrize("name", ENGINES)
class TestContainer:
    def test_is_reached_at_the_address_of_the_engine_and_from_this_machine_only(
        self, name: str
    ) -> None:
        published = [port.rpartition(":")[0] for port in COMPOSE["services"][name]["ports"]]
        assert published == [ENGINES[name].address]

    def test_is_pinned_to_one_version(self, name: str) -> None:
        _, _, tag = COMPOSE["services"][name]["image"].partition(":")
        assert tag.partition("-")[0].replace(".", "").isdecimal()
        assert tag.count(".") >= 1

    def test_keeps_its_data_in_a_volume_that_is_declared(self, name: str) -> None:
        mounted = [
            volume.partition(":")[0] for volume in COMPOSE["services"][name].get("volumes", [])
        ]
        assert set(mounted) <= COMPOSE["volumes"].keys()

from __future__ import annotations

from pathlib import Path

import pytest

from tools.engines import fleet
from tools.engines.errors import EngineError
from tools.engines.places import PROJECT, Places, enterable


def test_state_lies_in_the_project_and_a_cache_outside_of_it() -> None:
    places = Places.of({})
    assert places.state == PROJECT / ".engines"
    assert not places.cache.is_relative_to(PROJECT)


def test_folders_and_ports_can_be_named_otherwise(tmp_path: Path) -> None:
    places = Places.of(
        {
            "KIBBLE_ENGINES_DIR": str(tmp_path / "cache"),
            "KIBBLE_ENGINES_STATE": str(tmp_path / "state"),
            "KIBBLE_ENGINES_KAFKA_PORT": "19092",
        }
    )
    (kafka,) = fleet.engines(places, ["kafka"])
    assert (places.cache, places.state) == (tmp_path / "cache", tmp_path / "state")
    assert (kafka.address, kafka.url) == ("127.0.0.1:19092", "kafka://127.0.0.1:19092")


@pytest.mark.parametrize("value", ["", "none", "0", "-1", "65536"])
def test_refuses_a_port_that_is_none(value: str) -> None:
    with pytest.raises(EngineError, match="KIBBLE_ENGINES_REDIS_PORT"):
        Places.of({"KIBBLE_ENGINES_REDIS_PORT": value})


def test_knows_a_folder_that_others_cannot_enter(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    assert not enterable(closed)
    assert not enterable(closed / "not there yet" / "nor this")
    assert enterable(Path("/usr/bin"))


def test_no_two_engines_have_a_port_in_common(tmp_path: Path) -> None:
    engines = fleet.engines(Places(tmp_path, tmp_path, {}))
    ports = [port for engine in engines for port in (engine.port, engine.port + 1)]
    assert len(ports) == len(set(ports))


def test_refuses_a_name_that_no_engine_has(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="there is no oracle; there are opensearch, neo4j"):
        fleet.engines(Places(tmp_path, tmp_path, {}), ["oracle", "kafka"])


def test_each_engine_that_serves_the_shop_has_a_setting_of_its_own(tmp_path: Path) -> None:
    engines = fleet.engines(Places(tmp_path, tmp_path, {}))
    variables = [engine.variable for engine in engines if engine.variable]
    assert len(variables) == len(set(variables)) == 7
    assert all(variable.startswith("KIBBLE_") for variable in variables)

"""Metrics: figures that are read when they are asked for, and what breakers and guards tell."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from random import Random

import pytest

from kibble.kernel.errors import Unavailable
from kibble.platform.resilience import Guard, NotCalled
from kibble.platform.telemetry import metrics
from kibble.platform.telemetry.watched import Figure, watch
from kibble.platform.web.route import ANYONE, get
from tests.fixtures.doubles import FakeClock


class Pool:
    """A pool with so many idle connections."""

    def __init__(self, name: str, idle: int) -> None:
        self._name = name
        self._idle = idle
        watch(self)

    def figures(self) -> Iterator[Figure]:
        yield Figure("kibble_pool_connections", (self._name, "idle"), self._idle)


def shown(line_begins: str) -> float | None:
    """Return the value of a series, as Prometheus would read it."""
    for line in metrics.render().decode().splitlines():
        if line.startswith(line_begins):
            return float(line.rpartition(" ")[2])
    return None


IDLE = 'kibble_pool_connections{pool="kennels",state="idle"}'


class TestFigures:
    def test_are_read_when_they_are_asked_for_and_added_up_by_label(self) -> None:
        pools = [Pool("kennels", 3), Pool("kennels", 4)]
        assert shown(IDLE) == 7
        del pools

    def test_end_with_the_thing_that_had_them(self) -> None:
        pool = Pool("kennels", 3)
        assert shown(IDLE) == 3
        del pool
        gc.collect()
        assert shown(IDLE) is None


class TestGuard:
    async def test_counts_its_calls_by_outcome_and_tells_when_its_breaker_opens(self) -> None:
        clock = FakeClock()
        guard = Guard("groomer", clock, Random(1), timeout_seconds=5, concurrency=2)

        async def fail() -> None:
            raise Unavailable("The groomer is away.")

        for _ in range(20):
            with pytest.raises(Unavailable):
                await guard.call(fail)
        with pytest.raises(NotCalled):
            await guard.call(fail)
        calls = 'kibble_upstream_calls_total{outcome="%s",upstream="groomer"}'
        assert shown(calls % "failed") == 20
        assert shown(calls % "not-called") == 1
        assert shown('kibble_breaker_open{upstream="groomer"}') == 1
        assert shown('kibble_upstream_in_flight{upstream="groomer"}') == 0
        clock.advance(11)
        assert shown('kibble_breaker_open{upstream="groomer"}') == 0


class Controller:
    """A controller outside every service."""

    async def read(self, call: object) -> None:
        """GET something."""


class TestRoute:
    def test_is_of_the_package_that_its_handler_is_of(self) -> None:
        route = get("/x", Controller().read, "A read", ANYONE)  # type: ignore[arg-type]  # never called
        assert route.service == "unit"

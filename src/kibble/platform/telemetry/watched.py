"""Figures that are read when Prometheus asks: what counts them pays for an addition, no more.

A thing with figures (a breaker, a pool, a cache) calls ``watch`` once, when it is made. It is held
weakly, so its figures end with it. Figures of one family with the same labels are added up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, Protocol
from weakref import WeakSet

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector


class Family(NamedTuple):
    """What a family of figures tells, by which labels, and whether it only grows."""

    documentation: str
    labels: tuple[str, ...]
    grows: bool = False


class Figure(NamedTuple):
    """One figure of a family, with a value for each of its labels."""

    family: str
    labels: tuple[str, ...]
    value: float


class Watched(Protocol):
    """Something that has figures."""

    def figures(self) -> Iterable[Figure]:
        """Return the figures as they are now; quick, since a scrape waits for it."""
        ...


FAMILIES: Mapping[str, Family] = {
    "kibble_edge_cache_requests": Family(
        "Public reads at the edge, by outcome: kept ones never reach a service.",
        ("service", "operation", "outcome"),
        grows=True,
    ),
    "kibble_shared_cache_reads": Family(
        "Keys that were asked of the shared cache, by outcome.", ("outcome",), grows=True
    ),
    "kibble_upstream_calls": Family(
        "Attempts to call what is outside the process, by outcome.",
        ("upstream", "outcome"),
        grows=True,
    ),
    "kibble_breaker_open": Family("1 while calls of an upstream are refused.", ("upstream",)),
    "kibble_upstream_in_flight": Family("Calls of an upstream under way.", ("upstream",)),
    "kibble_upstream_limit": Family("The most calls of an upstream at once.", ("upstream",)),
    "kibble_pool_connections": Family("Connections of a pool, by state.", ("pool", "state")),
    "kibble_pool_limit": Family("The most connections of a pool.", ("pool",)),
    "kibble_waiting_writes": Family("Writes that wait for the next commit.", ("database",)),
    "kibble_waiting_work": Family("Keys that background work waits for.", ("task",)),
    "kibble_requests_waiting": Family("Requests that wait for their turn, by class.", ("work",)),
    "kibble_orders_in_flight": Family("Orders that are being placed.", ()),
    "kibble_orders_in_flight_limit": Family("The most orders that are placed at once.", ()),
}
"""Every family; those that nothing in this process has are not shown."""

_things: WeakSet[Watched] = WeakSet()


def watch(thing: Watched) -> None:
    """Show the figures of ``thing`` for as long as it is there."""
    _things.add(thing)


class WatchedCollector(Collector):
    """Reads the figures of everything that is watched."""

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        """Return the families that something has figures of."""
        sums: dict[str, dict[tuple[str, ...], float]] = {}
        for thing in list(_things):
            for family, labels, value in thing.figures():
                figures = sums.setdefault(family, {})
                figures[labels] = figures.get(labels, 0.0) + value
        for name, figures in sums.items():
            documentation, labels, grows = FAMILIES[name]
            kind = CounterMetricFamily if grows else GaugeMetricFamily
            shown = kind(name, documentation, labels=labels)
            for values, figure in figures.items():
                shown.add_metric(values, figure)
            yield shown

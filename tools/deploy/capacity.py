"""``python -m tools.deploy.capacity`` prints what a shop needs for so many daily users.

The costs are read from ``bench/results``: those of one process from the benchmarks, those of the
distributed profile by process from ``python -m bench.distributed``. The assumptions are those of
docs/capacity.md.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kibble.runtime.names import GATEWAY, SERVICES

RESULTS = Path(__file__).parents[2] / "bench" / "results"
USERS = (10_000, 100_000, 1_000_000)
BUSIEST_HOUR = 0.12
PEAK_OVER_HOUR = 2.0
READS, SEARCHES, CART_CHANGES, ORDERING = 17, 8, 2, 0.03
KEPT_AT_THE_EDGE = 0.6
CPU_SHARE = 0.65
SALE = 10
LEAST_PODS = 2
HEAD = """\
| daily users | requests/s | orders/s | CPUs, one process | pods | more than 2 of | engines' CPUs |
|---|---|---|---|---|---|---|"""


@dataclass(frozen=True, slots=True)
class Costs:
    """CPU in milliseconds for each piece of work, in one process."""

    read: float
    search: float
    cart: float
    order: float


@dataclass(frozen=True, slots=True)
class Apart:
    """CPU in milliseconds for each piece of work, by process, in the distributed profile."""

    read: Mapping[str, float]
    search: Mapping[str, float]
    cart: Mapping[str, float]
    order: Mapping[str, float]

    def cores(self, process: str, visits: float) -> float:
        """Return the CPUs of a process for so many visits a second."""
        served = 1 - KEPT_AT_THE_EDGE
        milliseconds = (
            READS * served * self.read[process]
            + SEARCHES * served * self.search[process]
            + CART_CHANGES * self.cart[process]
            + ORDERING * self.order[process]
        )
        return visits * milliseconds / 1000


def measured() -> Costs:
    """Return what the benchmarks measured last, in one process."""

    def of(workload: str, beginning: str) -> float:
        loads = json.loads((RESULTS / f"{workload}.json").read_text())["loads"]
        found: float = next(load["cpu_ms"] for load in loads if load["work"].startswith(beginning))
        return found

    return Costs(
        read=of("products", "product read"),
        search=of("catalogue", "search, 20 hits"),
        cart=of("carts", "add to cart"),
        order=of("orders", "order: the whole saga"),
    )


def measured_apart() -> tuple[Apart, str]:
    """Return the costs by process, and how busy the machine was that they were measured on."""
    figures = json.loads((RESULTS / "distributed.json").read_text())
    requests = figures["cpu_ms_a_request"]
    told = f"orders measured at a load average of {figures['load_average']:.0f}"
    told += f", requests at {requests['load_average']:.0f}"
    order: Mapping[str, float] = figures["cpu_ms_an_order"]
    return Apart(requests["read"], requests["search"], requests["cart"], order), told


@dataclass(frozen=True, slots=True)
class Need:
    """What a load asks for: requests and orders a second at its peak, CPUs, and pods."""

    requests: float
    orders: float
    cores: float
    pods: Mapping[str, int]
    engines: float


def need(users: float, costs: Costs, apart: Apart) -> Need:
    """Return what so many daily users need at their peak."""
    visits = users * BUSIEST_HOUR * PEAK_OVER_HOUR / 3600
    served = 1 - KEPT_AT_THE_EDGE
    milliseconds = (
        READS * (costs.read + served * costs.search / 2)  # a page that is not kept: half a search
        + SEARCHES * served * costs.search
        + CART_CHANGES * costs.cart
        + ORDERING * costs.order
    )
    pods = {
        name: max(LEAST_PODS, math.ceil(apart.cores(f"{name}-1", visits) / CPU_SHARE))
        for name in (*SERVICES, GATEWAY)
    }
    engines = [name for name in apart.order if not name.endswith("-1") and name != "haproxy"]
    return Need(
        requests=visits * (READS + SEARCHES + CART_CHANGES + ORDERING),
        orders=visits * ORDERING,
        cores=visits * milliseconds / 1000,
        pods=pods,
        engines=sum(apart.cores(name, visits) for name in engines),
    )


def table(costs: Costs, apart: Apart) -> Iterator[str]:
    """Yield the lines of the table, in Markdown."""
    yield HEAD
    for users in USERS:
        for times, label in ((1, f"{users:,}"), (SALE, f"{users:,}, sale ({SALE} x)")):
            found = need(users * times, costs, apart)
            one = f"{found.cores:.2f}" + ("" if found.cores < CPU_SHARE else " (too many for one)")
            more = [f"{name} {n}" for name, n in found.pods.items() if n > LEAST_PODS]
            yield (
                f"| {label} | {found.requests:,.0f} | {found.orders:,.2f} | {one} |"
                f" {sum(found.pods.values())} | {', '.join(more) or '-'} | {found.engines:.2f} |"
            )


def main() -> None:
    """Print the costs, and the table."""
    costs = measured()
    apart, told = measured_apart()
    print(
        f"CPU in one process, ms: read {costs.read:.3f}, search {costs.search:.3f},"
        f" cart {costs.cart:.3f}, order with all that follows {costs.order:.3f}\n"
    )
    print(f"CPU by process, ms ({told}):")
    for name in apart.order:
        print(
            f"  {name:<18} read {apart.read.get(name, 0):.2f},"
            f" search {apart.search.get(name, 0):.2f}, cart {apart.cart.get(name, 0):.2f},"
            f" order {apart.order[name]:.2f}"
        )
    print()
    print("\n".join(table(costs, apart)))


if __name__ == "__main__":
    main()

"""``python -m tools.deploy.capacity`` prints what a shop needs for so many daily users.

The costs are read from ``bench/results``; the assumptions are those of docs/capacity.md.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

RESULTS = Path(__file__).parents[2] / "bench" / "results"
USERS = (10_000, 100_000, 1_000_000)
BUSIEST_HOUR = 0.12
PEAK_OVER_HOUR = 2.0
READS, SEARCHES, CART_CHANGES, ORDERING = 17, 8, 2, 0.03
KEPT_AT_THE_EDGE = 0.6
CPU_SHARE = 0.65
SALE = 10
MORE_IN_PROCESSES = 2.0
"""CPU of a process a service over that of one process: procedures, Kafka, engines' drivers."""


@dataclass(frozen=True, slots=True)
class Costs:
    """CPU in milliseconds for each piece of work."""

    read: float
    search: float
    cart: float
    order: float


def measured() -> Costs:
    """Return what the benchmarks measured last."""

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


@dataclass(frozen=True, slots=True)
class Need:
    """What a load asks for: requests and orders a second at its peak, and CPUs."""

    users: float
    requests: float
    orders: float
    cores: float

    @property
    def processes(self) -> int:
        """How many processes of one CPU a distributed shop needs, besides two of each service."""
        return math.ceil(self.cores * MORE_IN_PROCESSES / CPU_SHARE)


def need(users: float, costs: Costs) -> Need:
    """Return what so many daily users need at their peak."""
    visits = users * BUSIEST_HOUR * PEAK_OVER_HOUR / 3600
    served = 1 - KEPT_AT_THE_EDGE
    milliseconds = (
        READS * (costs.read + served * costs.search / 2)  # a page that is not kept: half a search
        + SEARCHES * served * costs.search
        + CART_CHANGES * costs.cart
        + ORDERING * costs.order
    )
    requests = visits * (READS + SEARCHES + CART_CHANGES + ORDERING)
    return Need(users, requests, visits * ORDERING, visits * milliseconds / 1000)


def table(costs: Costs) -> Iterator[str]:
    """Yield the lines of the table, in Markdown."""
    yield "| daily users | requests/s | orders/s | CPUs, one process | pods of 1 CPU, distributed |"
    yield "|---|---|---|---|---|"
    for users in USERS:
        for times, label in ((1, f"{users:,}"), (SALE, f"{users:,}, sale ({SALE} x)")):
            found = need(users * times, costs)
            one = f"{found.cores:.2f}" + ("" if found.cores < CPU_SHARE else " (too many for one)")
            yield (
                f"| {label} | {found.requests:,.0f} | {found.orders:,.2f} | {one} |"
                f" {max(found.processes, 18)} |"
            )


def main() -> None:
    """Print the costs, and the table."""
    costs = measured()
    print(
        f"CPU, ms: read {costs.read:.3f}, search {costs.search:.3f}, cart {costs.cart:.3f},"
        f" order with all that follows {costs.order:.3f}\n"
    )
    print("\n".join(table(costs)))


if __name__ == "__main__":
    main()

"""Orders: what placing one costs, what the whole saga costs, and what happens under more than that.

First a shop whose consumers stand still shows what POST to 201 costs. Then the same folder is run
whole: it catches up; bursts of orders are followed until each is CONFIRMED, has its label and its
message; orders come for a minute at 80 % of the rate that this allows, and for half a minute at
150 %. Every 201 is remembered, and the books are audited after each load.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from statistics import median

from bench.kit.audit import backlog
from bench.kit.load import Answers, Plan, merged
from bench.kit.market import Market, order_ids
from bench.kit.measure import ROUNDS, Bench, Requests, Targets, require_good
from bench.kit.report import Load
from bench.kit.shop import STILL, Shop

PLACING = Targets(cpu=1.0)
SAGA_CPU = 2.5
MOST_A_SECOND = 4_000
BURST = 300
"""Orders of a burst, for each second that a work is measured: done before events are old."""
BURST_CONNECTIONS = 32
STEADY, STEADY_SECONDS = 0.8, 10
OVERLOAD, OVERLOAD_SECONDS, LEAST_OVERLOAD = 1.5, 5, 30.0
"""Seconds are multiples of a work's; orders are refused once events are 5 s old, not before."""
LONGEST_BURST = 60.0
MANY_CONNECTIONS = 400
LONGEST_DELIVERY = 2.0


@dataclass
class _Orders:
    """A market, and the ids of all orders that it was told it has placed."""

    bench: Bench
    market: Market
    acknowledged: list[str] = field(default_factory=list)

    def take(self, answers: Answers) -> Answers:
        """Remember what was answered 201."""
        self.acknowledged += order_ids(answers)
        return answers

    def place(
        self,
        shop: Shop,
        requests: Requests,
        *,
        seconds: float = LONGEST_BURST,
        rate: float | None = None,
    ) -> Answers:
        """Send orders, each once, and remember what was answered."""
        connections = BURST_CONNECTIONS if rate is None else MANY_CONNECTIONS
        return self.take(
            self.bench.generator.run(_plan(shop, requests, connections, seconds, rate))
        )

    def audit(self, work: str, shop: Shop) -> None:
        """Audit the books of a settled shop."""
        self.bench.audit(work, shop.folder, self.acknowledged)


def run(bench: Bench) -> None:
    """Measure all of it on one data folder."""
    with bench.shop(command=STILL) as shop:
        orders = _Orders(bench, Market(shop))
        _place(orders, shop)
    with Shop(shop.folder) as shop:
        bench.settled("catching up", shop)
        orders.audit("catching up", shop)
        capacity = _saga(orders, shop)
        orders.audit("the whole saga", shop)
        _steady(orders, shop, STEADY * capacity)
        orders.audit("80 % of capacity", shop)
        _overload(orders, shop, OVERLOAD * capacity)
        _recovered(orders, shop, capacity / 2)
        orders.audit("150 % of capacity", shop)


def _place(orders: _Orders, shop: Shop) -> None:
    """Measure POST to 201 alone."""
    count = int(MOST_A_SECOND * orders.bench.seconds / ROUNDS)
    orders.take(
        orders.bench.measure(
            "order: POST to 201, consumers off",
            shop,
            lambda: orders.market.orders(count),
            PLACING,
            once=True,
        )
    )


def _saga(orders: _Orders, shop: Shop) -> float:
    """Measure bursts of orders, each to its end; return how many a second went through."""
    bench = orders.bench
    cpu, rates, answers = [], [], []
    for _ in range(ROUNDS):
        requests = orders.market.orders(int(BURST * bench.seconds))
        before, began = shop.process.cpu(), time.monotonic()
        answers.append(orders.place(shop, requests))
        require_good(answers[-1])
        bench.settled("the whole saga", shop)
        rates.append(len(requests) / (time.monotonic() - began))
        cpu.append((shop.process.cpu() - before) / len(requests))
    whole = merged(answers)
    bench.load(
        Load(
            work="order: the whole saga to CONFIRMED, label and message",
            cpu_ms=median(cpu) * 1000,
            cpu_target=SAGA_CPU,
            rate=median(rates),
            p50_ms=whole.latency(0.5) * 1000,
            p99_ms=whole.latency(0.99) * 1000,
        )
    )
    return median(rates)


def _steady(orders: _Orders, shop: Shop, rate: float) -> None:
    """Let orders come at a rate that the shop can do, and see that nothing piles up."""
    bench = orders.bench
    answers, most = _watched(
        orders, shop, f"order: {STEADY:.0%}", rate, STEADY_SECONDS * bench.seconds
    )
    seconds = bench.settled("80 % of capacity", shop)
    bench.figure("80 %: answers 5xx, or lost", answers.count(5) + answers.lost, most=0)
    bench.figure("80 %: most events waiting at a time", most)
    bench.figure("80 %: until all was delivered", seconds, "s", most=LONGEST_DELIVERY)


def _overload(orders: _Orders, shop: Shop, rate: float) -> None:
    """Let more orders come than the shop can do: it refuses some, and says when to come back."""
    bench = orders.bench
    seconds = max(LEAST_OVERLOAD, OVERLOAD_SECONDS * bench.seconds)
    answers, most = _watched(orders, shop, f"order: {OVERLOAD:.0%}", rate, seconds)
    refused = answers.statuses[503]
    bench.figure("150 %: refused with 503", refused, least=1)
    bench.figure("150 %: 503 without Retry-After", refused - answers.retry_after, most=0)
    bench.figure(
        "150 %: other answers 5xx, or lost", answers.count(5) - refused + answers.lost, most=0
    )
    bench.figure("150 %: most events waiting at a time", most)
    bench.figure("150 %: until all was delivered", bench.settled("150 % of capacity", shop), "s")


def _recovered(orders: _Orders, shop: Shop, rate: float) -> None:
    """See that nothing is refused once the rush is over."""
    seconds = orders.bench.seconds
    requests = orders.market.orders(_enough(rate, seconds))
    answers = orders.place(shop, requests, seconds=seconds, rate=rate)
    orders.bench.settled("after 150 %", shop)
    refused = sum(answers.statuses.values()) - answers.good + answers.lost
    orders.bench.figure("after 150 %: refused or lost", refused, most=0)


def _enough(rate: float, seconds: float) -> int:
    """Return a number of requests that random arrivals will not use up."""
    return int(1.1 * rate * seconds) + 100


def _plan(
    shop: Shop, requests: Requests, connections: int, seconds: float, rate: float | None
) -> Plan:
    return Plan(
        port=shop.port,
        requests=requests,
        connections=connections,
        seconds=seconds,
        rate=rate,
        once=True,
        keep=True,
    )


def _watched(
    orders: _Orders, shop: Shop, work: str, rate: float, seconds: float
) -> tuple[Answers, int]:
    """Let orders come, and look at the backlog once a second; return the answers and its peak."""
    requests = orders.market.orders(_enough(rate, seconds))
    plan = _plan(shop, requests, MANY_CONNECTIONS, seconds, rate)
    cpu = shop.process.cpu()
    under_way, most = orders.bench.generator.start(plan), 0
    while not under_way.done():
        most = max(most, backlog(shop.folder))
        time.sleep(1.0)
    answers = orders.take(under_way.result())
    orders.bench.load(
        Load(
            work=f"{work} of that, {rate:,.0f}/s for {seconds:.0f} s in an open loop",
            cpu_ms=(shop.process.cpu() - cpu) / max(1, answers.good) * 1000,
            rate=answers.rate,
            p50_ms=answers.latency(0.5) * 1000,
            p99_ms=answers.latency(0.99) * 1000,
        )
    )
    return answers, most

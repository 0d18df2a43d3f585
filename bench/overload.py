"""Overload: three times the peak comes, and checkout goes on as if nothing were.

A crowd of a hundred requests has two orders, six changes of a cart, two exports (batch), and ninety
looks around: half of them by guests, whom the edge's cache serves, half by customers who have
signed in, whom it does not. A closed loop shows how many such requests the shop can do; its peak
is 70 % of that. Then, in an open loop through the gateway, the peak comes for a while, and three
times the peak. Orders come from a generator of their own, so that they are counted apart.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from bench.kit.load import Answers, Generator, Plan
from bench.kit.market import Market, order_ids
from bench.kit.measure import Bench, require_good
from bench.kit.report import Load
from bench.kit.shop import Shop, request

PEAK = 0.7
TIMES = 3
ORDERS, CARTS, EXPORTS = 2, 6, 2
CROWD = 100
"""Of so many requests."""
LEAST_GOODPUT, MOST_SLOWER = 0.9, 2.0
SECONDS = 4
"""Times as long as other works are measured: a load has to stand for a while to be one."""
MOST_A_SECOND = 4_000
ORDER_CONNECTIONS, CROWD_CONNECTIONS = 64, 400
FEW = 8
"""So many that the shop always has something to do, and nobody waits for long."""
WORDS = "dog cat puppy kitten food litter treat toy bed bowl leash salmon chicken grain".split()
SEED = 11


class _Crowd:
    """Customers and guests, and what they ask for beside their orders."""

    def __init__(self, shop: Shop, market: Market) -> None:
        self._chance = random.Random(SEED)  # noqa: S311 - the same crowd in every run
        self._buyers = market.buyers
        self._products = [product["id"] for product in shop.products(50)]
        self._carts = [shop.write("POST", "/api/carts", {})["id"] for _ in range(256)]

    def requests(self, crowds: int) -> list[bytes]:
        """Return what so many crowds ask for, in the order in which they do."""
        return [made for _ in range(crowds) for made in self._one()]

    def _one(self) -> list[bytes]:
        chance = self._chance
        looks = CROWD - ORDERS - CARTS - EXPORTS
        found = [self._look(signed_in=number % 2 == 0) for number in range(looks)]
        found += [self._cart() for _ in range(CARTS)]
        found += [self._export() for _ in range(EXPORTS)]
        chance.shuffle(found)
        return found

    def _look(self, *, signed_in: bool) -> bytes:
        token = self._chance.choice(self._buyers).token if signed_in else None
        product = self._chance.choice(self._products)
        path = self._chance.choice(
            (
                f"/api/products/{product}",
                f"/api/products/{product}",
                f"/api/products/{product}/reviews",
                f"/api/recommendations/products/{product}",
                f"/api/products/search?q={'+'.join(self._chance.sample(WORDS, 2))}",
                f"/api/products/search?q={self._chance.choice(WORDS)}&sort=price",
            )
        )
        return request("GET", path, token=token)

    def _cart(self) -> bytes:
        cart, product = self._chance.choice(self._carts), self._chance.choice(self._products)
        body = {"quantity": self._chance.randrange(1, 5)}
        return request("PUT", f"/api/carts/{cart}/items/{product}", body)

    def _export(self) -> bytes:
        buyer = self._chance.choice(self._buyers)
        return request("GET", f"/api/customers/{buyer.id}/export", token=buyer.token)


class _Rush:
    """A shop, its market and its crowd, and the orders that it was told it has placed."""

    def __init__(self, bench: Bench, shop: Shop) -> None:
        self.bench, self.shop = bench, shop
        self.market = Market(shop)
        self.crowd = _Crowd(shop, self.market)
        self.acknowledged: list[str] = []

    def capacity(self) -> float:
        """Return how many requests of the mix the shop answers a second, when all may wait."""
        crowds = int(MOST_A_SECOND * self.bench.seconds / CROWD)
        others = self.crowd.requests(crowds)
        orders = self.market.orders(crowds * ORDERS)
        share = len(others) // len(orders)
        mixed: list[bytes] = []
        for number, order in enumerate(orders):
            mixed += [*others[number * share : (number + 1) * share], order]
        plan = Plan(
            port=self.shop.port,
            requests=mixed,
            connections=FEW,
            seconds=self.bench.seconds,
            once=True,
            keep=True,
        )
        answers = self.bench.generator.run(plan)
        self.acknowledged += order_ids(answers)
        require_good(answers)
        self.bench.figure("mixed requests a second, in a closed loop", answers.rate)
        self.bench.settled("capacity", self.shop)
        return answers.rate

    def come(self, work: str, rate: float) -> tuple[Answers, Answers]:
        """Let orders and everything else come at ``rate`` in all; return what both were told."""
        seconds = SECONDS * self.bench.seconds
        of_orders = rate * ORDERS / CROWD
        orders = self.market.orders(int(1.2 * of_orders * seconds) + 100)
        cpu = self.shop.process.cpu()
        with Generator() as beside:
            crowd = beside.start(
                self._plan(
                    self.crowd.requests(60),
                    CROWD_CONNECTIONS,
                    seconds,
                    rate - of_orders,
                    once=False,
                )
            )
            placed = self.bench.generator.run(
                self._plan(orders, ORDER_CONNECTIONS, seconds, of_orders, once=True)
            )
            others = crowd.result()
        self.acknowledged += order_ids(placed)
        self._tell(work, placed, others, self.shop.process.cpu() - cpu)
        self.bench.settled(work, self.shop)
        return placed, others

    def _plan(
        self,
        requests: Sequence[bytes],
        connections: int,
        seconds: float,
        rate: float,
        *,
        once: bool,
    ) -> Plan:
        return Plan(
            port=self.shop.port,
            requests=requests,
            connections=connections,
            seconds=seconds,
            rate=rate,
            once=once,
            keep=once,
        )

    def _tell(self, work: str, placed: Answers, others: Answers, cpu: float) -> None:
        for name, answers in (("orders", placed), ("the others", others)):
            print(f"  {work}: {name}: {dict(answers.statuses)}, {answers.lost} lost", flush=True)
            self.bench.load(
                Load(
                    work=f"{work}: {name}, {_asked(answers) / answers.seconds:,.0f}/s come",
                    cpu_ms=cpu / max(1, placed.good + others.good) * 1000,
                    rate=answers.rate,
                    p50_ms=answers.latency(0.5) * 1000,
                    p99_ms=answers.latency(0.99) * 1000,
                )
            )


def run(bench: Bench) -> None:
    """Measure the peak, and three times as much."""
    with bench.shop() as shop:
        rush = _Rush(bench, shop)
        peak = PEAK * rush.capacity()
        usual, looked = rush.come("the peak", peak)
        bench.figure("the peak: the others answered well", looked.good / _asked(looked))
        placed, others = rush.come(f"{TIMES} times the peak", TIMES * peak)
        goodput = placed.good / _asked(placed)
        slower = placed.latency(0.99) / usual.latency(0.99)
        bench.figure("the peak: orders placed of those that came", usual.good / _asked(usual))
        bench.figure(f"{TIMES}x: orders placed of those that came", goodput, least=LEAST_GOODPUT)
        bench.figure(f"{TIMES}x: p99 of orders over the peak's", slower, most=MOST_SLOWER)
        bench.figure(f"{TIMES}x: the others answered well", others.good / _asked(others))
        refused = placed.statuses[503] + others.statuses[503]
        told = placed.retry_after + others.retry_after
        bench.figure(f"{TIMES}x: refused with 503", refused, least=1)
        bench.figure(f"{TIMES}x: 503 without Retry-After", max(0, refused - told), most=0)
        wrong = sum(each.count(5) - each.statuses[503] + each.lost for each in (placed, others))
        bench.figure(f"{TIMES}x: other answers 5xx, or lost", wrong, most=0)
        bench.audit("overload", shop.folder, rush.acknowledged)


def _asked(answers: Answers) -> int:
    return sum(answers.statuses.values()) + answers.lost

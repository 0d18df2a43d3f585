"""Recommendation: ranking quality on real orders, time of look-ups, cost of building the model.

::

    python -m bench.recommendation           # a minute and a half; writes bench/results/
    python -m bench.recommendation --quick   # quality alone, nothing written

Quality is measured leave-last-basket-out on UCI Online Retail: one invoice is one basket, products
in fewer than 5 invoices are left out, and the last basket of each customer who has two or more is
predicted from all other baskets. "novel" ranks and expects only products that the customer had not
bought; "buy again" ranks everything. NDCG@10 has its ideal over min(10, size of the basket).
The whole way is measured: purchase import, store, model process, profile from the store.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, thread_time
from typing import Any

import numpy as np

from bench.online_retail import Invoice, read_invoices
from kibble.kernel.ids import CustomerId, OrderId, ProductId
from kibble.kernel.money import Money
from kibble.platform.clock import SystemClock, Uuid7Ids, system_randomness
from kibble.platform.engines.sqlite import Database, Durability, migrate
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.persistence.changes import Changes
from kibble.services.recommendation import adapters
from kibble.services.recommendation.adapters.in_loop import InLoopModelMaker
from kibble.services.recommendation.adapters.process import ProcessModelMaker
from kibble.services.recommendation.adapters.sqlite import SqliteGraph
from kibble.services.recommendation.client import RecommendationClient
from kibble.services.recommendation.model import (
    Card,
    ItemModel,
    Pick,
    ProductNumber,
    PurchasedLine,
    Tuning,
)
from kibble.services.recommendation.service import (
    ModelKeeper,
    RecommendationService,
    Recorder,
    RefreshPolicy,
    SuggestionKind,
)

RESULTS = Path(__file__).parent / "results" / "recommendation.json"
BARS = {"novel ndcg@10": 0.080, "novel recall@20": 0.101, "buy again ndcg@10": 0.26}
MOST_MICROSECONDS = 2_000
FEWEST_INVOICES = 5
IMPORT_BATCH = 5_000
LARGE_PRODUCTS = 92_331
LARGE_LINES = 541_909
DISCOUNTS = 1.0 / np.log2(np.arange(2, 102))

Figures = dict[str, float]


class NoCatalogue:
    """Knows of no product but those that were told."""

    async def names(self, product_ids: Sequence[ProductId]) -> dict[ProductId, str]:
        """Return nothing."""
        del product_ids
        return {}


class Shop:
    """Recommendation over a store in a folder, without HTTP and bus."""

    def __init__(self, folder: Path, tuning: Tuning, *, in_loop: bool = False) -> None:
        clock = SystemClock()
        database = Database(folder / "recommendation.db", Durability.NORMAL)
        migrate(database, adapters.__name__)
        ids = Uuid7Ids(clock, system_randomness())
        self.graph = SqliteGraph(database, EnvelopeMaker("recommendation", clock, ids))
        maker = InLoopModelMaker(tuning) if in_loop else ProcessModelMaker(tuning)
        self.keeper = ModelKeeper(self.graph, maker, clock, RefreshPolicy())
        recorder = Recorder(self.graph, NoCatalogue(), self.keeper, clock)
        self.service = RecommendationService(self.graph, NoCatalogue(), self.keeper)
        self.client = RecommendationClient(recorder, self.keeper, self.graph)

    async def sell(self, products: Iterable[str]) -> None:
        """Put products on sale."""
        changes = Changes()
        for code in products:
            changes.save(Card(ProductId(code), code, "all", Money(100)))
        await self.graph.commit(changes)

    async def record(self, invoices: Iterable[Invoice]) -> int:
        """Import orders; return the number of lines."""
        lines = [line for invoice in invoices for line in _lines(invoice)]
        for start in range(0, len(lines), IMPORT_BATCH):
            await self.client.import_purchases(lines[start : start + IMPORT_BATCH])
        return len(lines)


def _lines(invoice: Invoice) -> Iterator[PurchasedLine]:
    order, customer = OrderId(invoice.number), CustomerId(invoice.customer)
    for code, quantity in invoice.quantities.items():
        yield PurchasedLine(order, customer, ProductId(code), quantity, invoice.date)


def split() -> tuple[list[Invoice], dict[str, set[str]]]:
    """Return the invoices to learn from, and the basket to predict of each customer."""
    invoices = list(read_invoices())
    seen = Counter(code for invoice in invoices for code in invoice.quantities)
    by_customer: dict[str, list[Invoice]] = {}
    for invoice in invoices:
        kept = {c: n for c, n in invoice.quantities.items() if seen[c] >= FEWEST_INVOICES}
        if kept:
            by_customer.setdefault(invoice.customer, []).append(invoice._replace(quantities=kept))
    truths = {
        customer: set(baskets.pop().quantities)
        for customer, baskets in sorted(by_customer.items())
        if len(baskets) > 1
    }
    return [invoice for baskets in by_customer.values() for invoice in baskets], truths


def ndcg(ranked: Sequence[object], truth: set[Any], depth: int) -> float:
    """Return the normalized discounted cumulative gain of the first ``depth``; gains are 0 or 1."""
    gains = [DISCOUNTS[place] for place, one in enumerate(ranked[:depth]) if one in truth]
    return float(sum(gains) / DISCOUNTS[: min(depth, len(truth))].sum())


def recall(ranked: Sequence[object], truth: set[Any], depth: int) -> float:
    """Return which share of ``truth`` is among the first ``depth``."""
    return len(truth.intersection(ranked[:depth])) / len(truth)


async def measure_quality(shop: Shop, model: ItemModel, truths: dict[str, set[str]]) -> Figures:
    """Return the mean quality of both kinds of ranking over all customers with a truth."""
    numbers = await _numbers(shop, truths.values())
    novel, again = [], []
    for customer, codes in truths.items():
        profile = await shop.graph.profile(CustomerId(customer))
        truth = {numbers[code] for code in codes}
        again.append(_scores(model.buy_again(profile, 20), truth))
        if unseen := truth - profile.bought.keys():
            novel.append(_scores(model.discover(profile, 20), unseen))
    return {
        "novel customers": len(novel),
        "novel ndcg@10": _mean(novel, 0),
        "novel recall@20": _mean(novel, 1),
        "buy again customers": len(again),
        "buy again ndcg@10": _mean(again, 0),
        "buy again recall@20": _mean(again, 1),
    }


async def _numbers(shop: Shop, baskets: Iterable[set[str]]) -> dict[str, ProductNumber]:
    numbers = {}
    for code in set().union(*baskets):
        card = await shop.graph.card(ProductId(code))
        assert card is not None
        assert card.number is not None
        numbers[code] = card.number
    return numbers


def _scores(picks: Sequence[Pick], truth: set[ProductNumber]) -> tuple[float, float]:
    ranked = [pick.product for pick in picks]
    return ndcg(ranked, truth, 10), recall(ranked, truth, 20)


def _mean(scores: Sequence[tuple[float, float]], column: int) -> float:
    return round(float(np.mean([score[column] for score in scores])), 4)


async def measure_look_ups(
    shop: Shop, customers: Sequence[str], products: Sequence[str]
) -> dict[str, Figures]:
    """Return the time of look-ups: in the model alone, and of use cases with the store."""
    model = shop.keeper.model
    profiles = [await shop.graph.profile(CustomerId(customer)) for customer in customers]
    numbers, indexes = model.products.tolist(), range(len(model.products))
    beside, own = Watch(), Watch()
    for code in products:
        with beside:
            await shop.service.for_product(ProductId(code), 20)
    for customer in customers:
        with own:
            await shop.service.for_customer(CustomerId(customer), SuggestionKind.DISCOVER, 20)
    return {
        "neighbours of a product": _timed(lambda n: model.together.near(n, 20), indexes),
        "product in the model": _timed(lambda n: model.related(n, 20), numbers),
        "customer in the model": _timed(lambda p: model.discover(p, 20), profiles),
        "buy again in the model": _timed(lambda p: model.buy_again(p, 20), profiles),
        "product use case": beside.figures(),
        "customer use case": own.figures(),
    }


class Watch:
    """Times look-ups, which never wait: by the clock, and by the CPU that they took.

    The two differ by what other programs on the machine take away.
    """

    def __init__(self) -> None:
        self._clock: list[float] = []
        self._cpu: list[float] = []

    def __enter__(self) -> None:
        """Start one measurement."""
        self._started = perf_counter(), thread_time()

    def __exit__(self, *_: object) -> None:
        """Keep one measurement."""
        clock, cpu = self._started
        self._cpu.append(thread_time() - cpu)
        self._clock.append(perf_counter() - clock)

    def figures(self) -> Figures:
        """Return percentiles in microseconds."""
        return {
            f"{name} p{percent} us": round(float(np.percentile(seconds, percent)) * 1e6, 1)
            for name, seconds in (("clock", self._clock), ("cpu", self._cpu))
            for percent in (50, 99, 100)
        }


def _timed(look_up: Callable[[Any], object], questions: Iterable[Any]) -> Figures:
    watch = Watch()
    for question in questions:
        with watch:
            look_up(question)
    return watch.figures()


def large_orders() -> tuple[list[str], list[Invoice]]:
    """Return 92,331 products and orders with 541,909 lines over them, made up from one seed.

    Popularity falls as 1 / (rank + 100); each customer keeps to one of 300 ranges of products half
    of the time.
    """
    random = np.random.default_rng(20_101_201)
    codes = [f"product-{number:06}" for number in range(LARGE_PRODUCTS)]
    weights = 1.0 / (np.arange(LARGE_PRODUCTS) + 100.0)
    popular = random.choice(LARGE_PRODUCTS, LARGE_LINES, p=weights / weights.sum())
    orders = np.sort(random.integers(0, 26_000, LARGE_LINES))
    customers = random.integers(0, 8_000, 26_000)
    home = (customers % 300)[orders] * 307 + random.integers(0, 307, LARGE_LINES)
    chosen = np.where(random.random(LARGE_LINES) < 0.5, popular, home)
    start = next(read_invoices()).date
    invoices: list[Invoice] = []
    for order, product in zip(orders.tolist(), chosen.tolist(), strict=True):
        if not invoices or invoices[-1].number != f"order-{order}":
            date = start + timedelta(minutes=20 * order)
            invoices.append(Invoice(f"order-{order}", f"customer-{customers[order]}", date, {}))
        invoices[-1].quantities[codes[product]] = 1
    return codes, invoices


async def measure_building(
    folder: Path, products: Sequence[str], invoices: Sequence[Invoice], tuning: Tuning
) -> tuple[Shop, Figures]:
    """Return a shop with its model built in a process, and what that took."""
    shop = Shop(folder, tuning)
    await shop.sell(products)
    before = _memory(resource.RUSAGE_SELF)
    started = perf_counter()
    lines = await shop.record(invoices)
    recorded = perf_counter()
    cpu = _cpu()
    built = await shop.client.refresh()
    figures = {
        "lines": lines,
        "import lines/s": round(lines / (recorded - started)),
        "products in the model": built,
        "build seconds": round(perf_counter() - recorded, 2),
        "build cpu seconds": round(_cpu() - cpu, 2),
        "longest stop of the loop ms": round(1000 * await _longest_stop(shop), 1),
        "model MB": round(_size(shop.keeper.model) / 1e6, 1),
        "memory added MB": round(_memory(resource.RUSAGE_SELF) - before, 1),
        "builder's peak memory MB": round(_memory(resource.RUSAGE_CHILDREN), 1),
    }
    return shop, figures


async def _longest_stop(shop: Shop) -> float:
    """Build again, and return how many seconds of CPU the loop was kept for without a break."""
    building = asyncio.ensure_future(shop.client.refresh())
    longest, last = 0.0, thread_time()
    while not building.done():
        await asyncio.sleep(0.001)
        now = thread_time()
        longest, last = max(longest, now - last), now
    return longest


def _size(model: ItemModel) -> int:
    return sum(array.nbytes for array in model.arrays().values())


def _memory(who: int) -> float:
    return resource.getrusage(who).ru_maxrss / 1024


def _cpu() -> float:
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(used.ru_utime + used.ru_stime for used in both)


async def measure(*, quick: bool) -> dict[str, Any]:
    """Return all figures."""
    invoices, truths = split()
    products = sorted({code for invoice in invoices for code in invoice.quantities})
    with TemporaryDirectory() as folder:
        shop, building = await measure_building(Path(folder), products, invoices, Tuning())
        figures: dict[str, Any] = {
            "quality EASE^R": await measure_quality(shop, shop.keeper.model, truths)
        }
        walk = replace(Tuning(), dense_products=0)
        sparse = ModelKeeper(shop.graph, InLoopModelMaker(walk), SystemClock(), RefreshPolicy())
        figures["quality RP3beta"] = await measure_quality(shop, await sparse.refresh(), truths)
        if quick:
            return figures
        figures["look-ups"] = await measure_look_ups(shop, list(truths), products)
        figures["building"] = building
        shop.graph.close()
    with TemporaryDirectory() as folder:
        codes, orders = large_orders()
        shop, building = await measure_building(Path(folder), codes, orders, Tuning())
        figures["building, 92k products"] = building
        customers = sorted({order.customer for order in orders})[:2_000]
        figures["look-ups, 92k products"] = await measure_look_ups(shop, customers, codes[:2_000])
        shop.graph.close()
    return figures


def check(figures: dict[str, Any]) -> list[str]:
    """Return which bars are missed."""
    missed = [
        f"{model}: {name} is {figures[model][name]}, below {bar}"
        for model in ("quality EASE^R", "quality RP3beta")
        for name, bar in BARS.items()
        if figures[model][name] < bar
    ]
    slow = [
        f"{group}: {name} takes {row['cpu p99 us']} us of CPU at p99"
        for group in ("look-ups", "look-ups, 92k products")
        for name, row in figures.get(group, {}).items()
        if row["cpu p99 us"] > MOST_MICROSECONDS
    ]
    return missed + slow


def main(arguments: Sequence[str]) -> int:
    """Measure, print and keep the figures; 1 when a bar is missed."""
    quick = "--quick" in arguments
    figures = asyncio.run(measure(quick=quick))
    text = json.dumps(figures, indent=2)
    print(text)
    if not quick:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(text + "\n")
    for problem in check(figures):
        print(problem)
    return 1 if check(figures) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

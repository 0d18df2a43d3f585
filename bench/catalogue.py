"""92,331 products: importing them, starting with them, memory, and search over HTTP.

The feed is ``bench/data/complete-journey.csv.gz``. Queries are 2 to 4 words of a product's name
and category, its category, and a range of prices around its own: all different, and each round has
its own, so that no answer can be kept from an earlier one. ``bench/search.py`` measures the index
without HTTP.
"""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from bench.kit.load import Plan
from bench.kit.measure import CONNECTIONS, ROUNDS, Bench, Targets, require_good
from bench.kit.process import Process, cpu_of_ended
from bench.kit.report import Load
from bench.kit.shop import KIBBLE, Shop, request
from bench.search import DATA, SEED, Row, catalogue
from kibble.services.product.model.query_text import words_of

MEGABYTE = 1_000_000
IMPORT_CPU = 0.6
LOOK_SECONDS = 0.25
STARTS = 3
QUERIES_A_SECOND = 3_000
"""More than are answered: what a round does not get to is left."""
SEARCHING, COUNTING = Targets(cpu=0.4), Targets(cpu=0.7)


def run(bench: Bench) -> None:
    """Measure all of it on one data folder."""
    rows = list(catalogue())
    folder = _import(bench, len(rows))
    _start(bench, folder)
    with Shop(folder) as shop:
        a_round = int(QUERIES_A_SECOND * bench.seconds / ROUNDS)
        _search(bench, shop, Questions(queries(rows, len(rows) // 3), a_round))


def _import(bench: Bench, products: int) -> Path:
    """Run ``kibble import`` into an empty folder; return that."""
    folder, feed = bench.folder / "shop", bench.folder / DATA.name
    shutil.copy(DATA, feed)
    began, cpu, memory = time.monotonic(), cpu_of_ended(), []
    command = (*KIBBLE, "import", str(feed), "--data-dir", str(folder))
    with Process(command, bench.folder / "import.log") as process:
        while process.is_running():
            memory.append(process.memory() / MEGABYTE)
            time.sleep(LOOK_SECONDS)
    seconds, cpu = time.monotonic() - began, cpu_of_ended() - cpu
    bench.load(
        Load(
            work=f"import of {products:,} products, index and consumers drained",
            cpu_ms=cpu / products * 1000,
            cpu_target=IMPORT_CPU,
            rate=products / seconds,
        )
    )
    bench.figure("import: peak memory", max(memory), "MB")
    bench.figure(
        "import: peak in its second half over that in its first", _growth(memory), most=1.1
    )
    return folder


def _growth(memory: Sequence[float]) -> float:
    half = len(memory) // 2
    return max(memory[half:]) / max(memory[:half])


def _start(bench: Bench, folder: Path) -> None:
    """Start the shop a few times."""
    seconds, memory = [], []
    for _ in range(STARTS):
        with Shop(folder) as shop:
            seconds.append(shop.seconds_to_ready)
            memory.append(shop.process.memory() / MEGABYTE)
    bench.figure("start to ready, 92k products", median(seconds), "s", most=3.0)
    bench.figure("memory when ready, 92k products", median(memory), "MB", most=350.0)


def queries(rows: Sequence[Row], count: int) -> list[str]:
    """Return query strings, all different."""
    chance = random.Random(SEED)  # noqa: S311 - the same in every run
    asked: dict[str, None] = {}
    for row in chance.sample(rows, min(len(rows), 3 * count)):
        category = row["category"].split(" > ")[-1]
        words = words_of(f"{row['name']} {category}")
        if len(words) < 2 or len(asked) == count:
            continue
        some = chance.sample(words, min(chance.randint(2, 4), len(words)))
        price = float(row["price"])
        terms = {
            "q": " ".join(some),
            "category": category,
            "priceMin": f"{price / 2:.2f}",
            "priceMax": f"{price * 2:.2f}",
        }
        asked[urlencode(terms)] = None
    return list(asked)


class Questions:
    """Query strings, handed out once each, so many at a time; from the first on when all were."""

    def __init__(self, asked: Sequence[str], a_round: int) -> None:
        self._asked = asked
        self._a_round = a_round
        self._next = 0

    def searches(self) -> list[bytes]:
        """Return the next searches."""
        return [request("GET", f"/api/products/search?{query}&limit=20") for query in self._take()]

    def counts(self) -> list[bytes]:
        """Return the next requests for facets."""
        return [request("GET", f"/api/products/search/facets?{query}") for query in self._take()]

    def _take(self) -> Sequence[str]:
        if self._next + self._a_round > len(self._asked):
            self._next = 0
        start, self._next = self._next, self._next + self._a_round
        return self._asked[start : self._next]


def _search(bench: Bench, shop: Shop, questions: Questions) -> None:
    """Measure searches and counts, searches at half load, and the memory after all that."""
    bench.measure("search, 20 hits of 92k products", shop, questions.searches, SEARCHING)
    rate = bench.loads[-1].rate / 2
    bench.measure("facets of such a search", shop, questions.counts, COUNTING)
    cpu = shop.process.cpu()
    plan = Plan(
        port=shop.port,
        requests=questions.searches(),
        connections=CONNECTIONS,
        seconds=bench.seconds,
        rate=rate,
    )
    answers = bench.generator.run(plan)
    require_good(answers)
    bench.load(
        Load(
            work="search at half load, open loop",
            cpu_ms=(shop.process.cpu() - cpu) / answers.good * 1000,
            rate=answers.rate,
            p50_ms=answers.latency(0.5) * 1000,
            p99_ms=answers.latency(0.99) * 1000,
        )
    )
    bench.figure("search at half load: p50", answers.latency(0.5) * 1000, "ms", most=5.0)
    bench.figure("memory after searching", shop.process.memory() / MEGABYTE, "MB", most=350.0)

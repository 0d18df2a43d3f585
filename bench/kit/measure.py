"""Measuring one kind of request: CPU per operation, rate and latency, beside the raw reference."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median
from typing import NamedTuple

import msgspec

from bench.kit.audit import audit, reconcile, settle
from bench.kit.load import Answers, Generator, Plan, merged
from bench.kit.process import Process, free_port
from bench.kit.report import Figure, Load
from bench.kit.shop import RUN, Shop, exchange
from bench.reference import Answer

CONNECTIONS = 32
ROUNDS = 3
REFERENCE_SHARE = 0.1
"""Of a workload's seconds: before each round, and after it."""
FROM_THE_SERVER = {"date", "connection"}

Requests = Sequence[bytes]


class Targets(NamedTuple):
    """The most CPU in ms an operation, and the least share of the reference's rate."""

    cpu: float | None = None
    ratio: float | None = None


class Failed(AssertionError):
    """A workload went wrong in a way that makes its figures worthless."""


@dataclass(frozen=True)
class _Round:
    """One round: the reference's rate around it, CPU in seconds, and the answers."""

    reference: float
    cpu: float
    answers: Answers


@dataclass
class Bench:
    """A run: a folder for its files, the load generator, and how many seconds each work gets.

    ``demo`` returns the data folder of a fresh demo shop that nobody runs on. Workloads add what
    they measured; ``findings`` are what the audits found.
    """

    folder: Path
    demo: Callable[[], Path]
    generator: Generator
    seconds: float
    loads: list[Load] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)

    def shop(self, command: Sequence[str] = RUN) -> Shop:
        """Start a demo shop of this run's own."""
        folder = self.folder / "shop"
        shutil.copytree(self.demo(), folder)
        return Shop(folder, command=command)

    def load(self, load: Load) -> None:
        """Add what a kind of request costs, and show it."""
        self.loads.append(load)
        print(
            f"  {load.work}: {load.cpu_ms:.3f} ms of CPU, {load.rate:,.0f}/s"
            + (f", p50 {load.p50_ms:.1f} ms, p99 {load.p99_ms:.1f} ms" if load.p50_ms else "")
            + (f", {load.ratio:.2f} of the reference" if load.ratio else "")
            + ("" if load.met else "  MISSED"),
            flush=True,
        )

    def figure(
        self,
        name: str,
        value: float,
        unit: str = "",
        *,
        most: float | None = None,
        least: float | None = None,
    ) -> None:
        """Add another figure, and show it."""
        figure = Figure(name, value, unit, most, least)
        self.figures.append(figure)
        print(f"  {name}: {value:,.4g} {unit}{'' if figure.met else '  MISSED'}", flush=True)

    def measure(
        self,
        work: str,
        shop: Shop,
        requests: Callable[[], Requests],
        targets: Targets,
        *,
        once: bool = False,
    ) -> Answers:
        """Measure in three rounds with the reference around each; add the medians.

        ``requests`` makes those of one round; each is sent at most once when ``once``. Returns
        all answers that the shop gave.
        """
        first, *others = requests()
        sample, answer = ask(shop.port, first)
        with self._reference(answer) as port:
            warm = self.generator.run(_plan(shop.port, others, 0.1 * self.seconds, once=once))
            rounds = [self._round(shop, port, requests(), once=once) for _ in range(ROUNDS)]
        answers = merged([one.answers for one in rounds])
        self.load(
            Load(
                work=work,
                cpu_ms=median(one.cpu / one.answers.good for one in rounds) * 1000,
                rate=median(one.answers.rate for one in rounds),
                p50_ms=answers.latency(0.50) * 1000,
                p99_ms=answers.latency(0.99) * 1000,
                reference_rate=median(one.reference for one in rounds),
                ratio=median(one.answers.rate / one.reference for one in rounds),
                cpu_target=targets.cpu,
                ratio_target=targets.ratio,
                generator_ms=answers.cpu / answers.good * 1000,
            )
        )
        return merged([sample, warm, answers])

    def _round(self, shop: Shop, reference: int, requests: Requests, *, once: bool) -> _Round:
        short = _plan(reference, requests[:100], REFERENCE_SHARE * self.seconds, once=False)
        before = self.generator.run(short).rate
        cpu = shop.process.cpu()
        plan = _plan(shop.port, requests, self.seconds / ROUNDS, once=once)
        answers = self.generator.run(plan)
        cpu = shop.process.cpu() - cpu
        require_good(answers)
        return _Round(mean([before, self.generator.run(short).rate]), cpu, answers)

    @contextmanager
    def _reference(self, answer: Answer) -> Iterator[int]:
        """Run the raw reference, and give its port."""
        file, port = self.folder / "answer.json", free_port()
        file.write_bytes(msgspec.json.encode(answer))
        command = (sys.executable, "-m", "bench.reference", str(port), str(file))
        with Process(command, self.folder / "reference.log") as process:
            process.wait_for_port(port)
            yield port

    def settled(self, work: str, shop: Shop, seconds: float = 300.0) -> float:
        """Wait until the shop is settled; return how long that took."""
        print(f"  {work}: waiting until all is delivered", flush=True)
        return settle(shop.folder, seconds, shop.process.require_alive)

    def audit(self, work: str, folder: Path, acknowledged: Sequence[str] | None = None) -> None:
        """Audit the books of a settled shop, and add how much was wrong."""
        found = [*audit(folder, acknowledged), *reconcile(folder)]
        self.findings += [f"{work}: {finding}" for finding in found]
        for finding in found:
            print(f"  AUDIT: {finding}", flush=True)
        self.figure(f"{work}: what the audit found", len(found), most=0)


def _plan(port: int, requests: Requests, seconds: float, *, once: bool) -> Plan:
    return Plan(
        port=port,
        requests=requests,
        connections=CONNECTIONS,
        seconds=seconds,
        once=once,
        keep=once,
    )


def ask(port: int, wire: bytes) -> tuple[Answers, Answer]:
    """Make one request; return it as counted, and as the reference is to answer."""
    response, body = exchange(port, wire)
    counted = Answers(bodies=[(response.status, body)])
    counted.statuses[response.status] += 1
    require_good(counted)
    headers = [
        (name.lower(), value)
        for name, value in response.getheaders()
        if name.lower() not in FROM_THE_SERVER
    ]
    return counted, Answer(response.status, headers, body)


def require_good(answers: Answers) -> None:
    """Raise ``Failed`` unless all requests got what they asked for."""
    if answers.lost or answers.good != sum(answers.statuses.values()):
        bad = [body[:200] for status, body in answers.bodies if not 200 <= status < 300][:1]
        raise Failed(f"{dict(answers.statuses)}, {answers.lost} lost {bad}")


def default_seconds() -> float:
    """Return ``BENCH_SECONDS``: how long each work is measured."""
    return float(os.environ.get("BENCH_SECONDS", "6"))

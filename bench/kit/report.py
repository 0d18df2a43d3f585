"""Results: a JSON file a workload, and one Markdown table of them all."""

from __future__ import annotations

import os
import platform
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from bench.recommendation import BARS, MOST_MICROSECONDS

PROJECT = Path(__file__).parents[2]
RESULTS = PROJECT / "bench" / "results"
PAGE = RESULTS / "README.md"
SYNCS = 20


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What a kind of request costs; the targets are None where there is none.

    ``generator_ms`` is the load generator's own CPU a request, to see that it was not the limit.
    """

    work: str
    cpu_ms: float
    rate: float
    p50_ms: float | None = None
    p99_ms: float | None = None
    reference_rate: float | None = None
    ratio: float | None = None
    cpu_target: float | None = None
    ratio_target: float | None = None
    generator_ms: float = 0.0

    @property
    def met(self) -> bool:
        """Tell whether the targets are met."""
        cheap = self.cpu_target is None or self.cpu_ms <= self.cpu_target
        quick = self.ratio_target is None or (self.ratio or 0.0) >= self.ratio_target
        return cheap and quick


class Figure(msgspec.Struct, frozen=True):
    """Any other figure, and the most or least that it should be."""

    name: str
    value: float
    unit: str
    most: float | None = None
    least: float | None = None

    @property
    def met(self) -> bool:
        """Tell whether the target is met."""
        low = self.least is None or self.value >= self.least
        return low and (self.most is None or self.value <= self.most)


class Conditions(msgspec.Struct, frozen=True):
    """Where and when something was measured."""

    machine: str
    disk: str
    python: str
    commit: str
    date: str
    load_average: str


class Result(msgspec.Struct, frozen=True):
    """All figures of one workload."""

    workload: str
    conditions: Conditions
    loads: list[Load]
    figures: list[Figure]
    findings: list[str]


def conditions() -> Conditions:
    """Return what the figures depend on."""
    optimised = "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or "")
    build = "optimised build" if optimised else "not optimised"
    return Conditions(
        machine=f"{_cpu_model()}, {os.cpu_count()} cores, Linux {platform.release()}",
        disk=f"fdatasync {_sync_seconds() * 1000:.1f} ms",
        python=f"{platform.python_implementation()} {platform.python_version()}, {build}",
        commit=_commit(),
        date=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        load_average=f"{os.getloadavg()[0]:.1f}",
    )


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _sync_seconds() -> float:
    """Return what it takes to have a page on the disk: the durable workloads wait for that."""
    with tempfile.TemporaryFile() as file:
        began = time.perf_counter()
        for _ in range(SYNCS):
            file.write(bytes(4096))
            file.flush()
            os.fdatasync(file.fileno())
        return (time.perf_counter() - began) / SYNCS


def _commit() -> str:
    commit = _git("rev-parse", "--short", "HEAD")
    changed = _git("status", "--porcelain", "--", "src")
    return f"{commit}, with changes in src" if changed else commit


def _git(*words: str) -> str:
    done = subprocess.run(  # noqa: S603 - fixed words
        ["git", *words],  # noqa: S607 - whichever git there is
        cwd=PROJECT,
        capture_output=True,
        check=False,
        text=True,
    )
    return done.stdout.strip()


def keep(result: Result) -> None:
    """Write a workload's JSON file."""
    RESULTS.mkdir(exist_ok=True)
    raw = msgspec.json.format(msgspec.json.encode(result), indent=2)
    (RESULTS / f"{result.workload}.json").write_bytes(raw + b"\n")


def write_page(workloads: Iterable[str]) -> None:
    """Write the Markdown page of the results that are kept."""
    files = [RESULTS / f"{name}.json" for name in workloads]
    found = [msgspec.json.decode(file.read_bytes(), type=Result) for file in files if file.exists()]
    PAGE.write_text("\n".join(page(found)) + "\n")


def page(results: Sequence[Result]) -> Iterator[str]:
    """Yield the lines of a Markdown page."""
    yield "# Results"
    yield ""
    yield "Written by `make bench`; [how they are measured](../../docs/benchmarks.md)."
    yield ""
    yield from load_table([load for result in results for load in result.loads])
    yield ""
    figures = [figure for result in results for figure in result.figures]
    yield from figure_table([*figures, *recommendation()])
    yield ""
    yield "## Measured under"
    yield ""
    yield "| workload | date | commit | load average | Python | machine | disk |"
    yield "|---|---|---|---|---|---|---|"
    for result in results:
        c = result.conditions
        cells = (result.workload, c.date, c.commit, c.load_average, c.python, c.machine, c.disk)
        yield "| " + " | ".join(cells) + " |"
    for result in results:
        for finding in result.findings:
            yield f"\n**{result.workload}**: {finding}"


def recommendation() -> Iterator[Figure]:
    """Yield what ``bench.recommendation`` found and kept: the ranking, and its slowest look-up."""
    file = RESULTS / "recommendation.json"
    if not file.exists():
        return
    kept = msgspec.json.decode(file.read_bytes())
    for model in ("EASE^R", "RP3beta"):
        for name, bar in BARS.items():
            value = kept[f"quality {model}"][name]
            yield Figure(f"recommendation, {model}: {name}", value, "", least=bar)
    for group in ("look-ups", "look-ups, 92k products"):
        slowest = max(row["cpu p99 us"] for row in kept[group].values())
        name = f"recommendation, {group}: the slowest kind, CPU at p99"
        yield Figure(name, slowest / 1000, "ms", most=MOST_MICROSECONDS / 1000)


def load_table(loads: Sequence[Load]) -> Iterator[str]:
    """Yield a table of what requests cost; what misses its target is marked."""
    yield "| work | CPU ms | target | rate /s | of the raw reference | target | p50 ms | p99 ms | |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for load in loads:
        ratio = "" if load.ratio is None else f"{load.ratio:.2f} of {load.reference_rate:,.0f}"
        cells = (
            load.work,
            f"{load.cpu_ms:.3f}",
            _target("<=", load.cpu_target),
            f"{load.rate:,.0f}",
            ratio,
            _target(">=", load.ratio_target),
            _milliseconds(load.p50_ms),
            _milliseconds(load.p99_ms),
            "" if load.met else "**missed**",
        )
        yield "| " + " | ".join(cells) + " |"


def figure_table(figures: Sequence[Figure]) -> Iterator[str]:
    """Yield a table of all other figures; what misses its target is marked."""
    yield "| figure | measured | target | |"
    yield "|---|---|---|---|"
    for figure in figures:
        target = _target("<=", figure.most) or _target(">=", figure.least)
        if figure.most is not None and figure.most == figure.least:
            target = f"{figure.most:g}"
        mark = "" if figure.met else "**missed**"
        yield f"| {figure.name} | {figure.value:,.4g} {figure.unit} | {target} | {mark} |"


def _milliseconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def _target(sign: str, value: float | None) -> str:
    return "" if value is None else f"{sign} {value:g}"

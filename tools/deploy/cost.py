"""``python -m tools.deploy.cost`` prints what Kibble costs a month on AWS, by line and in total.

How many of what a size has is read from the templates (``Sizes`` of ``databases.yaml`` and
``main.yaml``) and computed from the visits of docs/capacity.md; what one costs is in
``deploy/aws/prices.yml``, which is to be edited. ``--write`` puts the table into the README there.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from tools.deploy.capacity import CART_CHANGES, ORDERING, READS, SEARCHES
from tools.deploy.templates import FOLDER, mappings

PRICES = FOLDER / "prices.yml"
README = FOLDER / "README.md"
BEGIN, END = "<!-- cost: begin -->", "<!-- cost: end -->"
HOST, SMALL, LARGE = "one host", "small", "large"
USERS = {HOST: 10_000, SMALL: 10_000, LARGE: 100_000}
"""Daily users that each size is told for; one host is that of the small shop."""
VISIT_MB = 1.5
"""Pages and pictures of a visit, with what the browser keeps left out; assumed."""
LOG_KB = 0.5
"""Log lines a request; assumed: a line for one in two."""
EVENTS = 9
"""An order's events, each of which a consumer inserts and reads (docs/distributed.md)."""
FREE_OUT_GB = 100
MILLION = 1e6
Amounts = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is paid for: which price, and how many of it each size has."""

    what: str
    price: str
    amounts: Amounts


@dataclass(frozen=True, slots=True)
class Prices:
    """What AWS asks, by name, in USD a month for one."""

    region: str
    days: float
    monthly: Mapping[str, float]

    @classmethod
    def read(cls, path: Path = PRICES) -> Prices:
        """Read a list of prices; those of an hour are multiplied by the hours of a month."""
        told: dict[str, Any] = msgspec.yaml.decode(path.read_bytes())
        return cls(
            told["region"],
            told["days"],
            {
                name: one["usd"] * (told["hours"] if one["per"] == "hour" else 1)
                for name, one in told["prices"].items()
            },
        )


def lines(days: float) -> list[Line]:
    """Return all that is paid for."""
    return [*_machines(), *_engines(), *_by_use(days), *_around()]


def _both(small: float, large: float, host: float = 0.0) -> Amounts:
    return {HOST: host, SMALL: small, LARGE: large}


def _sized(what: str, sizes: Mapping[str, str], number: int, suffix: str = "") -> Iterator[Line]:
    """Yield a line for each size's own type of a machine."""
    for size, kind in sizes.items():
        amounts = {HOST: 0.0, SMALL: 0.0, LARGE: 0.0, size: float(number)}
        yield Line(f"{what}, {size}", kind + suffix, amounts)


def _machines() -> Iterator[Line]:
    sizes = mappings("main")["Sizes"]
    nodes = {size: int(sizes[size]["Min"]) for size in (SMALL, LARGE)}
    yield Line("the host", "t4g.small", _both(0, 0, host=1))
    for size, count in nodes.items():
        yield from _sized("nodes", {size: sizes[size]["Node"]}, count)
    yield Line("cluster", "eks", _both(1, 1))
    disks = _both(40 * nodes[SMALL] + 20, 40 * nodes[LARGE] + 100, host=30)
    yield Line("disks: of nodes, Neo4j", "gp3", disks)
    gateways = _both(*(int(sizes[size]["Gateways"]) for size in (SMALL, LARGE)))
    yield Line("NAT gateways", "nat gateway", gateways)
    yield Line("load balancer", "load balancer", _both(1, 1))
    yield Line("public addresses", "public address", _both(3, 4, host=1))


def _engines() -> Iterator[Line]:
    sizes = mappings("databases")["Sizes"]

    def kinds(engine: str) -> dict[str, str]:
        return {size: sizes[size][engine] for size in (SMALL, LARGE)}

    yield from _sized("PostgreSQL", kinds("Postgres"), 1, ", PostgreSQL, Multi-AZ")
    storage = _both(float(sizes[SMALL]["Storage"]), float(sizes[LARGE]["Storage"]))
    yield Line("its volume", "gp3, RDS, Multi-AZ", storage)
    yield from _sized("Redis", kinds("Cache"), 2)
    yield from _sized("search", kinds("Search"), 2)
    yield Line("search, masters", "t3.small.search", _both(3, 3))
    yield Line("search, volumes", "gp3, search", _both(2 * 40, 2 * 40))
    yield from _sized("Kafka", kinds("Kafka"), 2)
    yield Line("Kafka, volumes", "kafka storage", _both(200, 200))
    yield from _sized("MongoDB", kinds("Documents"), 2, ", DocumentDB")
    yield Line("MongoDB, data", "DocumentDB storage", _both(20, 100))


def _by_use(days: float) -> Iterator[Line]:
    """Yield what grows with the visits."""
    requests = READS + SEARCHES + CART_CHANGES + ORDERING

    def a_month(of_a_visit: float, *, host: bool = True) -> dict[str, float]:
        return {
            size: users * days * of_a_visit if host or size != HOST else 0.0
            for size, users in USERS.items()
        }

    out = {size: max(0.0, gb - FREE_OUT_GB) for size, gb in a_month(VISIT_MB / 1000).items()}
    yield Line("to the visitors", "data out", out)
    units = {size: gb / 730 for size, gb in a_month(VISIT_MB / 1000, host=False).items()}
    yield Line("load balancer, by its use (1 GB an hour)", "load balancer, LCU", units)
    asked = a_month(requests / MILLION, host=False)
    yield Line("firewall, requests", "firewall, requests", asked)
    yield Line("logs", "logs", a_month(requests * LOG_KB / 1e6, host=False))
    touched = a_month((ORDERING * EVENTS * 2 + 0.4 * READS) / MILLION, host=False)
    yield Line("MongoDB, reads and writes", "DocumentDB I/O", touched)
    stock = a_month(ORDERING * 4 * 2 / MILLION, host=False)
    yield Line("stock: four conditional writes an order", "Keyspaces writes", stock)
    sent = a_month(ORDERING * 4 / MILLION, host=False)
    yield Line("messages", "DynamoDB writes", sent)


def _around() -> Iterator[Line]:
    yield Line("pictures, backups", "S3", _both(50, 300, host=50))
    yield Line("pictures shared by pods", "EFS", _both(20, 20))
    yield Line("clicks", "kinesis, on demand", _both(1, 1))
    yield Line("NAT gateways, data", "nat gateway, data", _both(20, 100))
    yield Line("firewall", "firewall", _both(1, 1))
    yield Line("GuardDuty, flow logs", "guardduty, flow logs", _both(10, 100))
    yield Line("keys", "key", _both(2, 2, host=1))
    yield Line("secrets", "secret", _both(5, 5))
    yield Line("alarms", "alarm", _both(7, 7))


def totals(priced: list[Line], prices: Prices) -> dict[str, float]:
    """Return what each size costs a month, in USD; raises ``KeyError`` for what has no price."""
    return {
        size: sum(prices.monthly[line.price] * line.amounts[size] for line in priced)
        for size in USERS
    }


def table(priced: list[Line], prices: Prices) -> Iterator[str]:
    """Yield the lines of the table, in Markdown."""
    yield "| what | price | one host | small: 10,000 daily users | large: 100,000 |"
    yield "|---|---|---|---|---|"
    for line in priced:
        costs = (prices.monthly[line.price] * line.amounts[size] for size in USERS)
        yield f"| {line.what} | {line.price} | {' | '.join(map(_dollars, costs))} |"
    told = " | ".join(f"**{cost:,.0f}**" for cost in totals(priced, prices).values())
    yield f"| **a month, USD** | | {told} |"


def _dollars(cost: float) -> str:
    return "-" if not cost else f"{cost:,.2f}"


def page(text: str) -> str:
    """Return a page with the table in its place; raises ``ValueError`` if it has none."""
    before, _, rest = text.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError(f"the page has no place for the table: {BEGIN} ... {END}")
    prices = Prices.read()
    made = "\n".join(table(lines(prices.days), prices))
    return f"{before}{BEGIN}\n{made}\n{END}{after}"


def main() -> None:
    """Print the table, or write it into the README."""
    if "--write" in sys.argv[1:]:
        README.write_text(page(README.read_text()))
        return
    prices = Prices.read()
    print("\n".join(table(lines(prices.days), prices)))


if __name__ == "__main__":
    main()

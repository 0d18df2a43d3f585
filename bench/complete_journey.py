"""Build ``bench/data/complete-journey.csv.gz``: 92,331 real products with a price each.

The source names no prices. The shelf price of a product is the median of what its sampled
transactions paid a unit before discounts; without a transaction, the median of its commodity's
prices, else of its department's, else of all. ``price_source`` says which.

::

    python bench/complete_journey.py products.csv.gz transactions-sample.csv.gz
"""

from __future__ import annotations

import csv
import gzip
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from statistics import median

DATA = Path(__file__).parent / "data" / "complete-journey.csv.gz"
COLUMNS = (
    "product_id",
    "department",
    "brand",
    "commodity",
    "sub_commodity",
    "size",
    "price",
    "price_source",
)
CENT = Decimal("0.01")

Row = Mapping[str, str]


def read(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a gzipped CSV file by column name."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def unit_prices(transactions: Iterable[Row]) -> dict[str, Decimal]:
    """Return the median shelf price of each product that was sold, in dollars."""
    paid: dict[str, list[Decimal]] = defaultdict(list)
    for row in transactions:
        quantity = Decimal(row["quantity"])
        amount = sum(
            Decimal(row[column]) for column in ("sales_value", "retail_disc", "coupon_match_disc")
        )
        if quantity > 0 and amount > 0:
            paid[row["product_id"]].append(amount / quantity)
    return {product: cents(median(prices)) for product, prices in paid.items()}


def cents(amount: Decimal) -> Decimal:
    """Return ``amount`` rounded to cents, at least one."""
    return max(CENT, amount.quantize(CENT, ROUND_HALF_UP))


def medians(rows: Iterable[Row], prices: Mapping[str, Decimal], column: str) -> dict[str, Decimal]:
    """Return the median price of each value of ``column``, over the products that have a price."""
    groups: dict[str, list[Decimal]] = defaultdict(list)
    for row in rows:
        if row["product_id"] in prices:
            groups[row[column]].append(prices[row["product_id"]])
    return {name: cents(median(group)) for name, group in groups.items()}


def priced(rows: list[dict[str, str]], prices: dict[str, Decimal]) -> Iterator[tuple[str, ...]]:
    """Yield the rows of ``COLUMNS``."""
    commodities = medians(rows, prices, "product_category")
    commodities.pop("", None)
    departments = medians(rows, prices, "department")
    overall = cents(median(prices.values()))
    for row in rows:
        if (price := prices.get(row["product_id"])) is not None:
            source = "transactions"
        elif (price := commodities.get(row["product_category"])) is not None:
            source = "commodity"
        elif (price := departments.get(row["department"])) is not None:
            source = "department"
        else:
            price, source = overall, "all"
        yield (
            row["product_id"],
            row["department"],
            row["brand"],
            row["product_category"],
            row["product_type"],
            row["package_size"],
            str(price),
            source,
        )


def build(products: Path, transactions: Path, target: Path = DATA) -> int:
    """Write the file, byte for byte the same each time; return how many products it has."""
    rows = list(read(products))
    target.parent.mkdir(parents=True, exist_ok=True)
    with (
        target.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=9) as packed,
    ):
        lines = [COLUMNS, *priced(rows, unit_prices(read(transactions)))]
        packed.write("".join(_line(line) for line in lines).encode())
    return len(rows)


def _line(values: Iterable[str]) -> str:
    return (
        ",".join(
            f'"{value.replace(chr(34), chr(34) * 2)}"' if set(value) & set(',"\n') else value
            for value in values
        )
        + "\n"
    )


if __name__ == "__main__":
    print(build(Path(sys.argv[1]), Path(sys.argv[2])), "products")

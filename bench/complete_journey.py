"""Build ``bench/data/complete-journey.csv.gz``: 92,331 real products with a price each.

The prices alone go into Product's reader of that data's own file, which has none.

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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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
PRICES = Path("src/kibble/services/product/adapters/feeds/complete_journey_prices.csv.gz")
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


@dataclass(frozen=True)
class Prices:
    """The prices of products that were sold, and the medians for all others."""

    products: Mapping[str, Decimal]
    commodities: Mapping[str, Decimal]
    departments: Mapping[str, Decimal]
    overall: Decimal

    @classmethod
    def of(cls, rows: Sequence[Row], products: Mapping[str, Decimal]) -> Prices:
        """Return the prices of ``rows`` when those of ``products`` are known."""
        commodities = medians(rows, products, "product_category")
        commodities.pop("", None)
        departments = medians(rows, products, "department")
        return cls(products, commodities, departments, cents(median(products.values())))

    def of_row(self, row: Row) -> tuple[Decimal, str]:
        """Return a row's price, and where it is from."""
        if (price := self.products.get(row["product_id"])) is not None:
            return price, "transactions"
        if (price := self.commodities.get(row["product_category"])) is not None:
            return price, "commodity"
        if (price := self.departments.get(row["department"])) is not None:
            return price, "department"
        return self.overall, "all"

    def lines(self) -> Iterator[tuple[str, str, str]]:
        """Yield every price with its level and key."""
        yield "all", "", str(self.overall)
        levels = {
            "department": self.departments,
            "commodity": self.commodities,
            "product": self.products,
        }
        for level, prices in levels.items():
            for key, price in sorted(prices.items(), key=lambda item: (len(item[0]), item[0])):
                yield level, key, str(price)


def build(products: Path, transactions: Path) -> int:
    """Write both files, byte for byte the same each time; return how many products there are."""
    rows = list(read(products))
    prices = Prices.of(rows, unit_prices(read(transactions)))
    write(DATA, [COLUMNS, *(_priced(row, prices) for row in rows)])
    write(PRICES, prices.lines())
    return len(rows)


def _priced(row: Row, prices: Prices) -> tuple[str, ...]:
    price, source = prices.of_row(row)
    return (
        row["product_id"],
        row["department"],
        row["brand"],
        row["product_category"],
        row["product_type"],
        row["package_size"],
        str(price),
        source,
    )


def write(target: Path, lines: Iterable[Iterable[str]]) -> None:
    """Write a gzipped CSV file without the time in its header."""
    with (
        target.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=9) as packed,
    ):
        packed.write("".join(_line(line) for line in lines).encode())


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

"""Build and read ``bench/data/online-retail.csv.gz``: a year of real orders of a gift shop.

UCI Online Retail has 541,909 rows. Kept are those with a customer, a product's code (five digits
and up to two letters), a positive quantity and price, and no cancellation; the rows of a product
in one invoice are added up.

::

    python -m bench.online_retail online-retail.csv.gz
"""

from __future__ import annotations

import csv
import gzip
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import NamedTuple

DATA = Path(__file__).parent / "data" / "online-retail.csv.gz"
COLUMNS = ("invoice", "customer", "stockcode", "quantity", "date")
PRODUCT = re.compile(r"^\d{5}[A-Za-z]{0,2}$")


class Invoice(NamedTuple):
    """One order: units by product code."""

    number: str
    customer: str
    date: datetime
    quantities: dict[str, int]


def read_invoices(path: Path = DATA) -> Iterator[Invoice]:
    """Yield the invoices, oldest first."""
    current: Invoice | None = None
    with gzip.open(path, "rt", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if current is None or row["invoice"] != current.number:
                if current is not None:
                    yield current
                date = datetime.fromisoformat(row["date"]).replace(tzinfo=UTC)
                current = Invoice(row["invoice"], row["customer"], date, {})
            current.quantities[row["stockcode"]] = int(row["quantity"])
    if current is not None:
        yield current


def convert(rows: Iterable[Mapping[str, str]]) -> bytes:
    """Return the source's rows as the file that is kept, byte for byte the same each time."""
    quantities: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for row in rows:
        if _is_purchase(row):
            invoice = (row["InvoiceDate"][:16], row["InvoiceNo"], row["CustomerID"].split(".")[0])
            quantities[invoice][row["StockCode"].upper()] += int(row["Quantity"])
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for (date, number, customer), products in sorted(quantities.items()):
        writer.writerows((number, customer, code, count, date) for code, count in products.items())
    return gzip.compress(text.getvalue().encode(), 9, mtime=0)


def _is_purchase(row: Mapping[str, str]) -> bool:
    return (
        bool(row["CustomerID"])
        and not row["InvoiceNo"].startswith("C")
        and PRODUCT.match(row["StockCode"]) is not None
        and int(row["Quantity"]) > 0
        and Decimal(row["UnitPrice"]) > 0
    )


def main(source: Path) -> None:
    """Convert ``source``, the original data as a gzipped CSV file."""
    with gzip.open(source, "rt", newline="", encoding="utf-8") as file:
        DATA.write_bytes(convert(csv.DictReader(file)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

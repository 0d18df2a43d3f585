"""Reading a purchase history: invoice rows as the Online Retail data set (UCI no. 352) has them.

Columns: InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID. Rows that
are no sale are left out: cancellations, no customer, no product code, nothing or nothing paid.
"""

from __future__ import annotations

import csv
import gzip
import re
import uuid
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from statistics import median_low
from typing import TextIO

_NAMESPACE = uuid.UUID("5f0b7f9e-6d5e-5c0e-9d36-1a3f0c9e7b11")
_PRODUCT_CODE = re.compile(r"\d{5}[A-Za-z]{0,2}")
_COLUMNS = frozenset(
    {"InvoiceNo", "StockCode", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID"}
)
_GZIP_MAGIC = b"\x1f\x8b"


class NoHistory(ValueError):
    """The file is no purchase history."""


@dataclass(frozen=True, slots=True)
class Sale:
    """One row: a customer bought so many of a product; ``price`` is of one, in minor units."""

    invoice: str
    sku: str
    description: str
    quantity: int
    price: int
    customer: str
    at: datetime


@dataclass(slots=True)
class SoldProduct:
    """A product that the history names."""

    names: Counter[str] = field(default_factory=Counter[str])
    prices: list[int] = field(default_factory=list[int])

    @property
    def name(self) -> str:
        """The name that most rows give it."""
        return self.names.most_common(1)[0][0]

    @property
    def price(self) -> int:
        """The median price, in minor units."""
        return median_low(self.prices)


def read_sales(path: Path) -> Iterator[Sale]:
    """Yield the sales of a file, plain or gzip, in its order; raises ``NoHistory``."""
    with _open(path) as file:
        reader = csv.DictReader(file)
        if missing := _COLUMNS - set(reader.fieldnames or ()):
            raise NoHistory(f"{path.name} has no column {', '.join(sorted(missing))}")
        for row in reader:
            if sale := _sale(row):
                yield sale


@contextmanager
def _open(path: Path) -> Generator[TextIO]:
    with path.open("rb") as probe:
        is_gzip = probe.read(2) == _GZIP_MAGIC
    if is_gzip:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as packed:
            yield packed
    else:
        with path.open(encoding="utf-8", newline="") as plain:
            yield plain


def _sale(row: dict[str, str]) -> Sale | None:
    try:
        quantity, price = int(row["Quantity"]), Decimal(row["UnitPrice"])
        at = datetime.fromisoformat(row["InvoiceDate"]).replace(tzinfo=UTC)
    except (ValueError, InvalidOperation):
        return None
    customer = row["CustomerID"].removesuffix(".0")
    sku = row["StockCode"].strip().upper()
    if not customer or quantity <= 0 or price <= 0 or not _PRODUCT_CODE.fullmatch(sku):
        return None
    if row["InvoiceNo"].startswith("C"):
        return None
    description = row.get("Description", "").strip() or sku
    minor = round(price * 100)
    return Sale(row["InvoiceNo"], sku, description, quantity, max(minor, 1), customer, at)


def sold_products(path: Path) -> dict[str, SoldProduct]:
    """Return the products that a history names, by SKU."""
    products: dict[str, SoldProduct] = {}
    for sale in read_sales(path):
        product = products.setdefault(sale.sku, SoldProduct())
        product.names[sale.description] += 1
        product.prices.append(sale.price)
    return products


def stable_id(kind: str, name: str) -> str:
    """Return the id of something that the history names: the same on every import."""
    return str(uuid.uuid5(_NAMESPACE, f"{kind}:{name}"))

"""The product file of 84.51°'s "Complete Journey 2.0", as a supplier's feed.

It has categories, sizes and brands, but no names and no prices. The prices, in
``complete_journey_prices.csv.gz``, are medians of the same data's transactions: a product's own,
or else its commodity's, its department's, or that of all. Each is flagged ``priceDerived``.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

HEADER = frozenset(
    {
        "product_id",
        "department",
        "brand",
        "product_category",
        "product_type",
        "package_size",
    }
)
PRICED_HEADER = frozenset(
    {"product_id", "department", "brand", "commodity", "sub_commodity", "size", "price"}
)
"""The same data as ``bench/complete_journey.py`` writes it, with prices."""

_SPECIES = {"DOG FOODS": "dog", "CAT FOOD": "cat", "CAT LITTER": "cat", "BIRD SEED": "bird"}


def is_complete_journey(header: frozenset[str]) -> bool:
    """Tell whether a CSV file's columns are this data's."""
    return header >= HEADER or header >= PRICED_HEADER


def translated(row: Mapping[str, str]) -> dict[str, object]:
    """Return a row by the names of our own feeds."""
    department, product_id = row["department"], row["product_id"]
    commodity = row.get("commodity") or row.get("product_category") or ""
    kind = row.get("sub_commodity") or row.get("product_type") or commodity
    size = row.get("size") or row.get("package_size") or ""
    name = f"{kind} {size}".strip() or f"{department} {product_id}"
    path = dict.fromkeys(part.title() for part in (department, commodity) if part)
    attributes: dict[str, object] = {"brand": row["brand"], "priceDerived": True}
    if size:
        attributes["packSize"] = size
    if commodity in _SPECIES:
        attributes["species"] = _SPECIES[commodity]
    return {
        "sku": product_id,
        "name": name.title(),
        "category": " > ".join(path),
        "price": row.get("price") or _price(product_id, commodity, department),
        "attributes": attributes,
    }


def _price(product_id: str, commodity: str, department: str) -> str:
    prices = _prices()
    for key in (("product", product_id), ("commodity", commodity), ("department", department)):
        if key[1] and (price := prices.get(key)):
            return price
    return prices["all", ""]


@cache
def _prices() -> dict[tuple[str, str], str]:
    data = (
        files("kibble.services.product.adapters.feeds")
        .joinpath("complete_journey_prices.csv.gz")
        .read_bytes()
    )
    rows = csv.reader(io.StringIO(gzip.decompress(data).decode()))
    return {(level, key): price for level, key, price in rows}

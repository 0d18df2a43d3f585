"""The demo shop: an empty data folder becomes a store that a stranger can try at once.

Every step may be repeated, so that a seeding that was interrupted goes on at the next start.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from kibble.kernel.ids import ProductId
from kibble.platform.web import json
from kibble.runtime.demo import catalogue as demo
from kibble.runtime.demo.pictures import MASTER_SIZE, PictureSpec, render
from kibble.runtime.history import stable_id
from kibble.runtime.shop import Shop
from kibble.runtime.target import ShopTarget, Target

MARKER = "seeding"
SMALLER = (400, 200)


def is_fresh(data_dir: Path) -> bool:
    """Tell whether there is no shop in the folder yet, or one whose seeding was interrupted."""
    return not (data_dir / "product.db").exists() or (data_dir / MARKER).exists()


def mark(data_dir: Path) -> None:
    """Note that a seeding has begun."""
    (data_dir / MARKER).touch()


async def seed(shop: Shop, console: Console) -> None:
    """Fill a shop of this process; its bus need not run."""
    mark(shop.settings.data_dir)
    await fill(ShopTarget(shop), console)
    (shop.settings.data_dir / MARKER).unlink(missing_ok=True)


async def fill(target: Target, console: Console) -> None:
    """Make ``target`` the demo shop."""
    seeding = _Seeding(target)
    with Progress(TextColumn("{task.description}"), BarColumn(), console=console) as progress:
        task = progress.add_task("The first start makes a demo shop", total=9)
        for step in (
            seeding.warehouses,
            seeding.categories,
            seeding.pictures,
            seeding.products,
            seeding.configurables,
            seeding.bundles,
            seeding.promotions,
            seeding.sales,
            seeding.reviews,
        ):
            await step()
            progress.advance(TaskID(task))
    await target.settle()


class _Seeding:
    """The steps, and what they pass on: pictures' addresses, products' ids by SKU."""

    def __init__(self, target: Target) -> None:
        self._api = target
        self._images: dict[str, str] = {}

    async def warehouses(self) -> None:
        """Open the warehouses."""
        for warehouse in demo.load_warehouses():
            await self._api.post("/api/inventory/warehouses", warehouse)

    async def categories(self) -> None:
        """Build the category tree, parents first."""
        ids = _ids_by_name(await self._api.get("/api/categories"))
        for category in demo.load_categories():
            if category.name in ids:
                continue
            body = {
                "name": category.name,
                "parentId": ids[category.parent] if category.parent else None,
            }
            ids[category.name] = (await self._api.post("/api/categories", body))["id"]

    async def pictures(self) -> None:
        """Draw every picture once, and the smaller ones of it; as many at a time as can be."""
        specs = [row.picture for row in demo.load_products()]
        specs += [row.picture for row in demo.load_configurables()]
        specs += [row.picture for row in demo.load_bundles()]
        turns = asyncio.Semaphore(os.cpu_count() or 1)

        async def one(key: str, spec: PictureSpec) -> None:
            async with turns:
                self._images[key] = await self._picture(spec, key)

        different = {_key(spec): spec for spec in specs}
        await asyncio.gather(*(one(key, spec) for key, spec in different.items()))

    async def _picture(self, spec: PictureSpec, key: str) -> str:
        put = self._api.put_image
        for size in SMALLER:
            await put(f"{key}-{size}.webp", await asyncio.to_thread(render, spec, size))
        whole = await asyncio.to_thread(render, spec)
        await put(f"{key}-{MASTER_SIZE}.webp", whole)
        return await put(f"{key}.webp", whole)

    async def products(self) -> None:
        """Import the catalogue as a supplier's feed."""
        with tempfile.TemporaryDirectory() as scratch:
            file = Path(scratch) / "demo-catalogue.jsonl"
            file.write_bytes(b"\n".join(self._feed_row(row) for row in demo.load_products()))
            await self._api.import_feed(file)

    def _feed_row(self, row: demo.DemoProduct) -> bytes:
        body = _body(row) | {"images": [self._images[_key(row.picture)]], "stock": row.stock}
        return json.encode(body)

    async def configurables(self) -> None:
        """Make the products with options, and stock their variants."""
        for row in demo.load_configurables():
            body = _body(row) | {
                "images": [self._images[_key(row.picture)]],
                "options": row.options,
                "priceRules": [_without_none(rule) for rule in row.price_rules],
                "exclude": row.exclude,
                "variants": [{"options": v.options, "sku": v.sku} for v in row.variants],
            }
            await self._api.post("/api/products/configurable", body)
        await self._api.settle()
        stock = {v.sku: v.stock for row in demo.load_configurables() for v in row.variants}
        await self._stock_up(stock)

    async def _stock_up(self, stock: Mapping[str, demo.Stock]) -> None:
        warehouses = await self._api.warehouse_ids()
        ids = await self._ids(list(stock))
        levels = {
            ids[sku]: {warehouses[code]: units for code, units in by_code.items()}
            for sku, by_code in stock.items()
        }
        while unknown := await self._api.stock_up(levels):
            await self._api.settle()
            levels = {product_id: levels[product_id] for product_id in unknown}

    async def bundles(self) -> None:
        """Make the bundles from products that are there."""
        for row in demo.load_bundles():
            ids = await self._ids([component.sku for component in row.components])
            body = _body(row) | {
                "images": [self._images[_key(row.picture)]],
                "percentOff": row.percent_off,
                "components": [
                    {"productId": ids[component.sku], "quantity": component.quantity}
                    for component in row.components
                ],
            }
            await self._api.post("/api/products/bundles", body)
        await self._api.settle()

    async def promotions(self) -> None:
        """Start the promotions."""
        for row in demo.load_promotions():
            skus = [sku for sku in (row.buy_sku, row.get_sku) if sku]
            ids = await self._ids(skus)
            body = _without_none(row)
            for name in ("buy", "get"):
                if sku := body.pop(f"{name}Sku", None):
                    body[f"{name}ProductId"] = ids[sku]
            await self._api.post("/api/promotions", body)

    async def sales(self) -> None:
        """Put some products on sale."""
        rows, now = demo.load_sales(), self._api.now()
        ids = await self._ids([row.sku for row in rows])
        for row in rows:
            ends_at = now + timedelta(days=row.days)
            body = {"price": row.price, "startsAt": now, "endsAt": ends_at}
            await self._api.put(f"/api/products/{ids[row.sku]}/sale", body)

    async def reviews(self) -> None:
        """Have the demo's customers say what they think."""
        rows = demo.load_reviews()
        ids = await self._ids([row.sku for row in rows])
        for row in rows:
            body = {"rating": row.rating, "title": row.title, "text": row.text}
            path = f"/api/products/{ids[row.sku]}/reviews"
            await self._api.post(path, body, customer=stable_id("reviewer", row.name))

    async def _ids(self, skus: list[str]) -> dict[str, ProductId]:
        return await self._api.ids_of(skus)


def _key(spec: PictureSpec) -> str:
    """Return the name of a picture: equal pictures share it."""
    return hashlib.blake2b(msgspec.json.encode(spec, order="sorted"), digest_size=12).hexdigest()


_OWN = frozenset(
    (
        "drawing",
        "stock",
        "options",
        "priceRules",
        "variants",
        "exclude",
        "components",
        "percentOff",
    )
)
"""What the API takes otherwise than the files have it."""


def _body(row: msgspec.Struct) -> dict[str, Any]:
    """Return the fields that every kind of product shares, as the API takes them."""
    return {k: v for k, v in _without_none(row).items() if k not in _OWN}


def _without_none(row: msgspec.Struct) -> dict[str, Any]:
    fields = msgspec.structs.fields(row)
    values = {field.encode_name: getattr(row, field.name) for field in fields}
    return {name: value for name, value in values.items() if value is not None}


def _ids_by_name(tree: list[dict[str, Any]]) -> dict[str, str]:
    ids = {}
    for category in tree:
        ids[category["name"]] = category["id"]
        ids |= _ids_by_name(category["children"])
    return ids

"""Imports from the command line: a supplier's feed, or a purchase history with its products."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from kibble.kernel.ids import CustomerId, OrderId, ProductId
from kibble.kernel.money import to_decimal
from kibble.runtime.history import Sale, read_sales, sold_products, stable_id
from kibble.runtime.shop import Shop
from kibble.runtime.stocking import hand_over
from kibble.services.product.model.imports import ImportJob, ImportStatus
from kibble.services.recommendation.client import PurchasedLine

LINES_BATCH = 5_000
HISTORY_CATEGORY = "Online Retail"


async def import_feed(shop: Shop, file: Path, console: Console) -> ImportJob:
    """Import a feed to its end, with its stock, index and everything that follows from it.

    Safe to repeat, and resumed when it was killed. Errors of rows are written to
    ``FILE.errors.jsonl`` beside the console's summary.
    """
    products = shop.services.product.client
    products.keep_pace(shop.bus.drain)
    job = await products.receive_feed(file.name, file)
    with _progress(console) as progress:
        task = progress.add_task(f"importing {file.name}", total=None)

        def show(done: ImportJob) -> None:
            progress.update(task, completed=done.tally.read, description=_summary(done))

        job = await products.run_import(job.id, show)
    await stock_up(shop)
    await shop.bus.drain()
    await products.index_now()
    console.print(_summary(job))
    if job.tally.failed:
        report = file.with_name(f"{file.name}.errors.jsonl")
        report.write_bytes(await products.import_report(job.id))
        console.print(f"{job.tally.failed} rows were refused: {report}")
    if job.status is ImportStatus.FAILED:
        raise ValueError(f"{file.name}: {job.reason}")
    return job


async def stock_up(shop: Shop) -> None:
    """Hand the stock that feeds told to Inventory, until there is none left."""
    services = shop.services
    await shop.bus.drain()
    while await hand_over(services.product.client, services.inventory.client):
        await shop.bus.drain()


async def import_orders(shop: Shop, file: Path, console: Console) -> None:
    """Import a purchase history: the products that it names, then who bought them. Repeatable."""
    with tempfile.TemporaryDirectory() as scratch:
        feed = Path(scratch) / f"{file.name}.products.csv"
        _write_products(file, feed)
        await import_feed(shop, feed, console)
    recommendations = shop.services.recommendation.client
    skus = list(sold_products(file))
    ids = await shop.services.product.client.ids_of(skus)
    with _progress(console) as progress:
        task = progress.add_task("importing purchases", total=None)
        for lines in _batches(_lines(file, ids), LINES_BATCH):
            await recommendations.import_purchases(lines)
            progress.advance(task, len(lines))
    count = await recommendations.refresh()
    console.print(f"The model knows {count} products.")


def _write_products(history: Path, feed: Path) -> None:
    with feed.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["sku", "name", "category", "price"])
        for sku, product in sold_products(history).items():
            writer.writerow([sku, product.name, HISTORY_CATEGORY, to_decimal(product.price)])


def _lines(history: Path, ids: dict[str, ProductId]) -> Iterator[PurchasedLine]:
    for sale in read_sales(history):
        if (product_id := ids.get(sale.sku)) is not None:
            yield _line(sale, product_id)


def _line(sale: Sale, product_id: ProductId) -> PurchasedLine:
    return PurchasedLine(
        OrderId(stable_id("invoice", sale.invoice)),
        CustomerId(stable_id("customer", sale.customer)),
        product_id,
        sale.quantity,
        sale.at,
    )


def _batches(lines: Iterable[PurchasedLine], size: int) -> Iterator[list[PurchasedLine]]:
    iterator = iter(lines)
    while batch := list(islice(iterator, size)):
        yield batch


def _summary(job: ImportJob) -> str:
    tally = job.tally
    return (
        f"{tally.read} rows: {tally.created} created, {tally.updated} updated,"
        f" {tally.unchanged} unchanged, {tally.failed} refused"
    )


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(show_speed=True),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )

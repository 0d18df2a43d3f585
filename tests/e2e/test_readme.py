"""The examples in the README do what it says."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from pathlib import Path

import pytest

from tests.fixtures.eventually import eventually
from tests.fixtures.process import Store

README = Path(__file__).parents[2] / "README.md"
ADDRESS = {"street": "9 Mill Rd", "city": "Columbus", "state": "OH", "zipCode": "43004"}


def example(heading: str) -> str:
    """The first shell example under a heading."""
    section = README.read_text().partition(f"## {heading}\n")[2]
    found = re.search(r"```sh\n(.*?)```", section, re.DOTALL)
    assert found, f"no example under {heading}"
    return found[1]


async def sell_puppy_food(store: Store) -> None:
    """Put one product on the shelf; the demo catalogue would take longer than the rest."""
    staff = store.staff()
    warehouse = {"code": "OH1", "name": "Ohio", "address": ADDRESS, "priority": 1}
    _, opened = await store.ask("POST", "/api/inventory/warehouses", warehouse, token=staff)
    product = {"name": "Puppy food, chicken, 4 lb", "price": 21.99, "category": "Puppy Food"}
    _, made = await store.ask("POST", "/api/products", product, token=staff)
    level = {"stockLevel": 10, "warehouseId": opened["id"]}

    async def stocked() -> bool:
        path = f"/api/inventory/{made['id']}"
        return (await store.ask("PUT", path, level, token=staff))[0] == 200

    async def found() -> object:
        return (await store.ask("GET", "/api/products/search?q=puppy+food"))[1]

    await eventually(stocked)
    await eventually(found)


@pytest.mark.skipif(shutil.which("curl") is None, reason="the example needs curl")
async def test_the_first_order_is_confirmed_and_paid(tmp_path: Path) -> None:
    store = Store(tmp_path, KIBBLE_SANDBOX_FAST="off")
    store.start()
    try:
        await store.ready()
        await sell_puppy_food(store)
        script = example("A first order").replace("http://localhost:8000", store.url)
        shell = await asyncio.create_subprocess_exec(
            "bash", "-e", "-c", script, stdout=asyncio.subprocess.PIPE
        )
        output, _ = await shell.communicate()
    finally:
        await store.close()
    assert shell.returncode == 0
    order = json.loads(output)
    assert (order["status"], order["paymentStatus"]) == ("CONFIRMED", "PAID")

"""The examples in the README do what it says."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
from pathlib import Path

import pytest

from tests.fixtures.eventually import eventually
from tests.fixtures.shopping import Shop

README = Path(__file__).parents[2] / "README.md"


def example(heading: str) -> str:
    """The first shell example under a heading."""
    section = README.read_text().partition(f"## {heading}\n")[2]
    found = re.search(r"```sh\n(.*?)```", section, re.DOTALL)
    assert found, f"no example under {heading}"
    return found[1]


async def sell_puppy_food(shop: Shop) -> None:
    """Put one product on the shelf; the demo catalogue would take longer than the rest."""
    await shop.product(name="Puppy food, chicken, 4 lb", price=21.99, category="Puppy Food")

    async def found() -> object:
        return (await shop.nobody.get("/api/products/search?q=puppy+food")).json()

    await eventually(found)


@pytest.mark.skipif(shutil.which("curl") is None, reason="the example needs curl")
async def test_the_first_order_is_confirmed_and_paid(slow_shop: Shop) -> None:
    await sell_puppy_food(slow_shop)
    process = slow_shop.process
    script = example("A first order").replace("http://localhost:8000", process.url)
    shell = await asyncio.create_subprocess_exec(
        "bash",
        "-e",
        "-c",
        script,
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"KIBBLE_DATA_DIR": str(process.data_dir)},
    )
    output, _ = await shell.communicate()
    assert shell.returncode == 0
    order = json.loads(output)
    assert (order["status"], order["paymentStatus"]) == ("CONFIRMED", "PAID")

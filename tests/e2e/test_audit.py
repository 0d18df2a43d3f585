"""What staff change is written down: through the API, by the command, and after a kill."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.live import Live, calling
from tests.fixtures.process import ShopProcess
from tests.fixtures.shopping import Shop, open_shop

PAGE = {"x-kibble": "1", "sec-fetch-site": "same-origin"}


async def entries(shop: Shop, target: str) -> list[dict[str, Any]]:
    """Return the entries of a path, the oldest first."""
    answer = await shop.nobody.with_scopes("audit:read").get(f"/api/audit?target={target}")
    assert answer.status == 200
    found: list[dict[str, Any]] = answer.json()
    return found[::-1]


async def a_product(staff: Live) -> str:
    made = await staff.post("/api/products", {"name": "A bowl", "price": 5.0, "category": "Bowls"})
    assert made.status == 201
    return f"/api/products/{made.json()['id']}"


async def test_a_change_of_a_price_has_who_what_when_where_before_and_after(shop: Shop) -> None:
    staff = shop.nobody.with_scopes("catalog:write")
    path = await a_product(staff)
    assert (await staff.patch(path, {"price": 7.5})).status == 200
    begun, done = await entries(shop, path)
    assert (begun["outcome"], done["outcome"], done["status"]) == ("begun", "done", 200)
    assert begun["act"] == done["act"]
    assert (done["actor"], done["action"], done["address"]) == (
        "tests",
        "change_product",
        "127.0.0.1",
    )
    assert (done["before"]["price"], done["after"]["price"]) == (5.0, 7.5)
    assert "name" not in done["after"]


async def test_what_was_refused_is_written_down_with_the_reason(shop: Shop) -> None:
    staff = shop.nobody.with_scopes("catalog:write")
    path = await a_product(staff)
    stale = await staff.send("PATCH", path, {"price": 1.0}, {"if-match": '"99"'})
    assert stale.status == 412
    last = (await entries(shop, path))[-1]
    assert (last["outcome"], last["status"]) == ("refused", 412)
    assert last["after"]["code"] == "precondition-failed"


async def test_a_customers_own_shopping_is_no_business_of_the_log(shop: Shop) -> None:
    buyer = await shop.register()
    cart = await buyer.live.post("/api/carts", {})
    assert cart.status == 201
    assert await entries(shop, "/api/carts") == []


async def test_an_erasure_an_export_and_a_failed_sign_in_are_there_without_what_is_personal(
    shop: Shop,
) -> None:
    buyer = await shop.register()
    path = f"/api/customers/{buyer.id}"
    assert (await buyer.live.get(f"{path}/export")).status == 200
    assert (await buyer.live.delete(path)).status == 204
    exported = await entries(shop, f"{path}/export")
    erased = await entries(shop, path)
    assert [one["outcome"] for one in exported + erased] == ["begun", "done"] * 2
    assert "@" not in json.dumps(exported + erased)
    credentials = {"username": "mallory@example.com", "password": "no such password"}
    refused = await shop.nobody.post("/session", credentials, PAGE)
    assert refused.status == 401
    last = (await entries(shop, "/session"))[-1]
    assert (last["actor"], last["outcome"], last["status"]) == ("nobody", "refused", 401)
    assert "mallory" not in json.dumps(last)


@pytest.fixture
async def embedded(running: ShopProcess) -> AsyncIterator[Shop]:
    """The embedded shop, whose files are at hand."""
    async with calling(running) as live:
        shop = await open_shop(live)
        await a_product(shop.nobody.with_scopes("catalog:write"))
        yield shop


async def test_the_command_lists_and_verifies(embedded: Shop, running: ShopProcess) -> None:
    listed = await running.command("audit", "list", "--json", "--action", "create_product")
    newest = [one["act"]["outcome"] for one in json.loads(listed.out)[:2]]
    assert newest == ["done", "begun"]
    assert (await running.command("audit", "verify")).code == 0
    auditor = embedded.nobody.with_scopes("audit:read")
    assert (await auditor.get("/api/audit/verification")).json()["holds"] is True


@pytest.mark.usefixtures("embedded")
async def test_what_an_operator_does_past_the_api_is_there_with_how_it_ended(
    running: ShopProcess,
) -> None:
    made = await running.command("token", "--client", "till", "--scope", "orders:read")
    refused = await running.command("events", "drop", "nobody", "e1")
    assert (made.code, refused.code) == (0, 2)
    listed = await running.command("audit", "list", "--json", "--actor", "operator")
    acts = [entry["act"] for entry in json.loads(listed.out)[::-1]]
    told = [(act["action"], act["target"], act["outcome"]) for act in acts[-4:]]
    assert told == [
        ("make_token", "till: orders:read", "begun"),
        ("make_token", "till: orders:read", "done"),
        ("drop_event", "nobody/e1", "begun"),
        ("drop_event", "nobody/e1", "refused"),
    ]
    assert made.out.strip() not in listed.out


async def test_a_tampered_entry_is_found(running: ShopProcess, tmp_path: Path) -> None:
    with (
        closing(sqlite3.connect(running.data_dir / "audit.db")) as live,
        closing(sqlite3.connect(tmp_path / "audit.db")) as copy,
    ):
        live.backup(copy)
        copy.execute("DROP TRIGGER audit_stays")
        copy.execute("UPDATE audit SET body = '{}' WHERE sequence = 1")
        copy.commit()
    ended = await running.command("audit", "verify", "--data-dir", str(tmp_path))
    assert (ended.code, "Entry 1 was altered." in ended.out) == (1, True)


async def test_what_was_written_down_survives_a_kill(tmp_path: Path) -> None:
    process = ShopProcess(tmp_path / "data")
    process.start()
    await process.ready()
    async with calling(process) as live:
        await a_product(live.with_scopes("catalog:write"))
    process.kill()
    listed = await process.command("audit", "list", "--json")
    assert [one["act"]["outcome"] for one in json.loads(listed.out)] == ["done", "begun"]
    assert (await process.command("audit", "verify")).code == 0

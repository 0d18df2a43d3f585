"""Feeds through HTTP: taken in, applied, reported, repeated, killed and taken up again."""

from __future__ import annotations

import asyncio
import gzip
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.component.product.counter import Counter
from tests.fixtures.doubles import FakeClock
from tests.fixtures.eventually import eventually

URL = "/api/products/imports"
CSV = b"""sku,name,category,price,brand,tags,attribute:weightGrams,stock,colour
K-1,Chicken Kibble,Dog Food,19.99,BestPet,dog|dry,1200,5,red
K-2,"Salmon ""Deluxe"", 2 kg",Dog > Dry Food,$24.50,,,,,
"""
JSON_LINES = b"""{"sku": "K-1", "name": "Chicken Kibble", "category": "Dog Food", "price": 19.99}
{"sku": "K-2", "name": "Salmon", "category": "Dog Food", "price": 24.5}
"""
XML = b"""<?xml version="1.0"?>
<products xmlns:g="http://base.google.com/ns/1.0">
  <product><g:id>K-1</g:id><title>Chicken Kibble</title><category>Dog Food</category>
    <g:price>19.99 USD</g:price><tags><tag>dog</tag><tag>dry</tag></tags>
    <attributes><attribute name="species">dog</attribute><brand>A</brand></attributes></product>
  <product sku="K-2"><title>Salmon</title><category>Dog Food</category>
    <price>24.50</price></product>
</products>
"""


def tally(job: Any) -> tuple[int, int, int, int, int]:
    """Read, created, updated, unchanged, failed."""
    names = ("rowsRead", "created", "updated", "unchanged", "failed")
    return tuple(job[name] for name in names)


def rows(count: int, price: str = "5.00") -> bytes:
    lines = [
        f"S-{number},Product {number},Category {number % 7},{price}" for number in range(count)
    ]
    return ("sku,name,category,price\n" + "\n".join(lines)).encode()


async def by_sku(counter: Counter, sku: str) -> Any:
    product_id = (await counter.client.ids_of([sku]))[sku]
    return await counter.product(product_id)


class TestDryRun:
    async def test_tells_what_an_import_would_do_and_changes_nothing(
        self, counter: Counter
    ) -> None:
        await counter.run_feed(rows(2))
        feed = rows(3, price="6.00") + b"\nS-9,,Food,1.00\n"
        job = await counter.try_feed(feed)
        assert job["dryRun"]
        assert (job["status"], tally(job)) == ("COMPLETED", (4, 1, 2, 0, 1))
        assert job["errors"][0]["row"] == 5  # the header is row 1, as in a spreadsheet
        assert (await by_sku(counter, "S-0"))["price"] == 5.0
        assert await counter.client.ids_of(["S-2"]) == {}
        assert tally(await counter.run_feed(feed)) == (4, 1, 2, 0, 1)
        assert (await by_sku(counter, "S-0"))["price"] == 6.0


class TestForms:
    async def test_csv_says_everything_of_a_product(self, counter: Counter) -> None:
        job = await counter.run_feed(CSV)
        assert (job["status"], tally(job)) == ("COMPLETED", (2, 2, 0, 0, 0))
        assert job["ignoredColumns"] == ["colour"]
        chicken = await by_sku(counter, "K-1")
        assert (chicken["name"], chicken["price"]) == ("Chicken Kibble", 19.99)
        assert chicken["attributes"] == {"brand": "BestPet", "weightGrams": 1200}
        assert chicken["tags"] == ["dog", "dry"]
        salmon = await by_sku(counter, "K-2")
        assert (salmon["name"], salmon["category"]) == ('Salmon "Deluxe", 2 kg', "Dry Food")
        tree = (await counter.anyone.get("/api/categories")).json()
        assert [each["name"] for each in tree] == ["Dog", "Dog Food"]
        assert [each["name"] for each in tree[0]["children"]] == ["Dry Food"]

    @pytest.mark.parametrize("feed", [CSV, JSON_LINES, XML])
    @pytest.mark.parametrize("packed", [False, True])
    async def test_is_seen_in_the_content(
        self, counter: Counter, feed: bytes, *, packed: bool
    ) -> None:
        job = await counter.run_feed(gzip.compress(feed) if packed else feed)
        assert (job["status"], tally(job)) == ("COMPLETED", (2, 2, 0, 0, 0))
        assert (await by_sku(counter, "K-1"))["price"] == 19.99
        assert (await by_sku(counter, "K-2"))["price"] == 24.5

    async def test_xml_says_everything_of_a_product(self, counter: Counter) -> None:
        await counter.run_feed(XML)
        chicken = await by_sku(counter, "K-1")
        assert chicken["tags"] == ["dog", "dry"]
        assert chicken["attributes"] == {"species": "dog", "brand": "A"}


class TestApplying:
    async def test_again_writes_nothing(self, counter: Counter) -> None:
        await counter.run_feed(CSV)
        published = counter.events()
        job = await counter.run_feed(CSV)
        assert tally(job) == (2, 0, 0, 2, 0)
        assert counter.events() == published

    async def test_leaves_alone_what_a_feed_does_not_name(self, counter: Counter) -> None:
        await counter.run_feed(CSV)
        job = await counter.run_feed(
            b"sku,price,attribute:flavour\nK-1,18.00,chicken\nK-2,24.50,\n"
        )
        assert tally(job) == (2, 0, 1, 1, 0)
        chicken = await by_sku(counter, "K-1")
        assert (chicken["price"], chicken["name"]) == (18, "Chicken Kibble")
        assert chicken["attributes"] == {
            "brand": "BestPet",
            "weightGrams": 1200,
            "flavour": "chicken",
        }

    async def test_lets_bundles_follow_a_new_price(self, counter: Counter) -> None:
        await counter.run_feed(CSV)
        bundle = await counter.add_bundle(((await by_sku(counter, "K-1"))["id"], 2))
        await counter.run_feed(b"sku,price\nK-1,10\n")
        assert (await counter.product(bundle["id"]))["price"] == 20

    async def test_takes_the_last_of_several_rows_of_one_product(self, counter: Counter) -> None:
        job = await counter.run_feed(b"sku,name,category,price\nA,a,c,1\nA,a,c,2\nA,a,c,2\n")
        assert tally(job) == (3, 1, 1, 1, 0)
        assert (await by_sku(counter, "A"))["price"] == 2
        assert len(counter.events()) == 1

    async def test_reports_every_row_that_is_no_good(self, counter: Counter) -> None:
        feed = (
            b"sku,name,category,price,stock\n"
            b"A,a,c,1,0\n"
            b",b,c,1,0\n"
            b"C,c,c,1.999,0\n"
            b"D,d,c,EUR 3,0\n"
            b"E,,,,\n"
            b"F,f,c,1,-4\n"
            b"G,\xff,c,1,0\n"
            b"H,h,c,1,0,extra\n"
            b"I,i,c,1,0\n"
        )
        job = await counter.run_feed(feed)
        assert (job["status"], tally(job)) == ("COMPLETED", (9, 2, 0, 0, 7))
        report = await counter.staff.get(job["errorsUrl"])
        lines = [msgspec.json.decode(line) for line in report.body.splitlines()]
        assert lines == job["errors"]
        assert {(each["row"], each["pointer"]) for each in lines} == {
            (3, "/sku"),
            (4, "/price"),
            (5, "/price"),
            (6, "/name"),
            (6, "/price"),
            (6, "/category"),
            (7, "/stock"),
            (8, "/name"),
            (9, ""),
        }
        assert lines[0]["message"] == "is required"
        assert [each["sku"] for each in lines if each["row"] == 4] == ["C"]

    async def test_takes_formulas_and_markup_as_text(self, counter: Counter) -> None:
        name = "=HYPERLINK(\"http://evil\";'x') <b>&amp;</b>"
        line = msgspec.json.encode({"sku": "A", "name": name, "category": "c", "price": 1})
        await counter.run_feed(line)
        assert (await by_sku(counter, "A"))["name"] == name

    async def test_keeps_stock_for_inventory(self, counter: Counter) -> None:
        feed = b"sku,name,category,price,stock,stock:EAST\nA,a,c,1,5,\nB,b,c,1,,7\nC,c,c,1,,\n"
        await counter.run_feed(feed)
        told = await counter.client.feed_stock(10)
        ids = await counter.client.ids_of(["A", "B"])
        assert {(each.product_id, each.warehouse, each.on_hand) for each in told} == {
            (ids["A"], "", 5),
            (ids["B"], "EAST", 7),
        }
        await counter.run_feed(b"sku,stock\nA,6\n")
        await counter.client.settle_feed_stock(told)
        (left,) = await counter.client.feed_stock(10)
        assert (left.product_id, left.on_hand) == (ids["A"], 6)


class TestBroken:
    @pytest.mark.parametrize(
        ("feed", "says"),
        [
            (b"", "empty"),
            (b" \n\t", "empty"),
            (b"name,price\na,1\n", "SKU"),
            (b'[{"sku": "A"}]', "JSON lines"),
            (gzip.compress(CSV, mtime=0)[:-9], "archive"),
            (b"\x1f\x8bnonsense", "archive"),
            (b"<products><product><sku>A</sku></products>", "XML"),
            (b"<!DOCTYPE x [<!ENTITY a 'b'>]><products><product/></products>", "XML"),
            (b"<x>" * 100, "deep"),
            (b"sku,name\n" + b'A,"' + b"x" * (2 << 20), "characters"),
            (b"sku,name\n" + b'A,"' + b"x\n" * (1 << 20), "quote"),
        ],
    )
    async def test_feed_fails_and_says_why(self, counter: Counter, feed: bytes, says: str) -> None:
        job = await counter.run_feed(feed)
        assert job["status"] == "FAILED"
        assert says in job["reason"]
        assert (await counter.anyone.get("/api/products")).json() == []

    async def test_part_leaves_what_came_before_it(self, counter: Counter) -> None:
        feed = rows(600) + b'\nBAD,"' + b"x\n" * (1 << 20)
        job = await counter.run_feed(feed)
        assert "After row 601" in job["reason"]
        assert (job["status"], tally(job)) == ("FAILED", (600, 600, 0, 0, 0))

    async def test_entities_do_not_multiply(self, counter: Counter) -> None:
        bomb = b"<!DOCTYPE z [<!ENTITY a 'aaaaaaaaaa'>" + b"".join(
            b"<!ENTITY %c '%s'>" % (letter, b"&%c;" % (letter - 1) * 10) for letter in b"bcdefghij"
        )
        job = await counter.run_feed(
            bomb + b"]><products><product><sku>&j;</sku></product></products>"
        )
        assert job["status"] == "FAILED"

    async def test_external_entities_are_not_read(self, counter: Counter, tmp_path: Path) -> None:
        secret = tmp_path / "secret"
        secret.write_text("SECRET")
        feed = (
            f'<!DOCTYPE x [<!ENTITY s SYSTEM "file://{secret}">]>'
            "<products><product><sku>A</sku><name>&s;</name></product></products>"
        )
        assert (await counter.run_feed(feed.encode()))["status"] == "FAILED"


class TestApi:
    @pytest.mark.parametrize(
        "media", ["text/csv", "text/csv; charset=utf-8", "application/octet-stream"]
    )
    async def test_takes_a_body(self, counter: Counter, media: str) -> None:
        answer = await counter.staff.send("POST", URL, CSV, {"content-type": media})
        job = answer.json()
        assert (answer.status, job["status"]) == (202, "QUEUED")
        assert answer.headers["location"] == f"{URL}/{job['id']}"
        await counter.client.run_import(job["id"])
        shown = await counter.staff.get(f"{URL}/{job['id']}")
        assert shown.json()["status"] == "COMPLETED"

    async def test_takes_a_form(self, counter: Counter) -> None:
        body = (
            b"--edge\r\ncontent-disposition: form-data; name=file; filename=spring.csv\r\n\r\n"
            + CSV
            + b"\r\n--edge--\r\n"
        )
        form = {"content-type": "multipart/form-data; boundary=edge"}
        answer = await counter.staff.send("POST", URL, body, form)
        assert (answer.status, answer.json()["name"]) == (202, "spring.csv")
        job = await counter.client.run_import(answer.json()["id"])
        assert job.tally.created == 2

    async def test_begins_a_feed_that_is_under_way_only_once(self, counter: Counter) -> None:
        csv = {"content-type": "text/csv"}
        answers = [await counter.staff.send("POST", URL, CSV, csv) for _ in range(2)]
        assert answers[0].json()["id"] == answers[1].json()["id"]

    async def test_refuses_other_media_and_nothing_at_all(self, counter: Counter) -> None:
        pdf = {"content-type": "application/pdf"}
        assert (await counter.staff.send("POST", URL, b"%PDF", pdf)).status == 415
        assert (await counter.staff.post(URL)).status == 400
        csv = {"content-type": "text/csv", "content-length": "0"}
        assert (await counter.staff.send("POST", URL, b"", csv)).status == 400

    async def test_is_for_staff(self, counter: Counter) -> None:
        csv = {"content-type": "text/csv"}
        assert (await counter.anyone.send("POST", URL, CSV, csv)).status == 401
        job = (await counter.staff.send("POST", URL, CSV, csv)).json()
        assert (await counter.anyone.get(f"{URL}/{job['id']}")).status == 401
        assert (await counter.anyone.get(job["errorsUrl"])).status == 401

    async def test_does_not_know_every_import(self, counter: Counter) -> None:
        for tail in ("", "/errors"):
            url = f"{URL}/01890000-0000-7000-8000-000000000000{tail}"
            assert (await counter.staff.get(url)).status == 404

    async def test_works_on_what_was_sent_in_the_background(self, counter: Counter) -> None:
        worker = next(task for task in counter.built.tasks if task.name == "import feeds")
        running = asyncio.create_task(worker.run())
        csv = {"content-type": "text/csv"}
        job = (await counter.staff.send("POST", URL, CSV, csv)).json()
        await eventually(
            lambda: counter.staff.get(f"{URL}/{job['id']}"),
            until=lambda answer: answer.json()["status"] == "COMPLETED",
        )
        running.cancel()


class TestRestart:
    async def test_goes_on_behind_what_was_applied(self, tmp_path: Path, clock: FakeClock) -> None:
        first = Counter(tmp_path, clock)
        feed = rows(1_000) + b"\nBAD,,,\n"
        job = await first.client.receive_feed("feed", feed)
        seen: list[int] = []

        class Killed(Exception):
            pass

        async def die() -> None:
            seen.append(len(first.events()))
            if len(seen) == 2:
                raise Killed

        first.client.keep_pace(die)
        with pytest.raises(Killed):
            await first.client.run_import(job.id)
        first.close()
        clock.advance(1)  # or the ids would be those of the first run
        second = Counter(tmp_path, clock)
        assert (await second.client.receive_feed("feed", feed)).id == job.id
        done = await second.client.run_import(job.id)
        assert (done.tally.created, done.tally.failed, done.tally.unchanged) == (1_000, 1, 0)
        assert len(second.events()) == 1_000
        assert (await second.client.import_report(job.id)).count(b"\n") == 3
        second.close()

    async def test_drops_what_an_unfinished_try_has_reported(
        self, tmp_path: Path, counter: Counter
    ) -> None:
        job = await counter.client.receive_feed("feed", b"sku,name,category,price\n,a,c,1\n")
        report = tmp_path / "imports" / f"{job.id}.errors.ndjson"
        report.write_bytes(
            b'{"row":1,"pointer":"/sku","message":"from a try that was killed"}\n' * 9
        )
        await counter.client.run_import(job.id)
        assert (await counter.client.import_report(job.id)).count(b"\n") == 1
        assert report.read_bytes() == await counter.client.import_report(job.id)

    async def test_over_again_after_the_end_changes_nothing(self, counter: Counter) -> None:
        job = await counter.client.receive_feed("feed", CSV)
        before = await counter.client.run_import(job.id)
        assert await counter.client.run_import(job.id) == before

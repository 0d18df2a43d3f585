"""Uploads: pictures of products, and suppliers' feeds in every form."""

from __future__ import annotations

import gzip
import json
from io import BytesIO

import aiohttp
import pytest
from PIL import Image

from tests.fixtures.eventually import eventually
from tests.fixtures.http import Answer
from tests.fixtures.shopping import Json, Shop

BOUNDARY = "kibble-boundary"
FORM = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}


def picture(kind: str = "PNG", size: tuple[int, int] = (900, 600)) -> bytes:
    """Return an encoded picture that carries where it was taken."""
    buffer = BytesIO()
    image = Image.new("RGB", size, (200, 120, 40))
    exif = Image.Exif()
    exif[0x010F] = "SECRET-CAMERA"
    image.save(buffer, kind, exif=exif) if kind != "GIF" else image.save(buffer, kind)
    return buffer.getvalue()


def form(content: bytes, name: str = "picture.png", kind: str = "image/png") -> bytes:
    """Return a form with one file."""
    head = (
        f'--{BOUNDARY}\r\ncontent-disposition: form-data; name="file"; filename="{name}"\r\n'
        f"content-type: {kind}\r\n\r\n"
    )
    return head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


class TestPictures:
    """POST /api/products/{id}/images."""

    async def add(self, shop: Shop, product: Json, content: bytes) -> Answer:
        path = f"/api/products/{product['id']}/images"
        return await shop.staff.post(path, form(content), FORM)

    @pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
    async def test_a_picture_is_kept_with_smaller_ones(self, shop: Shop, kind: str) -> None:
        product = await shop.product(stock=None)
        made = await self.add(shop, product, picture(kind))
        assert made.status == 201, made
        view = made.json()
        assert (view["width"], view["height"]) == (900, 600)
        assert made.headers["location"] == view["url"]
        assert view["renditions"]
        for size, url in {"900": view["url"], **view["renditions"]}.items():
            answer = await shop.nobody.get(url)
            assert answer.status == 200
            assert answer.headers["content-type"].startswith("image/")
            assert b"SECRET-CAMERA" not in answer.body
            with Image.open(BytesIO(answer.body)) as seen:
                assert max(seen.size) == int(size)
        shown = (await shop.nobody.get(f"/api/products/{product['id']}")).json()
        assert shown["images"] == [view["url"]]

    async def test_a_picture_is_cached_for_ever_and_compared_by_its_tag(self, shop: Shop) -> None:
        product = await shop.product(stock=None)
        url = (await self.add(shop, product, picture())).json()["url"]
        answer = await shop.nobody.get(url)
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        again = await shop.nobody.get(url, {"if-none-match": answer.headers["etag"]})
        assert (again.status, again.body) == (304, b"")

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"not a picture",
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
            b"<html><script>alert(1)</script></html>",
            picture()[:200],
            picture()[:8] + b"\x00" * 500,
            b"\x89PNG\r\n\x1a\n",
            b"GIF89a<script>alert(1)</script>",
            b"%PDF-1.4",
            b"MZ" + b"\x00" * 200,
        ],
    )
    async def test_refuses_what_is_no_picture_by_its_content(
        self, shop: Shop, content: bytes
    ) -> None:
        product = await shop.product(stock=None)
        answer = await self.add(shop, product, content)
        assert answer.status in (400, 415)
        assert answer.headers["content-type"] == "application/problem+json"

    async def test_refuses_a_bomb_of_pixels(self, shop: Shop) -> None:
        product = await shop.product(stock=None)
        buffer = BytesIO()
        Image.new("1", (30_000, 30_000)).save(buffer, "PNG")
        assert (await self.add(shop, product, buffer.getvalue())).status in (400, 413, 415)

    async def test_refuses_more_than_ten_mebibytes(self, shop: Shop) -> None:
        product = await shop.product(stock=None)
        answer = await self.add(shop, product, picture() + b"\x00" * (11 << 20))
        assert answer.status == 413

    async def test_takes_a_form_only(self, shop: Shop) -> None:
        product = await shop.product(stock=None)
        path = f"/api/products/{product['id']}/images"
        for kind in ("image/png", "application/json", "text/plain", "application/octet-stream"):
            assert (await shop.staff.post(path, picture(), {"content-type": kind})).status == 415

    @pytest.mark.parametrize(
        ("kind", "body"),
        [
            ("multipart/form-data", b"x"),
            ("multipart/form-data; boundary=", b"x"),
            ("multipart/form-data; boundary=b", b""),
            ("multipart/form-data; boundary=b", b"--b\r\n\r\n--b--"),
            ("multipart/form-data; boundary=b", b"--b\r\ncontent-disposition: form-data\r\n\r\nx"),
            ("multipart/form-data; boundary=b", b"--b\r\nx" * 1_000),
            ("multipart/form-data; boundary=b", b"\xff\xfe" * 500),
            (
                "multipart/form-data; boundary=b",
                b'--b\r\ncontent-disposition: form-data; name="file"\r\n\r\nx\r\n--b--\r\n',
            ),
            (f"multipart/form-data; boundary={'b' * 5000}", b"--b\r\n"),
            ("multipart/form-data; boundary=\xe9", b"--\xe9\r\n"),
        ],
    )
    async def test_refuses_a_form_that_is_none(self, shop: Shop, kind: str, body: bytes) -> None:
        product = await shop.product(stock=None)
        path = f"/api/products/{product['id']}/images"
        answer = await shop.staff.post(path, body, {"content-type": kind})
        assert answer.status in (400, 415), answer

    async def test_an_unknown_product_takes_no_picture(self, shop: Shop) -> None:
        answer = await self.add(shop, {"id": shop.new_id()}, picture())
        assert answer.status == 404

    @pytest.mark.parametrize(
        "name",
        [
            "..",
            "../signing-key.json",
            "..%2fsigning-key.json",
            "%2e%2e%2fsigning-key.json",
            "..%5csigning-key.json",
            "....//signing-key.json",
            "%2fetc%2fpasswd",
            "..%252fsigning-key.json",
            "%00",
            "a%00.png",
            "signing-key.json",
            "a" * 3_000,
            "CON",
            ".",
            "",
        ],
    )
    async def test_reaches_no_file_outside_its_folder(self, shop: Shop, name: str) -> None:
        answer = await shop.nobody.get(f"/images/{name}")
        assert answer.status in (404, 405), answer
        assert b'"d"' not in answer.body


def rows(shop: Shop, count: int) -> list[Json]:
    """Return products as a supplier lists them."""
    prefix = shop.word("SKU").upper()
    return [
        {
            "sku": f"{prefix}-{number}",
            "name": f"Treat {prefix.lower()} {number}",
            "description": 'With "quotes", commas\nand lines',
            "price": 1.5 + number,
            "category": "Treats",
        }
        for number in range(count)
    ]


def as_csv(products: list[Json]) -> bytes:
    """Return a feed in CSV."""
    lines = ["sku,name,description,price,category"]
    for product in products:
        text = product["description"].replace('"', '""')
        lines.append(
            f'{product["sku"]},{product["name"]},"{text}",{product["price"]},{product["category"]}'
        )
    return "\n".join(lines).encode()


def as_jsonl(products: list[Json]) -> bytes:
    """Return a feed in JSON lines."""
    return "\n".join(json.dumps(product) for product in products).encode()


def as_xml(products: list[Json]) -> bytes:
    """Return a feed in XML."""
    items = []
    for product in products:
        fields = "".join(f"<{name}>{value}</{name}>" for name, value in product.items())
        items.append(f"<product>{fields}</product>")
    return f"<?xml version='1.0'?><products>{''.join(items)}</products>".encode()


class TestFeeds:
    """POST /api/products/imports."""

    async def ended(self, shop: Shop, answer: Answer) -> Json:
        assert answer.status == 202, answer
        path = answer.headers["location"]
        assert path == f"/api/products/imports/{answer.json()['id']}"

        async def job() -> Json:
            seen: Json = (await shop.staff.get(path)).json()
            return seen

        return await eventually(job, until=lambda seen: seen["finishedAt"] is not None, within=30)

    async def found(self, shop: Shop, products: list[Json]) -> None:
        """Wait until all products can be searched for."""
        word = products[0]["name"].split()[1]

        async def prices() -> list[float]:
            path = f"/api/products/search?q={word}&limit=100&sort=price"
            return [p["price"] for p in (await shop.nobody.get(path)).json()]

        expected = sorted(product["price"] for product in products)
        await eventually(prices, until=lambda seen: seen == expected, within=10)

    @pytest.mark.parametrize("packed", [False, True])
    @pytest.mark.parametrize(
        ("write", "kind"),
        [(as_csv, "text/csv"), (as_jsonl, "application/x-ndjson"), (as_xml, "application/xml")],
    )
    async def test_takes_csv_json_lines_and_xml_also_packed(
        self, shop: Shop, write: object, kind: str, *, packed: bool
    ) -> None:
        assert callable(write)
        products = rows(shop, 5)
        content = write(products)
        if packed:
            content, kind = gzip.compress(content), "application/gzip"
        job = await self.ended(
            shop,
            await shop.staff.post("/api/products/imports", content, {"content-type": kind}),
        )
        assert (job["created"], job["failed"], job["rowsRead"]) == (5, 0, 5), job
        await self.found(shop, products)

    async def test_takes_a_form(self, shop: Shop) -> None:
        products = rows(shop, 2)
        data = aiohttp.FormData()
        data.add_field("file", as_csv(products), filename="feed.csv", content_type="text/csv")
        async with shop.staff.open("POST", "/api/products/imports", data) as answer:
            assert answer.status == 202
            made = Answer(202, {"location": answer.headers["location"]}, await answer.read())
        job = await self.ended(shop, made)
        assert (job["name"], job["created"]) == ("feed.csv", 2)

    async def test_tells_what_is_wrong_with_each_row_and_takes_the_others(self, shop: Shop) -> None:
        products = rows(shop, 6)
        broken = [dict(product) for product in products]
        broken[1]["price"] = "free"
        broken[2]["name"] = ""
        broken[4]["price"] = -5
        content = as_jsonl(broken[:5]) + b"\n{not json}\n" + as_jsonl(broken[5:])
        job = await self.ended(
            shop,
            await shop.staff.post(
                "/api/products/imports", content, {"content-type": "application/x-ndjson"}
            ),
        )
        assert (job["created"], job["failed"]) == (3, 4)
        by_row = {error["row"]: error for error in job["errors"]}
        assert set(by_row) == {2, 3, 5, 6}
        assert by_row[2]["pointer"] == "/price"
        assert by_row[3]["pointer"] == "/name"
        assert all(error["message"] for error in job["errors"])
        report = await shop.staff.get(job["errorsUrl"])
        assert len(report.body.splitlines()) == 4
        assert (await shop.nobody.get(job["errorsUrl"])).status == 401

    async def test_a_repeat_changes_nothing_and_a_new_price_updates(self, shop: Shop) -> None:
        products = rows(shop, 4)

        async def send() -> Json:
            return await self.ended(
                shop,
                await shop.staff.post(
                    "/api/products/imports", as_csv(products), {"content-type": "text/csv"}
                ),
            )

        first, second = await send(), await send()
        assert (first["created"], second["created"], second["unchanged"]) == (4, 0, 4)
        products[0]["price"] = 77.7
        third = await send()
        assert (third["updated"], third["unchanged"]) == (1, 3)
        await self.found(shop, products)

    @pytest.mark.parametrize(
        ("content", "kind"),
        [
            (b"\x1f\x8b" + b"broken gzip" * 5, "application/gzip"),
            (b"\x00\x01\x02\x03" * 100, "application/octet-stream"),
            (b"\x7fELF" + bytes(range(256)) * 40, "application/octet-stream"),
            (b"just,a,line", "text/csv"),
            (b"<html><body>not found</body></html>", "application/xml"),
            (b"<products><product><name>x</products>", "application/xml"),
            (b"[1, 2, 3", "application/json"),
            (b"sku;name\n\xff\xfe;x\n", "text/csv"),
            (b"\xff\xff\xff", "text/csv"),
            (
                (
                    b"<?xml version='1.0'?><!DOCTYPE p [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"
                    b"<products><product><sku>x</sku><name>&a;</name></product></products>"
                ),
                "application/xml",
            ),
            (
                (
                    b"<!DOCTYPE l [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>"
                    b"<products><product><name>&b;</name></product></products>"
                ),
                "application/xml",
            ),
            (b"no,known,column\n1,2,3\n", "text/csv"),
        ],
    )
    async def test_a_feed_that_is_none_fails_with_a_reason_and_adds_nothing(
        self, shop: Shop, content: bytes, kind: str
    ) -> None:
        answer = await shop.staff.post("/api/products/imports", content, {"content-type": kind})
        if answer.status != 202:
            assert answer.status in (400, 415)
            return
        job = await self.ended(shop, answer)
        assert job["created"] == 0
        assert job["reason"] or job["failed"]
        assert "root:" not in str(job)

    async def test_an_empty_body_is_refused(self, shop: Shop) -> None:
        answer = await shop.staff.post("/api/products/imports", b"", {"content-type": "text/csv"})
        assert answer.status == 400

    async def test_a_packed_bomb_does_not_take_the_shop_down(self, shop: Shop) -> None:
        bomb = gzip.compress(b"sku,name,price,category\n" + b"," * (200 << 20), 1)
        answer = await shop.staff.post(
            "/api/products/imports", bomb, {"content-type": "application/gzip"}
        )
        if answer.status == 202:
            job = await self.ended(shop, answer)
            assert job["created"] == 0
        else:
            assert answer.status in (400, 413)
        assert (await shop.nobody.get("/health/ready")).status == 200

    async def test_an_unknown_import_is_absent(self, shop: Shop) -> None:
        assert (await shop.staff.get(f"/api/products/imports/{shop.new_id()}")).status == 404
        assert (await shop.staff.get("/api/products/imports/x")).status == 404

"""Hostile input of every kind: refused as problem details, and nothing changes.

What the journeys of tests/e2e try already (products' fields, searches, forms, feeds) is not
repeated here. After each test the shop has as many products, orders and carts as before.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import sqlite3
import zlib
from collections.abc import AsyncIterator
from contextlib import closing

import pytest

from tests.contracts.document import Document, parameters
from tests.contracts.stock import BOUNDARY, CHECKOUT, FORM, Shelf
from tests.fixtures.eventually import eventually
from tests.fixtures.http import JSON, Answer
from tests.fixtures.live import Live, raw
from tests.fixtures.process import ShopProcess
from tests.fixtures.shopping import ADDRESS, Json, order

PROBLEM = "application/problem+json"
BASE = "https://kibble.example/problems/"

COUNTED = {
    "product": ["products", "categories", "reviews"],
    "inventory": ["warehouses"],
    "order": ["orders", "carts", "promotions", "subscriptions"],
    "payment": ["payments", "refunds"],
    "customer": ["customers"],
    "shipping": ["shipping"],
    "notification": ["preferences"],
}
"""The tables of each service that must not grow."""


def counts(process: ShopProcess) -> dict[str, int]:
    """Return how many rows each of those tables has, read beside the running shop."""
    found = {}
    for service, tables in COUNTED.items():
        file = process.data_dir / f"{service}.db"
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
            for table in tables:
                # S608: the names stand above
                (row,) = database.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - names of ours
                found[f"{service}.{table}"] = row[0]
    return found


@pytest.fixture
async def nothing_changes(common: Shelf) -> AsyncIterator[None]:
    """See that a test leaves the shop as it was, and answering."""
    product = common.path("/api/products/{productId}")
    name = (await common.shop.nobody.get(product)).json()["name"]
    before = counts(common.shop.process)
    yield
    assert counts(common.shop.process) == before
    assert (await common.shop.nobody.get("/health/ready")).status == 200
    seen = await common.shop.nobody.get(product)
    assert (seen.status, seen.json()["name"]) == (200, name)


def refused(answer: Answer, *statuses: int) -> Json:
    """See that an answer is problem details of one of these statuses; return them."""
    assert answer.status in statuses, answer
    assert answer.headers["content-type"] == PROBLEM
    problem: Json = answer.json()
    assert problem["status"] == answer.status
    assert problem["type"] == BASE + problem["code"]
    assert problem["title"]
    assert problem["detail"]
    if answer.status == 400:
        assert problem["errors"]
        assert all(error["detail"] for error in problem["errors"])
        assert all(e["pointer"] == "" or e["pointer"].startswith("/") for e in problem["errors"])
    return problem


BROKEN = [
    b"{",
    b"}",
    b"nul",
    b"{'name': 'x'}",
    b'{"name": }',
    b'{"name": "x",}',
    b'{"name": "x"} {}',
    b'{"name": "x"} // comment',
    b"\xef\xbb\xbf{}",
    '{"name": "x"}'.encode("utf-16"),
    b'{"name": "\xff\xfe"}',
    b'{"name": "\x00"}',
    b'{"name": "\n"}',
    b'{"name": "\\ud800"}',
    b'{"name": "\\x41"}',
    b'{"price": NaN}',
    b'{"price": Infinity}',
    b'{"price": -Infinity}',
    b'{"price": 1e999}',
    b'{"price": 01}',
    b'{"price": .5}',
    b'{"price": 0x10}',
    b'{"price": ' + b"9" * 5_000 + b"}",
    b"[" * 21 + b"]" * 21,
    b'{"a":' * 100_000,
    b"[" * 500_000,
    b"null",
    b"[]",
    b'"text"',
    b"1",
    b"true",
    b'<?xml version="1.0"?><product/>',
    b"name=x&price=1",
]
TAKES_JSON = [
    ("staff", "POST", "/api/products"),
    ("staff", "PATCH", "/api/products/{productId}"),
    ("owner", "POST", "/api/orders"),
    ("owner", "POST", "/api/carts"),
    ("owner", "POST", "/api/subscriptions"),
    ("nobody", "POST", "/api/subscriptions/prices"),
    ("owner", "PATCH", "/api/subscriptions/{subscriptionId}"),
    ("owner", "PUT", "/api/carts/{cartId}/items/{productId}"),
    ("nobody", "POST", "/api/customers"),
    ("owner", "PATCH", "/api/customers/{customerId}"),
    ("owner", "POST", "/api/payments"),
    ("staff", "POST", "/api/payments/{paymentId}/refund"),
    ("staff", "PUT", "/api/inventory/{productId}"),
    ("nobody", "POST", "/api/shipping/rates"),
    ("owner", "PUT", "/api/notifications/preferences/{customerId}"),
    ("staff", "POST", "/api/promotions"),
]


def client(shelf: Shelf, who: str) -> Live:
    """Return who calls."""
    clients = {"staff": shelf.staff, "owner": shelf.owner.live, "nobody": shelf.shop.nobody}
    return clients[who]


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize(("who", "method", "path"), TAKES_JSON)
class TestBodies:
    """What is no JSON, or no JSON of ours."""

    async def test_refuses_what_is_broken(
        self, common: Shelf, who: str, method: str, path: str
    ) -> None:
        live = client(common, who)
        for content in BROKEN:
            answer = await live.send(method, common.path(path), content, {"content-type": JSON})
            refused(answer, 400)

    async def test_refuses_a_key_that_comes_twice(
        self, common: Shelf, who: str, method: str, path: str
    ) -> None:
        live = client(common, who)
        for content, pointer in (
            (b'{"x": 1, "x": 1}', "/x"),
            (b'{"x": {"y": [1, {"z": 1, "\\u007a": 2}]}}', "/x/y/1/z"),
        ):
            answer = await live.send(method, common.path(path), content, {"content-type": JSON})
            refused(answer, 400)
            assert pointer in answer.pointers()

    async def test_refuses_a_field_that_it_does_not_know(
        self, common: Shelf, who: str, method: str, path: str
    ) -> None:
        body = {"isAdmin": True, "__proto__": {"x": 1}, "a/b~c": 1}
        answer = await client(common, who).send(method, common.path(path), body)
        refused(answer, 400)
        assert answer.pointers() >= {"/isAdmin", "/__proto__", "/a~1b~0c"}

    async def test_refuses_other_media(
        self, common: Shelf, who: str, method: str, path: str
    ) -> None:
        live = client(common, who)
        for kind in (
            "text/plain",
            "application/xml",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/jsonx",
            "application/json/x",
            "json",
            "application/x-python-pickle",
            "application/json, text/plain",
        ):
            answer = await live.send(method, common.path(path), b"{}", {"content-type": kind})
            refused(answer, 415)

    async def test_refuses_more_than_a_mebibyte(
        self, common: Shelf, who: str, method: str, path: str
    ) -> None:
        content = b'{"name": "' + b"x" * (1 << 20) + b'"}'
        live = client(common, who)
        refused(await live.send(method, common.path(path), content, {"content-type": JSON}), 413)


LONG = "x" * 10_000
NOBODY = "00000000-0000-0000-0000-000000000000"
OF_OTHERS = ("/api/recommendations", "/api/notifications/orders")
"""Lists about what another service owns: empty for what nobody has heard of."""
OWNERS_ALONE = {"/api/customers/{customerId}/factors"}
"""What staff are refused before anybody looks whether there is such an account."""
NUMBERS_THAT_ARE_NO_QUANTITY = (-1, 0, 1.5, 1e3 + 0.1, 10**12, 2**63, 2**70, "1", None, True, [1])
AMOUNTS_THAT_ARE_NONE = (-0.01, 1.001, 1e12, 1e-9, "1.00", None, True, {"amount": 1})
"""The number 0 is one."""


def with_line(shelf: Shelf, **line: object) -> Json:
    """Return an order's body with a changed line."""
    body = order(shelf.owner.id, (shelf.product, 1))
    return body | {"items": [body["items"][0] | line]}


def cases(shelf: Shelf) -> list[tuple[str, str, str, object, str]]:
    """Return calls with one wrong field each: who, method, path, body, and its pointer."""
    checkout = "/api/carts/{cartId}/checkout"
    orders, rates = "/api/orders", "/api/shipping/rates"
    sound = order(shelf.owner.id, (shelf.product, 1))
    where = {"zipCode": "10001"}
    level = {"warehouseId": shelf.ids["warehouseId"]}
    stock = "/api/inventory/{productId}"
    found: list[tuple[str, str, str, object, str]] = []
    for number in NUMBERS_THAT_ARE_NO_QUANTITY:
        line = {"productId": shelf.product["id"], "quantity": number}
        found += [
            ("owner", "POST", orders, with_line(shelf, quantity=number), "/items/0/quantity"),
            ("owner", "POST", "/api/carts", {"items": [line]}, "/items/0/quantity"),
            ("nobody", "POST", rates, {"address": where, "items": [line]}, "/items/0/quantity"),
            (
                "nobody",
                "POST",
                "/api/inventory/availability",
                {"items": [line]},
                "/items/0/quantity",
            ),
        ]
        if number != 0:
            found.append(("staff", "PUT", stock, level | {"stockLevel": number}, "/stockLevel"))
    for amount in AMOUNTS_THAT_ARE_NONE:
        product = {"name": "Bowl", "category": "Bowls", "price": amount}
        found += [
            ("owner", "POST", orders, with_line(shelf, price=amount), "/items/0/price"),
            ("owner", "POST", orders, sound | {"totalAmount": amount}, "/totalAmount"),
            ("staff", "POST", "/api/products", product, "/price"),
        ]
        if amount is not None:
            refund = "/api/payments/{paymentId}/refund"
            found.append(("staff", "POST", refund, {"amount": amount}, "/amount"))
    for text in (LONG, "", 1, None, ["x"]):
        address = ADDRESS | {"street": text}
        found += [
            (
                "owner",
                "POST",
                orders,
                sound | {"shippingAddress": address},
                "/shippingAddress/street",
            ),
            (
                "owner",
                "POST",
                checkout,
                CHECKOUT | {"shippingAddress": address},
                "/shippingAddress/street",
            ),
            ("owner", "POST", orders, sound | {"paymentMethod": text}, "/paymentMethod"),
            (
                "staff",
                "POST",
                "/api/categories",
                {"name": text},
                "/name",
            ),
        ]
    for hostile in HOSTILE_NAMES:
        user = {"username": hostile, "email": "a@example.com", "password": "correct horse battery"}
        found += [
            ("nobody", "POST", "/api/customers", user, "/username"),
            (
                "nobody",
                "POST",
                "/api/customers",
                user | {"username": "sam", "email": hostile},
                "/email",
            ),
            ("owner", "POST", checkout, CHECKOUT | {"promotionCode": hostile}, "/promotionCode"),
            ("owner", "POST", checkout, CHECKOUT | {"email": hostile}, "/email"),
            (
                "nobody",
                "POST",
                rates,
                {"address": {"zipCode": hostile}, "parcels": [{"weightGrams": 1}]},
                "/address/zipCode",
            ),
        ]
    return found


HOSTILE_NAMES = [
    "x' OR '1'='1",
    "'; DROP TABLE customers; --",
    "<script>alert(1)</script>",
    "a@b.example\r\nBcc: everybody@example.com",
    "a b@example.com\n",
    "sam\x00",
    "\u202esam",
    "{{7*7}} ${7*7} #{7*7}",
    "../../etc/passwd",
    "%0d%0aSet-Cookie: x",
    "",
    " ",
    LONG,
]
"""Texts that are no name, no address of e-mail, no code."""


@pytest.mark.usefixtures("nothing_changes")
class TestFields:
    """One wrong field in an otherwise sound body."""

    async def test_points_at_the_field_that_is_wrong(self, common: Shelf) -> None:
        wrong = []
        for who, method, path, body, pointer in cases(common):
            answer = await client(common, who).send(method, common.path(path), body)
            if answer.status != 400 or pointer not in answer.pointers():
                wrong.append((method, path, str(body)[:200], pointer, answer.status, answer.body))
                continue
            refused(answer, 400)
        assert wrong == []

    @pytest.mark.parametrize(
        "wrong",
        [{"$gt": ""}, {"$ne": None}, ["x"], 1, 1.5, True, "x" * 65, ""],
    )
    async def test_refuses_an_id_that_is_none(self, common: Shelf, wrong: object) -> None:
        owner, staff = common.owner.live, common.staff
        line = {"productId": wrong, "quantity": 1}
        bodies: list[tuple[Live, str, Json]] = [
            (owner, "/api/carts", {"items": [line]}),
            (owner, "/api/payments", {"orderId": wrong, "paymentMethod": "CreditCard"}),
            (owner, "/api/recommendations/views", {"productId": wrong}),
            (owner, common.path("/api/carts/{cartId}/merge"), {"cartId": wrong}),
            (staff, "/api/shipping", {"orderId": wrong, "parcels": [{"weightGrams": 5}]}),
            (staff, "/api/notifications", {"customerId": wrong, "type": "order_shipped"}),
        ]
        for live, path, body in bodies:
            refused(await live.post(path, body), 400)

    @pytest.mark.parametrize(
        "wrong", ["x", "..", "1; DROP TABLE carts", "\x00", "\u202e", "0" * 36]
    )
    async def test_an_id_of_the_wrong_shape_names_nothing(self, common: Shelf, wrong: str) -> None:
        owner, staff = common.owner.live, common.staff
        bodies: list[tuple[Live, str, Json]] = [
            (owner, "/api/payments", {"orderId": wrong, "paymentMethod": "CreditCard"}),
            (owner, "/api/recommendations/views", {"productId": wrong}),
            (owner, common.path("/api/carts/{cartId}/merge"), {"cartId": wrong}),
            (staff, "/api/shipping", {"orderId": wrong, "parcels": [{"weightGrams": 5}]}),
        ]
        for live, path, body in bodies:
            refused(await live.post(path, body), 400, 404)


@pytest.mark.usefixtures("nothing_changes")
class TestPaths:
    """Paths and methods that nothing answers."""

    @pytest.mark.parametrize(
        "wrong",
        [
            "x",
            "0",
            "-1",
            "1e9",
            "null",
            "%00",
            "%2e%2e",
            "%252e%252e%252f",
            "'%20OR%20'1'='1",
            "%7b%22$gt%22:%22%22%7d",
            "%0d%0aSet-Cookie:%20x=1",
            "%ff%fe",
            "%E2%80%AE",
            "a" * 5_000,
            NOBODY,
            "01890000-0000-7000-8000-00000000000g",
        ],
    )
    async def test_an_id_that_is_none_is_absent(
        self, common: Shelf, document: Document, wrong: str
    ) -> None:
        for method, path in document.operations:
            names = parameters(path)
            if method != "GET" or not names or path.startswith(OF_OTHERS):
                continue
            answer = await common.staff.get(common.path(path, **dict.fromkeys(names, wrong)))
            refused(answer, 403 if path in OWNERS_ALONE and wrong == NOBODY else 404)
            assert "set-cookie" not in answer.headers

    @pytest.mark.parametrize(
        "path",
        [
            "//api/categories",
            "///api/categories",
            "/api//categories",
            "/api/categories/",
            "/api/categories//",
            "/api%2fcategories",
            "/api%2Fcategories",
            "/api/./categories",
            "/api/products/../categories",
            "/api/%2e%2e/api/categories",
            "/API/categories",
            "/api/categories%00",
            "/api/categories%20",
            "/api/categories;x=1",
            "/api\\categories",
            "/api/categories/..;/",
            "/images/..%2f..%2fsigning-key.json",
            "/docs/",
            "//",
            "/.env",
            "/.git/config",
        ],
    )
    async def test_a_path_spelled_otherwise_is_another_path(self, common: Shelf, path: str) -> None:
        status, headers, body = await first(common, f"GET {path} HTTP/1.1", b"")
        assert (status, headers["content-type"]) == (404, PROBLEM)
        assert json.loads(body)["code"] == "not-found"

    async def test_an_unknown_method_is_refused_and_told_the_known_ones(
        self, common: Shelf, document: Document
    ) -> None:
        for path in document.raw["paths"]:
            methods = {method for method, each in document.operations if each == path}
            allowed = methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
            for method in ("TRACE", "BREW", "PROPFIND", "get"):
                answer = await first(common, f"{method} {common.path(path)} HTTP/1.1", b"")
                assert answer[0] in (400, 405), (method, path, answer)
                if answer[0] == 405:
                    assert set(answer[1]["allow"].split(", ")) == allowed

    async def test_options_and_head_do_nothing(self, common: Shelf, document: Document) -> None:
        for path in document.raw["paths"]:
            url = common.path(path)
            answer = await common.staff.send("OPTIONS", url)
            assert (answer.status, answer.body) == (204, b"")
            assert answer.headers["allow"]
            if ("GET", path) in document.operations and "stream" not in path:
                head = await common.staff.send("HEAD", url)
                assert head.body == b""
                assert head.status == (await common.staff.get(url)).status


FORGED = [
    "x",
    "%00",
    "e30",
    "W10",
    "W251bGxd",
    "WzFlOTk5XQ",
    "Wy0xLC0xXQ",
    "W1tbW11dXV0",
    "WyJcdWQ4MDAiLCAiXHVkODAwIl0",
    "A" * 2_001,
    "%F0%9F%90%B6",
]
"""Base64 of JSON that no list gave, and what is not even that."""


@pytest.mark.usefixtures("nothing_changes")
class TestLists:
    """Pages that nobody can turn to."""

    async def test_refuses_a_cursor_that_it_did_not_give(
        self, common: Shelf, document: Document
    ) -> None:
        for path, needed in lists(document, "cursor"):
            for cursor in FORGED:
                answer = await common.staff.get(f"{common.path(path)}?{needed}cursor={cursor}")
                refused(answer, 400)
                assert answer.pointers() == {"/cursor"}, (path, cursor)

    async def test_refuses_a_limit_out_of_range(self, common: Shelf, document: Document) -> None:
        for path, needed in lists(document, "limit"):
            for limit in ("0", "-1", "101", "1.5", "ten", "", "99999999999999999999", "%00"):
                answer = await common.staff.get(f"{common.path(path)}?{needed}limit={limit}")
                refused(answer, 400)
                assert answer.pointers() == {"/limit"}, (path, limit)

    @pytest.mark.parametrize(
        "query",
        [
            "a=1&" * 5_000,
            "&" * 5_000,
            "=" * 5_000,
            "limit=5&limit=1000",
            "%",
            "%00=%00",
            "limit[]=5",
            "limit[$gt]=5",
            "__proto__[x]=1",
            "\u0000",
            ";" * 1_000,
        ],
    )
    async def test_an_absurd_query_is_answered(self, common: Shelf, query: str) -> None:
        for path in ("/api/products", "/api/promotions", "/api/orders"):
            answer = await common.staff.get(f"{path}?{query.encode('unicode_escape').decode()}")
            assert answer.status in (200, 400)


def lists(document: Document, parameter: str) -> list[tuple[str, str]]:
    """Return the paths of the lists that have a parameter, and the query that they need."""
    found = []
    for (method, path), operation in document.operations.items():
        if method == "GET" and parameter in {p["name"] for p in operation["parameters"]}:
            needed = {
                "/api/notifications": "customerId=x&",
                "/api/shipping/packing": f"warehouseId={NOBODY}&",
            }
            found.append((path, needed.get(path, "")))
    assert found
    return found


@pytest.mark.usefixtures("nothing_changes")
class TestHeaders:
    """Headers with values that they cannot have."""

    @pytest.mark.parametrize("key", ["", " ", "a b", "a" * 256, "é", '"', '""', "a\tb"])
    async def test_refuses_a_key_that_is_none(self, common: Shelf, key: str) -> None:
        line = f"Idempotency-Key: {key}\r\nContent-Type: application/json\r\nContent-Length: 2"
        request = f"POST /api/carts HTTP/1.1\r\n{line}"
        status, headers, body = await first(common, request, b"{}")
        assert (status, headers["content-type"]) == (400, PROBLEM)
        assert json.loads(body)["errors"][0]["pointer"] == "/headers/Idempotency-Key"

    @pytest.mark.parametrize(
        "tag", ["x", '""', "W/", ",", '"0"', '"-1"', '"1e9"', "<script>", "'; --", "1" * 5_000]
    )
    async def test_changes_nothing_for_a_version_that_never_was(
        self, common: Shelf, tag: str
    ) -> None:
        path = common.path("/api/products/{productId}")
        for method, body in (("PATCH", {"name": "Stolen"}), ("DELETE", None)):
            answer = await common.staff.send(method, path, body, {"if-match": tag})
            refused(answer, 412)

    @pytest.mark.parametrize("value", ["bytes=0-1", "bytes=9-1", "bytes=-1", "x", "bytes=0-0,2-3"])
    async def test_answers_whole_whatever_the_range(self, common: Shelf, value: str) -> None:
        for path in ("/api/products/{productId}", "/images/{name}"):
            answer = await common.shop.nobody.get(common.path(path), {"range": value})
            assert answer.status == 200
            assert len(answer.body) == int(answer.headers["content-length"])

    @pytest.mark.parametrize(
        "header",
        [
            "Accept: application/xml",
            "Accept-Encoding: gzip;q=999, bomb",
            "Host: evil.example",
            "X-Forwarded-For: 127.0.0.1",
            "X-Forwarded-Host: evil.example",
            "X-HTTP-Method-Override: DELETE",
            "X-Original-URL: /api/promotions",
            "traceparent: 00-xyz",
            "traceparent: 00-00000000000000000000000000000000-0000000000000000-00",
            "X-Request-Id: <script>alert(1)</script>",
            "If-None-Match: \xff",
            "Cookie: a=b; Path=/; $x",
        ],
    )
    async def test_an_odd_header_changes_nothing_of_the_answer(
        self, common: Shelf, header: str
    ) -> None:
        path = common.path("/api/products/{productId}")
        status, headers, body = await first(common, f"GET {path} HTTP/1.1\r\n{header}", b"")
        assert status == 200
        assert json.loads(body)["id"] == common.product["id"]
        assert "evil" not in str(headers)
        assert "script" not in headers["x-request-id"]


async def first(shelf: Shelf, head: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send a request as it is spelled; return its answer. The host is named unless it is."""
    host = "" if "\nHost:" in head else "Host: shop\r\n"
    request = f"{head}\r\n{host}Connection: close\r\n\r\n".encode("latin-1")
    return parsed(await raw(shelf.shop.process, request + body))


def parsed(answer: bytes) -> tuple[int, dict[str, str], bytes]:
    """Return the status, the headers and the body of an answer; 0 when there was none."""
    head, _, body = answer.partition(b"\r\n\r\n")
    if not head:
        return 0, {}, b""
    status, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return int(status.split()[1]), {n.lower(): v.strip() for n, _, v in pairs}, body


INNER = b"POST /api/carts HTTP/1.1\r\nHost: shop\r\nContent-Length: 0\r\n\r\n"
"""What an attacker wants to be taken for a request of its own: it would make a cart."""

CHUNKED = "Transfer-Encoding: chunked"
SMUGGLED: dict[str, tuple[str, bytes]] = {
    "a length and chunks": (f"Content-Length: 4\r\n{CHUNKED}", b"0\r\n\r\n"),
    "chunks and a length": (f"{CHUNKED}\r\nContent-Length: 6", b"0\r\n\r\nX"),
    "two lengths": ("Content-Length: 0\r\nContent-Length: 8", b"x" * 8),
    "a list of lengths": ("Content-Length: 0, 8", b""),
    "a negative length": ("Content-Length: -1", b""),
    "a length with a sign": ("Content-Length: +2", b"{}"),
    "a hexadecimal length": ("Content-Length: 0x2", b"{}"),
    "a huge length": ("Content-Length: 99999999999999999999999", b""),
    "an unknown coding": ("Transfer-Encoding: xchunked", b"0\r\n\r\n"),
    "chunks not last": ("Transfer-Encoding: chunked, identity", b"0\r\n\r\n"),
    "chunks twice": (f"{CHUNKED}\r\n{CHUNKED}", b"0\r\n\r\n"),
    "a space before the colon": ("Transfer-Encoding : chunked", b"0\r\n\r\n"),
    "a folded header": ("Transfer-Encoding:\r\n chunked", b"0\r\n\r\n"),
    "a chunk that is no number": (CHUNKED, b"zz\r\n{}\r\n0\r\n\r\n"),
    "a negative chunk": (CHUNKED, b"-2\r\n{}\r\n0\r\n\r\n"),
    "a chunk beyond all numbers": (CHUNKED, b"FFFFFFFFFFFFFFFFFF\r\n{}"),
    "a chunk longer than it says": (CHUNKED, b"1\r\n{}\r\n0\r\n\r\n"),
    "a header without a colon": ("Nonsense\r\nContent-Length: 0", b""),
    "a name with a space": ("X Y: z\r\nContent-Length: 0", b""),
    "a nul in a value": ("X-Y: a\x00b\r\nContent-Length: 0", b""),
    "a bare line end": ("X-Y: a\nContent-Length: 0", b""),
    "a bare carriage return": ("X-Y: a\rTransfer-Encoding: chunked", b"0\r\n\r\n"),
}
"""Requests whose end two readers may see in two places, before the inner one."""


@pytest.mark.usefixtures("nothing_changes")
class TestWire:
    """What is hardly HTTP."""

    @pytest.mark.parametrize("shape", SMUGGLED)
    async def test_a_request_of_two_meanings_smuggles_nothing(
        self, common: Shelf, shape: str
    ) -> None:
        lines, body = SMUGGLED[shape]
        head = f"PUT /api/nowhere HTTP/1.1\r\nHost: shop\r\n{lines}\r\n\r\n"
        request = head.encode("latin-1") + body + INNER
        answers = await everything(common.shop.process, request)
        assert b"HTTP/1.1 2" not in answers, answers
        assert b"HTTP/1.1 5" not in answers, answers

    @pytest.mark.parametrize(
        "request_",
        [
            b"\r\n\r\n\r\n",
            b"GET\r\n\r\n",
            b"GET /health/live\r\n\r\n",
            b"GET /health/live HTTP/9.9\r\n\r\n",
            b"GET /health/live HTTP/1.1\r\n" + b"A: b\r\n" * 20_000 + b"\r\n",
            b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\n\r\n",
            b"GET / HTTP/1.1\r\nX: " + b"a" * 500_000 + b"\r\n\r\n",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n",
            b"GET http://evil.example/ HTTP/1.1\r\nHost: shop\r\n\r\n",
            b"GET * HTTP/1.1\r\nHost: shop\r\n\r\n",
            b"OPTIONS * HTTP/1.1\r\nHost: shop\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 500,
            pytest.param(b"\x00" * 2_000, id="zeros"),
            pytest.param(b"\xff" * 2_000, id="ones"),
            (
                b"GET /health/live HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\nHost: shop\r\n\r\n"
            ),
        ],
    )
    async def test_what_is_no_request_ends_without_a_fault(
        self, common: Shelf, request_: bytes
    ) -> None:
        answers = await everything(common.shop.process, request_)
        assert b"HTTP/1.1 5" not in answers
        assert b"Traceback" not in answers

    async def test_a_body_that_never_arrives_makes_nothing(self, common: Shelf) -> None:
        process = common.shop.process
        head = b"POST /api/carts HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\n"
        for rest in (
            b"Content-Length: 100\r\n\r\n{",
            b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
            b"Content-Length: 100",
            b"",
        ):
            for _ in range(5):
                _, writer = await asyncio.open_connection("127.0.0.1", process.port)
                writer.write(head + rest)
                await writer.drain()
                writer.transport.abort()

    async def test_many_callers_who_never_finish_keep_nobody_waiting(self, common: Shelf) -> None:
        process = common.shop.process
        pairs = [await asyncio.open_connection("127.0.0.1", process.port) for _ in range(100)]
        try:
            for number, (_, writer) in enumerate(pairs):
                writer.write(b"POST /api/carts HTTP/1.1\r\nHost: shop\r\nContent-Le"[: 5 + number])
                await writer.drain()
            assert (await common.shop.nobody.get("/api/categories")).status == 200
        finally:
            for _, writer in pairs:
                writer.transport.abort()

    async def test_chunks_are_counted_too(self, common: Shelf) -> None:
        head = b"POST /api/carts HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\n"
        chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        request = head + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 17 + b"0\r\n\r\n"
        status, headers, _ = parsed(await raw(common.shop.process, request))
        assert (status, headers["content-type"]) == (413, PROBLEM)


async def everything(process: ShopProcess, request: bytes) -> bytes:
    """Send bytes and the end of sending; return all that is answered until the shop closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", process.port)
    try:
        writer.write(request)
        await writer.drain()
        writer.write_eof()
        return await asyncio.wait_for(reader.read(), 10)
    except (OSError, TimeoutError):  # it is closed as soon as it is refused
        return b""
    finally:
        writer.close()


async def test_chunks_without_a_length_are_taken(common: Shelf) -> None:
    head = b"POST /api/carts HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\n"
    request = head + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"
    status, headers, body = parsed(await raw(common.shop.process, request))
    assert status == 201
    assert headers["location"] == f"/api/carts/{json.loads(body)['id']}"


class TestText:
    """Text of every script is text; what no screen can show is not."""

    @pytest.mark.parametrize(
        "name",
        [
            "שלום כלב",
            "كلب لطيف",
            "犬と猫",
            "Z̸̡̛̗̺̽͌a̶̢̝͋l̷̛̙̍g̴̞̈o̷̱͝ snack",
            "🐕‍🦺 Geschirr",
            "<b>Bold</b> & 'quoted' \"text\"",
            "Robert'); DROP TABLE products;--",
            "=cmd|' /C calc'!A0",
            "{{7*7}}",
            "a\u200bb",
        ],
    )
    async def test_is_kept_as_it_is(self, common: Shelf, name: str) -> None:
        body = {"name": name, "price": 1, "category": "Text", "description": name}
        made = await common.staff.post("/api/products", body)
        assert made.status == 201, made
        seen = (await common.shop.nobody.get(made.headers["location"])).json()
        assert (seen["name"], seen["description"]) == (name, name)

    @pytest.mark.usefixtures("nothing_changes")
    @pytest.mark.parametrize("name", ["\x00", "a\x00b", "a\x1bb", " ", "\n", LONG])
    async def test_is_refused(self, common: Shelf, name: str) -> None:
        product = {"name": name, "price": 1, "category": "Text"}
        answer = await common.staff.post("/api/products", product)
        refused(answer, 400)
        assert answer.pointers() == {"/name"}


def chunk(kind: bytes, content: bytes) -> bytes:
    """Return one chunk of a PNG file."""
    checksum = zlib.crc32(kind + content)
    return len(content).to_bytes(4, "big") + kind + content + checksum.to_bytes(4, "big")


def png(width: int, height: int, *chunks: bytes) -> bytes:
    """Return a PNG file that says to be so large, with these chunks."""
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x00\x00\x00\x00"
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunks) + chunk(b"IEND", b"")


def form(content: bytes) -> bytes:
    """Return a form with one file."""
    head = (
        f'--{BOUNDARY}\r\ncontent-disposition: form-data; name="file"; filename="../../x.png"'
        "\r\ncontent-type: image/png\r\n\r\n"
    )
    return head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


def pictures() -> dict[str, bytes]:
    """Return files that are small and claim to be large, or are no whole picture."""
    bomb = zlib.compress(b"\x00" * (100 << 20), 9)
    return {
        "a text of 100 MiB": png(1, 1, chunk(b"zTXt", b"Comment\x00\x00" + bomb)),
        "a profile of 100 MiB": png(1, 1, chunk(b"iCCP", b"x\x00\x00" + bomb)),
        "too wide": png(2**31 - 1, 1, chunk(b"IDAT", zlib.compress(b"\x00"))),
        "of no width": png(0, 0, chunk(b"IDAT", zlib.compress(b""))),
        "more pixels than it says": png(1, 1, chunk(b"IDAT", bomb)),
        "of no pixels": png(100, 100),
        "a script behind a header": png(10, 10) + b"<script>alert(1)</script>",
    }


@pytest.mark.usefixtures("nothing_changes")
class TestBombs:
    """Little that becomes much."""

    async def test_a_picture_that_is_a_bomb_is_refused(self, common: Shelf) -> None:
        path = common.path("/api/products/{productId}/images")
        before = (await common.shop.nobody.get(common.path("/api/products/{productId}"))).json()
        for name, content in pictures().items():
            answer = await common.staff.post(path, form(content), FORM)
            if name != "more pixels than it says":
                refused(answer, 400, 413, 415)
        after = (await common.shop.nobody.get(common.path("/api/products/{productId}"))).json()
        assert len(after["images"]) <= len(before["images"]) + 1

    @pytest.mark.parametrize(
        ("content", "kind"),
        [
            (gzip.compress(gzip.compress(b"sku,name\n1,x\n")), "application/gzip"),
            (gzip.compress(b"\x00" * (50 << 20)), "application/gzip"),
            (gzip.compress(b"<a>" * 1_000_000), "application/gzip"),
            (gzip.compress(b"[" * 5_000_000), "application/gzip"),
            (b"PK\x03\x04" + b"\x00" * 500, "application/octet-stream"),
            (b"<products>" + b"<a>" * 50_000, "application/xml"),
        ],
        ids=["gzip twice", "zeros", "deep xml", "brackets", "zip", "xml without end"],
    )
    async def test_a_feed_that_is_a_bomb_fails_with_a_reason(
        self, common: Shelf, content: bytes, kind: str
    ) -> None:
        path = "/api/products/imports"
        answer = await common.staff.post(path, content, {"content-type": kind})
        assert answer.status == 202, answer

        async def job() -> Json:
            seen: Json = (await common.staff.get(answer.headers["location"])).json()
            return seen

        ended = await eventually(job, until=lambda seen: seen["finishedAt"], within=30)
        assert (ended["status"], ended["created"]) == ("FAILED", 0), ended
        assert 0 < len(ended["reason"]) < 500

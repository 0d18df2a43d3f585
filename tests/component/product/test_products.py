"""Products through HTTP: made, read, changed, deleted."""

from __future__ import annotations

import asyncio

import pytest

from kibble.kernel.ids import ProductId
from tests.component.product.counter import Counter, product
from tests.fixtures.doubles import FakeClock

OWNERS_FIELDS = [
    "id",
    "name",
    "description",
    "price",
    "category",
    "tags",
    "attributes",
    "stock",
    "images",
    "createdAt",
    "updatedAt",
]
NOBODY = ProductId("01890000-0000-7000-8000-000000000000")


class TestFindBySku:
    async def test_lists_the_one_product_that_has_it(self, counter: Counter) -> None:
        made = await counter.add(sku="KIB-1")
        await counter.add()
        found = await counter.anyone.get("/api/products?sku=KIB-1")
        assert [each["id"] for each in found.json()] == [made["id"]]
        assert (await counter.anyone.get("/api/products?sku=KIB")).json() == []


class TestCreate:
    async def test_answers_201_with_location_and_the_product(self, counter: Counter) -> None:
        body = product(
            description="Crunchy",
            tags=["dog", "dry"],
            attributes={"brand": "BestPet", "weightGrams": 1200.5, "grainFree": True},
            images=["image1.jpg"],
            sku="KIB-1",
        )
        answer = await counter.staff.post("/api/products", body)
        made = answer.json()
        assert answer.status == 201
        assert answer.headers["location"] == f"/api/products/{made['id']}"
        assert list(made)[: len(OWNERS_FIELDS)] == OWNERS_FIELDS
        assert {name: made[name] for name in body} == body
        assert b'"price":19.99,' in answer.body
        assert (made["stock"], made["rating"], made["reviewCount"]) == (0, 0, 0)
        assert made["createdAt"] == made["updatedAt"] == "2026-03-02T15:00:00Z"
        assert made["kind"] == "simple"
        assert await counter.product(made["id"]) == made

    async def test_makes_an_unknown_category(self, counter: Counter) -> None:
        await counter.add(category="Ferrets")
        tree = (await counter.anyone.get("/api/categories")).json()
        assert [(each["name"], each["productCount"]) for each in tree] == [("Ferrets", 1)]

    async def test_publishes_that_the_product_exists(self, counter: Counter) -> None:
        made = await counter.add()
        assert counter.events() == [("product.created", made["id"], 1)]

    @pytest.mark.parametrize("missing", ["name", "price", "category"])
    async def test_needs_a_name_a_price_and_a_category(
        self, counter: Counter, missing: str
    ) -> None:
        body = product()
        del body[missing]
        answer = await counter.staff.post("/api/products", body)
        assert (answer.status, answer.pointers()) == (400, {f"/{missing}"})

    @pytest.mark.parametrize(
        ("fields", "pointer"),
        [
            ({"price": 19.999}, "/price"),
            ({"price": -0.01}, "/price"),
            ({"price": 100_000_000}, "/price"),
            ({"price": "19.99"}, "/price"),
            ({"price": True}, "/price"),
            ({"price": None}, "/price"),
            ({"name": ""}, "/name"),
            ({"name": "   "}, "/name"),
            ({"name": "a\u0000b"}, "/name"),
            ({"name": "x" * 201}, "/name"),
            ({"name": 7}, "/name"),
            ({"category": ""}, "/category"),
            ({"tags": "dog"}, "/tags"),
            ({"tags": [1]}, "/tags/0"),
            ({"attributes": {"a": None}}, "/attributes/a"),
            ({"attributes": {"a": {"$gt": 1}}}, "/attributes/a"),
            ({"attributes": {"a": [1]}}, "/attributes/a"),
            ({"attributes": {"a": 10**30}}, "/attributes/a"),
            ({"attributes": {"": "x"}}, "/attributes/"),
            ({"images": ["javascript:alert(1)"]}, "/images/0"),
            ({"images": ["data:text/html,x"]}, "/images/0"),
            ({"colour": "red"}, "/colour"),
            ({"stock": 100}, "/stock"),
        ],
    )
    async def test_points_at_what_is_invalid(
        self, counter: Counter, fields: dict[str, object], pointer: str
    ) -> None:
        answer = await counter.staff.post("/api/products", product(**fields))
        assert answer.status == 400
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.pointers() == {pointer}

    @pytest.mark.parametrize("price", [0, 0.01, 5, 99_999_999.99])
    async def test_takes_every_price_that_there_can_be(
        self, counter: Counter, price: float
    ) -> None:
        assert (await counter.add(price=price))["price"] == price

    async def test_takes_hostile_text_as_text(self, counter: Counter) -> None:
        name = "'; DROP TABLE products;-- <script>alert(1)</script> =cmd|' /C calc'!A0 \u202e🐕"
        assert (await counter.add(name=name))["name"] == name

    @pytest.mark.parametrize(
        "body",
        [
            b'{"name": "\\ud800", "price": 1, "category": "x"}',
            b'{"name": "a", "price": 1e400, "category": "x"}',
            b'{"name": "a", "price": 1e-400, "category": "x", "x": ',
            b'{"name": "a", "price": NaN, "category": "x"}',
            b'{"name": "\xff", "price": 1, "category": "x"}',
            b"[]",
            b"null",
        ],
    )
    async def test_refuses_what_is_no_good_json(self, counter: Counter, body: bytes) -> None:
        assert (await counter.staff.post("/api/products", body)).status == 400

    async def test_refuses_a_sku_that_is_taken_and_says_by_whom(self, counter: Counter) -> None:
        first = await counter.add(sku="A")
        answer = await counter.staff.post("/api/products", product(sku="A"))
        assert (answer.status, answer.json()["code"]) == (409, "sku-taken")
        assert answer.json()["productId"] == first["id"]

    async def test_is_for_staff(self, counter: Counter) -> None:
        assert (await counter.anyone.post("/api/products", product())).status == 401
        customer = counter.anyone.as_customer(NOBODY)
        assert (await customer.post("/api/products", product())).status == 403

    async def test_makes_one_product_an_idempotency_key(self, counter: Counter) -> None:
        key = {"idempotency-key": "k"}
        first = await counter.staff.post("/api/products", product(), key)
        again = await counter.staff.post("/api/products", product(), key)
        assert (again.status, again.body) == (201, first.body)
        assert len((await counter.anyone.get("/api/products")).json()) == 1

    async def test_lets_racing_requests_share_a_new_category(self, counter: Counter) -> None:
        bodies = [product(category="New") for _ in range(10)]
        answers = await asyncio.gather(
            *(counter.staff.post("/api/products", body) for body in bodies)
        )
        assert [answer.status for answer in answers] == [201] * 10
        tree = (await counter.anyone.get("/api/categories")).json()
        assert [(each["name"], each["productCount"]) for each in tree] == [("New", 10)]

    async def test_gives_one_of_racing_requests_the_sku(self, counter: Counter) -> None:
        answers = await asyncio.gather(
            *(counter.staff.post("/api/products", product(sku="ONE")) for _ in range(5))
        )
        assert sorted(answer.status for answer in answers) == [201, 409, 409, 409, 409]


class TestRead:
    async def test_does_not_know_every_id(self, counter: Counter) -> None:
        assert (await counter.anyone.get(f"/api/products/{NOBODY}")).status == 404
        assert (await counter.anyone.get("/api/products/12345")).status == 404

    async def test_answers_304_to_who_has_it(self, counter: Counter) -> None:
        made = await counter.add()
        url = f"/api/products/{made['id']}"
        etag = (await counter.anyone.get(url)).headers["etag"]
        assert etag == '"1.0"'
        for known in (etag, f'"x", W/{etag}', "*"):
            answer = await counter.anyone.get(url, {"if-none-match": known})
            assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", etag)
        assert (await counter.anyone.get(url, {"if-none-match": '"0.0"'})).status == 200

    async def test_lists_newest_first_page_by_page(self, counter: Counter) -> None:
        made = [(await counter.add(name=f"P{number}"))["id"] for number in range(5)]
        url, seen = "/api/products?limit=2", []
        while url:
            answer = await counter.anyone.get(url)
            seen += [each["id"] for each in answer.json()]
            url = answer.headers.get("link", "")[1:].partition(">")[0]
        assert seen == made[::-1]

    @pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "cursor=%F0%9F"])
    async def test_refuses_a_page_that_cannot_be(self, counter: Counter, query: str) -> None:
        assert (await counter.anyone.get(f"/api/products?{query}")).status == 400

    async def test_leaves_parameters_of_others_alone(self, counter: Counter) -> None:
        assert (await counter.anyone.get("/api/products?utm_source=mail")).status == 200

    async def test_shows_every_write_at_once(self, counter: Counter) -> None:
        made = await counter.add()
        for price in (5.00, 6.00):
            await counter.product(made["id"])
            await counter.staff.patch(f"/api/products/{made['id']}", {"price": price})
            assert (await counter.product(made["id"]))["price"] == price
            listed = (await counter.anyone.get("/api/products")).json()
            assert [each["price"] for each in listed] == [price]


class TestReplace:
    async def test_puts_a_product_in_the_place_of_what_is_there(
        self, counter: Counter, clock: FakeClock
    ) -> None:
        made = await counter.add(sku="A", description="old", tags=["a"], attributes={"b": 1})
        clock.advance(60)
        answer = await counter.staff.put(f"/api/products/{made['id']}", product(price=5))
        put = answer.json()
        assert answer.status == 200
        assert (put["description"], put["tags"], put["attributes"]) == ("", [], {})
        assert (put["sku"], put["price"]) == ("A", 5)
        assert put["createdAt"] == made["createdAt"]
        assert put["updatedAt"] == "2026-03-02T15:01:00Z"
        assert await counter.product(made["id"]) == put

    async def test_needs_the_whole_product(self, counter: Counter) -> None:
        made = await counter.add()
        answer = await counter.staff.put(f"/api/products/{made['id']}", {"price": 5})
        assert (answer.status, answer.pointers()) == (400, {"/name", "/category"})

    async def test_checks_the_version_that_the_caller_has_seen(self, counter: Counter) -> None:
        made = await counter.add()
        url = f"/api/products/{made['id']}"
        await counter.stock(made["id"], 5, 1)
        first = await counter.staff.put(url, product(price=1), {"if-match": '"1.0"'})
        assert (first.status, first.headers["etag"]) == (200, '"2.1"')
        late = await counter.staff.put(url, product(price=2), {"if-match": '"1.1"'})
        assert (late.status, late.json()["code"]) == (412, "precondition-failed")
        assert (await counter.product(made["id"]))["price"] == 1

    async def test_does_not_know_every_product(self, counter: Counter) -> None:
        assert (await counter.staff.put(f"/api/products/{NOBODY}", product())).status == 404


class TestPatch:
    async def test_is_a_json_merge_patch(self, counter: Counter) -> None:
        made = await counter.add(
            description="Crunchy", tags=["a"], attributes={"brand": "A", "size": "S", "wet": False}
        )
        patch = {"price": 9.99, "tags": None, "attributes": {"size": None, "brand": "B"}}
        answer = await counter.staff.patch(f"/api/products/{made['id']}", patch)
        patched = answer.json()
        assert answer.status == 200
        assert patched["attributes"] == {"brand": "B", "wet": False}
        assert (patched["price"], patched["tags"]) == (9.99, [])
        assert (patched["description"], patched["name"]) == ("Crunchy", "Chicken Kibble")

    @pytest.mark.parametrize(
        ("patch", "pointer"),
        [
            ({"name": None}, "/name"),
            ({"price": None}, "/price"),
            ({"category": ""}, "/category"),
            ({"attributes": {"a": {"b": 1}}}, "/attributes/a"),
            ({"id": NOBODY}, "/id"),
        ],
    )
    async def test_cannot_take_away_what_a_product_needs(
        self, counter: Counter, patch: dict[str, object], pointer: str
    ) -> None:
        made = await counter.add()
        answer = await counter.staff.patch(f"/api/products/{made['id']}", patch)
        assert (answer.status, answer.pointers()) == (400, {pointer})

    async def test_writes_and_publishes_nothing_when_nothing_changes(
        self, counter: Counter
    ) -> None:
        made = await counter.add()
        answer = await counter.staff.patch(f"/api/products/{made['id']}", {"price": 19.99})
        assert (answer.status, answer.headers["etag"]) == (200, '"1.0"')
        assert len(counter.events()) == 1

    async def test_publishes_what_changed_in_order(self, counter: Counter) -> None:
        made = await counter.add()
        for price in (1, 2):
            await counter.staff.patch(f"/api/products/{made['id']}", {"price": price})
        assert counter.events()[1:] == [
            ("product.updated", made["id"], 2),
            ("product.price_changed", made["id"], 2),
            ("product.updated", made["id"], 3),
            ("product.price_changed", made["id"], 3),
        ]

    async def test_moves_a_product_between_categories(self, counter: Counter) -> None:
        made = await counter.add(category="Old")
        await counter.staff.patch(f"/api/products/{made['id']}", {"category": "New"})
        tree = (await counter.anyone.get("/api/categories")).json()
        assert [(each["name"], each["productCount"]) for each in tree] == [("New", 1), ("Old", 0)]

    async def test_loses_no_edit_of_racing_requests(self, counter: Counter) -> None:
        made = await counter.add()
        patches: list[dict[str, object]] = [{"attributes": {f"a{n}": n}} for n in range(30)]
        url = f"/api/products/{made['id']}"
        answers = await asyncio.gather(*(counter.staff.patch(url, patch) for patch in patches))
        assert {answer.status for answer in answers} == {200}
        shown = (await counter.product(made["id"]))["attributes"]
        assert shown == {f"a{n}": n for n in range(30)}


class TestDelete:
    async def test_takes_a_product_away(self, counter: Counter) -> None:
        made = await counter.add()
        url = f"/api/products/{made['id']}"
        assert (await counter.staff.delete(url)).status == 204
        assert (await counter.anyone.get(url)).status == 404
        assert (await counter.staff.delete(url)).status == 404
        assert counter.events()[-1] == ("product.deleted", made["id"], 2)

    async def test_checks_the_version_that_the_caller_has_seen(self, counter: Counter) -> None:
        made = await counter.add()
        url = f"/api/products/{made['id']}"
        assert (await counter.staff.delete(url, {"if-match": '"7.0"'})).status == 412
        assert (await counter.staff.delete(url, {"if-match": '"1.0"'})).status == 204

    async def test_is_for_staff(self, counter: Counter) -> None:
        made = await counter.add()
        assert (await counter.anyone.delete(f"/api/products/{made['id']}")).status == 401


class TestQuotes:
    async def test_tell_an_order_what_it_needs(self, counter: Counter) -> None:
        made = await counter.add(attributes={"weightGrams": 1500}, images=["a.jpg"])
        for fresh in (False, True):
            quote = (await counter.client.quotes([made["id"]], fresh=fresh))[made["id"]]
            assert (quote.price, quote.currency, quote.weight_grams) == (1999, "USD", 1500)
            assert (quote.name, quote.image, quote.components) == ("Chicken Kibble", "a.jpg", [])

    async def test_follow_a_price_at_once(self, counter: Counter) -> None:
        made = await counter.add()
        await counter.client.quotes([made["id"]])
        await counter.staff.patch(f"/api/products/{made['id']}", {"price": 5})
        assert (await counter.client.quotes([made["id"]]))[made["id"]].price == 500

    async def test_leave_out_what_cannot_be_bought(self, counter: Counter) -> None:
        harness = await counter.add_harness()
        variant = harness["variants"][0]["id"]
        quotes = await counter.client.quotes([harness["id"], variant, NOBODY])
        assert list(quotes) == [variant]

    async def test_names_are_for_neighbours_too(self, counter: Counter) -> None:
        made = await counter.add()
        assert await counter.client.names([made["id"], NOBODY]) == {made["id"]: "Chicken Kibble"}

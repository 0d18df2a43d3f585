"""The catalogue: products, categories, bundles, configurable products, reviews."""

from __future__ import annotations

import asyncio

import pytest

from tests.fixtures.eventually import eventually
from tests.fixtures.shopping import Json, Shop

PRODUCT: Json = {
    "name": "Grain-free salmon dinner",
    "description": "For adult cats.",
    "price": 29.99,
    "category": "Cat Food",
    "tags": ["grain-free", "salmon"],
    "attributes": {"brand": "Mill & Paw", "weightGrams": 1500, "organic": True, "size": 1.2},
}
OWNERS_FIELDS = {
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
}


async def test_a_product_is_made_read_replaced_changed_and_deleted(shop: Shop) -> None:
    made = await shop.staff.post("/api/products", PRODUCT)
    assert made.status == 201
    product = made.json()
    path = f"/api/products/{product['id']}"
    assert made.headers["location"] == path
    assert product.keys() >= OWNERS_FIELDS
    assert {k: product[k] for k in PRODUCT} == PRODUCT
    read = await shop.nobody.get(path)
    assert (read.status, read.json()) == (200, product)
    replaced = await shop.staff.put(path, {"name": "Tuna", "price": 5, "category": "Cat Food"})
    assert (replaced.status, replaced.json()["tags"]) == (200, [])
    assert replaced.json()["attributes"] == {}
    changed = await shop.staff.patch(path, {"price": 6.5, "attributes": {"brand": "Paw"}})
    assert (changed.status, changed.json()["name"]) == (200, "Tuna")
    assert (changed.json()["price"], changed.json()["attributes"]) == (6.5, {"brand": "Paw"})
    assert (await shop.staff.get(path)).json() == changed.json()
    await shop.public_sees(path, lambda answer: answer.json() == changed.json())
    assert (await shop.staff.delete(path)).status == 204
    assert (await shop.staff.get(path)).status == 404
    await shop.public_sees(path, lambda answer: answer.status == 404)
    assert (await shop.staff.delete(path)).status == 404
    assert (await shop.staff.patch(path, {"price": 1})).status == 404


async def test_a_merge_patch_takes_attributes_away_by_null(shop: Shop) -> None:
    product = await shop.product(stock=None, attributes={"brand": "Paw", "flavour": "Duck"})
    path = f"/api/products/{product['id']}"
    patched = await shop.staff.patch(path, {"attributes": {"flavour": None, "packSize": 6}})
    assert patched.json()["attributes"] == {"brand": "Paw", "packSize": 6}
    nameless = await shop.staff.patch(path, {"name": None})
    assert (nameless.status, nameless.pointers()) == (400, {"/name"})


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": "   "}, "/name"),
        ({"name": 5}, "/name"),
        ({"name": "x" * 10_000}, "/name"),
        ({"price": -0.01}, "/price"),
        ({"price": 1.999}, "/price"),
        ({"price": 100_000_000}, "/price"),
        ({"price": 1e300}, "/price"),
        ({"price": "5"}, "/price"),
        ({"price": None}, "/price"),
        ({"category": ""}, "/category"),
        ({"category": ["Dog"]}, "/category"),
        ({"tags": "salmon"}, "/tags"),
        ({"tags": [5]}, "/tags/0"),
        ({"attributes": {"brand": ["Paw"]}}, "/attributes/brand"),
        ({"attributes": {"brand": None}}, "/attributes/brand"),
        ({"attributes": []}, "/attributes"),
        ({"stock": 5}, "/stock"),
        ({"id": "01900000-0000-7000-8000-000000000000"}, "/id"),
        ({"rating": 5}, "/rating"),
    ],
)
async def test_refuses_a_field_that_is_wrong_and_points_at_it(
    shop: Shop, change: Json, pointer: str
) -> None:
    made = await shop.staff.post("/api/products", PRODUCT | change)
    assert made.status == 400, made
    assert made.headers["content-type"] == "application/problem+json"
    assert made.pointers() == {pointer}
    product = await shop.product(stock=None)
    path = f"/api/products/{product['id']}"
    if change != {"attributes": {"brand": None}}:
        patched = await shop.staff.patch(path, change)
        assert (patched.status, patched.pointers()) == (400, {pointer})


async def test_points_at_every_field_that_is_wrong(shop: Shop) -> None:
    answer = await shop.staff.post("/api/products", {"name": 1, "price": "x", "colour": "red"})
    assert answer.status == 400
    assert answer.pointers() == {"/name", "/price", "/category", "/colour"}


@pytest.mark.parametrize("price", [0, 0.01, 99_999_999.99, 19.9, 1e2])
async def test_keeps_every_price_to_the_cent(shop: Shop, price: float) -> None:
    product = await shop.product(stock=None, price=price)
    assert (await shop.nobody.get(f"/api/products/{product['id']}")).json()["price"] == price


async def test_stock_shows_in_the_product(shop: Shop) -> None:
    product = await shop.product(stock=7)
    path = f"/api/products/{product['id']}"

    async def stock() -> int:
        shown: int = (await shop.nobody.get(path)).json()["stock"]
        return shown

    await eventually(stock, until=lambda seen: seen == 7)
    await shop.paid(shop.buyer(), (product, 3))
    await eventually(stock, until=lambda seen: seen == 4)


async def test_a_product_that_was_deleted_cannot_be_ordered_or_found(shop: Shop) -> None:
    buyer = shop.buyer()
    word = shop.word()
    product = await shop.product(name=f"Leash {word}")

    async def found() -> int:
        return len((await shop.nobody.get(f"/api/products/search?q={word}")).json())

    await eventually(found, until=lambda seen: seen == 1)
    assert (await shop.staff.delete(f"/api/products/{product['id']}")).status == 204
    await eventually(found, until=lambda seen: seen == 0)
    body = {
        "userId": buyer.id,
        "items": [{"productId": product["id"], "quantity": 1, "price": PRODUCT["price"]}],
        "totalAmount": PRODUCT["price"],
        "shippingAddress": {"street": "a", "city": "b", "state": "NY", "zipCode": "10001"},
        "paymentMethod": "CreditCard",
    }
    assert (await buyer.live.post("/api/orders", body)).status in (400, 404, 409)


class TestCategories:
    """The tree."""

    async def test_an_unknown_category_is_made_and_counted(self, shop: Shop) -> None:
        name = shop.word("Terraria ")
        for _ in range(2):
            await shop.product(stock=None, category=name)
        tree = (await shop.nobody.get("/api/categories")).json()
        (found,) = [category for category in tree if category["name"] == name]
        assert (found["productCount"], found["children"]) == (2, [])
        one = await shop.nobody.get(f"/api/categories/{found['id']}")
        assert (one.status, one.json()) == (200, found)

    async def test_a_category_is_made_moved_and_deleted_once_empty(self, shop: Shop) -> None:
        names = [shop.word("Cat") for _ in range(2)]
        ids = []
        for name in names:
            made = await shop.staff.post("/api/categories", {"name": name})
            assert made.status == 201
            assert made.headers["location"] == f"/api/categories/{made.json()['id']}"
            ids.append(made.json()["id"])
        parent, child = (f"/api/categories/{i}" for i in ids)
        moved = await shop.staff.put(child, {"name": names[1], "parentId": ids[0]})
        assert (moved.status, moved.json()["parentId"]) == (200, ids[0])
        below = (await shop.nobody.get(parent)).json()["children"]
        assert [category["id"] for category in below] == [ids[1]]
        circle = await shop.staff.put(parent, {"name": names[0], "parentId": ids[1]})
        assert circle.status in (400, 409)
        product = await shop.product(stock=None, category=names[1])
        assert (await shop.staff.get(parent)).json()["productCount"] == 1
        await shop.public_sees(parent, lambda answer: answer.json()["productCount"] == 1)
        assert (await shop.staff.delete(child)).status == 409
        assert (await shop.staff.delete(parent)).status == 409
        await shop.staff.delete(f"/api/products/{product['id']}")
        assert (await shop.staff.delete(child)).status == 204
        assert (await shop.staff.delete(parent)).status == 204
        assert (await shop.nobody.get(parent)).status == 404

    async def test_a_search_in_a_category_finds_what_stands_below_it(self, shop: Shop) -> None:
        names = [shop.word("Deep") for _ in range(2)]
        top = (await shop.staff.post("/api/categories", {"name": names[0]})).json()
        low = {"name": names[1], "parentId": top["id"]}
        assert (await shop.staff.post("/api/categories", low)).status == 201
        product = await shop.product(stock=None, category=names[1])

        async def found() -> list[str]:
            answer = await shop.nobody.get(f"/api/products/search?category={names[0]}")
            return [p["id"] for p in answer.json()]

        await eventually(found, until=lambda seen: seen == [product["id"]])


class TestAssembly:
    """The ProductBuilder: bundles and configurable products."""

    async def test_a_bundle_takes_its_components_from_stock(self, shop: Shop) -> None:
        buyer = shop.buyer()
        food = await shop.product(stock=10, price=10)
        bowl = await shop.product(stock=3, price=5)
        body = {
            "name": shop.word("Starter set "),
            "category": "Sets",
            "components": [
                {"productId": food["id"], "quantity": 2},
                {"productId": bowl["id"], "quantity": 1},
            ],
            "percentOff": 10,
        }
        made = await shop.staff.post("/api/products/bundles", body)
        assert made.status == 201, made
        bundle = made.json()
        assert bundle["price"] == 22.5
        path = f"/api/products/{bundle['id']}"

        async def stock() -> int:
            shown: int = (await shop.nobody.get(path)).json()["stock"]
            return shown

        await eventually(stock, until=lambda seen: seen == 3)
        order = await shop.paid(buyer, (bundle, 2))
        assert order["totalAmount"] == 45.0
        await shop.has_stock(food["id"], 6, 0, 6)
        await shop.has_stock(bowl["id"], 1, 0, 1)
        await eventually(stock, until=lambda seen: seen == 1)
        short = await buyer.live.post(
            "/api/orders",
            {
                "userId": buyer.id,
                "items": [{"productId": bundle["id"], "quantity": 2, "price": 22.5}],
                "totalAmount": 45.0,
                "shippingAddress": {"street": "a", "city": "b", "state": "NY", "zipCode": "10001"},
                "paymentMethod": "CreditCard",
            },
        )
        assert short.status == 409
        assert await shop.stock(food["id"]) == (6, 0, 6)

    async def test_a_bundle_and_its_component_in_one_order_are_one_demand(self, shop: Shop) -> None:
        food = await shop.product(stock=5, price=10)
        made = await shop.staff.post(
            "/api/products/bundles",
            {
                "name": shop.word("Set "),
                "category": "Sets",
                "components": [{"productId": food["id"], "quantity": 2}],
                "price": 18,
            },
        )
        await shop.paid(shop.buyer(), (made.json(), 2), (food, 1))
        await shop.has_stock(food["id"], 0, 0, 0)

    @pytest.mark.parametrize(
        "components", [[], [{"productId": "nothing", "quantity": 1}], [{"quantity": 1}], "food"]
    )
    async def test_refuses_a_bundle_of_nothing(self, shop: Shop, components: object) -> None:
        body = {"name": "Set", "category": "Sets", "components": components, "price": 5}
        assert (await shop.staff.post("/api/products/bundles", body)).status == 400

    async def test_every_combination_of_options_becomes_a_variant(self, shop: Shop) -> None:
        body = {
            "name": shop.word("Collar "),
            "price": 10,
            "category": "Collars",
            "options": [
                {"name": "size", "values": ["S", "M", "L"]},
                {"name": "colour", "values": ["red", "blue"]},
            ],
            "priceRules": [
                {"when": {"size": "L"}, "surcharge": 2.5},
                {"when": {"size": "S", "colour": "red"}, "price": 7},
            ],
            "exclude": [{"size": "L", "colour": "blue"}],
        }
        made = await shop.staff.post("/api/products/configurable", body)
        assert made.status == 201, made
        product = made.json()
        prices = {tuple(v["options"].values()): v["price"] for v in product["variants"]}
        assert prices == {
            ("S", "red"): 7.0,
            ("S", "blue"): 10.0,
            ("M", "red"): 10.0,
            ("M", "blue"): 10.0,
            ("L", "red"): 12.5,
        }
        variant = next(v for v in product["variants"] if v["options"]["size"] == "L")
        await shop.stock_up(variant["id"], 4)
        own = (await shop.nobody.get(f"/api/products/{variant['id']}")).json()
        assert own["parentId"] == product["id"]
        await shop.paid(shop.buyer(), (variant, 1))
        await shop.has_stock(variant["id"], 3, 0, 3)
        whole = await shop.staff.get(f"/api/products/{product['id']}")
        left = {v["id"]: v["stock"] for v in whole.json()["variants"]}
        assert left[variant["id"]] in (3, 4)

    async def test_a_configurable_product_itself_cannot_be_bought(self, shop: Shop) -> None:
        buyer = shop.buyer()
        body = {
            "name": shop.word("Bed "),
            "price": 10,
            "category": "Beds",
            "options": [{"name": "size", "values": ["S", "M"]}],
        }
        made = (await shop.staff.post("/api/products/configurable", body)).json()
        answer = await buyer.live.post(
            "/api/orders",
            {
                "userId": buyer.id,
                "items": [{"productId": made["id"], "quantity": 1, "price": 10}],
                "totalAmount": 10,
                "shippingAddress": {"street": "a", "city": "b", "state": "NY", "zipCode": "10001"},
                "paymentMethod": "CreditCard",
            },
        )
        assert answer.status in (400, 409)


class TestReviews:
    """What customers say of products."""

    REVIEW: Json = {"rating": 5, "title": "Gone in seconds", "text": "My dog loves it."}

    async def test_one_review_a_customer_and_only_buyers_are_verified(self, shop: Shop) -> None:
        product = await shop.product(stock=5)
        buyer, stranger = shop.buyer(), shop.buyer()
        await shop.order_is((await shop.paid(buyer, (product, 1)))["id"], "DELIVERED", within=30)
        path = f"/api/products/{product['id']}/reviews"
        made = await buyer.live.post(path, self.REVIEW)
        assert (made.status, made.json()["verifiedBuyer"]) == (201, True)
        other = await stranger.live.post(path, self.REVIEW | {"rating": 2})
        assert (other.status, other.json()["verifiedBuyer"]) == (201, False)
        assert (await buyer.live.post(path, self.REVIEW)).status == 409
        assert (await shop.nobody.post(path, self.REVIEW)).status == 401
        shown = (await shop.nobody.get(path)).json()
        assert [review["rating"] for review in shown] == [2, 5]
        assert buyer.id not in str(shown)
        rated = (await shop.staff.get(f"/api/products/{product['id']}")).json()
        assert (rated["rating"], rated["reviewCount"]) == (3.5, 2)

    async def test_racing_reviews_of_one_customer_are_one(self, shop: Shop) -> None:
        product = await shop.product(stock=None)
        buyer = shop.buyer()
        path = f"/api/products/{product['id']}/reviews"
        answers = await asyncio.gather(*(buyer.live.post(path, self.REVIEW) for _ in range(8)))
        assert sorted(answer.status for answer in answers) == [201] + [409] * 7
        assert len((await shop.nobody.get(path)).json()) == 1

    @pytest.mark.parametrize("rating", [0, 6, -1, 4.5, "5", None, True])
    async def test_refuses_a_rating_that_is_none(self, shop: Shop, rating: object) -> None:
        product = await shop.product(stock=None)
        path = f"/api/products/{product['id']}/reviews"
        answer = await shop.buyer().live.post(path, self.REVIEW | {"rating": rating})
        assert (answer.status, answer.pointers()) == (400, {"/rating"})

    async def test_an_unknown_product_has_no_reviews(self, shop: Shop) -> None:
        path = f"/api/products/{shop.new_id()}/reviews"
        assert (await shop.nobody.get(path)).status == 404
        assert (await shop.buyer().live.post(path, self.REVIEW)).status == 404

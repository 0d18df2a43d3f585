"""Configurable products and bundles through HTTP, and how they follow one another."""

from __future__ import annotations

import pytest

from tests.component.product.counter import Counter

NOBODY = "01890000-0000-7000-8000-000000000000"


class TestConfigurable:
    async def test_is_made_with_its_variants(self, counter: Counter) -> None:
        harness = await counter.add_harness(sku="H")
        assert harness["kind"] == "configurable"
        assert harness["options"] == [{"name": "Size", "values": ["S", "L"]}]
        small, large = harness["variants"]
        assert (small["sku"], small["price"]) == ("H-S", 20)
        assert (large["sku"], large["price"], large["options"]) == ("H-L", 23, {"Size": "L"})
        assert await counter.product(harness["id"]) == harness

    async def test_every_variant_is_a_product_of_its_own(self, counter: Counter) -> None:
        harness = await counter.add_harness(attributes={"brand": "A"})
        variant = await counter.product(harness["variants"][1]["id"])
        assert (variant["kind"], variant["parentId"]) == ("variant", harness["id"])
        assert (variant["name"], variant["attributes"]) == (
            "Harness, L",
            {"brand": "A", "Size": "L"},
        )
        kinds = sorted(kind for kind, _, _ in counter.events())
        assert kinds == ["product.created"] * 3

    async def test_events_of_a_variant_name_its_product(self, counter: Counter) -> None:
        harness = await counter.add_harness()
        await counter.staff.patch(f"/api/products/{harness['id']}", {"price": 30})
        states = [state for state in counter.states() if "parentId" in state]
        parents = {state["productId"]: state["parentId"] for state in states}
        assert parents.pop(harness["id"]) is None
        assert set(parents.values()) == {harness["id"]}
        assert len(states) == 6

    async def test_lists_show_the_product_and_not_its_variants(self, counter: Counter) -> None:
        harness = await counter.add_harness()
        listed = (await counter.anyone.get("/api/products")).json()
        assert [each["id"] for each in listed] == [harness["id"]]
        assert "variants" not in listed[0]
        tree = (await counter.anyone.get("/api/categories")).json()
        assert tree[0]["productCount"] == 1

    async def test_has_the_stock_of_its_variants(self, counter: Counter) -> None:
        harness = await counter.add_harness()
        small, large = (variant["id"] for variant in harness["variants"])
        await counter.product(harness["id"])
        await counter.stock(small, 3, 1)
        await counter.stock(large, 4, 1)
        shown = await counter.product(harness["id"])
        assert shown["stock"] == 7
        assert [variant["stock"] for variant in shown["variants"]] == [3, 4]

    async def test_variants_follow_their_product(self, counter: Counter) -> None:
        harness = await counter.add_harness()
        patch = {"price": 30, "name": "Vest", "category": "Coats", "attributes": {"wash": "cold"}}
        answer = await counter.staff.patch(f"/api/products/{harness['id']}", patch)
        assert [variant["price"] for variant in answer.json()["variants"]] == [30, 33]
        large = await counter.product(harness["variants"][1]["id"])
        assert (large["name"], large["category"], large["price"]) == ("Vest, L", "Coats", 33)
        assert large["attributes"] == {"wash": "cold", "Size": "L"}
        assert await counter.product(harness["id"]) == answer.json()
        kinds = [kind for kind, _, _ in counter.events()[3:]]
        assert kinds == ["product.updated", "product.price_changed"] * 3

    async def test_an_edit_of_a_variant_is_seen_on_its_product(self, counter: Counter) -> None:
        harness = await counter.add_harness()
        url = f"/api/products/{harness['id']}"
        before = (await counter.anyone.get(url)).headers["etag"]
        await counter.staff.patch(f"/api/products/{harness['variants'][0]['id']}", {"price": 1})
        after = await counter.anyone.get(url)
        assert after.json()["variants"][0]["price"] == 1
        assert after.headers["etag"] != before

    async def test_loses_variants_one_by_one_but_not_the_last(self, counter: Counter) -> None:
        harness = await counter.add_harness()
        small, large = (f"/api/products/{variant['id']}" for variant in harness["variants"])
        assert (await counter.staff.delete(small)).status == 204
        assert len((await counter.product(harness["id"]))["variants"]) == 1
        answer = await counter.staff.delete(large)
        assert (answer.status, answer.json()["code"]) == (409, "last-variant")
        assert (await counter.staff.delete(f"/api/products/{harness['id']}")).status == 204
        assert (await counter.anyone.get(large)).status == 404

    async def test_points_at_what_is_invalid(self, counter: Counter) -> None:
        body = {
            "name": "Harness",
            "price": 1,
            "category": "x",
            "options": [{"name": "Size", "values": ["S", "S"]}],
        }
        answer = await counter.staff.post("/api/products/configurable", body)
        assert (answer.status, answer.pointers()) == (400, {"/options/0/values/1"})
        rules = [{"when": {"Size": "XL"}, "price": 1}]
        body |= {"options": [{"name": "Size", "values": ["S"]}], "priceRules": rules}
        answer = await counter.staff.post("/api/products/configurable", body)
        assert answer.pointers() == {"/priceRules/0/when/Size"}

    async def test_refuses_a_variants_sku_that_is_taken(self, counter: Counter) -> None:
        await counter.add(sku="H-L")
        body = {
            "name": "Harness",
            "price": 1,
            "category": "x",
            "sku": "H",
            "options": [{"name": "Size", "values": ["S", "L"]}],
        }
        answer = await counter.staff.post("/api/products/configurable", body)
        assert (answer.status, answer.json()["sku"]) == (409, "H-L")


class TestBundle:
    async def test_costs_its_components_less_a_discount(self, counter: Counter) -> None:
        bowl, food = await counter.add(price=5), await counter.add(price=12.50)
        parts = ((bowl["id"], 1), (food["id"], 2))
        assert (await counter.add_bundle(*parts))["price"] == 30
        assert (await counter.add_bundle(*parts, percentOff=12.5))["price"] == 26.25
        assert (await counter.add_bundle(*parts, amountOff=0.01))["price"] == 29.99
        bundle = await counter.add_bundle(*parts, price=19.99)
        assert (bundle["price"], bundle["kind"]) == (19.99, "bundle")
        assert bundle["components"] == [
            {"productId": bowl["id"], "quantity": 1},
            {"productId": food["id"], "quantity": 2},
        ]
        assert await counter.product(bundle["id"]) == bundle

    async def test_has_the_stock_of_its_scarcest_component(self, counter: Counter) -> None:
        bowl, food = await counter.add(), await counter.add()
        await counter.stock(food["id"], 5, 1)
        bundle = await counter.add_bundle((bowl["id"], 1), (food["id"], 2))
        assert bundle["stock"] == 0
        for sequence, bowls, sets in ((1, 9, 2), (2, 1, 1), (3, 0, 0)):
            await counter.stock(bowl["id"], bowls, sequence)
            assert (await counter.product(bundle["id"]))["stock"] == sets

    async def test_tells_an_order_its_components_and_their_weight(self, counter: Counter) -> None:
        food = await counter.add(attributes={"weightGrams": 2000})
        bundle = await counter.add_bundle((food["id"], 3))
        quote = (await counter.client.quotes([bundle["id"]]))[bundle["id"]]
        assert quote.weight_grams == 6000
        assert [(part.product_id, part.quantity) for part in quote.components] == [(food["id"], 3)]

    async def test_follows_its_components_prices(self, counter: Counter) -> None:
        food = await counter.add(price=10)
        bundle = await counter.add_bundle((food["id"], 2), percentOff=10)
        fixed = await counter.add_bundle((food["id"], 2), price=15)
        await counter.staff.patch(f"/api/products/{food['id']}", {"price": 20})
        assert (await counter.product(bundle["id"]))["price"] == 36
        assert (await counter.product(fixed["id"]))["price"] == 15
        assert counter.events()[-2:] == [
            ("product.updated", bundle["id"], 2),
            ("product.price_changed", bundle["id"], 2),
        ]

    async def test_follows_the_price_of_a_variant_that_follows_its_product(
        self, counter: Counter
    ) -> None:
        harness = await counter.add_harness()
        bundle = await counter.add_bundle((harness["variants"][1]["id"], 1))
        assert bundle["price"] == 23
        await counter.staff.patch(f"/api/products/{harness['id']}", {"price": 50})
        assert (await counter.product(bundle["id"]))["price"] == 53

    async def test_keeps_a_price_that_was_set_by_hand(self, counter: Counter) -> None:
        food = await counter.add(price=10)
        bundle = await counter.add_bundle((food["id"], 1))
        await counter.staff.patch(f"/api/products/{bundle['id']}", {"price": 7})
        await counter.staff.patch(f"/api/products/{food['id']}", {"price": 20})
        assert (await counter.product(bundle["id"]))["price"] == 7

    async def test_is_in_the_way_of_deleting_its_components(self, counter: Counter) -> None:
        food = await counter.add()
        bundle = await counter.add_bundle((food["id"], 1))
        answer = await counter.staff.delete(f"/api/products/{food['id']}")
        assert (answer.status, answer.json()["bundles"]) == (409, [bundle["id"]])
        assert (await counter.staff.delete(f"/api/products/{bundle['id']}")).status == 204
        assert (await counter.staff.delete(f"/api/products/{food['id']}")).status == 204

    async def test_is_in_the_way_of_deleting_the_product_of_a_variant(
        self, counter: Counter
    ) -> None:
        harness = await counter.add_harness()
        await counter.add_bundle((harness["variants"][0]["id"], 1))
        assert (await counter.staff.delete(f"/api/products/{harness['id']}")).status == 409

    @pytest.mark.parametrize("other", ["unknown", "bundle", "configurable"])
    async def test_refuses_what_cannot_be_a_component(self, counter: Counter, other: str) -> None:
        food = await counter.add()
        components = {
            "unknown": NOBODY,
            "bundle": (await counter.add_bundle((food["id"], 1)))["id"],
            "configurable": (await counter.add_harness())["id"],
        }
        body = {
            "name": "Set",
            "category": "Sets",
            "components": [{"productId": food["id"]}, {"productId": components[other]}],
        }
        answer = await counter.staff.post("/api/products/bundles", body)
        assert (answer.status, answer.pointers()) == (400, {"/components/1/productId"})

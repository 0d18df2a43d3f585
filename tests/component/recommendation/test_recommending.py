"""What customers and visitors are shown."""

from __future__ import annotations

import pytest

from kibble.kernel.ids import CustomerId, ProductId
from tests.component.recommendation.shop import Shop, codes, names


@pytest.fixture
async def busy(shop: Shop) -> Shop:
    """A shop where kibble goes with treats for five customers, and litter with mice for two."""
    for name, species in (("Kibble", "dog"), ("Treats", "dog"), ("Litter", "cat"), ("Mice", "cat")):
        await shop.sell(name, species=species)
    for _ in range(5):
        await shop.buy(shop.new_customer(), "Kibble", "Treats")
    for _ in range(2):
        await shop.buy(shop.new_customer(), "Litter", "Mice")
    await shop.learn()
    return shop


async def bought(shop: Shop, *names_: str) -> CustomerId:
    """Return a new customer who bought these products in one order."""
    customer = shop.new_customer()
    await shop.buy(customer, *names_)
    return customer


class TestForACustomer:
    async def test_shows_what_goes_with_a_purchase_of_a_moment_ago(self, busy: Shop) -> None:
        customer = await bought(busy, "Kibble")
        first = (await busy.for_customer(customer))[0]
        assert first == {
            "productId": busy.products["Treats"],
            "name": "Treats",
            "price": 12.99,
            "image": "/images/Treats.webp",
            "category": "Food",
            "score": 1.0,
            "reason": {"code": "because_you_bought", "text": "Because you bought Kibble"},
            "regularPrice": None,
        }

    async def test_shows_what_goes_with_a_view_of_a_moment_ago(self, busy: Shop) -> None:
        customer = busy.new_customer()
        answer = await busy.http.as_customer(customer).post(
            "/api/recommendations/views", {"productId": busy.products["Litter"]}
        )
        assert answer.status == 202
        first = (await busy.for_customer(customer))[0]
        assert first["name"] == "Mice"
        assert first["reason"]["text"] == "Because you viewed Litter"

    async def test_never_shows_as_new_what_was_bought(self, busy: Shop) -> None:
        customer = await bought(busy, "Kibble", "Mice")
        assert set(names(await busy.for_customer(customer))) == {"Treats", "Litter"}

    async def test_shows_what_to_buy_again_first_when_asked(self, busy: Shop) -> None:
        customer = await bought(busy, "Kibble", "Mice")
        await busy.buy(customer, "Mice")
        suggestions = await busy.for_customer(customer, "?kind=buy_again")
        assert names(suggestions)[:2] == ["Mice", "Kibble"]
        assert codes(suggestions)[:2] == ["buy_again", "buy_again"]
        assert suggestions[0]["reason"]["text"] == "You bought this before"
        assert set(names(suggestions)[2:]) == {"Treats", "Litter"}

    async def test_a_new_customer_sees_what_is_trending(self, busy: Shop) -> None:
        suggestions = await busy.for_customer(busy.new_customer())
        assert set(names(suggestions)[:2]) == {"Kibble", "Treats"}
        assert set(codes(suggestions)) == {"trending"}

    async def test_products_for_other_pets_sink(self, busy: Shop) -> None:
        await busy.sell("Scratcher", species="cat")
        await busy.sell("Bowl")
        for _ in range(4):
            await busy.buy(busy.new_customer(), "Litter", "Kibble")
        await busy.buy(busy.new_customer(), "Litter", "Scratcher")
        await busy.buy(busy.new_customer(), "Litter", "Bowl")
        await busy.learn()
        shown = names(await busy.for_customer(await bought(busy, "Litter", "Mice")))
        assert shown.index("Kibble") > max(shown.index("Scratcher"), shown.index("Bowl"))

    async def test_a_withdrawn_product_is_not_shown_from_that_moment_on(self, busy: Shop) -> None:
        customer = await bought(busy, "Kibble")
        await busy.withdraw("Treats")
        assert "Treats" not in names(await busy.for_customer(customer))
        assert "Treats" not in names(await busy.for_customer(customer, "?kind=buy_again"))

    async def test_the_next_best_takes_the_place_of_a_withdrawn_product(self, shop: Shop) -> None:
        for name in ("Kibble", "Best", "Second", "Popular"):
            await shop.sell(name)
        for _ in range(3):
            await shop.buy(shop.new_customer(), "Kibble", "Best")
            await shop.buy(None, "Popular")
        await shop.buy(shop.new_customer(), "Kibble", "Second")
        await shop.learn()
        await shop.withdraw("Best")
        assert names(await shop.for_customer(await bought(shop, "Kibble"), "?limit=1")) == [
            "Second"
        ]

    async def test_a_cause_that_is_withdrawn_is_not_named(self, busy: Shop) -> None:
        customer = await bought(busy, "Kibble")
        await busy.withdraw("Kibble")
        first = (await busy.for_customer(customer))[0]
        assert first["reason"]["text"] == "Because of what you bought"

    async def test_names_and_prices_are_as_of_now(self, busy: Shop) -> None:
        customer = await bought(busy, "Kibble")
        await busy.rename("Treats", "Better Treats", 999)
        first = (await busy.for_customer(customer))[0]
        assert (first["name"], first["price"]) == ("Better Treats", 9.99)

    async def test_what_is_on_sale_says_what_it_costs_otherwise_until_it_is_over(
        self, busy: Shop
    ) -> None:
        customer = await bought(busy, "Kibble")
        await busy.rename("Treats", "Treats", 999, regular_price=1299)
        first = (await busy.for_customer(customer))[0]
        assert (first["price"], first["regularPrice"]) == (9.99, 12.99)
        await busy.rename("Treats", "Treats", 1299)
        first = (await busy.for_customer(customer))[0]
        assert (first["price"], first["regularPrice"]) == (12.99, None)

    async def test_stops_at_the_limit(self, busy: Shop) -> None:
        assert len(await busy.for_customer(busy.new_customer(), "?limit=1")) == 1

    async def test_an_erased_customer_is_a_stranger(self, busy: Shop) -> None:
        customer = await bought(busy, "Litter")
        await busy.erase(customer)
        assert set(codes(await busy.for_customer(customer))) == {"trending"}

    async def test_purchases_of_an_erased_customer_still_teach(self, shop: Shop) -> None:
        for name in ("Kibble", "Treats"):
            await shop.sell(name)
        for _ in range(3):
            await shop.erase(await bought(shop, "Kibble", "Treats"))
        await shop.learn()
        assert codes(await shop.for_product("Kibble")) == ["bought_together"]


class TestBesideAProduct:
    async def test_shows_what_is_bought_with_it(self, busy: Shop) -> None:
        first = (await busy.for_product("Litter"))[0]
        assert first["name"] == "Mice"
        assert first["reason"] == {
            "code": "bought_together",
            "text": "Bought together with Litter",
        }

    async def test_shows_what_is_viewed_with_it(self, shop: Shop) -> None:
        for name in ("Leash", "Collar"):
            await shop.sell(name)
        customer = shop.new_customer()
        await shop.view(customer, "Leash")
        await shop.view(customer, "Collar")
        await shop.learn()
        (only,) = await shop.for_product("Leash")
        assert only["reason"] == {
            "code": "viewed_together",
            "text": "Viewed together with Leash",
        }

    async def test_a_product_without_a_past_is_shown_with_its_category(self, busy: Shop) -> None:
        await busy.sell("Rope", category="Toys")
        await busy.sell("Ball", category="Toys")
        assert names(await busy.for_product("Rope")) == ["Ball"]
        assert codes(await busy.for_product("Rope")) == ["new_arrival"]

    async def test_fills_up_with_what_is_popular_in_the_category(self, busy: Shop) -> None:
        suggestions = await busy.for_product("Litter")
        assert names(suggestions)[0] == "Mice"
        assert set(names(suggestions)[1:]) == {"Kibble", "Treats"}
        assert codes(suggestions)[1:] == ["trending", "trending"]

    async def test_never_shows_the_product_itself(self, busy: Shop) -> None:
        assert "Kibble" not in names(await busy.for_product("Kibble", "?limit=100"))

    async def test_a_product_whose_event_is_on_the_way_is_no_stranger(self, busy: Shop) -> None:
        product_id = ProductId(busy.ids.new())
        unknown = await busy.http.get(f"/api/recommendations/products/{product_id}")
        busy.catalogue.known.add(product_id)
        known = await busy.http.get(f"/api/recommendations/products/{product_id}")
        assert unknown.status == 404
        assert unknown.json()["code"] == "product-not-found"
        assert known.status == 200
        assert set(codes(known.json())) == {"trending"}

    async def test_other_species_sink(self, shop: Shop) -> None:
        for name, species in (("Litter", "cat"), ("Bone", "Dog"), ("Mice", " Cat ")):
            await shop.sell(name, species=species)
        for _ in range(3):
            await shop.buy(None, "Litter", "Bone")
        await shop.buy(None, "Litter", "Mice")
        await shop.learn()
        assert names(await shop.for_product("Litter")) == ["Mice", "Bone"]

    async def test_a_withdrawn_product_is_not_found(self, busy: Shop) -> None:
        await busy.sell("Rope")
        await busy.withdraw("Rope")
        url = f"/api/recommendations/products/{busy.products['Rope']}"
        assert (await busy.http.get(url)).status == 404


class TestTrending:
    async def test_is_empty_in_an_empty_shop(self, shop: Shop) -> None:
        assert await shop.trending() == []

    async def test_a_shop_without_customers_shows_what_is_new(self, shop: Shop) -> None:
        for name in ("Old", "New"):
            await shop.sell(name)
        assert names(await shop.trending()) == ["New", "Old"]
        assert set(codes(await shop.trending())) == {"new_arrival"}

    async def test_what_sells_now_comes_before_what_sold_more_once(self, shop: Shop) -> None:
        for name in ("Summer", "Winter"):
            await shop.sell(name)
        for _ in range(3):
            await shop.buy(None, "Summer")
        shop.later(days=90)
        await shop.buy(None, "Winter")
        await shop.learn()
        assert names(await shop.trending()) == ["Winter", "Summer"]

    async def test_of_a_category_shows_no_other(self, busy: Shop) -> None:
        await busy.sell("Rope", category="Toys & Fun")
        await busy.buy(None, "Rope")
        await busy.learn()
        assert names(await busy.trending("?category=Toys%20%26%20Fun")) == ["Rope"]
        assert await busy.trending("?category=Nothing") == []

    async def test_shows_a_product_moved_to_another_category_there_only(self, shop: Shop) -> None:
        await shop.sell("Rope", category="Toys")
        await shop.buy(None, "Rope")
        await shop.learn()
        await shop.rename("Rope", "Rope", 100)
        assert await shop.trending("?category=Toys") == []
        assert names(await shop.trending("?category=Food")) == ["Rope"]


class TestAccess:
    @pytest.mark.parametrize("path", ["customers/{}", "views"])
    async def test_nobody_without_a_token_reaches_a_customer(self, busy: Shop, path: str) -> None:
        url = "/api/recommendations/" + path.format(busy.new_customer())
        body = {"productId": busy.products["Kibble"]}
        answer = await (busy.http.post(url, body) if path == "views" else busy.http.get(url))
        assert answer.status == 401

    async def test_another_customer_may_not(self, busy: Shop) -> None:
        other = busy.http.as_customer(busy.new_customer())
        answer = await other.get(f"/api/recommendations/customers/{busy.new_customer()}")
        assert answer.status == 403

    async def test_a_service_needs_the_scope(self, busy: Shop) -> None:
        url = f"/api/recommendations/customers/{busy.new_customer()}"
        assert (await busy.http.with_scopes("customers:read").get(url)).status == 200
        assert (await busy.http.with_scopes("catalog:write").get(url)).status == 403

    async def test_only_customers_have_views(self, busy: Shop) -> None:
        body = {"productId": busy.products["Kibble"]}
        answer = await busy.http.with_scopes("customers:read").post(
            "/api/recommendations/views", body
        )
        assert answer.status == 403


class TestInput:
    @pytest.mark.parametrize("query", ["?limit=0", "?limit=101", "?limit=x", "?kind=everything"])
    async def test_refuses_a_query_out_of_range(self, busy: Shop, query: str) -> None:
        customer = busy.new_customer()
        answer = await busy.http.as_customer(customer).get(
            f"/api/recommendations/customers/{customer}{query}"
        )
        assert answer.status == 400
        assert answer.pointers() == {"/" + query[1:].partition("=")[0]}

    async def test_a_path_that_is_no_id_is_not_found(self, busy: Shop) -> None:
        assert (await busy.http.get("/api/recommendations/products/17")).status == 404

    @pytest.mark.parametrize("category", ["'; DROP TABLE products; --", "%00", "%F0%9F%90%B6", ""])
    async def test_odd_text_in_a_category_is_only_text(self, busy: Shop, category: str) -> None:
        assert await busy.trending(f"?category={category}") == []

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({}, "/productId"),
            ({"productId": 7}, "/productId"),
            ({"productId": ""}, "/productId"),
            ({"productId": "x", "customerId": "y"}, "/customerId"),
        ],
    )
    async def test_refuses_a_malformed_view(
        self, busy: Shop, body: dict[str, object], pointer: str
    ) -> None:
        customer = busy.http.as_customer(busy.new_customer())
        answer = await customer.post("/api/recommendations/views", body)
        assert answer.status == 400
        assert answer.pointers() == {pointer}

    async def test_a_view_of_an_unknown_product_is_not_found(self, busy: Shop) -> None:
        customer = busy.http.as_customer(busy.new_customer())
        body = {"productId": ProductId(busy.ids.new())}
        assert (await customer.post("/api/recommendations/views", body)).status == 404
        busy.catalogue.known.add(body["productId"])
        assert (await customer.post("/api/recommendations/views", body)).status == 202

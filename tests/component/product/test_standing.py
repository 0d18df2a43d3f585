"""What events and customers say of products: stock, popularity, reviews."""

from __future__ import annotations

import asyncio

import pytest

from kibble.kernel.ids import ProductId
from tests.component.product.counter import Counter

ANN = "0193c1a0-0000-7000-8000-0000000000c1"
BEN = "0193c1a0-0000-7000-8000-0000000000c2"
NOBODY = "01890000-0000-7000-8000-000000000000"


class TestStock:
    async def test_is_what_the_latest_event_says(self, counter: Counter) -> None:
        made = await counter.add()
        await counter.product(made["id"])
        await counter.stock(made["id"], 7, 2)
        await counter.stock(made["id"], 9, 1)
        assert (await counter.product(made["id"]))["stock"] == 7

    async def test_changes_the_entity_tag_and_not_the_version(self, counter: Counter) -> None:
        made = await counter.add()
        url = f"/api/products/{made['id']}"
        await counter.stock(made["id"], 7, 1)
        answer = await counter.anyone.get(url)
        assert answer.headers["etag"] == '"1.1"'
        assert answer.json()["updatedAt"] == made["updatedAt"]
        patched = await counter.staff.patch(url, {"price": 1}, {"if-match": '"1.0"'})
        assert patched.status == 200

    async def test_is_passed_over_for_a_product_that_is_gone(self, counter: Counter) -> None:
        made = await counter.add()
        await counter.staff.delete(f"/api/products/{made['id']}")
        await counter.stock(made["id"], 7, 1)
        await counter.stock(NOBODY, 7, 1)

    async def test_survives_an_edit_of_the_product(self, counter: Counter) -> None:
        made = await counter.add()
        await counter.stock(made["id"], 7, 1)
        answer = await counter.staff.patch(f"/api/products/{made['id']}", {"price": 1})
        assert answer.json()["stock"] == 7

    async def test_takes_events_of_many_kinds_at_the_same_moment(self, counter: Counter) -> None:
        made = await counter.add()
        customers = [f"0193c1a0-0000-7000-8000-0000000000{n}" for n in range(10, 40)]
        url = f"/api/products/{made['id']}/reviews"
        await asyncio.gather(
            *(counter.stock(made["id"], n, n) for n in range(1, 31)),
            *(counter.sell(made["id"], 1, None) for _ in range(30)),
            *(counter.anyone.as_customer(ann).post(url, {"rating": 4}) for ann in customers),
        )
        shown = await counter.product(made["id"])
        assert (shown["stock"], shown["reviewCount"], shown["rating"]) == (30, 30, 4)
        assert await _popularity(counter, made["id"]) == 30


class TestSales:
    async def test_are_counted_once_an_order(self, counter: Counter) -> None:
        made = await counter.add()
        body = await counter.sell(made["id"], 3, ANN)
        await counter.redeliver(body, "order_events")
        assert await _popularity(counter, made["id"]) == 3

    async def test_of_a_variant_count_for_its_product(self, counter: Counter) -> None:
        harness = await counter.add_harness()
        small, large = (variant["id"] for variant in harness["variants"])
        await counter.sell(small, 2, ANN)
        await counter.sell(large, 1, None)
        sold = [await _popularity(counter, each) for each in (harness["id"], small, large)]
        assert sold == [3, 2, 1]

    async def test_of_a_product_that_is_gone_are_passed_over(self, counter: Counter) -> None:
        await counter.sell(NOBODY, 1, ANN)


async def _popularity(counter: Counter, product_id: str) -> int:
    listing = await counter.catalogue.listing(ProductId(product_id))
    assert listing is not None
    return listing.standing.popularity


class TestReviews:
    async def test_are_summed_up_on_the_product(self, counter: Counter) -> None:
        made = await counter.add()
        url = f"/api/products/{made['id']}/reviews"
        for customer, rating in ((ANN, 5), (BEN, 4)):
            body = {"rating": rating, "title": "Good", "text": "He loves it.\nSo do I."}
            answer = await counter.anyone.as_customer(customer).post(url, body)
            assert (answer.status, answer.headers["location"]) == (201, url)
        shown = await counter.product(made["id"])
        assert (shown["rating"], shown["reviewCount"]) == (4.5, 2)
        first, second = (await counter.anyone.get(url)).json()
        assert (first["rating"], second["rating"]) == (4, 5)
        assert second["text"] == "He loves it.\nSo do I."
        assert "customerId" not in first

    async def test_tell_who_bought_the_product(self, counter: Counter) -> None:
        made = await counter.add()
        url = f"/api/products/{made['id']}/reviews"
        await counter.sell(made["id"], 1, ANN)
        bought = await counter.anyone.as_customer(ANN).post(url, {"rating": 5})
        other = await counter.anyone.as_customer(BEN).post(url, {"rating": 1})
        assert (bought.json()["verifiedBuyer"], other.json()["verifiedBuyer"]) == (True, False)
        await counter.sell(made["id"], 1, BEN)
        listed = (await counter.anyone.get(url)).json()
        assert [each["verifiedBuyer"] for each in listed] == [True, True]

    async def test_of_a_variants_buyer_are_verified_on_its_product(self, counter: Counter) -> None:
        harness = await counter.add_harness()
        await counter.sell(harness["variants"][0]["id"], 1, ANN)
        url = f"/api/products/{harness['id']}/reviews"
        answer = await counter.anyone.as_customer(ANN).post(url, {"rating": 5})
        assert answer.json()["verifiedBuyer"]

    async def test_are_one_a_customer(self, counter: Counter) -> None:
        made = await counter.add()
        url = f"/api/products/{made['id']}/reviews"
        ann = counter.anyone.as_customer(ANN)
        answers = await asyncio.gather(*(ann.post(url, {"rating": 5}) for _ in range(5)))
        assert sorted(answer.status for answer in answers) == [201, 409, 409, 409, 409]
        assert (await counter.product(made["id"]))["reviewCount"] == 1

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({"rating": 0}, "/rating"),
            ({"rating": 6}, "/rating"),
            ({"rating": 4.5}, "/rating"),
            ({}, "/rating"),
            ({"rating": 5, "title": "x" * 121}, "/title"),
            ({"rating": 5, "text": "\u0000"}, "/text"),
            ({"rating": 5, "verifiedBuyer": True}, "/verifiedBuyer"),
        ],
    )
    async def test_point_at_what_is_invalid(
        self, counter: Counter, body: dict[str, object], pointer: str
    ) -> None:
        made = await counter.add()
        url = f"/api/products/{made['id']}/reviews"
        answer = await counter.anyone.as_customer(ANN).post(url, body)
        assert (answer.status, answer.pointers()) == (400, {pointer})

    async def test_are_written_by_customers_alone(self, counter: Counter) -> None:
        made = await counter.add()
        url = f"/api/products/{made['id']}/reviews"
        assert (await counter.anyone.post(url, {"rating": 5})).status == 401
        assert (await counter.staff.post(url, {"rating": 5})).status == 403

    async def test_are_of_a_product_that_exists(self, counter: Counter) -> None:
        url = f"/api/products/{NOBODY}/reviews"
        assert (await counter.anyone.get(url)).status == 404
        assert (await counter.anyone.as_customer(ANN).post(url, {"rating": 5})).status == 404

    async def test_come_newest_first_page_by_page(self, counter: Counter) -> None:
        made = await counter.add()
        reviews = f"/api/products/{made['id']}/reviews"
        for rating in (1, 2, 3):
            customer = counter.anyone.as_customer(ANN[:-1] + str(rating))
            await customer.post(reviews, {"rating": rating})
        url, seen = f"{reviews}?limit=2", []
        while url:
            answer = await counter.anyone.get(url)
            seen += [each["rating"] for each in answer.json()]
            url = answer.headers.get("link", "")[1:].partition(">")[0]
        assert seen == [3, 2, 1]

    async def test_outlive_the_customer_without_the_person(self, counter: Counter) -> None:
        made = await counter.add()
        url = f"/api/products/{made['id']}/reviews"
        await counter.sell(made["id"], 1, ANN)
        await counter.anyone.as_customer(ANN).post(url, {"rating": 5, "text": "Fine"})
        await counter.erase(ANN)
        (review,) = (await counter.anyone.get(url)).json()
        assert (review["rating"], review["text"], review["verifiedBuyer"]) == (5, "", True)
        assert ANN.encode() not in counter.database_bytes(without="inbox")

    async def test_go_with_their_product(self, counter: Counter) -> None:
        made = await counter.add()
        await counter.anyone.as_customer(ANN).post(
            f"/api/products/{made['id']}/reviews", {"rating": 5}
        )
        await counter.sell(made["id"], 1, ANN)
        assert (await counter.staff.delete(f"/api/products/{made['id']}")).status == 204

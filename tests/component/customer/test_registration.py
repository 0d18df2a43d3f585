"""Opening an account over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.component.customer.conftest import JANE, Shop, shop_in
from tests.fixtures.identity import signed_in


class TestTheOwnersExample:
    async def test_is_answered_with_201_and_the_owners_fields(self, shop: Shop) -> None:
        answer = await shop.http.post("/api/customers", JANE)
        body = answer.json()
        assert answer.status == 201
        assert {key: body[key] for key in JANE.keys() - {"password"}} == {
            key: value for key, value in JANE.items() if key != "password"
        }
        assert body["createdAt"] == body["updatedAt"] == "2026-03-02T15:00:00Z"
        assert answer.headers["location"] == f"/api/customers/{body['id']}"

    async def test_shows_and_stores_no_password(self, shop: Shop) -> None:
        answer = await shop.register(password="correct horse battery")
        assert "password" not in answer.body.decode().lower()
        shop.built.store.close()
        kept = b"".join(file.read_bytes() for file in shop.folder.iterdir())
        assert b"johndoe@example.com" in kept
        assert b"correct horse battery" not in kept

    async def test_is_refused_in_production_for_its_password(self, tmp_path: Path) -> None:
        shop = shop_in(tmp_path, production=True)
        assert (await shop.register()).pointers() == {"/password"}
        assert (await shop.register(password="correct horse battery")).status == 201
        shop.built.store.close()

    async def test_publishes_that_somebody_came_without_saying_who(self, shop: Shop) -> None:
        customer_id = await shop.registered()
        ((kind, sequence, data),) = shop.events("customer_events")
        assert (kind, sequence, data["customerId"]) == ("customer.registered", 1, customer_id)
        assert "johndoe" not in str(shop.events("customer_events"))

    async def test_welcomes_in_the_app_and_asks_to_prove_the_address(self, shop: Shop) -> None:
        customer_id = await shop.registered()
        (welcome,) = shop.requests("welcome")
        (proof,) = shop.requests("verify_email")
        assert welcome["customerId"] == proof["customerId"] == customer_id
        assert "johndoe" not in str(proof)


class TestTheLanguage:
    @pytest.mark.parametrize(
        ("header", "language"),
        [("es-MX,es;q=0.9,en;q=0.8", "es"), ("fr, en;q=0.5, es;q=0.4", "en"), ("", "en")],
    )
    async def test_is_the_browsers_that_there_is_a_translation_for(
        self, shop: Shop, header: str, language: str
    ) -> None:
        answer = await shop.http.post("/api/customers", JANE, {"accept-language": header})
        assert answer.json()["preferences"]["language"] == language
        assert shop.requests("welcome")[0]["language"] == language
        ((_, _, registered),) = shop.events("customer_events")
        assert registered["language"] == (language if language == "es" else None)

    async def test_that_is_chosen_wins_and_moves_with_the_profile(self, shop: Shop) -> None:
        body = {**JANE, "preferences": {"language": "en"}}
        answer = await shop.http.post("/api/customers", body, {"accept-language": "es"})
        customer_id = answer.json()["id"]
        assert answer.json()["preferences"]["language"] == "en"
        await shop.http.as_customer(customer_id).patch(
            f"/api/customers/{customer_id}", {"preferences": {"language": "es"}}
        )
        assert [data["language"] for _, _, data in shop.events("customer_events")] == [None, "es"]


class TestInvalidRequests:
    async def test_name_every_invalid_field_at_once(self, shop: Shop) -> None:
        answer = await shop.register(
            username="j",
            email="john@localhost",
            password="short",
            phone="call me",
            address={"street": "", "city": "New York", "state": "NY", "zipCode": "1"},
            admin=True,
        )
        assert answer.status == 400
        assert answer.pointers() == {
            "/username",
            "/email",
            "/password",
            "/phone",
            "/address/street",
            "/address/zipCode",
            "/admin",
        }

    @pytest.mark.parametrize("missing", ["username", "email", "password"])
    async def test_need_a_username_an_address_and_a_password(
        self, shop: Shop, missing: str
    ) -> None:
        body = {key: value for key, value in JANE.items() if key != missing}
        answer = await shop.http.post("/api/customers", body)
        assert (answer.status, answer.pointers()) == (400, {f"/{missing}"})

    @pytest.mark.parametrize("left_out", ["address", "phone"])
    async def test_an_address_and_a_phone_can_wait(self, shop: Shop, left_out: str) -> None:
        body = {key: value for key, value in JANE.items() if key != left_out}
        answer = await shop.http.post("/api/customers", body)
        assert answer.status == 201
        assert answer.json()[left_out] is None

    @pytest.mark.parametrize("password", ["12345678", "johndoe@example.com", "x" * 129])
    async def test_a_password_that_is_easy_to_guess_is_refused(
        self, shop: Shop, password: str
    ) -> None:
        answer = await shop.register(password=password)
        assert (answer.status, answer.pointers()) == (400, {"/password"})

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b'{"username": "\\ud800abc"}'])
    async def test_what_is_no_account_is_400(self, shop: Shop, body: bytes) -> None:
        headers = {"content-type": "application/json", "content-length": str(len(body))}
        answer = await shop.http.send("POST", "/api/customers", body, headers)
        assert answer.status == 400


class TestTakenNames:
    @pytest.mark.parametrize("username", ["johndoe", "JohnDoe"])
    async def test_a_taken_username_is_409_in_any_case(self, shop: Shop, username: str) -> None:
        await shop.registered()
        answer = await shop.register(username=username, email="other@example.com")
        assert answer.status == 409
        assert (answer.json()["code"], answer.json()["username"]) == ("username-taken", username)

    async def test_two_people_with_different_names_and_addresses_both_get_in(
        self, shop: Shop
    ) -> None:
        first = await shop.registered()
        second = await shop.registered(username="janedoe", email="jane@example.com")
        assert first != second


class TestTakenEmail:
    async def test_is_answered_like_a_success(self, shop: Shop) -> None:
        first = await shop.register()
        fresh = await shop.register(username="fresh", email="fresh@example.com")
        taken = await shop.register(username="taken", email="JohnDoe@example.com")
        assert taken.status == fresh.status == 201
        assert taken.headers.keys() == fresh.headers.keys()
        assert taken.headers["etag"] == fresh.headers["etag"]
        assert taken.json().keys() == fresh.json().keys()
        assert taken.json()["email"] == "JohnDoe@example.com"
        assert taken.json()["id"] != first.json()["id"]

    async def test_costs_a_hash_all_the_same(self, shop: Shop) -> None:
        await shop.registered()
        before = shop.hasher.hashed
        await shop.register(username="taken")
        assert shop.hasher.hashed == before + 1

    async def test_makes_no_account(self, shop: Shop) -> None:
        await shop.registered()
        seeming = (await shop.register(username="taken")).json()["id"]
        assert not await shop.client.exists(seeming)
        assert await signed_in(shop.client, "taken", "password123") is None
        assert len(shop.events("customer_events")) == 1

    async def test_tells_the_addresss_owner_once_a_day(self, shop: Shop) -> None:
        owner = await shop.registered()
        await shop.register(username="taken1")
        await shop.register(username="taken2")
        requests = shop.requests("account_exists")
        assert {request["customerId"] for request in requests} == {owner}
        assert len({request["requestId"] for request in requests}) == 1
        shop.clock.advance(86_400)
        await shop.register(username="taken3")
        assert len({r["requestId"] for r in shop.requests("account_exists")}) == 2

    async def test_asking_again_for_the_same_username_tells_nothing_either(
        self, shop: Shop
    ) -> None:
        await shop.registered()
        await shop.registered(username="fresh", email="fresh@example.com")
        await shop.register(username="taken")
        for username in ("fresh", "taken", "TAKEN"):
            again = await shop.register(username=username, email="third@example.com")
            assert (again.status, again.json()["code"]) == (409, "username-taken")

    async def test_the_username_is_free_again_after_a_day(self, shop: Shop) -> None:
        await shop.registered()
        await shop.register(username="taken")
        shop.clock.advance(86_400)
        await shop.registered(username="taken", email="third@example.com")


class TestRepeats:
    async def test_a_repeat_with_its_key_gets_the_first_answer(self, shop: Shop) -> None:
        headers = {"idempotency-key": "r-1"}
        first = await shop.http.post("/api/customers", JANE, headers)
        again = await shop.http.post("/api/customers", JANE, headers)
        assert (again.status, again.json()) == (201, first.json())
        assert len(shop.events("customer_events")) == 1

    async def test_a_race_for_one_address_makes_one_account(self, shop: Shop) -> None:
        answers = [await shop.register(username=f"john{n}") for n in range(5)]
        assert [answer.status for answer in answers] == [201] * 5
        assert len(shop.events("customer_events")) == 1

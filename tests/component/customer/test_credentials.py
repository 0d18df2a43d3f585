"""Passwords and one-time links, over HTTP and for the neighbours."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from kibble.contracts.customer import OneTimeLink
from kibble.kernel.ids import CustomerId
from kibble.services.customer.adapters.argon2 import Argon2PasswordHasher
from kibble.services.customer.wiring import build_embedded
from tests.component.customer.conftest import Shop
from tests.fixtures.doubles import fake_ids
from tests.fixtures.identity import signed_in

RESET = "/api/customers/password-reset"
VERIFY = "/api/customers/verify-email"


async def latest(shop: Shop, kind: str) -> OneTimeLink | None:
    """Return the link of the latest request of a kind, as Notification would fetch it."""
    return await shop.client.one_time_link(shop.requests(kind)[-1]["requestId"])


async def mailed(shop: Shop, kind: str) -> str:
    """Return the token in the latest mail of a kind."""
    link = await latest(shop, kind)
    assert link is not None
    return link.token


class TestSignIn:
    @pytest.mark.parametrize("name", ["johndoe", "JOHNDOE", "johndoe@example.com"])
    async def test_a_username_or_address_and_its_password_name_the_customer(
        self, shop: Shop, name: str
    ) -> None:
        customer_id = await shop.registered()
        assert await signed_in(shop.client, name, "password123") == customer_id

    async def test_a_password_does_not_age(self, shop: Shop) -> None:
        customer_id = await shop.registered()
        shop.clock.advance(1000 * 24 * 3600.0)
        assert await signed_in(shop.client, "johndoe", "password123") == customer_id

    @pytest.mark.parametrize(
        ("name", "password"), [("johndoe", "Password123"), ("nobody", "password123"), ("", "")]
    )
    async def test_anything_else_names_nobody_and_costs_as_much(
        self, shop: Shop, name: str, password: str
    ) -> None:
        await shop.registered()
        before = shop.hasher.verified
        assert await signed_in(shop.client, name, password) is None
        assert shop.hasher.verified == before + 1

    async def test_an_outdated_hash_is_renewed_with_the_right_password_alone(
        self, shop: Shop
    ) -> None:
        customer_id = await shop.registered()
        shop.built.store.close()
        stronger = Argon2PasswordHasher(0, random.Random(8), memory_kib=16, iterations=1)
        clock = shop.clock
        built = build_embedded(
            shop.folder, clock, fake_ids(clock, 2), random.Random(4), hasher=stronger, inline=True
        )
        assert await signed_in(built.client, "johndoe", "wrong password") is None
        assert b"m=16" not in (shop.folder / "customer.db-wal").read_bytes()
        for _ in range(2):
            assert await signed_in(built.client, "johndoe", "password123") == customer_id
        assert b"m=16" in (shop.folder / "customer.db-wal").read_bytes()
        built.store.close()


class TestContact:
    async def test_says_how_to_reach_a_customer(self, shop: Shop) -> None:
        customer_id = CustomerId(await shop.registered(name="John Doe"))
        contact = await shop.client.contact(customer_id)
        assert contact is not None
        assert (contact.name, contact.email, contact.phone) == (
            "John Doe",
            "johndoe@example.com",
            None,
        )
        assert await shop.client.exists(customer_id)

    async def test_knows_nobody_that_is_not_there(self, shop: Shop) -> None:
        nobody = CustomerId("0193a7f0-0000-7000-8000-00000000ffff")
        assert await shop.client.contact(nobody) is None
        assert not await shop.client.exists(nobody)


class TestPasswordReset:
    async def test_a_mailed_link_sets_a_new_password(self, shop: Shop) -> None:
        customer_id = await shop.registered()
        assert (await shop.http.post(RESET, {"email": "JohnDoe@example.com"})).status == 202
        token = await mailed(shop, "password_reset")
        body = {"token": token, "password": "a much better one"}
        assert (await shop.http.post(RESET, body)).status == 204
        assert await signed_in(shop.client, "johndoe", "a much better one") == customer_id
        assert await signed_in(shop.client, "johndoe", "password123") is None
        assert shop.requests("password_changed")[0]["customerId"] == customer_id

    async def test_is_answered_the_same_for_an_address_that_nobody_has(self, shop: Shop) -> None:
        await shop.registered()
        known = await shop.http.post(RESET, {"email": "johndoe@example.com"})
        unknown = await shop.http.post(RESET, {"email": "nobody@example.com"})
        assert (unknown.status, unknown.body, unknown.headers) == (
            known.status,
            known.body,
            known.headers,
        )
        first, second = shop.requests("password_reset")
        assert {**first, "requestId": ""} == {**second, "requestId": ""}
        assert await latest(shop, "password_reset") is None

    async def test_is_mailed_to_the_address_as_the_account_has_it(self, shop: Shop) -> None:
        await shop.registered()
        await shop.http.post(RESET, {"email": "JOHNDOE@EXAMPLE.COM"})
        link = await latest(shop, "password_reset")
        assert link is not None
        assert link.email == "johndoe@example.com"

    async def test_a_link_works_once(self, shop: Shop) -> None:
        await shop.registered()
        await shop.http.post(RESET, {"email": "johndoe@example.com"})
        body = {"token": await mailed(shop, "password_reset"), "password": "a much better one"}
        await shop.http.post(RESET, body)
        again = await shop.http.post(RESET, body)
        assert (again.status, again.pointers()) == (400, {"/token"})

    async def test_a_link_works_for_half_an_hour(self, shop: Shop) -> None:
        await shop.registered()
        await shop.http.post(RESET, {"email": "johndoe@example.com"})
        token = await mailed(shop, "password_reset")
        shop.clock.advance(30 * 60)
        answer = await shop.http.post(RESET, {"token": token, "password": "a much better one"})
        assert (answer.status, answer.pointers()) == (400, {"/token"})

    async def test_one_use_voids_all_other_links(self, shop: Shop) -> None:
        await shop.registered()
        await shop.http.post(RESET, {"email": "johndoe@example.com"})
        first = await mailed(shop, "password_reset")
        await shop.http.post(RESET, {"email": "johndoe@example.com"})
        second = await mailed(shop, "password_reset")
        assert (
            await shop.http.post(RESET, {"token": second, "password": "first new"})
        ).status == 204
        assert (
            await shop.http.post(RESET, {"token": first, "password": "second new"})
        ).status == 400

    async def test_a_refused_password_leaves_the_link_usable(self, shop: Shop) -> None:
        await shop.registered()
        await shop.http.post(RESET, {"email": "johndoe@example.com"})
        token = await mailed(shop, "password_reset")
        refused = await shop.http.post(RESET, {"token": token, "password": "12345678"})
        assert refused.pointers() == {"/password"}
        assert (
            await shop.http.post(RESET, {"token": token, "password": "better one"})
        ).status == 204

    async def test_a_guessed_token_is_400(self, shop: Shop) -> None:
        await shop.registered()
        answer = await shop.http.post(RESET, {"token": "x" * 43, "password": "a much better one"})
        assert (answer.status, answer.pointers()) == (400, {"/token"})

    async def test_a_link_to_prove_the_address_sets_no_password(self, shop: Shop) -> None:
        await shop.registered()
        token = await mailed(shop, "verify_email")
        answer = await shop.http.post(RESET, {"token": token, "password": "a much better one"})
        assert answer.status == 400

    async def test_no_event_and_no_row_holds_the_token(self, shop: Shop) -> None:
        await shop.registered()
        await shop.http.post(RESET, {"email": "johndoe@example.com"})
        token = await mailed(shop, "password_reset")
        shop.built.store.close()
        assert all(token.encode() not in file.read_bytes() for file in shop.folder.iterdir())

    @pytest.mark.parametrize(
        ("body", "pointers"),
        [
            ({}, {"/email"}),
            ({"token": "t"}, {"/password"}),
            ({"password": "long enough"}, {"/token"}),
            ({"email": "a@b.co", "token": "t"}, {"/token"}),
            ({"email": "nowhere"}, {"/email"}),
        ],
    )
    async def test_takes_one_of_two_forms(
        self, shop: Shop, body: object, pointers: set[str]
    ) -> None:
        answer = await shop.http.post(RESET, body)
        assert (answer.status, answer.pointers()) == (400, pointers)


class TestOneTimeLinks:
    async def test_a_mail_that_is_sent_again_has_the_link_that_works(self, shop: Shop) -> None:
        await shop.registered()
        first = await mailed(shop, "verify_email")
        second = await mailed(shop, "verify_email")
        assert (await shop.http.post(VERIFY, {"token": first})).status == 400
        assert (await shop.http.post(VERIFY, {"token": second})).status == 204

    async def test_there_is_none_for_an_old_or_unknown_request(self, shop: Shop) -> None:
        await shop.registered()
        request_id = shop.requests("verify_email")[0]["requestId"]
        shop.clock.advance(30 * 60)
        assert await shop.client.one_time_link(request_id) is None
        assert await shop.client.one_time_link("unknown") is None

    async def test_expired_ones_are_swept(self, shop: Shop) -> None:
        await shop.registered()
        await shop.register(username="taken")
        shop.clock.advance(2 * 86_400)
        sweep, _ = shop.built.tasks
        assert await sweep.work() == 2  # type: ignore[attr-defined]  # the periodic task's work


class TestProofOfTheAddress:
    async def test_a_mailed_link_proves_it(self, shop: Shop) -> None:
        customer_id = await shop.registered()
        token = await mailed(shop, "verify_email")
        assert (await shop.http.post(VERIFY, {"token": token})).status == 204
        john = shop.http.as_customer(customer_id)
        assert (await john.get(f"/api/customers/{customer_id}")).json()["emailVerified"]

    async def test_another_link_can_be_asked_for_until_it_is_proven(self, shop: Shop) -> None:
        await shop.registered()
        for proven in (False, True):
            answer = await shop.http.post(VERIFY, {"email": "johndoe@example.com"})
            link = await latest(shop, "verify_email")
            assert (answer.status, link is None) == (202, proven)
            if link is not None:
                await shop.http.post(VERIFY, {"token": link.token})


class TestChangeOfAddress:
    async def test_counts_once_the_new_address_is_proven(self, shop: Shop) -> None:
        customer_id = await shop.registered()
        john = shop.http.as_customer(customer_id)
        url = f"/api/customers/{customer_id}"
        changed = (await john.patch(url, {"email": "new@example.com"})).json()
        assert (changed["email"], changed["pendingEmail"]) == (
            "johndoe@example.com",
            "new@example.com",
        )
        link = await latest(shop, "verify_email")
        assert link is not None
        assert link.email == "new@example.com"
        assert (await shop.http.post(VERIFY, {"token": link.token})).status == 204
        proven = (await john.get(url)).json()
        assert (proven["email"], proven["pendingEmail"], proven["emailVerified"]) == (
            "new@example.com",
            None,
            True,
        )

    async def test_warns_at_the_old_address(self, shop: Shop) -> None:
        customer_id = await shop.registered()
        url = f"/api/customers/{customer_id}"
        await shop.http.as_customer(customer_id).patch(url, {"email": "new@example.com"})
        assert shop.requests("email_changing")[0]["customerId"] == customer_id

    async def test_to_somebody_elses_address_looks_the_same_and_never_counts(
        self, shop: Shop
    ) -> None:
        owner = await shop.registered()
        eve = await shop.registered(username="eve", email="eve@example.com")
        url = f"/api/customers/{eve}"
        answer = await shop.http.as_customer(eve).patch(url, {"email": "johndoe@example.com"})
        assert answer.json()["pendingEmail"] == "johndoe@example.com"
        assert await latest(shop, "verify_email") is None
        assert shop.requests("account_exists")[0]["customerId"] == owner

    async def test_the_first_to_prove_an_address_has_it(self, shop: Shop) -> None:
        first = await shop.registered()
        second = await shop.registered(username="eve", email="eve@example.com")
        tokens = []
        for customer_id in (first, second):
            http = shop.http.as_customer(customer_id)
            await http.patch(f"/api/customers/{customer_id}", {"email": "new@example.com"})
            tokens.append(await mailed(shop, "verify_email"))
        answers = [(await shop.http.post(VERIFY, {"token": token})).status for token in tokens]
        assert answers == [204, 400]

    async def test_voids_a_link_that_was_mailed_to_the_old_address(self, shop: Shop) -> None:
        customer_id = await shop.registered()
        await shop.http.post(RESET, {"email": "johndoe@example.com"})
        old = await mailed(shop, "password_reset")
        url = f"/api/customers/{customer_id}"
        await shop.http.as_customer(customer_id).patch(url, {"email": "new@example.com"})
        await shop.http.post(VERIFY, {"token": await mailed(shop, "verify_email")})
        answer = await shop.http.post(RESET, {"token": old, "password": "a much better one"})
        assert answer.pointers() == {"/token"}


async def test_the_store_is_found_again_after_a_restart(shop: Shop, tmp_path: Path) -> None:
    customer_id = await shop.registered()
    shop.built.store.close()
    clock = shop.clock
    built = build_embedded(
        tmp_path, clock, fake_ids(clock, 2), random.Random(4), hasher=shop.hasher, inline=True
    )
    assert await signed_in(built.client, "johndoe", "password123") == customer_id
    built.store.close()

"""Passkeys: made by who has just proven who they are, used instead of a password or a code."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.component.customer.identity import ISSUER, Door, open_door
from tests.component.customer.test_factors import SIGN_IN, account_of, code_now, enrolled
from tests.fixtures.browser import Browser
from tests.fixtures.http import Answer
from tests.fixtures.passkeys import PRESENT, VERIFIED, Device, Key, edwards, elliptic, rivest, text

RP_ID = "shop.example"
KEY = elliptic()


def device(**more: Any) -> Device:
    return Device(ISSUER, RP_ID, **{"key": KEY, **more})


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    made = open_door(tmp_path)
    yield made
    made.built.store.close()


@pytest.fixture
def live_shop(tmp_path: Path) -> Iterator[Door]:
    made = open_door(tmp_path, production=True)
    yield made
    made.built.store.close()


async def challenge(browser: Browser) -> dict[str, Any]:
    """Return what a device is asked to make a passkey for."""
    path = f"{await account_of(browser)}/factors/passkeys/challenge"
    answer = await browser.call("POST", path)
    assert answer.status == 200, answer
    told: dict[str, Any] = answer.json()
    return told


async def add(browser: Browser, told: dict[str, str], name: str = "Phone") -> Answer:
    path = f"{await account_of(browser)}/factors/passkeys"
    return await browser.call("POST", path, told | {"name": name})


async def added(browser: Browser, one: Device) -> dict[str, Any]:
    answer = await add(browser, one.make(await challenge(browser)))
    assert answer.status == 201, answer
    told: dict[str, Any] = answer.json()
    return told


async def asked(browser: Browser) -> dict[str, Any]:
    """Return what a device is asked to sign for a sign-in."""
    answer = await browser.call("POST", "/session/passkey/challenge")
    assert answer.status == 200, answer
    told: dict[str, Any] = answer.json()
    return told


async def enter(door: Door, one: Device, **client: object) -> Answer:
    browser = Browser(door.http)
    told = one.sign(await asked(browser), **client)
    return await browser.call("POST", "/session/passkey", told)


class TestAdding:
    @pytest.mark.parametrize("make_key", [elliptic, edwards, rivest])
    async def test_makes_a_passkey_that_opens_the_account(
        self, door: Door, make_key: Callable[[], Key]
    ) -> None:
        one = device(key=make_key())
        await added(await door.browser(), one)
        answer = await enter(door, one)
        assert (answer.status, answer.json()["username"]) == (200, "johndoe")
        assert answer.json()["secondFactor"] is True

    async def test_asks_for_a_key_of_this_shop_and_account(self, door: Door) -> None:
        browser = await door.browser()
        told = await challenge(browser)
        assert told["rpId"] == RP_ID
        assert told["accountId"] == (await browser.call("GET", "/session")).json()["accountId"]
        assert (told["username"], told["known"]) == ("johndoe", [])
        await added(browser, device())
        assert (await challenge(browser))["known"] == [text(b"credential-1")]

    async def test_gives_recovery_codes_with_the_first_factor_alone(self, door: Door) -> None:
        browser = await door.browser()
        assert len((await added(browser, device()))["recoveryCodes"]) == 10
        assert (await added(browser, device(credential=b"other")))["recoveryCodes"] == []

    async def test_needs_a_proof_that_is_not_old(self, door: Door) -> None:
        browser = await door.browser()
        path = await account_of(browser)
        told = device().make(await challenge(browser))
        door.clock.advance(601)
        await browser.call("POST", "/session/renew")
        for url, body in (
            (f"{path}/factors/passkeys/challenge", None),
            (f"{path}/factors/passkeys", told | {"name": "x"}),
        ):
            answer = await browser.call("POST", url, body)
            assert (answer.status, answer.json()["code"]) == (403, "reauthentication-required")

    async def test_ends_all_other_sessions(self, door: Door) -> None:
        other, browser = await door.browser(), await door.browser()
        await added(browser, device())
        assert (await other.call("POST", "/session/renew")).status == 401
        assert (await browser.call("POST", "/session/renew")).status == 200

    async def test_takes_a_challenge_once(self, door: Door) -> None:
        browser = await door.browser()
        told = device().make(await challenge(browser))
        assert (await add(browser, told)).status == 201
        assert (await add(browser, told)).pointers() == {"/clientData"}

    async def test_takes_a_challenge_for_five_minutes(self, door: Door) -> None:
        browser = await door.browser()
        told = device().make(await challenge(browser))
        door.clock.advance(301)
        assert (await add(browser, told)).pointers() == {"/clientData"}

    async def test_takes_no_challenge_of_another_account_or_of_a_sign_in(self, door: Door) -> None:
        browser = await door.browser()
        jim = {"username": "jimdoe", "email": "jim@example.com", "password": "password123"}
        assert (await door.http.post("/api/customers", jim)).status == 201
        thief = await door.browser(username="jimdoe")
        theirs = device().make(await challenge(thief))
        assert (await add(browser, theirs)).pointers() == {"/clientData"}
        anyones = device().make(await asked(browser) | {"accountId": "x"})
        assert (await add(browser, anyones)).pointers() == {"/clientData"}

    @pytest.mark.parametrize(
        "client",
        [
            {"origin": "https://shop.example.evil"},
            {"origin": "http://shop.example"},
            {"type": "webauthn.get"},
            {"crossOrigin": True},
            {"challenge": "made-up"},
        ],
        ids=str,
    )
    async def test_refuses_what_was_made_for_another_page(
        self, door: Door, client: dict[str, object]
    ) -> None:
        browser = await door.browser()
        told = device().make(await challenge(browser), **client)
        assert (await add(browser, told)).pointers() == {"/clientData"}

    async def test_refuses_a_device_that_does_not_know_who_holds_it(self, door: Door) -> None:
        browser = await door.browser()
        for flags in (PRESENT, VERIFIED):
            told = device(flags=flags).make(await challenge(browser))
            assert (await add(browser, told)).status == 400

    @pytest.mark.parametrize(
        "field", ["credentialId", "clientData", "authenticatorData", "publicKey"]
    )
    @pytest.mark.parametrize("rubbish", ["AA", "e30", "W10", "A"])
    async def test_refuses_rubbish(self, door: Door, field: str, rubbish: str) -> None:
        browser = await door.browser()
        told = device().make(await challenge(browser)) | {field: rubbish}
        assert (await add(browser, told)).status == 400


class TestUsing:
    async def test_counts_as_two_factors_for_staff(self, live_shop: Door) -> None:
        hired = await live_shop.staff.post("/api/staff", {"username": "sue", "roles": ["support"]})
        given = {"username": "sue", "password": hired.json()["password"]}
        browser = Browser(live_shop.http)
        assert (await browser.call("POST", "/session", given)).json()["scopes"] == []
        chosen = "a-better-heron-77"
        change = {"current": given["password"], "password": chosen}
        account = await account_of(browser)
        assert (await browser.call("PUT", f"{account}/password", change)).status == 204
        one = device()
        await added(browser, one)
        renewed = (await browser.call("POST", "/session/renew")).json()
        assert "orders:write" in renewed["scopes"]
        assert "orders:write" in (await enter(live_shop, one)).json()["scopes"]

    async def test_does_in_place_of_a_code(self, door: Door) -> None:
        one = device()
        await added(await door.browser(), one)
        browser = Browser(door.http)
        answer = await browser.call("POST", "/session", SIGN_IN)
        assert answer.json()["code"] == "second-factor-required"
        signed = one.sign(await asked(browser))
        answer = await browser.call("POST", "/session", SIGN_IN | {"passkey": signed})
        assert (answer.status, answer.json()["secondFactor"]) == (200, True)

    async def test_of_another_account_is_no_second_factor(self, door: Door) -> None:
        await enrolled(door, await door.browser())
        jim = {"username": "jimdoe", "email": "jim@example.com", "password": "password123"}
        assert (await door.http.post("/api/customers", jim)).status == 201
        thief, one = await door.browser(username="jimdoe"), device()
        await added(thief, one)
        signed = one.sign(await asked(thief))
        answer = await thief.call("POST", "/session", SIGN_IN | {"passkey": signed})
        assert (answer.status, answer.json()["code"]) == (401, "passkey-refused")

    async def test_needs_the_password_where_it_is_the_second_factor(self, door: Door) -> None:
        one = device()
        await added(await door.browser(), one)
        browser = Browser(door.http)
        signed = one.sign(await asked(browser))
        wrong = SIGN_IN | {"password": "not-mine-1234", "passkey": signed}
        answer = await browser.call("POST", "/session", wrong)
        assert (answer.status, answer.json()["code"]) == (401, "wrong-credentials")

    async def test_takes_what_was_signed_once(self, door: Door) -> None:
        one = device()
        await added(await door.browser(), one)
        browser = Browser(door.http)
        told = one.sign(await asked(browser))
        assert (await browser.call("POST", "/session/passkey", told)).status == 200
        again = await browser.call("POST", "/session/passkey", told)
        assert (again.status, again.json()["code"]) == (401, "passkey-refused")

    async def test_refuses_a_counter_that_does_not_grow(self, door: Door) -> None:
        one = device(count=7)
        await added(await door.browser(), one)
        copy = dataclasses.replace(one)
        assert (await enter(door, one)).status == 200
        assert (await enter(door, copy)).status == 401

    async def test_takes_devices_that_do_not_count(self, door: Door) -> None:
        one = device(counts=False)
        await added(await door.browser(), one)
        assert [(await enter(door, one)).status for _ in range(2)] == [200, 200]

    async def test_refuses_another_key_another_page_and_nobodys_account(self, door: Door) -> None:
        one = device()
        await added(await door.browser(), one)
        forged = dataclasses.replace(one, key=elliptic())
        elsewhere = dataclasses.replace(one, rp_id="evil.example")
        unseen = dataclasses.replace(one, flags=PRESENT)
        nobody = dataclasses.replace(one, account_id="nobody")
        for other in (forged, elsewhere, unseen, nobody):
            assert (await enter(door, other)).status == 401
        assert (await enter(door, one, origin="https://evil.example")).status == 401
        assert (await enter(door, one, type="webauthn.create")).status == 401
        assert (await enter(door, one)).status == 200

    async def test_is_refused_from_another_site(self, door: Door) -> None:
        browser = Browser(door.http)
        for path, body in (
            ("/session/passkey/challenge", None),
            ("/session/passkey", device(account_id="x").sign({"challenge": "x"})),
        ):
            assert (await browser.call("POST", path, body, {})).status == 403

    async def test_opens_no_shut_account(self, door: Door) -> None:
        hired = await door.staff.post("/api/staff", {"username": "sue", "roles": ["support"]})
        browser, one = Browser(door.http), device()
        given = {"username": "sue", "password": hired.json()["password"]}
        assert (await browser.call("POST", "/session", given)).status == 200
        await added(browser, one)
        path = f"/api/staff/{hired.json()['id']}"
        assert (await door.staff.patch(path, {"disabled": True})).status == 200
        assert (await enter(door, one)).status == 401

    async def test_begins_a_proof_for_what_guards_the_account(self, door: Door) -> None:
        browser, one = await door.browser(), device()
        await added(browser, one)
        door.clock.advance(601)
        await browser.call("POST", "/session/renew")
        told = one.sign(await asked(browser))
        assert (await browser.call("POST", "/session/passkey", told)).status == 200
        assert (await challenge(browser))["rpId"] == RP_ID


class TestKeeping:
    async def test_are_listed_renamed_and_removed(self, door: Door) -> None:
        browser, one = await door.browser(), device()
        await added(browser, one)
        account = await account_of(browser)
        url = f"{account}/factors/passkeys/{text(one.credential)}"
        assert (await browser.call("PATCH", url, {"name": "My key"})).json()["name"] == "My key"
        await enter(door, one)
        kept = (await browser.call("GET", f"{account}/factors")).json()["passkeys"]
        assert [(each["name"], each["usedAt"] is not None) for each in kept] == [("My key", True)]
        assert (await browser.call("DELETE", url)).status == 204
        assert (await enter(door, one)).status == 401
        factors = (await browser.call("GET", f"{account}/factors")).json()
        assert (factors["passkeys"], factors["recoveryCodesLeft"]) == ([], 0)
        assert (await browser.call("DELETE", url)).status == 404
        assert (await browser.call("PATCH", url, {"name": "x"})).status == 404

    async def test_leave_an_authenticator_and_its_recovery_codes_alone(self, door: Door) -> None:
        browser = await door.browser()
        secret, codes = await enrolled(door, browser)
        one = device()
        assert (await added(browser, one))["recoveryCodes"] == []
        account = await account_of(browser)
        url = f"{account}/factors/passkeys/{text(one.credential)}"
        assert (await browser.call("DELETE", url)).status == 204
        for code in (code_now(door, secret), codes[0]):
            body = SIGN_IN | {"code": code}
            assert (await Browser(door.http).call("POST", "/session", body)).status == 200

    async def test_are_removed_by_an_administrator_but_not_by_others(self, door: Door) -> None:
        browser, one = await door.browser(), device()
        await added(browser, one)
        url = f"{await account_of(browser)}/factors/passkeys/{text(one.credential)}"
        support = door.http.with_scopes("customers:write")
        assert (await support.send("DELETE", url, b"")).status == 403
        assert (await door.staff.send("DELETE", url, b"")).status == 204

"""What guards an account: second factors, sessions, the password, and a recent proof."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from kibble.platform.security.sealing import (
    add_sealing_key,
    open_sealing_keys,
    sealing_key_path,
)
from kibble.services.customer.model import totp
from tests.component.customer.identity import Door, open_door
from tests.fixtures.browser import Browser
from tests.fixtures.http import Answer

SIGN_IN = {"username": "johndoe", "password": "password123"}


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


def code_now(door: Door, secret: str, steps: int = 0) -> str:
    return totp(secret, int(door.clock.now().timestamp()) // 30 + steps)


async def account_of(browser: Browser) -> str:
    told: str = (await browser.call("GET", "/session")).json()["accountId"]
    return f"/api/customers/{told}"


async def enrolled(door: Door, browser: Browser) -> tuple[str, list[str]]:
    """Give the browser's account an authenticator; return its secret and the recovery codes."""
    account = await account_of(browser)
    made = await browser.call("POST", f"{account}/factors/totp")
    assert made.status == 201, made
    secret: str = made.json()["secret"]
    url = f"{account}/factors/totp"
    answer = await browser.call("PUT", url, {"code": code_now(door, secret)})
    assert answer.status == 200, answer
    door.clock.advance(30)
    codes: list[str] = answer.json()["recoveryCodes"]
    return secret, codes


async def sign_in(door: Door, code: str | None = None) -> Answer:
    body = SIGN_IN | ({"code": code} if code is not None else {})
    return await Browser(door.http).call("POST", "/session", body)


class TestAuthenticator:
    async def test_is_asked_for_once_it_has_proven_itself(self, door: Door) -> None:
        browser = await door.browser()
        account = await account_of(browser)
        secret = (await browser.call("POST", f"{account}/factors/totp")).json()["secret"]
        assert (await sign_in(door)).status == 200
        wrong = await browser.call("PUT", f"{account}/factors/totp", {"code": "000000"})
        assert (wrong.status, wrong.pointers()) == (400, {"/code"})
        right = {"code": code_now(door, secret)}
        assert (await browser.call("PUT", f"{account}/factors/totp", right)).status == 200
        answer = await sign_in(door)
        assert (answer.status, answer.json()["code"]) == (401, "second-factor-required")
        assert answer.json()["codeRefused"] is False

    async def test_tells_its_app_the_account_and_the_secret(self, door: Door) -> None:
        browser = await door.browser()
        account = await account_of(browser)
        told = (await browser.call("POST", f"{account}/factors/totp")).json()
        assert told["uri"] == (
            f"otpauth://totp/Kibble:johndoe?secret={told['secret']}&issuer=Kibble"
        )
        assert len(told["secret"]) == 32

    async def test_opens_the_account_with_a_code_that_is_then_used_up(self, door: Door) -> None:
        secret, _ = await enrolled(door, await door.browser())
        code = code_now(door, secret)
        answer = await sign_in(door, code)
        assert answer.status == 200
        assert answer.json()["secondFactor"] is True
        again = await sign_in(door, code)
        assert (again.status, again.json()["codeRefused"]) == (401, True)

    @pytest.mark.parametrize(("steps", "status"), [(-2, 401), (-1, 200), (1, 200), (2, 401)])
    async def test_may_be_a_step_off_and_no_more(self, door: Door, steps: int, status: int) -> None:
        secret, _ = await enrolled(door, await door.browser())
        door.clock.advance(300)
        assert (await sign_in(door, code_now(door, secret, steps))).status == status

    async def test_that_was_used_ahead_takes_no_older_code(self, door: Door) -> None:
        secret, _ = await enrolled(door, await door.browser())
        door.clock.advance(300)
        assert (await sign_in(door, code_now(door, secret, 1))).status == 200
        assert (await sign_in(door, code_now(door, secret))).status == 401

    async def test_is_not_guessed(self, door: Door) -> None:
        await enrolled(door, await door.browser())
        answers = [await sign_in(door, f"{number:06}") for number in range(11)]
        assert answers[-1].json()["code"] == "too-many-tries"

    async def test_is_not_guessed_between_passwords_without_a_code(self, door: Door) -> None:
        await enrolled(door, await door.browser())
        for number in range(10):
            await sign_in(door, f"{number:06}")
            await sign_in(door)
        assert (await sign_in(door, "000000")).json()["code"] == "too-many-tries"

    @pytest.mark.parametrize("code", ["", "é12345", "12345", "１２３４５６", "0" * 64])
    async def test_takes_no_rubbish(self, door: Door, code: str) -> None:
        await enrolled(door, await door.browser())
        assert (await sign_in(door, code)).status == 401

    async def test_proves_the_session_that_added_it_and_ends_the_others(self, door: Door) -> None:
        browser, other = await door.browser(), await door.browser()
        await enrolled(door, browser)
        assert (await other.call("POST", "/session/renew")).status == 401
        assert (await browser.call("POST", "/session/renew")).json()["secondFactor"] is True

    async def test_goes_when_its_owner_wants(self, door: Door) -> None:
        browser = await door.browser()
        await enrolled(door, browser)
        account = await account_of(browser)
        assert (await browser.call("DELETE", f"{account}/factors/totp")).status == 204
        assert (await sign_in(door)).status == 200
        told = (await browser.call("GET", f"{account}/factors")).json()
        assert told == {"totpSince": None, "recoveryCodesLeft": 0, "passkeys": []}


class TestRecoveryCodes:
    async def test_open_the_account_once_each_as_they_may_be_typed(self, door: Door) -> None:
        _, codes = await enrolled(door, await door.browser())
        assert len(set(codes)) == 10
        for typed in (codes[0], codes[1].upper(), codes[2].replace("-", " ")):
            assert (await sign_in(door, typed)).status == 200
            assert (await sign_in(door, typed)).status == 401

    async def test_are_replaced_as_a_whole(self, door: Door) -> None:
        browser = await door.browser()
        _, codes = await enrolled(door, browser)
        account = await account_of(browser)
        answer = await browser.call("POST", f"{account}/factors/recovery-codes")
        assert (await sign_in(door, codes[0])).status == 401
        assert (await sign_in(door, answer.json()["recoveryCodes"][0])).status == 200

    async def test_are_kept_as_digests_and_the_authenticators_secret_sealed(
        self, door: Door, tmp_path: Path
    ) -> None:
        secret, codes = await enrolled(door, await door.browser())
        kept = (tmp_path / "customer.db-wal").read_bytes()
        assert b'"totp_secret":"k1.' in kept
        for written in (secret, *codes, *(code.replace("-", "") for code in codes)):
            assert written.encode() not in kept


class TestRecentProof:
    async def test_is_needed_for_what_guards_the_account(self, door: Door) -> None:
        browser = await door.browser()
        account = await account_of(browser)
        for _ in range(2):
            door.clock.advance(301)
            await browser.call("POST", "/session/renew")
        for method, path, body in (
            ("POST", f"{account}/factors/totp", None),
            ("DELETE", f"{account}/factors/totp", None),
            ("POST", f"{account}/factors/recovery-codes", None),
        ):
            answer = await browser.call(method, path, body)
            assert (answer.status, answer.json()["code"]) == (403, "reauthentication-required")
        await browser.call("POST", "/session", SIGN_IN)
        assert (await browser.call("POST", f"{account}/factors/totp")).status == 201

    async def test_is_needed_for_another_e_mail_address_but_not_for_a_name(
        self, door: Door
    ) -> None:
        browser = await door.browser()
        account = await account_of(browser)
        door.clock.advance(590)
        token = browser.cookie("__Host-kibble") or ""
        bearer = {"authorization": f"Bearer {token}"}
        change = {"email": "new@example.com"}
        assert (await door.http.patch(account, change, bearer)).status == 200
        door.clock.advance(-590 + 301)
        await browser.call("POST", "/session/renew")
        door.clock.advance(301)
        bearer = {"authorization": f"Bearer {browser.cookie('__Host-kibble')}"}
        answer = await door.http.patch(account, {"email": "newer@example.com"}, bearer)
        assert (answer.status, answer.json()["code"]) == (403, "reauthentication-required")
        assert (await door.http.patch(account, {"name": "Jane"}, bearer)).status == 200


class TestSessions:
    async def test_are_listed_for_their_owner(self, door: Door) -> None:
        browser = await door.browser()
        door.clock.advance(5)
        await door.browser()
        account = await account_of(browser)
        told = (await browser.call("GET", f"{account}/sessions")).json()
        assert [one["current"] for one in told] == [False, True]
        assert told[0].keys() == {
            *("id", "clientId", "agent", "createdAt", "usedAt", "endsAt"),
            *("secondFactor", "current"),
        }

    async def test_are_ended_one_by_one_or_all_but_this(self, door: Door) -> None:
        browser, second, third = [await door.browser() for _ in range(3)]
        account = await account_of(browser)
        told = (await browser.call("GET", f"{account}/sessions")).json()
        one = next(session["id"] for session in told if not session["current"])
        assert (await browser.call("DELETE", f"{account}/sessions/{one}")).status == 204
        assert (await browser.call("DELETE", f"{account}/sessions/{one}")).status == 404
        left = [await each.call("POST", "/session/renew") for each in (second, third)]
        assert sorted(answer.status for answer in left) == [200, 401]
        assert (await browser.call("DELETE", f"{account}/sessions")).status == 204
        left = [await each.call("POST", "/session/renew") for each in (second, third, browser)]
        assert [answer.status for answer in left] == [401, 401, 200]

    async def test_of_others_are_nobodys_business(self, door: Door) -> None:
        account = await account_of(await door.browser())
        eve = door.http.as_customer("0193a7f0-0000-7000-8000-00000000ffff")
        for path in ("sessions", "factors"):
            assert (await eve.get(f"{account}/{path}")).status == 403
        for path in ("sessions", "factors/totp", f"sessions/{account[-36:]}"):
            assert (await eve.delete(f"{account}/{path}")).status == 403
        support = door.http.with_scopes("customers:read", "customers:write")
        assert (await support.delete(f"{account}/factors/totp")).status == 403
        assert (await door.staff.delete(f"{account}/factors/totp")).status == 204

    async def test_are_twenty_at_most(self, door: Door) -> None:
        first = await door.browser()
        for _ in range(20):
            door.clock.advance(1)
            await door.browser()
        assert (await first.call("POST", "/session/renew")).status == 401


class TestPassword:
    async def test_is_changed_by_who_knows_it_and_ends_other_sessions(self, door: Door) -> None:
        browser, other = await door.browser(), await door.browser()
        account = await account_of(browser)
        body = {"current": "password123", "password": "a much better one"}
        assert (await browser.call("GET", f"{account}/sessions")).status == 200
        bearer = {"authorization": f"Bearer {browser.cookie('__Host-kibble')}"}
        answer = await door.http.put(f"{account}/password", body, bearer)
        assert answer.status == 204, answer
        assert (await other.call("POST", "/session/renew")).status == 401
        assert (await browser.call("POST", "/session/renew")).status == 200
        assert (await sign_in(door)).status == 401

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({"current": "wrong", "password": "a much better one"}, "/current"),
            ({"current": "password123", "password": "football1"}, "/password"),
            ({"current": "password123", "password": "short"}, "/password"),
            ({"current": "password123", "password": "johndoe@example.com"}, "/password"),
        ],
    )
    async def test_is_not_changed_to_a_weak_one_or_without_the_present_one(
        self, door: Door, body: dict[str, str], pointer: str
    ) -> None:
        customer = await door.customer()
        url = f"/api/customers/{customer}/password"
        answer = await door.http.as_customer(customer).put(url, body)
        assert (answer.status, answer.pointers()) == (400, {pointer})

    async def test_is_not_guessed_through_its_change(self, door: Door) -> None:
        customer = await door.customer()
        url = f"/api/customers/{customer}/password"
        body = {"current": "wrong", "password": "a much better one"}
        own = door.http.as_customer(customer)
        statuses = [(await own.put(url, body)).status for _ in range(11)]
        assert statuses == [400] * 10 + [429]


class TestStaffOfALiveShop:
    async def test_act_once_they_have_a_second_factor_and_a_password_of_their_own(
        self, live_shop: Door
    ) -> None:
        body = {"username": "sue", "roles": ["admin"]}
        given = (await live_shop.staff.post("/api/staff", body)).json()["password"]
        browser = Browser(live_shop.http)
        answer = await browser.call("POST", "/session", {"username": "sue", "password": given})
        assert (
            answer.json().items()
            >= {
                "roles": ["admin"],
                "scopes": [],
                "mustChangePassword": True,
            }.items()
        )
        assert (await browser.call("GET", "/api/staff")).status == 403
        account = await account_of(browser)
        change = {"current": given, "password": "nobody else knows this"}
        bearer = {"authorization": f"Bearer {browser.cookie('__Host-kibble')}"}
        assert (await live_shop.http.put(f"{account}/password", change, bearer)).status == 204
        await browser.call("POST", "/session/renew")
        assert (await browser.call("GET", "/api/staff")).status == 403
        await enrolled(live_shop, browser)
        await browser.call("POST", "/session/renew")
        assert (await browser.call("GET", "/api/staff")).status == 200


class TestStaff:
    async def test_lose_their_sessions_with_their_roles(self, door: Door) -> None:
        hired = await door.staff.post("/api/staff", {"username": "sue", "roles": ["admin"]})
        told = hired.json()
        browser = Browser(door.http)
        await browser.call("POST", "/session", {"username": "sue", "password": told["password"]})
        assert (await browser.call("GET", "/api/staff")).status == 200
        url = f"/api/staff/{told['id']}"
        assert (await door.staff.patch(url, {"roles": ["support"]})).status == 200
        revoked = await door.built.client.revoked()
        door.verifier.revoke([(one.id, one.until) for one in revoked])
        assert (await browser.call("GET", "/api/staff")).status == 401

    async def test_are_shut_out_when_they_are_disabled(self, door: Door) -> None:
        told = (await door.staff.post("/api/staff", {"username": "sue", "roles": ["admin"]})).json()
        body = {"username": "sue", "password": told["password"]}
        await door.staff.patch(f"/api/staff/{told['id']}", {"disabled": True})
        answer = await Browser(door.http).call("POST", "/session", body)
        assert (answer.status, answer.json()["code"]) == (401, "wrong-credentials")

    async def test_are_nobody_in_a_new_shop(self, door: Door) -> None:
        assert (await door.staff.get("/api/staff")).json() == []
        for name in ("admin", "root", "sa", "test"):
            credentials = {"username": name, "password": name}
            assert (await Browser(door.http).call("POST", "/session", credentials)).status == 401

    async def test_and_customers_do_not_share_a_username(self, door: Door) -> None:
        await door.customer()
        body: dict[str, object] = {"username": "JohnDoe", "roles": ["support"]}
        assert (await door.staff.post("/api/staff", body)).status == 409
        await door.staff.post("/api/staff", body | {"username": "sue"})
        jane = {"username": "Sue", "email": "s@example.com", "password": "correct horse"}
        assert (await door.http.post("/api/customers", jane)).status == 409

    @pytest.mark.parametrize("roles", [[], ["customer"], ["root"]])
    async def test_have_roles_that_there_are(self, door: Door, roles: list[str]) -> None:
        answer = await door.staff.post("/api/staff", {"username": "sue", "roles": roles})
        assert answer.status == 400


class TestSealing:
    async def test_a_secret_moves_to_a_newer_key_when_a_code_is_used(self, tmp_path: Path) -> None:
        door = open_door(tmp_path)
        secret, _ = await enrolled(door, await door.browser())
        door.built.store.close()
        add_sealing_key(sealing_key_path(tmp_path), random.Random(5))
        door = open_door(tmp_path)
        door.clock.advance(90)
        assert (await sign_in(door, code_now(door, secret))).status == 200
        door.built.store.close()
        kept = sqlite3.connect(tmp_path / "customer.db")
        document = kept.execute("SELECT document ->> 'totp_secret' FROM factors").fetchone()[0]
        kept.close()
        assert document.startswith("k2.")

    async def test_with_its_key_lost_recovery_codes_still_open_the_account(
        self, tmp_path: Path
    ) -> None:
        door = open_door(tmp_path)
        secret, codes = await enrolled(door, await door.browser())
        door.built.store.close()
        sealing_key_path(tmp_path).unlink()
        open_sealing_keys(sealing_key_path(tmp_path), random.Random(99))
        door = open_door(tmp_path)
        door.clock.advance(90)
        assert (await sign_in(door, code_now(door, secret))).status == 401
        assert (await sign_in(door, codes[0])).status == 200
        door.built.store.close()


class TestLives:
    async def test_of_staff_end_after_a_quarter_of_an_hour_unused(self, door: Door) -> None:
        browser = await member(door)
        door.clock.advance(14 * 60)
        assert (await browser.call("POST", "/session/renew")).status == 200
        door.clock.advance(15 * 60)
        assert (await browser.call("POST", "/session/renew")).status == 401

    async def test_of_staff_end_after_twelve_hours_however_they_are_used(self, door: Door) -> None:
        browser = await member(door)
        for _ in range(51):
            door.clock.advance(14 * 60)
            assert (await browser.call("POST", "/session/renew")).status == 200
        door.clock.advance(6 * 60)
        assert (await browser.call("POST", "/session/renew")).status == 401

    async def test_begin_anew_with_a_proof_and_the_session_before_ends(self, door: Door) -> None:
        browser = await member(door)
        before = browser.tab()
        await browser.call("POST", "/session", {"username": "sue", "password": STAFF_PASSWORD})
        assert (await before.call("POST", "/session/renew")).status == 401
        assert (await browser.call("POST", "/session/renew")).status == 200


STAFF_PASSWORD = "a-better-heron-77"


async def member(door: Door) -> Browser:
    """A browser in which a member of staff has signed in."""
    body = {"username": "sue", "roles": ["support"], "password": STAFF_PASSWORD}
    assert (await door.staff.post("/api/staff", body)).status == 201
    browser = Browser(door.http)
    given = {"username": "sue", "password": STAFF_PASSWORD}
    assert (await browser.call("POST", "/session", given)).status == 200
    return browser

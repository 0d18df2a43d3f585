"""The browser's session: cookies that no script can read, and calls of the shop's own pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from kibble.gateway import session
from kibble.platform.security.tokens import TokenIssuer, TokenVerifier
from tests.component.customer.conftest import JANE, CountingHasher
from tests.component.customer.identity import open_door
from tests.fixtures.browser import HOST, OWN, Browser
from tests.fixtures.doubles import FakeClock
from tests.fixtures.http import Answer, Client

ACCESS, REFRESH = "__Host-kibble", session.REFRESH_COOKIE
SIGN_IN = {"username": "johndoe", "password": "password123"}


@dataclass
class Shop:
    """Customer behind the gateway's session."""

    http: Client
    clock: FakeClock
    issuer: TokenIssuer
    hasher: CountingHasher
    verifier: TokenVerifier
    customers: session.Sessions

    def browser(self) -> Browser:
        return Browser(self.http)

    async def signed_in(self) -> Browser:
        """A browser whose customer has an account and signed in."""
        await self.http.post("/api/customers", JANE)
        browser = self.browser()
        answer = await browser.call("POST", "/session", SIGN_IN)
        assert answer.status == 200, answer
        return browser


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    door = open_door(tmp_path)
    yield Shop(door.http, door.clock, door.issuer, door.hasher, door.verifier, door.built.client)
    door.built.store.close()


async def me(browser: Browser) -> Answer:
    """Ask the API who one is, with the cookie alone."""
    told = (await browser.call("GET", "/session")).json()
    return await browser.call("GET", f"/api/customers/{told['customerId']}")


class TestSigningIn:
    async def test_gives_tokens_to_the_browser_but_not_to_scripts(self, shop: Shop) -> None:
        await shop.http.post("/api/customers", JANE)
        answer = await shop.browser().call("POST", "/session", SIGN_IN)
        assert (
            answer.json().items()
            >= {
                "signedIn": True,
                "username": "johndoe",
                "roles": ["customer"],
                "scopes": [],
                "secondFactor": False,
            }.items()
        )
        assert b"eyJ" not in answer.body
        access, refresh, _ = answer.cookies
        assert access.startswith(f"{ACCESS}=eyJ")
        assert access.endswith("Path=/; Max-Age=1800; Secure; HttpOnly; SameSite=Lax")
        assert refresh.startswith(f"{REFRESH}=")
        assert refresh.endswith("Path=/session; Max-Age=1800; Secure; HttpOnly; SameSite=Strict")
        assert answer.headers["cache-control"] == "no-store"

    async def test_opens_the_customers_own_data_and_nobody_elses(self, shop: Shop) -> None:
        browser = await shop.signed_in()
        assert (await me(browser)).status == 200
        eve = await shop.http.post("/api/customers", JANE | {"username": "eve", "email": "e@e.com"})
        answer = await browser.call("GET", f"/api/customers/{eve.json()['id']}")
        assert answer.status == 403

    @pytest.mark.parametrize(
        "body", [SIGN_IN | {"password": "x"}, {"username": "nobody", "password": "password123"}]
    )
    async def test_is_refused_alike_for_a_wrong_name_and_a_wrong_password(
        self, shop: Shop, body: dict[str, str]
    ) -> None:
        await shop.http.post("/api/customers", JANE)
        before = shop.hasher.verified
        answer = await shop.browser().call("POST", "/session", body)
        assert (answer.status, answer.json()["code"]) == (401, "wrong-credentials")
        assert answer.cookies == ()
        assert shop.hasher.verified == before + 1

    async def test_ends_the_session_that_the_browser_had(self, shop: Shop) -> None:
        browser = await shop.signed_in()
        before = browser.tab()
        await browser.call("POST", "/session", SIGN_IN)
        assert (await before.call("POST", "/session/renew")).status == 401
        assert (await browser.call("POST", "/session/renew")).status == 200


class TestGuessing:
    async def test_is_slowed_down_for_the_account_with_or_without_an_owner(
        self, shop: Shop
    ) -> None:
        await shop.http.post("/api/customers", JANE)
        for name in ("johndoe", "nobody"):
            statuses = [
                await shop.browser().call("POST", "/session", {"username": name, "password": "x"})
                for _ in range(11)
            ]
            assert [answer.status for answer in statuses] == [401] * 10 + [429]
            assert statuses[-1].json()["code"] == "too-many-tries"
            assert 1 <= int(statuses[-1].headers["retry-after"]) <= 900

    async def test_does_not_keep_the_owner_out_of_a_device_that_they_know(self, shop: Shop) -> None:
        home = await shop.signed_in()
        await home.call("DELETE", "/session")
        for _ in range(11):
            await shop.browser().call("POST", "/session", SIGN_IN | {"password": "x"})
        assert (await shop.browser().call("POST", "/session", SIGN_IN)).status == 429
        assert (await home.call("POST", "/session", SIGN_IN)).status == 200

    async def test_is_possible_again_after_a_quarter_of_an_hour(self, shop: Shop) -> None:
        await shop.http.post("/api/customers", JANE)
        for _ in range(11):
            await shop.browser().call("POST", "/session", SIGN_IN | {"password": "x"})
        shop.clock.advance(901)
        assert (await shop.browser().call("POST", "/session", SIGN_IN)).status == 200

    async def test_costs_no_hash_once_it_is_slowed_down(self, shop: Shop) -> None:
        await shop.http.post("/api/customers", JANE)
        before = shop.hasher.verified
        for _ in range(30):
            await shop.browser().call("POST", "/session", SIGN_IN | {"password": "x"})
        assert shop.hasher.verified == before + 10


class TestRenewing:
    async def test_follows_when_the_access_token_has_ended(self, shop: Shop) -> None:
        browser = await shop.signed_in()
        customer = (await browser.call("GET", "/session")).json()["customerId"]
        shop.clock.advance(601)
        answer = await browser.call("GET", f"/api/customers/{customer}")
        assert (answer.status, answer.json()["code"]) == (401, "token-expired")
        before = browser.cookie(REFRESH)
        assert (await browser.call("POST", "/session/renew")).json()["signedIn"] is True
        assert browser.cookie(REFRESH) != before
        assert (await browser.call("GET", f"/api/customers/{customer}")).status == 200

    async def test_happens_on_the_way_when_a_page_asks_who_has_signed_in(self, shop: Shop) -> None:
        browser = await shop.signed_in()
        shop.clock.advance(601)
        assert (await browser.call("GET", "/session")).json()["signedIn"] is True
        assert (await me(browser)).status == 200

    async def test_gives_two_tabs_the_same_successor(self, shop: Shop) -> None:
        one = await shop.signed_in()
        other = one.tab()
        await one.call("POST", "/session/renew")
        await other.call("POST", "/session/renew")
        assert one.cookie(REFRESH) == other.cookie(REFRESH)
        assert (await one.call("POST", "/session/renew")).status == 200

    async def test_with_an_old_token_ends_the_session_for_everybody(self, shop: Shop) -> None:
        owner = await shop.signed_in()
        thief = owner.tab()
        await owner.call("POST", "/session/renew")
        shop.clock.advance(11)
        answer = await thief.call("POST", "/session/renew")
        assert (answer.status, answer.json()["code"]) == (401, "session-ended")
        assert thief.cookie(ACCESS) is None
        assert (await owner.call("POST", "/session/renew")).status == 401

    async def test_is_refused_after_half_an_hour_unused(self, shop: Shop) -> None:
        browser = await shop.signed_in()
        shop.clock.advance(1801)
        assert (await browser.call("GET", "/session")).json()["signedIn"] is False
        assert browser.cookie(REFRESH) is None

    @pytest.mark.parametrize("token", ["", "x", "x.y", "." * 200, "é.ü", "a" * 5000])
    async def test_takes_no_rubbish(self, shop: Shop, token: str) -> None:
        browser = shop.browser()
        browser.jar[REFRESH] = (token, "/session")
        assert (await browser.call("POST", "/session/renew")).status == 401


class TestSigningOut:
    async def test_ends_the_session_at_once_and_clears_the_browser(self, shop: Shop) -> None:
        browser = await shop.signed_in()
        customer = (await browser.call("GET", "/session")).json()["customerId"]
        copy = browser.tab()
        answer = await browser.call("DELETE", "/session")
        assert answer.status == 204
        assert answer.headers["clear-site-data"] == '"cache", "storage"'
        assert browser.cookie(ACCESS) is None
        assert browser.cookie(REFRESH) is None
        assert (await copy.call("GET", f"/api/customers/{customer}")).status == 401
        assert (await copy.call("POST", "/session/renew")).status == 401

    async def test_of_a_guest_changes_nothing(self, shop: Shop) -> None:
        assert (await shop.browser().call("DELETE", "/session")).status == 204


CROSS_SITE = [
    {},
    {"x-kibble": "1"},
    {"origin": f"https://{HOST}", "sec-fetch-site": "same-origin"},
    {"x-kibble": "0", "origin": f"https://{HOST}"},
    OWN | {"origin": "https://evil.example"},
    OWN | {"origin": f"https://{HOST}.evil.example"},
    OWN | {"origin": f"https://evil.{HOST}"},
    OWN | {"origin": f"https://{HOST}:8443"},
    OWN | {"origin": "null"},
    OWN | {"origin": f"ftp://{HOST}"},
    OWN | {"origin": "https://["},
    OWN | {"sec-fetch-site": "cross-site"},
    OWN | {"sec-fetch-site": "same-site"},
    OWN | {"sec-fetch-site": "none"},
]


class TestAnotherSite:
    @pytest.mark.parametrize("headers", CROSS_SITE)
    async def test_changes_nothing_with_the_browsers_cookie(
        self, shop: Shop, headers: dict[str, str]
    ) -> None:
        browser = await shop.signed_in()
        customer = (await browser.call("GET", "/session")).json()["customerId"]
        for method, path in (
            ("DELETE", f"/api/customers/{customer}"),
            ("POST", "/session"),
            ("POST", "/session/renew"),
            ("POST", "/session/token"),
            ("DELETE", "/session"),
        ):
            body = {"token": "x"} if path.endswith("token") else SIGN_IN
            answer = await browser.call(method, path, body, headers)
            assert (answer.status, answer.json()["code"]) == (403, "cross-site"), path
        assert (await me(browser)).status == 200

    @pytest.mark.parametrize("left_out", ["origin", "sec-fetch-site"])
    async def test_is_told_by_either_of_what_browsers_say(self, shop: Shop, left_out: str) -> None:
        browser = await shop.signed_in()
        headers = {name: value for name, value in OWN.items() if name != left_out}
        assert (await browser.call("DELETE", "/session", None, headers)).status == 204


class TestCookie:
    async def test_is_not_looked_at_when_there_is_a_token(self, shop: Shop) -> None:
        browser = await shop.signed_in()
        cookie = {"cookie": f"{ACCESS}={browser.cookie(ACCESS)}", "authorization": "Bearer x"}
        customer = (await browser.call("GET", "/session")).json()["customerId"]
        answer = await shop.http.get(f"/api/customers/{customer}", cookie)
        assert (answer.status, answer.json()["code"]) == (401, "unauthenticated")

    async def test_is_refused_when_there_are_two_of_its_name(self, shop: Shop) -> None:
        browser = await shop.signed_in()
        token = browser.cookie(ACCESS)
        customer = (await browser.call("GET", "/session")).json()["customerId"]
        twice = {"cookie": f"{ACCESS}={token}; {ACCESS}={token}"}
        assert (await shop.http.get(f"/api/customers/{customer}", twice)).status == 401

    async def test_holds_no_refresh_token_for_the_api(self, shop: Shop) -> None:
        browser = await shop.signed_in()
        customer = (await browser.call("GET", "/session")).json()["customerId"]
        refresh = {"cookie": f"{ACCESS}={browser.cookie(REFRESH)}"}
        assert (await shop.http.get(f"/api/customers/{customer}", refresh)).status == 401


class TestTokenOfTheCommandLine:
    async def test_opens_a_session_with_its_scopes(self, shop: Shop) -> None:
        token = shop.issuer.for_client("ops", ["staff:admin"], timedelta(seconds=600))
        browser = shop.browser()
        answer = await browser.call("POST", "/session/token", {"token": token})
        assert answer.json().items() >= {"username": "ops", "scopes": ["staff:admin"]}.items()
        assert (await browser.call("GET", "/api/staff")).status == 200

    async def test_ends_with_the_token(self, shop: Shop) -> None:
        token = shop.issuer.for_client("ops", ["staff:admin"], timedelta(seconds=300))
        browser = shop.browser()
        await browser.call("POST", "/session/token", {"token": token})
        shop.clock.advance(301)
        assert (await browser.call("POST", "/session/renew")).status == 401

    async def test_of_a_service_or_of_a_guests_order_opens_none(self, shop: Shop) -> None:
        life = timedelta(seconds=600)
        for token in (
            shop.issuer.for_client("order", ["service:product"], life),
            shop.issuer.for_order("o1", life),
        ):
            answer = await shop.browser().call("POST", "/session/token", {"token": token})
            assert (answer.status, answer.json()["code"]) == (403, "no-session")

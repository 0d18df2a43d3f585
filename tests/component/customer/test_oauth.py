"""The authorization server against OAuth 2.1, RFC 7636, 7009, 7662, 9207 and OpenID Connect."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.component.customer.identity import (
    FORM,
    ISSUER,
    REDIRECT,
    VERIFIER,
    Door,
    allow,
    open_door,
    returned,
)
from tests.fixtures.browser import OWN, Browser
from tests.fixtures.http import Answer
from tests.fixtures.identity import claims_of


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    made = open_door(tmp_path)
    yield made
    made.built.store.close()


def assert_refused(answer: Answer, error: str, status: int = 400) -> None:
    assert (answer.status, answer.json()["error"]) == (status, error), answer.body
    assert answer.headers["cache-control"] == "no-store"


class TestAuthorizing:
    async def test_asks_the_user_then_sends_a_code_back(self, door: Door) -> None:
        client, browser = await door.client(), await door.browser()
        page = await browser.call("GET", client.request())
        assert page.status == 200
        assert b"Walkies" in page.body
        assert b"see your orders" in page.body
        told = returned(await allow(browser, page))
        assert told.keys() == {"from", "code", "state", "iss"}
        assert (told["state"], told["iss"]) == ("s-1", ISSUER)

    async def test_asks_nobody_about_the_shops_own_clients(self, door: Door) -> None:
        client, browser = await door.client(firstParty=True), await door.browser()
        assert "code" in returned(await browser.call("GET", client.request()))

    async def test_sends_back_a_refusal(self, door: Door) -> None:
        client, browser = await door.client(), await door.browser()
        page = await browser.call("GET", client.request())
        assert returned(await allow(browser, page, "deny"))["error"] == "access_denied"

    async def test_sends_who_has_not_signed_in_to_the_form_and_back(self, door: Door) -> None:
        client = await door.client()
        answer = await Browser(door.http).call("GET", client.request())
        assert answer.status == 303
        path, _, back = answer.headers["location"].partition("?return=")
        assert path == "/sign-in"
        assert unquote(back) == client.request()

    async def test_sends_who_signed_in_too_long_ago_to_the_form_again(self, door: Door) -> None:
        client, browser = await door.client(), await door.browser()
        door.clock.advance(300)
        for changes in ({"max_age": "299"}, {"prompt": "login"}):
            answer = await browser.call("GET", client.request(**changes))
            assert answer.headers["location"].endswith("&reauthenticate=1")
            assert "prompt" not in unquote(answer.headers["location"])
        assert (await browser.call("GET", client.request(max_age="300"))).status == 200

    async def test_shows_nothing_where_nothing_may_be_shown(self, door: Door) -> None:
        client, browser = await door.client(), await door.browser()
        for who, error in ((Browser(door.http), "login_required"), (browser, "consent_required")):
            answer = await who.call("GET", client.request(prompt="none"))
            assert returned(answer)["error"] == error

    @pytest.mark.parametrize(
        "changes",
        [
            {"redirect_uri": "https://app.example/callback"},
            {"redirect_uri": f"{REDIRECT}&x=1"},
            {"redirect_uri": f"{REDIRECT}/"},
            {"redirect_uri": REDIRECT.upper()},
            {"redirect_uri": f"{REDIRECT}#x"},
            {"redirect_uri": "https://evil.example/callback?from=kibble"},
            {"redirect_uri": None},
            {"client_id": "0193a7f0-0000-7000-8000-00000000ffff"},
            {"client_id": None},
        ],
    )
    async def test_never_sends_anything_to_an_address_that_is_not_the_clients(
        self, door: Door, changes: dict[str, str | None]
    ) -> None:
        client, browser = await door.client(), await door.browser()
        answer = await browser.call("GET", client.request(**changes))
        assert answer.status == 400
        assert "location" not in answer.headers
        assert answer.headers["content-type"].startswith("text/html")

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"response_type": "token"}, "unsupported_response_type"),
            ({"response_type": "code id_token"}, "unsupported_response_type"),
            ({"response_type": None}, "unsupported_response_type"),
            ({"code_challenge": None}, "invalid_request"),
            ({"code_challenge_method": None}, "invalid_request"),
            ({"code_challenge_method": "plain"}, "invalid_request"),
            ({"code_challenge_method": "s256"}, "invalid_request"),
            ({"code_challenge": "short"}, "invalid_request"),
            ({"code_challenge": "=" * 43}, "invalid_request"),
            ({"scope": "openid orders:write"}, "invalid_scope"),
            ({"scope": "everything"}, "invalid_scope"),
            ({"max_age": "-1"}, "invalid_request"),
            ({"max_age": "soon"}, "invalid_request"),
        ],
    )
    async def test_tells_the_client_what_is_wrong_with_its_request(
        self, door: Door, changes: dict[str, str | None], error: str
    ) -> None:
        client, browser = await door.client(), await door.browser()
        told = returned(await browser.call("GET", client.request(**changes)))
        assert told["error"] == error
        assert (told["state"], told["iss"]) == ("s-1", ISSUER)
        assert "code" not in told

    async def test_refuses_a_parameter_that_is_there_twice(self, door: Door) -> None:
        client, browser = await door.client(), await door.browser()
        answer = await browser.call("GET", f"{client.request()}&client_id={client.id}")
        assert answer.status == 400


class TestTheQuestion:
    async def test_runs_no_script_and_stays_out_of_frames(self, door: Door) -> None:
        client, browser = (
            await door.client(name='<script>alert("x")</script>'),
            await door.browser(),
        )
        page = await browser.call("GET", client.request())
        assert b"<script" not in page.body
        policy = page.headers["content-security-policy"]
        assert policy == (
            "default-src 'none'; form-action 'self' https://app.example;"
            " base-uri 'none'; frame-ancestors 'none'"
        )

    @pytest.mark.parametrize("origin", [None, "https://evil.example", "null"])
    async def test_is_answered_by_the_shops_own_page_alone(
        self, door: Door, origin: str | None
    ) -> None:
        client, browser = await door.client(), await door.browser()
        page = (await browser.call("GET", client.request())).body.decode()
        sealed = page.partition('name="request" value="')[2].partition('"')[0]
        headers = FORM | ({"origin": origin} if origin else {})
        form = urlencode({"request": sealed, "answer": "allow"}).encode()
        answer = await browser.call("POST", "/oauth2/consent", form, headers)
        assert (answer.status, answer.json()["code"]) == (403, "cross-site")

    async def test_put_to_one_session_is_not_answered_by_another(self, door: Door) -> None:
        client, browser, other = await door.client(), await door.browser(), await door.browser()
        page = await browser.call("GET", client.request())
        assert (await allow(other, page)).status == 403

    async def test_expires(self, door: Door) -> None:
        client, browser = await door.client(), await door.browser()
        page = await browser.call("GET", client.request())
        door.clock.advance(601)
        await browser.call("POST", "/session/renew")
        assert (await allow(browser, page)).status == 403


class TestCodes:
    async def test_become_tokens_of_what_was_allowed(self, door: Door) -> None:
        client, browser = await door.client(), await door.browser()
        answer = await client.redeem(await client.code(browser))
        assert answer.status == 200
        assert answer.headers["cache-control"] == "no-store"
        told = answer.json()
        assert told.keys() == {
            *("access_token", "token_type", "expires_in", "scope"),
            *("refresh_token", "id_token"),
        }
        assert told["token_type"] == "Bearer"
        assert told["expires_in"] == 600
        assert told["scope"] == "openid account:read"
        claims = claims_of(told["access_token"])
        assert claims["client_id"] == client.id
        assert claims["exp"] - claims["iat"] == 600

    async def test_come_without_an_id_token_unless_one_was_asked_for(self, door: Door) -> None:
        client, browser = await door.client(), await door.browser()
        answer = await client.redeem(await client.code(browser, scope="account:read"))
        assert "id_token" not in answer.json()

    async def test_end_after_a_minute(self, door: Door) -> None:
        client, browser = await door.client(), await door.browser()
        code = await client.code(browser)
        door.clock.advance(60)
        assert_refused(await client.redeem(code), "invalid_grant")

    async def test_used_twice_end_all_that_came_of_them(self, door: Door) -> None:
        client, browser = await door.client(), await door.browser()
        code = await client.code(browser)
        first = (await client.redeem(code)).json()
        assert_refused(await client.redeem(code), "invalid_grant")
        assert_refused(await client.renew(first["refresh_token"]), "invalid_grant")
        revoked = [one.id for one in await door.built.client.revoked()]
        assert claims_of(first["access_token"])["sid"] in revoked

    @pytest.mark.parametrize(
        "fields",
        [
            {"code_verifier": "w" * 43},
            {"code_verifier": None},
            {"code_verifier": "short"},
            {"code_verifier": VERIFIER + "x"},
            {"redirect_uri": "https://app.example/callback"},
            {"code": "x"},
            {"code": None},
        ],
    )
    async def test_are_refused_to_who_did_not_ask_for_them(
        self, door: Door, fields: dict[str, str | None]
    ) -> None:
        client, browser = await door.client(), await door.browser()
        code = await client.code(browser)
        assert_refused(await client.redeem(code, **fields), "invalid_grant")
        assert (await client.redeem(code)).status == 200

    async def test_are_refused_to_another_client(self, door: Door) -> None:
        client, other, browser = await door.client(), await door.client(), await door.browser()
        code = await client.code(browser)
        assert_refused(await other.redeem(code), "invalid_grant")


class TestRights:
    async def test_to_read_do_not_write(self, door: Door) -> None:
        client, browser = await door.client(), await door.browser()
        token = (await client.redeem(await client.code(browser))).json()["access_token"]
        url = f"/api/customers/{await door.customer()}"
        bearer = {"authorization": f"Bearer {token}"}
        assert (await door.http.get(url, bearer)).status == 200
        answer = await door.http.patch(url, {"name": "Eve"}, bearer)
        assert (answer.status, answer.json()["code"]) == (403, "missing-scope")

    async def test_to_write_do_not_reach_what_guards_the_account(self, door: Door) -> None:
        client, browser = await door.client(), await door.browser()
        code = await client.code(browser, scope="account:write")
        token = (await client.redeem(code)).json()["access_token"]
        url = f"/api/customers/{await door.customer()}"
        bearer = {"authorization": f"Bearer {token}"}
        assert (await door.http.patch(url, {"name": "Jane"}, bearer)).status == 200
        for path in ("factors", "sessions"):
            assert (await door.http.get(f"{url}/{path}", bearer)).status == 403
        answer = await door.http.post(f"{url}/factors/totp", None, bearer)
        assert answer.status == 403

    async def test_to_know_who_it_is_reach_no_data(self, door: Door) -> None:
        client, browser = await door.client(), await door.browser()
        code = await client.code(browser, scope="openid")
        token = (await client.redeem(code)).json()["access_token"]
        url = f"/api/customers/{await door.customer()}"
        assert (await door.http.get(url, {"authorization": f"Bearer {token}"})).status == 403

    async def test_of_staff_are_no_more_than_the_member_and_the_client_have(
        self, door: Door
    ) -> None:
        client = await door.client(scopes=["orders:read", "payments:write"], firstParty=True)
        hired = await door.staff.post("/api/staff", {"username": "sue", "roles": ["support"]})
        browser = Browser(door.http)
        body = {"username": "sue", "password": hired.json()["password"]}
        await browser.call("POST", "/session", body)
        code = await client.code(browser, scope="orders:read payments:write")
        token = (await client.redeem(code)).json()
        assert claims_of(token["access_token"])["scope"] == "orders:read"

    async def test_that_the_user_does_not_have_are_not_given(self, door: Door) -> None:
        client = await door.client(scopes=["orders:read"], firstParty=True)
        browser = await door.browser()
        told = returned(await browser.call("GET", client.request(scope="orders:read")))
        assert told["error"] == "invalid_scope"


class TestIdTokens:
    async def test_say_who_signed_in_to_the_client_alone(self, door: Door) -> None:
        client, browser = await door.client(), await door.browser()
        code = await client.code(browser, scope="openid profile email")
        token = (await client.redeem(code)).json()["id_token"]
        keys: Any = (await door.http.get("/oauth2/jwks")).json()
        claims = jwt.decode(token, KeySet.import_key_set(keys), algorithms=["ES256"]).claims
        assert (
            claims.items()
            >= {
                "iss": ISSUER,
                "aud": client.id,
                "sub": await door.customer(),
                "nonce": "n-1",
                "preferred_username": "johndoe",
                "email": "johndoe@example.com",
                "email_verified": False,
            }.items()
        )
        assert claims["auth_time"] == int(door.clock.now().timestamp())

    async def test_open_nothing(self, door: Door) -> None:
        client, browser = await door.client(), await door.browser()
        token = (await client.redeem(await client.code(browser))).json()["id_token"]
        url = f"/api/customers/{await door.customer()}"
        assert (await door.http.get(url, {"authorization": f"Bearer {token}"})).status == 401


class TestRefreshTokens:
    async def test_are_replaced_at_each_use(self, door: Door) -> None:
        client, browser = await door.client(), await door.browser()
        token = (await client.redeem(await client.code(browser))).json()["refresh_token"]
        seen = {token}
        for _ in range(3):
            door.clock.advance(3600)
            answer = await client.renew(token)
            assert answer.status == 200
            assert answer.json()["scope"] == "openid account:read"
            token = answer.json()["refresh_token"]
            seen.add(token)
        assert len(seen) == 4

    async def test_give_the_same_successor_when_the_answer_was_lost(self, door: Door) -> None:
        client, browser = await door.client(), await door.browser()
        token = (await client.redeem(await client.code(browser))).json()["refresh_token"]
        first = (await client.renew(token)).json()["refresh_token"]
        door.clock.advance(10)
        assert (await client.renew(token)).json()["refresh_token"] == first
        assert (await client.renew(first)).status == 200

    async def test_used_again_later_end_the_family_and_tell_the_owner(self, door: Door) -> None:
        client, browser = await door.client(), await door.browser()
        token = (await client.redeem(await client.code(browser))).json()["refresh_token"]
        latest = (await client.renew(token)).json()["refresh_token"]
        door.clock.advance(11)
        assert_refused(await client.renew(token), "invalid_grant")
        assert_refused(await client.renew(latest), "invalid_grant")
        entries = door.built.store.read_log("notification_events", 0, 1_000)
        assert any(b"session_ended" in entry.envelope for entry in entries)

    async def test_are_the_clients_own(self, door: Door) -> None:
        client, other, browser = await door.client(), await door.client(), await door.browser()
        token = (await client.redeem(await client.code(browser))).json()["refresh_token"]
        assert_refused(await other.renew(token), "invalid_grant")
        assert (await client.renew(token)).status == 200

    async def test_of_a_browsers_session_are_no_clients(self, door: Door) -> None:
        client, browser = await door.client(), await door.browser()
        own = browser.cookie("__Secure-kibble-refresh") or ""
        assert_refused(await client.renew(own), "invalid_grant")

    async def test_do_not_widen_what_was_granted(self, door: Door) -> None:
        client, browser = await door.client(), await door.browser()
        token = (await client.redeem(await client.code(browser))).json()["refresh_token"]
        answer = await client.renew(token, scope="openid account:write")
        assert_refused(answer, "invalid_scope")

    async def test_end_at_last(self, door: Door) -> None:
        client, browser = await door.client(), await door.browser()
        token = (await client.redeem(await client.code(browser))).json()["refresh_token"]
        for _ in range(4):
            door.clock.advance(20 * 86_400)
            answer = await client.renew(token)
            token = answer.json()["refresh_token"]
        door.clock.advance(11 * 86_400)
        assert_refused(await client.renew(token), "invalid_grant")

    async def test_end_with_the_password(self, door: Door) -> None:
        client, browser = await door.client(), await door.browser()
        token = (await client.redeem(await client.code(browser))).json()["refresh_token"]
        url = f"/api/customers/{await door.customer()}/password"
        body = {"current": "password123", "password": "a much better one"}
        assert (await door.http.as_customer(await door.customer()).put(url, body)).status == 204
        assert_refused(await client.renew(token), "invalid_grant")


class TestClients:
    async def test_with_a_secret_act_for_themselves(self, door: Door) -> None:
        client = await door.client(confidential=True, scopes=["orders:read", "orders:write"])
        answer = await client.token(grant_type="client_credentials", scope="orders:read")
        told = answer.json()
        assert (answer.status, told["scope"]) == (200, "orders:read")
        assert "refresh_token" not in told
        assert claims_of(told["access_token"])["sub"] == client.id

    @pytest.mark.parametrize("secret", [None, "", "wrong"])
    async def test_with_a_secret_must_show_it(self, door: Door, secret: str | None) -> None:
        client = await door.client(confidential=True)
        answer = await client.token(grant_type="client_credentials", client_secret=secret)
        assert_refused(answer, "invalid_client", 401)
        assert answer.headers["www-authenticate"].startswith("Basic")

    async def test_show_their_secret_in_a_header_too_but_not_twice(self, door: Door) -> None:
        client = await door.client(confidential=True, scopes=["orders:read"])
        grant = {"grant_type": "client_credentials"}
        assert (await door.form("/oauth2/token", grant, client.basic())).status == 200
        both = grant | {"client_secret": client.secret or ""}
        assert_refused(await door.form("/oauth2/token", both, client.basic()), "invalid_request")
        for header in ("Basic x", "Basic eA==", "Bearer x", "Basic"):
            answer = await door.form("/oauth2/token", grant, {"authorization": header})
            assert_refused(answer, "invalid_client", 401)

    async def test_without_a_secret_do_not_act_for_themselves(self, door: Door) -> None:
        client = await door.client()
        answer = await client.token(grant_type="client_credentials")
        assert_refused(answer, "unauthorized_client")
        assert_refused(
            await client.token(grant_type="client_credentials", client_secret="x"),
            "invalid_client",
            401,
        )

    @pytest.mark.parametrize("grant", ["password", "implicit", "", None])
    async def test_find_no_weaker_grant(self, door: Door, grant: str | None) -> None:
        client = await door.client()
        answer = await client.token(grant_type=grant, username="johndoe", password="password123")
        assert_refused(answer, "unsupported_grant_type")

    @pytest.mark.parametrize(
        "uri",
        [
            "http://app.example/callback",
            "https://app.example/#x",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://user@app.example/",
            "https:///x",
            "https://[",
            "/callback",
            "myapp:/callback",
            "https://app.example/ x",
        ],
    )
    async def test_are_not_sent_back_to_unsafe_addresses(self, door: Door, uri: str) -> None:
        body = {"name": "App", "scopes": ["openid"], "redirectUris": [uri]}
        answer = await door.staff.post("/api/clients", body)
        assert (answer.status, answer.pointers()) == (400, {"/redirectUris/0"})

    @pytest.mark.parametrize(
        "uri", ["https://app.example/cb", "http://localhost:3000/cb", "com.example.app:/callback"]
    )
    async def test_are_sent_back_to_safe_ones(self, door: Door, uri: str) -> None:
        assert (await door.client(redirectUris=[uri])).id

    async def test_are_listed_without_their_secrets_and_forgotten(self, door: Door) -> None:
        client = await door.client(confidential=True, scopes=["orders:read"])
        listed = (await door.staff.get("/api/clients")).json()
        assert [one["id"] for one in listed] == [client.id]
        assert "secret" not in listed[0]
        assert (await door.staff.delete(f"/api/clients/{client.id}")).status == 204
        answer = await client.token(grant_type="client_credentials")
        assert_refused(answer, "invalid_client", 401)


class TestRevoking:
    @pytest.mark.parametrize("which", ["refresh_token", "access_token"])
    async def test_ends_the_session_behind_a_token(self, door: Door, which: str) -> None:
        client, browser = await door.client(), await door.browser()
        told = (await client.redeem(await client.code(browser))).json()
        form = {"client_id": client.id, "token": told[which]}
        assert (await door.form("/oauth2/revoke", form)).status == 200
        assert_refused(await client.renew(told["refresh_token"]), "invalid_grant")
        revoked = await door.built.client.revoked()
        assert claims_of(told["access_token"])["sid"] in [one.id for one in revoked]

    async def test_of_a_clients_own_token_ends_that_alone(self, door: Door) -> None:
        client = await door.client(confidential=True, scopes=["orders:read"])
        tokens = [
            (await client.token(grant_type="client_credentials")).json()["access_token"]
            for _ in range(2)
        ]
        for _ in range(2):
            form = {"token": tokens[0]}
            assert (await door.form("/oauth2/revoke", form, client.basic())).status == 200
        told = [
            (await door.form("/oauth2/introspect", {"token": token}, client.basic())).json()
            for token in tokens
        ]
        assert [one["active"] for one in told] == [False, True]

    async def test_of_anothers_token_changes_nothing(self, door: Door) -> None:
        client, other, browser = await door.client(), await door.client(), await door.browser()
        told = (await client.redeem(await client.code(browser))).json()
        for token in (told["refresh_token"], told["access_token"], "rubbish", ""):
            form = {"client_id": other.id, "token": token}
            assert (await door.form("/oauth2/revoke", form)).status == 200
        assert (await client.renew(told["refresh_token"])).status == 200

    async def test_is_known_to_who_checks_tokens(self, door: Door) -> None:
        client, browser = await door.client(), await door.browser()
        told = (await client.redeem(await client.code(browser))).json()
        url = f"/api/customers/{await door.customer()}"
        bearer = {"authorization": f"Bearer {told['access_token']}"}
        assert (await door.http.get(url, bearer)).status == 200
        await door.form("/oauth2/revoke", {"client_id": client.id, "token": told["access_token"]})
        revoked = await door.built.client.revoked()
        door.verifier.revoke([(one.id, one.until) for one in revoked])
        answer = await door.http.get(url, bearer)
        assert (answer.status, answer.json()["code"]) == (401, "token-revoked")


class TestIntrospection:
    async def test_tells_a_client_of_its_tokens(self, door: Door) -> None:
        client, browser = await door.client(confidential=True), await door.browser()
        told = (await client.redeem(await client.code(browser))).json()
        for which in ("access_token", "refresh_token"):
            form = {"token": told[which]}
            seen = (await door.form("/oauth2/introspect", form, client.basic())).json()
            assert (
                seen.items()
                >= {
                    "active": True,
                    "client_id": client.id,
                    "sub": await door.customer(),
                    "scope": "openid account:read" if which == "refresh_token" else seen["scope"],
                }.items()
            )

    async def test_tells_nobody_of_anothers(self, door: Door) -> None:
        client, browser = await door.client(confidential=True), await door.browser()
        other = await door.client(confidential=True)
        told = (await client.redeem(await client.code(browser))).json()
        for token in (told["access_token"], told["refresh_token"], told["id_token"], "x", ""):
            answer = await door.form("/oauth2/introspect", {"token": token}, other.basic())
            assert answer.json() == {"active": False}

    async def test_is_not_for_public_clients(self, door: Door) -> None:
        client = await door.client()
        answer = await door.form("/oauth2/introspect", {"client_id": client.id, "token": "x"})
        assert_refused(answer, "invalid_client", 401)


class TestDiscovery:
    async def test_says_where_everything_is_and_nothing_weaker(self, door: Door) -> None:
        told = (await door.http.get("/.well-known/openid-configuration")).json()
        assert told["issuer"] == ISSUER
        assert told["response_types_supported"] == ["code"]
        assert told["code_challenge_methods_supported"] == ["S256"]
        assert "password" not in told["grant_types_supported"]
        for name, path in (("jwks_uri", "jwks"), ("token_endpoint", "token")):
            assert told[name] == f"{ISSUER}/oauth2/{path}"

    async def test_is_found_by_clients_without_openid_too(self, door: Door) -> None:
        found = await door.http.get("/.well-known/oauth-authorization-server")
        assert found.status == 200
        assert found.body == (await door.http.get("/.well-known/openid-configuration")).body

    async def test_publishes_no_private_key(self, door: Door) -> None:
        (key,) = (await door.http.get("/oauth2/jwks")).json()["keys"]
        assert key.items() >= {"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256"}.items()
        assert "d" not in key


async def test_hostile_forms_are_answered_as_oauth_answers(door: Door) -> None:
    client = await door.client()
    for body in (b"", b"\xff", b"a=1&a=2", b"&&&", b"x=%zz", b"grant_type", b"a=" + b"x" * 9_000):
        answer = await door.http.send("POST", "/oauth2/token", body or b"=", FORM)
        assert answer.status in (400, 401)
        assert answer.json()["error"] in ("invalid_request", "invalid_client")
    answer = await door.http.send("POST", "/oauth2/token", b"{}", {"content-type": "text/plain"})
    assert answer.status == 415
    assert (await client.token(grant_type="refresh_token", refresh_token="é.ü")).status == 400


async def test_a_signed_in_session_is_not_touched_by_the_cookies_of_another_site(
    door: Door,
) -> None:
    client, browser = await door.client(), await door.browser()
    cross = OWN | {"sec-fetch-site": "cross-site"}
    answer = await browser.call("GET", client.request(), headers=cross)
    assert answer.status == 200
    assert "code" not in answer.headers.get("location", "")

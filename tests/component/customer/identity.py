"""Customer behind the gateway's session, and clients of its authorization server."""

from __future__ import annotations

import base64
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc.jwk import ECKey

from kibble.gateway import session
from kibble.platform.security.tokens import TokenIssuer, TokenVerifier
from kibble.platform.service import Built, LocalStore
from kibble.services.customer.client import CustomerClient
from kibble.services.customer.model import challenge_of
from kibble.services.customer.wiring import build_embedded
from tests.component.customer.conftest import JANE, CountingHasher
from tests.fixtures.browser import Browser
from tests.fixtures.doubles import FakeClock, fake_ids
from tests.fixtures.http import Answer, Client

KEY = ECKey.generate_key("P-256", auto_kid=True)
ISSUER = "https://shop.example"
REDIRECT = "https://app.example/callback?from=kibble"
VERIFIER = "v" * 43
FORM = {"content-type": "application/x-www-form-urlencoded"}


@dataclass
class Door:
    """The shop's door: its routes, and what moves its time and signs its tokens."""

    built: Built[CustomerClient, LocalStore]
    http: Client
    clock: FakeClock
    issuer: TokenIssuer
    verifier: TokenVerifier
    hasher: CountingHasher
    known: dict[str, str] = field(default_factory=dict)

    @property
    def staff(self) -> Client:
        """The operator."""
        return self.http.with_scopes("staff:admin", "clients:admin")

    async def customer(self) -> str:
        """Return the owner's example, registered."""
        if "customer" not in self.known:
            self.known["customer"] = (await self.http.post("/api/customers", JANE)).json()["id"]
        return self.known["customer"]

    async def browser(self, **more: object) -> Browser:
        """A browser whose customer has signed in."""
        await self.customer()
        browser = Browser(self.http)
        body = {"username": "johndoe", "password": "password123"} | more
        assert (await browser.call("POST", "/session", body)).status == 200
        return browser

    async def client(self, **fields: object) -> OAuthClient:
        """A registered client."""
        body: dict[str, object] = {
            "name": "Walkies",
            "scopes": ["openid", "profile", "email", "account:read", "account:write"],
            "redirectUris": [REDIRECT],
        }
        answer = await self.staff.post("/api/clients", body | fields)
        assert answer.status == 201, answer
        told = answer.json()
        return OAuthClient(self.http, told["id"], told.get("secret"))

    async def form(self, path: str, fields: Mapping[str, str], headers: Any = None) -> Answer:
        sent = FORM | (headers or {})
        return await self.http.send("POST", path, urlencode(fields).encode(), sent)


@dataclass
class OAuthClient:
    """A program that uses the authorization server as it should, unless it is told otherwise."""

    http: Client
    id: str
    secret: str | None

    def request(self, **changes: str | None) -> str:
        """Return the address that it sends a browser to."""
        asked: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.id,
            "redirect_uri": REDIRECT,
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
            "scope": "openid account:read",
            "state": "s-1",
            "nonce": "n-1",
            **changes,
        }
        told = {name: value for name, value in asked.items() if value is not None}
        return f"/oauth2/authorize?{urlencode(told)}"

    async def code(self, browser: Browser, **changes: str | None) -> str:
        """Return a code that the user allowed."""
        answer = await browser.call("GET", self.request(**changes))
        if answer.status == 200:
            answer = await allow(browser, answer)
        return returned(answer)["code"]

    async def token(self, **fields: str | None) -> Answer:
        """Call the token endpoint."""
        asked = {"client_id": self.id, "client_secret": self.secret, **fields}
        told = {name: value for name, value in asked.items() if value is not None}
        return await self.http.send("POST", "/oauth2/token", urlencode(told).encode(), FORM)

    async def redeem(self, granted: str, **fields: str | None) -> Answer:
        """Use a code."""
        grant: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": granted,
            "redirect_uri": REDIRECT,
            "code_verifier": VERIFIER,
        }
        return await self.token(**{**grant, **fields})

    async def renew(self, refresh: str, **fields: str | None) -> Answer:
        """Use a refresh token."""
        grant: dict[str, str | None] = {
            "grant_type": "refresh_token",
            "refresh_token": refresh,
        }
        return await self.token(**{**grant, **fields})

    def basic(self) -> dict[str, str]:
        """Return the header that shows its secret."""
        packed = base64.b64encode(f"{self.id}:{self.secret}".encode()).decode()
        return {"authorization": f"Basic {packed}"}


async def allow(browser: Browser, page: Answer, answer: str = "allow") -> Answer:
    """Answer the question of consent as a browser's form does."""
    text = page.body.decode()
    sealed = text.partition('name="request" value="')[2].partition('"')[0]
    form = urlencode({"request": sealed, "answer": answer}).encode()
    return await browser.call("POST", "/oauth2/consent", form, FORM | {"origin": ISSUER})


def returned(answer: Answer) -> dict[str, str]:
    """Return what a browser is sent back to the client with."""
    assert answer.status == 303, answer
    where = answer.headers["location"]
    assert where.startswith(f"{REDIRECT}&"), where
    told = parse_qs(urlsplit(where).query, strict_parsing=True)
    return {name: values[0] for name, values in told.items()}


def open_door(folder: Path, *, production: bool = False) -> Door:
    clock, hasher = FakeClock(), CountingHasher()
    issuer = TokenIssuer(KEY, clock, fake_ids(clock, 5))
    built = build_embedded(
        folder,
        clock,
        fake_ids(clock),
        random.Random(3),
        production=production,
        issuer=ISSUER,
        tokens=issuer,
        hasher=hasher,
        inline=True,
    )
    verifier = TokenVerifier(KEY, clock)
    controller = session.SessionController(
        built.client, verifier, session.address_of_peer, now=lambda: clock.now().timestamp()
    )
    routes = [*built.routes, *session.routes(controller)]
    http = Client(routes, clock, verifier, issuer)
    return Door(built, http, clock, issuer, verifier, hasher)

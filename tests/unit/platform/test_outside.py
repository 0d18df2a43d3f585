"""Tokens of an identity provider outside the shop."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from kibble.kernel.errors import Unauthenticated
from kibble.platform.security.outside import OutsideProvider, Provider
from kibble.platform.security.tokens import TokenIssuer, TokenVerifier
from tests.fixtures.doubles import FakeClock, fake_ids

ISSUER = "https://id.example/realms/shop"
OWN = ECKey.generate_key("P-256", auto_kid=True)
THEIRS = RSAKey.generate_key(2048, auto_kid=True)
NEXT = ECKey.generate_key("P-256", auto_kid=True)
PROVIDER = Provider(
    issuer=ISSUER,
    audience="kibble-api",
    keys_url="https://id.example/keys",
    roles_claim="realm_access.roles",
    customer_claim="kibble_customer",
)


class Wire:
    """What is at the provider's address, and how often it was asked."""

    def __init__(self) -> None:
        self.keys: list[Any] = [THEIRS]
        self.asked = 0

    async def fetch(self, url: str) -> bytes:
        assert url == PROVIDER.keys_url
        self.asked += 1
        return json.dumps(KeySet(self.keys).as_dict(private=False)).encode()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def outside(wire: Wire, clock: FakeClock) -> OutsideProvider:
    return OutsideProvider(PROVIDER, clock, wire.fetch)


@pytest.fixture
def verifier(outside: OutsideProvider, clock: FakeClock) -> TokenVerifier:
    return TokenVerifier(OWN, clock, outside)


def token(clock: FakeClock, key: Any = THEIRS, typ: str = "JWT", **changes: object) -> str:
    now = int(clock.now().timestamp())
    claims = {
        "iss": ISSUER,
        "aud": ["account", "kibble-api"],
        "sub": "u1",
        "exp": now + 300,
        "iat": now,
        "scope": "openid orders:read service made:up",
        "realm_access": {"roles": ["finance", "offline_access"]},
    } | changes
    told = {name: value for name, value in claims.items() if value is not None}
    algorithm = "RS256" if key.key_type == "RSA" else "ES256"
    header = {"alg": algorithm, "typ": typ, "kid": key.kid}
    return jwt.encode(header, told, key, algorithms=[algorithm])


async def test_says_who_it_is_and_what_they_may_do_by_the_operators_mapping(
    outside: OutsideProvider, verifier: TokenVerifier, clock: FakeClock
) -> None:
    await outside.refresh()
    who = verifier.verify(token(clock, kibble_customer="c1"))
    assert who.subject == "outside:u1"
    assert who.roles == ("finance",)
    assert who.scopes == {"orders:read", "payments:read", "payments:write", "customers:read"}
    assert who.customer_id == "c1"


async def test_our_own_tokens_are_taken_beside_theirs(
    outside: OutsideProvider, verifier: TokenVerifier, clock: FakeClock
) -> None:
    await outside.refresh()
    claims = {"sub": "c1", "customer_id": "c1"}
    own = TokenIssuer(OWN, clock, fake_ids(clock)).issue(claims, timedelta(minutes=5))
    assert verifier.verify(own).customer_id == "c1"


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another-api"},
        {"aud": None},
        {"iss": "https://id.example/realms/other"},
        {"sub": None},
        {"exp": None},
        {"exp": 1},
        {"nbf": 99_999_999_999},
        {"nonce": "n"},
        {"at_hash": "x"},
        {"typ": "logout+jwt"},
        {"key": NEXT},
    ],
)
async def test_what_does_not_hold_is_refused(
    outside: OutsideProvider,
    verifier: TokenVerifier,
    clock: FakeClock,
    changes: dict[str, Any],
) -> None:
    await outside.refresh()
    with pytest.raises(Unauthenticated):
        verifier.verify(token(clock, **changes))


async def test_our_key_signs_nothing_in_their_name(
    outside: OutsideProvider, verifier: TokenVerifier, clock: FakeClock
) -> None:
    await outside.refresh()
    with pytest.raises(Unauthenticated):
        verifier.verify(token(clock, OWN))


async def test_a_new_key_is_fetched_when_a_token_names_it_but_once_a_minute_at_most(
    outside: OutsideProvider, verifier: TokenVerifier, wire: Wire, clock: FakeClock
) -> None:
    await outside.refresh()
    wire.keys.append(NEXT)
    for _ in range(12):
        with pytest.raises(Unauthenticated):
            verifier.verify(token(clock, NEXT))
        await outside.refresh()
        clock.advance(4)
    assert wire.asked == 1
    clock.advance(60)
    await outside.refresh()
    assert wire.asked == 2
    assert verifier.verify(token(clock, NEXT)).subject == "outside:u1"


@pytest.mark.parametrize("rubbish", ["", "x", "a.b.c", "e30.e30.", "é.é.é"])
def test_rubbish_is_nobodys(outside: OutsideProvider, rubbish: str) -> None:
    assert not outside.issued(rubbish)

"""Tokens: what holds, and a corpus of what does not."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from kibble.kernel.errors import Unauthenticated
from kibble.platform.security.tokens import (
    ALGORITHM,
    AUDIENCE,
    ISSUER,
    TokenIssuer,
    TokenVerifier,
    load_or_make_key,
)
from tests.fixtures.doubles import FakeClock, fake_ids

KEY = ECKey.generate_key("P-256", auto_kid=True)
HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def issuer(clock: FakeClock) -> TokenIssuer:
    return TokenIssuer(KEY, clock, fake_ids(clock))


@pytest.fixture
def verifier(clock: FakeClock) -> TokenVerifier:
    return TokenVerifier(KEY, clock)


def test_names_a_customer_a_client_or_an_order(
    issuer: TokenIssuer, verifier: TokenVerifier
) -> None:
    assert verifier.verify(issuer.for_customer("c1", HOUR)).customer_id == "c1"
    assert verifier.verify(issuer.for_client("cron", ["a:read", "b:write"], HOUR)).scopes == {
        "a:read",
        "b:write",
    }
    assert verifier.verify(issuer.for_order("o1", HOUR)).order_id == "o1"


def test_ends_when_it_says_also_when_it_is_remembered(
    issuer: TokenIssuer, verifier: TokenVerifier, clock: FakeClock
) -> None:
    token = issuer.for_customer("c1", HOUR)
    assert verifier.verify(token).customer_id == "c1"
    assert verifier.knows(token)
    clock.advance(3601)
    with pytest.raises(Unauthenticated):
        verifier.verify(token)
    assert not verifier.knows(token)


def _claims(clock: FakeClock, **changes: object) -> dict[str, object]:
    now = int(clock.now().timestamp())
    standard = {"iss": ISSUER, "aud": AUDIENCE, "sub": "x", "exp": now + 60, "nbf": now, "iat": now}
    return {name: value for name, value in (standard | changes).items() if value is not None}


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "somebody"},
        {"aud": "another-api"},
        {"aud": None},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": 1},
        {"sub": None},
        {"sub": 7},
        {"nbf": 99_999_999_999},
    ],
)
def test_refuses_claims_that_do_not_hold(
    verifier: TokenVerifier, clock: FakeClock, changes: dict[str, object]
) -> None:
    header = {"alg": ALGORITHM, "typ": "at+jwt"}
    token = jwt.encode(header, _claims(clock, **changes), KEY, algorithms=[ALGORITHM])
    with pytest.raises(Unauthenticated):
        verifier.verify(token)


def test_refuses_other_signatures_and_kinds(verifier: TokenVerifier, clock: FakeClock) -> None:
    claims = _claims(clock)
    public = json.dumps(KEY.as_dict(private=False))
    shared = OctKey.import_key(public.encode())
    stranger = ECKey.generate_key("P-256")
    good = jwt.encode({"alg": ALGORITHM, "typ": "at+jwt"}, claims, KEY, algorithms=[ALGORITHM])
    head, body, signature = good.split(".")
    corpus = [
        jwt.encode({"alg": ALGORITHM, "typ": "JWT"}, claims, KEY, algorithms=[ALGORITHM]),
        jwt.encode({"alg": ALGORITHM, "typ": "at+jwt"}, claims, stranger, algorithms=[ALGORITHM]),
        jwt.encode({"alg": "HS256", "typ": "at+jwt"}, claims, shared, algorithms=["HS256"]),
        f"{head}.{body}.",
        f"{head}.{body}.{signature[::-1]}",
        f"eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.{body}.",
        "",
        "x",
        "a.b.c",
        good + "x" * 5000,
    ]
    assert verifier.verify(good).subject == "x"
    for token in corpus:
        with pytest.raises(Unauthenticated):
            verifier.verify(token)


def test_keeps_its_key_readable_by_the_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "key.json"
    first, second = load_or_make_key(path), load_or_make_key(path)
    assert first.as_dict() == second.as_dict()
    assert path.stat().st_mode & 0o777 == 0o600

"""Tokens: what holds, and a corpus of what does not."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from kibble.kernel.errors import Unauthenticated
from kibble.platform.security.keys import ALGORITHM, load_or_make_key
from kibble.platform.security.tokens import AUDIENCE, ISSUER, TokenIssuer, TokenVerifier
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
    assert verifier.subject_of(token) == "c1"
    clock.advance(3601)
    with pytest.raises(Unauthenticated):
        verifier.verify(token)
    assert verifier.subject_of(token) is None


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


def _forged(clock: FakeClock, **header: object) -> str:
    """Return a token that is ours but for its header and a stranger's signature."""
    stranger = ECKey.generate_key("P-256", auto_kid=True)
    told = {"alg": ALGORITHM, "typ": "at+jwt", "kid": stranger.kid} | header
    told = {name: value for name, value in told.items() if value is not None}
    if told.get("jwk") == "own":
        told["jwk"] = stranger.as_dict(private=False)
    return jwt.encode(told, _claims(clock), stranger, algorithms=[ALGORITHM])


@pytest.mark.parametrize(
    "header",
    [
        {"jwk": "own"},
        {"jku": "https://evil.example/jwks"},
        {"x5u": "https://evil.example/cert"},
        {"kid": "../../../../dev/null"},
        {"kid": "' OR 1=1 --"},
        {"kid": "\x00"},
        {"kid": "é" * 50},
        {"kid": None},
        {"kid": KEY.kid},
        {"kid": KEY.kid, "jku": "https://evil.example/jwks", "jwk": "own"},
    ],
)
def test_a_header_that_names_a_key_of_its_own_names_nothing(
    verifier: TokenVerifier, clock: FakeClock, header: dict[str, object]
) -> None:
    with pytest.raises(Unauthenticated):
        verifier.verify(_forged(clock, **header))


@pytest.mark.parametrize("typ", ["JWT", "device+jwt", "consent+jwt", "AT+JWT", "", None])
def test_a_token_of_another_kind_opens_nothing(
    verifier: TokenVerifier, clock: FakeClock, typ: str | None
) -> None:
    header = {"alg": ALGORITHM, "kid": KEY.kid} | ({"typ": typ} if typ is not None else {})
    token = jwt.encode(header, _claims(clock), KEY, algorithms=[ALGORITHM])
    with pytest.raises(Unauthenticated):
        verifier.verify(token)


@pytest.mark.parametrize(
    "token",
    [
        "é.é.é",
        "\x00",
        "W10.e30.x",
        "bnVsbA.e30.x",
        "eyJhbGciOiJFUzI1NiJ9..",
        base64.urlsafe_b64encode(b"[" * 2_900).decode() + ".e30.x",
        "....",
        " ",
        "a" * 5_000,
        "🐕" * 10,
    ],
)
def test_rubbish_is_refused_without_an_error_of_ours(verifier: TokenVerifier, token: str) -> None:
    with pytest.raises(Unauthenticated):
        verifier.verify(token)


class TestRevocation:
    SESSION = {"sub": "c1", "sid": "s1", "customer_id": "c1"}

    def test_refuses_what_was_verified_before_and_what_was_not(
        self, issuer: TokenIssuer, verifier: TokenVerifier, clock: FakeClock
    ) -> None:
        seen, unseen = issuer.issue(self.SESSION, HOUR), issuer.issue(self.SESSION, HOUR)
        other = issuer.issue(self.SESSION | {"sid": "s2"}, HOUR)
        assert verifier.verify(seen).session_id == "s1"
        verifier.revoke([("s1", clock.now().timestamp() + 600)])
        for token in (seen, unseen):
            with pytest.raises(Unauthenticated) as caught:
                verifier.verify(token)
            assert caught.value.code == "token-revoked"
        assert verifier.verify(other).session_id == "s2"

    def test_of_one_token_leaves_the_others(
        self, issuer: TokenIssuer, verifier: TokenVerifier, clock: FakeClock
    ) -> None:
        one, other = (issuer.for_client("x", ["a:read"], HOUR) for _ in range(2))
        jti = verifier.verify(one).jti
        assert jti is not None
        verifier.revoke([(jti, clock.now().timestamp() + 600)])
        with pytest.raises(Unauthenticated):
            verifier.verify(one)
        assert verifier.verify(other).subject == "x"

    def test_costs_nothing_where_a_token_is_remembered(
        self, issuer: TokenIssuer, verifier: TokenVerifier, clock: FakeClock
    ) -> None:
        token = issuer.issue(self.SESSION, HOUR)
        first = verifier.verify(token)
        verifier.revoke([(f"s{number}", clock.now().timestamp() + 600) for number in range(2, 99)])
        assert verifier.verify(token) is first

"""Codes by RFC 6238's own vectors, and what authenticators are told."""

from __future__ import annotations

import base64
import random

import pytest

from kibble.services.customer.model import new_totp_secret, provisioning_uri, totp

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_the_standards_vectors(seconds: int, code: str) -> None:
    assert totp(RFC_SECRET, seconds // 30) == code[-6:]


def test_secrets_are_as_long_as_the_digest() -> None:
    secrets = {new_totp_secret(random.Random(seed)) for seed in range(20)}
    assert len(secrets) == 20
    assert {len(base64.b32decode(secret)) for secret in secrets} == {20}


def test_the_address_of_a_key_escapes_what_means_something_in_it() -> None:
    uri = provisioning_uri("ABC", "Paws & Co", "a:b?c@example.com")
    assert uri == (
        "otpauth://totp/Paws%20%26%20Co:a%3Ab%3Fc%40example.com?secret=ABC&issuer=Paws%20%26%20Co"
    )

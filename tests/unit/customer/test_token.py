"""One-time tokens."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime, timedelta

import pytest

from kibble.services.customer.errors import TokenRefused
from kibble.services.customer.model import OneTimeToken, Purpose, digest_of, new_secret

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def reset_token() -> OneTimeToken:
    return OneTimeToken.ask("t1", Purpose.PASSWORD_RESET, "jane@example.com", NOW)


def test_works_for_thirty_minutes() -> None:
    reset_token().redeem(Purpose.PASSWORD_RESET, NOW + timedelta(minutes=29, seconds=59))
    with pytest.raises(TokenRefused):
        reset_token().redeem(Purpose.PASSWORD_RESET, NOW + timedelta(minutes=30))


def test_is_refused_for_another_purpose() -> None:
    with pytest.raises(TokenRefused):
        reset_token().redeem(Purpose.VERIFY_EMAIL, NOW)


def test_only_the_digest_of_the_last_secret_is_kept() -> None:
    token = reset_token()
    first, second = (new_secret(random.Random(seed)) for seed in (1, 2))
    token.mint(digest_of(first))
    token.mint(digest_of(second))
    assert token.digest == digest_of(second)
    assert second not in repr(token)


def test_a_secret_is_256_bits_of_chance_safe_in_a_link() -> None:
    secrets = {new_secret(random.Random(seed)) for seed in range(200)}
    assert len(secrets) == 200
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", secret) for secret in secrets)

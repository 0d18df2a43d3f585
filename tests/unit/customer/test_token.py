"""One-time tokens."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime, timedelta

import pytest

from kibble.kernel.ids import CustomerId
from kibble.services.customer.errors import TokenRefused
from kibble.services.customer.model import OneTimeToken, Purpose, digest_of, new_secret

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
JANE = CustomerId("0193a7f0-0000-7000-8000-000000000001")


def reset_token(customer_id: CustomerId | None = JANE) -> OneTimeToken:
    return OneTimeToken.ask(
        "t1", Purpose.PASSWORD_RESET, "jane@example.com", NOW, customer_id=customer_id
    )


def test_tells_whose_mailbox_is_proven() -> None:
    moment = NOW + timedelta(minutes=29, seconds=59)
    assert reset_token().redeem(Purpose.PASSWORD_RESET, moment) == JANE


def test_is_refused_after_thirty_minutes() -> None:
    with pytest.raises(TokenRefused):
        reset_token().redeem(Purpose.PASSWORD_RESET, NOW + timedelta(minutes=30))


def test_is_refused_for_another_purpose() -> None:
    with pytest.raises(TokenRefused):
        reset_token().redeem(Purpose.VERIFY_EMAIL, NOW)


def test_a_decoy_is_never_sent_and_never_used() -> None:
    decoy = reset_token(customer_id=None)
    assert not decoy.is_live(NOW)
    with pytest.raises(TokenRefused):
        decoy.redeem(Purpose.PASSWORD_RESET, NOW)


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

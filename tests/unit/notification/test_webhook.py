"""A webhook's rules: signatures, pauses, secrets."""

from __future__ import annotations

import base64
import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibble.kernel.ids import DeliveryId, WebhookId
from kibble.services.notification.model.signature import PREFIX, new_secret, signature
from kibble.services.notification.model.webhook import (
    KEPT_ATTEMPTS,
    TRIED_FOR,
    Attempt,
    Delivery,
    DeliveryStatus,
    Fields,
    SigningSecret,
    Webhook,
)
from tests.fixtures.doubles import START

EXAMPLE = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_a_signature_is_that_of_the_reference_library() -> None:
    """Made with ``standardwebhooks`` 1.0 of PyPI, from the example of the specification's tests."""
    made = signature(
        [EXAMPLE], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b'{"test": 2432232314}'
    )
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_secret_has_256_bits() -> None:
    made = new_secret(random.Random(5))
    assert made.startswith(PREFIX)
    assert len(base64.b64decode(made.removeprefix(PREFIX))) == 32
    assert made != new_secret(random.Random(6))


def delivery() -> Delivery:
    return Delivery(
        id=DeliveryId("d"),
        webhook_id=WebhookId("w"),
        event_id="e",
        event_type="order.placed",
        subject="s",
        body="{}",
        due_at=START,
        created_at=START,
    )


def attempt(status: int | None = 500) -> Attempt:
    return Attempt(at=START, status=status, error=None, milliseconds=3)


@given(st.lists(st.floats(0, 1, exclude_max=True), min_size=60, max_size=60))
def test_pauses_grow_to_six_hours_and_end_after_three_days_whatever_the_dice_say(
    dice: list[float],
) -> None:
    one, now, pauses = delivery(), START, list[timedelta]()
    for jitter in dice:
        one.note(attempt(), now, jitter)
        if one.status is DeliveryStatus.FAILED:
            break
        pauses.append(one.due_at - now)
        now = one.due_at
    assert one.status is DeliveryStatus.FAILED
    assert now == START + TRIED_FOR
    assert timedelta(seconds=2.5) <= pauses[0] <= timedelta(seconds=5)
    assert all(timedelta(0) < pause <= timedelta(hours=6) for pause in pauses)
    assert len(one.attempts) == min(one.tries, KEPT_ATTEMPTS)


@pytest.mark.parametrize(("status", "ends"), [(200, "DELIVERED"), (204, "DELIVERED")])
def test_any_success_ends_a_delivery(status: int, ends: str) -> None:
    one = delivery()
    one.note(attempt(status), START, 0.5)
    assert one.status.value == ends


def webhook() -> Webhook:
    return Webhook(
        id=WebhookId("w"),
        url="https://erp.example/",
        events=("order.placed",),
        fields=Fields.IDS,
        description="",
        contact=None,
        secrets=(SigningSecret("first"),),
        created_at=START,
    )


class TestSecrets:
    def test_are_never_more_than_two(self) -> None:
        one = webhook()
        one.rotate("second", START, timedelta(hours=24))
        one.rotate("third", START, timedelta(hours=24))
        assert one.signing(START) == ["third", "second"]

    def test_end_at_once_without_an_overlap(self) -> None:
        one = webhook()
        one.rotate("second", START, timedelta(0))
        assert one.signing(START) == ["second"]

    def test_are_not_told_by_what_describes_them(self) -> None:
        assert "first" not in repr(webhook())

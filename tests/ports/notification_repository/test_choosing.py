"""A store that is named wrongly, or does not know us, ends the start with a sentence."""

from __future__ import annotations

import pytest

from kibble.services.notification.adapters.choice import choose_store
from tests.fixtures.aws import REGION, Aws
from tests.fixtures.doubles import FakeClock


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("postgres://host/x", "must be dynamodb://REGION/TABLE"),
        (f"dynamodb://{REGION}", "must be dynamodb://REGION/TABLE"),
        (f"dynamodb://key@{REGION}/x", "has a user and no password"),
        (f"dynamodb://{REGION}/x?endpoint=nowhere", "has an endpoint that is no http"),
    ],
)
def test_says_what_is_wrong_with_its_address(url: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as raised:
        choose_store(url, FakeClock(), "one")
    assert str(raised.value).startswith("KIBBLE_NOTIFICATION_STORE ")


async def test_says_what_amazon_does_not_know(aws: Aws) -> None:
    url = f"dynamodb://key:s3same@{REGION}/none?endpoint={aws.endpoint}"
    chosen = choose_store(url, FakeClock(), "one")
    (check,) = chosen.checks
    with pytest.raises(ValueError, match=r"KIBBLE_NOTIFICATION_STORE: .* nothing of that name"):
        await check()
    with aws.refusing(), pytest.raises(ValueError, match="refuses the credentials") as raised:
        await check()
    assert "s3same" not in str(raised.value)
    for close in chosen.closing:
        await close()

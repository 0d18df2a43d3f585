"""The receiver in docs/webhooks.md does what it says."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from kibble.services.notification.model.signature import signature

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + "A" * 32
NOW = 1_772_463_600
BODY = b'{"id": "e1", "type": "order.placed"}'
PAGE = Path(__file__).parents[3] / "docs" / "webhooks.md"

IsGenuine = Callable[[Mapping[str, str], bytes, float], bool]


@pytest.fixture(scope="module")
def is_genuine() -> IsGenuine:
    """The check of the page's receiver."""
    found = re.search(r"<!-- receiver -->\n```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found
    made: Any = ModuleType("receiver")
    given, sys.argv = sys.argv, ["receiver.py", SECRET, "0"]
    try:
        exec(compile(found[1], str(PAGE), "exec"), made.__dict__)  # noqa: S102 - our own page
    finally:
        sys.argv = given
    check: IsGenuine = made.is_genuine
    return check


def headers(*secrets: str, at: int = NOW) -> dict[str, str]:
    return {
        "webhook-id": "e1",
        "webhook-timestamp": str(at),
        "webhook-signature": signature(secrets, "e1", at, BODY),
    }


def test_takes_what_is_signed_with_its_secret(is_genuine: IsGenuine) -> None:
    assert is_genuine(headers(SECRET), BODY, NOW)


def test_takes_what_is_signed_with_one_of_two(is_genuine: IsGenuine) -> None:
    assert is_genuine(headers(OTHER, SECRET), BODY, NOW)


@pytest.mark.parametrize(
    ("changed", "body", "now"),
    [
        ({}, BODY + b" ", NOW),
        ({}, BODY, NOW + 301),
        ({}, BODY, NOW - 301),
        ({"webhook-id": "e2"}, BODY, NOW),
        ({"webhook-timestamp": str(NOW + 1)}, BODY, NOW),
        ({"webhook-timestamp": "now"}, BODY, NOW),
        ({"webhook-signature": ""}, BODY, NOW),
        ({"webhook-signature": signature([OTHER], "e1", NOW, BODY)}, BODY, NOW),
    ],
    ids=["body", "too old", "too new", "id", "time", "no time", "none", "another's"],
)
def test_refuses_what_is_not(
    is_genuine: IsGenuine, changed: dict[str, str], body: bytes, now: int
) -> None:
    assert not is_genuine(headers(SECRET) | changed, body, now)

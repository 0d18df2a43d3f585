"""What is said of a body or a query that is not as it should be."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
import pytest

from kibble.contracts.email import Email
from kibble.kernel.errors import InvalidInput
from kibble.kernel.personal import Personal
from kibble.platform.web import json

Colour = Annotated[str, msgspec.Meta(pattern="^(red|blue)$", description="red or blue")]
Serial = Annotated[str, msgspec.Meta(pattern="^[0-9]+$")]


class Toy(msgspec.Struct, rename="camel"):
    """Something with texts that have to match."""

    email: Personal[Email | None] = None
    colours: list[Colour] = []
    serial: Serial | None = None


def told(body: bytes) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refused:
        json.decode(body, Toy)
    return {error.pointer: error.detail for error in refused.value.errors}


@pytest.mark.parametrize("email", ["sam", "sam@localhost", "sam@example.com\\n"])
def test_a_text_is_refused_with_words_for_what_it_must_be(email: str) -> None:
    assert told(b'{"email": "%s"}' % email.encode()) == {
        "/email": "must be an e-mail address, such as sam@example.com"
    }


def test_an_entry_of_a_list_is_pointed_at() -> None:
    assert told(b'{"colours": ["red", "green"]}') == {"/colours/1": "must be red or blue"}


def test_a_pattern_without_words_is_not_shown() -> None:
    assert told(b'{"serial": "x"}') == {"/serial": "is not of the expected form"}


def test_all_that_is_wrong_is_told_at_once() -> None:
    assert told(b'{"email": "sam", "colours": 3, "nobody": 1}').keys() == {"/email", "/colours"}


def test_a_query_is_refused_in_the_same_words() -> None:
    with pytest.raises(InvalidInput) as refused:
        json.decode_query({"serial": "1", "email": "sam"}, Toy)
    (error,) = refused.value.errors
    assert error.detail == "must be an e-mail address, such as sam@example.com"


class Box(msgspec.Struct):
    """What a form may be wrong about."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=3)] = "x"
    toys: Annotated[list[int], msgspec.Meta(min_length=1)] | None = None
    percent: Annotated[float, msgspec.Meta(gt=0, le=100)] = 1
    units: int | None = None
    price: json.Amount | None = None
    since: datetime | None = None


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b'{"name": ""}', "must have at least 1 character"),
        (b'{"name": "long"}', "must have at most 3 characters"),
        (b'{"toys": []}', "must have at least 1 entry"),
        (b'{"percent": 200}', "must be at most 100"),
        (b'{"percent": 0}', "must be above 0"),
        (b'{"units": 1.5}', "must be a whole number"),
        (b'{"units": "a"}', "must be a whole number"),
        (b'{"price": "a"}', "must be a number"),
        (b'{"since": "12/04/2026"}', "must be a moment such as 2026-12-05T09:00:00Z"),
    ],
)
def test_what_a_form_got_wrong_is_told_in_words(body: bytes, detail: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        json.decode(body, Box)
    assert [error.detail for error in refused.value.errors] == [detail]

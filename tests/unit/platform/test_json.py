"""What is said of a body or a query that is not as it should be."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any, Literal

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


def test_a_query_may_have_to_be_known_to_the_letter() -> None:
    with pytest.raises(InvalidInput) as refused:
        json.decode_query({"limit": "5", "statsu": "NEW", "a/b": ""}, Asked, exactly=True)
    assert [(error.pointer, error.detail) for error in refused.value.errors] == [
        ("/a~1b", "is not known; known are limit, status"),
        ("/statsu", "is not known; known are limit, status"),
    ]
    assert json.decode_query({"limit": "5", "statsu": "NEW"}, Asked) == Asked(limit=5)


class Asked(msgspec.Struct):
    """What is asked for."""

    limit: int = 20
    status: str = ""


class Size(Enum):
    """How big."""

    SMALL = "S"
    LARGE = "L"


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        (str, 1, "must be a string"),
        (str, None, "must be a string, not null"),
        (str | None, 1, "must be a string or null"),
        (int, 1.5, "must be a whole number"),
        (float, "x", "must be a number"),
        (bool, 1, "must be true or false"),
        (list[int], {}, "must be an array"),
        (Toy, [], "must be an object"),
        (Annotated[str, msgspec.Meta(min_length=1)], "", "must not be empty"),
        (Annotated[str, msgspec.Meta(min_length=8)], "x", "must have at least 8 characters"),
        (Annotated[list[int], msgspec.Meta(max_length=1)], [1, 2], "must have at most 1 item"),
        (Annotated[int, msgspec.Meta(ge=1)], 0, "must be at least 1"),
        (Annotated[int, msgspec.Meta(le=999)], 1000, "must be at most 999"),
        (Annotated[float, msgspec.Meta(le=100)], 200.0, "must be at most 100"),
        (Size | None, "M", "must be one of S, L"),
        (Literal["asc", "desc"], "up", "must be one of asc, desc"),
        (datetime, "today", "must be a time, such as 2026-03-02T15:00:00Z"),
        (date, "today", "must be a date, such as 2026-03-02"),
        (json.Amount, "1", "must be a number"),
    ],
)
def test_what_is_wrong_is_told_in_words_of_json(kind: Any, value: object, words: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        json.convert(value, kind)
    assert [error.detail for error in refused.value.errors] == [words]

"""The page of the API: every call with what it takes and answers, and every type."""

from __future__ import annotations

from typing import Any

import msgspec

from kibble.gateway.reference import reference
from kibble.platform.web.call import Call
from kibble.platform.web.json import Amount
from kibble.platform.web.openapi import document
from kibble.platform.web.reply import Reply, ok
from kibble.platform.web.route import write


class Toy(msgspec.Struct, rename="camel"):
    """A toy; ``list_price`` is <b>without</b> tax."""

    list_price: Amount
    colour: str | None = None


async def handler(_: Call[Any, Any]) -> Reply:
    return ok({})


def page() -> str:
    put = write("PUT", "/toys/{toyId}", handler, "Change a toy", "toys:write", body=Toy, answer=Toy)
    return reference(document("Toys", "1", [("toy", [put])]))


def test_shows_a_call_with_who_may_and_what_it_takes() -> None:
    text = page()
    assert "<b>PUT</b> <code>/toys/{toyId}</code> Change a toy" in text
    assert "Needs the scope <code>toys:write</code>." in text
    assert '<td></td><td><a href="#Toy">Toy</a></td><td>body; required</td>' in text


def test_shows_a_type_with_its_fields_and_which_are_required() -> None:
    text = page()
    assert '<h3 id="Toy">Toy</h3>' in text
    assert "<td>listPrice</td><td>number</td><td>required; Money in major units" in text
    assert "<td>colour</td><td>string or null</td><td></td>" in text


def test_takes_words_for_words() -> None:
    assert "<code>listPrice</code> is &lt;b&gt;without&lt;/b&gt; tax." in page()


def test_begins_with_what_holds_of_all_calls() -> None:
    assert "<li><strong>Retries</strong>: an <code>Idempotency-Key</code>" in page()

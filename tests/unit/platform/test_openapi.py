"""The OpenAPI document: what it says of a route, and one document of several services' own."""

from __future__ import annotations

from typing import Any

import msgspec

from kibble.platform.web.call import Call
from kibble.platform.web.json import Amount, Instant
from kibble.platform.web.openapi import document, joined
from kibble.platform.web.ownership import By, owned
from kibble.platform.web.reply import Reply, ok
from kibble.platform.web.route import ANYONE, get, write


class Page(msgspec.Struct, rename="camel"):
    cursor: str | None = None


class Toy(msgspec.Struct, rename="camel"):
    """A toy; ``made_at`` is None for an old one.

    ``price`` is without tax.
    """

    price: Amount
    made_at: Instant | None = None


async def handler(_: Call[Any, Any]) -> Reply:
    return ok({})


ROUTES = [
    get("/toys", handler, "Toys", ANYONE, query=Page, answer=list[Toy]),
    get("/toys/{toyId}", handler, "A toy", ANYONE, answer=Toy),
    write("PUT", "/toys/{toyId}", handler, "Change", "w", body=Toy, answer=Toy, conditional=True),
    write("PUT", "/toys/{toyId}/name", handler, "Name", "w", body=Toy, answer=Toy),
    write("POST", "/toys", handler, "Make", "w", body=Toy, answer=Toy, status=201),
    get("/mine/{orderId}", handler, "Mine", owned(By.THING, "a", "b"), answer=Toy),
]


def of(path: str, method: str = "get") -> Any:
    return document("Toys", "1", [("toy", ROUTES)])["paths"][path][method]


def headers(operation: Any) -> set[str]:
    return {each["name"] for each in operation["parameters"] if each["in"] == "header"}


def test_only_what_heeds_if_match_says_so() -> None:
    heeds, ignores = of("/toys/{toyId}", "put"), of("/toys/{toyId}/name", "put")
    assert headers(heeds) == {"If-Match"}
    assert "412" in heeds["responses"]
    assert headers(ignores) == set()
    assert "412" not in ignores["responses"]


def test_what_takes_an_idempotency_key_tells_when_to_come_back() -> None:
    assert "Retry-After" in of("/toys", "post")["responses"]["409"]["headers"]
    assert "headers" not in of("/toys/{toyId}", "put")["responses"]["409"]


def test_a_list_tells_of_its_next_page_and_a_thing_of_its_version() -> None:
    assert of("/toys")["responses"]["200"]["headers"].keys() == {"Link"}
    assert of("/toys/{toyId}")["responses"]["200"]["headers"].keys() == {"ETag"}
    assert headers(of("/toys/{toyId}")) == {"If-None-Match"}


def test_who_may_call_is_said_in_words() -> None:
    assert of("/toys")["description"] == "Needs no token."
    assert of("/toys/{toyId}", "put")["description"] == "Needs the scope `w`."
    theirs = "For the customer whose it is, and for staff and programs with the scope `a` or `b`."
    assert of("/mine/{orderId}")["description"] == theirs


def test_a_schema_speaks_of_fields_as_they_are_in_json() -> None:
    toy = document("Toys", "1", [("toy", ROUTES)])["components"]["schemas"]["Toy"]
    assert toy["description"].splitlines()[-1] == "`price` is without tax."
    assert "`madeAt`" in toy["description"]
    assert {"type": "string", "format": "date-time"} in toy["properties"]["madeAt"]["anyOf"]


def test_an_amount_may_be_the_highest_and_asks_no_validator_for_exact_hundredths() -> None:
    toy = document("Toys", "1", [("toy", ROUTES)])["components"]["schemas"]["Toy"]
    price = toy["properties"]["price"]
    assert price["maximum"] == 99_999_999.99
    assert "multipleOf" not in price, "19.99 / 0.01 is 1998.9999999999998 in binary"


def part(path: str, name: str, shape: str) -> dict[str, Any]:
    reference = {"$ref": f"#/components/schemas/{name}"}
    return {
        "paths": {path: {"get": {"schema": reference}}},
        "components": {"schemas": {name: {"type": shape}, "Address": {"type": "object"}}},
    }


def test_of_several_services_keeps_apart_what_has_one_name() -> None:
    orders, parcels = part("/orders", "Status", "string"), part("/parcels", "Status", "integer")
    whole = joined({"order": orders, "shipping": parcels})
    assert whole["components"]["schemas"] == {
        "OrderStatus": {"type": "string", "title": "OrderStatus"},
        "ShippingStatus": {"type": "integer", "title": "ShippingStatus"},
        "Address": {"type": "object", "title": "Address"},
    }
    referred = [whole["paths"][path]["get"]["schema"]["$ref"] for path in ("/orders", "/parcels")]
    assert [each.rpartition("/")[2] for each in referred] == ["OrderStatus", "ShippingStatus"]

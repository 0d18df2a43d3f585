"""The OpenAPI document: it is valid, it holds every promised call, and the shop does what it says.

The calls of the last kind are made up by schemathesis (https://schemathesis.io) from the document:
the same ones on every run, as nobody, as a customer, as each role of staff, and as a service.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from kibble.platform.security.roles import CUSTOMER, ROLES
from kibble.platform.web.json import AMOUNT
from tests.contracts.document import Document, Operation
from tests.contracts.stock import Shelf
from tests.fixtures.shopping import Json, Shop

SEED = int(os.environ.get("KIBBLE_TEST_SEED", "2026"))
EXAMPLES = {GenerationMode.POSITIVE: 4, GenerationMode.NEGATIVE: 2}
"""Calls of an operation, as one caller who may, that fit the document, and that do not."""

GLANCE = {GenerationMode.POSITIVE: 1}
"""The same as somebody who may not, and as a role where roles do not matter."""

STAFF_ROLES = tuple(role for role in ROLES if role != CUSTOMER)
CALLERS: Mapping[str, frozenset[str]] = {
    "nobody": frozenset(),
    CUSTOMER: frozenset(),
    **{role: ROLES[role] for role in STAFF_ROLES},
    "service": frozenset({"inventory:reserve"}),
}
"""Who calls, and with which scopes."""

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
REAL = 3
"""Of four ids in a path, so many are real."""

ENDLESS: Operation = ("GET", "/api/notifications/stream")
"""Its answer has no end; tests/component/notification/test_stream.py reads it."""

PROMISED = """
GET    /api/products/{productId}                    200
GET    /api/products/search                         200
GET    /api/products/search/facets                  200
GET    /api/products/search/suggest                 200
GET    /api/products                                200
POST   /api/products                                201
PUT    /api/products/{productId}                    200
PATCH  /api/products/{productId}                    200
DELETE /api/products/{productId}                    204
GET    /api/categories                              200
POST   /api/categories                              201
GET    /api/categories/{categoryId}                 200
PUT    /api/categories/{categoryId}                 200
DELETE /api/categories/{categoryId}                 204
POST   /api/products/{productId}/images             201
POST   /api/products/bundles                        201
POST   /api/products/configurable                   201
POST   /api/products/imports                        202
GET    /api/products/imports/{importId}             200
GET    /api/products/{productId}/reviews            200
POST   /api/products/{productId}/reviews            201
PUT    /api/inventory/{productId}                   200
GET    /api/inventory/{productId}                   200
POST   /api/inventory/availability                  200
POST   /api/inventory/reservations                  201
DELETE /api/inventory/reservations/{orderId}        204
GET    /api/inventory/warehouses                    200
POST   /api/inventory/warehouses                    201
GET    /api/inventory/warehouses/{warehouseId}      200
PUT    /api/inventory/warehouses/{warehouseId}      200
POST   /api/inventory/{productId}/adjustments       201
GET    /api/inventory/{productId}/movements         200
POST   /api/orders                                  201
GET    /api/orders/{orderId}                        200
GET    /api/orders                                  200
PATCH  /api/orders/{orderId}                        200
POST   /api/orders/{orderId}/cancel                 200
POST   /api/orders/{orderId}/returns                200
GET    /api/orders/{orderId}/events                 200
POST   /api/carts                                   201
GET    /api/carts                                   200
GET    /api/carts/{cartId}                          200
DELETE /api/carts/{cartId}                          204
PUT    /api/carts/{cartId}/items/{productId}        200
DELETE /api/carts/{cartId}/items/{productId}        200
POST   /api/carts/{cartId}/merge                    200
POST   /api/carts/{cartId}/checkout                 201
GET    /api/subscriptions                           200
POST   /api/subscriptions                           201
GET    /api/subscriptions/{subscriptionId}          200
PATCH  /api/subscriptions/{subscriptionId}          200
DELETE /api/subscriptions/{subscriptionId}          204
POST   /api/subscriptions/{subscriptionId}/items    200
POST   /api/subscriptions/{subscriptionId}/skip     200
POST   /api/subscriptions/{subscriptionId}/order-now 200
POST   /api/subscriptions/{subscriptionId}/swap     200
POST   /api/subscriptions/{subscriptionId}/approve  200
POST   /api/subscriptions/{subscriptionId}/pause    200
POST   /api/subscriptions/{subscriptionId}/resume   200
GET    /api/promotions                              200
POST   /api/promotions                              201
GET    /api/promotions/offers                       200
GET    /api/promotions/{code}                       200
DELETE /api/promotions/{code}                       204
POST   /api/payments                                201 202
POST   /api/payments/{paymentId}/refund             201
GET    /api/payments/{paymentId}                    200
GET    /api/payments                                200
POST   /api/payments/methods                        201
GET    /api/payments/methods                        200
GET    /api/payments/methods/{methodId}             200
POST   /api/payments/methods/{methodId}/default     200
DELETE /api/payments/methods/{methodId}             204
GET    /api/payments/options                        200
POST   /api/payments/webhooks/stripe                204
POST   /api/payments/webhooks/paypal                204
POST   /api/customers                               201
GET    /api/customers/{customerId}                  200
PUT    /api/customers/{customerId}                  200
PATCH  /api/customers/{customerId}                  200
GET    /api/customers/{customerId}/export           200
DELETE /api/customers/{customerId}                  204
POST   /api/customers/password-reset                202 204
POST   /api/customers/verify-email                  202 204
GET    /api/recommendations/customers/{customerId}  200
GET    /api/recommendations/products/{productId}    200
GET    /api/recommendations/trending                200
POST   /api/recommendations/views                   202
POST   /api/shipping/rates                          200
GET    /api/shipping/track/{trackingNumber}         200
GET    /api/shipping                                200
POST   /api/shipping/webhooks/ups                   204
POST   /api/shipping/webhooks/fedex                 204
GET    /api/shipping/packing                        200
PUT    /api/shipping/{shipmentId}/packing           200
POST   /api/shipping                                201
POST   /api/notifications                           202
GET    /api/notifications/preferences/{customerId}  200
PUT    /api/notifications/preferences/{customerId}  200
GET    /api/notifications                           200
PATCH  /api/notifications/{notificationId}          200
GET    /api/notifications/stream                    200
"""
"""The calls that the store promises, and the statuses of a success."""


def promised() -> dict[Operation, set[int]]:
    """Return the table above."""
    rows = [line.split() for line in PROMISED.strip().splitlines()]
    return {(method, path): {int(code) for code in codes} for method, path, *codes in rows}


def with_pattern(part: object) -> Iterator[Json]:
    """Yield the schemas of texts that have to match a pattern."""
    if isinstance(part, dict):
        if isinstance(part.get("pattern"), str):
            yield part
        for inner in part.values():
            yield from with_pattern(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from with_pattern(inner)


def test_is_valid_openapi_3_1(document: Document) -> None:
    assert document.raw["openapi"].startswith("3.1.")
    schemathesis.openapi.from_dict(document.raw).validate()


def test_holds_every_promised_call_with_its_success(document: Document) -> None:
    wanted = promised()
    assert wanted.keys() <= document.operations.keys()
    assert {call: document.successes(call) for call in wanted} == wanted


def test_names_every_operation_once_and_each_has_a_summary(document: Document) -> None:
    names = [operation["operationId"] for operation in document.operations.values()]
    assert len(names) == len(set(names))
    assert all(operation["summary"] for operation in document.operations.values())


def test_every_reference_leads_somewhere_and_every_schema_is_used(document: Document) -> None:
    used = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document.raw)))
    assert used == set(document.raw["components"]["schemas"])
    assert all(re.fullmatch(r"[A-Za-z0-9]+", name) for name in used)


def test_every_schema_is_entitled_as_it_is_named_for_generators_name_classes_by_it(
    document: Document,
) -> None:
    schemas = document.raw["components"]["schemas"]
    assert {name: one.get("title", name) for name, one in schemas.items()} == {
        name: name for name in schemas
    }


def test_every_pattern_is_said_in_words_and_leaves_no_line_break_through(
    document: Document,
) -> None:
    patterns = list(with_pattern(document.raw))
    assert len(patterns) > 20
    assert not [one for one in patterns if not one.get("description")]
    assert not [one["pattern"] for one in patterns if not one["pattern"].endswith(r"$(?!\n)")]


def test_tells_every_moment_as_one(document: Document) -> None:
    plain = [
        f"{name}.{field}"
        for name, schema in document.raw["components"]["schemas"].items()
        for field, part in schema.get("properties", {}).items()
        if field.endswith("At") and "date-time" not in json.dumps(part)
    ]
    assert plain == []


async def test_the_page_for_people_shows_every_call_and_every_type(
    slow_shop: Shop, document: Document
) -> None:
    page = (await slow_shop.nobody.get("/docs")).body.decode()
    names = {operation["operationId"] for operation in document.operations.values()}
    shown = set(re.findall(r' id="(\w+)"', page))
    assert shown == names | set(document.raw["components"]["schemas"])


def test_leaves_no_status_open(document: Document) -> None:
    assert not [
        call
        for call, operation in document.operations.items()
        if "default" in operation["responses"]
    ]


@pytest.mark.slow
@pytest.mark.parametrize("name", CALLERS)
def test_the_shop_answers_each_caller_as_documented_and_gives_nothing_more(
    document: Document, shelf: Shelf, name: str
) -> None:
    caller = Calling(name, document, shelf)
    failures: dict[str, str] = {}
    print(f"seed {SEED}")  # noqa: T201 - shown when it fails: KIBBLE_TEST_SEED repeats it
    schema = schemathesis.openapi.from_dict(callable_by_chance(document.raw))
    operations: list[Any] = [found.ok() for found in list[Any](schema.get_all_operations())]
    for operation in sorted(operations, key=lambda each: is_last(each.method, each.path)):
        if (operation.method.upper(), operation.path) == ENDLESS:
            continue
        for mode, examples in caller.examples((operation.method.upper(), operation.path)).items():
            if mode is GenerationMode.NEGATIVE and not can_be_wrong(operation):
                continue
            try:
                call_often(operation, mode, examples, caller)
            except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001 - all that is wrong is told at once
                failures[f"{operation.label} ({mode.value})"] = described(error)
    assert not failures, "\n\n".join(f"{where}: {what}" for where, what in failures.items())


class Calling:
    """Somebody who calls: what they show, and what they may."""

    def __init__(self, name: str, document: Document, shelf: Shelf) -> None:
        self.shelf = shelf
        self._name = name
        self._document = document
        live = shelf.shop.nobody
        if name == CUSTOMER:
            live = shelf.owner.live
        elif name != "nobody":
            live = live.with_scopes(*CALLERS[name])
        self.headers = {"authorization": f"Bearer {live.token}"} if live.token else {}

    def may(self, operation: Operation) -> bool:
        """Tell whether the route's declaration opens it for this caller."""
        opening = self._document.opening(operation)
        owner = self._document.owner(operation)
        is_owner = self._name == CUSTOMER or (owner is not None and owner["by"] == "search")
        theirs = owner is not None and is_owner
        return opening is None or theirs or bool(opening & CALLERS[self._name])

    def examples(self, operation: Operation) -> Mapping[GenerationMode, int]:
        """Return how often, in which mode, this caller tries an operation."""
        is_for_all = self._document.opening(operation) is None
        looks_closely = self._name in ("nobody", CUSTOMER) or not is_for_all
        return EXAMPLES if looks_closely and self.may(operation) else GLANCE

    def check(self, operation: Operation, status: int, body: bytes) -> None:
        """See that nobody gets what is not declared to be for them."""
        if not self.may(operation):
            got = f"{' '.join(operation)} gave the caller {self._name} {status}"
            assert status >= 400 or body == b"[]", got


def is_last(method: str, path: str) -> bool:
    """Tell whether a call takes away what others need."""
    return method.upper() == "DELETE" or path.endswith(("/cancel", "/returns", "/refund"))


def can_be_wrong(operation: Any) -> bool:
    """Tell whether a call takes anything but a path, which any text fits into."""
    return any(map(len, (operation.body, operation.query, operation.headers)))


def call_often(operation: Any, mode: GenerationMode, examples: int, caller: Calling) -> None:
    """Make calls of one operation, and see that each answer is a documented one."""
    strategy = operation.as_strategy(generation_mode=mode)

    @seed(SEED)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy, dice=st.integers(0, 2**32))
    def call(case: Any, dice: int) -> None:
        if mode is GenerationMode.POSITIVE:
            make_real(case, caller.shelf, random.Random(dice))
        url = caller.shelf.shop.process.url
        response = case.call(base_url=url, headers=caller.headers, timeout=30)
        case.validate_response(response, checks=CHECKS)
        named = (operation.method.upper(), operation.path)
        caller.check(named, response.status_code, response.content)

    call()


def callable_by_chance(part: Any) -> Any:
    """Return a document from which sound calls can be made up.

    Its amounts have two decimals, as their words ask; no call names a version: none would be one.
    """
    if part == AMOUNT:
        return part | {"multipleOf": 0.01}
    if isinstance(part, dict):
        return {name: callable_by_chance(inner) for name, inner in part.items()}
    if isinstance(part, list):
        return [callable_by_chance(inner) for inner in part if not is_version(inner)]
    return part


def is_version(part: object) -> bool:
    """Tell whether a part is the parameter for a version."""
    return isinstance(part, dict) and part.get("name") in ("If-Match", "If-None-Match")


def make_real(case: Any, shelf: Shelf, dice: random.Random) -> None:
    """Put real ids where there are ids, most of the time."""
    for name in case.path_parameters or {}:
        if dice.randrange(4) < REAL:
            case.path_parameters[name] = shelf.ids[name]
    known = shelf.ids | {"userId": shelf.owner.id}
    for fields in (case.query, case.body):
        if dice.randrange(4) < REAL:
            replace(fields, known)


def replace(value: object, known: dict[str, str]) -> None:
    """Put known ids into fields of their names, at any depth."""
    if isinstance(value, list):
        for item in value:
            replace(item, known)
    elif isinstance(value, dict):
        fields: Json = value
        for name, inner in fields.items():
            if name in known and name.endswith("Id") and isinstance(inner, str):
                fields[name] = known[name]
            else:
                replace(inner, known)


def described(error: BaseException) -> str:
    """Return what is wrong, with the parts of a group."""
    parts = getattr(error, "exceptions", ())
    text = "\n".join(described(part) for part in parts) if parts else str(error)
    return f"{type(error).__name__}: {text}"[:1500]

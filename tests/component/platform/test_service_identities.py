"""What each process may ask of the others: what it needs, and no more."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kibble.contracts import customer, inventory, payment, product, shipping
from kibble.platform.config import Settings
from kibble.platform.rpc import Procedure
from kibble.platform.security.keys import load_or_make_key
from kibble.platform.security.roles import ROLES
from kibble.platform.security.tokens import TokenIssuer, TokenVerifier
from kibble.platform.service import World
from kibble.runtime.distributed.addresses import (
    MAY_CALL,
    OPERATOR,
    OwnToken,
    refuse_known_passwords,
    scopes_of,
)
from kibble.runtime.names import GATEWAY, OUTLETS, SERVED, SERVICES
from tests.fixtures.doubles import FakeClock, fake_ids

PROCEDURES: list[Procedure[Any, Any]] = [
    value
    for module in (customer, inventory, payment, product, shipping)
    for value in vars(module).values()
    if isinstance(value, Procedure)
]


def callers_of(procedure: Procedure[Any, Any]) -> set[str]:
    return {name for name in SERVED if procedure.scope in scopes_of(name)}


def test_every_process_has_a_row() -> None:
    assert MAY_CALL.keys() == {*SERVED, OUTLETS, OPERATOR}


@pytest.mark.parametrize(
    ("procedure", "callers"),
    [
        (customer.SIGN_IN, {GATEWAY}),
        (customer.OPEN_SESSION, {GATEWAY}),
        (customer.RENEW, {GATEWAY}),
        (customer.CONTACT, {"order", "notification"}),
        (customer.export_of("order"), {"customer"}),
        (inventory.RESERVE, {"product", "order", "payment"}),
        (inventory.AVAILABLE, {"order", "notification"}),
        (payment.PREPARE, {"order"}),
        (product.QUOTES, {"order", "recommendation", "shipping", "notification"}),
        (shipping.QUOTE, {"order"}),
        (customer.REVOKED, set(SERVED)),
    ],
    ids=lambda value: value.name if isinstance(value, Procedure) else "",
)
def test_a_procedure_is_for_those_who_need_it(
    procedure: Procedure[Any, Any],
    callers: set[str],
) -> None:
    assert callers_of(procedure) == callers


@pytest.mark.parametrize(
    "setting",
    [
        {"postgres_url": "postgresql://shop:kibble@db/kibble"},
        {"neo4j_url": "bolt://neo4j:kibble-graph@graph:7687"},
        {"mongodb_url": "mongodb://shop:kibble@db/kibble"},
        {"kafka_url": "kafka://shop:kibble@broker:9092"},
    ],
    ids=lambda setting: next(iter(setting)),
)
def test_a_live_shop_has_no_password_that_is_written_in_the_source(
    setting: dict[str, str],
) -> None:
    own = {
        "postgres_url": "postgresql://shop:s3cret-of-ours@db/kibble",
        "neo4j_url": "bolt://neo4j:s3cret-of-ours@graph:7687",
    }
    live = msgspec.structs.replace(Settings(env="production"), **own)
    refuse_known_passwords(live)
    refuse_known_passwords(msgspec.structs.replace(Settings(), **setting))
    with pytest.raises(ValueError, match=next(iter(setting)).upper()):
        refuse_known_passwords(msgspec.structs.replace(live, **setting))


def test_a_live_shop_does_not_start_with_the_defaults_of_a_laptop() -> None:
    with pytest.raises(ValueError, match="KIBBLE_POSTGRES_URL"):
        refuse_known_passwords(Settings(env="production"))


def test_no_person_has_a_services_scope() -> None:
    scopes = {scope for role in ROLES.values() for scope in role}
    assert scopes.isdisjoint({procedure.scope for procedure in PROCEDURES})


@pytest.mark.parametrize("name", SERVICES)
def test_a_process_signs_its_calls_with_its_own_name_and_scopes(tmp_path: Path, name: str) -> None:
    clock = FakeClock()
    key = load_or_make_key(tmp_path / "key.json")
    world = World(clock, fake_ids(clock), random.Random(1))
    token = OwnToken(name, TokenIssuer(key, clock, world.ids), world)()
    caller = TokenVerifier(key, clock).verify(token)
    assert caller.subject == name
    assert caller.scopes == set(scopes_of(name))

"""The events' schemas against those that are kept, and examples that every consumer reads.

``tests/contracts/events`` has what others were promised. A change that breaks readers needs a new
``schema_version``; ``make events`` then keeps what is new.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from copy import deepcopy
from pathlib import Path

import jsonschema_rs
import msgspec
import pytest

from kibble.platform.config import Settings
from kibble.platform.messaging.envelope import open_envelope
from kibble.platform.messaging.event import Event
from kibble.platform.service import World
from kibble.runtime.shop import Shop
from tests.fixtures.doubles import FakeClock, fake_ids
from tools.events import Snapshot, breaks, kept, published, snapshot

KINDS = {kind.type: kind for kind in published()}
KEPT = kept()


def test_every_published_type_is_kept_and_no_other() -> None:
    assert set(KEPT) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_change_is_compatible_or_has_a_new_version(kind: type[Event]) -> None:
    old, new = KEPT[kind.type], snapshot(kind)
    assert new["topic"] == old["topic"]
    if new["version"] == old["version"]:
        assert list(breaks(old["schema"], new["schema"])) == []
    else:
        assert new["version"] > old["version"]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_what_is_kept_is_of_this_day(kind: type[Event]) -> None:
    assert KEPT[kind.type] == snapshot(kind), "keep the new schema: make events"


@pytest.mark.parametrize("name", KEPT)
def test_the_example_fits_the_schema(name: str) -> None:
    data = KEPT[name]["example"]["data"]
    validator = jsonschema_rs.Draft202012Validator(KEPT[name]["schema"], validate_formats=True)
    assert list(validator.iter_errors(data)) == []


class TestBreaks:
    """Each way to break a reader is seen."""

    OLD: Snapshot = {
        "type": "object",
        "required": ["id", "lines"],
        "properties": {
            "id": {"type": "string"},
            "note": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
            "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}},
        },
        "$defs": {
            "Line": {
                "type": "object",
                "required": ["quantity"],
                "properties": {"quantity": {"type": "integer"}},
            }
        },
    }

    @pytest.fixture
    def new(self) -> Snapshot:
        return deepcopy(self.OLD)

    def seen(self, new: Snapshot) -> list[str]:
        return list(breaks(self.OLD, new))

    def test_no_change_is_none(self, new: Snapshot) -> None:
        assert self.seen(new) == []

    def test_a_new_optional_field_is_none(self, new: Snapshot) -> None:
        new["properties"]["colour"] = {"type": "string", "default": "red"}
        assert self.seen(new) == []

    def test_another_name_of_a_part_is_none(self, new: Snapshot) -> None:
        new["$defs"]["OrderLine"] = new["$defs"].pop("Line")
        new["properties"]["lines"]["items"]["$ref"] = "#/$defs/OrderLine"
        assert self.seen(new) == []

    def test_a_field_that_is_gone(self, new: Snapshot) -> None:
        del new["properties"]["note"]
        assert self.seen(new) == ["note is gone"]

    def test_a_field_of_another_name(self, new: Snapshot) -> None:
        new["properties"]["remark"] = new["properties"].pop("note")
        assert self.seen(new) == ["note is gone"]

    def test_a_field_of_another_type(self, new: Snapshot) -> None:
        new["properties"]["id"] = {"type": "integer"}
        assert len(self.seen(new)) == 1

    def test_another_form_of_a_field(self, new: Snapshot) -> None:
        new["properties"]["note"]["anyOf"].append({"type": "integer"})
        assert len(self.seen(new)) == 1

    def test_a_field_that_is_required_now(self, new: Snapshot) -> None:
        new["required"].append("note")
        assert self.seen(new) == ["note is required now"]

    def test_a_new_required_field_deep_inside(self, new: Snapshot) -> None:
        line = new["$defs"]["Line"]
        line["properties"]["unit"] = {"type": "string"}
        line["required"].append("unit")
        assert self.seen(new) == ["lines[].unit is required now"]

    def test_a_changed_type_deep_inside(self, new: Snapshot) -> None:
        new["$defs"]["Line"]["properties"]["quantity"] = {"type": "number"}
        assert len(self.seen(new)) == 1


@pytest.fixture
async def built(tmp_path: Path) -> AsyncIterator[Shop]:
    """A shop that nobody runs: its consumers only receive what a test hands them.

    It has an outlet, which is away: nobody else wants to know of carts.
    """
    clock = FakeClock()
    queue = "sqs://key:secret@us-east-1/clicks?types=cart.*&endpoint=http://127.0.0.1:9"
    settings = Settings(data_dir=tmp_path, seed=False, outlets=queue)
    shop = Shop(settings, World(clock, fake_ids(clock), random.Random(1)), inline=True)
    yield shop
    shop.close()


async def test_every_consumer_reads_the_example_of_what_it_wants(built: Shop) -> None:
    unread, wanted = [], set()
    for name, kept_type in KEPT.items():
        body = msgspec.json.encode(kept_type["example"])
        assert open_envelope(body).type == name
        for consumer in built.consumers:
            if consumer.wants(name):
                wanted.add((consumer.name, name))
                await consumer.receive(body, kept_type["topic"])
                parked = await consumer.store.parked(consumer.name)
                unread += [
                    (consumer.name, name, event.error) for event in parked if is_unread(event.error)
                ]
    assert unread == []
    assert {name for _, name in wanted} == set(KEPT)


def is_unread(error: str) -> bool:
    """Tell whether an event was parked since it could not be decoded, or by a bug."""
    known = ("NotFound", "Conflict", "Unavailable", "RuleViolated", "waits for", "Unknown")
    return not error.startswith(known)


async def test_a_newer_event_with_more_fields_is_read_too(built: Shop) -> None:
    example = deepcopy(KEPT["product.created"]["example"])
    example["data"]["madeOf"] = {"salmon": 70}
    (inventory,) = (each for each in built.consumers if each.name == "inventory")
    await inventory.receive(msgspec.json.encode(example), "product_events")
    assert await inventory.store.parked("inventory") == []

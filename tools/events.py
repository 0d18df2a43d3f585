"""Keep the schemas of the published events: ``python -m tools.events`` writes them anew.

A file a type, ``tests/contracts/events/TYPE.json``: its version, the JSON Schema of its data, and
an example of its envelope. ``tests/contracts/test_events.py`` compares the code with these files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import msgspec

from kibble import contracts
from kibble.platform.messaging.asyncapi import event_types
from kibble.platform.messaging.event import Event

FOLDER = Path(__file__).parent.parent / "tests" / "contracts" / "events"

TIME = "2026-03-02T15:00:00Z"
TEXTS = {
    "at": TIME,
    "estimatedDelivery": TIME,
    "nextDate": "2026-03-30",
    "retryAt": TIME,
    "zipCode": "10001",
    "country": "US",
    "state": "NY",
    "email": "sam@example.com",
    "currency": "USD",
    "kind": "order_confirmed",
    "paymentMethod": "CreditCard",
    "shippingMethod": "standard",
}
"""Examples of texts that have a form of their own."""

Snapshot = dict[str, Any]
"""What is kept of one event type: topic, version, schema, example."""


def published() -> list[type[Event]]:
    """Return the types of all events that the contracts have."""
    for module in iter_modules(contracts.__path__):
        import_module(f"{contracts.__name__}.{module.name}")
    kinds = [kind for kind in event_types() if kind.__module__.startswith(contracts.__name__)]
    return sorted(kinds, key=lambda kind: kind.type)


def schema_of(kind: type[Event]) -> Snapshot:
    """Return the JSON Schema of an event's data, with what it refers to in ``$defs``."""
    (schema,), parts = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    name = schema["$ref"].rpartition("/")[2]
    definitions = {part: without_words(parts[part]) for part in sorted(parts) if part != name}
    schema = without_words(parts[name])
    return {**schema, "$defs": definitions} if definitions else {**schema}


def without_words(schema: Any) -> Any:
    """Return a schema without its texts for people, which may change freely."""
    if isinstance(schema, list):
        return [without_words(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: {field: without_words(part) for field, part in value.items()}
        if name == "properties"
        else without_words(value)
        for name, value in schema.items()
        if name not in ("title", "description", "examples")
    }


def example_of(schema: Snapshot, definitions: Snapshot, name: str = "") -> object:
    """Return a value that fits a schema: every field, the first of several forms."""
    if "$ref" in schema:
        schema = _resolved(schema, definitions)
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], definitions, name)
    if "properties" in schema:
        fields = schema["properties"].items()
        return {field: example_of(part, definitions, field) for field, part in fields}
    if "additionalProperties" in schema:
        return {"key": example_of(schema["additionalProperties"], definitions)}
    if "items" in schema:
        return [example_of(schema["items"], definitions, name)]
    simple = {"integer": 1, "number": 1, "boolean": True, "null": None}
    kind = schema["type"]
    return example_text(schema, name) if kind == "string" else simple[kind]


def example_text(schema: Snapshot, name: str) -> str:
    """Return a text as the field of this name has it."""
    if "enum" in schema:
        return str(schema["enum"][0])
    if schema.get("format") == "date-time" or name.endswith("At"):
        return TIME
    return (
        "0193c1a0-0000-7000-8000-0000000000a1" if name.endswith("Id") else TEXTS.get(name, "text")
    )


def snapshot(kind: type[Event]) -> Snapshot:
    """Return what is kept of an event type."""
    schema = schema_of(kind)
    data = example_of(schema, schema.get("$defs", {}))
    event = msgspec.convert(data, kind)
    return {
        "type": kind.type,
        "topic": kind.topic,
        "version": kind.schema_version,
        "schema": schema,
        "example": {
            "specversion": "1.0",
            "id": "0193c1a0-0000-7000-8000-0000000000e1",
            "source": f"/kibble/{kind.__module__.rpartition('.')[2]}",
            "type": kind.type,
            "subject": event.subject,
            "time": TIME,
            "datacontenttype": "application/json",
            "dataschema": f"urn:kibble:event:{kind.type}:{kind.schema_version}",
            "sequence": 1,
            "partitionkey": event.key,
            "data": data,
        },
    }


def kept() -> dict[str, Snapshot]:
    """Return what is kept of each type."""
    files = sorted(FOLDER.glob("*.json"))
    return {file.stem: json.loads(file.read_text()) for file in files}


def breaks(old: Snapshot, new: Snapshot) -> Iterator[str]:
    """Yield how a schema breaks readers and writers of an older one.

    Fields may be added when they are optional, and a form may be added to none: what was there
    stays under its name, with its type, and no more is required.
    """
    yield from _breaks(old, new, (old.get("$defs", {}), new.get("$defs", {})), "")


def _breaks(
    old: Snapshot, new: Snapshot, parts: tuple[Snapshot, Snapshot], at: str
) -> Iterator[str]:
    old, new = _resolved(old, parts[0]), _resolved(new, parts[1])
    if "properties" in old and "properties" in new:
        yield from _broken_fields(old, new, parts, at)
        return
    if "items" in old and "items" in new:
        yield from _breaks(old["items"], new["items"], parts, f"{at}[]")
        return
    if "anyOf" in old and "anyOf" in new and len(old["anyOf"]) == len(new["anyOf"]):
        for before, after in zip(old["anyOf"], new["anyOf"], strict=True):
            yield from _breaks(before, after, parts, at)
        return
    changed = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    if changed - {"default"}:
        yield f"{at or 'the data'} changed its type: {_brief(old)} became {_brief(new)}"


def _broken_fields(
    old: Snapshot, new: Snapshot, parts: tuple[Snapshot, Snapshot], at: str
) -> Iterator[str]:
    for field, schema in old["properties"].items():
        where = f"{at}.{field}".removeprefix(".")
        if field not in new["properties"]:
            yield f"{where} is gone"
        else:
            yield from _breaks(schema, new["properties"][field], parts, where)
    required = set(new.get("required", ())) - set(old.get("required", ()))
    yield from (
        f"{at}.{field}".removeprefix(".") + " is required now" for field in sorted(required)
    )


def _resolved(schema: Snapshot, definitions: Snapshot) -> Snapshot:
    if "$ref" not in schema:
        return schema
    found: Snapshot = definitions[schema["$ref"].rpartition("/")[2]]
    return found


def _brief(schema: Snapshot) -> str:
    return json.dumps({name: part for name, part in schema.items() if name != "default"})[:100]


def main() -> None:
    """Write the file of each type."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    kinds = published()
    for stale in set(kept()) - {kind.type for kind in kinds}:
        (FOLDER / f"{stale}.json").unlink()
    for kind in kinds:
        text = json.dumps(snapshot(kind), indent=2) + "\n"
        (FOLDER / f"{kind.type}.json").write_text(text)
    print(f"{len(kinds)} event types in {FOLDER}")


if __name__ == "__main__":
    main()

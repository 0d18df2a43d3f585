"""AsyncAPI 3.0 from the event types (https://www.asyncapi.com/docs/reference/specification/v3.0.0)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from kibble.platform.messaging.event import Event
from kibble.platform.prose import prose


def event_types(base: type[Event] = Event) -> list[type[Event]]:
    """Return the event types that are published: those that have a type, by topic and type."""
    found: list[type[Event]] = []
    for kind in base.__subclasses__():
        found += event_types(kind)
        if "type" in vars(kind):
            found.append(kind)
    return sorted(set(found), key=lambda kind: (kind.topic, kind.type))


def document(title: str, version: str, kinds: Iterable[type[Event]]) -> dict[str, Any]:
    """Return the document of these event types: a channel a topic, a message a type."""
    listed = list(kinds)
    schemas, components = msgspec.json.schema_components(
        listed, ref_template="#/components/schemas/{name}"
    )
    messages: dict[str, Any] = {}
    channels: dict[str, Any] = {}
    for kind, schema in zip(listed, schemas, strict=True):
        messages[kind.type] = {
            "name": kind.type,
            "title": kind.__name__,
            "summary": prose(kind.__doc__ or "").partition("\n")[0],
            "contentType": "application/cloudevents+json",
            "payload": schema,
        }
        channel = channels.setdefault(kind.topic, {"address": kind.topic, "messages": {}})
        channel["messages"][kind.type] = {"$ref": f"#/components/messages/{kind.type}"}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": title, "version": version},
        "defaultContentType": "application/cloudevents+json",
        "channels": channels,
        "operations": {
            f"receive_{topic}": {"action": "receive", "channel": {"$ref": f"#/channels/{topic}"}}
            for topic in channels
        },
        "components": {"messages": messages, "schemas": components},
    }

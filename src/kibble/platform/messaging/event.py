"""Events and their CloudEvents 1.0 envelope."""

from __future__ import annotations

from typing import ClassVar

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The data of one integration event.

    A subclass names its topic, type and version, and the fields that are its subject (what it is
    about, whose events are counted by ``sequence``) and its key (what is kept in order).
    Unknown fields are ignored when reading, so that a newer producer may add some.
    """

    topic: ClassVar[str]
    type: ClassVar[str]
    schema_version: ClassVar[int] = 1
    subject_field: ClassVar[str]
    key_field: ClassVar[str | None] = None
    state_transfer: ClassVar[bool] = False
    """The event tells the whole state of its subject: of several, only the last one matters."""

    @property
    def subject(self) -> str:
        """The id of what the event is about."""
        return str(getattr(self, self.subject_field))

    @property
    def key(self) -> str:
        """The id whose events are delivered in order."""
        return str(getattr(self, self.key_field or self.subject_field))


class Envelope(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A CloudEvents 1.0 envelope in structured JSON, with the partitioning and sequence extensions.

    ``dataschema`` carries the version of ``data``; ``time`` is RFC 3339; ``sequence`` counts per
    subject.
    """

    id: str
    source: str
    type: str
    subject: str
    time: str
    dataschema: str
    sequence: int
    partitionkey: str
    specversion: str = "1.0"
    datacontenttype: str = "application/json"
    traceparent: str | None = None
    data: msgspec.Raw = msgspec.Raw()
